"""Reads a whole library out of the database, and takes runs of another one in, with what people keep about them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from dailies.compare.nouns import Comparison, Vote
from dailies.domain import Run
from dailies.store.comparisons import ComparisonStore
from dailies.store.database import Database
from dailies.store.library import LibraryStore
from dailies.store.records import from_time, to_run
from dailies.store.run_table import runs as _runs
from dailies.store.runs import RunStore
from dailies.store.shelf import collected, collections, shelf, tags

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """What a person keeps about a run; collections by name."""

    starred: bool = False
    note: str = ""
    tags: Sequence[str] = ()
    collections: Sequence[str] = ()
    deleted: datetime | None = None


class MovingStore:
    """The way in and out of one database, for whole libraries and for some runs."""

    def __init__(self, database: Database, runs: RunStore, library: LibraryStore, comparisons: ComparisonStore) -> None:
        self._database = database
        self._runs = runs
        self._library = library
        self._comparisons = comparisons

    def read_runs(self, owner: str | None = None, ids: Collection[str] | None = None) -> Iterator[tuple[Run, Kept]]:
        """Yield runs in the order in which they were stored, deleted ones too. None: of everybody, and all."""
        number = 0
        while True:
            query = sa.select(_runs, shelf.c.number, shelf.c.starred, shelf.c.note.label("kept"), shelf.c.deleted)
            query = query.join(shelf, shelf.c.run == _runs.c.id).where(shelf.c.number > number)
            if owner is not None:
                query = query.where(shelf.c.owner == owner)
            if ids is not None:
                query = query.where(shelf.c.run.in_(list(ids)))
            with self._database.reading() as connection:
                query = query.order_by(shelf.c.number).limit(_AT_ONCE)
                rows = connection.execute(query).mappings().all()
                names = [row["id"] for row in rows]
                tagged = connection.execute(sa.select(tags).where(tags.c.run.in_(names)).order_by(tags.c.tag)).all()
                held = sa.select(collected.c.run, collections.c.name).where(collected.c.run.in_(names))
                held = held.join(collections, collections.c.id == collected.c.collection).order_by(collections.c.name)
                named = connection.execute(held).all()
            if not rows:
                return
            for row in rows:
                yield (
                    to_run(row),
                    Kept(
                        bool(row["starred"]),
                        row["kept"],
                        [tag for run, tag in tagged if run == row["id"]],
                        [name for run, name in named if run == row["id"]],
                        from_time(row["deleted"]),
                    ),
                )
                number = row["number"]

    def read_comparisons(self) -> Iterator[tuple[Comparison, Sequence[Vote]]]:
        """Yield everybody's comparisons, the oldest first, with their votes."""
        for comparison in reversed(self._comparisons.list(limit=1_000_000)):
            yield comparison, self._comparisons.votes(comparison.id)

    def has_run(self, run_id: str) -> bool:
        return self._runs.get(run_id) is not None

    def take_in(self, run: Run, kept: Kept, now: datetime) -> None:
        """Store a run of another library that is not here yet, with what is kept about it.

        A press makes one run in one library: what made this one is not taken over.
        """
        self._runs.add(replace(run, press=""))
        library, mine = self._library, [run.id]
        if kept.starred:
            library.star(run.owner, mine, True)
        if kept.note:
            library.write_note(run.owner, run.id, kept.note)
        for tag in kept.tags:
            library.tag(run.owner, mine, tag)
        for name in kept.collections:
            library.collect(run.owner, name, mine, now)
        if kept.deleted:
            library.delete(run.owner, mine, kept.deleted)

    def take_in_comparison(self, comparison: Comparison, votes: Sequence[Vote]) -> bool:
        """Store a comparison with its votes; False if it is here already."""
        if self._comparisons.get(comparison.id) is not None:
            return False
        self._comparisons.add(replace(comparison, press=""))
        self._comparisons.ask(votes)
        return True
