"""Writes an archive into a folder, a ZIP or a stream: clips byte for byte, their records, and a table."""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from dailies.archive.records import Record, list_references, name_run, write_comparison, write_record
from dailies.compare.export import disarm
from dailies.domain import Run
from dailies.errors import MediaError
from dailies.store import Store
from dailies.store.files import Files
from dailies.store.moving import Kept

CLIPS, PICTURES, RECORDS, REFERENCES, COMPARISONS = "clips", "pictures", "records", "references", "comparisons"
TABLE = "runs.csv"


class Target(Protocol):
    """Where an archive is written to. Names are relative, with slashes."""

    def write(self, name: str, data: bytes) -> None:
        """Write a file of these bytes."""

    def copy(self, name: str, source: Path) -> None:
        """Write a file with the bytes of another one."""


class Folder:
    """A folder as the target."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, name: str, data: bytes) -> None:
        self._find(name).write_bytes(data)

    def copy(self, name: str, source: Path) -> None:
        shutil.copyfile(source, self._find(name))

    def _find(self, name: str) -> Path:
        found = self._path / name
        found.parent.mkdir(parents=True, exist_ok=True)
        return found


class Zip:
    """A ZIP as the target. Clips are stored as they are: they do not become smaller."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def write(self, name: str, data: bytes) -> None:
        self._archive.writestr(name, data, zipfile.ZIP_DEFLATED)

    def copy(self, name: str, source: Path) -> None:
        self._archive.write(source, name, zipfile.ZIP_STORED)


def pack_library(store: Store, target: Target, catalog: str) -> Iterator[str]:
    """Write everybody's runs and comparisons. Yields the name of each record that has been written."""
    yield from pack_runs(store.moving.read_runs(), store.files, target, catalog)
    for comparison, votes in store.moving.read_comparisons():
        for lane in comparison.lanes:
            if lane.clip:
                for name in dict.fromkeys(filter(None, (lane.clip.file, lane.clip.poster, lane.clip.preview))):
                    _copy(store.files, target, f"{PICTURES}/{name}", name)
        name = f"{COMPARISONS}/{comparison.id}.json"
        target.write(name, write_comparison(comparison, votes).encode())
        yield name


def pack_runs(
    runs: Iterable[tuple[Run, Kept]], files: Files, target: Target, catalog: str, *, shared: bool = False
) -> Iterator[str]:
    """Write runs with their clips, pictures and references, and the table. Yields the name of each record.

    `catalog`: the version of the catalog here. `shared`: for others, see `records`.
    """
    rows: list[dict[str, Any]] = []
    written: set[str] = set()
    for run, kept in runs:
        stem, found = name_run(run), {}
        if run.clip:
            found[f"{CLIPS}/{stem}{run.clip.suffix}"] = run.clip.file
            found |= {f"{PICTURES}/{name}": name for name in (run.clip.poster, run.clip.preview) if name}
        found = {name: stored for name, stored in found.items() if _copy(files, target, name, stored)}
        references = list_references(run)
        for digest in references:
            if digest not in written and (path := files.bring_reference(digest)).is_file():
                target.copy(f"{REFERENCES}/{digest}", path)
                written.add(digest)
        name = f"{CLIPS if run.clip else RECORDS}/{stem}.json"
        target.write(name, write_record(Record(run, kept, found, references, catalog), shared=shared).encode())
        rows.append(_make_row(run, kept, next(iter(found), "")))
        yield name
    target.write(TABLE, _write_table(rows))


def stream_runs(runs: Iterable[tuple[Run, Kept]], files: Files, catalog: str) -> Iterator[bytes]:
    """Yield a ZIP of shared runs piece by piece, with at most one clip of it in memory."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:
        for _ in pack_runs(runs, files, Zip(archive), catalog, shared=True):
            yield pipe.drain()
    yield pipe.drain()


class _Pipe(io.RawIOBase):
    """What is written, until it is drained. It cannot be searched, which `zipfile` respects."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def drain(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _copy(files: Files, target: Target, name: str, stored: str) -> bool:
    """Copy a clip or picture of the store; False if its bytes are gone."""
    try:
        path = files.bring_clip(stored)
    except MediaError:
        return False
    if not path.is_file():
        return False
    target.copy(name, path)
    return True


def _make_row(run: Run, kept: Kept, clip: str) -> dict[str, Any]:
    facts = run.clip
    return {
        "clip": clip,
        "created": run.created.isoformat(timespec="seconds"),
        "family": run.request.family,
        "model": run.request.model,
        "mode": run.request.mode.value,
        "state": run.state.value,
        "prompt": run.request.prompt,
        "seconds": facts.seconds if facts else "",
        "width": facts.width if facts else "",
        "height": facts.height if facts else "",
        "wait": (run.finished - run.sent).total_seconds() if run.finished and run.sent else "",
        "cost": str(run.estimate.amount) if run.estimate else "",
        "currency": run.estimate.currency if run.estimate else "",
        "starred": "yes" if kept.starred else "",
        "tags": ", ".join(kept.tags),
        "note": kept.note,
        "parent": run.parent,
        "id": run.id,
    }


def _write_table(rows: Sequence[dict[str, Any]]) -> bytes:
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows({name: disarm(value) for name, value in row.items()} for row in rows)
    return f"\ufeff{out.getvalue()}".encode()
