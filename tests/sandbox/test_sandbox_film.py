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

from sandbox import typeface
from sandbox.film import render
from sandbox.looks import choose_look
from sandbox.order import Order, Shot, Source
from sandbox.scenes import Reel
from sandbox.shelf import Shelf
from sandbox.slate import fit_text
from sandbox.typeface import BOLD, Typeface, has_glyph, load_fonts
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


SCRIPTS = {
    "Chinese": "纸船漂过雨夜的街道，灯光在水面上摇曳",
    "Arabic": "قارب ورقي يعبر بركة المطر عند الغروب",
    "Hindi": "बारिश के पोखर में कागज़ की नाव तैरती है",
    "Thai": "เรือกระดาษลอยข้ามแอ่งน้ำฝนยามพลบค่ำ",
    "Japanese": "あめ の みずたまり を わたる カミ の ふね",
}


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_a_script_is_drawn_with_fonts_that_cover_it_on_any_machine(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typeface, "find_font_files", dict)
    load_fonts.cache_clear()
    face = Typeface(BOLD, 31)
    load_fonts.cache_clear()
    assert face.covers(text)
    runs = face.split_runs(text)
    assert all(has_glyph(font, character) for font, run in runs for character in run)
    assert sum(len(run) for _, run in runs) == len(text)


def test_what_no_font_covers_is_left_out_and_said() -> None:
    face = Typeface(BOLD, 31)
    assert "".join(run for _, run in face.split_runs("A robot \U0001f916\ufe0f waters \U0010fffd roses")) == (
        "A robot  waters  roses"
    )
    assert not face.covers("a \U0001f916")
    assert face.covers("a\u200d\ufe0f b")


def test_a_line_read_from_the_right_begins_on_the_right() -> None:
    runs = Typeface(BOLD, 31).split_runs("قارب 纸船")
    assert [run.strip() for _, run in runs] == ["纸船", "قارب"]


@pytest.mark.parametrize("mode", ["text", "first_frame"])
def test_no_model_is_named_in_the_picture(tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    draw = Typeface.draw

    def record(self: Typeface, drawing: object, x: float, baseline: float, text: str, fill: object) -> None:
        drawn.append(text)
        draw(self, drawing, x, baseline, text, fill)  # type: ignore[arg-type]

    monkeypatch.setattr(Typeface, "draw", record)
    sources = (first("red"),) if mode == "first_frame" else ()
    film(replace(PLAIN, model="Some-Model-9.9", mode=mode, sources=sources), tmp_path)
    assert "a paper boat" in drawn
    assert not [text for text in drawn if "Some" in text or "9.9" in text or "domestic" in text]


def test_eight_lanes_under_other_names_are_the_same_films_to_the_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name reaches the picture through the seed alone, a digest that nobody reads: a blind vote stays blind."""

    def make(order: Order, seed: int) -> bytes:
        monkeypatch.setattr(Order, "find_seed", lambda _: seed)
        shelf, path = Shelf(tmp_path / "uploads"), tmp_path / "film.mp4"
        render(shelf.settle(order), shelf, path, rate=2, stop=lambda: False)
        return path.read_bytes()

    lanes = [replace(PLAIN, prompt="a quiet place", take=number, audio=number % 2 == 0) for number in range(6)]
    lanes.append(replace(PLAIN, mode="first_frame", sources=(first("red"),)))
    lanes.append(replace(PLAIN, shots=(Shot("a lake", 1), Shot("a hill", 1)), seconds=2))
    for number, lane in enumerate(lanes):
        other = replace(lane, family="veo", model="veo_3_1", echo_model="veo_3_1", entry="unified")
        assert make(lane, number) == make(other, number), lane
    assert make(lanes[0], 0) != make(lanes[0], 1), "the seed makes no difference, so this shows nothing"


def test_long_prompts_say_how_much_is_left_out() -> None:
    _, lines, left_out = fit_text("word " * 700, 1200, 475)
    shown = sum(len(line) for line in lines)
    assert 0 < left_out < 3500 - shown + len(lines) + 2
    assert lines[-1].endswith("…")
    assert fit_text("a paper boat", 1200, 475)[1:] == (["a paper boat"], 0)


def test_lanes_of_one_idea_look_different_and_each_looks_the_same_again(tmp_path: Path) -> None:
    orders = [replace(PLAIN, model=f"model-{number}", prompt="a quiet place") for number in range(8)]
    looks = [frames(film(order, tmp_path))[0].astype(int)[:120] for order in orders]
    apart = [np.abs(a - b).mean() for place, a in enumerate(looks) for b in looks[:place]]
    assert min(apart) > 8
    assert choose_look("a quiet place", 5) == choose_look("a quiet place", 5)


@pytest.mark.parametrize(
    ("prompt", "place"),
    [("A whale under the ocean", "sea"), ("a desert at noon", "dunes"), ("森林里的鹿", "woods"), ("a street", "city")],
)
def test_the_words_of_a_prompt_choose_the_place(prompt: str, place: str) -> None:
    assert {choose_look(prompt, seed).place for seed in range(6)} == {place}


def test_takes_of_one_request_differ_unless_they_have_a_seed(api: Api) -> None:
    ids = [api.small("two takes", seconds="1") for _ in range(2)]
    for task_id in ids:
        api.until(task_id, "completed")
    one, two = (api.get(f"/v1/videos/{task_id}/content").content for task_id in ids)
    assert one != two


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


def test_whom_to_tell_changes_nothing_in_a_film() -> None:
    assert replace(PLAIN, callback="http://127.0.0.1:1/callbacks/a/b").find_seed() == PLAIN.find_seed()
    assert replace(PLAIN, prompt="Another boat").find_seed() != PLAIN.find_seed()


def test_a_link_of_any_length_that_cannot_be_had_is_cut_on_its_card(tmp_path: Path) -> None:
    endless = Source("first_frame", "image", "image", f"asset://{'a' * 500_000}")
    assert len(frames(film(replace(PLAIN, mode="first_frame", seconds=1, sources=(endless,)), tmp_path))) == 24
