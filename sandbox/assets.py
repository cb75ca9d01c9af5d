"""The asset library: groups, imported files and their states; all of it survives a restart.

Owns its SQLite file and a folder of the files it pulled. A file is pulled once, in a thread of its own; until its time
is up the asset is `Processing`, then `Active`, or `Failed` with a reason. The routes are in `asset_desk.py`.
"""

from __future__ import annotations

import secrets
import sqlite3
import string
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.order import Kind, Order
from sandbox.refusal import invalid
from sandbox.shelf import fetch_all, is_readable

KINDS: dict[str, Kind] = {"Image": "image", "Video": "video", "Audio": "audio"}
LETTERS = string.ascii_lowercase + string.digits
SCHEMA = """
CREATE TABLE IF NOT EXISTS groups (id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS assets (
    id TEXT PRIMARY KEY, task_id TEXT NOT NULL UNIQUE, group_id TEXT NOT NULL, name TEXT NOT NULL, url TEXT NOT NULL,
    asset_type TEXT NOT NULL, created REAL NOT NULL, lasts REAL NOT NULL, pulled REAL, error TEXT
);
"""


@dataclass(frozen=True)
class Asset:
    """One import. `pulled` is None until its file is here or has turned out to be no use, and then `error` says why."""

    id: str
    task_id: str
    group_id: str
    name: str
    url: str
    asset_type: str
    created: float
    lasts: float
    pulled: float | None
    error: str | None

    @property
    def ends(self) -> float | None:
        return None if self.pulled is None else max(self.pulled, self.created + self.lasts)

    def status(self, now: float) -> str:
        if self.ends is None or now < self.ends:
            return "Processing"
        return "Active" if self.error is None else "Failed"


class Library:
    """Every group and asset; safe to use from the threads that pull files."""

    def __init__(self, data: Path, lasts: float, clock: Callable[[], float]) -> None:
        """`lasts` is how many seconds an asset is looked at, `clock` gives the Unix time."""
        self.folder, self.lasts, self.clock = data / "assets", lasts, clock
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._open = True
        self._db = sqlite3.connect(data / "assets.sqlite3", check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript(SCHEMA)

    def resume(self) -> None:
        """Pull again what an earlier process left unfinished."""
        for asset in self._assets("pulled IS NULL", ()):
            self._start(asset)

    def close(self) -> None:
        """A pull that is still under way is forgotten and begun again at the next start."""
        with self._lock:
            self._open = False
            self._db.close()

    def add_group(self, name: str, description: str) -> str:
        group_id = make_id("group")
        self._write("INSERT INTO groups VALUES (?, ?, ?)", (group_id, name, description))
        return group_id

    def has_group(self, group_id: str) -> bool:
        with self._lock:
            return self._db.execute("SELECT 1 FROM groups WHERE id = ?", (group_id,)).fetchone() is not None

    def add(self, group_id: str, name: str, url: str, asset_type: str) -> Asset:
        task_id = "task_" + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(16))
        asset = Asset(
            make_id("asset"),
            task_id,
            group_id,
            name,
            url,
            asset_type,
            self.clock(),
            self.lasts,
            pulled=None,
            error=None,
        )
        values = (asset.id, task_id, group_id, name, url, asset_type, asset.created, asset.lasts)
        self._write("INSERT INTO assets VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)", values)
        self._start(asset)
        return asset

    def find(self, name: str) -> Asset | None:
        """An asset by its id or by the id of the task that imported it."""
        found = self._assets("id = ? OR task_id = ?", (name, name))
        return found[0] if found else None

    def path(self, asset_id: str) -> Path | None:
        """The file of an asset that is of use."""
        asset = self.find(asset_id)
        usable = asset is not None and asset.pulled is not None and asset.error is None
        return self.folder / asset_id if usable else None

    def check(self, order: Order) -> None:
        """Refuse an order that names an asset which is not there, not ready, or of another kind."""
        now = self.clock()
        for source in order.sources:
            address = str(source.at)
            if not address.startswith("asset://"):
                continue
            asset = self.find(address.removeprefix("asset://"))
            if asset is None:
                raise invalid(source.field, f"{address} is not in the asset library")
            if KINDS[asset.asset_type] != source.kind:
                raise invalid(source.field, f"{address} is of type {asset.asset_type}, which is not {source.kind}")
            if (status := asset.status(now)) != "Active":
                raise invalid(source.field, f"{address} is {status}; an asset can be used once it is Active")

    def _start(self, asset: Asset) -> None:
        # Daemon threads: a server may end while somebody else's server takes its time.
        threading.Thread(target=self._pull, args=(asset,), daemon=True).start()

    def _pull(self, asset: Asset) -> None:
        payload = fetch_all([asset.url]).get(asset.url)
        error = None
        if payload is None:
            error = "the URL cannot be fetched"
        elif not is_readable(payload, KINDS[asset.asset_type]):
            error = f"the file cannot be read as {asset.asset_type}"
        else:
            (self.folder / asset.id).write_bytes(payload)
        self._write("UPDATE assets SET pulled = ?, error = ? WHERE id = ?", (self.clock(), error, asset.id))

    def _assets(self, where: str, values: tuple[Any, ...]) -> list[Asset]:
        with self._lock:
            rows = self._db.execute(f"SELECT * FROM assets WHERE {where}", values).fetchall()  # noqa: S608 (ours)
        return [Asset(**dict(row)) for row in rows]

    def _write(self, query: str, values: tuple[Any, ...]) -> None:
        with self._lock:
            if self._open:
                self._db.execute(query, values)


def make_id(kind: str) -> str:
    suffix = "".join(secrets.choice(LETTERS) for _ in range(5))
    return f"{kind}-{time.strftime('%Y%m%d%H%M%S')}-{suffix}"
