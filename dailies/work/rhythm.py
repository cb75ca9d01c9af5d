"""When to ask about a task again: often around the moment at which it probably ends, seldom otherwise. Pure.

`forecast` knows the history and who watches; `life` asks here after every look. A server's own hint goes first, there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

FIRST = (2.0, 3.0, 5.0)
"""Seconds to the first looks: what is refused or fails at once is known soon."""

_LATENESS = 0.04
"""How late, as a part of the time it took, an end may be seen whose moment nobody can foresee."""

_OFTEN = 0.5
"""Seconds between two looks of a page that watches a task which has only just been sent."""


@dataclass(frozen=True, slots=True)
class Window:
    """When a task of its kind usually ends, in seconds after the call was sent."""

    opens: float
    closes: float


@dataclass(frozen=True, slots=True)
class Pace:
    """What decides how often a run is looked at.

    `window` is None without a history. `watched`: a page shows the run. `least`: seconds between two looks that the
    run's share of the calls to its gateway allows; `unforeseen`: the same where nobody can say when it ends.
    """

    window: Window | None = None
    watched: bool = False
    least: float = 0.0
    unforeseen: float = 0.0


def find_window(past: Sequence[float]) -> Window | None:
    """Find the window from how many seconds earlier tasks took; None without any. Outliers of many are left out."""
    if not past:
        return None
    ordered = sorted(past)
    if len(ordered) < 3:
        return Window(0.6 * ordered[0], 1.5 * ordered[-1])
    last = len(ordered) - 1
    return Window(0.9 * ordered[math.floor(0.1 * last)], 1.15 * ordered[math.ceil(0.9 * last)])


def choose_delay(elapsed: float, asked: int, pace: Pace, jitter: float) -> float:
    """Return the seconds until the next look. `elapsed` is since the call was sent, `asked` how many looks there were.

    Unwatched 5 to 10 s after the `FIRST` looks; watched half a second to a second inside the window, less in a short
    one, and more the longer the end is overdue or unforeseen. What comes before the window ends with its opening.
    """
    window = pace.window
    short = min(1.0, max(_OFTEN, _LATENESS * elapsed))
    if window is not None:
        short = min(short, max(0.4, (window.closes - window.opens) / 3))
    often, seldom = short * (1 + 0.1 * jitter), 5 + 5 * jitter
    first = FIRST[asked] if asked < len(FIRST) else seldom
    if window is not None and elapsed < window.opens:
        delay = min(first, max(often, window.opens - elapsed) if pace.watched else first)
    elif not pace.watched:
        delay = first
    elif window is not None:
        delay = min(seldom, max(often, (elapsed - window.closes) / 5))
    else:
        delay = min(seldom, max(often, _LATENESS * elapsed, pace.unforeseen))
    return max(delay, pace.least)
