"""Which clips nobody has asked to be kept, and how much room each person's take up. `work.retention` decides."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dailies.store.database import Database
from dailies.store.records import from_time
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


def _measure(clip: Mapping[str, object] | None) -> int:
    size = (clip or {}).get("size")
    return size if isinstance(size, int) else 0
