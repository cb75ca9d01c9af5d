"""Stores people's keys, sealed, for as long as a run or an asset needs them: another machine pays with the same key.

What is stored was sealed before it came here, and is of no use without the secret of the installation.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dailies.domain import Run
from dailies.gateway.assets import Item
from dailies.store.database import Database, put
from dailies.store.records import to_time
from dailies.store.run_table import runs as _runs
from dailies.vocabulary import RunState

_sealed = sa.Table(
    "sealed_keys",
    sa.MetaData(),
    sa.Column("handle", sa.String(64)),
    sa.Column("gateway", sa.Text),
    sa.Column("sealed", sa.Text),
    sa.Column("saved", sa.DateTime),
)

_NEEDING = tuple(state.value for state in RunState if state.open or state is RunState.UNSURE)
"""An unsure run may turn out to be a task after all."""

_assets = sa.table("assets", sa.column("credential"), sa.column("due"))
_WATCHED_ASSETS = sa.exists().where(_assets.c.credential == _sealed.c.handle, _assets.c.due.is_not(None))

Seal = Callable[[str, str], str | None]
"""Returns the sealed key of a handle for a gateway; None where this process has none."""


class KeyStore:
    """The sealed keys of one database. Thread-safe. Without `seal` nothing is stored."""

    def __init__(self, database: Database, seal: Seal | None) -> None:
        self._database = database
        self._seal = seal

    def keep(self, connection: Connection, item: Run | Item) -> None:
        """Store the key of what somebody sends or goes on with, in the transaction that saves it."""
        if self._seal is None or not item.credential or not _is_needing(item):
            return
        sealed = self._seal(item.credential, item.gateway)
        if sealed is not None:
            self._put(connection, item.credential, item.gateway, sealed, item.updated)

    def drop(self, connection: Connection, item: Run | Item) -> None:
        """Delete the key of what has ended, unless something else needs it; in the transaction that saves it."""
        if self._seal is not None and item.credential and not _is_needing(item):
            idle = _sealed.c.handle == item.credential, ~_find_runs(_NEEDING), ~_WATCHED_ASSETS
            connection.execute(_sealed.delete().where(*idle))

    def find(self, handle: str, gateway: str) -> str | None:
        """Return the sealed key of a handle."""
        query = sa.select(_sealed.c.sealed).where(_sealed.c.handle == handle, _sealed.c.gateway == gateway)
        with self._database.reading() as connection:
            found: str | None = connection.execute(query).scalar()
        return found

    def renew(self, handle: str, gateway: str, sealed: str, now: datetime) -> None:
        """Store a key that was entered anew, if something needs it."""
        runs = sa.exists().where(_runs.c.credential == handle, _runs.c.state.in_(_NEEDING))
        assets = sa.exists().where(_assets.c.credential == handle, _assets.c.due.is_not(None))
        with self._database.writing() as connection:
            if connection.execute(sa.select(runs | assets)).scalar():
                self._put(connection, handle, gateway, sealed, now)

    def forget(self, handle: str) -> None:
        """Delete the key of a person who takes it away."""
        with self._database.writing() as connection:
            connection.execute(_sealed.delete().where(_sealed.c.handle == handle))

    def sweep(self, before: datetime) -> None:
        """Delete what was stored before a moment and only runs of an unknown outcome name."""
        if self._seal is None:
            return
        open_runs = _find_runs([state for state in _NEEDING if state != RunState.UNSURE.value])
        with self._database.writing() as connection:
            old = _sealed.c.saved < to_time(before), ~open_runs, ~_WATCHED_ASSETS
            connection.execute(_sealed.delete().where(*old))

    def _put(self, connection: Connection, handle: str, gateway: str, sealed: str, now: datetime) -> None:
        row = {"handle": handle, "gateway": gateway, "sealed": sealed, "saved": to_time(now)}
        put(connection, _sealed, row, "handle")


def _is_needing(item: Run | Item) -> bool:
    return item.state.value in _NEEDING if isinstance(item, Run) else item.due is not None


def _find_runs(states: Collection[str]) -> sa.Exists:
    """The runs of a stored key in one of these states."""
    return sa.exists().where(_runs.c.credential == _sealed.c.handle, _runs.c.state.in_(states))
