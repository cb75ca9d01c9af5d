"""Which clips nobody has asked to be kept, how much room each person's take up, and how long a rule has been known.

`work.retention` decides.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dailies.store.database import Database
from dailies.store.records import from_time, to_time
from dailies.store.run_table import runs as _runs
from dailies.store.shelf import shelf
from dailies.vocabulary import RunState

_OPEN = tuple(state.value for state in RunState if state.open)


@dataclass(frozen=True, slots=True)
class Expendable:
    """A run whose clip may go. `size` in bytes."""

    run: str
    owner: str
    created: datetime
    size: int


@dataclass(frozen=True, slots=True)
class Term:
    """Since when a limit of the rule for old clips is known. `name`: a field of `settings.Retention`."""

    name: str
    limit: int
    since: datetime


_terms = sa.Table(
    "retention",
    sa.MetaData(),
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("most", sa.BigInteger, primary_key=True),
    sa.Column("since", sa.DateTime),
)


class ExpendableStore:
    """The clips of one database that may go."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, compared: Collection[str], owner: str | None = None) -> Sequence[Expendable]:
        """List runs with a clip, the oldest first; those of an owner, or of everybody.

        Left out: what is starred, deleted or under way, the runs `compared` in comparisons, and the parents of runs
        that are not deleted.
        """
        child = shelf.alias("child")
        needed = sa.exists().where(child.c.parent == shelf.c.run, child.c.deleted.is_(None))
        query = sa.select(shelf.c.run, shelf.c.owner, shelf.c.created, _runs.c.clip).join(
            _runs, _runs.c.id == shelf.c.run
        )
        query = query.where(shelf.c.deleted.is_(None), shelf.c.clip != "", sa.not_(shelf.c.starred), sa.not_(needed))
        query = query.where(shelf.c.state.not_in(_OPEN))
        if owner is not None:
            query = query.where(shelf.c.owner == owner)
        found = []
        with self._database.reading() as connection:
            for row in connection.execute(query.order_by(shelf.c.created, shelf.c.number)):
                created = from_time(row.created)
                if created and row.run not in compared:
                    found.append(Expendable(row.run, row.owner, created, _measure(row.clip)))
        return found

    def measure(self, owner: str | None = None) -> Mapping[str, int]:
        """Return {owner: bytes} of the clips that are not deleted."""
        query = sa.select(shelf.c.owner, _runs.c.clip).join(_runs, _runs.c.id == shelf.c.run)
        query = query.where(shelf.c.deleted.is_(None), shelf.c.clip != "")
        if owner is not None:
            query = query.where(shelf.c.owner == owner)
        sizes: dict[str, int] = {}
        with self._database.reading() as connection:
            for row in connection.execute(query):
                sizes[row.owner] = sizes.get(row.owner, 0) + _measure(row.clip)
        return sizes

    def read_terms(self) -> Sequence[Term]:
        """Read since when the limits of the rule are known."""
        with self._database.reading() as connection:
            return self._read_terms(connection)

    def change_terms(self, change: Callable[[Sequence[Term]], Sequence[Term]]) -> Sequence[Term]:
        """Replace the terms by what `change` makes of them, in one transaction; return them."""
        with self._database.claiming() as connection:
            before = self._read_terms(connection)
            after = change(before)
            if set(after) != set(before):
                connection.execute(_terms.delete())
                for term in after:
                    row = {"name": term.name, "most": term.limit, "since": to_time(term.since)}
                    connection.execute(_terms.insert().values(row))
        return after

    def _read_terms(self, connection: Connection) -> Sequence[Term]:
        rows = connection.execute(sa.select(_terms).order_by(_terms.c.name, _terms.c.most))
        return [Term(row.name, row.most, since) for row in rows if (since := from_time(row.since))]


def _measure(clip: Mapping[str, object] | None) -> int:
    size = (clip or {}).get("size")
    return size if isinstance(size, int) else 0
