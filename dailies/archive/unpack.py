"""Takes an archive into a library: what is here already stays as it is, and nothing that comes in is ever sent."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from dailies.archive.pack import COMPARISONS, PICTURES, REFERENCES
from dailies.archive.records import Record, read_comparison, read_record
from dailies.catalog.load import Catalog
from dailies.domain import Draft, Run
from dailies.errors import DailiesError, MediaError
from dailies.formats import read_suffix
from dailies.request import draft
from dailies.store import Store
from dailies.vocabulary import RunState

_ENDED = {
    RunState.READY: RunState.CANCELLED,
    RunState.SENDING: RunState.UNSURE,
    RunState.QUEUED: RunState.UNATTENDED,
    RunState.RUNNING: RunState.UNATTENDED,
    RunState.FETCHING: RunState.UNATTENDED,
}
"""What a run that was under way elsewhere becomes here, where nobody has its key."""


@dataclass(slots=True)
class Taken:
    """What came in: numbers, and for runs that cannot be sent as they are the reasons, by run."""

    runs: int = 0
    comparisons: int = 0
    here: int = 0  # what was here already
    lost: list[str] = field(default_factory=list)  # names of files that the archive names and does not hold
    differs: dict[str, Sequence[str]] = field(default_factory=dict)


class Source(Protocol):
    """An archive that is read. Names are relative, with slashes."""

    def names(self) -> list[str]:
        """List the names of all files."""

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading."""


class FolderSource:
    """A folder as the source."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        found = (path for path in self._path.rglob("*") if path.is_file() and not path.is_symlink())
        return sorted(path.relative_to(self._path).as_posix() for path in found)

    def open(self, name: str) -> BinaryIO:
        return (self._path / name).open("rb")


class ZipSource:
    """A ZIP as the source."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def names(self) -> list[str]:
        return sorted(self._archive.namelist())

    def open(self, name: str) -> BinaryIO:
        return self._archive.open(name)  # type: ignore[return-value]


def take_in(source: Source, store: Store, catalog: Catalog, now: datetime) -> Taken:
    """Take in all runs and comparisons of an archive, the oldest first.

    Raises `DailiesError` for an archive without any, and for a record that cannot be read; nothing came in then.
    """
    names = set(source.names())
    records = [_read(source, name) for name in sorted(names) if name.endswith(".json") and "/" in name]
    runs = sorted((found for found in records if isinstance(found, Record)), key=lambda each: each.run.created)
    others = [text for text in records if isinstance(text, str)]
    if not records:
        raise DailiesError("There is no run in this archive: it holds no record of dailies.")
    taken = Taken()
    for name in sorted(names):
        if name.startswith(f"{REFERENCES}/"):
            with source.open(name) as file:
                store.files.keep(file.read())
    for record in runs:
        if store.moving.has_run(record.run.id):
            taken.here += 1
            continue
        for name, stored in record.files.items():
            _take_file(source, store, names, name, stored, taken)
        store.moving.take_in(_settle(record.run, now), record.kept, now)
        taken.runs += 1
        if reasons := find_differences(record.run, catalog):
            taken.differs[record.run.id] = reasons
    for text in others:
        comparison, votes = read_comparison(text)
        for lane in comparison.lanes:
            clip = lane.clip
            for stored in filter(None, (clip.file, clip.poster, clip.preview) if clip else ()):
                _take_file(source, store, names, f"{PICTURES}/{stored}", stored, taken)
        if store.moving.take_in_comparison(comparison, votes):
            taken.comparisons += 1
        else:
            taken.here += 1
    return taken


def _read(source: Source, name: str) -> Record | str:
    with source.open(name) as file:
        text = file.read().decode("utf-8", errors="replace")
    return text if name.startswith(f"{COMPARISONS}/") else read_record(text)


def _settle(run: Run, now: datetime) -> Run:
    """Bring a run that was under way to an end: it is not sent or watched here by itself."""
    state = _ENDED.get(run.state, run.state)
    return run if state is run.state else replace(run, state=state, due=None, updated=now, finished=run.finished or now)


def _take_file(source: Source, store: Store, names: set[str], name: str, stored: str, taken: Taken) -> None:
    """Store a clip or picture under its own name. Raises `DailiesError` if another file has that name here."""
    target = store.files.clip_path(stored)
    if not read_suffix(target.suffix).startswith(("video/", "image/")):
        raise DailiesError(f"{stored} in this archive is neither a film nor a picture.")
    if name not in names:
        taken.lost.append(name)
        return
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with source.open(name) as file, part.open("wb") as out:
            shutil.copyfileobj(file, out, 1 << 20)
        if store.files.has_clip(stored):
            if _digest(store.files.bring_clip(stored)) != _digest(part):
                raise DailiesError(f"Another file has the name {stored} here. Nothing was written over.")
            return
        part.replace(target)
        store.files.sync(stored)
    except OSError as error:
        raise MediaError(f"{stored} was not stored: {error.strerror}.", "Free space, then import again.") from error
    finally:
        part.unlink(missing_ok=True)


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def find_differences(run: Run, catalog: Catalog) -> Sequence[str]:
    """Say in sentences why the request of a run cannot be sent here as it is; nothing if it can."""
    request = run.request
    found = catalog.find(request.model, request.entry)
    cell = found[0].cell(request.model, request.mode, request.entry) if found else None
    if cell is None:
        return [f"{request.model} with {request.mode.label.lower()} is not in this catalog."]
    asked = Draft(request.prompt, request.values, request.references, request.metadata, request.source, request.sent_as)
    return [f"{problem.where} {problem.what}." for problem in draft.check(asked, cell).problems]
