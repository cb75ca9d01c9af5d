"""The time that all work goes by. Nobody can set it; on a database that several machines share it is the database's.

It is read once, and then only the seconds that pass are counted, those asleep included.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime, timedelta

from dailies.errors import StoreError
from dailies.store.database import Database

_MEASURED_FOR = 60.0
"""Seconds after which a shared database is asked again."""
_JUMP = 0.5
"""Seconds by which this machine's two clocks may drift apart until such a database is asked at once."""
_SLEPT = 60.0
"""Seconds by which the time of day must be ahead to be taken for sleep, where the seconds asleep are not counted."""

_COUNTS_SLEEP = hasattr(time, "CLOCK_BOOTTIME")

_log = logging.getLogger(__name__)


class Clock:
    """Returns the time with a zone. Thread-safe."""

    def __init__(self, database: Database, *, counts_sleep: bool = _COUNTS_SLEEP) -> None:
        """`counts_sleep`: this machine counts the seconds that it is asleep."""
        self._database = database
        self._counts_sleep = counts_sleep
        self._lock = threading.Lock()
        self._base = self._read_own()  # the time, the seconds counted and the time of day when it was read
        if database.shared:
            self._measure()

    def __call__(self) -> datetime:
        with self._lock:
            start, counted, wall = self._base
            passed = self._count() - counted
            drift = time.time() - wall - passed
            if self._database.shared and (passed > _MEASURED_FOR or abs(drift) > _JUMP):
                self._measure()
            elif not self._database.shared and not self._counts_sleep and drift > _SLEPT:
                self._base = self._read_own()
            start, counted, _ = self._base
        return start + timedelta(seconds=self._count() - counted)

    def _count(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME) if self._counts_sleep else time.monotonic()

    def _read_own(self) -> tuple[datetime, float, float]:
        counted, wall = self._count(), time.time()
        return datetime.fromtimestamp(wall, UTC), counted, wall

    def _measure(self) -> None:
        """Read the database's clock; as long as that is not possible, this machine counts on."""
        began = self._count()
        try:
            told = self._database.read_clock()
        except StoreError as error:  # asked again later
            _log.warning("The database's clock could not be read. %s", error)
            told = self._base[0] + timedelta(seconds=began - self._base[1])
        counted = self._count()
        self._base = told + timedelta(seconds=(counted - began) / 2), counted, time.time()
