"""Keys, in the memory of this process; where several processes work together, sealed on a shelf that they share.

A key pays only for the person who entered it. The operator's key pays for those who entered none.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Protocol

from dailies.errors import DailiesError
from dailies.sealing import Sealer

KEPT_FOR = timedelta(hours=12)
"""How long a key is kept after its last use, unless the operator sets another time."""
_BORROWED_FOR = 10.0  # seconds for which a key from the shelf is not asked for again
_SHORTEST_HIDDEN = 8  # characters; a shorter key, such as a word, may stand in any text


@dataclass(slots=True)
class _Entered:
    gateway: str
    key: str = field(repr=False)
    used: float


class Shelf(Protocol):
    """Where sealed keys lie for other processes, as long as a run needs them."""

    def find(self, handle: str, gateway: str) -> str | None:
        """Return a sealed key."""

    def renew(self, handle: str, gateway: str, sealed: str, now: datetime) -> None:
        """Keep a sealed key if a run needs it."""

    def forget(self, handle: str) -> None:
        """Delete the sealed key of a handle."""


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
        self._borrowed: dict[tuple[str, str], tuple[str, float]] = {}
        self._shelf: tuple[Shelf, Sealer] | None = None
        self._kept_for = kept_for.total_seconds()
        self._clock = clock

    def __repr__(self) -> str:
        return "Keyring(...)"

    def share(self, shelf: Shelf, sealer: Sealer) -> None:
        """Use a shelf beside this process's memory. Nothing but sealed keys is put there."""
        self._shelf = shelf, sealer

    def seal(self, handle: str, gateway: str) -> str | None:
        """Return a person's key, sealed for the shelf; None where there is no shelf, or no key in this memory."""
        entered = self._find(handle, gateway)
        return self._shelf[1].seal(handle, gateway, entered) if self._shelf and entered else None

    def put(self, handle: str, gateway: str, key: str) -> None:
        """Keep a person's key for a gateway. Raises `DailiesError` for what cannot be a key."""
        entered = _Entered(gateway, clean_key(key), self._clock())
        with self._lock:
            self._entered[handle] = entered
        if self._shelf:
            shelf, sealer = self._shelf
            shelf.renew(handle, gateway, sealer.seal(handle, gateway, entered.key), datetime.now(UTC))

    def forget(self, handle: str) -> None:
        """Drop a person's key."""
        with self._lock:
            self._entered.pop(handle, None)
            self._borrowed = {name: kept for name, kept in self._borrowed.items() if name[0] != handle}
        if self._shelf:
            self._shelf[0].forget(handle)

    def get(self, handle: str, gateway: str) -> str | None:
        """The key for a call to a gateway: the handle's own, or without a handle the operator's; None where it is gone.

        Nothing else pays: a handle whose key is gone never falls back to another key.
        """
        if not handle:
            return self._own.get(gateway)
        return self._find(handle, gateway) or self._borrow(handle, gateway)

    def _borrow(self, handle: str, gateway: str) -> str | None:
        """A key that another process has put on the shelf. Raises `StoreError` if that cannot be read."""
        if self._shelf is None:
            return None
        shelf, sealer = self._shelf
        now = self._clock()
        with self._lock:
            kept = self._borrowed.get((handle, gateway))
        if kept is not None and now - kept[1] <= _BORROWED_FOR:
            return kept[0]
        sealed = shelf.find(handle, gateway)
        key = sealer.open(handle, gateway, sealed) if sealed else None
        with self._lock:
            self._borrowed = {name: each for name, each in self._borrowed.items() if now - each[1] <= _BORROWED_FOR}
            if key is not None:
                self._borrowed[handle, gateway] = key, now
        return key

    def _find(self, handle: str, gateway: str) -> str | None:
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
