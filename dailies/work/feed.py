"""Tells whoever listens in this process which records have changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection

Subscriber = Callable[[frozenset[str], str | None], None]
"""Is given ids, and whose they are where that is known: what was deleted can no longer be looked up."""

GATEWAY = "gateway"
"""Published in place of an id when a check of a gateway has come in: everybody may know."""


class Feed:
    """Tells subscribers which runs changed. Thread-safe. Callbacks run on the thread that saved: keep them short."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscribers: dict[object, Subscriber] = {}
        self._watchers: dict[object, str] = {}
        self.checks = 0  # how often `GATEWAY` was published, so that a page can tell what it missed

    def subscribe(self, callback: Subscriber, *, watches: str | None = None) -> Callable[[], None]:
        """Call `callback` with the ids of changed runs until the returned function is called.

        `watches`: somebody waits for the runs of this owner, "" for everybody's, and wants to know of an end at once.
        """
        token = object()
        with self._lock:
            self._subscribers[token] = callback
            if watches is not None:
                self._watchers[token] = watches

        def unsubscribe() -> None:
            with self._lock:
                self._subscribers.pop(token, None)
                self._watchers.pop(token, None)

        return unsubscribe

    def publish(self, run_ids: Collection[str], owner: str | None = None) -> None:
        changed = frozenset(run_ids)
        with self._lock:
            self.checks += GATEWAY in changed
            subscribers = tuple(self._subscribers.items()) if changed else ()
        for token, callback in subscribers:
            try:
                callback(changed, owner)
            except RuntimeError:  # a closed event loop: the subscriber is gone
                with self._lock:
                    self._subscribers.pop(token, None)
                    self._watchers.pop(token, None)

    def is_watched(self, owner: str) -> bool:
        """Whether somebody waits for the runs of an owner."""
        with self._lock:
            return any(watcher in ("", owner) for watcher in self._watchers.values())
