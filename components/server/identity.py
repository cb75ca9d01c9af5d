"""The cookie that names a browser: signed, so that nobody makes one up, and out of reach of scripts.

It names a browser and nothing else. What is kept for the browser stays on the server.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dailies.signing import COOKIE, Signer

_KEPT_FOR = 365 * 24 * 3600  # seconds
_CONDITIONS = (b"if-none-match", b"if-modified-since")


class Remember:
    """Middleware that gives every browser its cookie with the first page."""

    def __init__(self, app: ASGIApp, signer: Callable[[], Signer]) -> None:
        self._app = app
        self._signer = signer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.browser(scope) is not None:
            await self._app(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("set-cookie", self._cookie(secure=scope["scheme"] == "https"))
            await send(message)

        # A 304 has no content type and would set no cookie: a browser without one is always sent the whole page.
        asked = [(name, value) for name, value in scope["headers"] if name not in _CONDITIONS]
        await self._app({**scope, "headers": asked}, receive, send_with_cookie)

    def browser(self, scope: Scope) -> str | None:
        """The browser that a request comes from; None where it shows no cookie of ours."""
        headers = dict(scope["headers"])
        cookies = cookie_parser(headers.get(b"cookie", b"").decode("latin-1"))
        return self._signer().read_browser(cookies.get(COOKIE, ""))

    def _cookie(self, *, secure: bool) -> str:
        response = Response()
        response.set_cookie(
            COOKIE,
            self._signer().sign_browser(secrets.token_hex(16)),
            max_age=_KEPT_FOR,
            httponly=True,
            samesite="lax",
            secure=secure,
        )
        return response.headers["set-cookie"]
