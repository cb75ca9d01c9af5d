"""Every staged failure as a client sees it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import httpx
import pytest

from tests.sandbox.conftest import SMALL, Api, Clock


def test_fail(api: Api) -> None:
    found = api.until(api.small("a boat #fail"), "failed")
    assert found["error"]["code"] == "generation_failed"
    assert "failed upstream" in found["error"]["message"]
    assert "video_url" not in found


def test_moderated_ends_early_with_the_familys_code(api: Api) -> None:
    found = api.until(api.small("a boat #moderated"), "failed")
    assert found["error"]["code"] == "sensitive_words_detected"
    body = {"model": "doubao-seedance-2-0-260128", "content": [{"type": "text", "text": "a boat #moderated"}]}
    task_id = api.create("/v1/video/generations", **body)["task_id"]
    api.until(task_id, "failed")
    data = api.get(f"/v1/video/generations/{task_id}").json()["data"]
    assert data["status"] == "FAILURE"
    assert data["fail_reason"]
    assert data["data"]["error"]["code"] == "InputTextSensitiveContentDetected"


def test_no_film_is_rendered_for_a_task_that_fails(tmp_path: Path, start: Callable[..., Any]) -> None:
    for _ in range(2):  # at the create and after a restart
        with start(tmp_path, 0, frame_rate=2) as api:
            for directive in ("#fail", "#moderated"):
                api.until(api.small(f"a boat {directive}"), "failed")
            api.until(api.small(), "completed")
    assert len(list((tmp_path / "films").iterdir())) == 2


def test_slow_takes_ten_times_as_long(paced: Api, clock: Clock) -> None:
    plain, slow = paced.small(), paced.small("a boat #slow")
    clock.advance(10)
    paced.until(plain, "completed")
    clock.advance(89)
    assert paced.get(f"/v1/videos/{slow}").json()["status"] == "processing"
    clock.advance(1)
    paced.until(slow, "completed")


@pytest.mark.parametrize(
    ("word", "status", "code"), [("#429", 429, "rate_limited"), ("#500", 500, "do_request_failed")]
)
def test_refused_creates_make_no_task(api: Api, word: str, status: int, code: str) -> None:
    answer = api.post("/v1/videos", json={**SMALL, "prompt": f"a boat {word}"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers.get("Retry-After") == ("2" if status == 429 else None)
    last = api.get("/sandbox/creates").json()[-1]
    assert (last["task_id"], last["status"]) == (None, status)


EVERY_ROUTE: list[tuple[str, dict[str, Any]]] = [
    ("/v1/video/create", {"model": "sora-2"}),
    ("/v1/video/create", {"model": "jimeng-video-3.0", "images": []}),
    ("/v1/videos", {"model": "grok-imagine-video", "seconds": 1, "aspect_ratio": "1:1", "resolution": "480P"}),
    ("/vidu/ent/v2/text2video", {"model": "viduq2"}),
    ("/vidu/ent/v2/img2video", {"model": "viduq2-pro", "images": ["http://127.0.0.1:9/a.png"]}),
    ("/vidu/ent/v2/start-end2video", {"model": "viduq2-pro", "images": ["http://127.0.0.1:9/a.png"] * 2}),
    ("/vidu/ent/v2/reference2video",
     {"model": "viduq2-pro", "subjects": [{"id": "a", "images": ["http://127.0.0.1:9/a.png"]}]}),
    ("/kling/v1/videos/text2video", {}),
    ("/kling/v1/videos/image2video", {"image": "http://127.0.0.1:9/a.png"}),
]  # fmt: skip


@pytest.mark.parametrize(("route", "body"), EVERY_ROUTE, ids=[str(n) for n in range(len(EVERY_ROUTE))])
@pytest.mark.parametrize(("word", "status"), [("#429", 429), ("#500", 500)])
def test_every_create_route_stages_failures_and_logs_them(
    api: Api, route: str, body: dict[str, Any], word: str, status: int
) -> None:
    before = len(api.get("/sandbox/creates").json())
    answer = api.post(route, json={**body, "prompt": f"a boat {word}"})
    assert answer.status_code == status, answer.text
    assert answer.headers.get("Retry-After") == ("2" if status == 429 else None)
    (entry,) = api.get("/sandbox/creates").json()[before:]
    assert (entry["task_id"], entry["status"], entry["prompt"]) == (None, status, f"a boat {word}")


def test_drop_creates_the_task_without_an_answer(api: Api) -> None:
    before = len(api.get("/sandbox/creates").json())
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        api.post("/v1/videos", json={**SMALL, "prompt": "a boat #drop"})
    made = api.get("/sandbox/creates").json()
    assert len(made) == before + 1
    api.until(made[-1]["task_id"], "completed")


def test_a_strange_status_ends(paced: Api, clock: Clock) -> None:
    task_id = paced.small("a boat #strange-status")
    clock.advance(5)
    assert paced.until(task_id, "rendering_pass_2")["progress"] < 100
    clock.advance(5)
    paced.until(task_id, "completed")


def test_an_empty_error_stands_where_a_healthy_task_has_none(api: Api) -> None:
    found = api.until(api.small("a boat #empty-error"), "completed")
    assert found["error"] == {"message": "", "code": ""}
    assert api.until(api.small("a boat"), "completed")["error"] is None
    assert api.until(api.small("a boat #empty-error #fail"), "failed")["error"]["code"] == "generation_failed"


def test_a_dead_link_leaves_the_content_route(api: Api) -> None:
    task_id = api.small("a boat #dead-link")
    found = api.until(task_id, "completed")
    assert httpx.get(found["video_url"]).status_code == 404
    assert api.get(f"/v1/videos/{task_id}/content").status_code == 200


def test_clamp_delivers_less_than_the_answer_says(api: Api) -> None:
    task_id = api.small("a boat #clamp", seconds="2")
    found = api.until(task_id, "completed")
    assert (found["seconds"], found["size"]) == ("2", "960x540")
    with av.open(io.BytesIO(api.get(f"/v1/videos/{task_id}/content").content)) as container:
        assert container.duration == 1_000_000
        assert (container.streams.video[0].width, container.streams.video[0].height) == (640, 360)


def test_truncated_breaks_off_once(api: Api) -> None:
    task_id = api.small("a boat #truncated")
    link = api.until(task_id, "completed")["video_url"]
    received = b""
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)), httpx.stream("GET", link) as answer:
        for chunk in answer.iter_bytes():
            received += chunk
    whole = httpx.get(link).content
    assert received == whole[: len(whole) // 2]
    assert api.get(f"/v1/videos/{task_id}/content").content == whole
