"""Stores asset groups and assets: what this installation knows of the gateways' asset libraries.

Owns the two tables and their queries; `database` owns connections, migrations and the counter of revisions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dailies.gateway.assets import Asset, AssetGroup, AssetState, Item
from dailies.store.database import Database
from dailies.store.keys import KeyStore
from dailies.store.records import from_time, to_time
from dailies.vocabulary import MediaKind

_TIMES = ("created", "updated", "watched", "due")

_meta = sa.MetaData()


def _table(name: str, noun: type[Asset] | type[AssetGroup]) -> sa.Table:
    kinds: dict[str, Any] = dict.fromkeys(_TIMES, sa.DateTime) | {"misses": sa.Integer, "revision": sa.BigInteger}
    return sa.Table(name, _meta, *(sa.Column(field.name, kinds.get(field.name, sa.Text)) for field in fields(noun)))


_groups, _assets = _table("asset_groups", AssetGroup), _table("assets", Asset)
_AS_READ = {
    table: table.update().where(table.c.id == sa.bindparam("this"), table.c.revision == sa.bindparam("read"))
    for table in (_groups, _assets)
}


class AssetStore:
    """The groups and assets of one database. Thread-safe."""

    def __init__(self, database: Database, keys: KeyStore) -> None:
        self._database = database
        self._keys = keys

    def add(self, item: Item) -> Item:
        """Store a new group or asset and return it with its revision."""
        with self._database.writing() as connection:
            kept = replace(item, revision=self._database.next_revision(connection))
            connection.execute(_of(item).insert(), _to_row(kept))
            self._keys.keep(connection, kept)
        return kept

    def save(self, item: Item) -> Item | None:
        """Store a changed one; None if it was saved or deleted elsewhere since it was read."""
        as_read = {"this": item.id, "read": item.revision}
        with self._database.writing() as connection:
            kept = replace(item, revision=self._database.next_revision(connection))
            if connection.execute(_AS_READ[_of(item)], _to_row(kept) | as_read).rowcount != 1:
                connection.rollback()
                return None
            self._keys.keep(connection, kept)
            self._keys.drop(connection, kept)
        return kept

    def put_off(self, item: Asset | AssetGroup, due: datetime, misses: int = 0) -> bool:
        """Move the next look-up without publishing a change; False if the item is outdated."""
        values: dict[str, Any] = {"due": to_time(due)} | ({"misses": misses} if isinstance(item, Asset) else {})
        as_read = {"this": item.id, "read": item.revision}
        with self._database.writing() as connection:
            return connection.execute(_AS_READ[_of(item)], values | as_read).rowcount == 1

    def get(self, asset: str) -> Asset | None:
        """Return the asset with our id `asset`."""
        with self._database.reading() as connection:
            row = connection.execute(sa.select(_assets).where(_assets.c.id == asset)).mappings().first()
        return _to_asset(row) if row else None

    def group(self, group: str) -> AssetGroup | None:
        """Return the group with our id `group`."""
        with self._database.reading() as connection:
            row = connection.execute(sa.select(_groups).where(_groups.c.id == group)).mappings().first()
        return _to_group(row) if row else None

    def select_owned(self, ids: Collection[str], owner: str) -> set[str]:
        """Select those of these ids that are assets or groups of an owner."""
        queries = (sa.select(t.c.id).where(t.c.id.in_(list(ids)), t.c.owner == owner) for t in (_assets, _groups))
        with self._database.reading() as connection:
            return {found for query in queries for found in connection.execute(query).scalars()}

    def forget(self, item: Asset | AssetGroup) -> bool:
        """Delete one from this list, not at the gateway; False if it is already gone."""
        table = _of(item)
        with self._database.writing() as connection:
            return connection.execute(table.delete().where(table.c.id == item.id)).rowcount == 1

    def groups(self, gateway: str, owner: str) -> Sequence[AssetGroup]:
        """List the groups of an owner at a gateway, newest first."""
        query = sa.select(_groups).where(_groups.c.gateway == gateway, _groups.c.owner == owner)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(_groups.c.created.desc(), _groups.c.id)).mappings()
            return [_to_group(row) for row in rows]

    def list(
        self,
        gateway: str,
        owner: str,
        *,
        kind: MediaKind | None = None,
        states: Iterable[AssetState] | None = None,
        limit: int = 200,
        offset: int = 0,
    ) -> Sequence[Asset]:
        """List the assets of an owner at a gateway, newest first."""
        query = sa.select(_assets).where(*_filters(gateway, owner, kind, states))
        query = query.order_by(_assets.c.created.desc(), _assets.c.id).limit(limit).offset(offset)
        with self._database.reading() as connection:
            return [_to_asset(row) for row in connection.execute(query).mappings()]

    def count(
        self, gateway: str, owner: str, *, kind: MediaKind | None = None, states: Iterable[AssetState] | None = None
    ) -> int:
        """Count the assets that `list` would return without a limit."""
        query = sa.select(sa.func.count()).select_from(_assets).where(*_filters(gateway, owner, kind, states))
        with self._database.reading() as connection:
            return connection.execute(query).scalar_one()

    def claim_due(
        self, now: datetime, until: datetime, limit: int, under_way: Iterable[str] = ()
    ) -> Sequence[Asset | AssetGroup]:
        """Return what is due and postpone it to `until`, so that no other caller gets it too.

        A group, or an asset still `sending`, is due only after the process that sent it is gone. What the caller has
        `under_way` is left out.
        """
        found: list[Asset | AssetGroup] = []
        with self._database.writing() as connection:
            for table, read in ((_assets, _to_asset), (_groups, _to_group)):
                due = (table.c.due <= to_time(now)) & table.c.id.not_in(list(under_way))
                query = sa.select(table).where(due).order_by(table.c.due)
                query = query.limit(limit - len(found)).with_for_update(skip_locked=True)
                rows = connection.execute(query).mappings().all()
                if rows:
                    claimed = table.c.id.in_([row["id"] for row in rows])
                    connection.execute(table.update().where(claimed).values(due=to_time(until)))
                found += [read(row) for row in rows]
        return found

    def next_due(self) -> datetime | None:
        """Return when the next look-up is due; None if nothing is open."""
        with self._database.reading() as connection:
            moments = [connection.execute(sa.select(sa.func.min(t.c.due))).scalar() for t in (_assets, _groups)]
        return min((moment for moment in map(from_time, moments) if moment), default=None)

    def changed(self, connection: Connection, revision: int) -> dict[str, int]:
        """Return {id: revision} of the groups and assets saved after `revision`, as a part of the store's answer."""
        queries = (sa.select(t.c.id, t.c.revision).where(t.c.revision > revision) for t in (_assets, _groups))
        return {row.id: row.revision for query in queries for row in connection.execute(query)}


def _of(item: Asset | AssetGroup) -> sa.Table:
    return _assets if isinstance(item, Asset) else _groups


def _to_row(item: Asset | AssetGroup) -> dict[str, Any]:
    row = {field.name: getattr(item, field.name) for field in fields(item)}
    row |= {name: to_time(row[name]) for name in _TIMES if name in row}
    row["state"] = item.state.value
    return row | {"kind": item.kind.value} if isinstance(item, Asset) else row


def _to_group(row: Mapping[Any, Any]) -> AssetGroup:
    return AssetGroup(**_plain(row))


def _to_asset(row: Mapping[Any, Any]) -> Asset:
    return Asset(**_plain(row) | {"kind": MediaKind(row["kind"])})


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    times = {name: from_time(cast("datetime | None", row[name])) for name in _TIMES if name in row}
    return dict(row) | times | {"state": AssetState(row["state"])}


def _filters(
    gateway: str, owner: str, kind: MediaKind | None, states: Iterable[AssetState] | None
) -> Iterable[sa.ColumnElement[bool]]:
    yield _assets.c.gateway == gateway
    yield _assets.c.owner == owner
    if kind is not None:
        yield _assets.c.kind == kind.value
    if states is not None:
        yield _assets.c.state.in_([state.value for state in states])
