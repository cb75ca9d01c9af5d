"""Takes an archive into a library: what is here already stays as it is, and nothing that comes in is ever sent."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import zipfile
import zlib
from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from dailies.archive.pack import COMPARISONS, PICTURES, REFERENCES
from dailies.archive.records import Record, read_comparison, read_record
from dailies.archive.source import Source
from dailies.catalog.load import Catalog
from dailies.compare.nouns import Comparison, Vote
from dailies.domain import Draft, Run
from dailies.errors import DailiesError, MediaError
from dailies.formats import read_suffix
from dailies.request import draft
from dailies.store import Store
from dailies.vocabulary import RunState

KEPT_FREE = 256 << 20
"""Bytes of the disk that an import leaves free."""

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
    catalogs: Sequence[str] = ()  # versions of the catalog that runs were made with, other than the one here


@dataclass(frozen=True, slots=True)
class _Staged:
    """A file of the archive that lies whole under a temporary name beside its place."""

    part: Path
    stored: str


def take_in(source: Source, store: Store, catalog: Catalog, now: datetime, *, owner: str | None = None) -> Taken:
    """Take in all runs and comparisons of an archive, the oldest first.

    `owner`: whose all of it becomes; None keeps whose it was. Everything is read and unpacked before the first run is
    stored. Raises `DailiesError` for an archive without any run, one that must not be unpacked, a record that cannot be
    read and a damaged file; nothing came in then.
    """
    sizes = source.sizes()
    records = [_read(source, name) for name in sorted(sizes) if name.endswith(".json") and "/" in name]
    if not records:
        raise DailiesError("There is no run in this archive: it holds no record of dailies.")
    found = [record for record in records if isinstance(record, Record)]
    others = [record for record in records if not isinstance(record, Record)]
    taken = Taken(catalogs=sorted({each.catalog for each in found} - {catalog.version, ""}))
    fresh = [record for record in found if not store.moving.has_run(record.run.id)]
    fresh.sort(key=lambda each: each.run.created)
    wanted = {stored: name for record in fresh for name, stored in record.files.items()}
    for comparison, _ in others:
        clips = [lane.clip for lane in comparison.lanes if lane.clip]
        names = [name for clip in clips for name in (clip.file, clip.poster, clip.preview) if name]
        wanted |= {stored: f"{PICTURES}/{stored}" for stored in names}
    references = [name for name in sorted(sizes) if name.startswith(f"{REFERENCES}/")]
    needed = sum(sizes.get(name, 0) for name in (*wanted.values(), *references))
    if needed + KEPT_FREE > shutil.disk_usage(store.files.clips).free:
        raise MediaError(f"This archive needs {needed >> 20} MB on the disk.", "Free space, then import again.")
    for record in fresh:
        _refuse_borrowed(record, store)
    staged: list[_Staged] = []
    try:
        for stored, name in wanted.items():
            _stage(source, store, sizes, name, stored, staged, taken)
        for name in references:
            store.files.keep(_read_whole(source, name))
        for each in staged:
            each.part.replace(store.files.clip_path(each.stored))
            store.files.sync(each.stored)
    except OSError as error:
        what = f"The archive was not unpacked: {error.strerror or error}."
        raise MediaError(what, "Free space, then import again.") from error
    finally:
        for each in staged:
            each.part.unlink(missing_ok=True)
    for record in fresh:
        run = record.run if owner is None else replace(record.run, owner=owner)
        store.moving.take_in(_settle(run, now), record.kept, now)
        taken.runs += 1
        if reasons := find_differences(run, catalog):
            taken.differs[run.id] = reasons
    taken.here = len(found) - len(fresh)
    for comparison, votes in others:
        mine = comparison if owner is None else replace(comparison, owner=owner)
        # People who sign in judge together with others, so votes that nobody here cast are left out.
        if store.moving.take_in_comparison(mine, () if owner else votes):
            taken.comparisons += 1
        else:
            taken.here += 1
    store.analyse()
    return taken


def _refuse_borrowed(record: Record, store: Store) -> None:
    """Raise `DailiesError` for a run that names a clip of this library which its archive does not bring."""
    clip = record.run.clip
    for stored in filter(None, (clip.file, clip.poster, clip.preview) if clip else ()):
        if stored not in record.files.values() and store.files.has_clip(stored):
            raise DailiesError(f"A record in this archive names {stored}, which is another run's here.")


def _read(source: Source, name: str) -> Record | tuple[Comparison, Sequence[Vote]]:
    text = _read_whole(source, name).decode("utf-8", errors="replace")
    return read_comparison(text) if name.startswith(f"{COMPARISONS}/") else read_record(text)


def _read_whole(source: Source, name: str) -> bytes:
    try:
        with source.open(name) as file:
            return file.read()
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise DailiesError(f"{name} in this archive is damaged.") from None


def _settle(run: Run, now: datetime) -> Run:
    """Bring a run that was under way to an end: it is not sent or watched here by itself."""
    state = _ENDED.get(run.state, run.state)
    return run if state is run.state else replace(run, state=state, due=None, updated=now, finished=run.finished or now)


def _stage(
    source: Source, store: Store, names: Container[str], name: str, stored: str, staged: list[_Staged], taken: Taken
) -> None:
    """Unpack a clip or picture beside its place. Raises `DailiesError` if another file has its name here."""
    target = store.files.clip_path(stored)
    if not read_suffix(target.suffix).startswith(("video/", "image/")):
        raise DailiesError(f"{stored} in this archive is neither a film nor a picture.")
    if name not in names:
        taken.lost.append(name)
        return
    new = _Staged(target.with_name(f".{secrets.token_hex(8)}.part"), stored)
    staged.append(new)
    try:
        with source.open(name) as file, new.part.open("wb") as out:
            shutil.copyfileobj(file, out, 1 << 20)
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise DailiesError(f"{name} in this archive is damaged.") from None
    if store.files.has_clip(stored):
        if _digest(store.files.bring_clip(stored)) != _digest(new.part):
            raise DailiesError(f"Another file has the name {stored} here. Nothing was written over.")
        staged.remove(new)
        new.part.unlink()


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
