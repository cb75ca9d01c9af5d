"""How typed text is read before it is placed on the wire."""

from __future__ import annotations

from typing import Any

import pytest

from dailies.encodings import CASTS, READINGS, read_json, read_object, read_shots


def test_shots_are_read_one_per_line() -> None:
    assert read_shots("3 s: She enters\n\n2: She sits down \n  15s :  3 s: later") == [
        {"index": 1, "prompt": "She enters", "duration": "3"},
        {"index": 2, "prompt": "She sits down", "duration": "2"},
        {"index": 3, "prompt": "3 s: later", "duration": "15"},
    ]
    assert len(read_shots("\n".join(["1 s: a"] * 6))) == 6
    assert read_shots(f"1 s: {'x' * 512}")[0]["prompt"] == "x" * 512


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("She enters", "shot 1 does not start with its seconds"),
        ("3 s:", "shot 1 does not start"),
        ("3 s:  ", "shot 1 does not start"),
        ("-3 s: a", "shot 1 does not start"),
        ("1.5 s: a", "shot 1 does not start"),
        ("\n3 s: a\n\n0 s: b", "shot 2 does not start"),
        (f"{'9' * 5000} s: a", "shot 1 does not start"),
        (f"3 s: {'x' * 513}", "shot 1 has 513 characters; at most 512 are allowed"),
        ("\n".join(["1 s: a"] * 7), "there are 7 shots; 1 to 6 are allowed"),
        (" \n", "there are 0 shots"),
    ],
)
def test_shots_that_cannot_be_read_are_named(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_shots(text)


@pytest.mark.parametrize(("text", "found"), [("[1, null]", [1, None]), (' {"a": 0.5} ', {"a": 0.5}), ('"x"', "x")])
def test_json(text: str, found: Any) -> None:
    assert read_json(text) == found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Expecting value in line 1, column 1"),
        ('{\n"a": }', "Expecting value in line 2, column 6"),
        ("[NaN]", "NaN is not a JSON value"),
        ("-Infinity", "-Infinity is not a JSON value"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_not_json_says_why(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_json(text)


def test_an_object() -> None:
    assert read_object('{"a": [1]}') == {"a": [1]}
    assert read_object(" ") == {}
    for text in ("[]", "1", "null"):
        with pytest.raises(ValueError, match="it is not a JSON object"):
            read_object(text)


def test_every_reading_says_what_to_write() -> None:
    for reading in READINGS.values():
        with pytest.raises(ValueError):
            reading.read("}")
        assert reading.fix.startswith("Write ") and reading.fix.endswith(".")


@pytest.mark.parametrize(
    ("cast", "value", "written"),
    [
        ("plain", 5, 5), ("text", 5, "5"), ("integer", 5, 5), ("number", 1, 1.0), ("json", {"ü": [1]}, '{"ü":[1]}'),
    ],
)  # fmt: skip
def test_casts(cast: str, value: Any, written: Any) -> None:
    assert CASTS[cast](value) == written
    assert type(CASTS[cast](value)) is type(written)
