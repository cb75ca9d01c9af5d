"""The gateway of `bench.kills`: it counts the creates, whose tasks are over at the second look."""

from __future__ import annotations

import http.server
import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, ClassVar


class _Gateway(http.server.BaseHTTPRequestHandler):
    """Makes a task of every call, says once that it runs, and gives the same clip for all."""

    creates: ClassVar[list[str]] = []
    looks: ClassVar[Counter[str]] = Counter()
    clip = b""
    protocol_version = "HTTP/1.1"

    def handle(self) -> None:
        with suppress(ConnectionError):  # its client was killed
            super().handle()

    def do_POST(self) -> None:
        prompt = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["prompt"]
        self.creates.append(prompt)
        self._answer({"id": f"task-{len(self.creates)}", "status": "queued"})

    def do_GET(self) -> None:
        if self.path == "/creates":
            self._answer(self.creates)
        elif self.path == "/clip.mp4":
            self._send(self.clip, "video/mp4")
        else:
            task = self.path.rsplit("/", 1)[-1]
            self.looks[task] += 1
            done = {"status": "completed", "video_url": "/clip.mp4"}
            self._answer({"id": task} | (done if self.looks[task] > 1 else {"status": "running"}))

    def _answer(self, body: Any) -> None:
        self._send(json.dumps(body).encode(), "application/json")

    def _send(self, data: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("openai-poll-after-ms", "1")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments: object) -> None:
        """Log nothing."""


@contextmanager
def serve_gateway(clip: bytes) -> Iterator[str]:
    """Serve the gateway in a process of its own and yield its address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Gateway) as server:
        child = os.fork()
        if not child:
            _Gateway.clip = clip
            server.serve_forever()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
