"""Whether a gateway answers and which models its key can see: looked up in the background, remembered for a minute.

No page waits on the network: `latest` gives what is known and sees to it that it becomes known.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from dailies.errors import DailiesError
from dailies.gateway.client import Check

FRESH_FOR = 60.0
"""Seconds for which an answer is not asked for again."""


class Lookout:
    """Checks of gateways by (gateway, credential). Thread-safe. `told` is called after each check has come in."""

    def __init__(self, look: Callable[[str, str], Check], told: Callable[[], None]) -> None:
        self._look, self._told = look, told
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], tuple[float, Check]] = {}
        self._asking: set[tuple[str, str]] = set()

    def latest(self, gateway: str, credential: str = "") -> Check | None:
        """The last check, however old, or None before the first; a stale one is renewed meanwhile."""
        key = (gateway, credential)
        with self._lock:
            at, check = self._known.get(key, (0.0, None))
            stale = time.monotonic() - at > FRESH_FOR
            if (check is None or stale) and key not in self._asking:
                self._asking.add(key)
                threading.Thread(target=self._ask, args=key, name="lookout", daemon=True).start()
        return check

    def now(self, gateway: str, credential: str = "") -> Check:
        """Check at once and wait for the answer: for a person who pressed a button."""
        check = self._checked(gateway, credential)
        with self._lock:
            self._known[gateway, credential] = (time.monotonic(), check)
        return check

    def _ask(self, gateway: str, credential: str) -> None:
        try:
            self.now(gateway, credential)
        finally:
            with self._lock:
                self._asking.discard((gateway, credential))
        self._told()

    def _checked(self, gateway: str, credential: str) -> Check:
        try:
            return self._look(gateway, credential)
        except DailiesError as error:
            return Check(False, 0.0, str(error))
