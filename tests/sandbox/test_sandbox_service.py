"""Keys, paths, models, the states of a task, and its files."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.sandbox.conftest import SMALL, Api, Clock, picture


def test_any_key_is_accepted_and_one_is_required(api: Api) -> None:
    for header in ({}, {"Authorization": "Bearer"}, {"Authorization": "Basic abc"}):
        answer = httpx.get(f"{api.base_url}/v1/models", headers=header)
        assert answer.status_code == 401
        assert answer.json()["error"]["type"] == "new_api_error"
        assert answer.headers["X-Oneapi-Request-Id"] in answer.json()["error"]["message"]
    assert httpx.get(f"{api.base_url}/v1/models", headers={"Authorization": "Bearer x"}).status_code == 200


def test_unknown_paths(api: Api) -> None:
    answer = api.get("/v1/video/nowhere/x")
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "Invalid URL (GET /v1/video/nowhere/x)"
    assert "Invalid URL (PUT /v1/videos)" in api.put("/v1/videos").text
    front = api.post("/kling/v1/videos/omni", json={})
    assert (front.status_code, front.headers["content-type"]) == (200, "text/html; charset=utf-8")
    for path in ("/files/nobody.mp4", "/sandbox/nowhere"):
        assert (api.get(path).status_code, api.get(path).headers["content-type"][:10]) == (404, "text/plain")
    assert api.get("/v1/videos/task_nobody").json()["code"] == "task_not_exist"
    assert api.get("/v1/videos/task_nobody").status_code == 400
    assert api.get("/v1/videos/task_nobody/content").status_code == 404


def test_models_are_listed_and_found_by_names_with_special_characters(api: Api) -> None:
    listed = [entry["id"] for entry in api.get("/v1/models").json()["data"]]
    assert {"sora-2", "veo_3_1-fast", "Kling-3.0-Omni", "wan2.6-i2v:1920*1080"} <= set(listed)
    assert len(listed) == len(set(listed))
    for model in ("wan2.6-i2v:1920*1080", "wan2.6-i2v%3A1920%2A1080", "Kling-99"):
        assert api.get(f"/v1/models/{model}").json()["object"] == "model"
    assert api.get("/v1/models/nothing").json()["error"]["code"] == "model_not_found"


def test_a_task_goes_from_queued_to_completed(paced: Api, clock: Clock) -> None:
    created = paced.post("/v1/videos", json=SMALL).json()
    assert (created["status"], created["progress"]) == ("queued", 0)
    path, seen = f"/v1/videos/{created['id']}", []
    for _ in range(10):
        found = paced.get(path).json()
        seen.append((found["status"], found["progress"]))
        clock.advance(1)
    states, percents = [state for state, _ in seen], [percent for _, percent in seen]
    assert states == ["queued"] * 2 + ["processing"] * 8
    assert percents == sorted(percents)
    assert 0 < percents[2] < percents[-1] < 100
    found = paced.until(created["id"], "completed")
    assert found["progress"] == 100
    assert found["completed_at"] >= found["created_at"] + 10


def test_every_answer_hints_when_to_ask_again(paced: Api, clock: Clock) -> None:
    created = paced.post("/v1/videos", json=SMALL)
    path = f"/v1/videos/{created.json()['id']}"

    def hint(answer: httpx.Response) -> int:
        return int(answer.headers["openai-poll-after-ms"])

    assert hint(created) == hint(paced.get(path)) == 500
    clock.advance(9.75)
    assert hint(paced.get(path)) == 250
    clock.advance(0.24)
    assert hint(paced.get(path)) == 50
    clock.advance(0.01)
    paced.until(created.json()["id"], "completed")
    assert "openai-poll-after-ms" not in paced.get(path).headers
    moderated = paced.small("a boat #moderated")
    clock.advance(2.25)
    assert hint(paced.get(f"/v1/videos/{moderated}")) == 250


def test_a_running_task_has_no_content(paced: Api) -> None:
    too_early = paced.get(f"/v1/videos/{paced.small()}/content")
    assert too_early.status_code == 400
    assert "not completed" in too_early.json()["error"]["message"]


def test_the_film_is_served_with_ranges_on_both_addresses(api: Api) -> None:
    task_id = api.small()
    link = api.until(task_id, "completed")["video_url"]
    whole = httpx.get(link)  # no key
    assert whole.headers["content-type"] == "video/mp4"
    assert whole.content[4:8] == b"ftyp"
    assert whole.content.index(b"moov") < whole.content.index(b"mdat")
    part = httpx.get(link, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    content = api.get(f"/v1/videos/{task_id}/content", headers={"Range": "bytes=0-9"})
    assert (content.status_code, content.content) == (206, whole.content[:10])


def finished(api: Api, body: dict[str, Any], files: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
    answer = api.post("/v1/videos", json=body) if files is None else api.post("/v1/videos", files=files)
    assert answer.status_code == 200, answer.text
    return answer.json(), api.until(answer.json()["id"], "completed")


def test_answers_differ_by_family(api: Api) -> None:
    url = "http://127.0.0.1:9/none.png"
    created, found = finished(api, {"model": "Kling-3.0-Omni", "prompt": "p", "seconds": "3", "image": url})
    assert created["model"] == "kling-3.0-omni-720p-ref-mute"
    assert created["id"] == created["task_id"]
    assert len(created["id"]) == len("task_") + 32
    assert found["video_url"] == found["metadata"]["url"]

    created, found = finished(api, {"model": "sora-2", "prompt": "p"})
    assert found["error"] is None
    assert (found["seconds"], found["size"], found["remixed_from_video_id"]) == ("4", "720x1280", "")
    assert "task_id" not in found

    created, found = finished(api, {"model": "wan2.6-t2v:1280*720", "prompt": "p", "seconds": 2})
    assert found["model"] == "wan2.6-t2v:1280*720"
    assert "video_url" not in found
    assert found["metadata"]["url"].endswith(".mp4")

    form = {"model": "grok-video-3", "prompt": "p", "seconds": "1", "size": "480P"}
    parts = [(name, (None, text)) for name, text in form.items()]
    created, found = finished(api, {}, parts)
    assert found["output"]["url"].endswith(".mp4")
    assert found["size"] == "480P"

    form = {"model": "doubao-seedance-1-0-pro_480p", "prompt": "p", "seconds": "4", "size": "adaptive"}
    upload = ("first_frame_image", ("a.png", picture("blue", (400, 300)), "image/png"))
    created, found = finished(api, {}, [*((name, (None, text)) for name, text in form.items()), upload])
    assert found["size"] == "640x480"


def test_seedance_answers_in_its_wrapper_and_on_the_video_route(paced: Api, clock: Clock) -> None:
    body = {
        "model": "doubao-seedance-2-0-fast-260128",
        "content": [{"type": "text", "text": "a boat"}],
        "metadata": {"duration": 4, "resolution": "480p", "return_last_frame": True, "seed": 11},
    }
    created = paced.create("/v1/video/generations", **body)
    assert list(created) == ["task_id"]
    assert created["task_id"].startswith("cgt-")
    path = f"/v1/video/generations/{created['task_id']}"
    seen = []
    for _ in range(2):
        found = paced.get(path).json()["data"]
        seen.append((found["status"], found["data"]["status"]))
        clock.advance(5)
    assert seen == [("SUBMITTED", "queued"), ("IN_PROGRESS", "running")]
    found = paced.ended(path)["data"]
    assert (found["progress"], found["fail_reason"]) == ("100%", "")
    inner = found["data"]
    assert (inner["status"], inner["duration"], inner["seed"]) == ("succeeded", 4, 11)
    assert httpx.get(inner["content"]["video_url"]).headers["content-type"] == "video/mp4"
    assert httpx.get(inner["content"]["last_frame_url"]).content.startswith(b"\x89PNG")
    assert paced.get(f"/v1/videos/{created['task_id']}").json()["status"] == "completed"


def test_creates_are_listed_in_order(api: Api) -> None:
    before = api.get("/sandbox/creates").json()
    task_id = api.small("counted")
    api.post("/v1/videos", json={"model": "sora-2", "prompt": "refused", "seconds": "5"})
    made, refused = api.get("/sandbox/creates").json()[len(before) :]
    assert (made["task_id"], made["model"], made["prompt"], made["status"]) == (task_id, "viduq3-pro", "counted", 200)
    assert (refused["task_id"], refused["status"]) == (None, 400)
    api.until(task_id, "completed")


@pytest.mark.parametrize("route", ["/v1/videos/{}", "/v1/video/generations/{}"])
def test_every_answer_names_its_request(api: Api, route: str) -> None:
    assert api.get(route.format("task_none")).headers["X-Oneapi-Request-Id"]
