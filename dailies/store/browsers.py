"""Keeps what a browser left on the server: the gateway and chat model in use, and the form of each page.

A reload, a second tab and a restart find both again. No key is ever here: `keyed` only says that one was entered.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dailies.domain import Request
from dailies.people import Browser
from dailies.store.database import Database, put
from dailies.store.records import from_request, to_request, to_time
from dailies.vocabulary import Mode

_meta = sa.MetaData()
_browsers = sa.Table(
    "browsers",
    _meta,
    sa.Column("id", sa.String(64)),
    sa.Column("gateway", sa.Text),
    sa.Column("keyed", sa.Boolean),
    sa.Column("chat", sa.Text),
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
        return Browser(row["id"], row["gateway"], row["keyed"], row["chat"] or "") if row else None

    def save(self, browser: Browser, now: datetime) -> None:
        """Keep which gateway and chat model a browser uses."""
        row = {"id": browser.id, "gateway": browser.gateway, "keyed": browser.keyed, "seen": to_time(now)}
        row["chat"] = browser.chat or None
        with self._database.writing() as connection:
            put(connection, _browsers, row, "id")

    def draft(self, browser: str, form: str) -> Request | None:
        """The form as this browser left it, unchecked; None where it left none."""
        with self._database.reading() as connection:
            kept = _read(connection, browser, form)
        return to_request(kept) if kept is not None else None

    def newest_draft(self, browser: str) -> Request | None:
        """The form that this browser changed last, whichever it is, unchecked; None where it left none."""
        query = sa.select(_drafts.c.request).where(_drafts.c.browser == browser).order_by(_drafts.c.saved.desc())
        with self._database.reading() as connection:
            kept: dict[str, Any] | None = connection.execute(query.limit(1)).scalar()
        return to_request(kept) if kept is not None else None

    def prompt_since(self, browser: str, form: str, since: datetime) -> str | None:
        """The prompt of a form that was saved after a moment; None where nothing was."""
        found = (_drafts.c.browser == browser) & (_drafts.c.form == form) & (_drafts.c.saved > to_time(since))
        with self._database.reading() as connection:
            kept: dict[str, Any] | None = connection.execute(sa.select(_drafts.c.request).where(found)).scalar()
        return None if kept is None else str(kept["prompt"])

    def save_draft(self, browser: str, form: str, draft: Request, now: datetime, *, keeps_prompt: bool = False) -> None:
        """Keep a form as it stands; what was kept before is replaced, but for the prompt if `keeps_prompt`."""
        with self._database.writing() as connection:
            request, before = from_request(draft), _read(connection, browser, form)
            if keeps_prompt and before is not None:
                request["prompt"] = before["prompt"]
            _put(connection, browser, form, request, now)

    def save_prompt(self, browser: str, form: str, prompt: str, now: datetime) -> None:
        """Keep the prompt of a form. Where nothing is kept yet, the rest of the form is empty, its entry too."""
        with self._database.writing() as connection:
            before = _read(connection, browser, form)
            empty = from_request(Request(form, "", "", Mode.TEXT, "", {}, {}, {}))
            _put(connection, browser, form, (before or empty) | {"prompt": prompt}, now)


def _read(connection: Connection, browser: str, form: str) -> dict[str, Any] | None:
    found = (_drafts.c.browser == browser) & (_drafts.c.form == form)
    kept: dict[str, Any] | None = connection.execute(sa.select(_drafts.c.request).where(found)).scalar()
    return kept


def _put(connection: Connection, browser: str, form: str, request: dict[str, Any], now: datetime) -> None:
    row = {"browser": browser, "form": form, "request": request, "saved": to_time(now)}
    put(connection, _drafts, row, "browser", "form")
