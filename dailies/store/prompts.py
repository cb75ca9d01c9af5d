"""The prompts of a person's runs, and those that they have starred. A star stays when the runs are gone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from dailies.library import View
from dailies.store.database import Database, put
from dailies.store.records import to_time
from dailies.store.run_table import runs
from dailies.store.shelf import list_conditions, shelf

_starred = sa.Table(
    "starred_prompts",
    sa.MetaData(),
    sa.Column("owner", sa.String(64)),
    sa.Column("digest", sa.String(64)),
    sa.Column("prompt", sa.Text),
    sa.Column("starred", sa.DateTime),
)
_LOOKED_AT = 300
"""How many runs one look into the history reads; a search reaches those before them."""

MOST_STARRED = 200


class PromptStore:
    """The prompts of one database. Thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def history(self, owner: str, search: str = "", *, limit: int = 20) -> Sequence[str]:
        """List the prompts of an owner's latest runs once each, the newest first; each word of `search` begins one."""
        with self._database.reading() as connection:
            where = list_conditions(connection, owner, View(search=search))
            query = sa.select(runs.c.request).join(shelf, shelf.c.run == runs.c.id).where(*where, shelf.c.prompt != "")
            rows = connection.execute(query.order_by(shelf.c.number.desc()).limit(_LOOKED_AT)).scalars().all()
        return list(dict.fromkeys(str(request["prompt"]) for request in rows))[:limit]

    def starred(self, owner: str) -> Sequence[str]:
        """List an owner's starred prompts, the latest first, at most `MOST_STARRED`."""
        query = sa.select(_starred.c.prompt).where(_starred.c.owner == owner).order_by(_starred.c.starred.desc())
        with self._database.reading() as connection:
            return list(connection.execute(query.limit(MOST_STARRED)).scalars())

    def star(self, owner: str, prompt: str, now: datetime) -> None:
        """Star a prompt."""
        row = {"owner": owner, "digest": _digest(prompt), "prompt": prompt, "starred": to_time(now)}
        with self._database.writing() as connection:
            put(connection, _starred, row, "owner", "digest")

    def unstar(self, owner: str, prompt: str) -> None:
        """Take the star of a prompt away."""
        found = (_starred.c.owner == owner) & (_starred.c.digest == _digest(prompt))
        with self._database.writing() as connection:
            connection.execute(_starred.delete().where(found))


def _digest(prompt: str) -> str:
    return hashlib.sha256(prompt.encode()).hexdigest()
