"""Connections that the server takes send at once."""

from __future__ import annotations

import asyncio
import asyncio.base_events
import socket

import pytest

from components.server import sockets


async def take_one() -> int:
    """What a connection says that comes in at a socket like Streamlit's, which does not name its protocol."""
    listening, taken = socket.socket(), asyncio.Queue[int]()
    listening.bind(("127.0.0.1", 0))

    async def take(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = writer.get_extra_info("socket")
        await taken.put(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    async with await asyncio.start_server(take, sock=listening):
        _, writer = await asyncio.open_connection(*listening.getsockname())
        found = await taken.get()
        writer.close()
    return found


def test_a_connection_waits_for_no_confirmation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio.base_events, "_set_nodelay", asyncio.base_events._set_nodelay)  # as it was, afterwards
    assert not asyncio.run(take_one()), "asyncio does it by itself now: the module can go"
    sockets.install()
    assert asyncio.run(take_one())
