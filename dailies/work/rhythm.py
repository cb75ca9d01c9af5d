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

TOGETHER = 0.5
"""Seconds between two moments at which looks are made that are far apart: what wakes the machine for one of them, finds
it and writes what came of it does so for all that are due about then."""


@dataclass(frozen=True, slots=True)
class Window:
    """When a task of its kind usually ends, in seconds after the call was sent."""

    opens: float
    closes: float


@dataclass(frozen=True, slots=True)
class Pace:
    """What decides how often a run is looked at.

    `window` is None without a history. `watched`: a page shows the run. `least`: seconds between two looks that the
    run's share of the calls to its gateway allows; `unforeseen`: the same where nobody can say when it ends. `beat`: a
    time in seconds at which looks that are far apart are made together, and each `TOGETHER` before and after it; None:
    they are spread.
    """

    window: Window | None = None
    watched: bool = False
    least: float = 0.0
    unforeseen: float = 0.0
    beat: float | None = None


def find_window(past: Sequence[float]) -> Window | None:
    """Find the window from how many seconds earlier tasks took; None without any. Outliers of many are left out."""
    if not past:
        return None
    ordered = sorted(past)
    if len(ordered) < 3:
        return Window(0.6 * ordered[0], 1.5 * ordered[-1])
    last = len(ordered) - 1
    return Window(0.9 * ordered[math.floor(0.1 * last)], 1.15 * ordered[math.ceil(0.9 * last)])


def choose_delay(elapsed: float, asked: int, pace: Pace, jitter: float, now: float = 0.0) -> float:
    """Return the seconds until the next look. `elapsed` is since the call was sent, `asked` how many looks there were.

    Unwatched 5 to 10 s after the `FIRST` looks; watched half a second to a second inside the window, less in a short
    one, and more the longer the end is overdue or unforeseen. What comes before the window ends with its opening.
    `now` is the time in seconds that the beat of `pace` counts in.
    """
    window = pace.window
    short = min(1.0, max(_OFTEN, _LATENESS * elapsed))
    if window is not None:
        short = min(short, max(0.4, (window.closes - window.opens) / 3))
    often, seldom = short * (1 + 0.1 * jitter), _meet(5 + 5 * jitter, pace, now)
    first = FIRST[asked] if asked < len(FIRST) else seldom
    if window is not None and elapsed < window.opens:
        delay = min(first, max(often, window.opens - elapsed) if pace.watched else first)
    elif not pace.watched:
        delay = first
    elif window is not None:
        delay = min(seldom, max(often, (elapsed - window.closes) / 5))
    else:
        share = _meet(min(10.0, pace.unforeseen) * (0.8 + 0.2 * jitter), pace, now)
        delay = max(often, share, min(seldom, _LATENESS * elapsed))
    return max(delay, pace.least)


def _meet(delay: float, pace: Pace, now: float) -> float:
    """Return the seconds until the last beat before a look that is far away."""
    if pace.beat is None or delay < 4 * TOGETHER:
        return delay
    return delay - (now + delay - pace.beat) % TOGETHER
