"""Finds what any process has saved, and has the feed tell each change once."""

from __future__ import annotations

import threading

from dailies.domain import Run
from dailies.store import Store
from dailies.work.feed import Feed


class Changes:
    """What subscribers of one process know. Thread-safe."""

    def __init__(self, store: Store, feed: Feed) -> None:
        self._store = store
        self._feed = feed
        self._lock, self._looking = threading.Lock(), threading.Lock()
        self._seen = store.revision()  # the newest revision of which subscribers know
        self._told: dict[str, int] = {}  # run id -> revision that this process has published itself
        self._news: dict[str, int] = {}  # the same of what the last look has published

    def tell(self, run: Run) -> None:
        """Publish a run that this process has saved."""
        with self._lock:
            if self._news.get(run.id, -1) >= run.revision:
                return  # a look came between the save and this
            self._told[run.id] = run.revision
        self._feed.publish({run.id}, run.owner)

    def look(self) -> None:
        """Publish what others have saved since the last look."""
        with self._looking:
            self._seen, changed = self._store.changed_since(self._seen)
        with self._lock:  # not held while the database answers: a save of ours has to be noted before it is found
            self._news = {id_: number for id_, number in changed.items() if self._told.pop(id_, -1) < number}
            news = self._news.keys()
        self._feed.publish(news)
