"""The parts of a process together: the embedded sandbox as a child that is replaced when it dies."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from dailies.catalog.load import load
from dailies.domain import Draft
from dailies.errors import DailiesError
from dailies.gateways import SANDBOX
from dailies.request import draft, wire
from dailies.services import Services
from dailies.settings import Settings
from dailies.vocabulary import Mode, RunState
from dailies.work.life import create_run


def test_a_dead_sandbox_is_replaced_by_the_worker_keeps_its_tasks_and_ends_them_with_a_clip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, eventually
) -> None:
    monkeypatch.setenv("DAILIES_SANDBOX_SECONDS", "2")
    monkeypatch.setenv("DAILIES_SANDBOX_FRAME_RATE", "2")
    services = Services(Settings(tmp_path))
    try:
        services.ensure_sandbox()
        first = services.settings.sandbox_url
        services.ensure_sandbox()
        assert services.settings.sandbox_url == first
        services.start()
        family = load().families["sora"]
        cell = family.cell("sora-2", Mode.TEXT)
        assert cell is not None
        request = draft.check(Draft("A boat", {"seconds": 4}), cell).request
        assert request is not None
        made = create_run(request, wire.encode(request, cell), cell.route, SANDBOX, services.now())
        (run,) = services.send([made])
        task = eventually(lambda: services.store.runs.get(run.id).task)
        services._sandbox._process.kill()
        services._sandbox._process.wait()
        ended = eventually(lambda: (found := services.store.runs.get(run.id)) and not found.state.open and found)
        assert (ended.state, ended.clip is not None, ended.task) == (RunState.DONE, True, task)
        assert services.settings.sandbox_url not in (None, first)
    finally:
        services.close()


def test_the_sandbox_has_an_address_before_it_runs_and_starts_when_it_may(tmp_path: Path, eventually) -> None:
    calm = threading.Event()
    services = Services(Settings(tmp_path))
    try:
        services.start(calm)
        services.ensure_sandbox()
        sandbox = services._sandbox
        assert (services.settings.sandbox_url, sandbox._process) == (sandbox.url, None)
        calm.set()
        eventually(lambda: sandbox._process)
        assert services.health.refresh(SANDBOX).ok
    finally:
        services.close()


def test_a_sandbox_that_has_runs_to_end_starts_at_once(tmp_path: Path, fresh) -> None:
    services = Services(Settings(tmp_path))
    try:
        services.store.runs.add(fresh(gateway=SANDBOX))
        services.start(threading.Event())
        services.ensure_sandbox()
        assert services._sandbox._process is not None
    finally:
        services.close()


def test_where_no_socket_is_handed_over_the_sandbox_listens_at_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, eventually
) -> None:
    monkeypatch.setattr("dailies.services._HANDS_OVER", False)
    services = Services(Settings(tmp_path))
    try:
        services.ensure_sandbox()
        url = services.settings.sandbox_url
        assert eventually(lambda: services.health.refresh(SANDBOX).ok)
        assert (services.settings.sandbox_url, services._sandbox._process.poll()) == (url, None)
    finally:
        services.close()


def test_a_sandbox_that_does_not_start_is_said_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    services = Services(Settings(tmp_path))
    try:
        with monkeypatch.context() as patch:
            patch.setattr("dailies.services.TREE", tmp_path)  # no sandbox stands there
            patch.delenv("PYTHONPATH", raising=False)
            services.ensure_sandbox()
            services._sandbox._process.wait(60)
            with pytest.raises(DailiesError, match="did not start"):
                services.ensure_sandbox()
        services.ensure_sandbox()
        assert services.health.refresh(SANDBOX).ok
    finally:
        services.close()


@pytest.mark.parametrize("role", [{"works": False}, {"serves": False}])
def test_processes_that_divide_the_work_need_a_database_and_a_gateway_that_both_reach(
    tmp_path: Path, role: dict[str, bool], postgres
) -> None:
    for url, missing in (("", "DAILIES_DATABASE_URL"), (postgres(), "DAILIES_SANDBOX_URL")):
        services = Services(Settings(tmp_path, database_url=url, **role))
        with pytest.raises(DailiesError, match=missing):
            services.start()
        services.close()


def test_an_app_that_does_not_work_leaves_the_run_to_a_worker_and_hears_of_its_end(
    tmp_path: Path, postgres, gateway, good, fresh, key, eventually
) -> None:
    url = postgres()
    homes = [tmp_path / "app", tmp_path / "worker"]
    secret = {"secret": "s" * 32, "database_url": url, "base_url": gateway.url}
    app, worker = (
        Services(Settings(home, **secret, **role))
        for home, role in zip(homes, ({"works": False}, {"serves": False}), strict=True)
    )
    try:
        app.start()
        worker.start()
        app.keyring.put("ann", gateway.url, key)
        told: list[str] = []
        app.worker.feed.subscribe(lambda ids, _: told.extend(ids))
        (run,) = app.send([fresh(credential="ann")])
        ended = eventually(lambda: (found := app.store.runs.get(run.id)) and not found.state.open and found)
        assert ended.state is RunState.DONE
        eventually(lambda: told.count(run.id) > 1)
        assert [each.headers["authorization"] for each in gateway.seen if each.method == "POST"] == [f"Bearer {key}"]
    finally:
        app.close()
        worker.close()


def test_presses_in_two_apps_pass_one_budget_one_after_the_other(tmp_path: Path, postgres, eventually) -> None:
    url = postgres()
    first, second = (Services(Settings(tmp_path / name, database_url=url, secret="s" * 32)) for name in "ab")
    entered = threading.Event()

    def press() -> None:
        with second.store.alone():
            entered.set()

    try:
        with first.store.alone():
            other = threading.Thread(target=press)
            other.start()
            eventually(lambda: waits_for_a_lock(first))
            assert not entered.is_set()
        other.join()
        assert entered.is_set()
    finally:
        first.close()
        second.close()


def waits_for_a_lock(services: Services) -> bool:
    """Whether a process waits for another to be done."""
    query = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with services.store._database.reading() as connection:
        return connection.exec_driver_sql(query).first() is not None
