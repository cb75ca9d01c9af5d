"""Sweeps the library: what a dead process left half written, clips and pictures that nothing names, keys of no use.

A deleted run keeps its files for a while, so that it can be brought back; one in a comparison keeps them for good.
Only what is older than an hour goes: another process may be writing it, or about to store that it has.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dailies.keyring import KEPT_FOR
from dailies.settings import Retention
from dailies.store import Store
from dailies.work.retention import put_away

EVERY = 24 * 3600.0
"""Seconds between two sweeps."""

REST = 3600.0
"""Seconds since its last change after which a file may go."""

UNDO = timedelta(days=7)
"""How long a deleted run can be brought back with its clip."""

_log = logging.getLogger(__name__)


def sweep(store: Store, now: float | None = None, *, rule: Retention | None = None) -> list[str]:
    """Put away what the operator's rule takes, delete leftovers, and return the names of deleted files.

    `now` is in seconds since the epoch; by default the time of the disk.
    """
    if rule and (away := put_away(store, rule, store.clock()).all):
        _log.info("Deleted %d runs by the rule for old clips; they can be brought back for a week.", len(away))
    latest = (time.time() if now is None else now) - REST
    old = [path for path in store.files.list_all() if _changed(path) < latest]
    named = store.list_clip_stems(
        datetime.fromtimestamp(latest + REST, UTC) - UNDO
    )  # read after the folder: what is stored in between is not old
    copies = store.files.remote  # what is looked at again is brought again
    gone = [path for path in old if copies or _is_leftover(path, store.files.clips, named)]
    for path in gone:
        path.unlink(missing_ok=True)
    while store.library.judge_earlier():
        pass
    store.keys.sweep(datetime.fromtimestamp(latest, UTC) - KEPT_FOR)
    swept = store.files.sweep_bucket(named, datetime.fromtimestamp(latest, UTC))
    if swept:
        _log.info("Deleted %d files from the bucket that nothing names any more.", len(swept))
    if gone:
        _log.info("Deleted %d files that nothing names any more.", len(gone))
    return sorted(path.name for path in gone)


def _is_leftover(path: Path, clips: Path, named: Collection[str]) -> bool:
    if path.name.startswith("."):
        return True  # a temporary name
    return path.parent == clips and path.name.split(".")[0] not in named


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # swept by another process, or moved to its own name
        return float("inf")
