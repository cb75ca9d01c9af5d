"""The vendors' own formats: Vidu's form and routes, and Kling's routes in both shapes."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.body import Body
from sandbox.order import Order, Shot
from sandbox.refusal import Refusal
from sandbox.rules import accept
from tests.sandbox.conftest import Api, picture

URL = "https://media.example/a.png"
PNG = picture("red")
BASE64 = base64.b64encode(PNG).decode()
DATA_URI = f"data:image/png;base64,{BASE64}"
SUBJECT = {"id": "hero", "images": [URL], "voice_id": "v1"}
SHOTS = [{"index": 1, "prompt": "a boat", "duration": "2"}, {"index": 2, "prompt": "a shore", "duration": 3}]
MULTI = {"model_name": "kling-v3", "multi_shot": True, "shot_type": "customize", "multi_prompt": SHOTS}
CAMERA = {"type": "simple", "config": {"zoom": 5}}
MASK = {"mask": URL, "trajectories": [{"x": 0, "y": 0}, {"x": 10, "y": 5}]}


def order(route: str, kind: Any = "json", **body: Any) -> Order:
    return accept(route, Body(kind, body))[1]


ACCEPTED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("vidu-text2video", {"model": "viduq2", "prompt": "p", "style": "anime", "aspect_ratio": "4:3", "duration": 10},
     {"mode": "text", "seconds": 10, "resolution": "720P", "audio": False, "notes": ("anime",)}),
    ("vidu-text2video", {"model": "viduq1", "prompt": "p", "movement_amplitude": "small"}, {"height": 1080}),
    ("vidu-img2video", {"model": "viduq3-pro", "images": [DATA_URI], "is_rec": True, "voice_id": ""},
     {"mode": "first_frame", "audio": True, "follow": True, "prompt": ""}),
    ("vidu-start-end2video", {"model": "vidu2.0", "images": [URL, URL], "duration": 4, "resolution": "360p"},
     {"mode": "first_last", "height": 360}),
    ("vidu-reference2video", {"model": "viduq2-pro", "prompt": "@hero waves", "subjects": [SUBJECT]},
     {"mode": "references", "notes": ("@hero",)}),
    ("kling-text2video", {"prompt": "p"}, {"model": "kling-v1", "seconds": 5, "ratio": "1:1", "width": 720}),
    ("kling-text2video", {"model": "kling-v2-6", "prompt": "p", "aspect_ratio": "16:9", "mode": "pro", "sound": "on",
                          "duration": "10", "negative_prompt": "n", "callback_url": URL, "external_task_id": "x",
                          "watermark_info": {"enabled": True}},
     {"seconds": 10, "width": 1920, "audio": True, "watermark": True, "handed_back": {"external_task_id": "x"}}),
    ("kling-text2video", {"model_name": "kling-v1-6", "prompt": "p", "cfg_scale": 0.4, "camera_control": CAMERA},
     {"notes": ("camera zoom",)}),
    ("kling-text2video", {**MULTI}, {"shots": (Shot("a boat", 2), Shot("a shore", 3)), "prompt": "a boat / a shore"}),
    ("kling-text2video", {"model_name": "kling-v3", "prompt": "p", "multi_shot": True, "shot_type": "intelligence"},
     {"shots": ()}),
    ("kling-image2video", {"image": BASE64}, {"mode": "first_frame", "follow": True}),
    ("kling-image2video", {"image": URL, "image_tail": URL}, {"mode": "first_last"}),
    ("kling-image2video", {"image_tail": URL}, {"mode": "first_last"}),
    ("kling-image2video", {"image": URL, "static_mask": URL, "dynamic_masks": [MASK]}, {"notes": ("motion brush",)}),
    ("kling-image2video", {**MULTI, "model_name": "kling-v3-omni", "image": URL}, {"mode": "first_frame"}),
]  # fmt: skip


@pytest.mark.parametrize(("route", "body", "expected"), ACCEPTED, ids=[str(n) for n in range(len(ACCEPTED))])
def test_a_body_becomes_an_order(route: str, body: dict[str, Any], expected: dict[str, Any]) -> None:
    found = order(route, **body)
    assert {name: getattr(found, name) for name in expected} == expected


VIDU: list[tuple[str, dict[str, Any], str]] = [
    ("text2video", {"model": "viduq2-pro", "prompt": "p"}, "allowed: viduq3-pro, viduq2, viduq1"),
    ("text2video", {"model": "viduq2"}, "prompt: prompt is required"),
    ("text2video", {"model": "viduq2", "prompt": "p", "images": [URL]}, "images: unknown field"),
    ("text2video", {"model": "viduq2", "prompt": "p", "voice_id": "v"}, "voice_id: unknown field"),
    ("text2video", {"model": "viduq2", "prompt": "p", "duration": 11}, "allowed: 1-10"),
    ("text2video", {"model": "viduq2", "prompt": "p", "seconds": 5}, "seconds: unknown field"),
    ("text2video", {"model": "viduq2", "prompt": "p", "movement_amplitude": "small"}, "not supported by viduq2"),
    ("text2video", {"model": "Vidu-q3-pro", "prompt": "p"}, "allowed: POST /v1/videos"),
    ("img2video", {"model": "viduq2", "images": [URL]}, "model: viduq2 is not served"),
    ("img2video", {"model": "viduq3-pro", "images": []}, "images: 0 images; allowed: exactly 1"),
    ("img2video", {"model": "viduq3-pro", "images": [URL, URL]}, "exactly 1"),
    ("img2video", {"model": "viduq3-pro", "images": [BASE64]}, "must be an http(s) URL or a data URI"),
    ("img2video", {"model": "viduq3-pro", "images": [URL], "aspect_ratio": "16:9"}, "aspect_ratio: unknown field"),
    ("start-end2video", {"model": "viduq3-pro", "images": [URL]}, "exactly 2"),
    ("reference2video", {"model": "viduq3-pro", "prompt": "p"}, "subjects: 0 subjects"),
    ("reference2video", {"model": "viduq3-pro", "prompt": "p", "subjects": [{"images": [URL]}]}, "subjects[0].id"),
    ("reference2video", {"model": "viduq3-pro", "prompt": "p", "subjects": [{"id": "a", "images": [URL] * 4}]},
     "subjects[0].images: 4 images"),
    ("reference2video", {"model": "viduq3-pro", "prompt": "p", "subjects": [SUBJECT, SUBJECT]}, "earlier subject"),
    ("reference2video", {"model": "viduq3-pro", "prompt": "p", "subjects": [{**SUBJECT, "name": "x"}]},
     "subjects[0].name: unknown field"),
]  # fmt: skip


@pytest.mark.parametrize(("route", "body", "words"), VIDU, ids=[str(n) for n in range(len(VIDU))])
def test_a_vidu_refusal_names_the_field(api: Api, route: str, body: dict[str, Any], words: str) -> None:
    answer = api.post(f"/vidu/ent/v2/{route}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert words in answer.json()["message"]


KLING: list[tuple[str, dict[str, Any], str]] = [
    ("text2video", {}, "prompt: prompt is required"),
    ("text2video", {"prompt": "p", "image": URL}, "image: unknown field"),
    ("text2video", {"prompt": "p" * 2501}, "at most 2500"),
    ("text2video", {"prompt": "p", "duration": "6"}, "allowed: 5, 10"),
    ("text2video", {"prompt": "p", "model_name": "kling-v2-6", "cfg_scale": 0.5}, "cfg_scale is not supported"),
    ("text2video", {"prompt": "p", "cfg_scale": 2}, "allowed: 0-1"),
    ("text2video", {"prompt": "p", "sound": "on"}, "kling-v2-6 and later"),
    ("text2video", {"prompt": "p", "mode": "4k"}, "allowed: std, pro"),
    ("text2video", {"prompt": "p", "camera_control": {"type": "simple", "config": {}}}, "exactly one non-zero"),
    ("text2video", {"prompt": "p", "camera_control": {"type": "simple", "config": {"pan": 1, "tilt": 1}}},
     "exactly one non-zero"),
    ("text2video", {"prompt": "p", "camera_control": {"type": "down_back", "config": {"pan": 1}}}, "takes no config"),
    ("text2video", {"prompt": "p", "multi_prompt": SHOTS}, "multi_shot: must be true"),
    ("text2video", {**MULTI, "model_name": "kling-v1"}, "kling-v1 renders one shot"),
    ("text2video", {**MULTI, "duration": "6"}, "add up to 5 s, but the film has 6 s"),
    ("text2video", {**MULTI, "multi_prompt": SHOTS * 4}, "8 shots; allowed: 1-6"),
    ("text2video", {**MULTI, "multi_prompt": [{"index": 1, "prompt": "x" * 513, "duration": 5}]}, "at most 512"),
    ("text2video", {**MULTI, "multi_prompt": [{"index": 2, "prompt": "x", "duration": 5}]}, "multi_prompt[0].index"),
    ("image2video", {"prompt": "p"}, "image or image_tail is required"),
    ("image2video", {"image": DATA_URI}, "image: must be an http(s) URL or base64"),
    ("image2video", {"image": URL, "aspect_ratio": "16:9"}, "aspect_ratio: unknown field"),
    ("image2video", {"image": URL, "image_tail": URL, "camera_control": CAMERA}, "together with image_tail"),
    ("image2video", {"image": URL, "image_tail": URL, "static_mask": URL}, "together with image_tail"),
    ("image2video", {"image": URL, "dynamic_masks": [{"mask": URL, "trajectories": []}]}, "at least two points"),
    ("image2video", {**MULTI, "image": URL, "image_tail": URL}, "does not go together with multi_shot"),
]  # fmt: skip


@pytest.mark.parametrize(("action", "body", "words"), KLING, ids=[str(n) for n in range(len(KLING))])
def test_a_kling_refusal_names_the_field(api: Api, action: str, body: dict[str, Any], words: str) -> None:
    answer = api.post(f"/kling/v1/videos/{action}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "task_failed")
    assert words in answer.json()["message"]


def form(api: Api, files: list[tuple[str, Any]], **fields: str) -> httpx.Response:
    parts = [(name, (f"{name}.png", payload, "image/png")) for name, payload in files]
    return api.post("/v1/videos", files=[*((name, (None, text)) for name, text in fields.items()), *parts])


def test_vidus_form_takes_one_picture(api: Api) -> None:
    fields = {"model": "viduq2-turbo", "prompt": "p", "duration": "1", "resolution": "540p", "audio": "false"}
    answer = form(api, [("images", PNG)], **fields, bgm="true", off_peak="true", meta_data='{"a": 1}').json()
    assert answer["id"].startswith("video_")
    assert (answer["quality"], answer["seconds"], answer["status"]) == ("standard", "1", "queued")
    found = api.until(answer["id"], "completed")
    assert "size" in found
    assert "exactly" not in form(api, [("images", PNG)], model="viduq3-pro", prompt="p", duration="1").text
    for more, words in (
        ({"images": URL}, "at most 1"),
        ({"bgm": "yes"}, "bgm: must be true or false"),
        ({"style": "anime"}, "style: unknown field"),
    ):
        refused = form(api, [("images", PNG)], **fields, **more)
        assert refused.status_code == 400
        assert words in refused.json()["message"]
    assert order("videos", "form", model="viduq3-pro", prompt="p", images=URL).mode == "first_frame"
    domestic = {"model": "viduq3-pro", "prompt": "p", "input_reference": PNG, "metadata": '{"offpeak": true}'}
    assert order("videos", "form", **domestic).notes == ("off-peak",)


def test_vidus_answers_in_both_forms(api: Api) -> None:
    body = {"model": "viduq3-pro", "prompt": "p", "images": [DATA_URI], "duration": 1, "resolution": "540p"}
    created = api.create("/vidu/ent/v2/img2video", **body, payload="mine", off_peak=True)
    assert set(created) == {"task_id", "status", "created_at"}
    assert created["status"] == "processing"
    assert isinstance(created["created_at"], int)
    task_id = created["task_id"]
    found = api.ended(f"/vidu/ent/v2/task/{task_id}/creations")
    assert set(found) == {"id", "status", "video_url", "status_update_time"}
    assert (found["id"], found["status"]) == (task_id, "completed")
    own = api.get(f"/vidu/ent/v2/tasks/{task_id}/creations").json()
    assert {key: own[key] for key in ("state", "err_code", "payload", "bgm", "off_peak")} == {
        **{"state": "success", "err_code": "", "payload": "mine", "bgm": False, "off_peak": True},
    }
    assert own["credits"] == 4
    creation = own["creations"][0]
    assert creation["url"] == found["video_url"]
    assert httpx.get(creation["cover_url"]).headers["content-type"] == "image/jpeg"
    assert api.get(f"/v1/videos/{task_id}").json()["status"] == "completed"
    failing = api.create("/vidu/ent/v2/text2video", model="viduq2", prompt="p #fail", duration=1)["task_id"]
    assert api.ended(f"/vidu/ent/v2/tasks/{failing}/creations")["err_code"] == "generation_failed"
    assert api.get(f"/vidu/ent/v2/task/{failing}/creations").json()["status"] == "failed"
    for name in ("nobody", api.create(model="sora-2", prompt="p #fail")["id"]):
        unknown = api.get(f"/vidu/ent/v2/task/{name}/creations")
        assert (unknown.status_code, unknown.json()["code"]) == (400, "task_not_exist")
    assert "text/html" in api.post("/vidu/ent/v2/text2vid", json=body).headers["content-type"]


def test_kling_answers_as_the_stock_gateway(api: Api) -> None:
    created = api.create("/kling/v1/videos/text2video", prompt="p", external_task_id="mine-1")
    assert (created["object"], created["status"], created["model"]) == ("video", "queued", "kling-v1")
    assert created["id"] == created["task_id"]
    path = f"/kling/v1/videos/text2video/{created['id']}"
    data = api.ended(path)["data"]
    assert (data["status"], data["progress"], data["fail_reason"]) == ("SUCCESS", "100%", "")
    video = data["data"]["data"]["task_result"]["videos"][0]
    assert video["url"] == data["result_url"]
    assert video["duration"] == "5.0"
    assert api.get(path.replace("text2video", "image2video")).json()["code"] == "task_not_exist"
    again = api.post("/kling/v1/videos/text2video", json={"prompt": "p", "external_task_id": "mine-1"})
    assert "earlier task" in again.json()["message"]
    failing = api.create("/kling/v1/videos/text2video", prompt="p #fail")["id"]
    data = api.ended(f"/kling/v1/videos/text2video/{failing}")["data"]
    assert (data["status"], data["data"]["data"]["task_status"]) == ("FAILURE", "failed")
    assert data["fail_reason"]
    for path in ("omni-video", "motion-control"):
        page = api.post(f"/kling/v1/videos/{path}", json={"prompt": "p"})
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_kling_answers_in_its_own_shape_with_kling_shape_native(tmp_path: Path, start: Callable[..., Any]) -> None:
    with start(tmp_path, 0.05, frame_rate=2, kling_shape="native") as api:
        route = "/kling/v1/videos/image2video"
        created = api.create(route, image=BASE64, external_task_id="x")
        assert set(created) == {"code", "message", "request_id", "data"}
        assert (created["code"], created["message"], created["data"]["task_status"]) == (0, "SUCCEED", "submitted")
        assert created["data"]["task_info"] == {"external_task_id": "x"}
        assert created["data"]["created_at"] > 10**12
        data = api.ended(f"{route}/{created['data']['task_id']}")["data"]
        assert (data["task_status"], data["task_status_msg"]) == ("succeed", "")
        assert httpx.get(data["task_result"]["videos"][0]["url"]).status_code == 200
        failing = api.create(route, image=BASE64, prompt="p #fail")["data"]["task_id"]
        data = api.ended(f"{route}/{failing}")["data"]
        assert data["task_status"] == "failed"
        assert data["task_status_msg"]
        for body, status, code in (({}, 400, 1201), ({"image": URL, "prompt": "#429"}, 429, 1302)):
            refused = api.post(route, json=body)
            assert (refused.status_code, refused.json()["code"]) == (status, code)
            assert set(refused.json()) == {"code", "message", "request_id"}
        assert len(api.get("/sandbox/creates").json()) == 4


def test_an_unknown_kling_shape_is_an_error(tmp_path: Path) -> None:
    from sandbox.app import create_app

    with pytest.raises(ValueError, match="gateway or native"):
        create_app(tmp_path, kling_shape="foreign")


def test_kling_official_names_are_not_served_on_videos() -> None:
    with pytest.raises(Refusal, match="allowed: POST /kling/v1/videos/text2video"):
        order("videos", model="kling-v2-6", prompt="p")
