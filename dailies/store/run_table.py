"""The table of runs as queries see it, and how its rows are locked. `migrations` says how it was made."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

runs = sa.Table(
    "runs",
    sa.MetaData(),
    sa.Column("id", sa.String(64), primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("owner", "gateway", "family", "model", "mode", "state", "task", "parent")),
    *(sa.Column(name, sa.Text) for name in ("credential", "word", "link", "trouble", "note", "raw", "usage")),
    sa.Column("lease_owner", sa.Text),
    *(sa.Column(name, sa.DateTime) for name in ("created", "updated", "sent", "finished", "due", "watched")),
    sa.Column("press", sa.String(128)),
    sa.Column("cost", sa.BigInteger),
    sa.Column("currency", sa.String(12)),
    sa.Column("lease_until", sa.DateTime),
    sa.Column("revision", sa.BigInteger),
    sa.Column("place", sa.BigInteger),
    sa.Column("held", sa.Boolean),
    sa.Column("kinship", sa.String(16)),
    sa.Column("frame", sa.Float),
    *(sa.Column(name, sa.Integer) for name in ("percent", "attempts", "misses")),
    *(sa.Column(name, sa.JSON(none_as_null=True)) for name in ("request", "call", "route", "failure", "clip")),
    sa.Column("rewrite", sa.JSON(none_as_null=True)),
    sa.Column("other_tasks", sa.JSON(none_as_null=True)),
)

_IN_ORDER = sa.select(runs.c.id).order_by(runs.c.id).with_for_update()
_LOCKED = _IN_ORDER.where(runs.c.id.in_(sa.bindparam("these", expanding=True)))


def lock(connection: Connection, ids: Iterable[str]) -> None:
    """Lock the rows of these runs before the caller's transaction changes them or their rows of the shelf.

    The order is the same everywhere. Two transactions that change the same runs in two orders would each wait for the
    other, until PostgreSQL gives one of them up. SQLite has one writer at a time.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCKED, {"these": list(ids)})


def lock_where(connection: Connection, *conditions: sa.ColumnElement[bool]) -> None:
    """Lock the rows of the runs that meet the conditions; see `lock`."""
    if connection.dialect.name == "postgresql":
        connection.execute(_IN_ORDER.where(*conditions))
