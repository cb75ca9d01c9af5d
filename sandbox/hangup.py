"""Staged broken connections: an answer that never starts, and a file that stops half-way.

ASGI has no word for closing a connection, so this reaches for uvicorn's transport, which `Gateway` puts into the
scope. Under a server that hides it the staged failure is reported as an error instead of silently not happening.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class HangUp(Exception):  # noqa: N818 (what the client will see, not a fault)
    """Close the connection without a word."""


class Silence(Response):
    """The answer to a dropped request: none."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        get_transport(scope).abort()
        await wait_until_gone(receive)


class BreakOff(Response):
    """The first half of a film under the headers of the whole, and then the line goes dead."""

    def __init__(self, path: Path) -> None:
        super().__init__(media_type="video/mp4")
        self.path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        payload = await asyncio.to_thread(self.path.read_bytes)
        headers = [(b"content-type", b"video/mp4"), (b"content-length", str(len(payload)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": payload[: len(payload) // 2], "more_body": True})
        # close, not abort: what was written still reaches the client.
        get_transport(scope).close()
        await wait_until_gone(receive)


async def hang_up(request: Request, error: Exception) -> Response:
    return Silence()


def get_transport(scope: Scope) -> Any:
    transport = scope.get("sandbox.transport")
    if transport is None:
        raise RuntimeError("this server does not show its transport: a dropped connection cannot be staged under it")
    return transport


async def wait_until_gone(receive: Receive) -> None:
    """Wait until the server knows the client is gone, so that it does not answer in our place."""
    while (await receive())["type"] != "http.disconnect":
        pass
