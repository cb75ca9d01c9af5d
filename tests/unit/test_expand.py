"""Several prompts from one, and everything that only looks like it."""

from __future__ import annotations

import pytest

from dailies.request.expand import MANY, count, expand, expand_all, make_literal, read_literal


@pytest.mark.parametrize(
    ("prompt", "made"),
    [
        ("A {red|blue} boat", ["A red boat", "A blue boat"]),
        ("{1..3} boats", ["1 boats", "2 boats", "3 boats"]),
        ("{2..-1}", ["2", "1", "0", "-1"]),
        ("{a|b} {1..2}", ["a 1", "a 2", "b 1", "b 2"]),
        ("{very |}old", ["very old", "old"]),
        ("{كلب|قطة}", ["كلب", "قطة"]),
        ("A boat", ["A boat"]),
        ("", [""]),
    ],
)
def test_groups_are_expanded(prompt: str, made: list[str]) -> None:
    assert expand(prompt, 99) == made
    assert count(prompt) == len(made)


@pytest.mark.parametrize(
    "prompt",
    [
        '{"shots": [{"text": "a|b", "seconds": 3}]}',
        '{"a|b": 1}',
        "{boat}",
        "{}",
        "a | b",
        "{1..x}",
        "{1...3}",
        "{a\n|b}",
        "}{|",
        r"C:\{boat}",
        "{" * 3000,
        "{a|" * 1000,
    ],
)
def test_other_braces_are_sent_as_they_are(prompt: str) -> None:
    assert expand(prompt, 99) == [prompt]


@pytest.mark.parametrize("prompt", ["{red|blue}", "{1..3} {a|b}", r"\{a|b}", "{a|{b|c}}", '{"x": {1..2}}', "plain"])
def test_a_prompt_made_literal_gives_itself(prompt: str) -> None:
    assert expand(make_literal(prompt), 99) == [prompt]


def test_many_prompts_are_counted_without_being_made() -> None:
    assert count("{0..99999}" * 2000) == MANY
    assert len(expand("{0..99999}" * 2000, 8)) == 8


@pytest.mark.parametrize("prompt", ["A {red|blue} boat", r"A \{red|blue} boat", make_literal("A {red|blue} boat")])
def test_where_braces_make_no_takes_a_prompt_is_sent_as_it_reads(prompt: str) -> None:
    assert read_literal(prompt) == "A {red|blue} boat"
    assert read_literal(r"C:\{x} stays") == r"C:\{x} stays"


def test_several_prompts_are_expanded_in_their_order_and_not_for_ever() -> None:
    assert expand_all(["a {x|y}", "b", "{1..2}"], 9) == ("a x", "a y", "b", "1", "2")
    assert len(expand_all(["{1..99999}{1..99999}", "b"], 400)) == 401
    assert expand_all([], 3) == ()
