"""Where what was seen contradicts what is documented: values, and the limits of a range."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dailies.disputes import find_bounds, list_disputes, warn
from dailies.parameter import Parameter, Placement
from tests.unit.test_seen import CELL, CLIP, DOCUMENTED, done, refused, sum_up

RANGE = Parameter("seconds", CELL.parameter("seconds").origin, Placement("seconds", "integer"), minimum=4, maximum=15)
LIMITED = replace(CELL, parameters=(RANGE,))


def test_a_documented_value_that_is_refused_three_times_is_disputed_and_warned_of():
    words = "seconds must be smaller"
    twice = sum_up(refused(words), refused(words))
    assert (list_disputes(twice, CELL), warn(twice, {"seconds": DOCUMENTED}, CELL)) == ([], [])
    seen = sum_up(refused(words), refused(words), refused("seconds: last words", 1), done(values={"seconds": 1}))
    assert list_disputes(seen, CELL) == [f"Duration {DOCUMENTED} is documented; refused here 3 times."]
    (notice,) = warn(seen, {"seconds": DOCUMENTED}, CELL)
    assert notice.what == f"{DOCUMENTED} was refused here 3 times. The gateway said: seconds: last words"
    assert warn(seen, {"seconds": 1}, CELL) == []
    taken = sum_up(*(refused(words) for _ in range(9)), done())
    assert (list_disputes(taken, CELL), warn(taken, {"seconds": DOCUMENTED}, CELL)) == ([], [])


def test_what_is_delivered_otherwise_every_time_is_disputed():
    other = done(differs=("length",))
    assert list_disputes(sum_up(other, other), CELL) == []
    assert "delivered otherwise here 3 times, last as 4.0 s" in list_disputes(sum_up(other, other, other), CELL)[0]
    assert list_disputes(sum_up(other, other, other, done()), CELL) == []


def test_a_supported_cell_where_everything_fails_is_disputed():
    late = refused("The task failed.", had_task=True)
    assert list_disputes(sum_up(late, late, late), CELL) == ["Documented as supported; all 3 runs failed here."]
    assert list_disputes(sum_up(late, late, late), None) == []


def see(*endings):
    """Sum up runs of a cell whose duration is a range: (asked, delivered; None: refused)."""
    return sum_up(
        *(
            refused("seconds is out of range", values={"seconds": asked})
            if got is None
            else done(
                values={"seconds": asked},
                clip=replace(CLIP, seconds=float(got)),
                differs=() if abs(got - asked) <= 0.3 else ("length",),
            )
            for asked, got in endings
        )
    )


@pytest.mark.parametrize(
    ("endings", "found"),
    [
        ([(10, 10.1), (11, 10.0), (12, 10.04), (15, 9.96)], ("max", 10, "delivered as 10 s 3 times")),
        ([(11, 10), (12, 10), (13, 10)], ("max", 10, "delivered as 10 s 3 times")),
        ([(4, 6), (5, 6), (5, 6), (6, 6), (9, 9)], ("min", 6, "delivered as 6 s 3 times")),
        ([(8, 8), (12, None), (13, None), (15, None)], ("max", 11, "refused 3 times")),
        ([(8, 8), (4, None), (5, None), (5, None)], ("min", 6, "refused 3 times")),
        ([(12, 10), (12, 10), (12, 10)], None),  # one value is no range
        ([(11, 10), (12, 10)], None),  # too seldom
        ([(11, 10), (12, 10), (13, 9)], None),  # not one limit
        ([(11, 10), (12, 10), (13, 10), (14, 14)], None),  # one was met
        ([(12, None), (13, None), (15, None)], None),  # nothing was met: the limit may be anywhere
        ([(8, 8), (12, None), (13, None), (15, None), (14, 10)], None),
        ([(8, 8), (12, None), (13, None), (15, None), (12, 12)], None),
    ],
)
def test_a_limit_of_a_range_is_one_observation(endings, found):
    bounds = find_bounds(see(*endings), LIMITED.parameters)
    assert [(*next(iter(bound.fact.items())), bound.outcome) for bound in bounds] == ([found] if found else [])


def test_a_limit_is_said_once_and_warned_of():
    clamped = see(*[(asked, 10) for asked in (11, 11, 11, 12)])
    assert list_disputes(clamped, LIMITED) == ["Duration above 10 s is documented; delivered as 10 s 4 times here."]
    over = see((8, 8), (12, None), (13, None), (13, None), (13, None))
    assert list_disputes(over, LIMITED) == ["Duration above 11 s is documented; refused 4 times here."]
    (notice,) = warn(over, {"seconds": 15}, LIMITED)
    assert notice.what.startswith("Duration above 11 s was refused 4 times here. The gateway said: seconds is out")
    assert len(warn(over, {"seconds": 13}, LIMITED)) == 1
    assert warn(over, {"seconds": 11}, LIMITED) == []
