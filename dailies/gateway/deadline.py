"""The time that one exchange may take: without a sign of life, and in all.

A timeout for silence never trips while single bytes keep trickling in. `within` sets an end for everything that its
thread does on a connection; `transport` asks `left` before each wait.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic

# Seconds. A socket that is given none does not wait at all, and what it finds undone is no timeout but an odd error.
_LEAST = 0.001

_end: ContextVar[float | None] = ContextVar("end of the exchange", default=None)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds without a sign of life, and below them the seconds that exchanges may take in all.

    `create` is how long the answer to a paid call may take. A clip comes in at `least` bytes a second, on average
    over each `span` seconds.
    """

    connect: float = 10.0
    write: float = 120.0
    create: float = 120.0
    read: float = 60.0
    whole_create: float = 600.0
    whole_look: float = 180.0
    whole_clip: float = 2 * 3600.0
    least: float = 8_000.0
    span: float = 30.0


USUAL = Timeouts()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give the exchange in this block so many seconds; one inside another ends no later than the outer one."""
    end, outer = monotonic() + seconds, _end.get()
    token = _end.set(end if outer is None else min(end, outer))
    try:
        yield
    finally:
        _end.reset(token)


def left(timeout: float | None) -> float | None:
    """Return how many seconds one wait may take: `timeout`, or what is left of the exchange if that is less."""
    end = _end.get()
    if end is None:
        return timeout
    rest = max(_LEAST, end - monotonic())
    return rest if timeout is None else min(timeout, rest)


def is_over() -> bool:
    """Whether the exchange has used its time up."""
    end = _end.get()
    return end is not None and monotonic() >= end
