"""What a worker without pages tells machines on a port of its own: `/healthz`, `/readyz` and `/metrics`.

The same answers as those of an app, see `components.server.status`, and the same rule for who is told the metrics.
"""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from dailies.access import is_loopback
from dailies.errors import DailiesError, StoreError
from dailies.work.metrics import CONTENT_TYPE

_JSON, _TEXT = "application/json", "text/plain; charset=utf-8"


def serve_status(
    host: str, port: int, token: str, find_faults: Callable[[], Mapping[str, str]], render_metrics: Callable[[], bytes]
) -> Callable[[], None]:
    """Listen on a thread of its own; returns what ends it. Raises `DailiesError` where that is not possible.

    Only a caller with the `token`, or a program on this machine, may read the metrics.
    """

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send(*self.find())

        def find(self) -> tuple[int, str, bytes]:
            if self.path == "/healthz":
                return 200, _JSON, b'{"status":"ok"}'
            if self.path == "/readyz":
                faults = find_faults()
                body = {"status": "not ready" if faults else "ready", "not_ready": sorted(faults)}
                return (503 if faults else 200), _JSON, json.dumps(body).encode()
            if self.path != "/metrics":
                return 404, _TEXT, b"There is /healthz, /readyz and /metrics."
            if not self.is_operator():
                return 403, _TEXT, b"Metrics are for this machine, or with DAILIES_METRICS_TOKEN as a bearer token."
            try:
                return 200, CONTENT_TYPE, render_metrics()
            except StoreError:
                return 503, _TEXT, b"The library cannot be used now. Try again in a moment."

        def is_operator(self) -> bool:
            given = self.headers.get("Authorization", "").removeprefix("Bearer ").encode("latin-1")
            return is_loopback(self.client_address[0]) or bool(token and hmac.compare_digest(given, token.encode()))

        def send(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            for name, value in (
                ("Content-Type", kind),
                ("Content-Length", str(len(body))),
                ("Cache-Control", "no-store"),
            ):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing: a probe comes every few seconds."""

    try:
        server = ThreadingHTTPServer((host, port), Answer)
    except OSError as error:
        raise DailiesError(
            f"Port {port} at {host} cannot be listened on: {error.strerror}. Choose another --port."
        ) from error
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="dailies-status", daemon=True).start()

    def stop() -> None:
        server.shutdown()
        server.server_close()

    return stop
