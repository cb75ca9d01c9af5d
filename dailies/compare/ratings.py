"""Blind votes: drawing the questions of a round, and ranking names by many answers.

Owns the draw of sides, the counts and the ranking. evalica does the fit and the resampling, `dailies.store.comparisons`
keeps the votes. No function here does I/O; the source of randomness is an argument.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from dailies.compare.nouns import Comparison, Lane, Outcome, Vote

if TYPE_CHECKING:
    from evalica import Winner

OVERALL = "Overall"
"""The criterion of a comparison without criteria."""

FLOOR = 10
"""Votes below which a name's points are preliminary: with fewer, one more vote can move them by 100."""

RESAMPLES = 500
"""Bootstrap resamples behind an interval: fewer are faster, but its bounds jump more from one vote to the next."""

CENTRE = 1000.0
"""The points of an average name. As in chess: 100 more win 64 of 100 votes, 400 more win 10 of 11."""

_PER_TENFOLD = 400.0
_SEED = 1  # the same votes always give the same interval
_AVERAGE = "\0average"  # no name of a lane begins with a NUL


@dataclass(frozen=True, slots=True)
class Tally:
    """The results of one name or lane. `ties` includes `bad`, the answers *Both bad*."""

    wins: int = 0
    ties: int = 0
    losses: int = 0
    bad: int = 0

    @property
    def votes(self) -> int:
        return self.wins + self.ties + self.losses


@dataclass(frozen=True, slots=True)
class Standing:
    """One name of a ranking. `low` and `high`: the 95 % interval of its points; None where its votes allow none."""

    name: str
    points: float
    low: float | None
    high: float | None
    tally: Tally
    preliminary: bool


@dataclass(frozen=True, slots=True)
class Position:
    """How often the left side won decided votes. `low` and `high`: the 95 % interval of its share."""

    left: int = 0
    decided: int = 0
    low: float = 0.0
    high: float = 1.0

    @property
    def suspect(self) -> bool:
        """Whether the side itself seems to matter: one half lies outside the interval."""
        return not self.low <= 0.5 <= self.high


@dataclass(frozen=True, slots=True)
class Ranking:
    """Names by points, best first. `groups`: names that votes connect; points of different groups do not compare."""

    standings: tuple[Standing, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    votes: int = 0
    bad: int = 0  # votes *Both bad*; they count as ties
    position: Position = Position()

    @property
    def connected(self) -> bool:
        return len(self.groups) <= 1


@dataclass(frozen=True, slots=True)
class Stars:
    """The mean of the stars given to a name, 1 to 5, and how many lanes have stars."""

    mean: float
    count: int


# --- a round -----------------------------------------------------------------------------------------------------


def draw_round(
    comparison: Comparison,
    lanes: Sequence[Lane],
    voter: str,
    now: datetime,
    random: Random,
    most: int | None = None,
) -> tuple[Vote, ...]:
    """Draw the questions of one round, in the order to ask them: every pair of `lanes` by every criterion.

    `most`: only so many of them, drawn at random; their sides are balanced less closely then.

    `lanes` are those with a finished clip. `random` is a `random.SystemRandom` outside tests. Over the round, each lane
    is left as often as right, give or take one, and each pair swaps sides from one criterion to the next. `now` is the
    time of the first question; each later one is a microsecond later, so that the store keeps the order.
    """
    criteria = tuple(dict.fromkeys(c.strip() for c in comparison.criteria if c.strip())) or (OVERALL,)
    asked: list[tuple[str, Lane, Lane]] = []
    sides: list[tuple[Lane, Lane]] = []
    for number, criterion in enumerate(criteria):
        sides = [(right, left) for left, right in sides] if number % 2 else _draw_sides(lanes, random)
        asked += [(criterion, left, right) for left, right in sides]
    random.shuffle(asked)
    return tuple(
        Vote(
            id=uuid4().hex,
            comparison=comparison.id,
            criterion=criterion,
            left=left.id,
            right=right.id,
            left_name=left.name,
            right_name=right.name,
            voter=voter,
            created=now + timedelta(microseconds=number),
        )
        for number, (criterion, left, right) in enumerate(asked[:most])
    )


def _draw_sides(lanes: Sequence[Lane], random: Random) -> list[tuple[Lane, Lane]]:
    """Draw every pair once as (left, right), each lane left as often as right, give or take one.

    The lanes are shuffled onto a circle. Each is left of those in the half after it; opposite pairs are drawn.
    """
    circle = list(lanes)
    random.shuffle(circle)
    found = []
    for one, other in combinations(range(len(circle)), 2):
        apart = 2 * (other - one)
        forward = random.random() < 0.5 if apart == len(circle) else apart < len(circle)
        left, right = (one, other) if forward else (other, one)
        found.append((circle[left], circle[right]))
    return found


# --- counts ------------------------------------------------------------------------------------------------------


def select_counted(votes: Iterable[Vote]) -> list[Vote]:
    """Select the votes that count: answered and not void."""
    return [vote for vote in votes if vote.outcome is not None and not vote.void]


def tally_lanes(votes: Iterable[Vote]) -> dict[str, Tally]:
    """Return {lane id: its results} over the answered votes of one voter, void ones included."""
    return _tally((v.left, v.right, v.outcome) for v in votes if v.outcome is not None)


def _tally(answers: Iterable[tuple[str, str, Outcome]]) -> dict[str, Tally]:
    found: dict[str, Tally] = {}
    for left, right, outcome in answers:
        for side, won, lost in ((left, Outcome.LEFT, Outcome.RIGHT), (right, Outcome.RIGHT, Outcome.LEFT)):
            tally = found.get(side, Tally())
            found[side] = Tally(
                wins=tally.wins + (outcome is won),
                ties=tally.ties + (outcome in (Outcome.TIE, Outcome.BAD)),
                losses=tally.losses + (outcome is lost),
                bad=tally.bad + (outcome is Outcome.BAD),
            )
    return found


def average_stars(comparisons: Iterable[Comparison]) -> dict[str, Stars]:
    """Return {name: the stars of its lanes} for the names that have any."""
    given: dict[str, list[int]] = {}
    for lane in (lane for comparison in comparisons for lane in comparison.lanes if lane.stars):
        given.setdefault(lane.name, []).append(lane.stars)
    return {name: Stars(sum(values) / len(values), len(values)) for name, values in given.items()}


# --- ranking -----------------------------------------------------------------------------------------------------


def rank(votes: Iterable[Vote], *, floor: int = FLOOR, resamples: int = RESAMPLES) -> Ranking:
    """Rank names by Bradley-Terry points over `votes` of one criterion.

    Names are pooled over comparisons. *Tie* and *Both bad* count as half a win for each side. Open votes, void votes
    and pairs of one name are left out. Every name also gets one tie against an average opponent: without it, a name
    that never lost would have no finite points. A name has an interval (percentile bootstrap over the votes) once it
    has won and lost, directly or through a chain of others, and its votes differ. `preliminary` marks names with fewer
    than `floor` votes, without an interval, or in a ranking of several groups.
    """
    valid = [vote for vote in select_counted(votes) if vote.left_name != vote.right_name]
    if not valid:
        return Ranking()
    tallies = _tally((v.left_name, v.right_name, v.outcome) for v in valid if v.outcome is not None)
    names = sorted(tallies)
    groups, exchanging = _connect(names, valid)
    points, bounds = _fit(valid, resamples)
    standings = []
    for name in names:
        low, high = bounds.get(name, (0.0, 0.0))
        known = name in exchanging and round(high - low, 3) > 0
        few = tallies[name].votes < floor
        standings.append(
            Standing(
                name,
                points[name],
                low if known else None,
                high if known else None,
                tallies[name],
                preliminary=few or not known or len(groups) > 1,
            )
        )
    bad = sum(vote.outcome is Outcome.BAD for vote in valid)
    best_first = tuple(sorted(standings, key=lambda s: (-s.points, s.name)))
    return Ranking(best_first, groups, len(valid), bad, _measure_position(valid))


def _connect(names: Sequence[str], votes: Iterable[Vote]) -> tuple[tuple[tuple[str, ...], ...], frozenset[str]]:
    """Return the groups of names that votes connect, largest first, and the names on a cycle of wins and losses."""
    # scipy takes a second to import: only a ranking waits for it.
    import numpy as np
    from scipy.sparse.csgraph import connected_components

    place = {name: number for number, name in enumerate(names)}
    beaten = np.zeros((len(names), len(names)), dtype=bool)
    for vote in votes:
        left, right = place[vote.left_name], place[vote.right_name]
        beaten[left, right] |= vote.outcome is not Outcome.RIGHT
        beaten[right, left] |= vote.outcome is not Outcome.LEFT
    _, group = connected_components(beaten, connection="weak")
    _, ring = connected_components(beaten, connection="strong")
    members: dict[int, list[str]] = {}
    for name, number in zip(names, group.tolist(), strict=True):
        members.setdefault(number, []).append(name)
    size = Counter(ring.tolist())
    groups = tuple(tuple(found) for found in sorted(members.values(), key=lambda found: (-len(found), found)))
    return groups, frozenset(name for name, number in zip(names, ring.tolist(), strict=True) if size[number] > 1)


def _fit(votes: Sequence[Vote], resamples: int) -> tuple[Mapping[str, float], Mapping[str, tuple[float, float]]]:
    """Return {name: points} and {name: (low, high)}; without bounds for a single vote."""
    from evalica import Winner, bootstrap

    winner = {Outcome.LEFT: Winner.X, Outcome.RIGHT: Winner.Y}
    lefts, rights = [vote.left_name for vote in votes], [vote.right_name for vote in votes]
    winners = [winner.get(vote.outcome, Winner.Draw) if vote.outcome else Winner.Draw for vote in votes]
    if len(votes) == 1:
        return dict(_fit_points(lefts, rights, winners).scores), {}
    spread = bootstrap(
        _fit_points, lefts, rights, winners, n_resamples=resamples, bootstrap_method="percentile", random_state=_SEED
    )
    bounds = {name: (float(spread.low[name]), float(spread.high[name])) for name in spread.index}
    return dict(spread.result.scores), bounds


def _fit_points(
    xs: Collection[str],
    ys: Collection[str],
    winners: Collection[Winner],
    index: Any = None,
    weights: Collection[float] | None = None,
    **options: Any,
) -> Any:
    """Run evalica's Bradley-Terry with one tie of each name against an average opponent; points around `CENTRE`."""
    import numpy as np
    from evalica import Winner, bradley_terry

    names = list(dict.fromkeys([*xs, *ys])) if index is None else list(index)
    result = bradley_terry(
        [*xs, *names],
        [*ys, *[_AVERAGE] * len(names)],
        [*winners, *[Winner.Draw] * len(names)],
        weights=[*([1.0] * len(xs) if weights is None else weights), *[1.0] * len(names)],
        **options,
    )
    powers = np.log10(result.scores)
    middle = (powers.sum() - powers[_AVERAGE]) / len(names)  # of the names alone
    return replace(result, scores=CENTRE + _PER_TENFOLD * (powers - middle))


def _measure_position(votes: Sequence[Vote]) -> Position:
    from scipy.stats import binomtest

    left = sum(vote.outcome is Outcome.LEFT for vote in votes)
    decided = left + sum(vote.outcome is Outcome.RIGHT for vote in votes)
    if not decided:
        return Position()
    bounds = binomtest(left, decided).proportion_ci(0.95, method="wilson")
    return Position(left, decided, float(bounds.low), float(bounds.high))
