"""Stores runs: their rows, their leases, and the press that made each.

Decides nothing about a run and never holds a key.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from dailies.domain import Run
from dailies.gateways import Concurrency
from dailies.library import View
from dailies.store.database import Database
from dailies.store.due import ASKED, FETCHED, FREE, MOMENT, STRANDED, WAITS, Outlook, put_off, read_outlook
from dailies.store.files import Files
from dailies.store.group_commit import GroupCommit
from dailies.store.keys import KeyStore
from dailies.store.queue import choose_next
from dailies.store.records import to_row, to_run, to_time
from dailies.store.run_table import lock, lock_where
from dailies.store.run_table import runs as _runs
from dailies.store.shelf import lay, list_conditions, relay, shelf, take_off
from dailies.vocabulary import RunState


@dataclass(frozen=True, slots=True)
class Lease:
    """Which worker works on a run, and until when no other may. `until` None: the worker gives the run back."""

    owner: str
    until: datetime | None

    def write(self) -> tuple[sa.Update, dict[str, Any]]:
        """Return the statement and the parameters that store a run with this lease."""
        if self.until is not None:
            return _AS_READ, {"lease_owner": self.owner, "lease_until": to_time(self.until)}
        return _GIVEN_BACK, {"worker": self.owner}


# Statements are put together once, and rows handed over as parameters: either costs as much as the database's work.
_AS_READ = _runs.update().where(_runs.c.id == sa.bindparam("this"), _runs.c.revision == sa.bindparam("read"))
_MINE = _runs.c.lease_owner == sa.bindparam("worker")
_GIVEN_BACK = _AS_READ.values(  # a lease that was taken over meanwhile is not
    lease_owner=sa.case((_MINE, sa.null()), else_=_runs.c.lease_owner),
    lease_until=sa.case((_MINE, sa.null()), else_=_runs.c.lease_until),
)
_FREE_RUNS = (
    sa.select(_runs).where(FREE).order_by(_runs.c.due).limit(sa.bindparam("most")).with_for_update(skip_locked=True)
)
_DUE_RUNS = _FREE_RUNS.where(_runs.c.due <= MOMENT)
_STRANDED, _ASKED, _FETCHED = (
    _FREE_RUNS.where(STRANDED),
    _DUE_RUNS.where(ASKED),
    _DUE_RUNS.where(FETCHED),
)
_CHOSEN = sa.select(_runs).where(_runs.c.id.in_(sa.bindparam("chosen", expanding=True)), WAITS)
_CHOSEN = _CHOSEN.order_by(_runs.c.place, _runs.c.id).with_for_update(skip_locked=True)
_LEASED = _runs.update().where(_runs.c.id.in_(sa.bindparam("these", expanding=True)))


@dataclass(frozen=True, slots=True)
class Claim:
    """The runs that a worker has got, and what nobody works on after that."""

    runs: Sequence[Run]
    outlook: Outlook


@dataclass(frozen=True, slots=True)
class _Change:
    """A changed run to be stored, see `RunStore.save`."""

    run: Run
    lease: Lease | None
    before: Run | None


class RunStore:
    """The runs of one database. Thread-safe."""

    def __init__(self, database: Database, files: Files, keys: KeyStore) -> None:
        self._database = database
        self._files = files
        self._keys = keys
        self._changes = GroupCommit(database, self._save_all)

    def add(self, run: Run) -> Run:
        """Store a new run; see `add_all`."""
        (kept,) = self.add_all([run])
        return kept

    def add_all(self, new: Sequence[Run]) -> list[Run]:
        """Store the new runs of one press at the end of their gateway's queue, all or nothing; return them as stored.

        If the press has already made them, those are returned and nothing is stored.
        """
        try:
            with self._database.writing(durable=True) as connection:
                return self.insert(connection, new)
        except IntegrityError:
            earlier = [self.find_pressed(run.press) if run.press else None for run in new]
            found = [run for run in earlier if run is not None]
            if len(found) < len(new):
                raise
            return found

    def insert(self, connection: Connection, new: Sequence[Run]) -> list[Run]:
        """Store new runs in the caller's transaction and return them with their revisions."""
        if not new:
            return []
        revisions = self._database.next_revisions(connection, len(new), due=True)
        kept = [replace(run, revision=number, place=number) for run, number in zip(new, revisions, strict=True)]
        connection.execute(_runs.insert(), [to_row(run) for run in kept])
        lay(connection, kept)
        for run in kept:
            self._keys.keep(connection, run)
        return kept

    def count_states(self) -> dict[tuple[RunState, str], int]:
        """Count everybody's runs: {(state, gateway): number}."""
        query = sa.select(_runs.c.state, _runs.c.gateway, sa.func.count()).group_by(_runs.c.state, _runs.c.gateway)
        with self._database.reading() as connection:
            return {(RunState(state), gateway): number for state, gateway, number in connection.execute(query)}

    def find_pressed(self, press: str) -> Run | None:
        """Find the run that a press has made."""
        with self._database.reading() as connection:
            row = connection.execute(sa.select(_runs).where(_runs.c.press == press)).mappings().first()
        return to_run(row) if row else None

    def get(self, run_id: str) -> Run | None:
        with self._database.reading() as connection:
            row = connection.execute(sa.select(_runs).where(_runs.c.id == run_id)).mappings().first()
        return to_run(row) if row else None

    def of(self, owner: str, run_ids: Collection[str]) -> dict[str, Run]:
        """Return {id: run} of those of these runs that belong to an owner."""
        query = sa.select(_runs).where(_runs.c.id.in_(list(run_ids)), _runs.c.owner == owner)
        with self._database.reading() as connection:
            return {row["id"]: to_run(row) for row in connection.execute(query).mappings()}

    def select_owned(self, ids: Collection[str], owner: str) -> set[str]:
        """Select those of these ids that are runs of an owner."""
        query = sa.select(_runs.c.id).where(_runs.c.id.in_(list(ids)), _runs.c.owner == owner)
        with self._database.reading() as connection:
            return set(connection.execute(query).scalars())

    def save(
        self, run: Run, lease: Lease | None = None, *, durable: bool = False, before: Run | None = None
    ) -> Run | None:
        """Store a changed run and return it with its new revision.

        None if it was saved or deleted elsewhere since it was read: read it again and decide again. `lease` renews
        the caller's lease, or ends it, in the same transaction. `durable`: not even a power cut can undo it. `before`
        is the run as it was read, where the caller still has it.
        """
        return self._changes.write(_Change(run, lease, before), durable=durable)

    def _save_all(self, connection: Connection, changes: Sequence[_Change]) -> list[Run | None]:
        """Store changed runs in the caller's transaction; see `save` for what each becomes."""
        due = any(change.lease is None for change in changes)
        revisions = self._database.next_revisions(connection, len(changes), due=due)
        kept = [replace(change.run, revision=number) for change, number in zip(changes, revisions, strict=True)]
        written: dict[tuple[sa.Update, frozenset[str]], list[dict[str, Any]]] = {}
        for run, change in zip(kept, changes, strict=True):
            changing, leased = change.lease.write() if change.lease else (_AS_READ, {})
            row = to_row(run, change.before) | leased | {"this": run.id, "read": change.run.revision}
            written.setdefault((changing, frozenset(row)), []).append(row)
        if len(kept) > 1:
            lock(connection, (run.id for run in kept))
        done = sum(connection.execute(changing, rows).rowcount for (changing, _), rows in written.items())
        saved = self._select_saved(connection, kept) if done != len(kept) else {run.revision for run in kept}
        pairs = [pair for pair in zip(kept, changes, strict=True) if pair[0].revision in saved]
        relay(connection, [(change.before, run) for run, change in pairs])
        for run, change in pairs:
            if change.lease is None:
                self._keys.keep(connection, run)
            self._keys.drop(connection, run)
        return [run if run.revision in saved else None for run in kept]

    def _select_saved(self, connection: Connection, runs: Sequence[Run]) -> set[int]:
        """Select the revisions of those runs that are stored as they are here."""
        query = sa.select(_runs.c.revision).where(_runs.c.id.in_([run.id for run in runs]))
        return {*connection.execute(query).scalars()} & {run.revision for run in runs}

    def hasten(self, run_id: str, now: datetime, rest: timedelta) -> bool:
        """Make a run whose task is asked for due now, but not within `rest` of its last look. Nothing else changes.

        True if a worker is at it, or sends it: what that learns may be older than the news. Ask again then.
        """
        columns = (_runs.c.state, _runs.c.updated, _runs.c.lease_until)
        moment, this = _moment(now), _runs.c.id == run_id
        with self._database.reading() as connection:
            row = connection.execute(sa.select(*columns).where(this)).first()
        if row is None:
            return False
        if row.state == RunState.SENDING.value or (row.lease_until is not None and row.lease_until > moment):
            return True
        at = max(moment, row.updated + rest)
        with self._database.writing() as connection:
            late = this & (_runs.c.due > at) & FREE
            if connection.execute(_runs.update().where(late, ASKED), {"moment": moment, "due": at}).rowcount:
                self._database.call_workers(connection)
        return False

    def delete(self, run_id: str) -> bool:
        """Delete a run and its files; False if there is none."""
        run = self.get(run_id)
        with self._database.writing() as connection:
            done = connection.execute(_runs.delete().where(_runs.c.id == run_id))
            take_off(connection, run_id)
        if run and run.clip:
            self._files.discard(run.clip.file)
        return done.rowcount == 1

    def list(
        self,
        owner: str | None = None,
        *,
        family: str | None = None,
        states: Iterable[RunState] | None = None,
        search: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[Run]:
        """List runs that are not deleted, newest first. `owner` None means all owners; `search` as in `View`."""
        view = _view(family, states, search)
        with self._database.reading() as connection:
            wanted = sa.select(shelf.c.run, shelf.c.created, shelf.c.number)
            wanted = wanted.where(*list_conditions(connection, owner, view))
            order = shelf.c.created.desc(), shelf.c.number.desc()
            page = wanted.order_by(*order).limit(limit).offset(offset).subquery()
            query = sa.select(_runs).join(page, page.c.run == _runs.c.id)
            query = query.order_by(page.c.created.desc(), page.c.number.desc())
            return [to_run(row) for row in connection.execute(query).mappings()]

    def count(
        self,
        owner: str | None = None,
        *,
        family: str | None = None,
        states: Iterable[RunState] | None = None,
        search: str | None = None,
    ) -> int:
        """Count the runs that `list` would return without a limit."""
        view = _view(family, states, search)
        with self._database.reading() as connection:
            query = sa.select(sa.func.count()).select_from(shelf).where(*list_conditions(connection, owner, view))
            return connection.execute(query).scalar_one()

    def list_clip_files(self, kept: Collection[str] = (), deleted: datetime | None = None) -> set[str]:
        """List the files of all clips but for those of runs that were deleted before `deleted` and are not `kept`."""
        gone = sa.false() if deleted is None else shelf.c.deleted < to_time(deleted)
        with self._database.reading() as connection:
            dropped = set(connection.execute(sa.select(shelf.c.run).where(gone)).scalars()) - set(kept)
            rows = connection.execute(sa.select(shelf.c.run, shelf.c.clip).where(shelf.c.clip != "")).all()
            return {row.clip for row in rows if row.run not in dropped}

    def history(self, model: str, limit: int = 60) -> Sequence[tuple[float, Mapping[str, Any]]]:
        """List (seconds from sending to the clip, the values asked for) of a model's latest runs, newest first."""
        query = sa.select(_runs.c.sent, _runs.c.finished, _runs.c.request).where(
            _runs.c.model == model, _runs.c.state == RunState.DONE.value, _runs.c.sent.is_not(None)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(_runs.c.finished.desc()).limit(limit)).all()
        return [((row.finished - row.sent).total_seconds(), row.request["values"]) for row in rows if row.finished]

    def count_open(self) -> dict[str, int]:
        """Count the tasks that are asked for: {gateway: number}."""
        states = (RunState.QUEUED.value, RunState.RUNNING.value)
        query = sa.select(_runs.c.gateway, sa.func.count()).where(_runs.c.state.in_(states)).group_by(_runs.c.gateway)
        with self._database.reading() as connection:
            return {row.gateway: row[1] for row in connection.execute(query)}

    # --- leases and changes --------------------------------------------------------------------------------------

    def claim_due(
        self,
        worker_id: str,
        now: datetime,
        lease: timedelta,
        limit: int,
        under_way: Collection[str] = (),
        bounds: Callable[[str], Concurrency] = lambda _: Concurrency(None),
        fetches: int | None = None,
        seen: Outlook | None = None,
        ahead: int = 0,
        looked: Sequence[Run] = (),
    ) -> Claim:
        """Lease up to `limit` due runs without a live lease, and beside them up to `fetches` whose clips are fetched.

        Each goes to one caller only. First those that wait to be sent, in the order of their queue and as far as the
        `bounds` of their gateway allow, see `queue.choose_next`; then those in `sending` whose worker died, see
        `life.recover`; then those that are watched, longest due first. The caller's own steps
        `under_way` are left out, even if their leases have expired, as after a suspended laptop. `fetches` None:
        clips count as the others do. `seen` is the outlook by which the caller comes; it is read where there is none.
        `ahead` is how many more of those that wait to be sent are leased, for threads that are free soon. What the
        caller has `looked` at is put off before.
        """
        moment = _moment(now)
        with self._database.claiming() as connection:
            put_off(connection, looked, worker_id)
            outlook = seen or read_outlook(connection, moment)
            rows: list[sa.RowMapping] = []
            if outlook.waiting and limit + ahead:
                chosen = choose_next(connection, moment, limit + ahead, bounds, under_way)
                rows += connection.execute(_CHOSEN, {"chosen": chosen}).mappings()
            for found, query, counts in (
                (outlook.stranded, _STRANDED, True),
                (_is_past(outlook.asked, now), _ASKED, True),
                (_is_past(outlook.fetched, now), _FETCHED, fetches is None),
            ):
                room = limit - len(rows) if counts else fetches or 0
                if found and room > 0:
                    asked = {"moment": moment, "most": room + len(under_way)}
                    free = (row for row in connection.execute(query, asked).mappings() if row["id"] not in under_way)
                    rows += islice(free, room)
            if rows:
                leased = {"lease_owner": worker_id, "lease_until": to_time(now + lease)}
                connection.execute(_LEASED, leased | {"these": [row["id"] for row in rows]})
            left = read_outlook(connection, moment)
        return Claim([to_run(row) for row in rows], left)

    def extend(self, lease: Lease, run_ids: Iterable[str]) -> None:
        """Renew the caller's leases; a lease taken over since stays with its new owner."""
        ids = list(run_ids)
        mine = _runs.c.id.in_(ids) & (_runs.c.lease_owner == lease.owner)
        with self._database.writing() as connection:
            lock(connection, ids)
            connection.execute(_runs.update().where(mine).values(lease_until=to_time(lease.until)))

    def mend_times(self, now: datetime, longest: timedelta) -> None:
        """Make times of open runs sound that a clock which was set back since has left in the future.

        A lease ends after `longest`; a run that was looked at in the future is due, and watched from now on.
        """
        moment, latest = to_time(now), to_time(now + longest)
        open_ = _runs.c.state.in_([state.value for state in RunState if state.open])
        leased, watched = _runs.c.lease_until > latest, _runs.c.watched > latest
        looked = (_runs.c.updated > latest) & (_runs.c.due > moment)
        with self._database.writing() as connection:
            lock_where(connection, open_, leased | looked | watched)
            for found, values in (
                (leased, {"lease_owner": None, "lease_until": None}),
                (looked, {"due": moment, "updated": moment}),
                (watched, {"watched": moment}),
            ):
                connection.execute(_runs.update().where(open_, found).values(values))

    def release(self, run_id: str, worker_id: str, due: datetime | None = None) -> None:
        """Return a lease; `due` postpones the next look without publishing a change."""
        values: dict[str, Any] = {"lease_owner": None, "lease_until": None}
        if due is not None:
            values["due"] = to_time(due)
        mine = (_runs.c.id == run_id) & (_runs.c.lease_owner == worker_id)
        with self._database.writing() as connection:
            connection.execute(_runs.update().where(mine).values(values))

    def outlook(self, now: datetime, worker_id: str = "", looked: Sequence[Run] = ()) -> Outlook:
        """Return what nobody works on, after what this worker has `looked` at was put off."""
        with self._database.writing() if looked else self._database.reading() as connection:
            put_off(connection, looked, worker_id)
            return read_outlook(connection, _moment(now))

    def changed(self, connection: Connection, revision: int) -> dict[str, int]:
        """Return {id: revision} of the runs saved after `revision`, as a part of the store's answer."""
        query = sa.select(_runs.c.id, _runs.c.revision).where(_runs.c.revision > revision)
        return {row.id: row.revision for row in connection.execute(query)}


def _moment(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(tzinfo=None)


def _is_past(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now


def _view(family: str | None, states: Iterable[RunState] | None, search: str | None) -> View:
    return View(search=search or "", family=family or "", states=None if states is None else tuple(states))
