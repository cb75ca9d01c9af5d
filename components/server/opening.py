"""The start: the server answers first, and what it draws with is loaded while the browser loads Streamlit's own code.

A browser asks for a page, which is the same for everybody, and then for a hundred files of Streamlit's. None of these
needs the library or the program. Everything else waits until both are there. What keeps the library from being opened
ends the process with its sentence: nothing has been taken by then.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from components.address import base_path
from dailies.errors import DailiesError

FAILED = 3
"""The code with which the process ends, as with a start that the server refuses."""

_ROUTE = "dailies.route"
_FREE = ("_stcore/health", "_stcore/host-config", "favicon.png")  # what a page asks for before it opens its socket

_log = logging.getLogger(__name__)
_server_log = logging.getLogger("uvicorn.error")


def leave(code: int) -> None:
    """End the process at once: nothing has begun that would have to be ended in order."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


class Opening:
    """What is being opened. `load` loads and opens everything and returns the routes beside the pages."""

    def __init__(self, load: Callable[[], Sequence[BaseRoute]], end: Callable[[int], object] = leave) -> None:
        self.routes: Sequence[BaseRoute] = ()
        self._load = load
        self._end = end
        self._opened: asyncio.Future[None] | None = None

    def begin(self) -> None:
        """Begin on a thread of its own. Call it in the server's loop."""
        loop = asyncio.get_running_loop()
        opened = self._opened = loop.create_future()
        tell = partial(loop.call_soon_threadsafe, opened.set_result, None)
        threading.Thread(target=self._open, args=(tell,), name="dailies-opening", daemon=True).start()

    async def wait(self) -> None:
        """Wait until everything is open."""
        if self._opened is None:
            self.begin()
        assert self._opened is not None  # noqa: S101 - begun above
        await asyncio.shield(self._opened)

    def _open(self, tell: Callable[[], object]) -> None:
        try:
            self.routes = self._load()
        except DailiesError as error:
            self._refuse(str(error))
        except Exception as error:  # noqa: BLE001 - otherwise everything would wait for ever
            _log.exception("Dailies cannot start")
            self._refuse(f"This is a fault of its own ({type(error).__name__}): see the log.")
        else:
            tell()

    def _refuse(self, why: str) -> None:
        _server_log.error("Dailies cannot start. %s", why)
        self._end(FAILED)


class Wait:
    """Middleware: what needs the library waits until it is open."""

    def __init__(self, app: ASGIApp, opening: Opening, pages: Sequence[str]) -> None:
        """`pages` are paths that need nothing."""
        self._app = app
        self._opening = opening
        self._free = frozenset(pages) | {f"{base_path()}/{path}" for path in _FREE}
        self._static = f"{base_path()}/static/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan" and not self._is_free(scope["path"]):
            await self._opening.wait()
        await self._app(scope, receive, send)

    def _is_free(self, path: str) -> bool:
        return path in self._free or path.startswith(self._static)


class LateRoutes(BaseRoute):
    """The routes of an opening. Whatever gets here before they are known is for none of them."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The first route that takes a request, or that would with another method."""
        best: tuple[Match, Scope] = (Match.NONE, {})
        for route in self._opening.routes:
            match, child = route.matches(scope)
            if match.value > best[0].value:
                best = match, {**child, _ROUTE: route}
        return best

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to the route that takes it."""
        await scope[_ROUTE].handle(scope, receive, send)
