"""The record of a run beside its clip, and of a comparison: JSON that holds all that is stored of it, and no key. Pure.

A record that is shared also leaves out the gateway's raw answer and whatever stands behind a link's path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from dailies import __version__
from dailies.compare.nouns import Comparison, Vote
from dailies.compare.values import redact, redact_address
from dailies.domain import Run
from dailies.errors import DailiesError
from dailies.exchange import Blob
from dailies.media.delivered import delivered
from dailies.store.comparisons import row_to_vote, to_comparison, to_row, vote_to_row
from dailies.store.moving import Kept
from dailies.store.records import TIMES, to_run
from dailies.store.records import to_row as run_to_row
from dailies.text import clean_leaves

FORMAT, COMPARISON, VERSION = "dailies run", "dailies comparison and votes", 1
_NEVER = ("credential", "revision", "place")


@dataclass(frozen=True, slots=True)
class Record:
    """A run as an archive holds it. `files`: name in the archive -> name in the store. `references`: digests."""

    run: Run
    kept: Kept
    files: Mapping[str, str]
    references: Sequence[str]
    catalog: str = ""  # the version of the catalog where the record was written


def name_run(run: Run) -> str:
    """Name the files of a run for people: date, model, the first words of the prompt, and the start of its id.

    Every file system takes the name: letters and digits of any script, at most 200 bytes of them.
    """
    words = _shorten_bytes("-".join(re.findall(r"\w+", run.request.prompt)[:6])[:60], 100)
    model = _shorten_bytes(re.sub(r"[^\w.-]+", "-", run.request.model).strip(".-"), 80)
    return "_".join(filter(None, (f"{run.created:%Y-%m-%d}", model, words, run.id[:6])))


def _shorten_bytes(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore").strip(".-")


def list_references(run: Run) -> list[str]:
    """List the digests of all media that the request and the call of a run name."""
    held = [reference.digest for group in run.request.references.values() for reference in group]
    return sorted({digest for digest in (*held, *_find_blobs(run.call.json), *_find_blobs(run.call.form)) if digest})


def _find_blobs(value: Any) -> list[str]:
    if isinstance(value, Blob):
        return [value.digest]
    if isinstance(value, Mapping):
        return [digest for each in value.values() for digest in _find_blobs(each)]
    if isinstance(value, (list, tuple)):
        return [digest for each in value for digest in _find_blobs(each)]
    return _find_blobs(value.value) if hasattr(value, "value") and hasattr(value, "name") else []


def write_record(record: Record, *, shared: bool = False) -> str:
    """Write a record as JSON."""
    run = replace(record.run, raw="", link=redact_address(record.run.link)) if shared else record.run
    row = {name: _plain(value) for name, value in run_to_row(run).items() if name not in _NEVER}
    kept = asdict(record.kept) | {"deleted": record.kept.deleted.isoformat() if record.kept.deleted else None}
    document = {
        "format": FORMAT,
        "version": VERSION,
        "dailies": __version__,
        "catalog": record.catalog,
        "files": dict(record.files),
        "references": list(record.references),
        "facts": list(delivered(run, run.clip).got) if run.clip and run.clip.height else [],
        "differs": list(delivered(run, run.clip).differences) if run.clip and run.clip.height else [],
        "kept": kept,
        "run": row,
    }
    written = json.dumps(document, ensure_ascii=False, indent=1)
    return redact(written) if shared else written


def read_record(text: str) -> Record:
    """Read a record. Raises `DailiesError` for what is none, or is of a newer version."""
    document = _read(text, FORMAT)
    try:
        row = dict(document["run"])
        for name in TIMES:
            row[name] = datetime.fromisoformat(row[name]) if row.get(name) else None
        row |= {"credential": "", "revision": 0, "place": 0}
        kept = dict(document["kept"])
        kept["deleted"] = datetime.fromisoformat(kept["deleted"]) if kept.get("deleted") else None
        files = {str(name): str(stored) for name, stored in document["files"].items()}
        references = [str(each) for each in document["references"]]
        return Record(to_run(row), Kept(**kept), files, references, str(document.get("catalog", "")))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DailiesError(f"A record of a run cannot be read: {_shorten(error)}.") from None


def write_comparison(comparison: Comparison, votes: Sequence[Vote]) -> str:
    """Write a comparison and its votes as JSON."""
    document = {
        "format": COMPARISON,
        "version": VERSION,
        "comparison": {name: _plain(value) for name, value in to_row(comparison).items()},
        "votes": [{name: _plain(value) for name, value in vote_to_row(vote).items()} for vote in votes],
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def read_comparison(text: str) -> tuple[Comparison, Sequence[Vote]]:
    """Read a comparison and its votes. Raises `DailiesError` as `read_record` does."""
    document = _read(text, COMPARISON)
    try:
        row, votes = dict(document["comparison"]), [dict(vote) for vote in document["votes"]]
        for each in (row, *votes):
            each["created"] = datetime.fromisoformat(each["created"])
        row["updated"] = datetime.fromisoformat(row["updated"])
        return to_comparison(row), [row_to_vote(vote) for vote in votes]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DailiesError(f"A record of a comparison cannot be read: {_shorten(error)}.") from None


def _read(text: str, kind: str) -> Any:
    try:
        document = clean_leaves(json.loads(text))
    except (ValueError, RecursionError):
        raise DailiesError("A record is no JSON.") from None
    if not isinstance(document, dict) or document.get("format") != kind:
        raise DailiesError("A record is not one of dailies.")
    if document.get("version") != VERSION:
        raise DailiesError(f"A record has version {document.get('version')}. Update dailies to read it.")
    return document


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _shorten(error: Exception) -> str:
    return str(error).splitlines()[0][:200].rstrip(".") if str(error) else type(error).__name__
