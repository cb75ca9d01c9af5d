"""A parameter on its own: which values it lists and accepts, how it reads them and how it spells them."""

from __future__ import annotations

from datetime import date
from math import inf, nan
from typing import Any

import pytest

from dailies.origin import Origin
from dailies.parameter import Parameter, Placement, text_of
from dailies.vocabulary import Value

ORIGIN = Origin((), date(2026, 1, 1))
DECIMAL = Placement("cfg_scale", "number")
SWITCH = Placement("audio", values={"on": "Enabled", "off": "Disabled"})


def parameter(**facts: Any) -> Parameter:
    return Parameter(**{"id": "seconds", "origin": ORIGIN, "placement": Placement("seconds"), **facts})


@pytest.mark.parametrize(
    ("facts", "takes"),
    [
        ({"fixed": 8}, "8 s"),
        ({"choices": (5,)}, "5 s"),
        ({"choices": (5, 10)}, "5 or 10 s"),
        ({"choices": (5, 10, 15)}, "5, 10 or 15 s"),
        ({"minimum": 4, "maximum": 11}, "4 to 11 s"),
        ({"minimum": 4}, "4 s or more"),
        ({"maximum": 9}, "up to 9 s"),
        ({}, "free text"),
        ({"id": "audio", "choices": ("on", "off")}, "on or off"),
        ({"id": "prompt_strength", "placement": DECIMAL, "minimum": 0.0, "maximum": 1.0}, "0 to 1"),
        ({"id": "prompt_strength", "placement": DECIMAL, "minimum": 0.25}, "0.25 or more"),
        ({"id": "prompt_strength", "placement": DECIMAL}, "a number"),
        ({"id": "frames", "placement": Placement("frames", "integer")}, "a whole number"),
    ],
)
def test_what_can_be_given_in_words(facts: dict[str, Any], takes: str) -> None:
    assert parameter(**facts).takes == takes


def test_spell() -> None:
    assert [parameter().spell(value) for value in (None, 8, 8.0, 0.35)] == ["not sent", "8 s", "8 s", "0.35 s"]
    values = ("1.0", 1.0, -7.0, -0.0, 1e300, 0.1, True)
    assert [text_of(value) for value in values] == ["1.0", "1", "-7", "0", "1e+300", "0.1", "True"]


def test_the_effective_value_is_the_fixed_one_then_the_chosen_one_then_the_default() -> None:
    assert parameter(fixed=8).effective({"seconds": 5}) == 8
    assert parameter(default=4).effective({"seconds": 5}) == 5
    assert parameter(default=4).effective({}) == 4
    assert parameter().effective({}) is None


@pytest.mark.parametrize(
    ("facts", "accepted", "refused"),
    [
        ({"minimum": 4, "maximum": 11}, [4, 11], [3, 12, "5", 5.0, 5.5, True]),
        ({"minimum": 0, "maximum": 1}, [0, 1], [True, False, 1.0]),
        ({"choices": (1, 10)}, [1, 10], [2, True, 1.0, "1"]),
        ({"choices": (1, 10), "free": True}, [1, 2, -3], [True, 1.5, "ten"]),
        ({"choices": ("on", "off")}, ["on", "off"], [True, "ON", ""]),
        ({"choices": ("on", "off"), "free": True}, ["on", "loud", True, 3], []),
        ({"choices": (True, False)}, [True, False], [1, 0, "true"]),
        ({"placement": Placement("seed", "integer")}, [0, -7, 10**12], [1.0, "7", True]),
        ({"placement": DECIMAL, "minimum": 0, "maximum": 1}, [0, 1, 0.0, 1.0, 0.35], [-0.1, 1.1, 2, True, "0.5", nan]),
        ({"placement": DECIMAL, "minimum": 0}, [0.0, 1e300], [inf, -inf, nan]),
        ({"placement": DECIMAL, "choices": (0.0, 0.5)}, [0, 0.0, 0.5], [False, 0.4, "0.5"]),
        ({"placement": DECIMAL, "choices": (0.5,), "free": True}, [0.7, 3], [nan, inf, True, "0.7"]),
        ({"placement": DECIMAL}, [0.7, 3], [nan, True, "0.7"]),
        ({}, ["anything", 3, 0.5, True], []),
    ],
)
def test_accepts(facts: dict[str, Any], accepted: list[Value], refused: list[Value]) -> None:
    tried = parameter(**facts)
    assert [value for value in accepted if not tried.accepts(value)] == []
    assert [value for value in refused if tried.accepts(value)] == []


def test_a_listed_value_is_accepted_and_a_free_one_is_not_listed() -> None:
    free = parameter(choices=(5, 10), free=True)
    assert [free.lists(value) for value in (5, 10, 6)] == [True, True, False]


@pytest.mark.parametrize(
    ("facts", "raw", "value"),
    [
        ({"choices": (5, 10)}, "ten", "ten"),
        ({"choices": (5, 10)}, " 10 ", 10),
        ({"choices": (5, 10)}, 10.0, 10),
        ({"choices": (5, 10)}, 10.5, 10.5),
        ({"choices": (1, 10)}, True, True),
        ({"minimum": 0}, "7", 7),
        ({"minimum": 0}, "7.0", "7.0"),
        ({"minimum": 0}, inf, inf),
        ({"minimum": 0}, "9" * 5000, "9" * 5000),
        ({"placement": DECIMAL, "minimum": 0, "maximum": 1}, "0.35", 0.35),
        ({"placement": DECIMAL, "minimum": 0, "maximum": 1}, 1, 1.0),
        ({"placement": DECIMAL, "minimum": 0, "maximum": 1}, "half", "half"),
        ({"placement": DECIMAL, "minimum": 0, "maximum": 1}, True, True),
        ({"placement": DECIMAL, "minimum": 0}, 10**400, 10**400),
        ({"placement": DECIMAL, "choices": (0.0, 0.5)}, 0, 0.0),
        ({"choices": ("on", "off"), "placement": SWITCH}, "Enabled", "on"),
        ({"choices": ("on", "off"), "placement": SWITCH}, " OFF", "off"),
        ({"choices": ("on", "off"), "placement": SWITCH}, "loud", "loud"),
        ({"placement": Placement("tier", values={"std": "pro", "pro": "max"})}, "pro", "pro"),
        ({"placement": Placement("tier", values={"std": "pro", "pro": "max"})}, "MAX", "pro"),
        ({"placement": None, "choices": ("720P",)}, "720p", "720P"),
        ({}, " as typed ", " as typed "),
    ],
)  # fmt: skip
def test_coerce(facts: dict[str, Any], raw: Value, value: Value) -> None:
    found = parameter(**facts).coerce(raw)
    assert (found, type(found)) == (value, type(value))


def test_a_value_that_is_fixed_or_refused_is_not_settable() -> None:
    assert parameter().settable
    assert not parameter(fixed=8).settable
    assert not parameter(refused="Not on this model.").settable
