"""The door: one middleware that every request and WebSocket passes, Streamlit's own included.

Owns which hosts are answered, which origins may ask, and the headers that bind the browser. It knows no person.

- **Host.** A foreign page can point its own name at this machine (DNS rebinding); the browser then treats the app as
  part of that page. So only known names are answered. An address in digits cannot be rebound: where the app listens on
  every address of the machine, each of them is answered.
- **Origin.** A browser names the page that asks for a WebSocket, a change, or a read by script. Only our own may.
  Programs send no origin; they hold no cookies of a person either.
- **Fetch metadata.** A page on another port of this machine is the same site to the browser's cookies. It may link to
  the app; it may not embed it, fetch from it or post to it.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from urllib.parse import urlsplit

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from components.server.index import read_index
from dailies.access import is_address, is_loopback
from dailies.errors import DailiesError, StoreError
from dailies.text import NAME_CHARS, clean

_log = logging.getLogger(__name__)
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?", re.IGNORECASE)
_NO_STORE = "The library cannot be used now. Try again in a moment."
_PORTS = {"http": "80", "https": "443"}


@dataclass(frozen=True, slots=True)
class House:
    """Under which hosts what is served; names are in lower case, without a port.

    `hosts`: everything. `any_address`: everything, under every address in digits. `gateway_at`: only what a gateway
    asks for, which is references and callbacks. `base`: the path under which the app is served.
    """

    hosts: frozenset[str] = frozenset()
    any_address: bool = False
    gateway_at: str = ""
    base: str = ""

    def serves(self, host: str, path: str) -> bool:
        """Whether a path is served under the name of a Host header."""
        if host in self.hosts or is_loopback(host) or (self.any_address and is_address(host)):
            return True
        return host == self.gateway_at and path.startswith((f"{self.base}/references/", f"{self.base}/callbacks/"))


class Door:
    """The middleware. `prepare` runs once, before the server starts, and may refuse with a `DailiesError`."""

    def __init__(self, app: ASGIApp, prepare: Callable[[], House]) -> None:
        self._app = app
        self._prepare = prepare
        self._house: House | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._start(scope, receive, send)
            return
        house = await self._open()
        headers = Headers(scope=scope)
        refused = refusal(house, headers, str(scope.get("method", "GET")), scope["type"] == "websocket", scope["path"])
        if scope["type"] == "websocket":
            if refused:
                await send({"type": "websocket.close", "code": 1008, "reason": refused[1]})
                return
            try:
                await self._app(scope, receive, send)
            except StoreError as error:
                _log.warning("A socket was closed. %s", error)
                await send({"type": "websocket.close", "code": 1013, "reason": _NO_STORE})
            return
        answer = PlainTextResponse(refused[1], refused[0]) if refused else self._app
        dressed = _dressed(send, headers.get("host", "") if not refused else "")
        try:
            await answer(scope, receive, dressed)
        except StoreError as error:  # asked before anything is answered
            _log.warning("A request was not answered. %s", error)
            await PlainTextResponse(_NO_STORE, 503)(scope, receive, dressed)

    async def _start(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse to start with a sentence instead of a traceback."""
        try:
            await self._open()
        except DailiesError as error:
            await receive()
            await send({"type": "lifespan.startup.failed", "message": f"Dailies cannot start. {error}"})
            return
        except Exception as error:  # noqa: BLE001 - otherwise the server would start, and fail at every request
            _log.exception("Dailies cannot start")
            await receive()
            what = f"Dailies cannot start. This is a fault of its own ({type(error).__name__}): see the log."
            await send({"type": "lifespan.startup.failed", "message": what})
            return
        await self._app(scope, receive, send)

    async def _open(self) -> House:
        if self._house is None:
            self._house = await anyio.to_thread.run_sync(self._prepare)
        return self._house


def refusal(house: House, headers: Headers, method: str, is_socket: bool, path: str) -> tuple[int, str] | None:
    """(HTTP status, sentence) for a request that is not let in; None for one that is."""
    hosts = headers.getlist("host")
    name = host_name(hosts[0]) if len(hosts) == 1 else ""
    if not name or not house.serves(name, path):
        return 421, (
            "Nothing is served under this name. Use the address that the operator gave out; "
            "the operator adds names in DAILIES_HOSTS."
        )
    origin = headers.get("origin")
    if origin is not None and not _same_origin(origin, hosts[0]):
        _warn_once(clean(origin, NAME_CHARS), clean(hosts[0], NAME_CHARS))
        return 403, (
            "The app was asked under another name than that of this page. A proxy in front of it has to pass the Host "
            "header on as the browser sends it. Pages of other sites may not use the app."
        )
    if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        visit = not is_socket and method == "GET" and headers.get("sec-fetch-mode") == "navigate"
        if not visit or headers.get("sec-fetch-dest") != "document":
            return 403, "Another page may link to this app, and not use or embed it."
    return None


@lru_cache(maxsize=32)
def _warn_once(origin: str, host: str) -> None:
    """Tell the operator of pages that are refused, each once: a proxy that changes the Host header does it to all."""
    _log.warning(
        "A page of %s may not use %s. If it is the app's own, its proxy has to pass the Host header on.", origin, host
    )


def host_name(host: str) -> str:
    """The name in a Host header, in lower case, without brackets, port or final dot; "" for what is none."""
    found = _HOST.fullmatch(host)
    if not found or int(found["port"] or 1) not in range(1, 65536):
        return ""
    return found["name"].lower().strip("[]").rstrip(".")


def content_policy(host: str) -> str:
    """The content security policy of Streamlit's pages under a checked Host header.

    Scripts come from this server; `blob:` is how Streamlit loads a component. Pictures and clips cannot be asked for
    elsewhere, so a text that was drawn as Markdown cannot report its reader. The socket's origin is spelled out for
    browsers to which 'self' means HTTP alone.
    """
    ours = f"'self' ws://{host} wss://{host}" if host else "'self'"
    rules = {
        "default-src": "'none'",
        "script-src": f"'self' blob: 'wasm-unsafe-eval' {_inline_scripts()}",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": f"{ours} blob: data:",
        "worker-src": "'self' blob:",
        "manifest-src": "'self'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


@cache
def _inline_scripts() -> str:
    """The hashes of the inline scripts in the page that Streamlit starts from."""
    scripts = re.findall(r"<script>(.*?)</script>", read_index(), re.DOTALL)
    return " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts)


def _dressed(send: Send, host: str) -> Send:
    """`send` that adds the headers of the door to an answer; a page's own policy stays."""
    headers: Mapping[str, str] = {
        "Content-Security-Policy": content_policy(host),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }

    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = MutableHeaders(scope=message)
            for name, value in headers.items():
                present.setdefault(name, value)
        await send(message)

    return dressed


def _same_origin(origin: str, host: str) -> bool:
    """Whether an Origin header names the page's own host and port; a proxy may have spoken TLS for us."""
    try:
        parts = urlsplit(origin)
        port = str(parts.port or _PORTS[parts.scheme])
    except (KeyError, ValueError):
        return False
    found = _HOST.fullmatch(host)
    if not found:
        return False
    return host_name(parts.netloc) == host_name(host) and port == (found["port"] or _PORTS[parts.scheme])
