"""The asset library: groups, imported files and their states, all kept over a restart.

Owns its SQLite file and the folder of downloaded files. Each file is downloaded once, in a thread of its own. An asset
is `Processing` for its review time, then `Active`, or `Failed` with a reason. The routes are in `asset_desk.py`.
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
    """One import. Times are Unix seconds; `pulled` is None until the download has ended, `error` says why it failed."""

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
        """When the review ends; None while the file is being downloaded."""
        return None if self.pulled is None else max(self.pulled, self.created + self.lasts)

    def status(self, now: float) -> str:
        """The status word at the Unix time `now`."""
        if self.ends is None or now < self.ends:
            return "Processing"
        return "Active" if self.error is None else "Failed"


class Library:
    """All groups and assets. Thread-safe."""

    def __init__(self, data: Path, lasts: float, clock: Callable[[], float]) -> None:
        """Open the library; a review takes `lasts` seconds, `clock` returns the Unix time."""
        self.folder, self.lasts, self.clock = data / "assets", lasts, clock
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._open = True
        self._db = sqlite3.connect(data / "assets.sqlite3", check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript(SCHEMA)

    def resume(self) -> None:
        """Restart the downloads that an earlier process left unfinished."""
        for asset in self._assets("pulled IS NULL", ()):
            self._start(asset)

    def close(self) -> None:
        """Close the database; a download that is under way starts again with the next process."""
        with self._lock:
            self._open = False
            self._db.close()

    def add_group(self, name: str, description: str) -> str:
        """Store a group and return its id."""
        group_id = make_id("group")
        self._write("INSERT INTO groups VALUES (?, ?, ?)", (group_id, name, description))
        return group_id

    def has_group(self, group_id: str) -> bool:
        """Return whether the group exists."""
        with self._lock:
            return self._db.execute("SELECT 1 FROM groups WHERE id = ?", (group_id,)).fetchone() is not None

    def add(self, group_id: str, name: str, url: str, asset_type: str) -> Asset:
        """Store an asset and start its download."""
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
        """Find an asset by its id or by the id of its import task."""
        found = self._assets("id = ? OR task_id = ?", (name, name))
        return found[0] if found else None

    def path(self, asset_id: str) -> Path | None:
        """Return the downloaded file of an asset, or None without one that can be used."""
        asset = self.find(asset_id)
        usable = asset is not None and asset.pulled is not None and asset.error is None
        return self.folder / asset_id if usable else None

    def check(self, order: Order) -> None:
        """Raise Refusal for an order with an asset that is unknown, not active, or of another kind."""
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
        # A daemon thread: a slow remote server must not keep this process alive.
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
            rows = self._db.execute(f"SELECT * FROM assets WHERE {where}", values).fetchall()  # noqa: S608 (no text from outside)
        return [Asset(**dict(row)) for row in rows]

    def _write(self, query: str, values: tuple[Any, ...]) -> None:
        with self._lock:
            if self._open:
                self._db.execute(query, values)


def make_id(kind: str) -> str:
    """Make an id such as `asset-20260102030405-a1b2c`."""
    suffix = "".join(secrets.choice(LETTERS) for _ in range(5))
    return f"{kind}-{time.strftime('%Y%m%d%H%M%S')}-{suffix}"
