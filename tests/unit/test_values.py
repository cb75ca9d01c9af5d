"""How values are written for people, and which spellings are one value."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dailies.compare.values import find_nearest, is_same, redact, redact_address, spell
from dailies.origin import Origin
from dailies.parameter import Parameter, Placement
from dailies.vocabulary import Value


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("seconds", 8, "8 s"),
        ("aspect_ratio", "16:9", "16:9"),
        ("nonsense", "yes", "yes"),
        ("negative_prompt", "blur,\n noise", "blur, noise"),
        ("negative_prompt", "x" * 61, "x" * 59 + "…"),
        ("file_infos", '[{"Url": "https://a.example/b.png?key=hush"}]', '[{"Url": "https://a.example/b.png"}]'),
    ],
)
def test_a_value_for_people(name: str, value: Value, words: str) -> None:
    assert spell(name, value) == words


@pytest.mark.parametrize(
    ("address", "left"),
    [
        ("https://a.example/b.png?key=hush#hush", "https://a.example/b.png"),
        ("http://user:hush@a.example:8080/b", "http://a.example:8080/b"),
        ("https://[broken/?key=hush", "a link"),
    ],
)
def test_what_may_be_shown_of_an_address(address: str, left: str) -> None:
    assert redact_address(address) == left
    assert redact(f"See {address} for more.") == f"See {left} for more."


def number(**facts: Any) -> Parameter:
    return Parameter("seconds", Origin((), date(2026, 1, 1)), **{"placement": Placement("seconds"), **facts})


@pytest.mark.parametrize(
    ("facts", "asked", "taken"),
    [
        ({"minimum": 4, "maximum": 11}, 5.4, 5),
        ({"minimum": 4, "maximum": 11}, 4.5, 5),
        ({"minimum": 4, "maximum": 11}, 5.5, 6),
        ({"minimum": -4, "maximum": 11}, -0.5, 0),
        ({"minimum": 4, "maximum": 11}, 3.2, 4),
        ({"minimum": 4, "maximum": 11}, 11.5, 11),
        ({"choices": (4, 8)}, 6, 8),
        ({"placement": Placement("cfg_scale", "number"), "minimum": 0, "maximum": 1}, 0.35, 0.35),
        ({"placement": Placement("cfg_scale", "number"), "minimum": 0, "maximum": 1}, 1.5, 1),
        ({"minimum": 4}, "soon", None),
        ({"choices": ("on", "off")}, 1, None),
    ],
)
def test_the_nearest_value_that_is_taken_and_the_higher_of_two(facts: Any, asked: Value, taken: Value | None) -> None:
    assert find_nearest(number(**facts), asked) == taken


@pytest.mark.parametrize(
    ("one", "other"), [("720P", "720p"), ("1280*720", "1280x720"), ("1280×720", "1280X720"), (8, "8"), (8, 8.0)]
)
def test_one_value_in_two_spellings(one: Value, other: Value) -> None:
    assert is_same(one, other) and is_same(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("720p", "1080p"), (8, None), ("Hug", "hug"), ("007", 7), ("1:1", "1x1"), ("on", True)]
)
def test_two_values(one: Value, other: Value | None) -> None:
    assert not is_same(one, other)
