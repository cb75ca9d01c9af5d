"""Sockets that send at once.

A small message that follows another one waits in the kernel until the browser has confirmed the first, which browsers
put off by 40 milliseconds. Servers switch that off; asyncio does so for sockets that name their protocol, and the one
that Streamlit 1.67 opens names none. So each file of a page and each message to one waited. There is no setting for it.
"""

from __future__ import annotations

import asyncio.base_events
import socket

_INTERNET = (socket.AF_INET, socket.AF_INET6)


def send_at_once(connection: socket.socket) -> None:
    """Have a TCP connection send what it is given without waiting for a confirmation of what it sent before."""
    if connection.family in _INTERNET and connection.type == socket.SOCK_STREAM:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def install() -> None:
    """Have every connection that this process takes from now on send at once."""
    asyncio.base_events._set_nodelay = send_at_once  # type: ignore[attr-defined]
