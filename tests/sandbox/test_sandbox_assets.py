"""The asset library: states, both kinds of refusal, and assets in films."""

from __future__ import annotations

import functools
import http.server
import io
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.sandbox.conftest import DEADLINE, Api, Clock, picture

MODEL = "doubao-seedance-2-0-fast-260128"
SMALL = {"duration": 4, "resolution": "480p"}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a web server with a picture, a video and a page."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "red.png").write_bytes(picture("red"))
    (folder / "page.html").write_text("<p>no picture</p>")
    with av.open(str(folder / "blue.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        pixels = np.zeros((180, 320, 3), np.uint8)
        pixels[..., 2] = 255
        for _ in range(12):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def call(api: Api, action: str, **body: Any) -> dict[str, Any]:
    answer = api.create(f"/v1/seedance/asset/{action}", **body)
    assert (answer["state"], answer["error"]) == (1, None)
    found: dict[str, Any] = answer["data"]
    return found


def imported(api: Api, url: str, kind: str) -> dict[str, Any]:
    group = call(api, "CreateAssetGroup", Name="cast", Description="all of them")["Id"]
    return call(api, "CreateAsset", GroupId=group, URL=url, AssetType=kind, Name="one")


def settled(api: Api, task_id: str) -> dict[str, Any]:
    """Wait until the review of an asset has ended."""
    give_up = time.monotonic() + DEADLINE
    while (found := call(api, "GetAsset", task_id=task_id))["Status"] == "Processing":
        assert time.monotonic() < give_up, found
        time.sleep(0.01)
    return found


def seedance(*content: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"model": MODEL, "content": [{"type": "text", "text": "a boat"}, *content], "metadata": SMALL, **more}


def reference(kind: str, url: str) -> dict[str, Any]:
    return {"type": f"{kind}_url", f"{kind}_url": {"url": url}, "role": f"reference_{kind}"}


def near(pixels: np.ndarray[Any, Any], color: tuple[int, int, int]) -> float:
    return float((np.abs(pixels.astype(int) - np.array(color)).max(axis=2) < 60).mean())


def test_an_asset_becomes_active_and_appears_in_the_film(api: Api, site: str) -> None:
    still, moving = imported(api, f"{site}/red.png", "Image"), imported(api, f"{site}/blue.mp4", "Video")
    assert set(still) == {"Id", "task_id"}
    assert still["Id"].startswith("asset-")
    assert still["task_id"].startswith("task_")
    found = settled(api, still["task_id"])
    assert set(found) == {
        *("Id", "Name", "URL", "AssetType", "GroupId", "Status", "CreateTime", "UpdateTime", "Error"),
    }
    assert (found["Id"], found["Name"], found["URL"]) == (still["Id"], "one", f"{site}/red.png")
    assert (found["AssetType"], found["Status"], found["Error"]) == ("Image", "Active", None)
    assert call(api, "GetAsset", Id=still["Id"]) == found
    assert settled(api, moving["task_id"])["Status"] == "Active"
    items = reference("image", f"asset://{still['Id']}"), reference("video", f"asset://{moving['Id']}")
    task_id = api.create("/v1/video/generations", **seedance(*items))["task_id"]
    api.until(task_id, "completed")
    content = api.get(f"/v1/videos/{task_id}/content").content
    with av.open(io.BytesIO(content), "r") as container:
        pixels = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert near(pixels, (255, 0, 0)) > 0.05
    assert near(pixels, (0, 0, 255)) > 0.05


def test_a_linked_picture_appears_in_the_film(api: Api, site: str) -> None:
    body = seedance(reference("image", f"{site}/red.png"))
    task_id = api.create("/v1/video/generations", **body)["task_id"]
    api.until(task_id, "completed")
    with av.open(io.BytesIO(api.get(f"/v1/videos/{task_id}/content").content), "r") as container:
        assert near(next(container.decode(video=0)).to_ndarray(format="rgb24"), (255, 0, 0)) > 0.1


@pytest.mark.parametrize(
    ("path", "kind", "words"),
    [("nothing.png", "Image", "cannot be fetched"), ("page.html", "Image", "as Image"), ("red.png", "Audio", "Audio")],
)
def test_an_unusable_file_makes_the_asset_fail(api: Api, site: str, path: str, kind: str, words: str) -> None:
    asset = imported(api, f"{site}/{path}", kind)
    found = settled(api, asset["task_id"])
    assert found["Status"] == "Failed"
    assert words in found["Error"]["Message"]
    refused = api.post("/v1/video/generations", json=seedance(reference("image", f"asset://{asset['Id']}")))
    assert refused.status_code == 400


def test_a_review_takes_a_third_of_a_task(paced: Api, clock: Clock, site: str) -> None:
    asset = imported(paced, f"{site}/red.png", "Image")
    clock.advance(3)
    assert call(paced, "GetAsset", task_id=asset["task_id"])["Status"] == "Processing"
    early = paced.post("/v1/video/generations", json=seedance(reference("image", f"asset://{asset['Id']}")))
    assert "is Processing" in early.json()["message"]
    clock.advance(1)
    assert settled(paced, asset["task_id"])["Status"] == "Active"


def test_unknown_assets_and_wrong_kinds_are_refused(api: Api, site: str) -> None:
    asset = imported(api, f"{site}/red.png", "Image")
    settled(api, asset["task_id"])
    for kind, address, words in (
        ("image", "asset://unknown", "content[1].image_url.url: asset://unknown is not in the asset library"),
        ("video", f"asset://{asset['Id']}", "is of type Image, which is not video"),
    ):
        refused = api.post("/v1/video/generations", json=seedance(reference(kind, address)))
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid_request")
        assert words in refused.json()["message"]


@pytest.mark.parametrize(
    ("action", "body", "status", "code"),
    [
        ("CreateAsset", {"URL": "https://a.example/x", "AssetType": "Image", "Name": "n"}, 400, "invalid_request"),
        ("CreateAsset", {"GroupId": "group-x", "URL": "https://a.example/x", "AssetType": "Image", "Name": "n"},
         403, "access_denied"),
        ("CreateAssetGroup", {"Name": "n", "name": "n"}, 400, "invalid_request"),
        ("CreateAssetGroup", {"Name": 5}, 400, "invalid_request"),
        ("GetAsset", {}, 400, "invalid_request"),
        ("GetAsset", {"Id": "asset-x"}, 403, "access_denied"),
        ("DeleteAsset", {"Id": "asset-x"}, 404, "invalid_request"),
    ],
)  # fmt: skip
def test_the_gateway_refuses_with_an_error(api: Api, action: str, body: dict[str, Any], status: int, code: str) -> None:
    answer = api.post(f"/v1/seedance/asset/{action}", json=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error["code"]) == (status, "new_api_error", code)


@pytest.mark.parametrize(
    ("action", "body", "words"),
    [
        ("CreateAssetGroup", {}, "Name is required"),
        ("CreateAssetGroup", {"Name": "x" * 65}, "at most 64"),
        ("CreateAssetGroup", {"Name": "x", "Description": "x" * 301}, "at most 300"),
        ("CreateAsset", {"URL": "ftp://a/x", "AssetType": "Image", "Name": "n"}, "URL: must be a public URL"),
        ("CreateAsset", {"URL": "https://a/x", "AssetType": "image", "Name": "n"}, "allowed: Image, Video, Audio"),
        ("CreateAsset", {"URL": "https://a/x", "AssetType": "Image"}, "Name is required"),
    ],
)
def test_the_library_refuses_inside_a_successful_answer(
    api: Api, action: str, body: dict[str, Any], words: str
) -> None:
    group = call(api, "CreateAssetGroup", Name="cast")["Id"] if action == "CreateAsset" else None
    found = call(api, action, **body, **({"GroupId": group} if group else {}))
    assert set(found) == {"Code", "Message", "Data"}
    assert words in found["Message"]


def test_assets_survive_a_restart_and_unfinished_downloads_start_again(
    tmp_path: Path, site: str, start: Callable[..., Any]
) -> None:
    with start(tmp_path, 0.1, frame_rate=2) as api:
        asset = imported(api, f"{site}/red.png", "Image")
        assert settled(api, asset["task_id"])["Status"] == "Active"
        other = imported(api, f"{site}/blue.mp4", "Video")
    with start(tmp_path, 0.1, frame_rate=2) as api:
        assert call(api, "GetAsset", task_id=asset["task_id"])["Status"] == "Active"
        assert settled(api, other["task_id"])["Status"] == "Active"
        body = seedance(reference("image", f"asset://{asset['Id']}"))
        api.until(api.create("/v1/video/generations", **body)["task_id"], "completed")


def test_the_stock_gateways_form_is_accepted(api: Api) -> None:
    item = {"type": "image_url", "image_url": {"url": "http://127.0.0.1:9/a.png"}, "role": "first_frame"}
    body = {"model": MODEL, "prompt": "a boat", "metadata": {**SMALL, "content": [item]}}
    answer = api.create("/v1/video/generations", **body)
    assert list(answer) == ["task_id"]
    api.create("/v1/video/generations", model=MODEL, prompt="a boat", metadata=SMALL)
    for wrong, words in (
        ({**seedance(), "prompt": "twice"}, "prompt: does not go together with content"),
        ({"model": MODEL, "metadata": {"content": [item]}}, "prompt: prompt is required"),
    ):
        refused = api.post("/v1/video/generations", json=wrong)
        assert refused.status_code == 400
        assert words in refused.json()["message"]
