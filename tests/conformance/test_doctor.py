"""The doctor at every server that the sandbox can answer as."""

from __future__ import annotations

from pathlib import Path

import pytest

from dailies.gateway.addresses import Reach, service
from dailies.gateway.doctor import Level, Server
from dailies.gateway.probes import examine, expect
from sandbox.shapes import SHAPES
from tests.sandbox.conftest import serving
from tests.unit.golden import catalog

SERVERS = {
    "new-api": Server.SANDBOX,
    "litellm": Server.LITELLM,
    "vllm-omni": Server.VLLM_OMNI,
    "sglang": Server.SGLANG,
    "openai": Server.OPENAI,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_recognised_and_nothing_is_made(shape: str, tmp_path: Path) -> None:
    with serving(tmp_path, 0, shape=shape) as api:
        url = str(api.base_url).rstrip("/")
        expected = expect(catalog())
        found = examine(url, "sk-test", expected, Reach(frozenset({service(url)})))
        assert api.get("/sandbox/creates").json() == []
    assert found.server is SERVERS[shape]
    assert found.ok
    assert all(finding.level is not Level.PROBLEM for finding in found.findings)
    routes = next(finding for finding in found.findings if finding.about == "Entry points")
    every = shape == "new-api"
    assert routes.what == ("Every route of the catalog answers." if every else "These routes answer: /v1/videos.")
