"""How this process writes its log: one line for each event on standard error, for people and machines.

A line names time, level, logger and message; beside them the run and the gateway's request id, where they are known. A
fault is named by its class and place alone: the words of a foreign exception can hold a prompt or a key.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb

from dailies.errors import DailiesError, StoreError

LEVELS = ("debug", "info", "warning", "error")

_OURS = ("dailies", "components")
_FRAMES = 4
"""How many places of a fault are named, the innermost last."""

_run: ContextVar[str] = ContextVar("dailies_run", default="")


class Lines(logging.Formatter):
    """Formats a record as `name=value` pairs on one line; a value with spaces is written as JSON writes it."""

    def format(self, record: logging.LogRecord) -> str:
        pairs = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "run": _run.get(),
            "request": str(getattr(record, "request", "")),
            "fault": _name_fault(record.exc_info[1]) if record.exc_info else "",
        }
        return " ".join(f"{name}={_quote(value)}" for name, value in pairs.items() if value)


class _Output(logging.Handler):
    """Writes to whatever standard error is at the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            print(self.format(record), file=sys.stderr)
        except (OSError, ValueError):  # nobody reads it any more
            self.handleError(record)


def read_level(name: str, value: str) -> str:
    """Read the setting `name`. Raises `DailiesError` for a level that there is not."""
    level = value.strip().lower() or "warning"
    if level not in LEVELS:
        raise DailiesError(f"{name}={value!r}: write one of {', '.join(LEVELS)}.")
    return level


def set_up(level: str) -> None:
    """Write the log of this process from `level` on. A second call changes the level."""
    for name in _OURS:
        logger = logging.getLogger(name)
        logger.setLevel(level.upper())
        if not any(isinstance(handler, _Output) for handler in logger.handlers):
            handler = _Output()
            handler.setFormatter(Lines())
            logger.addHandler(handler)


@contextmanager
def about(run: str) -> Iterator[None]:
    """Name a run in every line that this thread logs inside."""
    token = _run.set(run)
    try:
        yield
    finally:
        _run.reset(token)


def _name_fault(error: BaseException | None) -> str:
    if error is None:
        return ""
    frames = extract_tb(error.__traceback__)[-_FRAMES:]
    places = " > ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
    words = f" ({error})" if isinstance(error, StoreError) else ""
    return f"{type(error).__name__}{words} at {places}"


def _quote(value: str) -> str:
    plain = value.isprintable() and not any(sign in value for sign in ' "=')
    return value if plain else json.dumps(value, ensure_ascii=False)
