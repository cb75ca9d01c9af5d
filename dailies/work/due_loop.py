"""A loop that looks for due work and hands it to a pool of threads; long work has a pool of its own.

Owns the dispatcher thread, the pools, the names of the tasks under way, the patience with a database that cannot be
used for a while, and the outermost boundary: an exception is logged and the loop goes on. Its owner decides what is due
and what to do with it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic
from typing import TypeVar

from dailies.errors import StoreError

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 3.0  # seconds between two tries to store something

T = TypeVar("T")

_log = logging.getLogger(__name__)


class DueLoop:
    """One dispatcher thread with its pools. Thread-safe; it can be stopped and started again."""

    def __init__(
        self,
        name: str,
        look: Callable[[], float],
        *,
        threads: int,
        longest: float,
        slow: int = 0,
        between: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """`look` starts what is due with `run` and returns the seconds until it must be called again.

        `longest` caps that pause, and is the pause after an exception. `slow` is how many threads there are for long
        tasks, so that those never keep the others waiting. `between` returns the seconds that lie between two looks
        at least, unless somebody calls `wake`.
        """
        self._name = name
        self._look = look
        self._threads, self._slow_threads = threads, slow
        self._longest, self._between = longest, between
        self._condition = threading.Condition()
        self._under_way: dict[str, Future[object]] = {}
        self._slow: set[str] = set()  # those of them that are long
        self._woken = self._freed = False  # by somebody, and by a task that has ended
        self._stopping = False
        self._over = False  # the grace of `stop` has ended
        self._dispatcher: threading.Thread | None = None
        self._pools: tuple[ThreadPoolExecutor, ...] = ()
        self._looked = monotonic()  # when the last look ended

    def start(self) -> None:
        """Start the threads; a second call does nothing."""
        with self._condition:
            if self._dispatcher is not None:
                return
            self._stopping = self._over = False
            self._looked = monotonic()
            self._pools = tuple(
                ThreadPoolExecutor(max(1, size), thread_name_prefix=f"{self._name}-task")
                for size in (self._threads, self._slow_threads)
            )
            self._dispatcher = threading.Thread(target=self._dispatch, name=self._name, daemon=True)
        self._dispatcher.start()

    def stop(self, grace: float) -> None:
        """Stop, giving tasks under way `grace` seconds; those that need longer go on in their threads.

        Those that still wait for a thread are dropped.
        """
        with self._condition:
            dispatcher, pools = self._dispatcher, self._pools
            if dispatcher is None:
                return
            self._stopping = True
            self._condition.notify_all()
        dispatcher.join()
        for pool in pools:
            pool.shutdown(wait=False, cancel_futures=True)
        with self._condition:
            finished = self._condition.wait_for(lambda: not self._under_way, timeout=grace)
            self._over = True
            self._condition.notify_all()
        for pool in pools:
            pool.shutdown(wait=finished)
        with self._condition:
            self._dispatcher, self._pools = None, ()

    def wake(self) -> None:
        """Look now instead of after the pause."""
        with self._condition:
            self._woken = True
            self._condition.notify_all()

    @property
    def free(self) -> int:
        """How many threads for short tasks have nothing to do."""
        with self._condition:
            return max(0, self._threads - len(self._under_way) + len(self._slow))

    @property
    def queued(self) -> int:
        """How many short tasks wait for a thread."""
        with self._condition:
            return max(0, len(self._under_way) - len(self._slow) - self._threads)

    @property
    def free_for_slow(self) -> int:
        """How many threads for long tasks have nothing to do."""
        with self._condition:
            return max(0, self._slow_threads - len(self._slow))

    @property
    def under_way(self) -> tuple[str, ...]:
        """The names of the tasks that are running or queued for a thread."""
        with self._condition:
            return tuple(self._under_way)

    def is_alive(self, within: float) -> bool:
        """Whether the loop runs and has looked in the last `within` seconds."""
        with self._condition:
            dispatcher = self._dispatcher
        return dispatcher is not None and dispatcher.is_alive() and monotonic() - self._looked <= within

    def run(self, name: str, task: Callable[[], object], *, slow: bool = False) -> bool:
        """Run a task in a pool; False if a task of this name is under way or the loop does not run."""
        with self._condition:
            if not self._pools or self._stopping or name in self._under_way:
                return False
            future = self._under_way[name] = self._pools[slow].submit(task)
            if slow:
                self._slow.add(name)
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

    def _finish(self, name: str, done: Future[object]) -> None:
        if not done.cancelled() and (error := done.exception()) is not None:
            _log.error("%s: %s failed.", self._name, name, exc_info=error)
        with self._condition:
            self._under_way.pop(name, None)
            self._slow.discard(name)
            self._freed = True
            self._condition.notify_all()

    def _dispatch(self) -> None:
        hindrance = ""
        while not self._stopping:
            pause = self._longest
            try:
                pause = min(self._longest, max(0.0, self._look()))
                hindrance = ""
            except StoreError as error:
                if str(error) != hindrance:  # once, and not at every look
                    hindrance = str(error)
                    _log.warning("%s: a look for due work was not possible. %s", self._name, error)
            except Exception:  # noqa: BLE001 - the outermost boundary: logged, and everything stays as it was saved
                _log.exception("%s: a look for due work failed.", self._name)
            self._looked = monotonic()
            with self._condition:
                self._condition.wait_for(lambda: self._woken or self._freed or self._stopping, timeout=pause)
                while not self._woken and not self._stopping and (rest := self._rest()) > 0:
                    self._condition.wait(rest)
                self._woken = self._freed = False

    def _rest(self) -> float:
        return self._looked + self._between() - monotonic()
