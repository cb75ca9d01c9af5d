"""OpenAI's Python package against the sandbox, over every call that it offers for videos.

The sandbox answers as the gateway and as OpenAI itself.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import av
import openai
import pytest
from openai.types import Video
from PIL import Image

from tests.sandbox.conftest import serving

# The package warns about the end of OpenAI's own service; gateways keep the API.
pytestmark = pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning")
SMALL = {"model": "sora-2", "seconds": "4", "size": "1280x720"}


@pytest.fixture(scope="module", params=["new-api", "openai"])
def shape(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def url(shape: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a sandbox of its own, so that its list holds nothing else."""
    data = tmp_path_factory.mktemp(shape)
    with serving(data, 0, frame_rate=2, shape=shape) as api:
        yield str(api.base_url.join("/v1"))


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=url, api_key="sk-test", max_retries=0) as found:
        yield found


@pytest.fixture(scope="module")
def finished(client: openai.OpenAI) -> Video:
    video = client.videos.create_and_poll(prompt="a paper boat", **SMALL)  # type: ignore[arg-type]
    assert video.status == "completed"
    return video


def red_png(size: tuple[int, int] = (1280, 720)) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, "red").save(target, "PNG")
    return target.getvalue()


def length_of(film: bytes) -> float:
    with av.open(io.BytesIO(film), "r") as container:
        return (container.duration or 0) / 1e6


def test_create_and_poll_gives_every_field_of_the_packages_type(finished: Video) -> None:
    assert (finished.object, finished.progress, finished.seconds, finished.size) == ("video", 100, "4", "1280x720")
    assert (finished.model, finished.error) == ("sora-2", None)
    assert finished.created_at <= (finished.completed_at or 0) <= (finished.expires_at or 0)


def test_create_with_a_picture_starts_on_the_picture(client: openai.OpenAI) -> None:
    video = client.videos.create(prompt="it moves", input_reference=("a.png", red_png()), **SMALL)  # type: ignore[arg-type]
    assert video.status == "queued"
    assert client.videos.retrieve(video.id).id == video.id
    assert client.videos.poll(video.id, poll_interval_ms=100).status == "completed"
    with av.open(io.BytesIO(client.videos.download_content(video.id).read())) as container:
        pixels = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert pixels[..., 0].mean() > 240
    assert pixels[..., 1].mean() < 14


def test_create_with_the_least_there_is(client: openai.OpenAI, shape: str) -> None:
    if shape == "openai":
        assert client.videos.create(prompt="a boat #fail").model == "sora-2"
    else:  # the gateway has no default model
        with pytest.raises(openai.BadRequestError, match="model is required"):
            client.videos.create(prompt="a boat #fail")


def test_list_pages_by_itself_in_both_orders(client: openai.OpenAI, finished: Video) -> None:
    for number in range(3):
        client.videos.create(prompt=f"boat {number} #fail", **SMALL)  # type: ignore[arg-type]
    newest = list(client.videos.list(limit=2))
    oldest = list(client.videos.list(limit=2, order="asc"))
    assert len(newest) > 3
    assert [video.id for video in newest] == [video.id for video in oldest][::-1]
    assert finished.id in [video.id for video in newest]
    page = client.videos.list(limit=2)
    assert (len(page.data), page.has_next_page()) == (2, True)
    assert client.videos.list(after=oldest[0].id).data == []


def test_download_content_has_three_variants(client: openai.OpenAI, finished: Video, tmp_path: Path) -> None:
    content = client.videos.download_content(finished.id)
    assert abs(length_of(content.read()) - 4) < 0.05
    content.write_to_file(tmp_path / "clip.mp4")
    assert client.videos.download_content(finished.id, variant="video").read() == content.read()
    for variant, form in (("thumbnail", "WEBP"), ("spritesheet", "JPEG")):
        read = client.videos.download_content(finished.id, variant=variant).read()  # type: ignore[arg-type]
        with Image.open(io.BytesIO(read)) as picture:
            assert picture.format == form
    with pytest.raises(openai.BadRequestError, match="thumbnail, spritesheet"):
        client.videos.download_content(finished.id, variant="poster")  # type: ignore[arg-type]


def test_delete_removes_a_video(client: openai.OpenAI) -> None:
    video = client.videos.create_and_poll(prompt="a boat #fail", **SMALL)  # type: ignore[arg-type]
    deleted = client.videos.delete(video.id)
    assert (deleted.id, deleted.object, deleted.deleted) == (video.id, "video.deleted", True)
    with pytest.raises(openai.APIStatusError):
        client.videos.retrieve(video.id)
    assert video.id not in [found.id for found in client.videos.list()]


def test_remix_extend_and_edit_make_new_videos_of_a_finished_one(client: openai.OpenAI, finished: Video) -> None:
    remix = client.videos.remix(finished.id, prompt="at night")
    film = client.videos.download_content(finished.id).read()
    upload = ("clip.mp4", film, "video/mp4")
    longer = client.videos.extend(prompt="it goes on", seconds="8", video=upload)
    edited = client.videos.edit(prompt="in the rain", video=upload)
    for video, source, seconds in ((remix, finished.id, 4), (longer, None, 8), (edited, None, 4)):
        assert (video.remixed_from_video_id or None) == source
        assert client.videos.poll(video.id, poll_interval_ms=100).status == "completed"
        assert abs(length_of(client.videos.download_content(video.id).read()) - seconds) < 0.05


@pytest.mark.parametrize("route", ["extensions", "edits"])
def test_extend_and_edit_take_an_id_as_the_reference_describes_it(
    client: openai.OpenAI, finished: Video, route: str
) -> None:
    # The package's own methods want a file here and stumble over the id that their types allow.
    body = {"prompt": "it goes on", "video": {"id": finished.id}} | ({"seconds": "4"} if route == "extensions" else {})
    made = client.post(f"/videos/{route}", body=body, cast_to=Video)
    assert made.remixed_from_video_id == finished.id


def test_characters_are_not_served(client: openai.OpenAI) -> None:
    with pytest.raises(openai.APIStatusError) as refused:
        client.videos.create_character(name="Mara", video=("clip.mp4", b"-", "video/mp4"))
    assert refused.value.status_code == 404
    with pytest.raises(openai.NotFoundError):
        client.videos.get_character("char_x")


def test_a_failed_generation_is_data(client: openai.OpenAI) -> None:
    video = client.videos.create_and_poll(prompt="a paper boat #fail", **SMALL)  # type: ignore[arg-type]
    assert video.status == "failed"
    assert video.error is not None
    assert (video.error.code, "failed upstream" in video.error.message) == ("generation_failed", True)


def test_refusals_are_the_packages_own_errors(client: openai.OpenAI, url: str) -> None:
    with pytest.raises(openai.BadRequestError) as wrong:
        client.videos.create(model="sora-2", prompt="a boat", size="1920x1080")  # type: ignore[arg-type]
    assert (wrong.value.param, wrong.value.type) == ("size", "invalid_request_error")
    assert wrong.value.request_id
    with pytest.raises(openai.RateLimitError) as busy:
        client.videos.create(model="sora-2", prompt="a boat #429")
    assert (busy.value.code, busy.value.type) == ("rate_limited", "rate_limit_error")
    assert busy.value.response.headers["Retry-After"] == "2"
    with pytest.raises(openai.InternalServerError) as broken:
        client.videos.create(model="sora-2", prompt="a boat #500")
    assert broken.value.code == "do_request_failed"
    with pytest.raises(openai.APIStatusError, match="video_nobody"):
        client.videos.retrieve("video_nobody")
    with pytest.raises(openai.APIStatusError, match="video_nobody"):
        client.videos.remix("video_nobody", prompt="at night")
    keyless = openai.OpenAI(base_url=url, api_key="x", max_retries=0, default_headers={"Authorization": "Bearer"})
    with keyless, pytest.raises(openai.AuthenticationError):
        keyless.models.list()


def test_models_are_listed(client: openai.OpenAI) -> None:
    listed = [model.id for model in client.models.list()]
    assert {"sora-2", "sora-2-pro"} <= set(listed)
    assert client.models.retrieve("sora-2").object == "model"
