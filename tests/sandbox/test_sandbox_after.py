"""Remix, extend and extensions: which bodies are accepted, and that the new clip shows the old one."""

from __future__ import annotations

import io
from typing import Any

import av
import httpx
import numpy as np
import pytest

from tests.sandbox.conftest import Api, picture

Pixels = np.ndarray[Any, np.dtype[np.uint8]]


@pytest.fixture(scope="module")
def grok(api: Api) -> str:
    """The id of a finished red clip of six seconds."""
    return grok_clip(api, "red")


@pytest.fixture(scope="module")
def sora(api: Api) -> str:
    return finished(api, "/v1/videos", model="sora-2", prompt="a boat", seconds="4")


@pytest.fixture(scope="module")
def veo(api: Api) -> str:
    return finished(api, "/v1/videos", model="veo_3_1", prompt="a boat", seconds="4")


def grok_clip(api: Api, color: str) -> str:
    fields = {"model": "grok-video-3", "prompt": "a boat", "seconds": "6", "size": "480P", "aspect_ratio": "16:9"}
    parts = [*((name, (None, text)) for name, text in fields.items())]
    answer = api.post("/v1/videos", files=[*parts, ("input_reference", ("a.png", picture(color), "image/png"))])
    task_id = str(answer.json()["id"])
    api.until(task_id, "completed")
    return task_id


def finished(api: Api, route: str, **body: Any) -> str:
    task_id = str(api.create(route, **body)["id"])
    api.until(task_id, "completed")
    return task_id


def frames(api: Api, task_id: str) -> list[Pixels]:
    content = api.get(f"/v1/videos/{task_id}/content").content
    with av.open(io.BytesIO(content), "r") as container:
        return [frame.reformat(width=160, height=90).to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def difference(one: Pixels, other: Pixels) -> float:
    return float(np.abs(one.astype(int) - other).mean())


REMIX = {"model": "grok-video-3", "prompt": "at night", "size": "720P", "aspect_ratio": "16:9"}
UNIFIED_REMIX = {**REMIX, "aspect_ratio": "3:2"}
EXTEND = {"model": "grok-video-3", "prompt": "it goes on"}
EXTENSION = {**EXTEND, "start_time": 3, "duration": 6}


def test_an_extension_starts_where_the_clip_ends_and_then_changes(api: Api, grok: str) -> None:
    answer = api.create(f"/v1/videos/{grok}/extend", **EXTEND)
    assert set(answer) == {"id", "status", "status_update_time"}
    assert (answer["id"][:5], answer["status"]) == ("grok:", "processing")
    assert answer["status_update_time"] < 10**12
    found = api.until(answer["id"], "completed")
    assert (found["seconds"], found["remixed_from_video_id"]) == ("10", grok)
    assert found["output"]["url"] == api.get(f"/v1/video/query?id={answer['id']}").json()["video_url"]
    parent, child = frames(api, grok), frames(api, answer["id"])
    assert difference(parent[-1], child[0]) < 4
    assert difference(child[0], child[-1]) > 10


def test_an_extension_starts_at_the_requested_second(api: Api, grok: str) -> None:
    answer = api.create("/v1/videos/extensions", **EXTENSION, video={"url": grok})
    api.until(answer["id"], "completed")
    parent, child = frames(api, grok), frames(api, answer["id"])
    assert len(child) == 18
    at_three, at_end = difference(parent[9], child[0]), difference(parent[-1], child[0])
    assert at_three < 3
    assert at_three < at_end


def test_extend_shows_the_given_pictures(api: Api, grok: str) -> None:
    body = {**EXTEND, "task_id": grok, "images": ["http://127.0.0.1:9/a.png"], "size": "1080P", "aspect_ratio": "1:1"}
    answer = api.create("/v1/video/extend", **body, start_time=0, upscale=False)
    assert api.until(answer["id"], "completed")["size"] == "1080P"


def test_a_remix_shows_the_earlier_clip_in_other_colours(api: Api, grok: str, sora: str) -> None:
    answer = api.create(f"/v1/videos/{sora}/remix", prompt="at night")
    assert (answer["status"], answer["remixed_from_video_id"], answer["model"]) == ("queued", sora, "sora-2")
    assert answer["id"].startswith("video_")
    api.until(answer["id"], "completed")
    parent, child = frames(api, sora), frames(api, answer["id"])
    middle = len(parent) // 2
    assert len(parent) == len(child)
    # The upper part has no captions: the same light and shade, in other colours.
    bright = [shown[middle][:60].mean(axis=2).ravel() for shown in (parent, child)]
    assert np.corrcoef(*bright)[0, 1] > 0.9
    assert difference(parent[middle], child[middle]) > 5
    answer = api.create("/v1/video/remix", **UNIFIED_REMIX, task_id=grok, parent_post_id="x")
    found = api.ended(f"/v1/video/query?id={answer['id']}")
    assert (found["status"], found["ratio"]) == ("completed", "3:2")


def test_veo_continues_a_clip_with_its_extend_model(api: Api, veo: str) -> None:
    answer = api.create(f"/v1/videos/{veo}/remix", prompt="it goes on", model="veo_3_1-extend")
    assert (answer["remixed_from_video_id"], answer["model"]) == (veo, "veo_3_1-extend")
    api.until(answer["id"], "completed")
    assert difference(frames(api, veo)[-1], frames(api, answer["id"])[0]) < 4


def test_the_vendors_extension_names_the_clip_by_its_id(api: Api, sora: str) -> None:
    body = {"prompt": "it goes on", "seconds": "4"}
    answer = api.create("/v1/videos/extensions", **body, video={"id": sora})
    assert (answer["object"], answer["seconds"], answer["remixed_from_video_id"]) == ("video", "4", sora)
    parts = [("prompt", (None, "on")), ("seconds", (None, "4")), ("video[id]", (None, sora))]
    assert api.post("/v1/videos/extensions", files=parts).status_code == 200


def test_a_continued_clip_is_continued_again_and_ids_may_be_escaped(api: Api) -> None:
    clip = api.create("/v1/video/create", model="grok-video-3", prompt="a boat", duration=6)["id"]
    api.ended(f"/v1/video/query?id={clip}")
    second = api.create(f"/v1/videos/{clip.replace(':', '%3A')}/extend", **EXTEND)["id"]
    api.until(second, "completed")
    third = api.create(f"/v1/videos/{second}/remix", **REMIX)["id"]
    api.until(third, "completed")


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("/v1/videos/{sora}/remix", {}, "prompt: prompt is required"),
    ("/v1/videos/{sora}/remix", {"prompt": "p", "seconds": "4"}, "seconds: unknown field"),
    ("/v1/videos/{sora}/remix", {"prompt": "p", "model": "veo_3_1-extend"}, "cannot continue a clip of sora-2"),
    ("/v1/videos/{sora}/extend", {"prompt": "p"}, "sora-2 is not served on this route"),
    ("/v1/videos/{veo}/remix", {"prompt": "p"}, "model: model is required"),
    ("/v1/videos/{veo}/remix", {"model": "veo_3_1-extend"}, "prompt: prompt is required"),
    ("/v1/videos/{grok}/remix", {"prompt": "p"}, "model: model is required"),
    ("/v1/videos/{grok}/remix", {"model": "grok-video-3", "prompt": "p", "size": "720P"}, "aspect_ratio is required"),
    ("/v1/videos/{grok}/remix", {**REMIX, "size": "480P"}, "allowed: 720P, 1080P"),
    ("/v1/videos/{grok}/remix", {**REMIX, "task_id": "x"}, "task_id: unknown field"),
    ("/v1/video/remix", {**REMIX, "task_id": "{grok}"}, "allowed: 2:3, 3:2, 1:1"),
    ("/v1/video/remix", UNIFIED_REMIX, "task_id: task_id is required"),
    ("/v1/video/extend", EXTEND, "task_id: task_id is required"),
    ("/v1/videos/{grok}/extend", {**EXTEND, "duration": 6}, "duration: unknown field"),
    ("/v1/videos/{grok}/extend", {**EXTEND, "start_time": 7}, "start_time: 7 is outside the clip; allowed: 0-6"),
    ("/v1/videos/extensions", {**EXTENSION}, "video.url: url is required"),
    ("/v1/videos/extensions", {**EXTENSION, "video": {"url": "{grok}"}, "duration": 7}, "allowed: 6, 10, 15"),
    ("/v1/videos/extensions", {**EXTEND, "video": {"url": "{grok}"}}, "start_time: start_time is required"),
    ("/v1/videos/extensions", {"prompt": "p", "seconds": "5", "video": {"id": "{sora}"}}, "allowed: 4, 8, 12, 16, 20"),
    ("/v1/videos/extensions", {"prompt": "p", "seconds": "4", "video": {"id": "{veo}"}}, "is not served on this route"),
    ("/v1/videos/nobody/remix", {"prompt": "p"}, "task nobody does not exist"),
    ("/v1/video/extend", {**EXTEND, "task_id": "grok:nobody"}, "task grok:nobody does not exist"),
]  # fmt: skip


@pytest.mark.parametrize(("route", "body", "words"), REFUSED, ids=[str(n) for n in range(len(REFUSED))])
def test_a_refusal_names_the_field(
    api: Api, sora: str, veo: str, grok: str, route: str, body: dict[str, Any], words: str
) -> None:
    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(inner) for key, inner in value.items()}
        return value.format(sora=sora, veo=veo, grok=grok) if isinstance(value, str) else value

    answer = api.post(filled(route), json=filled(body))
    assert answer.status_code == 400, answer.text
    assert words in answer.json()["message"]
    assert answer.json()["code"] in ("invalid_request", "missing_model", "task_not_exist")


def test_unfinished_private_and_foreign_clips_are_not_continued(api: Api) -> None:
    failed = api.create("/v1/videos", model="sora-2", prompt="a boat #fail")["id"]
    api.until(failed, "failed")
    refused = api.post(f"/v1/videos/{failed}/remix", json={"prompt": "p"})
    assert (refused.status_code, "is not completed: FAILURE" in refused.text) == (400, True)
    private = api.create("/v1/video/create", model="sora-2", prompt="a boat", private=True)["id"]
    api.ended(f"/v1/video/query?id={private}")
    assert "cannot be remixed" in api.post(f"/v1/videos/{private}/remix", json={"prompt": "p"}).text
    other = api.small()
    api.until(other, "completed")
    assert "is not served on this route" in api.post(f"/v1/videos/{other}/remix", json={"prompt": "p"}).text


def test_follow_ups_are_logged_as_creates(api: Api, grok: str, sora: str) -> None:
    before = len(api.get("/sandbox/creates").json())
    busy = api.post(f"/v1/videos/{grok}/extend", json={**EXTEND, "prompt": "on #429"})
    assert (busy.status_code, busy.headers["Retry-After"]) == (429, "2")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        api.post(f"/v1/videos/{sora}/remix", json={"prompt": "on #drop"})
    failing = api.create("/v1/videos/extensions", **{**EXTENSION, "prompt": "on #fail"}, video={"url": grok})["id"]
    assert api.ended(f"/v1/video/query?id={failing}")["status"] == "failed"
    made = api.get("/sandbox/creates").json()[before:]
    assert [entry["status"] for entry in made] == [429, 0, 200]
