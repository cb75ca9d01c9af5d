"""Rounds drawn fairly, and rankings that say what the votes say."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from random import Random

import numpy as np
import pytest

from dailies.compare.nouns import LETTERS, Comparison, Lane, Outcome, Vote
from dailies.compare.ratings import OVERALL, Ranking, Tally, average_stars, draw_round, rank, tally_lanes

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LEFT, RIGHT, TIE, BAD = Outcome


@pytest.fixture(autouse=True)
def _resamples(monkeypatch):
    """Few resamples behind an interval: what holds for it does not hang on how smooth its bounds are."""
    monkeypatch.setitem(rank.__kwdefaults__, "resamples", 40)


def comparison(count: int, *criteria: str) -> Comparison:
    lanes = tuple(Lane(letter.lower(), title=f"Model {letter}") for letter in LETTERS[:count])
    return Comparison("c1", "", NOW, NOW, lanes=lanes, criteria=criteria)


def round_with(count: int, *criteria: str, seed: int = 1) -> tuple[Vote, ...]:
    made = comparison(count, *criteria)
    return draw_round(made, made.lanes, "anna", NOW, Random(seed))


def votes(left: str, right: str, *outcomes: Outcome | None, **changes) -> list[Vote]:
    base = Vote("v", "c1", "motion", left.lower(), right.lower(), left, right, "anna", NOW)
    return [replace(base, outcome=outcome, **changes) for outcome in outcomes]


# --- a round -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", range(2, 9))
@pytest.mark.parametrize("criteria", [(), ("motion",), ("motion", "light", "faces")])
def test_a_round_asks_every_pair_by_every_criterion_with_even_sides(count, criteria):
    asked = round_with(count, *criteria)
    lanes = [lane.id for lane in comparison(count).lanes]
    for criterion in criteria or (OVERALL,):
        pairs = Counter(frozenset((v.left, v.right)) for v in asked if v.criterion == criterion)
        assert pairs == Counter(map(frozenset, combinations(lanes, 2)))
    assert len(asked) == len(lanes) * (len(lanes) - 1) // 2 * max(1, len(criteria))
    for lane in lanes:
        left, right = sum(v.left == lane for v in asked), sum(v.right == lane for v in asked)
        assert abs(left - right) <= 1, lane
    assert len({v.id for v in asked}) == len(asked)
    assert [v.created for v in asked] == sorted({v.created for v in asked})


def test_a_pair_is_turned_round_from_one_criterion_to_the_next():
    asked = round_with(5, "motion", "light")
    sides = {
        criterion: {(v.left, v.right) for v in asked if v.criterion == criterion} for criterion in ("motion", "light")
    }
    assert sides["light"] == {(right, left) for left, right in sides["motion"]}


def test_chance_decides_sides_and_order():
    orders = {tuple((v.left, v.right) for v in round_with(3, seed=seed)) for seed in range(60)}
    assert {order[0] for order in orders} == {(a, b) for a in "abc" for b in "abc" if a != b}
    assert {round_with(2, seed=seed)[0].left for seed in range(20)} == {"a", "b"}


def test_a_question_carries_the_names_of_its_lanes_and_nothing_answered():
    for vote in round_with(4, " motion ", "", "motion"):
        assert (vote.left_name, vote.right_name) == (f"Model {vote.left.upper()}", f"Model {vote.right.upper()}")
        assert (vote.comparison, vote.voter, vote.criterion) == ("c1", "anna", "motion")
        assert (vote.outcome, vote.void) == (None, False)


def test_one_lane_is_no_round():
    assert round_with(1) == ()


# --- ranking -----------------------------------------------------------------------------------------------------


def points_of(votes: list[Vote], **options: int) -> Ranking:
    """A ranking whose intervals are rough: for tests that do not look at them."""
    return rank(votes, resamples=20, **options)


def by_name(found) -> dict:
    return {standing.name: standing for standing in found.standings}


def chance(found, one: str, other: str) -> float:
    """How often `one` is expected to win over `other`, from their points."""
    points = by_name(found)
    return 1 / (1 + 10 ** ((points[other].points - points[one].points) / 400))


def test_nothing_counted_is_an_empty_ranking():
    for nothing in ([], votes("A", "B", None), votes("A", "B", LEFT, void=True), votes("A", "A", LEFT)):
        found = rank(nothing)
        assert (found.standings, found.votes, found.groups, found.connected) == ((), 0, (), True)


def test_a_strong_order_is_recovered():
    asked = []
    for better, worse in combinations("ABCD", 2):
        asked += votes(better, worse, *[LEFT] * 8, RIGHT, RIGHT) + votes(worse, better, *[RIGHT] * 8, LEFT, LEFT)
    found = rank(asked)
    assert [s.name for s in found.standings] == list("ABCD")
    assert all(s.low < s.points < s.high and not s.preliminary for s in found.standings)
    assert found.standings[0].low > found.standings[-1].high
    assert sum(s.points for s in found.standings) == pytest.approx(4000)


def test_two_names_come_to_the_share_of_wins():
    """Without the tie against the average the chance is wins / (wins + losses); among many votes it weighs little."""
    found = points_of(votes("A", "B", *[LEFT] * 300, *[RIGHT] * 100))
    assert chance(found, "A", "B") == pytest.approx(0.75, abs=0.005)
    assert chance(found, "A", "B") < 0.75


def test_the_points_are_the_most_likely_ones():
    """Against an optimum of the likelihood found by another way, written down here from its definition."""
    outcomes = {("A", "B"): [LEFT] * 5 + [TIE, RIGHT], ("B", "C"): [LEFT] * 4 + [BAD] * 2, ("C", "A"): [LEFT, RIGHT]}
    asked = [vote for (left, right), given in outcomes.items() for vote in votes(left, right, *given)]
    worth = {LEFT: 1.0, RIGHT: 0.0, TIE: 0.5, BAD: 0.5}
    place = {"A": 0, "B": 1, "C": 2}

    def unlikely(strengths: np.ndarray) -> float:
        prior = sum(0.5 * np.logaddexp(0, s) + 0.5 * np.logaddexp(0, -s) for s in strengths)
        gaps = [(strengths[place[v.left_name]] - strengths[place[v.right_name]], worth[v.outcome]) for v in asked]
        return prior + sum(w * np.logaddexp(0, -gap) + (1 - w) * np.logaddexp(0, gap) for gap, w in gaps)

    from scipy.optimize import minimize  # half a second, which the other processes of the tests need not spend

    best = minimize(unlikely, np.zeros(3), tol=1e-9).x
    expected = 1000 + 400 / np.log(10) * (best - best.mean())
    points = by_name(points_of(asked))
    assert [points[name].points for name in "ABC"] == pytest.approx(list(expected), abs=0.1)


def test_even_votes_give_even_points():
    found = rank(votes("A", "B", *[LEFT, RIGHT] * 10))
    assert [s.points for s in found.standings] == pytest.approx([1000, 1000])
    assert all(s.low < 1000 < s.high for s in found.standings)
    first, second = found.standings
    assert first.high - 1000 == pytest.approx(1000 - second.low)


def test_ties_and_both_bad_pull_together_and_are_counted():
    decided = points_of(votes("A", "B", *[LEFT] * 6))
    mixed = points_of(votes("A", "B", *[LEFT] * 6, TIE, TIE, BAD))
    assert 0.5 < chance(mixed, "A", "B") < chance(decided, "A", "B")
    assert by_name(mixed)["A"].tally == Tally(wins=6, ties=3, losses=0, bad=1)
    assert by_name(mixed)["B"].tally == Tally(wins=0, ties=3, losses=6, bad=1)
    assert (mixed.votes, mixed.bad) == (9, 1)


def test_open_and_void_votes_change_nothing():
    plain = votes("A", "B", *[LEFT] * 3, RIGHT)
    extra = votes("A", "B", None, None) + votes("B", "A", *[LEFT] * 9, void=True) + votes("A", "A", LEFT, RIGHT)
    assert points_of(plain + extra) == points_of(plain)


def test_names_are_pooled_over_comparisons():
    here = votes("A", "B", LEFT, LEFT)
    elsewhere = [replace(v, comparison="c2", left="x", right="y") for v in votes("B", "A", RIGHT, LEFT)]
    assert by_name(points_of(here + elsewhere))["A"].tally == Tally(wins=3, losses=1)


def test_below_the_floor_a_name_is_preliminary():
    asked = votes("A", "B", *[LEFT, RIGHT] * 5)
    assert not any(s.preliminary for s in points_of(asked).standings)
    assert all(s.preliminary for s in points_of(asked[:-1]).standings)
    assert not any(s.preliminary for s in points_of(asked[:-1], floor=9).standings)


def test_who_never_lost_has_points_but_no_interval():
    asked = votes("A", "B", *[LEFT] * 20) + votes("C", "A", *[RIGHT] * 20) + votes("B", "C", *[LEFT, RIGHT] * 10)
    found = by_name(rank(asked))
    assert (found["A"].low, found["A"].high, found["A"].preliminary) == (None, None, True)
    assert found["B"].low < found["B"].points < found["B"].high
    assert 1000 < found["A"].points < 2000


@pytest.mark.parametrize("outcomes", [(LEFT,), (TIE,), (BAD,) * 12, (RIGHT,) * 12])
def test_votes_that_do_not_differ_give_no_interval(outcomes):
    found = rank(votes("A", "B", *outcomes))
    assert all(s.low is None and s.high is None and s.preliminary for s in found.standings)
    assert all(np.isfinite(s.points) for s in found.standings)


def test_ties_alone_give_no_interval_whichever_side_they_were_asked_from():
    found = rank(votes("A", "B", *[TIE] * 7) + votes("B", "A", *[BAD] * 7))
    assert [(round(s.points, 6), s.low) for s in found.standings] == [(1000, None), (1000, None)]


def test_names_that_no_vote_joins_are_not_compared():
    asked = (
        votes("A", "B", *[LEFT, RIGHT] * 20) + votes("C", "D", *[LEFT, RIGHT] * 20) + votes("A", "E", *[LEFT, TIE] * 9)
    )
    found = points_of(asked)
    assert found.groups == (("A", "B", "E"), ("C", "D"))
    assert not found.connected
    assert all(s.preliminary for s in found.standings)
    joined = points_of(asked + votes("B", "C", LEFT))
    assert joined.groups == (("A", "B", "C", "D", "E"),)


def test_the_same_votes_give_the_same_intervals():
    asked = votes("A", "B", *[LEFT] * 7, *[RIGHT] * 4, TIE)
    assert rank(asked) == rank(asked)


def test_a_liking_for_one_side_is_noticed():
    fair = points_of(votes("A", "B", *[LEFT, RIGHT] * 10, TIE)).position
    assert (fair.left, fair.decided, fair.suspect) == (10, 20, False)
    leaning = points_of(votes("A", "B", *[LEFT] * 9) + votes("B", "A", *[LEFT] * 9, RIGHT)).position
    assert (leaning.left, leaning.decided, leaning.suspect) == (18, 19, True)
    # Wilson's bounds for 18 of 19, worked out by hand from its formula with z = 1.96.
    assert (leaning.low, leaning.high) == (pytest.approx(0.7536, abs=5e-4), pytest.approx(0.9906, abs=5e-4))
    undecided = points_of(votes("A", "B", TIE, TIE)).position
    assert (undecided.left, undecided.decided, undecided.suspect) == (0, 0, False)


# --- one sitting, and stars --------------------------------------------------------------------------------------


def test_one_sitting_is_told_lane_by_lane_void_or_not():
    asked = votes("A", "B", LEFT, TIE) + votes("B", "A", BAD, void=True) + votes("A", "C", RIGHT, None)
    assert tally_lanes(asked) == {"a": Tally(1, 2, 1, 1), "b": Tally(0, 2, 1, 1), "c": Tally(1, 0, 0, 0)}


def test_stars_are_pooled_by_name_where_they_were_given():
    one = comparison(3)
    first = replace(one, lanes=(replace(one.lanes[0], stars=5), one.lanes[1], replace(one.lanes[2], stars=1)))
    second = replace(one, lanes=(replace(one.lanes[0], stars=2),))
    found = average_stars([first, second])
    assert {name: (each.mean, each.count) for name, each in found.items()} == {"Model A": (3.5, 2), "Model C": (1.0, 1)}


def test_a_later_round_keeps_its_order_in_time():
    asked = round_with(4)
    assert asked[-1].created - asked[0].created == timedelta(microseconds=5)
