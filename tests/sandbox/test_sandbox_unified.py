"""Unified video: what each family accepts, and its answers."""

from __future__ import annotations

import base64
import re
from typing import Any

import httpx
import pytest

from sandbox.body import Body
from sandbox.order import Order
from sandbox.refusal import Refusal
from sandbox.rules import accept
from tests.sandbox.conftest import Api, picture

URL = "https://media.example/a.png"
BASE64 = base64.b64encode(picture("red")).decode()
DATA_URI = f"data:image/png;base64,{BASE64}"
RFC3339 = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{%s}\+08:00"


def order(**body: Any) -> Order:
    return accept("unified", Body("json", {"prompt": "a boat", **body}))[1]


ACCEPTED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"model": "sora-2"},
     {"mode": "text", "seconds": 10, "width": 720, "height": 1280, "watermark": True, "echo_size": "small"}),
    ({"model": "sora-2", "images": [], "orientation": "landscape", "size": "large", "duration": 15, "watermark": False,
      "private": True, "storyboard": True},
     {"seconds": 15, "width": 1920, "height": 1080, "watermark": False, "private": True, "notes": ("storyboard",)}),
    ({"model": "sora-2-pro", "duration": 25, "images": [URL]}, {"seconds": 25, "mode": "first_frame"}),
    ({"model": "sora_video2", "style": "anime", "images": [URL] * 3}, {"mode": "references", "notes": ("anime",)}),
    ({"model": "veo3.1-fast-components", "aspect_ratio": "16:9", "images": [URL]},
     {"mode": "first_frame", "seconds": 8, "width": 1280}),
    ({"model": "veo3.1", "images": []}, {"mode": "text", "width": 720, "height": 1280}),
    ({"model": "veo_3_1", "images": [URL, URL], "size": "1280x720", "duration": 8},
     {"mode": "first_last", "width": 1280}),
    ({"model": "veo3.1-components", "images": [URL] * 3, "orientation": "portrait"},
     {"mode": "references", "width": 1280}),
    ({"model": "veo3.1-pro", "orientation": "landscape", "enable_upsample": True}, {"width": 1920}),
    ({"model": "grok-video-3", "images": []}, {"mode": "text", "seconds": 10, "echo_size": "720P"}),
    ({"model": "grok-video-3", "images": [URL, DATA_URI], "duration": 6, "size": "1080P", "aspect_ratio": "2:3"},
     {"mode": "first_last", "seconds": 6, "width": 1080, "height": 1620}),
    ({"model": "grok-video-3-pro", "images": [BASE64] * 6, "duration": 6},
     {"mode": "first_frame_references", "seconds": 10}),
    ({"model": "grok-video-3-max"}, {"seconds": 15}),
    ({"model": "viduq3-pro", "images": [], "audio": False, "duration": 16, "resolution": "540p", "seed": 0,
      "aspect_ratio": "3:4", "bgm": True, "off_peak": True, "watermark": True, "wm_position": 1, "wm_url": URL,
      "payload": "p", "meta_data": "{}", "voice_id": "", "is_rec": False},
     {"mode": "text", "seconds": 16, "width": 540, "height": 720, "audio": False, "watermark": True,
      "notes": ("off-peak",)}),
    ({"model": "viduq3-pro", "images": [BASE64]}, {"mode": "first_frame", "audio": True, "seconds": 5}),
    ({"model": "viduq2-pro-fast", "images": [URL, URL], "duration": 1}, {"mode": "first_last", "audio": False}),
    ({"model": "viduq1", "images": []}, {"seconds": 5, "resolution": "1080P"}),
    ({"model": "vidu2.0", "images": [], "duration": 8}, {"seconds": 8, "resolution": "720P"}),
    ({"model": "jimeng-video-3.0", "images": []}, {"mode": "text", "seconds": 5, "width": 1280}),
    ({"model": "jimeng-video-2.0", "images": [URL, URL], "aspect_ratio": "21:9", "size": "1080P", "duration": 10},
     {"mode": "first_last", "seconds": 10, "height": 1080, "follow": False}),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), ACCEPTED, ids=[str(n) for n in range(len(ACCEPTED))])
def test_a_body_becomes_an_order(body: dict[str, Any], expected: dict[str, Any]) -> None:
    found = order(**body)
    assert {name: getattr(found, name) for name in expected} == expected
    assert found.entry == "unified"


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"model": "sora-2", "seconds": "10"}, "seconds: unknown field"),
    ({"model": "sora-2", "images": URL}, "images: must be a list"),
    ({"model": "sora-2", "images": [DATA_URI]}, "images: must be an http(s) URL"),
    ({"model": "sora-2", "duration": 25}, "allowed: 10, 15"),
    ({"model": "sora-2", "size": "1280x720"}, "allowed: small, large"),
    ({"model": "sora-2", "style": "anime"}, "style: style is not supported by sora-2"),
    ({"model": "sora_video2", "style": "noir"}, "allowed: thanksgiving, comic"),
    ({"model": "sora-2", "watermark": "no"}, "watermark: must be true or false"),
    ({"model": "veo3.1", "enable_upsample": True, "aspect_ratio": "9:16"}, "landscape only"),
    ({"model": "veo3.1", "duration": 5}, "allowed: 4, 6, 8"),
    ({"model": "veo_3_1-extend"}, "allowed: POST /v1/videos/{task_id}/remix"),
    ({"model": "grok-video-3", "images": [URL] * 7}, "at most 6"),
    ({"model": "grok-video-3", "duration": 5}, "allowed: 6, 10, 15"),
    ({"model": "grok-video-3", "size": "480P"}, "allowed: 720P, 1080P"),
    ({"model": "grok-imagine-video"}, "allowed: POST /v1/videos"),
    ({"model": "viduq3-pro", "prompt": "x" * 2001}, "prompt: 2001 characters"),
    ({"model": "viduq3-pro", "images": [DATA_URI]}, "images: must be an http(s) URL or base64"),
    ({"model": "viduq3-pro", "wm_position": 5}, "allowed: 1-4"),
    ({"model": "viduq3-pro", "style": "anime"}, "style: unknown field"),
    ({"model": "viduq3-pro", "payload": "x" * 1048577}, "payload: 1048577 characters"),
    ({"model": "viduq1", "aspect_ratio": "3:4"}, "allowed: 16:9, 9:16, 1:1"),
    ({"model": "vidu2.0", "duration": 8, "resolution": "1080p"}, "allowed: 720P"),
    ({"model": "jimeng-video-3.0"}, "images: images is required"),
    ({"model": "jimeng-video-3.0", "images": [URL] * 3}, "at most 2"),
    ({"model": "jimeng-video-3.0", "images": [], "size": "720x1280"}, "allowed: 720P, 1080P"),
    ({"model": "jimeng-video-3.0", "images": [], "duration": 6}, "allowed: 5, 10, 15"),
    ({"model": "Kling-3.0"}, "allowed: POST /v1/videos"),
    ({"model": "sora-2", "prompt": ""}, "prompt: prompt is required"),
]


@pytest.mark.parametrize(("body", "words"), REFUSED, ids=[str(n) for n in range(len(REFUSED))])
def test_a_refusal_names_the_field(api: Api, body: dict[str, Any], words: str) -> None:
    answer = api.post("/v1/video/create", json={"prompt": "a boat", **body})
    assert answer.status_code == 400, answer.text
    assert words in answer.json()["message"]


def test_the_route_takes_json_only() -> None:
    with pytest.raises(Refusal, match="takes application/json, not multipart"):
        accept("unified", Body("form", {"model": "sora-2", "prompt": "a boat"}))


def finished(api: Api, **body: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    created = api.create("/v1/video/create", prompt="a boat", **body)
    return created, api.ended(f"/v1/video/query?id={created.get('id') or created['task_id']}")


def is_film(link: str) -> bool:
    return httpx.get(link).headers["content-type"] == "video/mp4"


def test_sora_answers(api: Api) -> None:
    created, found = finished(api, model="sora-2", images=[])
    assert set(created) == {"id", "status", "status_update_time"}
    assert re.fullmatch(r"sora-2:task_[0-9a-z]{26}", created["id"])
    assert created["status"] == "pending"
    assert created["status_update_time"] > 10**12
    assert (found["id"], found["object"], found["status"], found["progress"], found["size"]) == (
        *(created["id"], "video", "completed", "100", "small"),
    )
    assert found["detail"]["input"] == {"prompt": "a boat", "model": "sora-2", "images": [], "aspect_ratio": "9:16"}
    assert is_film(found["video_url"])
    escaped = created["id"].replace(":", "%3A")
    assert api.get(f"/v1/videos/{escaped}").json()["status"] == "completed"


def test_veo_answers(api: Api) -> None:
    body = {"model": "veo3.1-fast-components", "aspect_ratio": "16:9", "images": ["http://127.0.0.1:9/a.png"]}
    created, found = finished(api, **body, duration=4)
    assert re.fullmatch(r"video_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", created["id"])
    assert (created["status"], created["progress"], created["size"]) == ("queued", 0, "1280x720")
    assert created["detail"]["input"] == {**body, "prompt": "a boat"}
    assert created["status_update_time"] < 10**12 < found["status_update_time"]
    assert set(found) == {"id", "status", "video_url", "enhanced_prompt", "status_update_time"}
    assert is_film(found["video_url"])


def test_grok_answers(api: Api) -> None:
    created, found = finished(api, model="grok-video-3", images=[], duration=6, aspect_ratio="3:2")
    assert created["id"].startswith("grok:")
    assert created["status"] == "processing"
    assert re.fullmatch(RFC3339 % 9, created["created_at"])
    assert set(found) == {
        *("id", "status", "video_url", "status_update_time", "progress", "prompt", "ratio"),
        *("thumbnail_url", "asset_id", "video_file_id", "trace_id"),
    }
    assert (found["status"], found["progress"], found["prompt"], found["ratio"]) == ("completed", 100, "a boat", "3:2")
    assert is_film(found["video_url"])
    assert httpx.get(found["thumbnail_url"]).content.startswith(b"\xff\xd8")
    assert api.get(f"/v1/video/query?id={created['task_id']}").json()["id"] == created["id"]


@pytest.mark.parametrize(
    "body", [{"model": "viduq3-pro", "duration": 1, "resolution": "540p"}, {"model": "jimeng-video-3.0"}]
)
def test_vidu_and_jimeng_answer_with_a_task_id_only(api: Api, body: dict[str, Any]) -> None:
    created, found = finished(api, images=[], **body)
    assert set(created) == {"task_id", "status", "created_at"}
    assert created["status"] == "processing"
    assert re.fullmatch(RFC3339 % 3, created["created_at"])
    assert set(found) == {"id", "status", "progress", "created_at", "completed_at", "video_url"}
    assert (found["id"], found["status"]) == (created["task_id"], "completed")
    assert is_film(found["video_url"])


def test_a_running_task_has_no_link(paced: Api) -> None:
    created = paced.create("/v1/video/create", model="veo3.1", prompt="a boat", duration=4)
    found = paced.get(f"/v1/video/query?id={created['id']}").json()
    assert (found["status"], found["video_url"]) == ("pending", None)


def test_staged_failures_and_unknown_tasks(api: Api) -> None:
    created = api.create("/v1/video/create", model="viduq3-pro", prompt="a boat #fail", duration=1)
    found = api.ended(f"/v1/video/query?id={created['task_id']}")
    assert found["status"] == "failed"
    assert found["error"]["code"] == "generation_failed"
    busy = api.post("/v1/video/create", json={"model": "sora-2", "prompt": "a boat #429"})
    assert (busy.status_code, busy.json()["code"]) == (429, "rate_limited")
    assert api.get("/sandbox/creates").json()[-1]["status"] == 429
    for path in ("/v1/video/query?id=sora-2:task_nobody", "/v1/videos/grok:nobody"):
        answer = api.get(path)
        assert (answer.status_code, answer.json()["code"]) == (400, "task_not_exist")
    assert api.get("/v1/video/query").json()["message"] == "id: id is required"


def test_every_model_of_the_route_is_listed(api: Api) -> None:
    listed = {entry["id"] for entry in api.get("/v1/models").json()["data"]}
    assert listed >= {
        *("sora-2-pro", "sora_video2", "veo3.1-fast-components", "veo_3_1-extend", "grok-imagine-video"),
        *("grok-imagine-video-1.5-preview", "viduq1-classic", "vidu2.0", "kling-v1", "kling-v3-omni"),
    }
