"""A gateway that calls back, over real HTTP: the run is looked at as soon as its task has ended."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

import sandbox.desk
from components.server import callbacks as route
from components.server.door import Door
from components.server.start import house_of
from dailies.catalog.load import load
from dailies.domain import Cell, Draft
from dailies.gateways import SANDBOX
from dailies.request import draft, wire
from dailies.services import Services
from dailies.settings import Settings
from dailies.vocabulary import CALLBACK, Mode, RunState
from dailies.work.life import create_run
from tests.sandbox.conftest import serving
from tests.unit.conftest import eventually

MINUTES = 300_000
"""Milliseconds that the gateway asks to be left alone, far beyond the end of the task."""


def takers() -> Iterator[Cell]:
    """One cell of each entry point that calls back."""
    cells = [cell for cell in load().cells() if cell.parameter(CALLBACK) and cell.mode is Mode.TEXT]
    yield from {cell.entry.id + cell.family: cell for cell in reversed(cells)}.values()


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """An installation whose public address is this machine's, at a sandbox that wants to be left alone."""
    look = sandbox.desk.compute_pause
    monkeypatch.setattr(sandbox.desk, "compute_pause", lambda *told: look(*told) and MINUTES)
    with serving(tmp_path / "gateway", 1, frame_rate=1) as api, socket.create_server(("127.0.0.1", 0)) as listening:
        here = f"http://127.0.0.1:{listening.getsockname()[1]}"
        opened = Services(Settings(tmp_path / "home", public_url=here, sandbox_url=str(api.base_url).rstrip("/")))
        monkeypatch.setattr(route, "open_services", lambda: opened)
        house = house_of("elsewhere.test", replace(opened.settings.access, is_open=True), here)
        app = Starlette(routes=route.list_callback_routes(), middleware=[Middleware(Door, prepare=lambda: house)])
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        opened.start()
        try:
            yield opened
        finally:
            opened.close()
            server.should_exit = True
            thread.join()


def test_a_run_is_looked_at_when_the_gateway_calls_and_not_minutes_later(services: Services) -> None:
    runs = []
    for cell in takers():
        request = draft.check(Draft("A boat", {}), cell).request
        assert request is not None
        runs.append(create_run(request, wire.encode(request, cell), cell.route, SANDBOX, services.now()))
    assert len(runs) == 3
    kept: Any = services.send(runs)
    for run in kept:
        waiting = eventually(lambda run=run: _open(services, run.id))
        assert waiting.due is None or (waiting.due - waiting.updated).total_seconds() > 200
    for run in kept:
        done = eventually(lambda run=run: services.store.runs.get(run.id).clip and services.store.runs.get(run.id))
        assert done.state is RunState.DONE
        assert "callbacks" not in repr(done.call.json)


def _open(services: Services, run_id: str) -> Any:
    run = services.store.runs.get(run_id)
    return run if run is not None and run.task else None
