"""What was spent: the expected cost of runs, kept with them, and of calls of chat models, kept here."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dailies.gateways import SANDBOX
from dailies.money import Money, Spent
from dailies.store.database import Database
from dailies.store.records import to_millionths, to_money, to_time
from dailies.store.run_table import runs
from dailies.vocabulary import RunState

_chat = sa.Table(
    "chat_calls",
    sa.MetaData(),
    *(sa.Column(name, sa.Text) for name in ("id", "owner", "gateway", "model")),
    sa.Column("created", sa.DateTime),
    sa.Column("cost", sa.BigInteger),
    sa.Column("currency", sa.String(12)),
)
_FREE = (RunState.CANCELLED.value, RunState.FAILED.value)  # nothing is charged, if there is no task


class SpendingStore:
    """The spending of one database. Thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_chat(self, owner: str, gateway: str, model: str, cost: Money | None, now: datetime) -> None:
        """Record a call of a chat model. The cost is None where it is unknown."""
        row = {"id": secrets.token_hex(16), "owner": owner, "gateway": gateway, "model": model, "created": to_time(now)}
        price = {"cost": to_millionths(cost), "currency": cost.currency if cost else None}
        with self._database.writing() as connection:
            connection.execute(_chat.insert().values(row | price))

    def sum(self, since: datetime, owner: str | None = None) -> Sequence[Money]:
        """What was spent since a moment by the estimates, one sum for each currency. `owner` None: everybody's.

        A run that was cancelled, or refused before there was a task, counts for nothing; an unsure one counts.
        """
        spent = _select_spent(since, owner)
        query = sa.select(sa.func.sum(spent.c.cost).label("cost"), spent.c.currency).where(spent.c.cost.is_not(None))
        with self._database.reading() as connection:
            rows = connection.execute(query.group_by(spent.c.currency)).all()
        return [money for row in rows if (money := to_money(int(row.cost), row.currency)) is not None]

    def list(self, since: datetime, owner: str | None = None) -> Sequence[Spent]:
        """What was spent since a moment by day, model and person, newest day first. `owner` None: everybody's.

        Counts what `sum` counts, and says how often there was no known price, and what was the sandbox's.
        """
        spent = _select_spent(since, owner)
        date = sa.func.date(spent.c.created).label("day")
        free = (spent.c.gateway == SANDBOX).label("free")
        keys = (date, spent.c.model, spent.c.owner, spent.c.chat)
        sums = (sa.func.count().label("times"), sa.func.sum(spent.c.cost).label("cost"))
        query = sa.select(*keys, free, spent.c.currency, *sums).group_by(*keys, free, spent.c.currency)
        query = query.order_by(date.desc(), spent.c.model, spent.c.owner, spent.c.chat)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        found: dict[tuple[str, str, str, bool], list[Any]] = {}
        for row in rows:
            found.setdefault((str(row.day), row.model, row.owner, bool(row.chat)), []).append(row)
        return [
            Spent(
                day,
                model,
                person,
                chat=chat,
                times=sum(row.times for row in group),
                known=tuple(
                    money for row in group if row.currency and (money := to_money(int(row.cost), row.currency))
                ),
                unknown=sum(row.times for row in group if row.currency is None and not row.free),
                free=sum(row.times for row in group if row.currency is None and row.free),
            )
            for (day, model, person, chat), group in found.items()
        ]


def _select_spent(since: datetime, owner: str | None) -> sa.Subquery:
    """Select everything that counts as spent since a moment, one row for each run and each call."""
    parts = []
    for table, chat in ((runs, 0), (_chat, 1)):
        named = (table.c.created, table.c.model, table.c.owner, table.c.gateway, table.c.cost, table.c.currency)
        part = sa.select(*named, sa.literal_column(str(chat)).label("chat")).where(table.c.created >= to_time(since))
        parts.append(part if owner is None else part.where(table.c.owner == owner))
    parts[0] = parts[0].where(sa.not_(runs.c.state.in_(_FREE) & (runs.c.task == "")))
    return sa.union_all(*parts).subquery()
