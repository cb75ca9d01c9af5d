"""The narrow table of what the library lists and finds runs by, one row for each run. `runs` writes it with every save.

A run's own row is wide; a list over ten thousand of those would read megabytes. Knows how a view becomes conditions;
`library` has the queries and what a person keeps about a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dailies.domain import Run
from dailies.library import AS_ASKED, DIFFERENT, View
from dailies.media.delivered import delivered
from dailies.store.records import to_millionths, to_time
from dailies.store.words import match_postgresql, match_sqlite, split_search, split_words
from dailies.vocabulary import RunState

PROMPT_CHARS = 240

shelf = sa.Table(
    "shelf",
    sa.MetaData(),
    sa.Column("number", sa.BigInteger, primary_key=True),  # the revision at which the run was stored first
    sa.Column("run", sa.String(64)),
    *(sa.Column(name, sa.Text) for name in ("owner", "gateway", "family", "model", "mode", "state", "parent")),
    *(sa.Column(name, sa.Text) for name in ("prompt", "clip", "played", "poster", "differs", "words")),
    *(sa.Column(name, sa.Integer) for name in ("width", "height")),
    *(sa.Column(name, sa.Float) for name in ("seconds", "wait")),
    sa.Column("cost", sa.BigInteger),
    sa.Column("currency", sa.String(12)),
    *(sa.Column(name, sa.DateTime) for name in ("created", "deleted")),
    sa.Column("starred", sa.Boolean),
    *(sa.Column(name, sa.Text) for name in ("note", "kept_words")),
    sa.Column("revision", sa.BigInteger),  # of what a person keeps about it
)
tags = sa.Table("tags", sa.MetaData(), *(sa.Column(name, sa.Text, primary_key=True) for name in ("run", "tag")))
collections = sa.Table(
    "collections",
    sa.MetaData(),
    sa.Column("id", sa.String(64), primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("owner", "name")),
    sa.Column("created", sa.DateTime),
)
collected = sa.Table(
    "collected", sa.MetaData(), *(sa.Column(name, sa.Text, primary_key=True) for name in ("collection", "run"))
)

_SEARCH: sa.ColumnClause[Any] = sa.column("search")
_FOUND = sa.table("shelf_words", sa.column("rowid"), sa.column("shelf_words"))


_LAID = ("owner", "gateway", "request", "state", "parent", "task", "clip", "estimate", "created", "sent", "finished")
"""The fields of a run that its row is made of."""

# A row is handed over as parameters: as values of the statement it would cost as much as the database's own work.
_RELAY = shelf.update().where(shelf.c.run == sa.bindparam("this"))


def lay(connection: Connection, runs: Sequence[Run]) -> None:
    """Put new runs on the shelf, each at its revision."""
    kept = {"starred": False, "note": "", "kept_words": "", "revision": 0}
    connection.execute(shelf.insert(), [_to_row(run) | kept | {"number": run.revision} for run in runs])


def relay(connection: Connection, changes: Sequence[tuple[Run | None, Run]]) -> None:
    """Bring the rows of runs up to date; what a person keeps about them stays.

    Each as it was, if that is known, and as it is: a column that is written is also indexed again.
    """
    written: dict[frozenset[str], list[dict[str, Any]]] = {}
    for before, run in changes:
        if before is None or not _lies_alike(before, run):
            known = _to_row(before) if before is not None else {}
            row = {name: value for name, value in _to_row(run).items() if name not in known or value != known[name]}
            if row:
                written.setdefault(frozenset(row), []).append(row | {"this": run.id})
    for rows in written.values():
        connection.execute(_RELAY, rows)


def _lies_alike(before: Run, after: Run) -> bool:
    """Whether a change of a run leaves its row as it is: quicker than to make both rows."""
    return all(getattr(before, name) == getattr(after, name) for name in _LAID)


def take_off(connection: Connection, run_id: str) -> None:
    """Remove a run, its tags and its places in collections."""
    for table in (shelf, tags, collected):
        connection.execute(table.delete().where(table.c.run == run_id))


def judge(run: Run) -> str | None:
    """Return the kinds in which a finished clip differs from what was asked, joined by spaces; None without a clip."""
    if run.clip is None:
        return None
    if not run.clip.width or not run.clip.height:
        return ""  # nothing that could be judged
    return " ".join(dict.fromkeys(delivered(run, run.clip).kinds))


def list_conditions(connection: Connection, owner: str | None, view: View) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of a view for the rows of an owner; None: of everybody."""
    table = shelf.c
    found: list[sa.ColumnElement[bool]] = [table.deleted.is_not(None) if view.deleted else table.deleted.is_(None)]
    if owner is not None:
        found.append(table.owner == owner)
    for name in ("family", "model", "mode", "gateway"):
        if wanted := getattr(view, name):
            found.append(table[name] == wanted)
    if view.states is not None:
        found.append(table.state.in_([state.value for state in view.states]))
    if view.starred:
        found.append(table.starred)
    if view.tag:
        found.append(_is_among(tags.c.run, tags.c.tag == view.tag))
    if view.collection:
        found.append(_is_among(collected.c.run, collected.c.collection == view.collection))
    if view.since:
        found.append(table.created >= to_time(view.since))
    if view.until:
        found.append(table.created < to_time(view.until))
    found += _list_delivered(view.delivered)
    if phrases := split_search(view.search):
        found.append(_match(connection, phrases))
    return found


def _is_among(run: sa.Column[Any], where: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Whether a row is of one of these runs. By number, which every index holds: no row is read to be left out."""
    named = shelf.alias("named")
    return shelf.c.number.in_(sa.select(named.c.number).join(run.table, run == named.c.run).where(where))


def _list_delivered(wanted: str) -> Sequence[sa.ColumnElement[bool]]:
    differs = shelf.c.differs
    if not wanted:
        return ()
    if wanted == AS_ASKED:
        return (differs == "",)
    if wanted == DIFFERENT:
        return (differs != "",)
    return (sa.literal(" ").concat(differs).concat(" ").contains(f" {wanted} ", autoescape=True),)


def _match(connection: Connection, phrases: list[list[str]]) -> sa.ColumnElement[bool]:
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import (
            TSQUERY,
        )  # loaded where it is used: a start on SQLite needs none of it

        query = sa.cast(sa.literal(match_postgresql(phrases)), TSQUERY)
        return _SEARCH.op("@@", is_comparison=True)(query)
    match = _FOUND.c.shelf_words.op("MATCH", is_comparison=True)(match_sqlite(phrases))
    return shelf.c.number.in_(sa.select(_FOUND.c.rowid).where(match))


def _to_row(run: Run) -> dict[str, Any]:
    request, clip = run.request, run.clip
    done = run.state is RunState.DONE and run.sent and run.finished
    return {
        "run": run.id,
        "owner": run.owner,
        "gateway": run.gateway,
        "family": request.family,
        "model": request.model,
        "mode": request.mode.value,
        "state": run.state.value,
        "parent": run.parent,
        "prompt": request.prompt[:PROMPT_CHARS],
        "words": " ".join(split_words(" ".join((request.prompt, request.model, request.family, run.task, run.id)))),
        "clip": clip.file if clip else "",
        "played": clip.played if clip else "",
        "poster": clip.poster if clip else "",
        "width": clip.width if clip else 0,
        "height": clip.height if clip else 0,
        "seconds": clip.seconds if clip else None,
        "wait": (run.finished - run.sent).total_seconds() if done and run.finished and run.sent else None,
        "cost": to_millionths(run.estimate),
        "currency": run.estimate.currency if run.estimate else None,
        "differs": judge(run),
        "created": to_time(run.created),
    }
