"""What a person keeps about runs, stars, tags, notes and collections, and what they find in their library.

Every statement names the owner. `shelf` owns the table and its conditions; `runs` the runs themselves.
"""

from __future__ import annotations

import builtins
from collections.abc import Collection as Many
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dailies.domain import Clip, Failure, Reference
from dailies.library import NOTE_CHARS, Choices, Collection, Item, Lineage, Page, Sort, View
from dailies.seen import Ending, Place
from dailies.store.database import Database, put
from dailies.store.records import from_time, to_money, to_request, to_run, to_time
from dailies.store.run_table import lock
from dailies.store.run_table import runs as _runs
from dailies.store.shelf import collected, collections, judge, list_conditions, shelf, tags
from dailies.store.words import split_words
from dailies.vocabulary import Kinship, MediaKind, Mode, RunState, Stage

_OPEN = tuple(state.value for state in RunState if state.open)
_TOLD = (RunState.DONE.value, RunState.FAILED.value, RunState.EXPIRED.value)  # what says something of a gateway


def _put_last(column: sa.Column[Any], falling: bool) -> sa.ColumnElement[Any]:
    """Sort what has no value last. The value is written out: an index serves only an expression written like it."""
    whole = isinstance(column.type, sa.BigInteger)
    least, most = ("-1", "1000000000000000000") if whole else ("-1.0", "1e18")
    return sa.func.coalesce(column, sa.literal_column(least if falling else most, column.type))


_SORTED = {
    Sort.NEWEST: (shelf.c.created, True),
    Sort.OLDEST: (shelf.c.created, False),
    Sort.LONGEST: (_put_last(shelf.c.seconds, True), True),
    Sort.SHORTEST: (_put_last(shelf.c.seconds, False), False),
    Sort.DEAREST: (_put_last(shelf.c.cost, True), True),
    Sort.CHEAPEST: (_put_last(shelf.c.cost, False), False),
    Sort.SLOWEST: (_put_last(shelf.c.wait, True), True),
    Sort.FASTEST: (_put_last(shelf.c.wait, False), False),
}
_LOOKED_AT = 300  # runs whose media one look lists
LAST = "last"
"""The cursor of the last page of any view."""


class LibraryStore:
    """The library of one database. Thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- finding -------------------------------------------------------------------------------------------------

    def find(self, owner: str, view: View, *, limit: int, after: str = "", before: str = "") -> Page:
        """Return the page of a view behind or before a cursor; the first one without, the last one before `LAST`.

        The time does not depend on how far the page is from the first. A cursor that cannot be read is none.
        """
        key, falling = _SORTED[view.sort]
        backwards = bool(before)
        mark = None if before == LAST else _read_cursor(before or after, view.sort)
        down = falling != backwards
        order = [column.desc() if down else column.asc() for column in (key, shelf.c.number)]
        with self._database.reading() as connection:
            where = list_conditions(connection, owner, view)
            total = connection.execute(sa.select(sa.func.count()).select_from(shelf).where(*where)).scalar_one()
            query = sa.select(shelf, key.label("key")).where(*where).order_by(*order).limit(limit + 1)
            if mark is not None:
                here, there = sa.tuple_(key, shelf.c.number), sa.tuple_(*map(sa.literal, mark))
                query = query.where(here < there if down else here > there)
            rows = connection.execute(query).mappings().all()
            named = _read_tags(connection, [row["run"] for row in rows])
        more, shown = len(rows) > limit, rows[:limit]
        if backwards:
            shown = shown[::-1]
        earlier = more if backwards else mark is not None
        later = mark is not None if backwards else more
        return Page(
            [_to_item(row, named.get(row["run"], ())) for row in shown],
            total,
            _write_cursor(shown[0]) if shown and earlier else "",
            _write_cursor(shown[-1]) if shown and later else "",
        )

    def neighbours(self, owner: str, view: View, run_id: str) -> tuple[str, str]:
        """Return the runs before and after a run in a view; empty where there is none."""
        key, falling = _SORTED[view.sort]
        here = sa.tuple_(key, shelf.c.number)
        found: builtins.list[str] = []
        with self._database.reading() as connection:
            where = list_conditions(connection, owner, view)
            mark = sa.select(key, shelf.c.number).where(shelf.c.run == run_id, shelf.c.owner == owner)
            at = connection.execute(mark).first()
            if at is None:
                return "", ""
            there = sa.tuple_(*map(sa.literal, at))
            for down in (not falling, falling):
                order = [column.desc() if down else column.asc() for column in (key, shelf.c.number)]
                beside = sa.select(shelf.c.run).where(*where, here < there if down else here > there)
                found.append(str(connection.execute(beside.order_by(*order).limit(1)).scalar() or ""))
        return found[0], found[1]

    def items(self, owner: str, runs: Sequence[str]) -> Mapping[str, Item]:
        """Return {run: item} of those of these runs that are the owner's, deleted ones included."""
        with self._database.reading() as connection:
            query = sa.select(shelf).where(shelf.c.owner == owner, shelf.c.run.in_(builtins.list(runs)))
            rows = connection.execute(query).mappings().all()
            named = _read_tags(connection, [row["run"] for row in rows])
        return {row["run"]: _to_item(row, named.get(row["run"], ())) for row in rows}

    def choices(self, owner: str) -> Choices:
        """Count what an owner's library can be filtered by."""
        mine = (shelf.c.owner == owner, shelf.c.deleted.is_(None))
        number = sa.func.count()
        with self._database.reading() as connection:

            def tally(column: sa.ColumnElement[Any], *where: sa.ColumnElement[bool]) -> dict[str, int]:
                query = sa.select(column, number).where(*mine, *where).group_by(column).order_by(number.desc(), column)
                return {str(name): count for name, count in connection.execute(query)}

            joined = sa.select(tags.c.tag, number).join(shelf, shelf.c.run == tags.c.run).where(*mine)
            rows = connection.execute(joined.group_by(tags.c.tag).order_by(number.desc(), tags.c.tag))
            kinds: dict[str, int] = {}
            for several, count in tally(shelf.c.differs, shelf.c.differs != "").items():
                for kind in several.split():
                    kinds[kind] = kinds.get(kind, 0) + count
            return Choices(
                tally(shelf.c.model), tally(shelf.c.gateway), {str(tag): count for tag, count in rows}, kinds
            )

    def relatives(self, owner: str, run_id: str) -> Sequence[tuple[Item, Lineage | None]]:
        """List a run, its ancestors and their descendants, oldest first, each with how it came of its parent."""
        mine = sa.select(shelf.c.run, shelf.c.parent).where(shelf.c.owner == owner)
        up = mine.where(shelf.c.run == run_id).cte("up", recursive=True)
        above = shelf.alias("above")
        up = up.union(sa.select(above.c.run, above.c.parent).where(above.c.run == up.c.parent, above.c.owner == owner))
        below = shelf.alias("below")
        down = sa.select(up.c.run).cte("down", recursive=True)
        down = down.union(sa.select(below.c.run).where(below.c.parent == down.c.run, below.c.owner == owner))
        with self._database.reading() as connection:
            query = sa.select(shelf, _runs.c.kinship, _runs.c.frame).join(_runs, _runs.c.id == shelf.c.run)
            query = query.where(shelf.c.run.in_(sa.select(down.c.run))).order_by(shelf.c.number)
            rows = connection.execute(query).mappings().all()
            named = _read_tags(connection, [row["run"] for row in rows])
        return [(_to_item(row, named.get(row["run"], ())), _to_lineage(row)) for row in rows]

    def endings(self, owner: str, *, family: str = "", limit: int = 2000) -> Sequence[Ending]:
        """List how an owner's latest runs ended, deleted ones too, the newest first."""
        names = (
            "gateway",
            "family",
            "model",
            "mode",
            "state",
            "sent",
            "finished",
            "updated",
            "task",
            "failure",
            "clip",
        )
        query = sa.select(*(_runs.c[name] for name in names), _runs.c.request, shelf.c.wait, shelf.c.differs)
        query = query.join(shelf, shelf.c.run == _runs.c.id)
        query = query.where(shelf.c.owner == owner, shelf.c.state.in_(_TOLD))
        if family:
            query = query.where(shelf.c.family == family)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(shelf.c.number.desc()).limit(limit)).mappings().all()
        return [_to_ending(row) for row in rows]

    def references(self, owner: str, kind: MediaKind, *, limit: int) -> Sequence[Reference]:
        """List the files of a kind that an owner's latest runs were given, once each, the newest first."""
        query = sa.select(_runs.c.request).join(shelf, shelf.c.run == _runs.c.id).where(shelf.c.owner == owner)
        query = query.where(shelf.c.deleted.is_(None), shelf.c.mode != Mode.TEXT.value)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(shelf.c.number.desc()).limit(_LOOKED_AT)).scalars().all()
        held = [each for row in rows for items in to_request(row).references.values() for each in items]
        found = {each.digest: replace(each, hosted="") for each in held if each.digest and each.kind is kind}
        return list(found.values())[:limit]

    # --- keeping -------------------------------------------------------------------------------------------------

    def star(self, owner: str, runs: Many[str], starred: bool) -> None:
        """Star runs, or take their stars away."""
        self._keep(owner, runs, starred=starred)

    def write_note(self, owner: str, run_id: str, note: str, before: str | None = None) -> str:
        """Replace the note on a run, and return it as stored.

        `before` is the note that was changed: what somebody has written in its place meanwhile stays above.
        """
        with self._database.writing() as connection:
            mine = sa.select(shelf.c.note).where(shelf.c.run == run_id, shelf.c.owner == owner)
            now = str(connection.execute(mine).scalar() or "")
            if before is not None and now not in ("", before, note):
                note = f"{now}\n{note}".strip()[:NOTE_CHARS]
            _index(connection, self._change(connection, owner, [run_id], note=note))
        return note

    def tag(self, owner: str, runs: Many[str], tag: str) -> None:
        """Put a tag on runs."""
        with self._database.writing() as connection:
            mine = self._change(connection, owner, runs)
            for run in mine:
                put(connection, tags, {"run": run, "tag": tag}, "run", "tag")
            _index(connection, mine)

    def untag(self, owner: str, runs: Many[str], tag: str) -> None:
        """Take a tag off runs."""
        with self._database.writing() as connection:
            mine = self._change(connection, owner, runs)
            connection.execute(tags.delete().where(tags.c.run.in_(mine), tags.c.tag == tag))
            _index(connection, mine)

    def delete(self, owner: str, runs: Many[str], now: datetime) -> Sequence[str]:
        """Put runs away until `restore`, and return their ids; those that are under way stay.

        They keep their place in comparisons. Files follow later, see `work.housekeeping`.
        """
        with self._database.writing() as connection:
            idle = shelf.c.state.not_in(_OPEN) & shelf.c.deleted.is_(None)
            return self._change(connection, owner, runs, idle, deleted=to_time(now))

    def restore(self, owner: str, runs: Many[str]) -> None:
        """Bring deleted runs back."""
        self._keep(owner, runs, deleted=None)

    def _keep(self, owner: str, runs: Many[str], **values: Any) -> None:
        with self._database.writing() as connection:
            self._change(connection, owner, runs, **values)

    def _change(
        self,
        connection: Connection,
        owner: str,
        runs: Many[str],
        *where: sa.ColumnElement[bool],
        **values: Any,
    ) -> builtins.list[str]:
        """Change the rows of those of these runs that are the owner's, and return their ids."""
        found = sa.select(shelf.c.run).where(shelf.c.owner == owner, shelf.c.run.in_(builtins.list(runs)), *where)
        mine = builtins.list(connection.execute(found).scalars())
        if mine:
            values["revision"] = self._database.next_revision(connection)
            if len(mine) > 1:
                lock(connection, mine)
            connection.execute(shelf.update().where(shelf.c.run.in_(mine)).values(values))
        return mine

    # --- collections ---------------------------------------------------------------------------------------------

    def collections(self, owner: str) -> Sequence[Collection]:
        """List an owner's collections by name, each with the number of its runs that are not deleted."""
        number = sa.func.count(shelf.c.run)
        query = sa.select(collections.c.id, collections.c.name, number).where(collections.c.owner == owner)
        query = query.outerjoin(collected, collected.c.collection == collections.c.id)
        query = query.outerjoin(shelf, (shelf.c.run == collected.c.run) & shelf.c.deleted.is_(None))
        query = query.group_by(collections.c.id, collections.c.name).order_by(sa.func.lower(collections.c.name))
        with self._database.reading() as connection:
            return [Collection(*row) for row in connection.execute(query)]

    def collections_of(self, owner: str, run_id: str) -> set[str]:
        """List the ids of an owner's collections that a run is in."""
        query = sa.select(collected.c.collection).join(collections, collections.c.id == collected.c.collection)
        with self._database.reading() as connection:
            return set(
                connection.execute(query.where(collections.c.owner == owner, collected.c.run == run_id)).scalars()
            )

    def collect(self, owner: str, name: str, runs: Many[str], now: datetime) -> str:
        """Put runs into the owner's collection of this name, which is made if there is none; return its id."""
        with self._database.writing() as connection:
            known = sa.select(collections.c.id).where(collections.c.owner == owner, collections.c.name == name)
            found = connection.execute(known).scalars().first()
            if found is None:
                found = uuid4().hex
                row = {"id": found, "owner": owner, "name": name, "created": to_time(now)}
                connection.execute(collections.insert().values(row))
            for run in self._change(connection, owner, runs):
                put(connection, collected, {"collection": found, "run": run}, "collection", "run")
        return str(found)

    def take_out(self, owner: str, collection: str, runs: Many[str]) -> None:
        """Take runs out of an owner's collection."""
        with self._database.writing() as connection:
            mine = self._change(connection, owner, runs)
            found = (collected.c.collection == collection) & collected.c.run.in_(mine)
            connection.execute(collected.delete().where(found))

    def dissolve(self, owner: str, collection: str) -> None:
        """Delete an owner's collection; its runs stay."""
        with self._database.writing() as connection:
            mine = (collections.c.id == collection) & (collections.c.owner == owner)
            if connection.execute(collections.delete().where(mine)).rowcount:
                connection.execute(collected.delete().where(collected.c.collection == collection))

    # --- for the store -------------------------------------------------------------------------------------------

    def changed(self, connection: Connection, revision: int) -> dict[str, int]:
        """Return {run: revision} of what a person has kept about runs after `revision`."""
        query = sa.select(shelf.c.run, shelf.c.revision).where(shelf.c.revision > revision)
        return {row.run: row.revision for row in connection.execute(query)}

    def judge_earlier(self, limit: int = 500) -> int:
        """Judge clips from before differences were stored; returns how many were."""
        unjudged = (shelf.c.differs.is_(None), shelf.c.clip != "")
        with self._database.writing() as connection:
            ids = connection.execute(sa.select(shelf.c.run).where(*unjudged).limit(limit)).scalars().all()
            lock(connection, ids)
            query = sa.select(_runs).join(shelf, shelf.c.run == _runs.c.id).where(_runs.c.id.in_(ids), *unjudged)
            found = [to_run(row) for row in connection.execute(query).mappings()]
            for run in found:
                connection.execute(shelf.update().where(shelf.c.run == run.id).values(differs=judge(run)))
        return len(found)


def _index(connection: Connection, runs: Many[str]) -> None:
    """Make the tags and notes of runs findable."""
    named = _read_tags(connection, builtins.list(runs))
    notes = sa.select(shelf.c.run, shelf.c.note).where(shelf.c.run.in_(builtins.list(runs)))
    for run, note in connection.execute(notes).all():
        words = " ".join(split_words(" ".join((*named.get(run, ()), note))))
        connection.execute(shelf.update().where(shelf.c.run == run).values(kept_words=words))


def _read_tags(connection: Connection, runs: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    if runs:
        query = sa.select(tags.c.run, tags.c.tag).where(tags.c.run.in_(runs)).order_by(tags.c.tag)
        for run, tag in connection.execute(query):
            found[run] = (*found.get(run, ()), tag)
    return found


def _to_item(row: Mapping[Any, Any], named: tuple[str, ...]) -> Item:
    created = from_time(row["created"])
    assert created is not None  # noqa: S101 - the column is never empty
    plain = ("run", "family", "model", "gateway", "prompt", "clip", "played", "poster", "width", "height", "seconds")
    return Item(
        **{name: row[name] for name in (*plain, "wait", "note")},
        created=created,
        state=RunState(row["state"]),
        mode=Mode(row["mode"]),
        cost=to_money(row["cost"], row["currency"]),
        differs=tuple((row["differs"] or "").split()),
        starred=bool(row["starred"]),
        tags=named,
        deleted=from_time(row["deleted"]),
    )


def _to_lineage(row: Mapping[Any, Any]) -> Lineage | None:
    if not row["parent"]:
        return None
    return Lineage(row["parent"], Kinship(row["kinship"] or Kinship.CONTINUED), row["frame"])


def _to_ending(row: Mapping[Any, Any]) -> Ending:
    ended = from_time(row["finished"] or row["updated"])
    assert ended is not None  # noqa: S101 - a run has been saved at some time
    request = row["request"]
    failure, clip = row["failure"], row["clip"]
    return Ending(
        Place(row["gateway"], row["family"], request["entry"], row["model"], Mode(row["mode"])),
        request["values"],
        RunState(row["state"]),
        ended,
        bool(row["task"]),
        row["wait"],
        Failure(**failure | {"stage": Stage(failure["stage"])}) if failure else None,
        Clip(**clip) if clip else None,
        tuple((row["differs"] or "").split()),
    )


def _write_cursor(row: Mapping[Any, Any]) -> str:
    key = row["key"]
    return f"{key.isoformat() if isinstance(key, datetime) else key}~{row['number']}"


def _read_cursor(cursor: str, sort: Sort) -> tuple[Any, int] | None:
    key, _, number = cursor.partition("~")
    try:
        if sort in (Sort.NEWEST, Sort.OLDEST):
            return datetime.fromisoformat(key), int(number)
        return (int(key) if sort in (Sort.DEAREST, Sort.CHEAPEST) else float(key)), int(number)
    except ValueError:
        return None
