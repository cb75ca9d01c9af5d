"""Who asks: the person behind every request, where people sign in; and that nobody else gets past the sign-in page.

**Which cookie.** `st.login` leaves a signed cookie in the browser, and Streamlit's own WebSocket reads the person from
it. The routes outside the script read the same one, with Streamlit's own functions. The other way, a row that binds our
browser's cookie to a person, would be written by a script run and would have to be taken back at every sign-out and
expiry: two answers to one question. One cookie has one life: it is checked for its signature, its age, and the address
it was made for, as Streamlit checks it.

**Sign-out.** Streamlit deletes the cookie from the browser that signs out. A copy would stay valid for the rest of its
31 days, and open tabs would stay open. So a sign-out is remembered until the cookie would have expired: from then on
the cookie names nobody, and the sockets that were opened with it are closed, in this process at once. A tab whose
socket another process holds ends at its next reload.

**Expiry.** The cookie names nobody 31 days after the sign-in. A tab that is open by then ends at its next reload.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from components.address import base_path
from components.providers import home_url
from components.visitor import set_person
from dailies.people import Person, read_person
from dailies.settings import Settings

if TYPE_CHECKING:
    from dailies.services import Services

_KEPT = timedelta(days=32)  # a little longer than a cookie is taken
_WANTED = "dailies_wanted"  # the page before the sign-in
_STRANGER = Person("-")  # owns nothing

# What the sign-in page itself is made of; everything else under these roots is somebody's.
_GUARDED = frozenset({"clips", "present", "drafts", "live", "media", "_stcore"})
_OPEN_CORE = frozenset({"health", "host-config", "stream"})


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in: the person, and a name for the cookie that proves it."""

    person: Person
    id: str


class SignIn:
    """The middleware. Without sign-in it lets everything pass."""

    def __init__(self, app: ASGIApp, settings: Callable[[], Settings], services: Callable[[], Services]) -> None:
        """The `services` may still be opened when the first pages are asked for: they are waited for on a thread."""
        self._app = app
        self._settings = settings
        self._services = services
        self._sockets: dict[str, set[asyncio.Event]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if not self._settings().access.sign_in:
            await self._app(scope, receive, send)
            return
        path = [part for part in scope["path"].removeprefix(base_path()).split("/") if part]
        guarded, is_socket = is_guarded(path), scope["type"] == "websocket"
        session = read_session(cookies_of(scope))
        if session and (guarded or is_socket or path[:1] == ["_stcore"]):
            session = None if await anyio.to_thread.run_sync(self._has_ended, session) else session
        if guarded and session is None:
            await _refuse(scope, receive, send)
            return
        set_person(scope, session.person if session else _STRANGER)
        if session is None:
            _forget_cookie(scope)
        elif path == ["auth", "logout"]:
            await anyio.to_thread.run_sync(self._end, session)
            for end in self._sockets.pop(session.id, ()):
                end.set()
        if session and is_socket:
            await self._serve_until_sign_out(session, scope, receive, send)
        elif session is None and path == ["oauth2callback"]:
            await self._app(scope, receive, _lead_back(scope, send))
        elif session is None and path[:1] != ["auth"] and is_visit(scope):
            await self._app(scope, receive, _note_wanted(scope, send))
        else:
            await self._app(scope, receive, send)

    def _has_ended(self, session: Session) -> bool:
        return self._services().store.people.has_signed_out(session.id)

    def _end(self, session: Session) -> None:
        services = self._services()
        services.store.people.sign_out(session.id, services.now() + _KEPT, services.now())

    async def _serve_until_sign_out(self, session: Session, scope: Scope, receive: Receive, send: Send) -> None:
        end = asyncio.Event()
        self._sockets.setdefault(session.id, set()).add(end)
        ended, waiting = asyncio.ensure_future(end.wait()), None

        async def receive_or_end() -> Message:
            nonlocal waiting
            waiting = waiting or asyncio.ensure_future(receive())
            await asyncio.wait({waiting, ended}, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                await send({"type": "websocket.close", "code": 1008, "reason": "Signed out."})
                return {"type": "websocket.disconnect", "code": 1008}
            message, waiting = waiting.result(), None
            return message

        try:
            await self._app(scope, receive_or_end, send)
        finally:
            for task in (ended, waiting):
                if task is not None:
                    task.cancel()
            held = self._sockets.get(session.id, set())
            held.discard(end)
            if not held:
                self._sockets.pop(session.id, None)


def is_guarded(path: list[str]) -> bool:
    """Whether a path, in parts, needs a person. A reference is the gateway's to fetch and has an address of its own."""
    if path[:1] == ["_stcore"]:
        return len(path) != 2 or path[1] not in _OPEN_CORE
    return bool(path) and path[0] in _GUARDED


def read_session(cookies: Mapping[str, str]) -> Session | None:
    """The sign-in that a browser's cookies prove; None where there is none, or a cookie is forged, foreign or old."""
    secret = get_cookie_secret()

    def read_part(name: str) -> bytes | None:
        value = cookies.get(name)
        return decode_signed_value(secret, name, value.encode("latin-1")) if value else None

    raw = get_cookie_with_chunks(read_part, USER_COOKIE_NAME)
    try:
        claims: Any = json.loads(raw) if raw else None
    except ValueError:
        claims = None
    if not isinstance(claims, dict) or claims.get("is_logged_in") is not True or claims.get("origin") != home_url():
        return None
    person = read_person(claims)
    # By what was signed, not by how it is spelled: one signature has several spellings in base64.
    return Session(person, hashlib.sha256(raw).hexdigest()[:32]) if raw and person else None


def is_visit(scope: Scope) -> bool:
    """Whether a browser opens a page of the app, other than the first one."""
    is_page = scope["type"] == "http" and Headers(scope=scope).get("sec-fetch-dest") == "document"
    return is_page and (scope["path"] != f"{base_path()}/" or bool(scope["query_string"]))


def wanted_page(cookies: Mapping[str, str]) -> str:
    """The page that a browser wanted before the sign-in, as a path of this app; "" for anything else."""
    wanted = unquote(cookies.get(_WANTED, ""))
    plain = wanted.isprintable() and "\\" not in wanted
    return wanted if plain and wanted.startswith(f"{base_path()}/") and not wanted.startswith("//") else ""


def _note_wanted(scope: Scope, send: Send) -> Send:
    """Have the browser remember the page it wanted: after a sign-in Streamlit leads to the first page alone."""
    page = scope["path"] + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")

    async def noting(message: Message) -> None:
        if message["type"] == "http.response.start":
            _set_cookie(message, quote(page[:2000], safe=""), 600)
        await send(message)

    return noting


def _lead_back(scope: Scope, send: Send) -> Send:
    """Lead a browser that has just signed in to the page it wanted."""
    wanted = wanted_page(cookies_of(scope))

    async def leading(message: Message) -> None:
        if message["type"] == "http.response.start" and wanted:
            headers = MutableHeaders(scope=message)
            signed_in = any(c.startswith(f"{USER_COOKIE_NAME}=") for c in headers.getlist("set-cookie"))
            if signed_in and message["status"] == 302:
                headers["location"] = wanted
                _set_cookie(message, "", 0)
        await send(message)

    return leading


def _set_cookie(message: Message, value: str, seconds: int) -> None:
    made = Response()
    made.set_cookie(_WANTED, value, max_age=seconds, httponly=True, samesite="lax", path=base_path() or "/")
    MutableHeaders(scope=message).append("set-cookie", made.headers["set-cookie"])


def cookies_of(scope: Scope) -> dict[str, str]:
    """The cookies of a request."""
    return cookie_parser("; ".join(Headers(scope=scope).getlist("cookie")))


def _forget_cookie(scope: Scope) -> None:
    """Take a cookie that names nobody out of a request, so that Streamlit does not take it either."""
    kept = [f"{name}={value}" for name, value in cookies_of(scope).items() if not name.startswith(USER_COOKIE_NAME)]
    headers = MutableHeaders(scope=scope)
    del headers["cookie"]
    if kept:
        headers["cookie"] = "; ".join(kept)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": "Sign in first."})
    else:
        await PlainTextResponse("Sign in first.", 401)(scope, receive, send)
