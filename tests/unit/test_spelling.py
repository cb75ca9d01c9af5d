"""How values are written for people, and which spellings are one value."""

from __future__ import annotations

import pytest

from dailies.compare.values import same, shareable, spell, without_query
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
    assert without_query(address) == left
    assert shareable(f"See {address} for more.") == f"See {left} for more."


@pytest.mark.parametrize(
    ("one", "other"), [("720P", "720p"), ("1280*720", "1280x720"), ("1280×720", "1280X720"), (8, "8"), (8, 8.0)]
)
def test_one_value_in_two_spellings(one: Value, other: Value) -> None:
    assert same(one, other) and same(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("720p", "1080p"), (8, None), ("Hug", "hug"), ("007", 7), ("1:1", "1x1"), ("on", True)]
)
def test_two_values(one: Value, other: Value | None) -> None:
    assert not same(one, other)
