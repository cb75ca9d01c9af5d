"""What the sandbox calls back: this machine, once, with the task in the upstream's own words."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.caller import is_near
from tests.sandbox.conftest import Api


@pytest.fixture
def heard() -> Iterator[tuple[str, list[Any], threading.Event]]:
    """A server that keeps what is posted to it, and says when something was."""
    posted: list[Any] = []
    arrived = threading.Event()

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(204)
            self.end_headers()
            arrived.set()

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", posted, arrived
        server.shutdown()


def test_a_task_that_ends_is_posted_to_the_address_of_its_create(api: Api, heard: Any) -> None:
    url, posted, arrived = heard
    made = api.create("/vidu/ent/v2/text2video", model="viduq2", prompt="a boat #moderated", callback_url=f"{url}/a")
    assert arrived.wait(30)
    ((path, told),) = posted
    assert (path, told["id"], told["state"]) == ("/a", made["task_id"], "failed")


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("http://127.0.0.1:1/x", True),
        ("http://localhost/x", True),
        ("http://[::1]:1/", True),
        ("https://hook.example/a", False),
        ("http://127.0.0.1.evil.example/", False),
        ("http://10.0.0.1/", False),
        ("http://localhost@evil.example/", False),
        ("", False),
    ],
)
def test_nothing_but_this_machine_is_called(address: str, near: bool) -> None:
    assert is_near(address) is near
