"""Lists, deletion, content variants, request ids and cross-origin calls: what OpenAI's API has and browsers need."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import pytest
from av.video.reformatter import Colorspace
from PIL import Image

from sandbox.body import Body, add_part
from sandbox.refusal import Refusal
from sandbox.rules import accept
from tests.sandbox.conftest import SMALL, Api, picture, serving


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Api, list[str]]]:
    """A sandbox of its own with five finished tasks, oldest first."""
    with serving(tmp_path_factory.mktemp("shelf"), 0, frame_rate=2) as api:
        made = [api.small(f"boat {number}") for number in range(5)]
        for task_id in made:
            api.until(task_id, "completed")
        yield api, made


def ids(page: dict[str, Any]) -> list[str]:
    return [entry["id"] for entry in page["data"]]


def test_a_list_is_read_page_by_page_in_both_orders(shelf: tuple[Api, list[str]]) -> None:
    api, made = shelf
    whole = api.get("/v1/videos").json()
    assert (whole["object"], ids(whole), whole["has_more"]) == ("list", made[::-1], False)
    assert (whole["first_id"], whole["last_id"]) == (made[-1], made[0])
    assert whole["data"][0] == api.get(f"/v1/videos/{made[-1]}").json()
    for order, expected in (("asc", made), ("desc", made[::-1])):
        read: list[str] = []
        after: dict[str, str] = {}
        while True:
            page = api.get("/v1/videos", params={"limit": 2, "order": order, **after}).json()
            read += ids(page)
            if not page["has_more"]:
                break
            after = {"after": page["last_id"]}
        assert read == expected
    exact = api.get("/v1/videos", params={"limit": 5}).json()
    assert (len(exact["data"]), exact["has_more"]) == (5, False)
    past = api.get("/v1/videos", params={"after": made[0]}).json()
    assert (past["data"], past["first_id"], past["last_id"], past["has_more"]) == ([], None, None, False)


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": "two"}, "limit"),
        ({"order": "up"}, "order"),
        ({"after": "nobody"}, "after"),
    ],
)
def test_a_wrong_page_is_refused(api: Api, query: dict[str, Any], param: str) -> None:
    answer = api.get("/v1/videos", params=query)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_the_most_that_a_page_holds(api: Api) -> None:
    assert api.get("/v1/videos", params={"limit": 100}).status_code == 200


def test_a_deleted_task_is_gone_with_its_files(tmp_path: Path) -> None:
    with serving(tmp_path, 0, frame_rate=2) as api:
        kept, gone = api.small("kept"), api.small("gone")
        for task_id in (kept, gone):
            link = api.until(task_id, "completed")["video_url"]
        assert httpx.get(link.replace(".mp4", ".jpg")).status_code == 200
        assert len(list((tmp_path / "films").iterdir())) == 3
        answer = api.delete(f"/v1/videos/{gone}")
        assert answer.json() == {"id": gone, "object": "video.deleted", "deleted": True}
        assert len(list((tmp_path / "films").iterdir())) == 1
        assert httpx.get(link).status_code == 404
        assert api.get(f"/v1/videos/{gone}").json()["code"] == "task_not_exist"
        assert api.delete(f"/v1/videos/{gone}").json()["code"] == "task_not_exist"
        assert ids(api.get("/v1/videos").json()) == [kept]
        assert [entry["task_id"] for entry in api.get("/sandbox/creates").json()] == [kept, gone]


def test_a_running_task_is_not_deleted(paced: Api) -> None:
    task_id = paced.small()
    answer = paced.delete(f"/v1/videos/{task_id}")
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "id")
    assert paced.get(f"/v1/videos/{task_id}").status_code == 200


def test_content_has_three_variants(api: Api) -> None:
    metadata = {"output_config": {"resolution": "540P"}}
    task_id = api.small(seconds="6", image="http://127.0.0.1:9/a.png", metadata=metadata)
    api.until(task_id, "completed")
    path = f"/v1/videos/{task_id}/content"
    assert api.get(path).content == api.get(path, params={"variant": "video"}).content
    small = api.get(path, params={"variant": "thumbnail"})
    assert small.headers["content-type"] == "image/webp"
    with Image.open(io.BytesIO(small.content)) as thumbnail:
        assert (thumbnail.format, thumbnail.size) == ("WEBP", (960, 540))
    large = api.get(path, params={"variant": "spritesheet"})
    assert large.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(large.content)) as sheet:
        assert (sheet.format, sheet.size) == ("JPEG", (960, 405))
        cells = [sheet.crop((x * 240, y * 135, x * 240 + 240, y * 135 + 135)) for y in range(3) for x in range(4)]
    assert len({cell.tobytes() for cell in cells}) == 12
    shown = frames(api.get(path).content)
    assert len(shown) == 18
    apart = [difference(cells[11], frame.resize((240, 135))) for frame in shown]
    assert abs(apart.index(min(apart)) - 18 * 11 // 12) <= 1  # its neighbours look almost the same
    refused = api.get(path, params={"variant": "poster"})
    assert (refused.status_code, "thumbnail, spritesheet" in refused.json()["error"]["message"]) == (400, True)


def frames(film: bytes) -> list[Image.Image]:
    with av.open(io.BytesIO(film), "r") as container:
        shown = container.decode(video=0)
        return [Image.fromarray(frame.to_ndarray(format="rgb24", src_colorspace=Colorspace.ITU709)) for frame in shown]


def difference(one: Image.Image, other: Image.Image) -> float:
    return float(np.abs(np.asarray(one, int) - np.asarray(other, int)).mean())


def test_every_answer_has_a_request_id_and_may_be_read_by_any_page(api: Api) -> None:
    origin = {"Origin": "https://page.example"}
    for answer in (
        api.get("/v1/models", headers=origin),
        api.get("/v1/nowhere", headers=origin),
        api.post("/v1/videos", json={}, headers=origin),
        httpx.get(f"{api.base_url}/v1/models", headers=origin),
        httpx.get(f"{api.base_url}/", headers=origin),
    ):
        assert answer.headers["x-request-id"] == answer.headers["x-oneapi-request-id"]
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["access-control-expose-headers"] == "*"
    asked = {"Access-Control-Request-Method": "DELETE", "Access-Control-Request-Headers": "authorization"}
    preflight = httpx.options(f"{api.base_url}/v1/videos/x", headers=origin | asked)
    assert preflight.status_code == 200
    assert "DELETE" in preflight.headers["access-control-allow-methods"]
    assert preflight.headers["access-control-allow-headers"] == "authorization"
    assert preflight.headers["x-request-id"]


def test_a_refusal_has_the_gateways_keys_and_openais_error(api: Api) -> None:
    answer = api.post("/v1/videos", json={**SMALL, "seconds": "99"}).json()
    assert set(answer) == {"code", "message", "data", "error"}
    assert (answer["code"], answer["data"]) == ("invalid_request", None)
    assert answer["error"] == {
        **{"message": answer["message"], "type": "invalid_request_error"},
        **{"param": "seconds", "code": "invalid_request"},
    }
    for word, kind in (("#429", "rate_limit_error"), ("#500", "server_error")):
        refused = api.post("/v1/videos", json={**SMALL, "prompt": f"a boat {word}"}).json()
        assert (refused["error"]["type"], refused["error"]["param"]) == (kind, None)


def nest(key: str, levels: int, value: Any) -> Any:
    """Return a value inside this many objects."""
    return value if levels == 0 else {key: nest(key, levels - 1, value)}


NESTED: list[tuple[list[tuple[str, str]], dict[str, Any]]] = [
    ([("a", "1")], {"a": "1"}),
    ([("a", "1"), ("a", "2"), ("a", "3")], {"a": ["1", "2", "3"]}),
    ([("a[]", "1"), ("a[]", "2")], {"a": ["1", "2"]}),
    ([("a[0]", "1"), ("a[1]", "2")], {"a": ["1", "2"]}),
    ([("a[b]", "1"), ("a[c]", "2")], {"a": {"b": "1", "c": "2"}}),
    ([("a[b][c]", "1"), ("a[b][d]", "2"), ("a[e]", "3")], {"a": {"b": {"c": "1", "d": "2"}, "e": "3"}}),
    ([("a[b][]", "1"), ("a[b][]", "2")], {"a": {"b": ["1", "2"]}}),
    ([("a" + "[b]" * 8, "1")], {"a": nest("b", 8, "1")}),
]


@pytest.mark.parametrize(("parts", "expected"), NESTED, ids=[str(n) for n in range(len(NESTED))])
def test_form_parts_are_nested(parts: list[tuple[str, str]], expected: dict[str, Any]) -> None:
    values: dict[str, Any] = {}
    for name, part in parts:
        add_part(values, name, part)
    assert values == expected


@pytest.mark.parametrize(
    "names",
    [("a", "a[b]"), ("a[b]", "a"), ("a[b]", "a[b][c]"), ("a[][b]",), ("a" + "[b]" * 9,)],
)
def test_form_parts_that_contradict_each_other_are_refused(names: tuple[str, ...]) -> None:
    values: dict[str, Any] = {}
    with pytest.raises(Refusal) as refused:
        for name in names:
            add_part(values, name, "1")
    assert refused.value.code == "invalid_multipart_form"


def test_nested_metadata_reaches_the_film(api: Api) -> None:
    fields = {"model": "viduq3-pro", "prompt": "p", "seconds": "1", "metadata[output_config][resolution]": "540P"}
    parts = [(name, (None, text)) for name, text in fields.items()]
    created = api.post("/v1/videos", files=[*parts, ("metadata[output_config][aspect_ratio]", (None, "9:16"))])
    assert api.until(created.json()["id"], "completed")["size"] == "540x960"


def test_a_user_is_accepted_and_must_be_a_string() -> None:
    for body in (SMALL, {"model": "sora-2", "prompt": "p"}, {"model": "veo_3_1", "prompt": "p"}):
        assert accept("videos", Body("json", {**body, "user": "u-1"}))[1].model == body["model"]
    with pytest.raises(Refusal, match="user: must be one string"):
        accept("videos", Body("json", {**SMALL, "user": 5}))
    with pytest.raises(Refusal, match="user: unknown field"):
        accept("unified", Body("json", {"model": "sora-2", "prompt": "p", "user": "u-1"}))


def clip(width: int, height: int) -> bytes:
    """Encode one second of a clip whose sides may be odd."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=2)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv444p"
        for _ in range(2):
            picture = np.zeros((height, width, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return target.getvalue()


def test_an_uploaded_clip_is_extended_and_edited(api: Api) -> None:
    task_id = api.small("a boat", seconds="2")
    api.until(task_id, "completed")
    film = api.get(f"/v1/videos/{task_id}/content").content
    video = ("video", ("clip.mp4", film, "video/mp4"))
    texts = [("prompt", (None, "it goes on")), ("user", (None, "u-1"))]
    longer = api.post("/v1/videos/extensions", files=[*texts, ("seconds", (None, "4")), video]).json()
    assert (longer["object"], longer["model"], longer["size"]) == ("video", "sora-2", "960x540")
    assert (longer["seconds"], longer["remixed_from_video_id"]) == ("4", "")
    edited = api.post("/v1/videos/edits", files=[*texts, video]).json()
    assert (edited["seconds"], edited["size"]) == ("2", "960x540")
    for made in (longer, edited):
        assert api.until(made["id"], "completed")["seconds"] == made["seconds"]
    again = api.create("/v1/videos/edits", prompt="at night", video={"id": edited["id"]})
    assert again["remixed_from_video_id"] == edited["id"]
    odd = ("video", ("clip.mp4", clip(321, 181), "video/mp4"))
    assert api.post("/v1/videos/edits", files=[*texts, odd]).json()["size"] == "320x180"
    for wrong, words in ((b"no clip", "video: the file cannot be read as video"), (picture("red"), "as video")):
        upload = ("video", ("clip.mp4", wrong, "video/mp4"))
        refused = api.post("/v1/videos/edits", files=[*texts, upload])
        assert (refused.status_code, words in refused.json()["message"]) == (400, True)
    assert "video.url: url is required" in api.post("/v1/videos/edits", json={"prompt": "p"}).json()["message"]
