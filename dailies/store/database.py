"""The database below the store: connections, transactions, migrations and the counter of revisions.

SQLite by default, PostgreSQL by URL; several processes may share either. Knows only the counter's table.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InterfaceError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from dailies.errors import DailiesError, StoreError
from dailies.store.notices import Listener, notify

_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 0x6461696C  # any number, the same in every process: PostgreSQL's advisory lock
_CLAIM_LOCK = _MIGRATION_LOCK + 1
_PRESS_LOCK = _MIGRATION_LOCK + 2
_LOCK_SECONDS = 30
_LEAST_PATIENCE = 1  # seconds, for who has waited for other threads already

_FORM = "Write it like postgresql://user@host/name, or leave it out for a file in the home folder."

_FORBIDDEN = "Make it and its folder readable and writable for the user who runs dailies."
_DAMAGE = "The file is damaged: put a backup in its place, or move it away to begin an empty library."
_BUSY = "Another program is writing to it: close that, or try again."
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_ADVICE = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_FULL: "Free space on its disk.",
    sqlite3.SQLITE_IOERR: "Its disk cannot be read or written, or is full.",
    sqlite3.SQLITE_READONLY: _FORBIDDEN,
    sqlite3.SQLITE_CANTOPEN: _FORBIDDEN,
    sqlite3.SQLITE_PERM: _FORBIDDEN,
    sqlite3.SQLITE_CORRUPT: _DAMAGE,
    sqlite3.SQLITE_NOTADB: _DAMAGE,
}
_OTHER_ADVICE = "Look whether its disk is full, or another program uses it."
_UNREACHED = "Start PostgreSQL there, or correct DAILIES_DATABASE_URL."
_ADVICE_FOR_A_SERVER = {  # by SQLSTATE or its class; a connection that fails has none
    "25006": "It takes no changes: name its primary server in DAILIES_DATABASE_URL.",
    "40": "Two changes met at the same place: try again.",
    "42501": "Give the user in DAILIES_DATABASE_URL all rights to the tables.",
    "53100": "Free space on its disk.",
    "57014": "It took longer than the server allows: try again, or raise statement_timeout there.",
    "XX": "Look into the log of PostgreSQL: it reports a fault of its own or damaged data.",
}

_version = sa.Table("alembic_version", sa.MetaData(), sa.Column("version_num", sa.String(32)))
_counter = sa.Table("counter", sa.MetaData(), sa.Column("name", sa.String(16)), sa.Column("value", sa.BigInteger))

_NEWEST = sa.select(_counter.c.value).where(_counter.c.name == "revision")
_BUMP = (
    _counter.update()
    .where(_counter.c.name == "revision")
    .values(value=_counter.c.value + sa.bindparam("number"))
    .returning(_counter.c.value)
)


class Database:
    """An open database with migrated tables. Thread-safe. Raises `DailiesError` if it cannot be opened."""

    def __init__(self, url: str) -> None:
        """Open the SQLAlchemy address `url` and run the missing migrations."""
        self._engine = _engine(url)
        self._file = _find_file(self._engine.url)
        self._name = str(self._file or self._engine.url.render_as_string(hide_password=True))
        self._turn = threading.Lock() if self._file else nullcontext()
        self._identity: tuple[int, int] | None = None  # of the file that was opened
        self._sender = secrets.token_hex(8)  # by which this process knows its own notices
        try:
            self._migrate()
            self._identity = self._identify()
        except BaseException as error:
            self._engine.dispose()
            if not isinstance(error, StoreError):
                raise
            raise DailiesError(str(error)) from error

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the database. Raises `StoreError` if that is not possible now."""
        with self._explained(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self, *, durable: bool = False) -> Iterator[Connection]:
        """Open a transaction that may write. It commits at its end and rolls back on an exception.

        `durable`: a power cut after the commit cannot undo it. Raises `StoreError` as `reading` does.
        """
        began = time.monotonic()
        # Threads of this process wait for each other without a pause. SQLite, which looks whether a lock is free again
        # and sleeps up to a tenth of a second in between, is left to wait for other processes, and no longer in all.
        with self._turn, self._explained():
            patience = max(_LEAST_PATIENCE, _LOCK_SECONDS - (time.monotonic() - began))
            options = {"dailies_writes": True, "dailies_durable": durable, "dailies_patience": patience}
            with self._engine.connect().execution_options(**options) as connection, connection.begin():
                yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn the fault of a database that is locked, gone, damaged, full or stopped into a `StoreError`.

        An open SQLite file that somebody deletes still takes writes, which then are lost: so the path is looked at.
        """
        if self._identity is not None and self._identify() != self._identity:
            raise StoreError(
                f"The database {self._name} was moved, deleted or replaced while dailies runs. "
                "Put it back, or restart dailies to go on with what is there now."
            )
        try:
            yield
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise StoreError(self._explain(error)) from error
        except DatabaseError as error:
            if _code_of(error) not in _DAMAGED and not _advise_for_server(error):
                raise  # a constraint, or a statement of ours that is wrong
            raise StoreError(self._explain(error)) from error

    def _identify(self) -> tuple[int, int] | None:
        """Return what tells the file of a SQLite database from any other; None where it has none."""
        try:
            found = self._file.stat() if self._file else None
        except OSError:
            return 0, 0
        return (found.st_dev, found.st_ino) if found else None

    def _explain(self, error: Exception) -> str:
        advice = _advise_for_server(error) or _UNREACHED
        if self._file:
            advice = _ADVICE.get(_code_of(error), _OTHER_ADVICE)
        return f"The database {self._name} cannot be used now: {_shorten(error)}. {advice}"

    @contextmanager
    def claiming(self) -> Iterator[Connection]:
        """Open a transaction that may write while no other process claims: what it counts stays so until its end."""
        with self.writing() as connection:
            if connection.dialect.name == "postgresql":  # SQLite has one writer at a time
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CLAIM_LOCK)))
            yield connection

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let no other process of a shared database be in here at the same time; threads have locks of their own."""
        if not self.shared:
            yield
            return
        with self.writing() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_PRESS_LOCK)))
            yield

    def revision(self) -> int:
        """Return the newest revision: whatever is read after this holds every save up to it."""
        with self.reading() as connection:
            return self.read_revision(connection)

    def read_revision(self, connection: Connection) -> int:
        """Return the newest revision as a part of the caller's transaction."""
        return int(connection.execute(_NEWEST).scalar_one())

    def next_revision(self, connection: Connection, *, due: bool = False) -> int:
        """Return the next revision; see `next_revisions`."""
        return self.next_revisions(connection, 1, due=due)[0]

    def next_revisions(self, connection: Connection, number: int, *, due: bool = False) -> range:
        """Return the next revisions. Their row stays locked until the commit, so they become visible in order.

        Who listens hears of the commit. `due`: it may have left something to do at once.
        """
        bump = _BUMP.returning(notify(self._sender, due)) if self.shared else _BUMP
        last = int(connection.execute(bump, {"number": number}).scalar_one())
        return range(last - number + 1, last + 1)

    def call_workers(self, connection: Connection) -> None:
        """Tell the workers of other processes, when the transaction commits, that something is due. No new revision."""
        if self.shared:
            connection.execute(sa.select(notify(self._sender, True)))

    def read_clock(self) -> datetime:
        """Read the time of a shared database, with its zone."""
        with self.reading() as connection:
            told: datetime = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        return told

    def listen(self, heard: Callable[[bool], None]) -> Callable[[], None]:
        """Call `heard` when another process has committed a change; the argument says whether something may be due.

        It is called on a thread of its own, also after a time in which nothing could be heard. Returns what ends it.
        SQLite tells nobody.
        """
        return Listener(self._engine, self._sender, heard).stop if self.shared else lambda: None

    def analyse(self) -> None:
        """Have PostgreSQL look at its tables: until it does by itself, a minute later, its plans are guesses.

        SQLite plans without statistics.
        """
        if self._engine.dialect.name == "postgresql":
            with self.writing() as connection:
                connection.exec_driver_sql("ANALYZE")

    @property
    def shared(self) -> bool:
        """Whether processes on several machines can have this database."""
        return self._file is None and self._engine.dialect.name == "postgresql"

    def _migrate(self) -> None:
        """Run the missing migrations; other processes that open the database at the same time wait."""
        with self.reading() as connection:
            made = sa.inspect(connection).has_table(_version.name)
            if made and connection.scalars(sa.select(_version.c.version_num)).all() == [find_newest()]:
                return
        from dailies.store.upgrade import CommandError, upgrade

        with self.writing() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            try:
                upgrade(connection, _MIGRATIONS)
            except CommandError as error:
                raise DailiesError(
                    f"The database {self._name} was written by a newer version of dailies ({_shorten(error)}). "
                    "Update dailies, or name another folder in DAILIES_HOME."
                ) from error


def find_newest() -> str:
    """The version of the tables that this program reads and writes: the number that the last migration's name has."""
    return max(path.name for path in (_MIGRATIONS / "versions").glob("[0-9]*.py")).partition("_")[0]


def _shorten(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    lines = str(cause).strip().splitlines()
    return lines[0].strip()[:200].rstrip(".") if lines else type(cause).__name__


def _code_of(error: Exception) -> int:
    """SQLite's own code for an error, 0 for any other database's."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    return int(getattr(cause, "sqlite_errorcode", 0)) & 0xFF


def _advise_for_server(error: Exception) -> str | None:
    """Return what to do about an error that PostgreSQL told by its code."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    state = getattr(cause, "sqlstate", None) or ""
    return _ADVICE_FOR_A_SERVER.get(state) or _ADVICE_FOR_A_SERVER.get(state[:2])


def _find_file(url: URL) -> Path | None:
    """The file of a SQLite database; None for one in memory, and for a server."""
    local = url.get_backend_name() == "sqlite" and url.database and not url.database.startswith((":", "file:"))
    return Path(str(url.database)).absolute() if local else None


def put(connection: Connection, table: sa.Table, row: dict[str, Any], *key: str) -> None:
    """Insert a row, or replace the one with the same key."""
    insert = _choose_insert(connection.dialect.name)(table).values(row)
    values = {name: value for name, value in row.items() if name not in key}
    if values:
        connection.execute(insert.on_conflict_do_update(index_elements=list(key), set_=values))
    else:
        connection.execute(insert.on_conflict_do_nothing(index_elements=list(key)))


def _choose_insert(dialect: str) -> Callable[[sa.Table], Any]:
    """Return the dialect's own insert, which can replace; only the dialect in use is loaded."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert
    from sqlalchemy.dialects import sqlite

    return sqlite.insert


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise DailiesError(f"DAILIES_DATABASE_URL is not a database URL. {_FORM}") from None
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise DailiesError(f"DAILIES_DATABASE_URL names the unknown database {parsed.get_backend_name()}. {_FORM}")
    try:
        return _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed)
    except NoSuchModuleError:
        raise DailiesError(f"DAILIES_DATABASE_URL names the unknown driver {parsed.drivername}. {_FORM}") from None


def _postgresql(url: URL) -> Engine:
    try:
        return sa.create_engine(url, pool_size=8, max_overflow=24, pool_pre_ping=True, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise DailiesError(
            f"PostgreSQL needs the package psycopg, which is not installed ({error}). Install it."
        ) from None


def _sqlite(url: URL) -> Engine:
    engine = sa.create_engine(
        url, pool_size=8, max_overflow=24, hide_parameters=True, connect_args={"timeout": _LOCK_SECONDS}
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # we begin transactions ourselves, not the driver
        connection.execute("PRAGMA foreign_keys = ON")
        _write_ahead(connection)

    @sa.event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes the lock at once: after a first read it could no longer wait for it.
        options = connection.get_execution_options()
        if options.get("dailies_writes"):
            for name, value in (
                ("busy_timeout", round(options["dailies_patience"]) * 1000),
                ("synchronous", "FULL" if options.get("dailies_durable") else "NORMAL"),
            ):
                if connection.info.get(name) != value:  # what the file's own connection was told last
                    connection.exec_driver_sql(f"PRAGMA {name} = {value}")
                    connection.info[name] = value
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("dailies_writes") else "BEGIN")

    return engine


def _write_ahead(connection: Any) -> None:
    """Switch to write-ahead logging. The switch does not wait for other processes' locks, so this loop does."""
    deadline = time.monotonic() + _LOCK_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except connection.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
