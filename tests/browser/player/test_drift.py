"""`drift.js`: when a clip is left alone, pushed or moved, as tables of calls and their values."""

from __future__ import annotations

import pytest

from tests.browser.player.films import near

pytestmark = pytest.mark.browser

PLAIN = "makePlan([clip(2), clip(4)], 'hold')"
ROUND = "makePlan([clip(2), clip(5)], 'loop')"
SLOW = "makePlan([clip(2), clip(4)], 'stretch')"


def of_first(function: str, plan: str, *rest: object) -> str:
    return f"((plan) => {function}(plan, plan.tracks[0], {', '.join(map(str, rest))}))({plan})"


@pytest.mark.parametrize(
    ("plan", "local", "moment", "ahead"),
    [
        (PLAIN, 1, 1, 0),
        (PLAIN, 1.1, 1, 0.1),
        (PLAIN, 0.7, 1, -0.3),
        (SLOW, 1.1, 2, 0.2),
        (ROUND, 0.1, 2.05, 0.05),
        (ROUND, 1.95, 2.05, -0.1),  # it stands at the end of the round before
        (ROUND, 0.05, 1.95, 0.1),  # it has begun the next round already
        (ROUND, 0.9, 2, 0.9),
    ],
)
def test_how_far_a_clip_is_ahead(call, plan, local, moment, ahead) -> None:
    assert call(of_first("aheadBy", plan, local, moment)) == near(ahead)


@pytest.mark.parametrize(
    ("plan", "local", "moment", "speed", "moved"),
    [
        (PLAIN, 1.19, 1, 1, False),
        (PLAIN, 1.21, 1, 1, True),
        (PLAIN, 0.81, 1, 1, False),
        (PLAIN, 0.79, 1, 1, True),
        (PLAIN, 1.3, 1, 2, False),
        (PLAIN, 1.41, 1, 2, True),
        (PLAIN, 1.15, 1, 0.5, True),
        (ROUND, 1.99, 2.01, 1, True),  # a file does not go back to its start by itself
        (ROUND, 0.01, 1.99, 1, False),
        (ROUND, 0.05, 2.01, 1, False),
    ],
)
def test_a_clip_far_off_is_moved(call, plan, local, moment, speed, moved) -> None:
    assert call(of_first("mustMove", plan, local, moment, speed)) is moved


@pytest.mark.parametrize(
    ("plan", "local", "lead", "speed", "target"),
    [
        (PLAIN, 1, 0.04, 1, 1.04),
        (PLAIN, 1, 0.04, 2, 1.08),
        (SLOW, 1, 0.04, 1, 1.02),
        (PLAIN, 1.99, 0.04, 1, 2),
        (ROUND, 1.99, 0.04, 1, 0.03),
    ],
)
def test_a_clip_is_moved_ahead_by_its_lead(call, plan, local, lead, speed, target) -> None:
    assert call(f"moveTo({plan}.tracks[0], {local}, {lead}, {speed})") == near(target)


@pytest.mark.parametrize(
    ("ahead", "push"),
    [
        (0, None),
        (0.0014, None),
        (-0.0014, None),
        (0.0016, {"lasting": 0.1, "factor": 0.984}),
        (0.02, {"lasting": 0.1, "factor": 0.8}),
        (-0.02, {"lasting": 0.1, "factor": 1.2}),
        (0.05, {"lasting": 0.1, "factor": 0.5}),
        (-0.15, {"lasting": 0.3, "factor": 1.5}),
    ],
)
def test_a_push_takes_the_drift_away(call, ahead, push) -> None:
    assert call(f"pushAgainst({ahead})") == near(push)


@pytest.mark.parametrize(
    ("known", "ahead", "lag"),
    [(0, -0.1, 0.07), (0.1, 0.1, 0.03), (0.1, 0, 0.1), (0.01, 0.1, 0), (0.15, -0.1, 0.2)],
)
def test_a_lag_is_learnt_by_and_by(call, known, ahead, lag) -> None:
    assert call(f"learnLag({known}, {ahead})") == near(lag)


@pytest.mark.parametrize(
    ("ahead", "step"), [(0.02, 0.02), (0.5, 0.5), (0, 0), (-0.02, -0.0002), (-0.14, -0.0014), (-0.16, -0.16)]
)
def test_a_small_step_back_of_the_leader_is_believed_slowly(call, ahead, step) -> None:
    assert call(f"followLeader({ahead})") == near(step)


@pytest.mark.parametrize(("rate", "allowed"), [(1, 1), (0.01, 0.0625), (0.07, 0.07), (15, 15), (40, 16)])
def test_a_rate_is_one_that_browsers_take(call, rate, allowed) -> None:
    assert call(f"clampRate({rate})") == near(allowed)
