"""The largest values that all lanes take, and what is said where there are none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dailies.catalog.load import load
from dailies.compare.equal import NAMES, find_equal
from dailies.compare.values import respell

CELL = next(cell for cell in load().cells() if cell.parameter("seconds"))
ORIGINAL = CELL.parameter("seconds")


def cell(**choices):
    """A cell with these parameters: a tuple is a choice, a list a range, anything else fixed."""
    made = []
    for name, given in choices.items():
        bare = replace(ORIGINAL, id=name, choices=(), minimum=None, maximum=None, default=None, fixed=None, free=False)
        if isinstance(given, tuple):
            made.append(replace(bare, choices=given))
        elif isinstance(given, list):
            made.append(replace(bare, minimum=given[0], maximum=given[1]))
        else:
            made.append(replace(bare, fixed=given))
    return replace(CELL, parameters=tuple(made))


@pytest.mark.parametrize(
    ("one", "other", "chosen", "values"),
    [
        ({"seconds": (4, 8, 12)}, {"seconds": (8, 12, 15)}, {}, {"seconds": 12}),
        ({"seconds": (4, 8)}, {"seconds": [1, 6]}, {}, {"seconds": 4}),
        ({"seconds": 5}, {"seconds": (5, 10)}, {}, {"seconds": 5}),
        ({"seconds": 5}, {"seconds": 8}, {}, {}),
        ({"resolution": ("720P", "1080P")}, {"resolution": ("1080p", "480p")}, {}, {"resolution": "1080P"}),
        ({"resolution": ("1080p", "4k")}, {"resolution": ("4K", "1080p")}, {}, {"resolution": "4k"}),
        ({"size": ("1280x720", "1792x1024")}, {"size": ("1280x720", "1792x1024")}, {}, {"size": "1792x1024"}),
        ({"aspect_ratio": ("9:16", "16:9")}, {"aspect_ratio": ("16:9", "9:16")}, {}, {"aspect_ratio": "16:9"}),
        (
            {"aspect_ratio": ("9:16", "16:9")},
            {"aspect_ratio": ("16:9", "9:16")},
            {"aspect_ratio": "9:16"},
            {"aspect_ratio": "9:16"},
        ),
        ({"audio": ("on", "off")}, {"audio": ("off", "on")}, {}, {"audio": "on"}),
        ({"audio": ("on", "off")}, {"audio": "off"}, {}, {"audio": "off"}),
    ],
)
def test_the_largest_in_common(one, other, chosen, values):
    assert find_equal([("A", cell(**one)), ("B", cell(**other))], chosen).values == values


def test_what_becomes_of_each_is_said():
    lanes = [("A", cell(seconds=(4, 8), size=("1280x720",))), ("B", cell(seconds=(5, 10)))]
    assert find_equal(lanes, {}).said == (
        "Duration: nothing in common. A takes 4 s, 8 s; B takes 5 s, 10 s.",
        "Size 1280x720 for all that take one. B cannot be told.",
    )


def test_every_pair_of_the_catalog_gets_values_that_both_take():
    cells = [cell for cell in load().cells() if cell.mode == "text" and not cell.refused][::12]
    for one in cells:
        for other in cells:
            for name, value in find_equal([("A", one), ("B", other)], {}).values.items():
                takers = [p for each in (one, other) for p in each.parameters if p.id == name and p.fixed is None]
                assert name in NAMES
                assert all(parameter.lists(respell(parameter, value)) for parameter in takers)
