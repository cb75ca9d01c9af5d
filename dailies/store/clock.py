"""The time that processes on several machines agree on: the database's, where they share one."""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime, timedelta

from dailies.errors import StoreError
from dailies.store.database import Database

_MEASURED_FOR = 60.0
"""Seconds after which the database is asked again."""
_JUMP = 0.5
"""Seconds by which this machine's two clocks may drift apart until it is asked at once: it slept, or was set."""

_log = logging.getLogger(__name__)


class Clock:
    """Returns the time with a zone. Thread-safe. Between two questions to the database this machine only counts on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._ahead = timedelta()  # the database, of this machine
        self._wall, self._steady = time.time(), time.monotonic()  # when it was measured
        if database.shared:
            self._measure()

    def __call__(self) -> datetime:
        if self._database.shared:
            steady = time.monotonic() - self._steady
            if steady > _MEASURED_FOR or abs(time.time() - self._wall - steady) > _JUMP:
                with self._lock:
                    self._measure()
        return datetime.now(UTC) + self._ahead

    def _measure(self) -> None:
        began = datetime.now(UTC)
        self._wall, self._steady = time.time(), time.monotonic()
        try:
            told = self._database.read_clock()
        except StoreError as error:  # asked again later; until then as before
            _log.warning("The database's clock could not be read. %s", error)
            return
        self._ahead = told - began - (datetime.now(UTC) - began) / 2
