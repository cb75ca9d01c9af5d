"""Words and formats that several pages share."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from components.words import (
    cite,
    count,
    escape,
    format_duration,
    format_limits,
    format_sentence,
    format_size,
    format_time,
)
from dailies.domain import MediaLimits
from dailies.origin import Citation, Origin, Source
from dailies.vocabulary import SourceKind

PAGE = Source("page", "Create *Video*", "A gateway", SourceKind.GATEWAY, "https://a.example/video", date(2026, 1, 1))
GUESS = Source("guess", "inferred", "", SourceKind.INFERRED, "", None)


def test_one_source_is_linked_by_its_title() -> None:
    origin = Origin((Citation(PAGE, "metadata.seed"),), date(2026, 1, 2))
    said = r"Source: [Create \*Video\*](https://a.example/video), A gateway: metadata\.seed. Checked 2026-01-02."
    assert cite(origin) == said


def test_what_is_inferred_says_what_and_has_no_link() -> None:
    origin = Origin((Citation(PAGE), Citation(GUESS, "the order")), date(2026, 1, 2))
    said = r"Sources: [Create \*Video\*](https://a.example/video), A gateway; inferred: the order. Checked 2026-01-02."
    assert cite(origin) == said


def test_plain_text_has_the_words_as_they_are() -> None:
    origin = Origin((Citation(PAGE, "metadata.seed"), Citation(GUESS, "the order")), date(2026, 1, 2))
    said = "Sources: Create *Video*, A gateway: metadata.seed; inferred: the order. Checked 2026-01-02."
    assert cite(origin, links=False) == said


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 s"),
        (59.4, "59 s"),
        (60, "1 m"),
        (72, "1 m 12 s"),
        (3599, "59 m 59 s"),
        (3600, "1 h 0 m"),
        (7500, "2 h 5 m"),
    ],
)
def test_a_duration(seconds: float, words: str) -> None:
    assert format_duration(seconds) == words


@pytest.mark.parametrize(
    ("offset", "words"), [(0, "02 Jan 23:30"), (None, "02 Jan 23:30"), (-120, "03 Jan 01:30"), (300, "02 Jan 18:30")]
)
def test_another_day_has_its_date_in_the_readers_zone(offset: int | None, words: str) -> None:
    assert format_time(datetime(2020, 1, 2, 23, 30, tzinfo=UTC), offset) == words


@pytest.mark.parametrize("offset", [0, -840, 720])
def test_today_has_no_date(offset: int) -> None:
    now = datetime.now(UTC)
    assert format_time(now, offset) == (now - timedelta(minutes=offset)).strftime("%H:%M")


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 kB"), (64_400, "64 kB"), (99_999, "100 kB"), (100_000, "0.1 MB"), (1_440_000, "1.4 MB")]
)
def test_a_size(size: int, words: str) -> None:
    assert format_size(size) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("the model is busy", "The model is busy."),
        ("Queue timeout..", "Queue timeout."),
        ("  two\n lines  ", "Two lines."),
        ("why?", r"Why\?"),
        ("模型繁忙。", "模型繁忙."),
        ("a.png is damaged", r"a\.png is damaged."),
        ("sora-2 is gone", r"sora\-2 is gone."),
        ("*bold* [x](y)", r"\*bold\* \[x\]\(y\)."),
        ("", ""),
        (" . ", ""),
    ],
)
def test_foreign_words_become_one_sentence(text: str, words: str) -> None:
    assert format_sentence(text) == words


def test_the_name_of_a_file_stays_as_it_is() -> None:
    assert format_sentence("wide panorama.png is too wide", named=True) == escape("wide panorama.png is too wide") + "."


def test_every_sign_of_markdown_is_escaped() -> None:
    signs = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
    assert escape(signs) == "".join(f"\\{sign}" for sign in signs)
    assert escape("Ein Boot, 小船 1") == "Ein Boot\\, 小船 1"


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (MediaLimits(), ""),
        (MediaLimits(types=("image/jpeg", "image/png")), "JPEG, PNG"),
        (MediaLimits(max_bytes=10_500_000), "at most 10.5 MB"),
        (MediaLimits(min_side=300), "at least 300 px a side"),
        (MediaLimits(max_side=6000), "at most 6000 px a side"),
        (
            MediaLimits(("video/mp4",), 50_000_000, 300, 6000, 0.4, 2.5, 2, 15.5),
            "MP4; at most 50 MB; 300 to 6000 px a side; width / height 0.4 to 2.5; 2 to 15.5 s",
        ),
    ],
)
def test_the_limits_of_a_file(limits: MediaLimits, words: str) -> None:
    assert format_limits(limits) == words


def test_a_number_with_its_noun() -> None:
    assert [count(number, "run") for number in (0, 1, 2)] == ["0 runs", "1 run", "2 runs"]
