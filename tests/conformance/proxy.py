"""A proxy between a client and the sandbox that keeps a task in the state a test needs."""

from __future__ import annotations

import http.client
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

LOOK_AGAIN_MS = "200"


class Proxy(http.server.ThreadingHTTPServer):
    """Forwards requests to the sandbox. `looked` is set by the first poll.

    While `queued`, it answers every poll with the answer of the task's create.
    """

    daemon_threads = True

    def __init__(self, upstream: str, *, queued: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = urlsplit(upstream).netloc
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.queued = queued
        self.looked = threading.Event()
        self.answers: dict[str, bytes] = {}  # path of a poll -> the answer of the create


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Proxy

    def do_GET(self) -> None:
        held = self.server.answers.get(self.path)
        if held is not None:
            self.server.looked.set()
        if held is not None and self.server.queued:
            headers = {"Content-Type": "application/json", "openai-poll-after-ms": LOOK_AGAIN_MS}
            self._answer(200, headers, held)
        else:
            self._answer(*self._forward())

    def do_POST(self) -> None:
        status, headers, body = self._forward()
        if self.path == "/v1/videos" and status == 200:
            self.server.answers[f"/v1/videos/{json.loads(body)['id']}"] = body
        self._answer(status, headers, body)

    def _forward(self) -> tuple[int, dict[str, str], bytes]:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        onward = http.client.HTTPConnection(self.server.upstream)
        onward.request(self.command, self.path, body, dict(self.headers))
        answer = onward.getresponse()
        content = answer.read()
        onward.close()
        return answer.status, dict(answer.getheaders()), content

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in ({**headers, "Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@contextmanager
def proxied(upstream: str, *, queued: bool = False) -> Iterator[Proxy]:
    """Serve a proxy in a thread."""
    with Proxy(upstream, queued=queued) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()
