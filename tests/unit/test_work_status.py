"""What a worker without pages tells machines."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import httpx
import pytest

from dailies.errors import DailiesError, StoreError
from dailies.work.status import serve_status

TOKEN = "a-token-of-sixteen-characters"


class Told:
    """What the worker would say of itself."""

    def __init__(self) -> None:
        self.faults: dict[str, str] = {}
        self.gone = False

    def render(self) -> bytes:
        if self.gone:
            raise StoreError("The database at a secret address cannot be used now.")
        return b"dailies_runs 1\n"


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def ask(told: Told) -> Iterator[Callable[..., httpx.Response]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    stop = serve_status("127.0.0.1", port, TOKEN, lambda: told.faults, told.render)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        yield client.get
    stop()


def test_health_readiness_and_metrics(told, ask):
    assert (ask("/healthz").status_code, ask("/readyz").json()) == (200, {"status": "ready", "not_ready": []})
    assert ask("/metrics").text == "dailies_runs 1\n"
    assert ask("/").status_code == 404
    told.faults, told.gone = {"database": "The database at a secret address is gone."}, True
    assert ask("/healthz").status_code == 200
    answer = ask("/readyz")
    assert (answer.status_code, answer.json()["not_ready"]) == (503, ["database"])
    assert ask("/metrics").status_code == 503
    assert "secret" not in answer.text + ask("/metrics").text


def test_metrics_are_for_this_machine_and_for_whoever_shows_the_token(ask, monkeypatch):
    monkeypatch.setattr("dailies.work.status.is_loopback", lambda _: False)
    assert ask("/metrics").status_code == 403
    assert ask("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 403
    assert ask("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_a_port_that_is_taken_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DailiesError, match=f"Port {port} .* --port"):
            serve_status("127.0.0.1", port, "", dict, bytes)
