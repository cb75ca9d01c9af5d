"""A finished clip against its request: what is said of it, and what is called a difference."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dailies.domain import Clip, Request, Route, Run
from dailies.exchange import (
    Call,
)
from dailies.media.delivered import Delivered, delivered, ratio
from dailies.vocabulary import Mode, Value
from dailies.work.life import create_run

CLIP = Clip("a.mp4", "a.jpg", 1000, 5.0, 1280, 720, 24.0, "h264", "aac")


def run(**values: Value) -> Run:
    route = Route("videos", "/v1/videos", "/v1/videos/{task}", "/v1/videos/{task}/content", sdk=True)
    request = Request("fam", "openai", "fam-1", Mode.TEXT, "a boat", values, {}, {})
    return create_run(request, Call("POST", "/v1/videos"), route, "gw", datetime(2026, 1, 1, tzinfo=UTC))


def differences(values: dict[str, Value], **facts: Any) -> tuple[str, ...]:
    return delivered(run(**values), replace(CLIP, **facts)).differences


def test_what_was_got_is_said_in_words() -> None:
    assert delivered(run(), CLIP) == Delivered(
        ("5.0 s", "1280×720", "16:9", "24 fps", "sound (aac)", "h264"), differences=()
    )
    silent = replace(CLIP, audio_codec="", frame_rate=23.976, seconds=5.04, width=848, height=480, video_codec="av1")
    assert delivered(run(), silent).got == ("5.0 s", "848×480", "16:9", "23.976 fps", "no sound", "av1")


def test_everything_asked_for_and_got_is_no_difference() -> None:
    values: dict[str, Value] = {"seconds": 5, "aspect_ratio": "16:9", "resolution": "720P", "audio": "on", "seed": 7}
    assert differences(values) == ()


def test_every_difference_is_named() -> None:
    values: dict[str, Value] = {"seconds": 10, "aspect_ratio": "9:16", "resolution": "1080P", "audio": "off"}
    assert differences(values) == (
        "Asked 10 s, got 5.0 s.",
        "Asked 9:16, got 16:9.",
        "Asked 1080P, got 720 lines.",
        "No sound was asked for, the clip has some.",
    )
    assert differences({"audio": "on"}, audio_codec="") == ("Sound was asked for, the clip has none.",)


def test_what_was_not_asked_for_is_not_judged() -> None:
    odd: dict[str, Any] = {"seconds": 99.0, "width": 17, "height": 3, "audio_codec": ""}
    assert differences({}, **odd) == ()
    assert differences({"seconds": -1, "aspect_ratio": "adaptive", "size": "16:9", "resolution": "best"}, **odd) == ()


@pytest.mark.parametrize(("seconds", "off"), [(5.29, False), (4.71, False), (5.31, True), (4.69, True)])
def test_a_length_may_be_off_by_a_few_frames(seconds: float, off: bool) -> None:
    assert bool(differences({"seconds": 5}, seconds=seconds)) is off


@pytest.mark.parametrize(
    ("asked", "width", "height", "off"),
    [
        ("16:9", 1280, 704, False),
        ("16:9", 848, 480, False),
        ("16:9", 1280, 800, True),
        ("21:9", 1680, 720, False),
        ("9:16", 720, 1280, False),
        ("1:1", 960, 960, False),
        ("1:1", 960, 900, True),
    ],
)
def test_a_shape_may_be_off_by_a_hair(asked: str, width: int, height: int, off: bool) -> None:
    assert bool(differences({"aspect_ratio": asked}, width=width, height=height)) is off


@pytest.mark.parametrize(
    ("asked", "width", "height", "off"),
    [
        ("720P", 1280, 720, False),
        ("720P", 720, 1280, False),
        ("720p", 1248, 704, False),
        ("720P", 1168, 656, True),
        ("480p", 864, 496, False),
        ("1080P", 1920, 1088, False),
        ("768P", 1280, 720, True),
    ],
)
def test_a_resolution_is_that_of_the_shorter_side(asked: str, width: int, height: int, off: bool) -> None:
    assert bool(differences({"resolution": asked}, width=width, height=height)) is off


@pytest.mark.parametrize("asked", ["720x1280", "720*1280", "720×1280"])
def test_a_size_is_exact(asked: str) -> None:
    assert differences({"size": asked}, width=720, height=1280) == ()
    assert differences({"size": asked}) == (f"Asked {asked}, got 1280×720.",)


def test_a_size_is_not_judged_where_a_resolution_was_chosen_over_it() -> None:
    assert differences({"size": "720x1280", "resolution": "720P"}) == ()


@pytest.mark.parametrize(
    ("width", "height", "words"),
    [
        (1920, 1080, "16:9"),
        (1080, 1920, "9:16"),
        (1248, 704, "16:9"),
        (1000, 1000, "1:1"),
        (1250, 500, "5:2"),
        (2, 1, "2:1"),
    ],
)
def test_ratio_in_words(width: int, height: int, words: str) -> None:
    assert ratio(width, height) == words


@pytest.mark.parametrize(
    ("added", "kinds"),
    [({"fps": 24}, ()), ({"fps": 30}, ("rate",)), ({"codec": "H.264"}, ()), ({"video_codec": "h265"}, ("codec",))],
)
def test_an_asked_rate_or_codec_is_judged(added: dict[str, Any], kinds: tuple[str, ...]) -> None:
    made = run()
    assert delivered(replace(made, request=replace(made.request, metadata=added)), CLIP).kinds == kinds
