"""What gateways answered and the database does not hold yet: a synced file beside the library, one line an answer.

A create that was answered is paid for. If the database cannot take the answer now, it still stands here, and the next
process that opens the library takes it from here. Entries name tasks, never a key.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_REST = 60.0
"""Seconds after the last entry before another process may delete a file: its writer may be about to save."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer: `item` is the id of a run or of an asset, `facts` what its `create` was answered with."""

    item: str
    facts: Mapping[str, Any]


class Journal:
    """The journal of one process in a folder that all processes of a library share. Thread-safe."""

    def __init__(self, folder: Path, writer: str) -> None:
        """`writer` names this process, unlike any other that has the folder."""
        self._folder = folder
        self._path = folder / f"{writer}.jsonl"
        self._lock, self._syncing = threading.Lock(), threading.Lock()
        self._open: set[str] = set()
        self._written = self._synced = 0  # how many entries there were, and how many of them are on the disk

    def note(self, item: str, facts: Mapping[str, Any]) -> None:
        """Append an answer; it is on the disk when this returns, unless the disk refuses, which is logged."""
        line = json.dumps({"item": item, "facts": facts}, ensure_ascii=True).encode() + b"\n"
        try:
            with self._lock:
                if not self._open:  # else the file is there
                    self._folder.mkdir(parents=True, exist_ok=True)
                self._open.add(item)
                with self._path.open("ab", buffering=0) as file:
                    file.write(line)
                self._written += 1
                mine = self._written
            self._sync(mine)
        except OSError as error:  # the log names the task, and the database may still take it
            _log.warning("The journal cannot be written: %s.", error.strerror)

    def _sync(self, number: int) -> None:
        """Return once the entry of this number is on the disk. Answers of one moment share one sync."""
        with self._syncing:
            if self._synced >= number:
                return
            with self._lock:
                written = self._written
            file = os.open(self._path, os.O_RDONLY)
            try:
                os.fsync(file)
            finally:
                os.close(file)
            self._synced = written

    def settle(self, item: str) -> None:
        """Say that the database holds the answer. The file goes when nothing in it is open any more."""
        with self._lock:
            self._open.discard(item)
            if not self._open:
                self._path.unlink(missing_ok=True)

    def read(self) -> list[Entry]:
        """List the answers that earlier processes, or others, left behind. A line that was cut short is left out."""
        return [
            entry for path in self._list_others() for line in _read_lines(path) if (entry := _parse(line)) is not None
        ]

    def cut(self) -> None:
        """Delete what others left behind, once the caller has taken it over."""
        for path in self._list_others():
            if time.time() - path.stat().st_mtime > _REST:
                path.unlink(missing_ok=True)

    def _list_others(self) -> list[Path]:
        return [path for path in sorted(self._folder.glob("*.jsonl")) if path != self._path]


def _read_lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:  # its writer has settled it meanwhile
        return []


def _parse(line: str) -> Entry | None:
    try:
        found = json.loads(line)
        return Entry(str(found["item"]), dict(found["facts"]))
    except (ValueError, KeyError, TypeError):
        return None
