"""A loop that looks for due work and hands it to a pool of threads.

Owns the dispatcher thread, the pool, the names of the tasks under way, the patience with a database that cannot be used
for a while, and the outermost boundary: an exception is logged and the loop goes on. Its owner decides what is due and
what to do with it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from dailies.errors import StoreError

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 3.0  # seconds between two tries to store something

T = TypeVar("T")

_log = logging.getLogger(__name__)


class DueLoop:
    """One dispatcher thread with one pool. Thread-safe; it can be stopped and started again."""

    def __init__(self, name: str, look: Callable[[], float], *, threads: int, longest: float) -> None:
        """`look` starts what is due with `run` and returns the seconds until it must be called again.

        `longest` caps that pause, and is the pause after an exception.
        """
        self._name = name
        self._look = look
        self._threads = threads
        self._longest = longest
        self._condition = threading.Condition()
        self._under_way: dict[str, Future[None]] = {}
        self._woken = False
        self._stopping = False
        self._over = False  # the grace of `stop` has ended
        self._dispatcher: threading.Thread | None = None
        self._pool: ThreadPoolExecutor | None = None

    def start(self) -> None:
        """Start the threads; a second call does nothing."""
        with self._condition:
            if self._dispatcher is not None:
                return
            self._stopping = self._over = False
            self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix=f"{self._name}-task")
            self._dispatcher = threading.Thread(target=self._dispatch, name=self._name, daemon=True)
        self._dispatcher.start()

    def stop(self, grace: float) -> None:
        """Stop, giving tasks under way `grace` seconds; those that need longer go on in their threads."""
        with self._condition:
            dispatcher, pool = self._dispatcher, self._pool
            if dispatcher is None or pool is None:
                return
            self._stopping = True
            self._condition.notify_all()
        dispatcher.join()
        with self._condition:
            finished = self._condition.wait_for(lambda: not self._under_way, timeout=grace)
            self._over = True
            self._condition.notify_all()
        pool.shutdown(wait=finished, cancel_futures=True)
        with self._condition:
            self._dispatcher = self._pool = None

    def wake(self) -> None:
        """Look now instead of after the pause."""
        with self._condition:
            self._woken = True
            self._condition.notify_all()

    @property
    def free(self) -> int:
        """How many threads have nothing to do."""
        with self._condition:
            return max(0, self._threads - len(self._under_way))

    @property
    def under_way(self) -> tuple[str, ...]:
        """The names of the tasks that are running or queued for a thread."""
        with self._condition:
            return tuple(self._under_way)

    def run(self, name: str, task: Callable[[], None]) -> bool:
        """Run a task in the pool; False if a task of this name is under way or the loop does not run."""
        with self._condition:
            if self._pool is None or self._stopping or name in self._under_way:
                return False
            future = self._under_way[name] = self._pool.submit(task)
        future.add_done_callback(lambda done: self._finish(name, done))
        return True

    def persist(self, store: Callable[[], T]) -> T:
        """Call `store` until the database takes it, for as long as the process lives; return what it returns.

        Raises `StoreError` only after the grace of `stop`.
        """
        pause = _FIRST_PAUSE
        while True:
            try:
                return store()
            except StoreError as error:
                with self._condition:
                    if self._over:
                        raise
                    _log.warning("%s: not stored yet, tried again in %.1f s. %s", self._name, pause, error)
                    self._condition.wait_for(lambda: self._over, timeout=pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    def _finish(self, name: str, done: Future[None]) -> None:
        if not done.cancelled() and (error := done.exception()) is not None:
            _log.error("%s: %s failed.", self._name, name, exc_info=error)
        with self._condition:
            self._under_way.pop(name, None)
        self.wake()

    def _dispatch(self) -> None:
        while not self._stopping:
            pause = self._longest
            try:
                pause = min(self._longest, max(0.0, self._look()))
            except StoreError as error:
                _log.warning("%s: a look for due work was not possible. %s", self._name, error)
            except Exception:  # noqa: BLE001 - the outermost boundary: logged, and everything stays as it was saved
                _log.exception("%s: a look for due work failed.", self._name)
            with self._condition:
                self._condition.wait_for(lambda: self._woken or self._stopping, timeout=pause)
                self._woken = False
