"""Keys, in the memory of this process and nowhere else.

A key pays only for the person who entered it. The operator's key pays for those who entered none.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

from dailies.errors import DailiesError

KEPT_FOR = timedelta(hours=12)
"""How long a key is kept after its last use, unless the operator sets another time."""
_SHORTEST_HIDDEN = 8  # characters; a shorter key, such as a word, may stand in any text


@dataclass(slots=True)
class _Entered:
    gateway: str
    key: str = field(repr=False)
    used: float


class Keyring:
    """The keys of this process by handle. Thread-safe. A handle is opaque and says nothing about the key."""

    def __init__(
        self,
        own: Mapping[str, str] | None = None,
        *,
        kept_for: timedelta = KEPT_FOR,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`own` maps the names of the operator's gateways to their keys; the sandbox's stands in it too."""
        self._lock = threading.Lock()
        self._entered: dict[str, _Entered] = {}
        self._own = dict(own or {})
        self._kept_for = kept_for.total_seconds()
        self._clock = clock

    def __repr__(self) -> str:
        return "Keyring(...)"

    def put(self, handle: str, gateway: str, key: str) -> None:
        """Keep a person's key for a gateway. Raises `DailiesError` for what cannot be a key."""
        entered = _Entered(gateway, clean_key(key), self._clock())
        with self._lock:
            self._entered[handle] = entered

    def forget(self, handle: str) -> None:
        """Drop a person's key."""
        with self._lock:
            self._entered.pop(handle, None)

    def get(self, handle: str, gateway: str) -> str | None:
        """The key for a call to a gateway: the handle's own, or without a handle the operator's; None where it is gone.

        Nothing else pays: a handle whose key is gone never falls back to another key.
        """
        if not handle:
            return self._own.get(gateway)
        now = self._clock()
        with self._lock:
            entered = self._entered.get(handle)
            if entered is None:
                return None
            if now - entered.used > self._kept_for:
                del self._entered[handle]
                return None
            if entered.gateway != gateway:
                return None
            entered.used = now
            return entered.key


def clean_key(key: str) -> str:
    """The key without surrounding space and `Bearer`. Raises `DailiesError`, without the key, for what is none."""
    key = key.strip().removeprefix("Bearer ").strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise DailiesError("This is no key: a key is one word of plain letters, digits and signs.")
    return key


def hide_key(text: str, key: str | None) -> str:
    """Return the text without the key: some servers repeat it when they complain about it."""
    if not key or len(key) < _SHORTEST_HIDDEN:
        return text
    return text.replace(key, "[key]").replace(key.removeprefix("sk-"), "[key]")
