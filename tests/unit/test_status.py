"""What machines may ask the server: health, readiness and metrics, and who is told what."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from components.server import status
from components.server.door import Door, House
from components.server.sign_in import is_guarded
from dailies.errors import DailiesError
from dailies.gateway.client import Check
from dailies.services import Services
from dailies.settings import Settings
from dailies.steps import Poll
from dailies.vocabulary import RunState as R
from dailies.work.readiness import LEAST_FREE
from tests.unit.workers import SOON

TOKEN = "a-token-of-the-operator"
NEAR, FAR = ("127.0.0.1", 5000), ("192.0.2.7", 5000)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Services whose worker runs, and whose gateway was last seen well."""
    settings = Settings(
        tmp_path / "home", base_url="http://127.0.0.1:9", api_key="sk-operator-0123", metrics_token=TOKEN
    )
    made = Services(settings)
    made.health._check = lambda *_: Check(True, 0.1, "It answers.")
    made.health.refresh("http://127.0.0.1:9")
    made.worker.start()
    yield made
    made.close()


@pytest.fixture
def ask(services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """`ask(path, client=…, **headers)`: the answer of the server, behind its door."""
    monkeypatch.setattr(status, "open_services", lambda: services)
    house = House(frozenset({"dailies.test"}), any_address=True)
    app = Starlette(routes=status.list_status_routes(), middleware=[Middleware(Door, prepare=lambda: house)])
    opened: list[TestClient] = []

    def asked(path: str, client: tuple[str, int] = NEAR, **headers: str | bytes) -> Any:
        made = TestClient(app, base_url="http://localhost:8501", client=client)
        opened.append(made)
        return made.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    yield asked
    for client in opened:
        client.close()


def test_health_is_for_everybody_and_says_nothing_else(ask) -> None:
    for client, host in ((NEAR, "localhost:8501"), (FAR, "dailies.test"), (FAR, "192.0.2.1:8501")):
        answer = ask("/healthz", client, host=host)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert answer.headers["cache-control"] == "no-store"
    assert ask("/healthz", FAR, host="evil.test").status_code == 421


def test_nobody_has_to_sign_in_to_ask() -> None:
    assert not any(is_guarded([name]) for name in ("healthz", "readyz", "metrics"))


def test_ready_is_ready(ask) -> None:
    answer = ask("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "not_ready": []})


def lose_database(services: Services, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(services.store._database, "_identity", (1, 1))


def fill_disk(_: Services, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=LEAST_FREE - 1))


def stop_worker(services: Services, _: pytest.MonkeyPatch) -> None:
    services.worker.stop()


def lose_gateway(services: Services, _: pytest.MonkeyPatch) -> None:
    services.health._check = lambda *_: Check(False, 0.1, "No connection.")
    services.health.refresh("http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("change", "part", "words"),
    [
        (lose_database, "database", "moved, deleted or replaced"),
        (fill_disk, "disk", "255 MB are free"),
        (stop_worker, "worker", "has not looked"),
        (lose_gateway, "gateway", "127.0.0.1:9: No connection."),
    ],
)
def test_what_is_not_ready_is_named_and_only_the_operator_reads_why(
    ask, services, monkeypatch, change, part, words
) -> None:
    with monkeypatch.context() as patch:
        change(services, patch)
        for answer in (ask("/readyz", FAR, host="dailies.test"), ask("/readyz", x_forwarded_for="192.0.2.7")):
            assert (answer.status_code, answer.json()) == (503, {"status": "not ready", "not_ready": [part]})
        for answer in (ask("/readyz"), ask("/readyz", FAR, host="dailies.test", authorization=f"Bearer {TOKEN}")):
            assert (answer.status_code, list(answer.json()["details"])) == (503, [part])
            assert words in answer.json()["details"][part]


def test_a_gateway_that_nobody_can_ask_is_no_fault(services) -> None:
    lose_gateway(services, None)
    assert list(services.find_faults()) == ["gateway"]
    services.keyring._own.clear()
    assert services.find_faults() == {}


def test_metrics_are_for_this_machine_or_with_the_token(ask) -> None:
    near, far = {"host": "localhost:8501"}, {"host": "dailies.test"}
    assert ask("/metrics", **near).status_code == 200
    assert ask("/metrics", FAR, **far, authorization=f"Bearer {TOKEN}").status_code == 200
    for client, headers in (
        (FAR, far),
        (FAR, near),
        (NEAR, far),  # a proxy on this machine
        (NEAR, near | {"x_forwarded_for": "127.0.0.1"}),
        (NEAR, near | {"forwarded": "for=127.0.0.1"}),
        (FAR, far | {"authorization": "Bearer "}),
        (FAR, far | {"authorization": "Bearer a-token-of-somebody-else"}),
        (FAR, far | {"authorization": b"Bearer \xfc"}),
    ):
        answer = ask("/metrics", client, **headers)
        assert (answer.status_code, "dailies_runs" in answer.text) == (403, False)


def test_without_a_token_no_empty_one_opens_the_metrics(ask, services) -> None:
    services.settings.metrics_token = ""
    for given in ("", "Bearer ", "Bearer"):
        assert ask("/metrics", FAR, host="dailies.test", authorization=given).status_code == 403


def test_metrics_wait_for_a_library_that_cannot_be_read(ask, services, monkeypatch) -> None:
    with monkeypatch.context() as patch:
        lose_database(services, patch)
        assert ask("/metrics").status_code == 503


@pytest.mark.parametrize("value", ["short", "with a space in it, long", "ümlauts-are-no-token"])
def test_a_token_is_one_long_word(value: str) -> None:
    with pytest.raises(DailiesError, match="DAILIES_METRICS_TOKEN") as caught:
        Settings.from_env({"DAILIES_METRICS_TOKEN": value})
    assert value not in str(caught.value)
    assert Settings.from_env({"DAILIES_METRICS_TOKEN": TOKEN}).metrics_token == TOKEN


# --- what is measured --------------------------------------------------------------------------------------------


def values(text: bytes) -> dict[str, float]:
    """{name with labels: value}."""
    lines = [line for line in text.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_runs_are_counted_by_state_and_the_queue_by_gateways_that_the_operator_knows(services, make_run) -> None:
    add = services.store.runs.add
    held = {"held": True, "due": None}
    add(make_run(gateway="http://127.0.0.1:9", **held))
    for host in ("one", "two"):
        add(make_run(gateway=f"https://typed-{host}.test", **held))
    add(make_run(state=R.FAILED, gateway="http://127.0.0.1:9", due=None))
    text = services.render_metrics()
    found = values(text)
    assert found['dailies_runs{state="ready"}'] == 3
    assert found['dailies_runs{state="failed"}'] == 1
    assert found['dailies_runs{state="done"}'] == 0
    assert found['dailies_queue_length{gateway="http://127.0.0.1:9"}'] == 1
    assert found['dailies_queue_length{gateway="typed"}'] == 2
    assert b"typed-" not in text


def test_steps_are_measured(make_worker, good, fresh, reach) -> None:
    worker = make_worker()
    worker.start()
    done = reach(worker, worker.submit(fresh()), R.DONE)
    found = values(worker.metrics.render({}, lambda _: False))
    assert found['dailies_call_seconds_count{step="create"}'] == 1
    assert found['dailies_call_seconds_count{step="poll"}'] == found["dailies_poll_lateness_seconds_count"] >= 1
    assert found['dailies_call_seconds_count{step="fetch"}'] == 1
    assert found["dailies_wait_seconds_count"] == 1
    assert found["dailies_fetched_bytes_total"] == done.clip.size > 0
    assert not [name for name in found if name.startswith("dailies_failures_total")]


def test_failures_are_counted_by_step_and_kind(make_worker, gateway, answer, fresh, reach) -> None:
    bad = {"error": {"message": "No.", "type": "x", "code": "invalid_request"}}
    gateway.answer("POST", "/v1/videos", answer(bad, 400), answer({"id": "t1", "status": "queued"}, headers=SOON))
    gateway.answer("GET", "/v1/videos/t1", answer({"id": "t1", "status": "failed", "error": {"message": "No."}}))
    worker = make_worker()
    worker.start()
    for _ in range(2):
        reach(worker, worker.submit(fresh()), R.FAILED)
    found = values(worker.metrics.render({}, lambda _: False))
    assert found['dailies_failures_total{kind="BadRequest",step="create"}'] == 1
    assert found['dailies_failures_total{kind="Failed",step="generate"}'] == 1


def test_a_late_look_shows(make_worker, fresh) -> None:
    worker = make_worker()
    run = fresh()
    now = run.created + timedelta(seconds=40)
    worker.metrics.measure(replace(run, due=run.created), Poll(), now, SimpleNamespace)
    found = values(worker.metrics.render({}, lambda _: False))
    assert found["dailies_poll_lateness_seconds_sum"] == 40


def test_the_documents_name_every_metric(services) -> None:
    document = (Path(__file__).resolve().parents[2] / "docs" / "operators.md").read_text(encoding="utf-8")
    text = services.render_metrics().decode()
    made = {name for name in re.findall(r"^# TYPE (dailies_\w+)", text, re.MULTILINE) if not name.endswith("_created")}
    assert made == set(re.findall(r"`(dailies_\w+?)(?:\{[^`]*)?`", document))
