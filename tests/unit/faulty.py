"""A server that misbehaves below HTTP, too: each request is answered by a function of its bare socket."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

Behaviour = Callable[[socket.socket], None]
"""Answers one request on its connection, which is closed afterwards."""

JSON = "application/json"
HTML = "text/html; charset=utf-8"
MP4 = "video/mp4"


def head(status: int, kind: str, length: int | None, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} X", "Connection: close", f"Content-Type: {kind}"]
    lines += [f"Content-Length: {length}"] if length is not None else []
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def says(body: Any = b"", status: int = 200, kind: str = JSON, headers: dict[str, str] | None = None) -> Behaviour:
    """A whole answer: bytes as they are, anything else as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return sends(head(status, kind, len(data), headers or {}) + data)


def sends(data: bytes) -> Behaviour:
    """Exactly these bytes, then the end."""
    return lambda connection: connection.sendall(data)


def breaks_off(body: bytes, of: int, kind: str = JSON) -> Behaviour:
    """Fewer bytes than announced, then the end."""
    return sends(head(200, kind, of, {}) + body)


def resets(data: bytes = b"") -> Behaviour:
    """These bytes, then a reset instead of an end."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(data)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return behave


def hangs(data: bytes = b"") -> Behaviour:
    """These bytes, then silence until the client leaves."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(data)
        connection.recv(1)

    return behave


def drips(start: bytes, drop: bytes = b"x", pause: float = 0.02) -> Behaviour:
    """A start, then a little again and again, until the client leaves."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(start)
        connection.settimeout(pause)
        while True:
            connection.sendall(drop)
            with suppress(TimeoutError):
                if not connection.recv(1):
                    return

    return behave


class Faulty:
    """The server. `choose` gives the behaviour for a method and a path; a `deaf` one resets at the first byte."""

    def __init__(self) -> None:
        self.choose: Callable[[str, str], Behaviour] = lambda method, path: says()
        self.deaf = False
        self.requests: list[tuple[str, str]] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=[connection], daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            data = b""
            if self.deaf:
                connection.recv(1)
                resets()(connection)
                return
            while b"\r\n\r\n" not in data:
                more = connection.recv(65536)
                if not more:
                    return
                data += more
            top, _, body = data.partition(b"\r\n\r\n")
            lengths = (line for line in top.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            length = int(next(lengths, b":0").split(b":")[1])
            while len(body) < length:
                body += connection.recv(65536)
            method, path, _ = top.split(b"\r\n")[0].decode().split(" ")
            self.requests.append((method, path))
            self.choose(method, path)(connection)


@contextmanager
def faulty() -> Iterator[Faulty]:
    server = Faulty()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join(timeout=5)
