"""The servers that the sandbox can answer as: ids, fields, status words, error bodies and routes of each."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from sandbox.app import create_app
from sandbox.shapes import SHAPES
from tests.sandbox.conftest import Api, Clock, picture, serving

FOREIGN = tuple(name for name in SHAPES if name != "new-api")
SMALL = {"model": "sora-2", "prompt": "a boat", "seconds": "4", "size": "1280x720"}
PNG = picture("red", (1280, 720))
DATA_URI = "data:image/png;base64," + base64.b64encode(PNG).decode()


@pytest.fixture(scope="module")
def clocks() -> dict[str, Clock]:
    return {name: Clock() for name in FOREIGN}


@pytest.fixture(scope="module")
def servers(clocks: dict[str, Clock], tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Api]]:
    """One sandbox for each foreign shape, whose tasks take 10 s of its clock."""
    opened = {}
    for name in FOREIGN:
        folder = tmp_path_factory.mktemp(name)
        opened[name] = serving(folder, 10, frame_rate=2, shape=name, clock=clocks[name])
    found = {name: context.__enter__() for name, context in opened.items()}
    yield found
    for context in opened.values():
        context.__exit__(None, None, None)


def form(api: Api, *files: tuple[str, Any], **fields: str) -> httpx.Response:
    return api.post("/v1/videos", files=[*((name, (None, text)) for name, text in fields.items()), *files])


def upload(payload: bytes = PNG) -> tuple[str, Any]:
    return "input_reference", ("a.png", payload, "image/png")


def started(api: Api, prompt: str = "a boat", **more: str) -> dict[str, Any]:
    answer = form(api, **{**SMALL, "prompt": prompt, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


KEYS = {
    "openai": "id object model status progress created_at completed_at expires_at prompt size seconds "
    "remixed_from_video_id error",
    "litellm": "id object status created_at completed_at expires_at error progress remixed_from_video_id seconds size "
    "model usage",
    "vllm-omni": "id object model status progress created_at completed_at expires_at prompt size seconds "
    "remixed_from_video_id error quality media_type file_name inference_time_s stage_durations peak_memory_mb action",
    "sglang": "id object model status progress created_at completed_at expires_at size seconds remixed_from_video_id "
    "error quality url file_path peak_memory_mb inference_time_s",
}
IDS = {
    "openai": r"video_[0-9a-f]{48}",
    "litellm": r"video_[A-Za-z0-9+/]+=*",
    "vllm-omni": r"video_gen_[0-9a-f]{32}",
    "sglang": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
}
RUNNING = {
    "openai": ("in_progress", 54),
    "litellm": ("in_progress", 54),
    "vllm-omni": ("in_progress", 0),
    "sglang": ("queued", 0),
}


@pytest.mark.parametrize("shape", FOREIGN)
def test_a_task_is_described_as_the_server_does(shape: str, servers: dict[str, Api], clocks: dict[str, Clock]) -> None:
    api, clock = servers[shape], clocks[shape]
    created = started(api)
    assert set(created) == set(KEYS[shape].split())
    assert re.fullmatch(IDS[shape], created["id"])
    assert (created["object"], created["status"], created["progress"]) == ("video", "queued", 0)
    assert (created["seconds"], created["size"], created["error"]) == ("4", "1280x720", None)
    path = f"/v1/videos/{created['id']}"
    clock.advance(6)
    running = api.get(path)
    assert (running.json()["status"], running.json()["progress"]) == RUNNING[shape]
    assert ("openai-poll-after-ms" in running.headers) == (shape == "openai")
    clock.advance(4)
    found = api.until(created["id"], "completed")
    assert set(found) == set(created)
    assert (found["progress"], found["completed_at"] - found["created_at"]) == (100, 10)
    assert found["expires_at"] == (found["created_at"] + 86400 if shape in ("openai", "litellm") else None)
    content = api.get(f"{path}/content")
    assert (content.headers["content-type"], content.content[4:8]) == ("video/mp4", b"ftyp")


@pytest.mark.parametrize("shape", FOREIGN)
def test_a_failure_is_described_as_the_server_does(
    shape: str, servers: dict[str, Api], clocks: dict[str, Clock]
) -> None:
    task_id = started(servers[shape], "a boat #fail")["id"]
    clocks[shape].advance(10)
    found = servers[shape].until(task_id, "failed")
    assert (found["completed_at"] is None) == (shape == "sglang")
    error = found["error"]
    assert "failed upstream" in error.pop("message")
    assert error == ({} if shape == "sglang" else {"code": "generation_failed"})


UNKNOWN = {
    "openai": (404, {"error": {"message": "Video with id 'x' not found.", "type": "invalid_request_error",
                               "param": None, "code": None}}),
    "litellm": (500, {"error": {"message": "litellm.InternalServerError: InternalServerError: OpenAIException - Cannot "
                                           "connect to host api.openai.com",
                                "type": "internal_server_error", "param": None, "code": "500"}}),
    "vllm-omni": (404, {"error": {"message": "Video not found", "type": "Not Found", "param": None, "code": 404}}),
    "sglang": (404, {"detail": "Video not found"}),
}  # fmt: skip


@pytest.mark.parametrize("shape", FOREIGN)
def test_an_unknown_task_is_refused_as_the_server_does(shape: str, servers: dict[str, Api]) -> None:
    for path in ("/v1/videos/x", "/v1/videos/x/content"):
        answer = servers[shape].get(path)
        assert (answer.status_code, answer.json()) == UNKNOWN[shape]


@pytest.mark.parametrize(
    ("shape", "early", "failed"),
    [("openai", 404, 404), ("litellm", 404, 404), ("vllm-omni", 404, 422), ("sglang", 404, 404)],
)
def test_content_that_is_not_there(
    shape: str, early: int, failed: int, servers: dict[str, Api], clocks: dict[str, Clock]
) -> None:
    api = servers[shape]
    task_id = started(api, "a boat #fail")["id"]
    assert api.get(f"/v1/videos/{task_id}/content").status_code == early
    clocks[shape].advance(10)
    assert api.get(f"/v1/videos/{task_id}/content").status_code == failed


REFUSED: list[tuple[str, dict[str, Any], int, str]] = [
    ("openai", {"seconds": 4}, 400, "Invalid value: 4. Supported values are: '4', '8', '12'."),
    ("openai", {"seconds": "5"}, 400, "Invalid value: '5'."),
    ("openai", {"size": "1792x1024"}, 400, "Supported values are: '720x1280', '1280x720'."),
    ("openai", {"model": "veo_3_1"}, 400, "Invalid value: 'veo_3_1'."),
    ("openai", {"model": "sora_video2"}, 400, "Invalid value: 'sora_video2'."),
    ("openai", {"prompt": " "}, 400, "Missing required parameter: 'prompt'."),
    ("openai", {"metadata": {}}, 400, "Unknown parameter: 'metadata'."),
    ("openai", {"input_reference": "https://media.example/a.png"}, 400, "Invalid type for 'input_reference'"),
    ("openai", {"input_reference": {"image_url": "data:image/png;base64,"
                                    + base64.b64encode(picture("red")).decode()}},
     400, "Inpaint image must match the requested width and height"),
    ("litellm", {"prompt": ""}, 400, "/videos: Missing required parameter: 'prompt'."),
    ("litellm", {"model": "nothing"}, 400, "/videos: Invalid model name passed in model=nothing."),
    ("litellm", {"seconds": "5"}, 400, "litellm.BadRequestError: OpenAIException - "),
    ("litellm", {"input_reference": DATA_URI}, 400, "the file cannot be read as image"),
    ("litellm", {"prompt": "p #429"}, 429, "litellm.RateLimitError: RateLimitError: OpenAIException - "),
    ("litellm", {"prompt": "p #500"}, 500, "litellm.InternalServerError: InternalServerError: OpenAIException - "),
    ("litellm", {"input_reference": {"image_url": DATA_URI}}, 400, "'dict' object has no attribute 'read'"),
    ("vllm-omni", {}, 400, "body.prompt: Field required"),
    ("sglang", {"prompt": ""}, 400, "Invalid request body: prompt"),
    ("sglang", {"input_reference": [DATA_URI]}, 400, "Input should be a valid string"),
    ("sglang", {"seconds": "61"}, 400, "allowed: 1-60"),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "body", "status", "words"), REFUSED, ids=[str(n) for n in range(len(REFUSED))])
def test_a_json_body_is_refused_as_the_server_does(
    shape: str, body: dict[str, Any], status: int, words: str, servers: dict[str, Api]
) -> None:
    answer = servers[shape].post("/v1/videos", json={**SMALL, **body})
    assert answer.status_code == status
    told = answer.json()
    message = told["detail"] if shape == "sglang" else told["error"]["message"]
    assert words in message


ACCEPTED: list[tuple[str, dict[str, Any]]] = [
    ("openai", {"seconds": None, "size": None}),
    ("openai", {"model": None}),
    ("openai", {"model": "sora-2-pro", "size": "1792x1024"}),
    ("openai", {"input_reference": {"image_url": DATA_URI}}),
    ("openai", {"input_reference": {"image_url": "http://127.0.0.1:9/a.png"}}),
    ("litellm", {"metadata": {"a": 1}, "user": "u"}),
    ("sglang", {"model": None, "seconds": 2, "metadata": {"a": 1}, "input_reference": DATA_URI}),
    ("sglang", {"reference_url": "http://127.0.0.1:9/a.png"}),
]


@pytest.mark.parametrize(("shape", "body"), ACCEPTED, ids=[str(n) for n in range(len(ACCEPTED))])
def test_a_json_body_is_accepted_as_the_server_does(shape: str, body: dict[str, Any], servers: dict[str, Api]) -> None:
    sent = {name: value for name, value in {**SMALL, **body, "prompt": "a boat #fail"}.items() if value is not None}
    answer = servers[shape].post("/v1/videos", json=sent)
    assert answer.status_code == 200, answer.text


def test_forms_of_the_servers_of_one_model(servers: dict[str, Api]) -> None:
    omni, sglang = servers["vllm-omni"], servers["sglang"]
    prompt = "a boat #fail"
    link = '{"image_url": "http://127.0.0.1:9/a.png"}'
    assert form(omni, prompt=prompt, image_reference=link).status_code == 200
    assert form(omni, upload(), prompt=prompt, width="640", height="360").json()["size"] == "640x360"
    assert form(omni, prompt=prompt, num_frames="48", fps="16").json()["seconds"] == "3"
    assert form(omni, prompt=prompt, num_frames="8").json()["seconds"] == "1"
    assert form(omni, prompt=prompt).json()["model"] == omni.get("/v1/models").json()["data"][0]["id"]
    for fields, files, words in (
        ({"prompt": prompt, "image_reference": link}, [upload()], "not both"),
        ({"prompt": prompt, "image_reference": '{"file_id": "f"}'}, [], "not supported"),
        ({"prompt": prompt, "input_reference": "http://x/a.png"}, [], "Expected UploadFile"),
        ({"prompt": prompt, "seconds": "0"}, [], "should match pattern"),
        ({"prompt": prompt, "size": "720P"}, [], "size"),
        ({"seconds": "4"}, [], "Field required"),
    ):
        refused = form(omni, *files, **fields)
        assert (refused.status_code, words in refused.json()["error"]["message"]) == (400, True), refused.text
    assert form(sglang, upload(), prompt=prompt, num_frames="48").json()["seconds"] == "2"
    assert form(sglang, prompt=prompt, num_frames="8").json()["seconds"] == "1"
    assert form(sglang, prompt=prompt, reference_url=DATA_URI).status_code == 200
    assert form(sglang, seconds="4").json() == {"detail": "prompt is required"}
    as_text = form(sglang, prompt=prompt, input_reference="http://x/a.png")
    assert (as_text.status_code, as_text.json()["detail"][0]["loc"]) == (422, ["body", "input_reference"])


def test_an_upload_that_is_no_picture_is_refused_as_such(servers: dict[str, Api]) -> None:
    for shape in FOREIGN:
        refused = form(servers[shape], upload(b"no picture"), **SMALL)
        assert (refused.status_code, "the file cannot be read as image" in refused.text) == (400, True)


@pytest.mark.parametrize("shape", FOREIGN)
def test_lists_of_the_servers(shape: str, servers: dict[str, Api]) -> None:
    api = servers[shape]
    made = [started(api, "a boat #fail")["id"] for _ in range(2)][::-1]
    answer = api.get("/v1/videos", params={"limit": 2})
    if shape == "litellm":
        assert (answer.status_code, "LLM Provider NOT provided" in answer.text) == (400, True)
        return
    page = answer.json()
    assert [entry["id"] for entry in page["data"]] == made
    paging = {"object", "data", "first_id", "last_id", "has_more"}
    assert set(page) == ({"object", "data"} if shape == "sglang" else paging)
    lost = api.get("/v1/videos", params={"after": "nobody", "limit": 2})
    assert lost.status_code == (400 if shape == "openai" else 200)
    if lost.status_code == 200:
        assert lost.json()["data"] == []


def test_without_a_limit_the_servers_of_one_model_list_everything(tmp_path: Path) -> None:
    for shape, most in (("vllm-omni", 22), ("sglang", 22), ("openai", 20)):
        with serving(tmp_path / shape, 0, frame_rate=2, shape=shape) as api:
            for _ in range(22):
                started(api, "a boat #fail")
            assert len(api.get("/v1/videos").json()["data"]) == most


@pytest.mark.parametrize("shape", FOREIGN)
def test_deletions_of_the_servers(shape: str, servers: dict[str, Api], clocks: dict[str, Clock]) -> None:
    api = servers[shape]
    task = started(api)
    path = f"/v1/videos/{task['id']}"
    early = api.delete(path)
    if shape == "litellm":
        assert (early.status_code, early.json()) == (405, {"detail": "Method Not Allowed"})
        return
    if shape == "openai":
        assert (early.status_code, "cannot be deleted" in early.json()["error"]["message"]) == (400, True)
        clocks[shape].advance(10)
        api.until(task["id"], "completed")
        early = api.delete(path)
    if shape == "sglang":
        assert early.json() == task | {"status": "deleted"}
    else:
        assert early.json() == {"id": task["id"], "object": "video.deleted", "deleted": True}
    assert api.get(path).status_code == 404


@pytest.mark.parametrize("shape", FOREIGN)
def test_keys_paths_and_the_routes_of_the_gateway(shape: str, servers: dict[str, Api]) -> None:
    api = servers[shape]
    keyless = httpx.get(f"{api.base_url}/v1/models")
    assert keyless.status_code == (401 if shape in ("openai", "litellm") else 200)
    for method, path in (("GET", "/v1/nowhere"), ("POST", "/v1/video/create"), ("POST", "/kling/v1/videos/text2video")):
        answer = api.request(method, path)
        assert answer.status_code == 404
        if shape != "openai":
            assert answer.json() == {"detail": "Not Found"}
    assert api.get("/v1/videos/x").headers["x-request-id"]
    assert api.get("/v1/models/nothing").status_code == 404
    listed = api.get("/v1/models").json()["data"][0]["id"]
    assert api.get(f"/v1/models/{listed}").json()["id"] == listed


@pytest.mark.parametrize("shape", FOREIGN)
def test_variants_and_clips_that_go_on(shape: str, servers: dict[str, Api], clocks: dict[str, Clock]) -> None:
    api = servers[shape]
    task_id = started(api)["id"]
    clocks[shape].advance(10)
    api.until(task_id, "completed")
    thumbnail = api.get(f"/v1/videos/{task_id}/content", params={"variant": "thumbnail"})
    assert thumbnail.headers["content-type"] == ("image/webp" if shape == "openai" else "video/mp4")
    remix = api.post(f"/v1/videos/{task_id}/remix", json={"prompt": "at night"})
    if shape in ("vllm-omni", "sglang"):
        assert remix.status_code == 404
        return
    source = remix.json()["remixed_from_video_id"]
    if shape == "litellm":  # the id of the server behind the proxy
        assert base64.b64decode(task_id.removeprefix("video_")).decode().endswith(f";video_id:{source}")
    else:
        assert source == task_id
    for route, more in (("extensions", {"seconds": "4"}), ("edits", {})):
        answer = api.post(f"/v1/videos/{route}", json={"prompt": "on", "video": {"id": task_id}, **more})
        assert answer.status_code == 200, answer.text


def test_litellm_names_the_charge_once(servers: dict[str, Api]) -> None:
    created = started(servers["litellm"], "a boat #fail")
    assert created["usage"] == {"duration_seconds": 4.0}
    assert servers["litellm"].get(f"/v1/videos/{created['id']}").json()["usage"] is None
    text = base64.b64decode(created["id"].removeprefix("video_")).decode()
    assert re.fullmatch(r"litellm:custom_llm_provider:openai;model_id:sora-2;video_id:video_[0-9a-f]{48}", text)


def test_vllm_omni_answers_with_the_film_itself(tmp_path: Path) -> None:
    with serving(tmp_path, 0, frame_rate=2, shape="vllm-omni") as api:
        parts = [(name, (None, text)) for name, text in SMALL.items()]
        answer = api.post("/v1/videos/sync", files=parts)
        assert (answer.headers["content-type"], answer.content[4:8]) == ("video/mp4", b"ftyp")
        failing = api.post("/v1/videos/sync", files=[*parts[:1], ("prompt", (None, "a boat #fail"))])
        assert (failing.status_code, "failed upstream" in failing.json()["error"]["message"]) == (500, True)
        assert len(api.get("/sandbox/creates").json()) == 2


def test_a_film_that_is_being_rendered_can_be_deleted(tmp_path: Path) -> None:
    with serving(tmp_path, 0, frame_rate=2, shape="sglang") as api:
        long = started(api, seconds="60")["id"]
        api.delete(f"/v1/videos/{long}")
        api.until(started(api, seconds="1")["id"], "completed")
    assert len(list((tmp_path / "films").iterdir())) == 1


def test_an_unknown_shape_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="new-api, litellm, vllm-omni, sglang, openai"):
        create_app(tmp_path, shape="foreign")
    monkeypatch.setenv("DAILIES_SANDBOX_SHAPE", "sglang")
    app = create_app(tmp_path)
    with TestClient(app):  # closes its databases again
        assert app.shape.name == "sglang"
