"""Stores the queue of each gateway: the order of its waiting runs, what is on hold, and which may leave next.

A run waits while it is `ready`. It is in flight from the moment a worker claims it for sending until its task has
ended: claimed, sending, queued or running. Fetching the clip does not count, because the gateway's work is done by
then; nor does a run that is unattended or unsure, because nobody would notice its end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dailies.domain import Run
from dailies.gateways import Concurrency
from dailies.store.database import Database
from dailies.store.due import FREE, MOMENT, WAITS
from dailies.store.records import to_run
from dailies.store.run_table import lock, lock_where
from dailies.store.run_table import runs as _runs
from dailies.vocabulary import RunState

_held_queues = sa.Table("held_queues", sa.MetaData(), sa.Column("gateway", sa.Text, primary_key=True))

_SENT = tuple(state.value for state in (RunState.SENDING, RunState.QUEUED, RunState.RUNNING))
_WAITING = _runs.c.state == RunState.READY.value
_IN_FLIGHT = _runs.c.state.in_(_SENT)

# Put together once, for every claim asks: what is in flight, the gateways with a run that may leave, and one's line.
_FLYING = (
    sa.select(_runs.c.gateway, _runs.c.model, sa.func.count())
    .where(_IN_FLIGHT | (_WAITING & (_runs.c.lease_until > MOMENT)))
    .group_by(_runs.c.gateway, _runs.c.model)
)
_HELD = _runs.c.gateway.in_(sa.select(_held_queues.c.gateway))
_MAY_LEAVE = (WAITS, FREE, _runs.c.due <= MOMENT, sa.not_(_HELD))
_LEAVING = sa.select(_runs.c.gateway).where(*_MAY_LEAVE).distinct()
_LINE = (
    sa.select(_runs.c.place, _runs.c.id, _runs.c.model)
    .where(*_MAY_LEAVE, _runs.c.gateway == sa.bindparam("at"))
    .order_by(_runs.c.place, _runs.c.id)
)
_FIRST_IN_LINE = _LINE.limit(sa.bindparam("most"))


class Move(StrEnum):
    """A change of a run's place in its queue."""

    UP = "up"
    DOWN = "down"
    FRONT = "front"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run waits: its position from 1 among all runs that wait at its gateway.

    `first` and `last` are among its owner's runs there, because a person moves only their own. `held`: the queue is on
    hold.
    """

    position: int
    total: int
    first: bool
    last: bool
    held: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """What one gateway has to do: its first waiting runs with their places, and the oldest of those in flight."""

    gateway: str
    waiting: Sequence[tuple[Run, Place]]
    in_flight: Sequence[Run]
    waiting_count: int
    held_count: int
    in_flight_count: int
    held: bool


class QueueStore:
    """The queues of one database. Thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def places(self, run_ids: Iterable[str]) -> dict[str, Place]:
        """Return {id: place} of those runs that wait."""
        wanted = list(run_ids)
        if not wanted:
            return {}
        mine = sa.select(_runs.c.gateway).where(_runs.c.id.in_(wanted), _WAITING)
        ranked = _rank(_WAITING, _runs.c.gateway.in_(mine))
        with self._database.reading() as connection:
            held = _list_held(connection)
            rows = connection.execute(sa.select(ranked).where(ranked.c.id.in_(wanted))).all()
        return {row.id: _to_place(row, row.gateway in held) for row in rows}

    def list(self, owner: str, *, limit: int = 20) -> Sequence[Queue]:
        """List the gateways where an owner's runs wait or are in flight, and those on hold, by name.

        Each with up to `limit` of the owner's runs of either kind; the counts are everybody's.
        """
        waiting = _rank(_WAITING)
        ranks = (waiting.c.position, waiting.c.total, waiting.c.own_position, waiting.c.own_total)
        first = sa.select(_runs, *ranks).join(waiting, waiting.c.id == _runs.c.id)
        first = first.where(waiting.c.own_position <= limit, _runs.c.owner == owner).order_by(waiting.c.position)
        flight = _rank(_IN_FLIGHT)
        oldest = sa.select(_runs).join(flight, flight.c.id == _runs.c.id)
        oldest = oldest.where(flight.c.own_position <= limit, _runs.c.owner == owner).order_by(flight.c.position)
        counts = sa.select(
            _runs.c.gateway, _runs.c.state, sa.func.count(), sa.func.sum(sa.cast(_runs.c.held, sa.Integer))
        ).where(_WAITING | _IN_FLIGHT)
        waits, holds, flies = Counter[str](), Counter[str](), Counter[str]()
        waiting_of: dict[str, list[tuple[Run, Place]]] = {}
        in_flight_of: dict[str, list[Run]] = {}
        with self._database.reading() as connection:
            held = _list_held(connection)
            for gateway, state, number, on_hold in connection.execute(counts.group_by(_runs.c.gateway, _runs.c.state)):
                if state == RunState.READY.value:
                    waits[gateway], holds[gateway] = number, int(on_hold)
                else:
                    flies[gateway] += number
            for placed in connection.execute(first):
                run = to_run(placed._mapping)
                waiting_of.setdefault(run.gateway, []).append((run, _to_place(placed, run.gateway in held)))
            for row in connection.execute(oldest).mappings():
                run = to_run(row)
                in_flight_of.setdefault(run.gateway, []).append(run)
        return [
            Queue(
                gateway,
                waiting_of.get(gateway, []),
                in_flight_of.get(gateway, []),
                waits[gateway],
                holds[gateway],
                flies[gateway],
                gateway in held,
            )
            for gateway in sorted({*waiting_of, *in_flight_of, *held})
        ]

    def move(self, run_id: str, move: Move) -> bool:
        """Change the place of a waiting run among its owner's in its queue; False if it no longer waits.

        The runs trade places, so that nobody else's moves.
        """
        with self._database.writing() as connection:
            revision = self._database.next_revision(connection, due=True)  # its row lock lets one move happen at a time
            found = sa.select(_runs.c.gateway, _runs.c.owner, _runs.c.place).where(_runs.c.id == run_id, _WAITING)
            mine = connection.execute(found).first()
            if mine is None:
                connection.rollback()
                return False
            place = _runs.c.place
            passed = place > mine.place if move is Move.DOWN else place < mine.place
            order = place.asc() if move is Move.DOWN else place.desc()
            own = (_runs.c.gateway == mine.gateway) & (_runs.c.owner == mine.owner)
            others = sa.select(_runs.c.id, place).where(_WAITING, own, passed).order_by(order)
            rows = connection.execute(others if move is Move.FRONT else others.limit(1)).all()
            lock(connection, (run_id, *(row.id for row in rows)))
            free = mine.place
            for row in rows:  # the nearest first: each takes the place of the one before
                self._put(connection, row.id, free, revision)
                free = row.place
            self._put(connection, run_id, free, revision)
        return True

    def hold(self, gateway: str) -> None:
        """Keep everything that waits at a gateway, now or later, from being sent until `release`."""
        with self._database.writing() as connection:
            self._touch(connection, gateway)
            connection.execute(_held_queues.delete().where(_held_queues.c.gateway == gateway))
            connection.execute(_held_queues.insert().values(gateway=gateway))

    def release(self, gateway: str) -> None:
        """Let a gateway's queue go on, its runs on hold included."""
        with self._database.writing() as connection:
            self._touch(connection, gateway, held=False)
            connection.execute(_held_queues.delete().where(_held_queues.c.gateway == gateway))

    def _put(self, connection: Connection, run_id: str, place: int, revision: int) -> None:
        connection.execute(_runs.update().where(_runs.c.id == run_id).values(place=place, revision=revision))

    def _touch(self, connection: Connection, gateway: str, **values: bool) -> None:
        """Save the waiting runs of a gateway, so that pages of every process learn of it."""
        revision = self._database.next_revision(connection, due=True)
        waiting = (_WAITING, _runs.c.gateway == gateway)
        lock_where(connection, *waiting)
        connection.execute(_runs.update().where(*waiting).values(revision=revision, **values))


def choose_next(
    connection: Connection,
    moment: datetime,
    limit: int,
    bounds: Callable[[str], Concurrency],
    under_way: Collection[str],
) -> Sequence[str]:
    """Choose up to `limit` waiting runs that may be sent at `moment`, UTC without a zone, in the order of their places.

    `bounds` gives how much may be in flight at a gateway. The caller's transaction must be the only one that claims,
    see `Database.claiming`. Runs `under_way` with the caller are left out.
    """
    at = {"moment": moment}
    models_at: dict[str, Counter[str]] = {}
    for gateway, model, number in connection.execute(_FLYING, at):
        models_at.setdefault(gateway, Counter())[model] = number
    chosen: list[tuple[int, str]] = []
    for gateway in connection.execute(_LEAVING, at).scalars().all():
        bound, flight = bounds(gateway), models_at.get(gateway, Counter[str]())
        room = limit if bound.total is None else min(limit, bound.total - flight.total())
        if room > 0:
            asked = at | {"at": gateway, "most": room + len(under_way)}
            rows = connection.execute(_LINE if bound.models else _FIRST_IN_LINE, asked)
            line = ((row.place, row.id, row.model) for row in rows if row.id not in under_way)
            chosen += _take(line, room, bound.models, flight)
    return [run_id for _, run_id in sorted(chosen)[:limit]]


def _take(
    line: Iterable[tuple[int, str, str]], room: int, bounds: Mapping[str, int], flight: Counter[str]
) -> Iterator[tuple[int, str]]:
    """Take the first runs of a line, passing over those of models that have reached their own bound."""
    for place, run_id, model in line:
        if room <= 0:
            return
        if flight[model] < bounds.get(model, flight[model] + 1):
            flight[model] += 1
            room -= 1
            yield place, run_id


def _rank(*conditions: sa.ColumnElement[bool]) -> sa.Subquery:
    """Number the runs of each gateway in the order of their places, and each owner's of them; with the totals."""
    at, own, order = (_runs.c.gateway,), (_runs.c.gateway, _runs.c.owner), (_runs.c.place, _runs.c.id)
    return (
        sa.select(
            _runs.c.id,
            _runs.c.gateway,
            sa.func.row_number().over(partition_by=at, order_by=order).label("position"),
            sa.func.count().over(partition_by=at).label("total"),
            sa.func.row_number().over(partition_by=own, order_by=order).label("own_position"),
            sa.func.count().over(partition_by=own).label("own_total"),
        )
        .where(*conditions)
        .subquery()
    )


def _to_place(row: Any, held: bool) -> Place:
    return Place(row.position, row.total, row.own_position == 1, row.own_position == row.own_total, held)


def _list_held(connection: Connection) -> frozenset[str]:
    return frozenset(connection.execute(sa.select(_held_queues.c.gateway)).scalars())
