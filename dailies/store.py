"""Keeps runs in a database and bytes in files: what a restart must not lose.

With `asset_store` and `comparison_store` alone in SQLAlchemy. Owns the tables, their migrations, leases, revisions and
the folders below the home. SQLite by default, PostgreSQL by URL; several processes may share either. Decides nothing
about a run, and never holds a key.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, OperationalError

from dailies.asset_store import AssetStore
from dailies.comparison_store import ComparisonStore
from dailies.domain import (
    Run,
)
from dailies.errors import DailiesError, MediaError
from dailies.records import from_time, to_row, to_run, to_time
from dailies.vocabulary import RunState

_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 0x6461696C  # any number, the same in every process: PostgreSQL's advisory lock
_LOCK_SECONDS = 30

_OPEN = tuple(state.value for state in RunState if state.open and state is not RunState.SENDING)

_meta = sa.MetaData()
_runs = sa.Table(
    "runs",
    _meta,
    sa.Column("id", sa.String(64), primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("owner", "gateway", "family", "model", "mode", "state", "task", "parent")),
    *(sa.Column(name, sa.Text) for name in ("words", "credential", "word", "link", "note", "raw", "lease_owner")),
    *(sa.Column(name, sa.DateTime) for name in ("created", "updated", "sent", "finished", "due", "watched")),
    sa.Column("press", sa.String(128)),
    sa.Column("lease_until", sa.DateTime),
    sa.Column("revision", sa.BigInteger),
    *(sa.Column(name, sa.Integer) for name in ("percent", "attempts", "misses")),
    *(sa.Column(name, sa.JSON(none_as_null=True)) for name in ("request", "call", "route", "failure", "clip")),
)
_counter = sa.Table("counter", _meta, sa.Column("name", sa.String(16)), sa.Column("value", sa.BigInteger))


@dataclass(frozen=True, slots=True)
class Lease:
    """Who is at work on a run, and until when nobody else may be."""

    owner: str
    until: datetime


class Store:
    """The runs of one home or database. Thread-safe. Raises `DailiesError` where the database cannot be opened."""

    def __init__(self, home: Path, url: str | None = None) -> None:
        """Open, and bring the tables up to date. `url` is a SQLAlchemy URL; without one `<home>/dailies.db`."""
        self.home = home
        self.clips = home / "clips"
        self._references = home / "references"
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o700)
        self.clips.mkdir(exist_ok=True)
        self._references.mkdir(exist_ok=True)
        self._engine = _engine(url or f"sqlite:///{home / 'dailies.db'}")
        try:
            self._migrate()
        except OperationalError as error:
            self._engine.dispose()
            where = self._engine.url.render_as_string(hide_password=True)
            raise DailiesError(f"The database {where} cannot be opened: {error.orig}") from None
        self.assets = AssetStore(self._reading, self._writing, _next_revision)
        self.comparisons = ComparisonStore(self._reading, self._writing, _next_revision)

    def close(self) -> None:
        self._engine.dispose()

    # --- runs ----------------------------------------------------------------------------------------------------

    def add(self, run: Run) -> Run:
        """Keep a new run; the returned one carries its revision.

        Where the run's press has made a run already, that one is returned and nothing is kept.
        """
        try:
            with self._writing() as connection:
                kept = replace(run, revision=_next_revision(connection))
                connection.execute(_runs.insert().values(to_row(kept)))
        except IntegrityError:
            earlier = self._of_press(run.press) if run.press else None
            if earlier is None:
                raise
            return earlier
        return kept

    def _of_press(self, press: str) -> Run | None:
        with self._reading() as connection:
            row = connection.execute(sa.select(_runs).where(_runs.c.press == press)).mappings().first()
        return to_run(row) if row else None

    def get(self, run_id: str) -> Run | None:
        with self._reading() as connection:
            row = connection.execute(sa.select(_runs).where(_runs.c.id == run_id)).mappings().first()
        return to_run(row) if row else None

    def save(self, run: Run, lease: Lease | None = None) -> Run | None:
        """Keep a run that was changed since it was read; the returned one carries its new revision.

        None where somebody else saved or deleted it meanwhile: read it again and decide anew. `lease` renews the
        caller's lease in the same stroke.
        """
        with self._writing() as connection:
            kept = replace(run, revision=_next_revision(connection))
            row = to_row(kept)
            if lease:
                row |= {"lease_owner": lease.owner, "lease_until": to_time(lease.until)}
            found = (_runs.c.id == run.id) & (_runs.c.revision == run.revision)
            done = connection.execute(_runs.update().where(found).values(row))
            if done.rowcount != 1:
                connection.rollback()
                return None
        return kept

    def delete(self, run_id: str) -> bool:
        """Forget a run and remove its files; False where there is none."""
        run = self.get(run_id)
        with self._writing() as connection:
            done = connection.execute(_runs.delete().where(_runs.c.id == run_id))
        if run and run.clip:
            self.discard(run.clip.file)
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
        """Runs, newest first. `owner` None means everybody's; each word of `search` must occur."""
        query = sa.select(_runs).where(*_filters(owner, family, states, search))
        query = query.order_by(_runs.c.created.desc(), _runs.c.id.desc()).limit(limit).offset(offset)
        with self._reading() as connection:
            return [to_run(row) for row in connection.execute(query).mappings()]

    def count(
        self,
        owner: str | None = None,
        *,
        family: str | None = None,
        states: Iterable[RunState] | None = None,
        search: str | None = None,
    ) -> int:
        """How many runs `list` would give without a limit."""
        query = sa.select(sa.func.count()).select_from(_runs).where(*_filters(owner, family, states, search))
        with self._reading() as connection:
            return connection.execute(query).scalar_one()

    def durations(self, model: str, limit: int = 20) -> Sequence[float]:
        """Seconds from sending to the finished clip of the last finished runs of a model, newest first."""
        query = sa.select(_runs.c.sent, _runs.c.finished).where(
            _runs.c.model == model, _runs.c.state == RunState.DONE.value, _runs.c.sent.is_not(None)
        )
        with self._reading() as connection:
            rows = connection.execute(query.order_by(_runs.c.finished.desc()).limit(limit)).all()
        return [(finished - sent).total_seconds() for sent, finished in rows if finished is not None]

    # --- leases and changes --------------------------------------------------------------------------------------

    def claim_due(self, worker_id: str, now: datetime, lease: timedelta, limit: int) -> Sequence[Run]:
        """Lease up to `limit` runs that are due and nobody's, longest due first; each goes to one caller only.

        A run in `sending` whose lease has run out is given out too: its worker died, see `runs.recover`.
        """
        moment = to_time(now)
        due = _runs.c.state.in_(_OPEN) & (_runs.c.due <= moment)
        abandoned = _runs.c.state == RunState.SENDING.value
        nobodys = _runs.c.lease_until.is_(None) | (_runs.c.lease_until <= moment)
        query = sa.select(_runs).where(due | abandoned, nobodys).order_by(_runs.c.due).limit(limit)
        with self._writing() as connection:
            rows = connection.execute(query.with_for_update(skip_locked=True)).mappings().all()
            if rows:
                mine = _runs.c.id.in_([row["id"] for row in rows])
                values = {"lease_owner": worker_id, "lease_until": to_time(now + lease)}
                connection.execute(_runs.update().where(mine).values(values))
        return [to_run(row) for row in rows]

    def extend(self, lease: Lease, run_ids: Iterable[str]) -> None:
        """Renew the caller's leases; those that were taken over meanwhile stay with their new owner."""
        mine = _runs.c.id.in_(list(run_ids)) & (_runs.c.lease_owner == lease.owner)
        with self._writing() as connection:
            connection.execute(_runs.update().where(mine).values(lease_until=to_time(lease.until)))

    def release(self, run_id: str, worker_id: str, due: datetime | None = None) -> None:
        """Give a lease back; `due` puts the next look off without making it a change anybody is told of."""
        values: dict[str, Any] = {"lease_owner": None, "lease_until": None}
        if due is not None:
            values["due"] = to_time(due)
        mine = (_runs.c.id == run_id) & (_runs.c.lease_owner == worker_id)
        with self._writing() as connection:
            connection.execute(_runs.update().where(mine).values(values))

    def next_due(self) -> datetime | None:
        """When the earliest open run that nobody works on has to be looked at; None where there is none."""
        query = sa.select(sa.func.min(_runs.c.due)).where(_runs.c.state.in_(_OPEN), _runs.c.lease_until.is_(None))
        with self._reading() as connection:
            return from_time(connection.execute(query).scalar())

    def changed_since(self, revision: int) -> tuple[int, dict[str, int]]:
        """(latest revision, {id: its revision}) of everything saved after `revision`, by whatever process."""
        query = sa.select(_runs.c.id, _runs.c.revision).where(_runs.c.revision > revision)
        with self._reading() as connection:
            changed = {row.id: row.revision for row in connection.execute(query)}
            changed |= self.assets.changed(connection, revision)
            changed |= self.comparisons.changed(connection, revision)
        return max(changed.values(), default=revision), changed

    # --- files ---------------------------------------------------------------------------------------------------

    def keep(self, data: bytes) -> str:
        """Keep the bytes of a reference once, and return their digest (SHA-256, 64 hexadecimal digits)."""
        digest = hashlib.sha256(data).hexdigest()
        target = self.path(digest)
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            part = target.with_name(f".{secrets.token_hex(8)}.part")
            part.write_bytes(data)
            part.replace(target)
        return digest

    def read(self, digest: str) -> bytes:
        """The bytes of a reference. Raises `MediaError` where they are gone."""
        try:
            return self.path(digest).read_bytes()
        except FileNotFoundError:
            raise MediaError("The bytes of a reference are no longer kept.", "Add the file again.") from None

    def path(self, digest: str) -> Path:
        """Where the bytes of a digest lie. Raises `MediaError` for what is no digest."""
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise MediaError(f"{digest!r} is no digest.", "Add the file again.")
        return self._references / digest[:2] / digest

    def clip_path(self, name: str) -> Path:
        """Where a clip, or a picture made of it, lies. Raises `MediaError` for a name that leads elsewhere."""
        if not name or name.startswith(".") or Path(name).name != name or "\\" in name:
            raise MediaError(f"{name!r} is no file of the store.")
        return self.clips / name

    def discard(self, file: str) -> None:
        """Remove a clip's file and every picture made of it: they share its name up to the first dot."""
        for made in self.clips.glob(f"{self.clip_path(file).name.split('.')[0]}.*"):
            made.unlink(missing_ok=True)

    # --- connections ---------------------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._engine.connect().execution_options(dailies_writes=True) as connection, connection.begin():
            yield connection

    def _migrate(self) -> None:
        """Run what is missing of the migrations; other processes that open at the same time wait for it."""
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        with self._writing() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise DailiesError(
                    "This library was written by a newer version of dailies: update dailies, or name another folder "
                    f"in DAILIES_HOME. ({error})"
                ) from error


def _next_revision(connection: Connection) -> int:
    """The next revision. Its row stays locked until the commit, so that revisions become visible in their order."""
    bump = _counter.update().where(_counter.c.name == "revision").values(value=_counter.c.value + 1)
    return int(connection.execute(bump.returning(_counter.c.value)).scalar_one())


def _filters(
    owner: str | None, family: str | None, states: Iterable[RunState] | None, search: str | None
) -> list[sa.ColumnElement[bool]]:
    filters: list[sa.ColumnElement[bool]] = []
    if owner is not None:
        filters.append(_runs.c.owner == owner)
    if family is not None:
        filters.append(_runs.c.family == family)
    if states is not None:
        filters.append(_runs.c.state.in_([state.value for state in states]))
    return [*filters, *(_runs.c.words.contains(word, autoescape=True) for word in (search or "").casefold().split())]


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DailiesError("DAILIES_DATABASE_URL is no database URL: write postgresql://user@host/name.") from None
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise DailiesError(f"{parsed.get_backend_name()} is no database dailies knows: use PostgreSQL or SQLite.")
    return _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed)


def _postgresql(url: URL) -> Engine:
    try:
        return sa.create_engine(url, pool_size=8, max_overflow=24, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise DailiesError(f"PostgreSQL needs the package psycopg, which is not installed ({error}).") from None


def _sqlite(url: URL) -> Engine:
    engine = sa.create_engine(url, pool_size=8, max_overflow=24, connect_args={"timeout": _LOCK_SECONDS})

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver's own idea of when a transaction begins is switched off
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")
        _write_ahead(connection)

    @sa.event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes the lock at once: one that read first could not wait for it any more.
        writes = connection.get_execution_options().get("dailies_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _write_ahead(connection: Any) -> None:
    """Switch to write-ahead logging. The switch itself does not wait for other processes' locks, so we do."""
    deadline = time.monotonic() + _LOCK_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except connection.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
