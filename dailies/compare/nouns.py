"""The nouns of comparing: one idea, its lanes, the view of them, and the votes on them.

A comparison is stored; its clips are those of ordinary runs. No function here does I/O.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from dailies.domain import Clip, Reference
from dailies.vocabulary import Mode, Value

MAX_LANES = 8
"""As many clips as a person can watch at once (our own limit, not a gateway's)."""

LETTERS = "ABCDEFGH"
"""The letters of lanes, by position: they stand for the names where those are hidden."""


class Arrangement(StrEnum):
    """How clips are laid out: all side by side, or two of them over each other."""

    GRID = "grid"
    WIPE = "wipe"
    BLINK = "blink"
    DIFFERENCE = "difference"


class Unequal(StrEnum):
    """What a clip does when it ends before the longest one."""

    HOLD = "hold"  # its last frame stays
    LOOP = "loop"  # it starts again
    STRETCH = "stretch"  # it plays slower, so that all end together; the player says so


class Outcome(StrEnum):
    """A voter's answer to a pair of clips."""

    LEFT = "left"
    RIGHT = "right"
    TIE = "tie"
    BAD = "bad"  # both bad


@dataclass(frozen=True, slots=True)
class Idea:
    """What the lanes of a comparison have in common. `values` holds only chosen values."""

    mode: Mode = Mode.TEXT
    prompt: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    references: Mapping[str, tuple[Reference, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lane:
    """One take of the idea by one model, or a clip made elsewhere (`clip`, without a model)."""

    id: str
    family: str = ""
    entry: str = ""
    model: str = ""
    title: str = ""  # the name of a clip made elsewhere
    overrides: Mapping[str, Value] = field(default_factory=dict)  # values of this lane alone
    gateway: str = ""  # the name of this lane's own gateway; empty: the one in use when it was sent
    run: str = ""  # the id of its run; empty: nothing was sent
    clip: Clip | None = None
    announced: tuple[str, ...] = ()  # how it differs from the idea, as shown before it was sent
    refused: str = ""  # why nothing was sent
    offset: float = 0.0  # seconds by which its clip starts later on the common clock; negative: earlier
    stars: int = 0  # 1 to 5; 0: none given
    tags: tuple[str, ...] = ()
    comment: str = ""

    @property
    def name(self) -> str:
        """The name to show for the lane."""
        return self.model or self.title


@dataclass(frozen=True, slots=True)
class View:
    """The view settings of a comparison, stored with it so that everybody starts from the same ones."""

    arrangement: Arrangement = Arrangement.GRID
    pair: tuple[str, ...] = ()  # the two lanes of wipe, blink and difference
    heard: str = ""  # the lane whose sound plays and leads the clock; empty: none
    unequal: Unequal = Unequal.HOLD
    speed: float = 1.0
    loop: bool = True
    names: bool = True


@dataclass(frozen=True, slots=True)
class Comparison:
    """One idea in several lanes. Times are aware UTC datetimes."""

    id: str
    owner: str
    created: datetime
    updated: datetime
    title: str = ""
    idea: Idea = field(default_factory=Idea)
    lanes: tuple[Lane, ...] = ()
    view: View = field(default_factory=View)
    criteria: tuple[str, ...] = ()  # what to judge by, written before the run
    notes: str = ""
    parent: str = ""  # the comparison it was copied from or repeats
    press: str = ""  # the press that sent it, unique; empty: no press did
    revision: int = 0  # the store's own counter, higher with every save

    def lane(self, lane_id: str) -> Lane | None:
        return next((lane for lane in self.lanes if lane.id == lane_id), None)

    def with_lane(self, changed: Lane) -> Comparison:
        """Return the comparison with the lane of the same id replaced."""
        return replace(self, lanes=tuple(changed if lane.id == changed.id else lane for lane in self.lanes))


@dataclass(frozen=True, slots=True)
class Vote:
    """One question of a blind vote: which clip of a pair is better by a criterion.

    Sides are drawn at random and stored before the question is shown; `outcome` is None until it is answered.
    """

    id: str
    comparison: str
    criterion: str
    left: str  # lane ids
    right: str
    left_name: str  # the lanes' names at that time: votes are pooled over comparisons by name
    right_name: str
    voter: str  # an opaque id of one person's round
    created: datetime
    outcome: Outcome | None = None
    void: bool = False  # the voter had seen the names: kept, never counted
    ballot: str = ""  # the ballot it was imported from
