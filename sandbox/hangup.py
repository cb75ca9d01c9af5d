"""Stage broken connections: an answer that never starts, and a file that stops half-way.

ASGI cannot close a connection, so this uses uvicorn's transport, which `Gateway` puts into the scope. Under a server
without it a staged failure raises an error instead of silently not happening.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class HangUp(Exception):  # noqa: N818 (a staged event, not a fault)
    """Raised to close the connection without an answer."""


class Silence(Response):
    """A response that aborts the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        get_transport(scope).abort()
        await wait_until_gone(receive)


class BreakOff(Response):
    """A response with the headers of a whole film that closes the connection after half of it."""

    def __init__(self, path: Path) -> None:
        super().__init__(media_type="video/mp4")
        self.path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        payload = await asyncio.to_thread(self.path.read_bytes)
        headers = [(b"content-type", b"video/mp4"), (b"content-length", str(len(payload)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": payload[: len(payload) // 2], "more_body": True})
        # close() still delivers what was written; abort() would drop it.
        get_transport(scope).close()
        await wait_until_gone(receive)


async def hang_up(request: Request, error: Exception) -> Response:
    """Answer `HangUp` by aborting the connection."""
    return Silence()


def get_transport(scope: Scope) -> Any:
    """Return the connection's transport; raises RuntimeError under a server that hides it."""
    transport = scope.get("sandbox.transport")
    if transport is None:
        raise RuntimeError("a dropped connection can be staged only under uvicorn: this server hides its transport")
    return transport


async def wait_until_gone(receive: Receive) -> None:
    """Wait until the server has noticed the disconnect; returning earlier would make it answer 500."""
    while (await receive())["type"] != "http.disconnect":
        pass
