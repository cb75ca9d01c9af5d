"""A real LiteLLM proxy between our client and the sandbox, which is its OpenAI-compatible provider.

`docs/gateways.md` states what these tests show. They also hold the sandbox's own `litellm` shape to the real proxy.
"""

from __future__ import annotations

import base64
import io
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import httpx
import openai
import pytest

from dailies.gateway.addresses import Reach, service
from dailies.gateway.doctor import Server
from dailies.gateway.probes import examine, expect
from dailies.vocabulary import Body, Mode, RunState
from tests.conformance.any_model import AnyModel
from tests.conformance.conftest import sandbox_process
from tests.interop.conftest import BUILD
from tests.unit.golden import catalog

pytestmark = pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning")
KEY = "sk-proxy"
STARTS_WITHIN = 300.0
CONFIG = """
model_list:
  - model_name: sora-2
    litellm_params:
      model: openai/sora-2
      api_base: {upstream}/v1
      api_key: sk-sandbox
general_settings:
  master_key: {key}
"""
SMALL = {"model": "sora-2", "prompt": "a boat", "seconds": "4", "size": "1280x720"}


@pytest.fixture(scope="module")
def proxy(upstream: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a LiteLLM proxy on a free port of this machine, with the sandbox behind it."""
    folder = tmp_path_factory.mktemp("litellm")
    (folder / "config.yaml").write_text(CONFIG.format(upstream=upstream, key=KEY))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(BUILD / "litellm" / "bin" / "litellm"), "--config", "config.yaml", "--host", "127.0.0.1"]
    environ = os.environ | {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}  # no look-up of prices over the network
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen(
            [*command, "--port", str(port)], cwd=folder, env=environ, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            wait_until_it_answers(f"http://127.0.0.1:{port}/health/liveliness", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def wait_until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < give_up:
        assert process.poll() is None, "the proxy ended"
        try:
            httpx.get(url, timeout=5)
        except httpx.HTTPError:
            time.sleep(0.5)
        else:
            return
    raise AssertionError(f"{url} did not answer within {STARTS_WITHIN} s")


@pytest.fixture(scope="module")
def client(proxy: str, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnyModel]:
    with AnyModel(proxy, KEY, tmp_path_factory.mktemp("home"), folder) as opened:
        yield opened


@pytest.fixture(scope="module")
def http(proxy: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=proxy, headers={"Authorization": f"Bearer {KEY}"}, timeout=60) as opened:
        yield opened


def creates(upstream: str) -> int:
    return len(httpx.get(f"{upstream}/sandbox/creates").json())


@pytest.mark.parametrize("body", Body)
def test_a_text_becomes_a_clip(body: Body, client: AnyModel, upstream: str) -> None:
    before = creates(upstream)
    run = client.run("sora-2", Mode.TEXT, body)
    assert run.state is RunState.DONE, run.failure
    assert run.clip is not None
    assert (run.clip.width, run.clip.height, round(run.clip.seconds)) == (1280, 720, 4)
    assert creates(upstream) == before + 1


def test_an_uploaded_first_frame_is_where_the_clip_starts(client: AnyModel) -> None:
    run = client.run("sora-2", Mode.FIRST_FRAME, Body.FORM)
    assert run.state is RunState.DONE, run.failure
    assert run.clip is not None
    film = (client.store.files.clips / run.clip.file).read_bytes()
    with av.open(io.BytesIO(film), "r") as container:
        pixels = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert abs(pixels[350, 600].astype(int) - (230, 180, 60)).max() < 16


def test_a_picture_in_json_is_refused_by_the_proxy(client: AnyModel) -> None:
    run = client.run("sora-2", Mode.FIRST_FRAME, Body.JSON)
    assert run.state is RunState.FAILED
    assert run.failure is not None
    assert "has no attribute 'read'" in run.failure.what


def test_the_connection_test_lists_the_proxys_models(client: AnyModel) -> None:
    checked = client.worker.client(client.gateway).check()
    assert (checked.ok, checked.models) == (True, ("sora-2",))


def test_the_doctor_recognises_the_proxy_and_makes_nothing(proxy: str, upstream: str) -> None:
    before, reach = creates(upstream), Reach(frozenset({service(proxy)}))
    found = examine(proxy, KEY, expect(catalog()), reach)
    assert (found.server, found.ok) == (Server.LITELLM, True), found.findings
    assert "It accepts the key." in [finding.what for finding in found.findings]
    assert "These routes answer: /v1/videos." in [finding.what for finding in found.findings]
    wrong = examine(proxy, "sk-wrong-key-1234", expect(catalog()), reach)
    assert (wrong.server, wrong.ok) == (Server.LITELLM, False), wrong.findings
    assert creates(upstream) == before


def test_openais_package_works_through_the_proxy(proxy: str) -> None:
    with openai.OpenAI(base_url=f"{proxy}/v1", api_key=KEY, max_retries=0) as package:
        video = package.videos.create_and_poll(prompt="a boat", **SMALL_WITHOUT_PROMPT)  # type: ignore[arg-type]
        assert video.status == "completed"
        film = package.videos.download_content(video.id).read()
        remix = package.videos.remix(video.id, prompt="at night")
        assert package.videos.poll(remix.id, poll_interval_ms=200).status == "completed"
        assert film[4:8] == b"ftyp"
        # The proxy does not pass the variant on.
        assert package.videos.download_content(video.id, variant="thumbnail").read() == film
        with pytest.raises(openai.APIStatusError):
            package.videos.list()
        with pytest.raises(openai.APIStatusError):
            package.videos.delete(video.id)


SMALL_WITHOUT_PROMPT = {name: value for name, value in SMALL.items() if name != "prompt"}


def test_the_proxy_drops_fields_of_the_gateway(http: httpx.Client) -> None:
    metadata = {"output_config": {"resolution": "4K"}}  # the sandbox would refuse it
    answer = http.post("/v1/videos", json={**SMALL, "prompt": "a boat #fail", "metadata": metadata})
    assert answer.status_code == 200, answer.text


# --- the sandbox's own shape against the real proxy ---------------------------------------------------------------


@pytest.fixture(scope="module")
def shaped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    data = tmp_path_factory.mktemp("shaped")
    headers = {"Authorization": f"Bearer {KEY}"}
    with (
        sandbox_process(data, 0, "--frame-rate", "2", "--shape", "litellm") as url,
        httpx.Client(base_url=url, headers=headers) as opened,
    ):
        yield opened


def outline(value: Any) -> Any:
    """The shape of a JSON value: its keys, and the types of what they hold."""
    if isinstance(value, dict):
        return {name: outline(inner) for name, inner in value.items()}
    return type(value).__name__


def test_the_shape_describes_tasks_as_the_proxy_does(http: httpx.Client, shaped: httpx.Client) -> None:
    body = {**SMALL, "prompt": "a boat #fail"}
    real, ours = (opened.post("/v1/videos", json=body).json() for opened in (http, shaped))
    assert list(real) == list(ours)
    assert real["usage"] == ours["usage"]
    for answer in (real, ours):
        text = base64.b64decode(answer["id"].removeprefix("video_")).decode()
        assert text.startswith("litellm:custom_llm_provider:openai;model_id:sora-2;video_id:video_")
    found = [opened.get(f"/v1/videos/{made['id']}").json() for opened, made in ((http, real), (shaped, ours))]
    assert list(found[0]) == list(found[1])
    assert found[0]["usage"] is found[1]["usage"] is None
    assert found[0]["error"]["code"] == found[1]["error"]["code"] == "generation_failed"


REFUSED: list[tuple[str, str, dict[str, Any] | None]] = [
    ("POST", "/v1/videos", {**SMALL, "seconds": "99"}),
    ("POST", "/v1/videos", {**SMALL, "prompt": "a boat #429"}),
    ("POST", "/v1/videos", {**SMALL, "prompt": "a boat #500"}),
    ("POST", "/v1/videos", {"model": "sora-2"}),
    ("POST", "/v1/videos", {**SMALL, "input_reference": "https://media.example/a.png"}),
    ("POST", "/v1/videos", {**SMALL, "input_reference": {"image_url": "https://media.example/a.png"}}),
    ("GET", "/v1/videos", None),
    ("GET", "/v1/videos/video_nobody", None),
    ("DELETE", "/v1/videos/video_nobody", None),
    ("GET", "/v1/nowhere", None),
]


@pytest.mark.parametrize(("method", "path", "body"), REFUSED, ids=[str(n) for n in range(len(REFUSED))])
def test_the_shape_refuses_as_the_proxy_does(
    method: str, path: str, body: dict[str, Any] | None, http: httpx.Client, shaped: httpx.Client
) -> None:
    real, ours = (opened.request(method, path, json=body) for opened in (http, shaped))
    assert real.status_code == ours.status_code
    assert outline(real.json()) == outline(ours.json())
    if "error" in real.json():
        errors = real.json()["error"], ours.json()["error"]
        assert errors[0]["type"] == errors[1]["type"]
        assert errors[0]["code"] == errors[1]["code"]
