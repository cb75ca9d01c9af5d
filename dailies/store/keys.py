"""Stores people's keys, sealed, for as long as a run needs them: a worker on another machine pays with the same key.

What is stored was sealed before it came here, and is of no use without the secret of the installation.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dailies.domain import Run
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

Seal = Callable[[str, str], str | None]
"""Returns the sealed key of a handle for a gateway; None where this process has none."""


class KeyStore:
    """The sealed keys of one database. Thread-safe. Without `seal` nothing is stored."""

    def __init__(self, database: Database, seal: Seal | None) -> None:
        self._database = database
        self._seal = seal

    def keep(self, connection: Connection, run: Run) -> None:
        """Store the key of a run that somebody sends or goes on with, in the transaction that saves the run."""
        if self._seal is None or not run.credential or run.state.value not in _NEEDING:
            return
        sealed = self._seal(run.credential, run.gateway)
        if sealed is not None:
            self._put(connection, run.credential, run.gateway, sealed, run.updated)

    def drop(self, connection: Connection, run: Run) -> None:
        """Delete the key of a run that has ended, unless another run needs it; in the transaction that saves it."""
        if self._seal is not None and run.credential and run.state.value not in _NEEDING:
            needed = sa.exists().where(_runs.c.credential == run.credential, _runs.c.state.in_(_NEEDING))
            connection.execute(_sealed.delete().where(_sealed.c.handle == run.credential, ~needed))

    def find(self, handle: str, gateway: str) -> str | None:
        """Return the sealed key of a handle."""
        query = sa.select(_sealed.c.sealed).where(_sealed.c.handle == handle, _sealed.c.gateway == gateway)
        with self._database.reading() as connection:
            found: str | None = connection.execute(query).scalar()
        return found

    def renew(self, handle: str, gateway: str, sealed: str, now: datetime) -> None:
        """Store a key that was entered anew, if a run needs it."""
        needing = sa.select(_runs.c.id).where(_runs.c.credential == handle, _runs.c.state.in_(_NEEDING)).limit(1)
        with self._database.writing() as connection:
            if connection.execute(needing).first() is not None:
                self._put(connection, handle, gateway, sealed, now)

    def forget(self, handle: str) -> None:
        """Delete the key of a person who takes it away."""
        with self._database.writing() as connection:
            connection.execute(_sealed.delete().where(_sealed.c.handle == handle))

    def sweep(self, before: datetime) -> None:
        """Delete what was stored before a moment and only runs of an unknown outcome name."""
        if self._seal is None:
            return
        watched = sa.exists().where(
            _runs.c.credential == _sealed.c.handle,
            _runs.c.state.in_(_NEEDING),
            _runs.c.state != RunState.UNSURE.value,
        )
        with self._database.writing() as connection:
            connection.execute(_sealed.delete().where(_sealed.c.saved < to_time(before), ~watched))

    def _put(self, connection: Connection, handle: str, gateway: str, sealed: str, now: datetime) -> None:
        row = {"handle": handle, "gateway": gateway, "sealed": sealed, "saved": to_time(now)}
        put(connection, _sealed, row, "handle")
