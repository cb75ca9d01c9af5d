"""The parts of a process together: the embedded sandbox as a child that is replaced when it dies."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from dailies.catalog.load import load
from dailies.domain import Draft
from dailies.gateways import SANDBOX
from dailies.request import draft, wire
from dailies.services import Services
from dailies.settings import Settings
from dailies.vocabulary import Mode, RunState
from dailies.work.life import create_run


def test_a_dead_sandbox_is_replaced_and_keeps_its_tasks(tmp_path: Path) -> None:
    services = Services(Settings(tmp_path))
    try:
        services.ensure_sandbox()
        first = services.settings.sandbox_url
        assert first is not None
        headers = {"Authorization": "Bearer any"}
        made = httpx.post(f"{first}/v1/videos", json={"model": "sora-2", "prompt": "A boat"}, headers=headers).json()
        services.ensure_sandbox()
        assert services.settings.sandbox_url == first
        services._sandbox._process.kill()
        services._sandbox._process.wait()
        services.ensure_sandbox()
        second = services.settings.sandbox_url
        assert second not in (None, first)
        assert httpx.get(f"{second}/v1/videos/{made['id']}", headers=headers).json()["id"] == made["id"]
    finally:
        services.close()


def test_the_worker_revives_a_dead_sandbox_and_its_run_ends_with_a_clip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, eventually
) -> None:
    monkeypatch.setenv("DAILIES_SANDBOX_SECONDS", "2")
    monkeypatch.setenv("DAILIES_SANDBOX_FRAME_RATE", "2")
    services = Services(Settings(tmp_path))
    try:
        services.ensure_sandbox()
        services.start()
        family = load().families["sora"]
        cell = family.cell("sora-2", Mode.TEXT)
        assert cell is not None
        request = draft.check(Draft("A boat", {"seconds": 4}), cell).request
        assert request is not None
        made = create_run(request, wire.encode(request, cell), cell.route, SANDBOX, services.now())
        (run,) = services.send([made])
        eventually(lambda: services.store.runs.get(run.id).task)
        services._sandbox._process.kill()
        services._sandbox._process.wait()
        ended = eventually(lambda: (found := services.store.runs.get(run.id)) and not found.state.open and found)
        assert (ended.state, ended.clip is not None) == (RunState.DONE, True)
    finally:
        services.close()
