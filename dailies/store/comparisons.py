"""Stores comparisons, votes and imported ballots.

Owns the three tables and their queries; `database` owns connections, migrations and the counter of revisions. The
clips of a comparison belong to its runs: deleting a comparison deletes no run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from dailies.compare.nouns import Comparison, Idea, Lane, Outcome, View, Vote
from dailies.domain import Run
from dailies.errors import DailiesError
from dailies.people import Person
from dailies.store.database import Database
from dailies.store.records import from_time, to_time
from dailies.store.runs import RunStore

_meta = sa.MetaData()
_comparisons = sa.Table(
    "comparisons",
    _meta,
    *(sa.Column(name, sa.Text) for name in ("id", "owner", "title", "parent", "notes", "words")),
    *(sa.Column(name, sa.JSON) for name in ("idea", "lanes", "view", "criteria")),
    *(sa.Column(name, sa.DateTime) for name in ("created", "updated")),
    sa.Column("press", sa.String(128)),
    sa.Column("revision", sa.BigInteger),
)
_VOTE_KINDS: Mapping[str, Any] = {"created": sa.DateTime, "void": sa.Boolean}
_votes = sa.Table("votes", _meta, *(sa.Column(f.name, _VOTE_KINDS.get(f.name, sa.Text)) for f in fields(Vote)))
_ballots = sa.Table(
    "ballots", _meta, sa.Column("id", sa.Text), sa.Column("comparison", sa.Text), sa.Column("imported", sa.DateTime)
)

_THIS = _comparisons.update().where(_comparisons.c.id == sa.bindparam("this"))

_shares = sa.Table("shares", _meta, sa.Column("comparison", sa.Text), sa.Column("person", sa.Text))

EVERYBODY = "*"
"""In place of an e-mail address: everybody who signs in."""

_IDEA, _LANES, _VIEW = TypeAdapter(Idea), TypeAdapter(tuple[Lane, ...]), TypeAdapter(View)


class ComparisonStore:
    """The comparisons and votes of one database. Thread-safe."""

    def __init__(self, database: Database, runs: RunStore) -> None:
        self._database = database
        self._runs = runs

    # --- comparisons ---------------------------------------------------------------------------------------------

    def add(self, comparison: Comparison, runs: Iterable[Run] = ()) -> Comparison:
        """Store a new comparison with its new runs, and return it with its revision. See `add_all`."""
        ((kept, _),) = self.add_all([(comparison, runs)])
        return kept

    def add_all(self, new: Iterable[tuple[Comparison, Iterable[Run]]]) -> list[tuple[Comparison, list[Run]]]:
        """Store new comparisons, each with its new runs, in one transaction: all of them or nothing.

        Returns what was stored, with revisions. If their presses have already made comparisons, those are returned,
        without runs, and nothing is stored.
        """
        stored = [(comparison, list(runs)) for comparison, runs in new]
        try:
            with self._database.writing(durable=True) as connection:
                return [
                    (self._insert(connection, comparison), self._runs.insert(connection, runs))
                    for comparison, runs in stored
                ]
        except IntegrityError:
            earlier = self.find_pressed([comparison.press for comparison, _ in stored])
            if not earlier:
                raise
            return [(kept, []) for kept in earlier]

    def _insert(self, connection: Connection, comparison: Comparison) -> Comparison:
        kept = replace(comparison, revision=self._database.next_revision(connection))
        connection.execute(_comparisons.insert(), to_row(kept))
        return kept

    def find_pressed(self, presses: Sequence[str]) -> list[Comparison]:
        """Find the comparisons that presses have made, in their order; none unless all of them have."""
        query = sa.select(_comparisons).where(_comparisons.c.press.in_(presses))
        with self._database.reading() as connection:
            found = {row["press"]: to_comparison(row) for row in connection.execute(query).mappings()}
        return [found[press] for press in presses] if all(press in found for press in presses) else []

    def get(self, comparison_id: str) -> Comparison | None:
        with self._database.reading() as connection:
            return _read(connection, comparison_id)

    def find(self, comparison_id: str, person: Person) -> Comparison | None:
        """Return a comparison that a person may see: their own, or one shared with them."""
        query = sa.select(_comparisons).where(_comparisons.c.id == comparison_id, _visible_to(person))
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return to_comparison(row) if row else None

    def select_visible(self, ids: Collection[str], person: Person) -> set[str]:
        """Select those of these ids that are comparisons which a person may see."""
        query = sa.select(_comparisons.c.id).where(_comparisons.c.id.in_(list(ids)), _visible_to(person))
        with self._database.reading() as connection:
            return set(connection.execute(query).scalars())

    def list_shared(self, person: Person, *, limit: int = 50) -> Sequence[Comparison]:
        """List the comparisons of others that are shared with a person, newest first."""
        query = sa.select(_comparisons).where(_shared_with(person)).order_by(_comparisons.c.created.desc())
        with self._database.reading() as connection:
            return [to_comparison(row) for row in connection.execute(query.limit(limit)).mappings()]

    def list_shares(self, comparison_id: str) -> set[str]:
        """List the e-mail addresses with which a comparison is shared, or `EVERYBODY`."""
        query = sa.select(_shares.c.person).where(_shares.c.comparison == comparison_id)
        with self._database.reading() as connection:
            return set(connection.execute(query).scalars())

    def share(self, comparison_id: str, people: Collection[str]) -> None:
        """Share a comparison with these e-mail addresses (or `EVERYBODY`), and with nobody else."""
        with self._database.writing() as connection:
            connection.execute(_shares.delete().where(_shares.c.comparison == comparison_id))
            rows = [{"comparison": comparison_id, "person": person} for person in sorted(people)]
            if rows:
                connection.execute(_shares.insert(), rows)

    def change(
        self, comparison_id: str, change: Callable[[Comparison], Comparison], now: datetime
    ) -> Comparison | None:
        """Read, change and store in one transaction, so that two browsers lose none of each other's changes.

        `change` receives the current state and must do no I/O. None if the comparison is gone.
        """
        with self._database.writing() as connection:
            present = _read(connection, comparison_id)
            if present is None:
                return None
            changed = change(present)
            return present if changed == present else self._update(connection, changed, now)

    def send_again(
        self, comparison_id: str, lane: Lane, before: str, run: Run | None, now: datetime
    ) -> tuple[Comparison, Run | None] | None:
        """Store what sending a lane again changes, with its new run, in one transaction.

        `before` is the run of the lane when it was sent again. None, and nothing is stored, if the lane is gone or has
        another run by now: somebody else was faster. If the run's press has made a run already, nothing is stored, and
        the comparison is returned without a run.
        """
        try:
            with self._database.writing(durable=True) as connection:
                present = _read(connection, comparison_id)
                current = present.lane(lane.id) if present else None
                if present is None or current is None or current.run != before:
                    return None
                kept = next(iter(self._runs.insert(connection, [run] if run else [])), None)
                sent = replace(current, run=lane.run, announced=lane.announced, refused=lane.refused)
                return self._update(connection, present.with_lane(sent), now), kept
        except IntegrityError:
            if run is None or not run.press or self._runs.find_pressed(run.press) is None or present is None:
                raise
            return present, None

    def _update(self, connection: Connection, changed: Comparison, now: datetime) -> Comparison:
        kept = replace(changed, updated=now, revision=self._database.next_revision(connection))
        connection.execute(_THIS, to_row(kept) | {"this": kept.id})
        return kept

    def delete(self, comparison_id: str) -> bool:
        """Delete a comparison and its votes; its runs stay in the library. False if there is none."""
        with self._database.writing() as connection:
            connection.execute(_votes.delete().where(_votes.c.comparison == comparison_id))
            connection.execute(_shares.delete().where(_shares.c.comparison == comparison_id))
            done = connection.execute(_comparisons.delete().where(_comparisons.c.id == comparison_id))
        return done.rowcount == 1

    def list_runs(self) -> set[str]:
        """List the runs of all lanes."""
        with self._database.reading() as connection:
            kept = connection.execute(sa.select(_comparisons.c.lanes)).scalars()
            return {str(lane["run"]) for lanes in kept for lane in lanes if lane.get("run")}

    def list_clip_files(self) -> set[str]:
        """List the files of the clips that lanes hold themselves: those that no run of ours made."""
        with self._database.reading() as connection:
            kept = connection.execute(sa.select(_comparisons.c.lanes)).scalars()
            return {str(lane["clip"]["file"]) for lanes in kept for lane in lanes if lane.get("clip")}

    def list(
        self, owner: str | None = None, *, search: str | None = None, limit: int = 50, offset: int = 0
    ) -> Sequence[Comparison]:
        """List comparisons, newest first. `owner` None means all owners; each word of `search` must occur."""
        query = sa.select(_comparisons).where(*_filters(owner, search))
        query = query.order_by(_comparisons.c.created.desc(), _comparisons.c.id).limit(limit).offset(offset)
        with self._database.reading() as connection:
            return [to_comparison(row) for row in connection.execute(query).mappings()]

    def count(self, owner: str | None = None, *, search: str | None = None) -> int:
        """Count the comparisons that `list` would return without a limit."""
        query = sa.select(sa.func.count()).select_from(_comparisons).where(*_filters(owner, search))
        with self._database.reading() as connection:
            return connection.execute(query).scalar_one()

    def changed(self, connection: Connection, revision: int) -> dict[str, int]:
        """Return {id: revision} of the comparisons saved after `revision`, as a part of the store's answer."""
        query = sa.select(_comparisons.c.id, _comparisons.c.revision).where(_comparisons.c.revision > revision)
        return {row.id: row.revision for row in connection.execute(query)}

    # --- votes ---------------------------------------------------------------------------------------------------

    def ask(self, votes: Iterable[Vote]) -> None:
        """Store questions before they are shown, so that their sides are fixed."""
        rows = [vote_to_row(vote) for vote in votes]
        if rows:
            with self._database.writing() as connection:
                connection.execute(_votes.insert(), rows)

    def answer(self, vote_id: str, outcome: Outcome, *, void: bool = False) -> bool:
        """Answer a question once; False if it is already answered or does not exist."""
        open_one = (_votes.c.id == vote_id) & _votes.c.outcome.is_(None)
        with self._database.writing() as connection:
            done = connection.execute(_votes.update().where(open_one).values(outcome=outcome.value, void=void))
        return done.rowcount == 1

    def void(self, comparison_id: str, voter: str) -> int:
        """Void the open questions of a voter who has seen the names; returns their number."""
        found = (_votes.c.comparison == comparison_id) & (_votes.c.voter == voter) & _votes.c.outcome.is_(None)
        with self._database.writing() as connection:
            return connection.execute(_votes.update().where(found).values(void=True)).rowcount

    def votes(self, comparison_id: str | None = None, *, voter: str | None = None) -> Sequence[Vote]:
        """List questions and answers in the order they were asked, of one comparison or of all."""
        query = sa.select(_votes).order_by(_votes.c.created, _votes.c.id)
        if comparison_id is not None:
            query = query.where(_votes.c.comparison == comparison_id)
        if voter is not None:
            query = query.where(_votes.c.voter == voter)
        with self._database.reading() as connection:
            return [row_to_vote(row) for row in connection.execute(query).mappings()]

    def import_ballot(self, ballot: str, comparison_id: str, votes: Iterable[Vote], now: datetime) -> int:
        """Store all votes of a ballot and return their number. Raises `DailiesError` for a ballot imported before."""
        rows = [vote_to_row(vote) for vote in votes]
        with self._database.writing() as connection:
            try:
                values = {"id": ballot, "comparison": comparison_id, "imported": to_time(now)}
                connection.execute(_ballots.insert(), values)
            except IntegrityError:
                raise DailiesError("This ballot was imported before. Its votes are already counted.") from None
            if rows:
                connection.execute(_votes.insert(), rows)
        return len(rows)


def _read(connection: Connection, comparison_id: str) -> Comparison | None:
    query = sa.select(_comparisons).where(_comparisons.c.id == comparison_id).with_for_update()
    row = connection.execute(query).mappings().first()
    return to_comparison(row) if row else None


def _shared_with(person: Person) -> sa.ColumnElement[bool]:
    names = [EVERYBODY, person.email] if person.email else [EVERYBODY]
    shared = sa.select(_shares.c.comparison).where(_shares.c.person.in_(names))
    return _comparisons.c.id.in_(shared) & (_comparisons.c.owner != person.id)


def _visible_to(person: Person) -> sa.ColumnElement[bool]:
    own = _comparisons.c.owner == person.id
    return own | _shared_with(person) if person.id else own


def _filters(owner: str | None, search: str | None) -> Iterable[sa.ColumnElement[bool]]:
    if owner is not None:
        yield _comparisons.c.owner == owner
    for word in (search or "").casefold().split():
        yield _comparisons.c.words.contains(word, autoescape=True)


def to_row(comparison: Comparison) -> dict[str, Any]:
    idea = comparison.idea
    plain = replace(idea, values=dict(idea.values), references=dict(idea.references))
    lanes = tuple(replace(lane, overrides=dict(lane.overrides)) for lane in comparison.lanes)
    words = (comparison.title, idea.prompt, comparison.notes, comparison.id, *(lane.name for lane in lanes))
    row = {name: getattr(comparison, name) for name in ("id", "owner", "title", "parent", "notes", "revision")}
    return row | {
        "press": comparison.press or None,
        "words": "\n".join(words).casefold(),
        "idea": _IDEA.dump_python(plain, mode="json"),
        "lanes": _LANES.dump_python(lanes, mode="json"),
        "view": asdict(comparison.view),
        "criteria": list(comparison.criteria),
        "created": to_time(comparison.created),
        "updated": to_time(comparison.updated),
    }


def to_comparison(row: Mapping[Any, Any]) -> Comparison:
    return Comparison(
        **{name: row[name] for name in ("id", "owner", "title", "parent", "notes", "revision")},
        press=row["press"] or "",
        created=_moment(row["created"]),
        updated=_moment(row["updated"]),
        idea=_IDEA.validate_python(row["idea"]),
        lanes=_LANES.validate_python(row["lanes"]),
        view=_VIEW.validate_python(row["view"]),
        criteria=tuple(row["criteria"]),
    )


def vote_to_row(vote: Vote) -> dict[str, Any]:
    outcome = vote.outcome.value if vote.outcome else None
    return {f.name: getattr(vote, f.name) for f in fields(Vote)} | {
        "created": to_time(vote.created),
        "outcome": outcome,
    }


def row_to_vote(row: Mapping[Any, Any]) -> Vote:
    outcome = Outcome(row["outcome"]) if row["outcome"] else None
    return Vote(**dict(row) | {"created": _moment(row["created"]), "outcome": outcome})


def _moment(kept: datetime) -> datetime:
    moment = from_time(kept)
    assert moment is not None  # noqa: S101 - the column is never empty
    return moment
