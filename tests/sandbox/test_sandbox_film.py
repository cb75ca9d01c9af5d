"""The films: length, size, sound, and the pictures they show."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from sandbox.film import render
from sandbox.order import Order, Shot, Source
from sandbox.scenes import Reel
from sandbox.shelf import Shelf
from tests.sandbox.conftest import Api, picture

PLAIN = Order(
    family="domestic", model="Kling-3.0", mode="text", prompt="a paper boat", seconds=1,
    width=320, height=180, ratio="16:9", resolution="180P",
)  # fmt: skip


def film(order: Order, folder: Path) -> Path:
    shelf = Shelf(folder / "uploads")
    path = folder / f"{abs(hash(order))}.mp4"
    render(shelf.settle(order), shelf, path, stop=lambda: False)
    return path


def frames(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def first(color: str, size: tuple[int, int] = (320, 180)) -> Source:
    return Source("first_frame", "image", "image", picture(color, size))


def mean(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(pixels.reshape(-1, 3).mean(axis=0))


RED, GREEN, BLUE = np.array([255, 0, 0]), np.array([0, 128, 0]), np.array([0, 0, 255])


@pytest.mark.parametrize(("seconds", "size", "audio"), [(1, (320, 180), True), (3, (270, 480), False)])
def test_length_size_and_sound_are_as_ordered(tmp_path: Path, seconds: int, size: tuple[int, int], audio: bool) -> None:
    order = replace(PLAIN, seconds=seconds, width=size[0], height=size[1], audio=audio)
    with av.open(str(film(order, tmp_path))) as container:
        assert container.duration is not None
        assert abs(container.duration / 1e6 - seconds) < 0.05
        video = container.streams.video[0]
        assert (video.width, video.height, video.codec_context.name, video.pix_fmt) == (*size, "h264", "yuv420p")
        assert [stream.codec_context.name for stream in container.streams.audio] == (["aac"] if audio else [])
        if audio:
            heard = np.concatenate([f.to_ndarray() for f in container.decode(audio=0)], axis=1)
            assert 0.01 < np.sqrt((heard**2).mean()) < 0.5


def test_the_same_order_gives_the_same_film(tmp_path: Path) -> None:
    once, again = film(PLAIN, tmp_path).read_bytes(), film(PLAIN, tmp_path).read_bytes()
    assert once == again
    assert film(replace(PLAIN, seed=4), tmp_path).read_bytes() != once


def test_every_frame_differs_from_the_one_before(tmp_path: Path) -> None:
    shown = frames(film(PLAIN, tmp_path))
    assert len(shown) == 24
    assert all((a != b).any() for a, b in pairwise(shown))


@pytest.mark.parametrize("prompt", ["纸船漂在街道上 🚢", "", "x" * 4000, "line\nline\t\u200f\x00"])
def test_any_prompt_can_be_drawn(tmp_path: Path, prompt: str) -> None:
    assert len(frames(film(replace(PLAIN, prompt=prompt), tmp_path))) == 24


def test_a_first_frame_film_starts_on_the_picture_and_takes_its_ratio(tmp_path: Path) -> None:
    order = replace(PLAIN, mode="first_frame", follow=True, sources=(first("red", (300, 400)),))
    shown = frames(film(order, tmp_path))
    assert shown[0].shape == (240, 180, 3)
    assert np.abs(mean(shown[0]) - RED).max() < 14
    assert (shown[0] != shown[-1]).any()


def test_first_and_last_begins_on_one_and_ends_on_the_other(tmp_path: Path) -> None:
    last = Source("last_frame", "image", "last", picture("blue"))
    shown = frames(film(replace(PLAIN, mode="first_last", seconds=2, sources=(first("red"), last)), tmp_path))
    assert np.abs(mean(shown[0]) - RED).max() < 14
    assert np.abs(mean(shown[-1]) - BLUE).max() < 14


def near(pixels: np.ndarray, color: np.ndarray) -> float:
    """Return the share of pixels close to a colour."""
    return float((np.abs(pixels.astype(int) - color).max(axis=2) < 40).mean())


@pytest.mark.parametrize("sources", [(), (first("red"),)])
def test_every_shot_is_a_cut(tmp_path: Path, sources: tuple[Source, ...]) -> None:
    shots = Shot("a boat", 1), Shot("a shore", 2)
    mode = "first_frame" if sources else "text"
    order = replace(PLAIN, mode=mode, seconds=3, shots=shots, sources=sources)
    shown = frames(film(order, tmp_path))
    steps = [np.abs(a.astype(int) - b).mean() for a, b in pairwise(shown)]
    assert len(shown) == 72
    assert int(np.argmax(steps)) == 23


def test_all_references_are_visible_including_videos(tmp_path: Path) -> None:
    blue = replace(PLAIN, mode="first_frame", sources=(first("blue"),))
    clip = film(blue, tmp_path).read_bytes()
    sources = tuple(Source("reference", "image", "images", picture(color)) for color in ("red", "green"))
    order = replace(PLAIN, mode="references", sources=(*sources, Source("reference", "video", "video_url", clip)))
    middle = frames(film(order, tmp_path))[12]
    for color in (RED, GREEN, BLUE):
        assert near(middle, color) > 0.05


def test_a_video_loops_frame_by_frame() -> None:
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for color in ("black", "white"):
            frame = av.VideoFrame.from_image(Image.new("RGB", (64, 64), color))
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    reel = Reel(target.getvalue(), (64, 64))
    bright = [reel.at(number / 24 + 0.001).arrays[0].mean() > 120 for number in range(6)]
    assert bright == [False, True] * 3


def test_a_frame_with_references_opens_on_the_frame(tmp_path: Path) -> None:
    sources = (first("red"), *(Source("reference", "image", "r", picture(color)) for color in ("green", "blue")))
    shown = frames(film(replace(PLAIN, mode="first_frame_references", seconds=2, sources=sources), tmp_path))
    assert near(shown[0], RED) > 0.9
    assert min(near(shown[40], color) for color in (RED, GREEN, BLUE)) > 0.05


def test_media_that_cannot_be_fetched_becomes_a_card(tmp_path: Path) -> None:
    addresses = ("http://127.0.0.1:9/a.png", "asset://asset-1")
    sources = tuple(Source("reference", "image", "images", at) for at in addresses)
    assert len(frames(film(replace(PLAIN, mode="references", sources=sources), tmp_path))) == 24


def test_given_sound_is_heard(tmp_path: Path) -> None:
    noise = film(replace(PLAIN, audio=True, seed=9), tmp_path).read_bytes()
    sources = (first("red"), Source("reference", "audio", "file_infos", noise))
    path = film(replace(PLAIN, mode="avatar", audio=True, seconds=2, sources=sources), tmp_path)
    with av.open(str(path)) as container:
        heard = np.concatenate([f.to_ndarray() for f in container.decode(audio=0)], axis=1)
    half = heard.shape[1] // 2
    # The given second, then silence: a lip-sync film has no bed.
    assert np.abs(heard[:, :half]).max() > 0.1
    assert np.abs(heard[:, half + 4096 :]).max() < 0.01


def test_a_film_over_http_is_as_requested(api: Api) -> None:
    body = {"output_config": {"resolution": "540P", "aspect_ratio": "9:16", "audio_generation": "Enabled"}}
    task_id = api.small("a tall boat", seconds="2", metadata=body)
    api.until(task_id, "completed")
    with av.open(io.BytesIO(api.get(f"/v1/videos/{task_id}/content").content)) as container:
        video = container.streams.video[0]
        assert (video.width, video.height, len(container.streams.audio)) == (540, 960, 1)
        assert abs((container.duration or 0) / 1e6 - 2) < 0.05
