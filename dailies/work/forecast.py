"""What a worker knows of its gateways when it plans a look: how long tasks take, who watches, how much is asked.

Owns the one budget that all runs of a gateway share: how many looks a second, and the silence that the gateway asked
for. Reads the history at most once a minute for each kind of task. `rhythm` makes the plan of it.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from dailies.domain import Run
from dailies.errors import TooFast
from dailies.seen import LIKE, choose_alike
from dailies.steps import Event, PollFailed
from dailies.store import Store
from dailies.work.feed import Feed
from dailies.work.rhythm import TOGETHER, Pace, Window, find_window

LOOKS = 100.0
"""Looks a second at one gateway at most; more open tasks are looked at less often."""

UNFORESEEN = 5.0
"""The same for watched tasks without a history, as long as that leaves each its look every 5 to 10 seconds: so many
pages would otherwise keep the machine busy with answers that say nothing new."""

FEW = 100
"""Open tasks at a gateway up to which looks that are far apart are made together: more would come in bursts."""

KEPT = 60.0
"""Seconds for which a history is taken to be unchanged."""

_COUNTED = 5.0  # seconds for which a count of open tasks is
_SILENCE = 5.0  # seconds without a look after a gateway asked for fewer calls and did not say for how long
_LONGEST = 600.0  # seconds of silence that one answer may ask of all runs; its own run waits as long as it says
_Kind = tuple[object, ...]


class Forecast:
    """The plans of one worker. Thread-safe."""

    def __init__(self, store: Store, feed: Feed, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._feed = feed
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: dict[_Kind, tuple[float, Window | None]] = {}
        self._open: tuple[float, dict[str, int]] = (-_COUNTED, {})
        self._silent: dict[str, datetime] = {}
        self._beat = random.uniform(0, TOGETHER)  # noqa: S311 - a gateway is not asked by all of us at the same moment

    def pace(self, run: Run) -> Pace:
        """Return what decides how often a run is looked at."""
        # Whether a page of another process shows it is not known here: then it may.
        watched = self._store.shared or self._feed.is_watched(run.owner)
        number = self._count_open(run.gateway)
        beat = self._beat if number <= FEW else None
        return Pace(self._window(run), watched, number / LOOKS, number / UNFORESEEN, beat)

    def note(self, run: Run, event: Event) -> None:
        """Learn from an answer: a gateway that asks one run for fewer calls asks all."""
        if isinstance(event, PollFailed) and isinstance(event.error, TooFast):
            seconds = event.error.retry_after
            with self._lock:
                pause = timedelta(seconds=min(_LONGEST, _SILENCE if seconds is None else max(0.0, seconds)))
                self._silent[run.gateway] = self._clock() + pause

    def silence(self, gateway: str) -> datetime | None:
        """Until when a gateway is not to be asked; None: it may be."""
        with self._lock:
            until = self._silent.get(gateway)
            if until is not None and until <= self._clock():
                del self._silent[gateway]
                return None
        return until

    def _window(self, run: Run) -> Window | None:
        values = run.request.values
        kind: _Kind = (run.request.model, *(values.get(name) for name in LIKE))
        with self._lock:
            read, window = self._windows.get(kind, (-KEPT, None))
        if monotonic() - read < KEPT:
            return window
        past = self._store.runs.history(run.request.model)
        window = find_window(choose_alike(past, values))
        with self._lock:
            self._windows[kind] = monotonic(), window
        return window

    def _count_open(self, gateway: str) -> int:
        with self._lock:
            read, found = self._open
        if monotonic() - read >= _COUNTED:
            found = self._store.runs.count_open()
            with self._lock:
                self._open = monotonic(), found
        return found.get(gateway, 0)
