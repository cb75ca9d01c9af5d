"""The parts of a process together: the embedded sandbox as a child that is replaced when it dies."""

from __future__ import annotations

from pathlib import Path

import httpx

from dailies.services import Services
from dailies.settings import Settings


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
