"""Commits what several threads want to write in one transaction: one wait for the lock, one sync of the disk.

Nobody waits for company: a thread that finds none writing writes at once, and what others bring meanwhile is written
next, together. Knows no table.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from sqlalchemy.engine import Connection

from dailies.errors import StoreError
from dailies.store.database import Database

T = TypeVar("T")
R = TypeVar("R")

WriteAll = Callable[[Connection, Sequence[T]], Sequence[R]]
"""Writes items in the caller's transaction and returns the result of each."""


class _Order(Generic[T, R]):
    """What one thread wants to have written."""

    def __init__(self, item: T, durable: bool) -> None:
        self.item, self.durable = item, durable
        self.results: Sequence[R] = ()
        self.error: Exception | None = None
        self.called = threading.Event()  # to go on: it is done, or its thread is to write next

    @property
    def done(self) -> bool:
        return bool(self.results) or self.error is not None


class GroupCommit(Generic[T, R]):
    """The writes of one kind. Thread-safe."""

    def __init__(self, database: Database, write_all: WriteAll[T, R]) -> None:
        self._database = database
        self._write_all = write_all
        self._lock = threading.Lock()
        self._waiting: list[_Order[T, R]] = []
        self._busy = False  # a thread writes

    def write(self, item: T, *, durable: bool) -> R:
        """Write an item and return its result once it is committed.

        `durable`: a power cut cannot undo it. An error of one item is its own thread's alone; a database that cannot
        be used is a `StoreError` for all that were written together.
        """
        mine = _Order[T, R](item, durable)
        with self._lock:
            self._waiting.append(mine)
            leads, self._busy = not self._busy, True
        if not leads:
            mine.called.wait()
        if not mine.done:
            self._lead(mine)
        if mine.error is not None:
            raise mine.error
        return mine.results[0]

    def _lead(self, mine: _Order[T, R]) -> None:
        """Write all that waits, and leave what comes meanwhile to the first of those who brought it."""
        with self._lock:
            together, self._waiting = self._waiting, []
        try:
            self._commit(together)
        finally:  # if this thread is interrupted, the others go on without it
            with self._lock:
                self._waiting[:0] = [order for order in together if not order.done and order is not mine]
                following = self._waiting[:1]
                self._busy = bool(following)
            for order in (*(order for order in together if order.done), *following):
                order.called.set()

    def _commit(self, together: Sequence[_Order[T, R]]) -> None:
        """Commit in one transaction; if one of several cannot be written, each in its own."""
        try:
            with self._database.writing(durable=any(order.durable for order in together)) as connection:
                found = self._write_all(connection, [order.item for order in together])
        except Exception as error:  # noqa: BLE001 - raised in the threads that it concerns
            if len(together) == 1 or isinstance(error, StoreError):
                for order in together:
                    order.error = error
            else:
                for order in together:
                    self._commit([order])
        else:
            for order, result in zip(together, found, strict=True):
                order.results = (result,)
