"""Callbacks: which calls take one, what a stranger learns, and that each call means one look."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import anyio
import pytest
from click.testing import CliRunner
from starlette.applications import Starlette
from starlette.testclient import TestClient

from components.runs.details import list_facts
from components.server import callbacks as route
from components.server.callbacks import Bell, list_callback_routes
from dailies.catalog.load import load
from dailies.cli import main
from dailies.exchange import Call
from dailies.gateways import SANDBOX
from dailies.request import snippets, wire
from dailies.settings import Settings
from dailies.store.runs import Lease
from dailies.vocabulary import CALLBACK, Body, Mode, RunState
from dailies.work import callbacks
from tests.unit import golden

GATEWAY = "https://gateway.test"
REST = timedelta(seconds=1)
TAKERS = [cell for cell in load().cells() if cell.parameter(CALLBACK) and not cell.refused]


def request_of(cell, **changes):
    return golden.request_of(replace(golden.minimal_draft(cell), **changes), cell)


# --- calls -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", TAKERS, ids=lambda cell: f"{cell.entry.id}-{cell.model.id}-{cell.mode}")
def test_an_address_is_put_where_the_person_would_have_put_theirs(cell):
    call = wire.encode(request_of(cell), cell)
    values = {**golden.minimal_draft(cell).values, CALLBACK: "https://ours.test/x"}
    typed = wire.encode(request_of(cell, values=values), cell)
    assert (call.callback != "", typed.callback) == (True, "")
    assert wire.add_callback(call, "https://ours.test/x").json == typed.json
    odd = replace(call, json=None)
    assert wire.add_callback(odd, "https://ours.test/x") == odd


def test_an_address_that_somebody_has_named_stays_alone():
    cell = TAKERS[0]
    place = wire.encode(request_of(cell), cell).callback
    inner = place.removeprefix(f"{cell.raw_to}.") if cell.raw_to else place
    assert wire.encode(request_of(cell, metadata={inner: "https://theirs.test"}), cell).callback == ""


def test_only_these_calls_have_a_place_for_one():
    others = [cell for cell in load().cells() if not cell.parameter(CALLBACK) and not cell.refused]
    assert len(TAKERS) > 10
    assert not any(wire.encode(request_of(cell), cell).callback for cell in others)


def test_the_address_is_added_as_the_run_leaves_and_stored_nowhere(tmp_path, make_run):
    cell = TAKERS[0]
    call = wire.encode(request_of(cell), cell)
    run = make_run(call=call, gateway=GATEWAY)
    settings = Settings(tmp_path, public_url="https://ours.test/app")
    kept = callbacks.settle(run, settings)
    sent = callbacks.add_address(kept, settings)
    address = settings.callback_address(run.id)
    assert address.startswith(f"https://ours.test/app/callbacks/{run.id}/")
    assert kept == run
    assert address in repr(sent.call.json)
    assert "ours.test" not in repr(kept) + snippets.write_curl(call, GATEWAY) + snippets.write_httpx(call, GATEWAY)


@pytest.mark.parametrize(
    ("gateway", "public_url", "wanted", "callable_"),
    [
        (GATEWAY, "", True, False),
        (GATEWAY, "https://ours.test", True, True),
        (GATEWAY, "https://ours.test", False, False),
        (SANDBOX, "https://ours.test", True, False),  # nothing leaves the machine for the sandbox
        (SANDBOX, "http://127.0.0.1:8501", True, True),
    ],
)
def test_a_gateway_that_cannot_reach_us_is_given_no_address(tmp_path, make_run, gateway, public_url, wanted, callable_):
    settings = Settings(tmp_path, public_url=public_url, callbacks=wanted)
    run = make_run(call=wire.encode(request_of(TAKERS[0]), TAKERS[0]), gateway=gateway)
    assert settings.is_callable(gateway) is callable_
    settled = callbacks.settle(run, settings)
    assert bool(settled.call.callback) is callable_
    assert (callbacks.add_address(settled, settings) != settled) is callable_


@pytest.mark.parametrize("public_url", ["https://ours.test", ""])
def test_the_gateway_is_given_the_address_of_the_run_or_none(make_worker, gateway, good, fresh, reach, public_url):
    worker, call = make_worker(), Call("POST", "/v1/videos", Body.JSON, json={"a": 1}, callback="metadata.hook")
    worker._settings.public_url = public_url
    worker.start()
    run = reach(worker, worker.submit(fresh(call=call)), RunState.DONE, RunState.FAILED)
    (seen,) = [json.loads(seen.body) for seen in gateway.seen if seen.method == "POST"]
    address = worker._settings.callback_address(run.id)
    assert seen == ({"a": 1, "metadata": {"hook": address}} if public_url else {"a": 1})
    assert run.call == (call if public_url else replace(call, callback=""))


@pytest.mark.parametrize(("public_url", "said"), [("https://ours.test", True), ("", False)])
def test_the_command_line_says_what_is_added(tmp_path, public_url, said):
    cell = next(cell for cell in TAKERS if cell.mode is Mode.TEXT)
    variables = {"DAILIES_HOME": str(tmp_path), "DAILIES_BASE_URL": GATEWAY, "DAILIES_PUBLIC_URL": public_url}
    arguments = ["request", cell.model.id, "--entry", cell.entry.id, "--prompt", "A boat"]
    shown = json.loads(CliRunner().invoke(main, arguments, env=variables).stdout)
    assert any("is added at" in notice["what"] for notice in shown["notices"]) is said
    assert "ours.test" not in json.dumps(shown)


def test_details_say_that_the_gateway_was_asked_to_tell(make_run, now):
    call = wire.encode(request_of(TAKERS[0]), TAKERS[0])
    asked = {name for name, value in list_facts(make_run(call=call, sent=now)).items() if value == call.callback}
    assert len(asked) == 1
    assert not asked & set(list_facts(make_run(call=call)))
    assert not asked & set(list_facts(make_run(call=replace(call, callback=""), sent=now)))


# --- the route ---------------------------------------------------------------------------------------------------


@pytest.fixture
def rung(monkeypatch, tmp_path):
    """A client of the route, the signer, and the runs that were woken."""
    woken: list[str] = []
    settings = Settings(tmp_path)
    services = SimpleNamespace(settings=settings, hasten=woken.append)
    monkeypatch.setattr(route, "open_services", lambda: services)
    monkeypatch.setattr(route, "_bell", Bell(rest=0))
    with TestClient(Starlette(routes=list_callback_routes("/base"))) as client:
        yield client, settings.signer, woken


def test_a_true_address_wakes_its_run_and_a_false_one_learns_nothing(rung, eventually):
    client, signer, woken = rung
    signature = signer.sign_callback("a")
    for run, sign in (("b", signature), ("a", "x"), ("a", signature[:-1]), ("a", "ü"), ("a", signature.upper())):
        forged = client.post(f"/base/callbacks/{run}/{sign}", json={"status": "done"})
        assert (forged.status_code, forged.content) == (204, b"")
    assert woken == []
    for known in (client.post(f"/base/callbacks/a/{signature}", content=b"x" * 100_000), client.get(forged.url)):
        assert (known.status_code, known.content, dict(known.headers)) == (204, b"", dict(forged.headers))
    client.get(f"/base/callbacks/a/{signature}")
    eventually(lambda: woken)
    assert set(woken) == {"a"}
    assert client.get(f"/callbacks/a/{signature}").status_code == 404


def test_one_ring_at_a_time_and_one_more_for_all_calls_meanwhile():
    rung: list[str] = []
    busy = [True, True, False]
    go = threading.Event()

    def ring(run: str) -> bool:
        go.wait(30)
        rung.append(run)
        return run == "a" and busy.pop(0)

    async def call() -> None:
        bell = Bell(rest=0)
        for _ in range(100):
            bell.call("b", ring)
        await asyncio.sleep(0)
        for _ in range(100):
            bell.call("b", ring)
        bell.call("a", ring)
        go.set()
        while bell._called or bell._tasks:
            await asyncio.sleep(0)

    anyio.run(call)
    assert (rung.count("b"), rung.count("a"), busy) == (2, 3, [])


# --- the store ---------------------------------------------------------------------------------------------------


def test_a_callback_makes_a_run_due_without_news_for_anybody(store, make_run, now):
    far = now + timedelta(minutes=5)
    run = store.runs.add(make_run(state=RunState.RUNNING, task="t", updated=now, due=far))
    revision = store.revision()
    later = now + timedelta(seconds=30)
    assert store.runs.hasten(run.id, later, REST) is False
    assert store.runs.get(run.id).due == later
    assert store.revision() == revision
    assert [each.id for each in store.runs.claim_due("w", later, timedelta(seconds=10), 5).runs] == [run.id]
    assert store.runs.hasten(run.id, later, REST) is True  # a look is under way: its answer may be older


def test_a_flood_of_callbacks_means_one_look_a_second(store, make_run, now):
    run = store.runs.add(make_run(state=RunState.RUNNING, task="t", updated=now, due=now + timedelta(minutes=5)))
    for _ in range(3):
        assert store.runs.hasten(run.id, now, REST) is False
        assert store.runs.get(run.id).due == now + REST


def test_no_other_run_is_touched(store, make_run, now):
    due = now + timedelta(minutes=5)
    for number, state in enumerate(RunState):
        run = store.runs.add(make_run(id=f"{number:032}", state=state, task="t", updated=now, due=due))
        assert store.runs.hasten(run.id, now, REST) is (state is RunState.SENDING)
        hastened = state in (RunState.QUEUED, RunState.RUNNING)
        assert store.runs.get(run.id).due == (now + REST if hastened else due)
    assert store.runs.hasten("nobody", now, REST) is False


def test_another_process_is_told_of_a_callback(store, make_run, now, tmp_path, database):
    if database is None:
        return
    from dailies.store import Store

    other, heard = Store(tmp_path / "other", database), threading.Event()
    run = store.runs.add(make_run(state=RunState.RUNNING, task="t", updated=now, due=now + timedelta(minutes=5)))
    store.runs.save(replace(run, word="x"), Lease("w", None))
    told: list[bool] = []

    def hear(due: bool) -> None:
        told.append(due)
        if len(told) > 1:
            heard.set()

    stop = other.listen(hear)
    try:
        while not told:
            heard.wait(0.01)
        store.runs.hasten(run.id, now, REST)
        assert heard.wait(30)
        assert told == [True, True]
    finally:
        stop()
        other.close()
