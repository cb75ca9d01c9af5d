"""Stores who has signed in, for names beside what they own, and which sign-ins have ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from dailies.people import Person
from dailies.store.database import Database, put
from dailies.store.records import to_time

_meta = sa.MetaData()
_people = sa.Table(
    "people",
    _meta,
    sa.Column("id", sa.String(64)),
    sa.Column("email", sa.Text),
    sa.Column("name", sa.Text),
    sa.Column("seen", sa.DateTime),
)
_signed_out = sa.Table("signed_out", _meta, sa.Column("session", sa.String(64)), sa.Column("until", sa.DateTime))


class PeopleStore:
    """The people of one database. Thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def see(self, person: Person, now: datetime) -> None:
        """Store how a person is called at present."""
        row = {"id": person.id, "email": person.email, "name": person.name, "seen": to_time(now)}
        with self._database.writing() as connection:
            put(connection, _people, row, "id")

    def all(self) -> Mapping[str, Person]:
        """Return {id: person} of everybody who has signed in."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(_people).order_by(_people.c.name, _people.c.email)).mappings()
            return {row["id"]: Person(row["id"], row["email"], row["name"]) for row in rows}

    def sign_out(self, session: str, until: datetime, now: datetime) -> None:
        """End a sign-in. `until` is when its cookie has expired anyway and the end can be forgotten."""
        with self._database.writing() as connection:
            connection.execute(_signed_out.delete().where(_signed_out.c.until <= to_time(now)))
            put(connection, _signed_out, {"session": session, "until": to_time(until)}, "session")

    def has_signed_out(self, session: str) -> bool:
        query = sa.select(_signed_out.c.session).where(_signed_out.c.session == session)
        with self._database.reading() as connection:
            return connection.execute(query).first() is not None
