"""`time.js`: what a clip shows at a moment of the common clock, as tables of calls and their values."""

from __future__ import annotations

import pytest

from tests.browser.player.films import near

pytestmark = pytest.mark.browser

HOLD, LOOP, STRETCH = (f"makePlan([clip(2, 12), clip(3)], '{rule}')" for rule in ("hold", "loop", "stretch"))
UNEVEN = "clip(1, 24, { times: [0, 0.1, 0.15, 0.4, 0.9] })"
"""A clip whose frames are shown for different times."""


def first(plan: str, function: str, *rest: object) -> str:
    """The call of a function for the first track of a plan."""
    return f"((plan) => {function}(plan, plan.tracks[0], {', '.join(map(str, rest))}))({plan})"


def track(function: str, clip: str, value: object) -> str:
    """The call of a function for a clip alone."""
    return f"{function}(makePlan([{clip}], 'hold').tracks[0], {value})"


@pytest.mark.parametrize(
    ("plan", "total", "unequal", "tracks"),
    [  # of each track: rate, ends last, repeats
        (HOLD, 3, True, [(1, False, False), (1, True, False)]),
        (LOOP, 3, True, [(1, False, True), (1, True, False)]),
        (STRETCH, 3, False, [(2 / 3, True, False), (1, True, False)]),
        ("makePlan([clip(2), clip(2)], 'loop')", 2, False, [(1, True, False)] * 2),
        ("makePlan([clip(2), clip(2.0005)], 'loop')", 2.0005, False, [(1, True, False)] * 2),
        ("makePlan([clip(2), clip(2.002)], 'loop')", 2.002, True, [(1, False, True), (1, True, False)]),
        ("makePlan([clip(2, 24, { offset: 1.5 }), clip(3)], 'hold')", 3.5, True, [(1, True, False), (1, False, False)]),
        ("makePlan([clip(3, 24, { offset: -1 }), clip(2.5)], 'loop')", 2.5, True, [(1, False, True), (1, True, False)]),
        (
            "makePlan([clip(1, 24, { offset: 1 }), clip(2)], 'stretch')",
            3,
            True,
            [(0.5, True, False), (1, False, False)],
        ),
        ("makePlan([clip(0), clip(0.02)], 'hold')", 0.04, False, [(1, True, False)] * 2),
        ("makePlan([clip(1, 24, { offset: -3 })], 'hold')", 0.04, True, [(1, False, False)]),
        ("makePlan([], 'hold')", 0.04, False, []),
    ],
)
def test_a_plan(call, plan, total, unequal, tracks) -> None:
    made = call(plan)
    assert (made["total"], made["unequal"]) == (total, unequal)
    assert [[one["rate"], one["last"], one["repeats"]] for one in made["tracks"]] == near(tracks)


@pytest.mark.parametrize(
    ("clip", "step", "times"),
    [
        ("clip(0.2, 20)", 0.05, [0, 0.05, 0.1, 0.15]),
        ("clip(0.22, 10)", 0.1, [0, 0.1]),
        ("clip(0.1, 0)", 1 / 24, [0, 1 / 24]),
        ("clip(0.1, 24, { times: [] })", 1 / 24, [0, 1 / 24]),
        ("clip(0.01, 10)", 0.1, [0]),
        (UNEVEN, 1 / 24, [0, 0.1, 0.15, 0.4, 0.9]),
        ("clip(1, 24, { times: [0.5, 0.6, 0.65] })", 1 / 24, [0, 0.1, 0.15]),  # begins late in its file
    ],
)
def test_the_frames_of_a_clip(call, clip, step, times) -> None:
    made = call(f"makePlan([{clip}], 'hold').tracks[0]")
    assert made["step"] == near(step)
    assert made["times"] == near(times)


@pytest.mark.parametrize(
    ("plan", "moment", "local", "stage"),
    [
        (HOLD, 0, 0, "running"),
        (HOLD, 1.25, 1.25, "running"),
        (HOLD, 1.9999, 1.9999, "running"),
        (HOLD, 1.9999995, 2, "after"),
        (HOLD, 2.5, 2, "after"),
        (LOOP, 1.75, 1.75, "running"),
        (LOOP, 2.5, 0.5, "running"),
        (LOOP, 3, 0.999, "running"),
        ("makePlan([clip(2), clip(4)], 'loop')", 4, 1.999, "running"),
        ("makePlan([clip(4), clip(2)], 'loop')", 4, 4, "after"),
        ("makePlan([clip(1, 24, { offset: 0.5 }), clip(4)], 'loop')", 0.25, 0, "before"),
        ("makePlan([clip(1, 24, { offset: 0.5 }), clip(4)], 'loop')", 2.75, 0.25, "running"),
        ("makePlan([clip(1, 24, { offset: 0.5 }), clip(4.5)], 'loop')", 4.5, 0.999, "running"),
        (STRETCH, 1.5, 1, "running"),
        (STRETCH, 3, 2, "after"),
        ("makePlan([clip(2, 24, { offset: 1 }), clip(4)], 'stretch')", 3, 1, "running"),
        ("makePlan([clip(2, 24, { offset: -0.5 }), clip(3)], 'hold')", 0, 0.5, "running"),
        ("makePlan([clip(2, 24, { offset: 0.5 }), clip(3)], 'hold')", 0.4999, 0, "before"),
    ],
)
def test_the_place_of_a_clip_at_a_moment(call, plan, moment, local, stage) -> None:
    assert call(first(plan, "placeAt", moment)) == near({"local": local, "stage": stage})


@pytest.mark.parametrize(
    ("clip", "local", "frame"),
    [
        ("clip(2, 12)", 0, 0),
        ("clip(2, 12)", -1, 0),
        ("clip(2, 12)", 1, 12),
        ("clip(2, 12)", 1 - 4e-4, 12),
        ("clip(2, 12)", 1 - 6e-4, 11),
        ("clip(2, 12)", 99, 23),
        ("clip(2, 30)", 1.55, 46),
        (UNEVEN, 0.0994, 0),
        (UNEVEN, 0.1, 1),
        (UNEVEN, 0.3, 2),
        (UNEVEN, 0.89, 3),
        (UNEVEN, 1, 4),
        ("clip(0.01)", 0.01, 0),
    ],
)
def test_the_frame_at_a_position(call, clip, local, frame) -> None:
    assert call(track("frameAt", clip, local)) == frame


@pytest.mark.parametrize(
    ("clip", "frame", "middle"),
    [
        ("clip(2, 10)", 0, 0.05),
        ("clip(2, 10)", 7, 0.75),
        ("clip(2, 10)", 19, 1.95),
        ("clip(1.98, 10)", 19, 1.94),  # the file ends within its last frame
        ("clip(1.95, 10, { times: [0, 1.95] })", 1, 1.951),  # and here with its start
        (UNEVEN, 2, 0.275),
        (UNEVEN, 4, 0.9 + 1 / 48),
    ],
)
def test_the_middle_of_a_frame(call, clip, frame, middle) -> None:
    assert call(track("middleOfFrame", clip, frame)) == near(middle)


LATE = "makePlan([clip(1, 10, { offset: 0.5 }), clip(3)], '{rule}')"
STILL = "makePlan([clip(0.5, 24, { times: [0], offset: 1 }), clip(3)], '{rule}')"


@pytest.mark.parametrize(
    ("plan", "moment", "before", "after"),
    [
        ("makePlan([clip(2, 10), clip(3)], 'hold')", 0, None, 0.1),
        ("makePlan([clip(2, 10), clip(3)], 'hold')", 0.75, 0.7, 0.8),
        ("makePlan([clip(2, 10), clip(3)], 'hold')", 1.95, 1.9, None),
        ("makePlan([clip(2, 10), clip(3)], 'loop')", 1.95, 1.9, 2),
        ("makePlan([clip(2, 10), clip(3)], 'loop')", 2.05, 2, 2.1),
        ("makePlan([clip(2, 10), clip(3)], 'hold')", 2.5, 1.9, None),
        ("makePlan([clip(2, 10), clip(4)], 'stretch')", 1.5, 1.4, 1.6),
        ("makePlan([clip(2, 10), clip(4)], 'stretch')", 4, 3.8, None),
        (LATE.replace("{rule}", "hold"), 0.2, None, 0.6),
        (LATE.replace("{rule}", "hold"), 0.55, None, 0.6),
        (LATE.replace("{rule}", "hold"), 2, 1.4, None),
        (LATE.replace("{rule}", "loop"), 1.55, 1.5, 1.6),
        (STILL.replace("{rule}", "hold"), 0.5, None, None),
        (STILL.replace("{rule}", "loop"), 0.5, None, 1.5),
        (STILL.replace("{rule}", "loop"), 1.75, 1.5, 2),
        (f"makePlan([{UNEVEN}], 'hold')", 0.2, 0.15, 0.4),
    ],
)
def test_the_changes_around_a_moment(call, plan, moment, before, after) -> None:
    assert call(first(plan, "changesAround", moment)) == near({"before": before, "after": after})


WALK = """((plan, at, direction, count) => Array.from({{ length: count }}, () => (
  at = stepFrom(plan, plan.tracks, at, direction))))({plan}, {at}, {direction}, {count})"""


@pytest.mark.parametrize(
    ("plan", "at", "direction", "moments"),
    [
        ("makePlan([clip(3, 24), clip(2, 30)], 'hold')", 1, 1, [31 / 30, 25 / 24, 32 / 30, 26 / 24, 33 / 30]),
        (
            "makePlan([clip(3, 24), clip(2, 30)], 'hold')",
            1 + 1 / 8,
            -1,
            [33 / 30, 26 / 24, 32 / 30, 25 / 24, 31 / 30, 1],
        ),
        (f"makePlan([{UNEVEN}], 'hold')", 0, 1, [0.1, 0.15, 0.4, 0.9, 0.9]),
        (f"makePlan([{UNEVEN}], 'hold')", 1, -1, [0.4, 0.15, 0.1, 0, 0]),
        (f"makePlan([{UNEVEN}], 'hold')", 0.3, 1, [0.4]),
        (f"makePlan([{UNEVEN}], 'hold')", 0.3, -1, [0.1]),
        (f"makePlan([{UNEVEN}, clip(1, 5)], 'hold')", 0, 1, [0.1, 0.15, 0.2, 0.4, 0.6, 0.8, 0.9, 0.9]),
        # changes 3 ms apart are one step, changes 5 ms apart are two
        ("makePlan([clip(1, 10), clip(1, 1, { times: [0, 0.103, 0.205] })], 'hold')", 0, 1, [0.103, 0.2, 0.205, 0.3]),
        ("makePlan([clip(1, 10), clip(1, 1, { times: [0, 0.103, 0.205] })], 'hold')", 0.3, -1, [0.205, 0.2, 0.103, 0]),
        # a repeating clip goes on after its end, and the very end is the last step
        ("makePlan([clip(0.2, 10), clip(0.5, 2)], 'loop')", 0.1, 1, [0.2, 0.3, 0.4, 0.5]),
        ("makePlan([clip(0.2, 10), clip(0.5, 2)], 'loop')", 0.4, -1, [0.3, 0.2, 0.1, 0]),
        # a clip with an offset has no change before its start
        ("makePlan([clip(1, 2, { offset: 0.5 })], 'hold')", 0, 1, [1, 1]),
        ("makePlan([clip(1, 2, { offset: 0.5 })], 'hold')", 1.2, -1, [0, 0]),
        ("makePlan([], 'hold')", 0.02, 1, [0.02]),
    ],
)
def test_a_step_changes_a_picture_and_skips_none(call, plan, at, direction, moments) -> None:
    assert call(WALK.format(plan=plan, at=at, direction=direction, count=len(moments))) == near(moments)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00.00"),
        (-1, "0:00.00"),
        (9.5, "0:09.50"),
        (59.994, "0:59.99"),
        (59.996, "1:00.00"),
        (65.3, "1:05.30"),
        (3600, "60:00.00"),
    ],
)
def test_a_moment_in_words(call, seconds, text) -> None:
    assert call(f"clockText({seconds})") == text
