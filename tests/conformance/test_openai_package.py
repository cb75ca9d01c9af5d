"""OpenAI's Python package against the sandbox, over every call that it offers for videos."""

from __future__ import annotations

import io
from collections.abc import Iterator

import av
import openai
import pytest
from openai.types import Video
from PIL import Image

# The package warns about the end of OpenAI's own service; gateways keep the API.
pytestmark = pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning")


@pytest.fixture
def url(sandbox: str) -> str:
    return f"{sandbox}/v1"


@pytest.fixture
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=url, api_key="sk-test", max_retries=0) as found:
        yield found


def red_png() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (1280, 720), "red").save(target, "PNG")
    return target.getvalue()


def test_create_poll_and_download(client: openai.OpenAI) -> None:
    video = client.videos.create_and_poll(model="sora-2", prompt="a paper boat", seconds="4", size="1280x720")
    assert (video.status, video.progress, video.seconds, video.size) == ("completed", 100, "4", "1280x720")
    assert video.object == "video"
    assert video.created_at <= (video.completed_at or 0)
    film = client.videos.download_content(video.id).read()
    with av.open(io.BytesIO(film)) as container:
        assert abs((container.duration or 0) / 1e6 - 4) < 0.05


def test_a_reference_picture_is_where_the_film_starts(client: openai.OpenAI) -> None:
    video = client.videos.create(
        model="sora-2", prompt="it moves", seconds="4", size="1280x720", input_reference=("a.png", red_png())
    )
    assert video.status == "queued"
    assert client.videos.retrieve(video.id).id == video.id
    assert client.videos.poll(video.id, poll_interval_ms=100).status == "completed"
    with av.open(io.BytesIO(client.videos.download_content(video.id).read())) as container:
        pixels = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert pixels[..., 0].mean() > 240
    assert pixels[..., 1].mean() < 14


def test_remix_and_extend_make_new_videos_of_old_ones(client: openai.OpenAI) -> None:
    first = client.videos.create_and_poll(model="sora-2", prompt="a paper boat", seconds="4")
    remix = client.videos.remix(first.id, prompt="at night")
    assert remix.remixed_from_video_id == first.id
    # The package's own method wants a file here and stumbles over the id that its types allow.
    body = {"prompt": "it goes on", "seconds": "4", "video": {"id": first.id}}
    longer = client.post("/videos/extensions", body=body, cast_to=Video)
    assert client.videos.poll(longer.id, poll_interval_ms=100).status == "completed"
    assert client.videos.poll(remix.id, poll_interval_ms=100).status == "completed"
    with pytest.raises(openai.BadRequestError, match="does not exist"):
        client.videos.remix("video_nobody", prompt="at night")


def test_a_failed_generation_is_data(client: openai.OpenAI) -> None:
    video = client.videos.create_and_poll(model="sora-2", prompt="a paper boat #fail")
    assert video.status == "failed"
    assert video.error is not None
    assert video.error.code == "generation_failed"


def test_errors_are_the_packages_own(client: openai.OpenAI, url: str) -> None:
    with pytest.raises(openai.BadRequestError, match="1920x1080"):
        client.videos.create(model="sora-2", prompt="a boat", size="1920x1080")  # type: ignore[arg-type]
    with pytest.raises(openai.RateLimitError) as busy:
        client.videos.create(model="sora-2", prompt="a boat #429")
    assert busy.value.response.headers["Retry-After"] == "2"
    with pytest.raises(openai.InternalServerError):
        client.videos.create(model="sora-9", prompt="a boat")
    with pytest.raises(openai.BadRequestError):
        client.videos.retrieve("video_nobody")
    keyless = openai.OpenAI(base_url=url, api_key="x", max_retries=0, default_headers={"Authorization": "Bearer"})
    with keyless, pytest.raises(openai.AuthenticationError):
        keyless.models.list()


def test_models_are_listed(client: openai.OpenAI) -> None:
    listed = [model.id for model in client.models.list()]
    assert {"sora-2", "wan2.6-t2v:1280*720"} <= set(listed)
    assert client.models.retrieve("sora-2").object == "model"
