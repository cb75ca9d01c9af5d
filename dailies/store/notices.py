"""Notices between processes that share a PostgreSQL database: one at each commit of a new revision.

A notice carries no record, only who sent it and whether something may be due: who hears one looks for changes.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from dailies.errors import StoreError

_CHANNEL = "dailies"
_WAIT = 1.0  # seconds between two looks whether to stop
_GAP = 0.05  # seconds in which notices are merged
_PAUSE = 2.0  # seconds before a lost connection is opened anew

_log = logging.getLogger(__name__)


def notify(sender: str, due: bool) -> sa.ColumnElement[Any]:
    """Return the expression that sends a notice when its transaction commits."""
    return sa.func.pg_notify(_CHANNEL, f"{sender} {'due' if due else 'news'}")


class Listener:
    """Listens on a thread of its own until `stop`."""

    def __init__(self, engine: Engine, sender: str, heard: Callable[[bool], None]) -> None:
        """`sender` is this process: its own notices are not told. `heard`: see `Database.listen`."""
        self._engine = engine
        self._sender = sender
        self._heard = heard
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="dailies-listener", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, within about a second."""
        self._stopping.set()
        self._thread.join()

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow()
            except Exception as error:  # noqa: BLE001 - any fault: without notices changes are seen a second later
                if not self._stopping.is_set():
                    _log.warning("Nothing is heard from other processes now: %s.", type(error).__name__)
            self._stopping.wait(_PAUSE)

    def _follow(self) -> None:
        connection = self._engine.raw_connection()
        driver: Any = connection.driver_connection
        connection.detach()  # it stays ours: a connection of the pool would listen for its next user
        try:
            driver.autocommit = True
            driver.execute(f"LISTEN {_CHANNEL}")
            self._tell(True)  # what was said before this is not heard
            while not self._stopping.is_set():
                said = {notice.payload for notice in driver.notifies(timeout=_WAIT, stop_after=1)}
                said |= {notice.payload for notice in driver.notifies(timeout=0)}
                kinds = {kind for sender, _, kind in (text.partition(" ") for text in said) if sender != self._sender}
                if kinds:
                    self._tell("due" in kinds)
                    self._stopping.wait(_GAP)
        finally:
            driver.close()

    def _tell(self, due: bool) -> None:
        try:
            self._heard(due)
        except StoreError as error:  # the next notice, or the next look, tells it
            _log.warning("What another process saved could not be read. %s", error)
