"""A comparison as data to hand on. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dailies.comparisons import LETTERS, Comparison, Lane
from dailies.domain import Clip, Run


@dataclass(frozen=True, slots=True)
class Shown:
    """A lane with a finished clip, and the letter that stands for it where names are hidden."""

    letter: str
    lane: Lane
    clip: Clip


def shown(comparison: Comparison, runs: Mapping[str, Run]) -> tuple[Shown, ...]:
    """The lanes that have a finished clip, in order; `runs` by id. A letter belongs to a lane's place among all."""
    found = []
    for letter, lane in zip(LETTERS, comparison.lanes, strict=False):
        run = runs.get(lane.run)
        clip = lane.clip or (run.clip if run else None)
        if clip is not None:
            found.append(Shown(letter, lane, clip))
    return tuple(found)
