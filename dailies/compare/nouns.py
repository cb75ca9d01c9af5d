"""The nouns of comparing: one idea, its lanes, how they are looked at, and the votes on them.

A comparison is a stored object; what was generated for it are ordinary runs. No function here does I/O.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from dailies.domain import Clip, Reference
from dailies.vocabulary import Mode, Value

MAX_LANES = 8
"""As many clips as one screen and one pair of eyes can take in (our own limit, not a gateway's)."""

LETTERS = "ABCDEFGH"
"""What a lane is called where its name is hidden, by its position."""


class Arrangement(StrEnum):
    """How the clips are laid out: all beside each other, or two of them over each other."""

    GRID = "grid"
    WIPE = "wipe"
    BLINK = "blink"
    DIFFERENCE = "difference"


class Unequal(StrEnum):
    """What a clip does that ends before the longest one."""

    HOLD = "hold"  # its last frame stays
    LOOP = "loop"  # it begins again by itself
    STRETCH = "stretch"  # it plays slower or faster, so that all end together; labelled as such


class Outcome(StrEnum):
    """What a voter said of a pair."""

    LEFT = "left"
    RIGHT = "right"
    TIE = "tie"
    BAD = "bad"  # both are bad


@dataclass(frozen=True, slots=True)
class Idea:
    """What the lanes of a comparison have in common. `values` holds only what was chosen."""

    mode: Mode = Mode.TEXT
    prompt: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    references: Mapping[str, tuple[Reference, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lane:
    """One take of the idea by one model, or a clip made elsewhere (`clip`; then no model is named)."""

    id: str
    family: str = ""
    entry: str = ""
    model: str = ""
    title: str = ""  # the name of a clip made elsewhere
    overrides: Mapping[str, Value] = field(default_factory=dict)  # values of this lane alone
    run: str = ""  # the id of its run; empty: nothing was sent
    clip: Clip | None = None
    said: tuple[str, ...] = ()  # what was announced before it was sent: how it differs from the idea
    refused: str = ""  # why nothing was sent
    offset: float = 0.0  # seconds by which its clip starts later on the common clock; negative: earlier
    stars: int = 0  # 1 to 5; 0: not given
    tags: tuple[str, ...] = ()
    comment: str = ""

    @property
    def name(self) -> str:
        """What the lane is called where names are shown."""
        return self.model or self.title


@dataclass(frozen=True, slots=True)
class View:
    """How a comparison is looked at: kept with it, so that everybody finds the same picture."""

    arrangement: Arrangement = Arrangement.GRID
    pair: tuple[str, ...] = ()  # the two lanes of wipe, blink and difference
    heard: str = ""  # the lane that is audible and leads the clock; empty: none
    unequal: Unequal = Unequal.HOLD
    speed: float = 1.0
    loop: bool = True
    names: bool = True


@dataclass(frozen=True, slots=True)
class Comparison:
    """One idea through several lanes, looked at together. Times are aware UTC datetimes."""

    id: str
    owner: str
    created: datetime
    updated: datetime
    title: str = ""
    idea: Idea = field(default_factory=Idea)
    lanes: tuple[Lane, ...] = ()
    view: View = field(default_factory=View)
    criteria: tuple[str, ...] = ()  # what is judged, written down before the run
    notes: str = ""
    parent: str = ""  # the comparison it was duplicated from or repeats
    revision: int = 0  # grows with every save, over all that the store keeps

    def lane(self, lane_id: str) -> Lane | None:
        return next((lane for lane in self.lanes if lane.id == lane_id), None)

    def with_lane(self, changed: Lane) -> Comparison:
        """The same comparison with one lane replaced by its id."""
        return replace(self, lanes=tuple(changed if lane.id == changed.id else lane for lane in self.lanes))

    @property
    def sent(self) -> bool:
        """Whether the idea is fixed: something was sent for it, or it was built of finished clips."""
        return any(lane.run or lane.clip for lane in self.lanes)


@dataclass(frozen=True, slots=True)
class Vote:
    """One question of a blind vote: which side of a pair is better by a criterion.

    The sides are drawn by lot and stored before anything is shown; `outcome` is None until it is answered.
    """

    id: str
    comparison: str
    criterion: str
    left: str  # lane ids
    right: str
    left_name: str  # the lanes' names at that time: results are pooled over comparisons by name
    right_name: str
    voter: str  # an opaque word for one sitting of one person
    created: datetime
    outcome: Outcome | None = None
    void: bool = False  # the names were seen before the answer: kept, never counted
    ballot: str = ""  # the ballot it was imported from
