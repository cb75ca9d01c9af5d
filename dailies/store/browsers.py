"""Keeps what a browser left on the server: the gateway in use, and the form of each page.

A reload, a second tab and a restart find both again. No key is ever here: `keyed` only says that one was entered.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from dailies.domain import Request
from dailies.people import Browser
from dailies.store.database import Database, put
from dailies.store.records import from_request, to_request, to_time

_meta = sa.MetaData()
_browsers = sa.Table(
    "browsers",
    _meta,
    sa.Column("id", sa.String(64)),
    sa.Column("gateway", sa.Text),
    sa.Column("keyed", sa.Boolean),
    sa.Column("seen", sa.DateTime),
)
_drafts = sa.Table(
    "drafts",
    _meta,
    sa.Column("browser", sa.String(64)),
    sa.Column("form", sa.String(64)),
    sa.Column("request", sa.JSON),
    sa.Column("saved", sa.DateTime),
)


class BrowserStore:
    """The browsers of one database. Thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, browser: str) -> Browser | None:
        """What is kept for a browser; None where it has not chosen anything."""
        query = sa.select(_browsers).where(_browsers.c.id == browser)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return Browser(row["id"], row["gateway"], row["keyed"]) if row else None

    def save(self, browser: Browser, now: datetime) -> None:
        """Keep which gateway a browser uses."""
        row = {"id": browser.id, "gateway": browser.gateway, "keyed": browser.keyed, "seen": to_time(now)}
        with self._database.writing() as connection:
            put(connection, _browsers, row, "id")

    def draft(self, browser: str, form: str) -> Request | None:
        """The form as this browser left it, unchecked; None where it left none."""
        query = sa.select(_drafts.c.request).where(_drafts.c.browser == browser, _drafts.c.form == form)
        with self._database.reading() as connection:
            kept = connection.execute(query).scalar()
        return to_request(kept) if kept is not None else None

    def save_draft(self, browser: str, form: str, draft: Request, now: datetime) -> None:
        """Keep a form as it stands; what was kept before is replaced."""
        row = {"browser": browser, "form": form, "request": from_request(draft), "saved": to_time(now)}
        with self._database.writing() as connection:
            put(connection, _drafts, row, "browser", "form")

    def save_prompt(self, browser: str, form: str, prompt: str, now: datetime) -> bool:
        """Keep the prompt of a form that is kept already; False where none is."""
        found = (_drafts.c.browser == browser) & (_drafts.c.form == form)
        with self._database.writing() as connection:
            kept = connection.execute(sa.select(_drafts.c.request).where(found)).scalar()
            if kept is None:
                return False
            values = {"request": kept | {"prompt": prompt}, "saved": to_time(now)}
            connection.execute(_drafts.update().where(found).values(values))
        return True
