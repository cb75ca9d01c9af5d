"""Whether a gateway answers and which models its key can see: checked in the background, cached for a minute.

No page waits on the network: `latest` returns the cached check and refreshes it in the background.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from dailies.errors import DailiesError
from dailies.gateway.client import Check

FRESH_FOR = 60.0
"""Seconds for which a check is not repeated."""


class Health:
    """Checks of gateways, cached by (gateway, credential). Thread-safe."""

    def __init__(
        self,
        check: Callable[[str, str], Check],
        told: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`check` asks a gateway and may raise `DailiesError`; `told` is called after each background check."""
        self._check, self._told, self._clock = check, told, clock
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], tuple[float, Check]] = {}
        self._asking: set[tuple[str, str]] = set()

    def latest(self, gateway: str, credential: str = "") -> Check | None:
        """Return the cached check, None before the first; a stale one is refreshed in the background."""
        key = (gateway, credential)
        with self._lock:
            at, check = self._known.get(key, (0.0, None))
            stale = self._clock() - at > FRESH_FOR
            if (check is None or stale) and key not in self._asking:
                self._asking.add(key)
                threading.Thread(target=self._ask, args=key, name="dailies-health", daemon=True).start()
        return check

    def refresh(self, gateway: str, credential: str = "") -> Check:
        """Check now and wait for the answer."""
        try:
            check = self._check(gateway, credential)
        except DailiesError as error:
            check = Check(False, 0.0, str(error))
        with self._lock:
            self._known[gateway, credential] = (self._clock(), check)
        return check

    def _ask(self, gateway: str, credential: str) -> None:
        try:
            self.refresh(gateway, credential)
        finally:
            with self._lock:
                self._asking.discard((gateway, credential))
        self._told()
