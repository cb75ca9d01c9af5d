"""How the runs of a cell ended here: counts, waits, reasons, values refused or delivered otherwise. Pure.

It stands beside what is documented and changes nothing: a person reads both. Small numbers are said to be small.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import TypeVar

from dailies.domain import SECONDS_OFF, Cell, Clip, Failure
from dailies.parameter import Parameter
from dailies.vocabulary import Mode, RunState, Stage, Value, parameter_name

FEW = 5
"""With fewer ended runs a rate says little."""

OFTEN = 3
"""So many refusals of a value that was never taken are worth a warning, and dispute its documentation."""

LIKE = ("seconds", "resolution", "size")
"""The values by which runs of a model differ in how long they take."""

_ENOUGH = 3  # so many runs of the same length and size tell more than all of the model
_WORDS = 300  # characters of a reason
_DIFFERS = {"length": ("seconds",), "ratio": ("aspect_ratio",), "size": ("resolution", "size"), "sound": ("audio",)}
"""The kinds of a difference -> the parameters that ask for it."""


Took = tuple[float, Mapping[str, Value]]
"""How long a finished run took, in seconds from sending to the clip, and the values that it was asked with."""


def choose_alike(past: Iterable[Took], values: Mapping[str, Value]) -> list[float]:
    """Choose the times of the runs of the same length and size, where there are enough; else all."""
    all_ = list(past)
    same = [seconds for seconds, other in all_ if all(other.get(name) == values.get(name) for name in LIKE)]
    return same if len(same) >= _ENOUGH else [seconds for seconds, _ in all_]


def find_usual(past: Iterable[Took], values: Mapping[str, Value]) -> float | None:
    """Find how long a request with these values usually takes, in seconds; None without a history."""
    alike = choose_alike(past, values)
    return median(alike) if alike else None


@dataclass(frozen=True, slots=True)
class Place:
    """A cell at a gateway."""

    gateway: str
    family: str
    entry: str
    model: str
    mode: Mode


@dataclass(frozen=True, slots=True)
class Ending:
    """How one run ended. `wait`: seconds from sending to the clip. `differs`: kinds of differences of the clip."""

    place: Place
    values: Mapping[str, Value]
    state: RunState
    ended: datetime
    had_task: bool
    wait: float | None = None
    failure: Failure | None = None
    clip: Clip | None = None
    differs: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """How often something was seen, when last, and in which words."""

    number: int = 0
    last: datetime | None = None
    words: str = ""

    def add(self, when: datetime, words: str = "") -> None:
        self.number += 1
        if self.last is None or when >= self.last:
            self.last, self.words = when, words or self.words


@dataclass(slots=True)
class Seen:
    """What was seen of a cell at a gateway. Values are spelled as text."""

    place: Place
    done: int = 0
    failed: int = 0
    first: datetime | None = None
    last: datetime | None = None
    waits: list[float] = field(default_factory=list)
    reasons: dict[str, Tally] = field(default_factory=dict)
    taken: Counter[tuple[str, str]] = field(default_factory=Counter)  # (parameter, value) of finished runs
    refused: dict[tuple[str, str], Tally] = field(default_factory=dict)
    changed: dict[tuple[str, str], Tally] = field(default_factory=dict)
    lengths: dict[tuple[str, str], set[float]] = field(default_factory=dict)  # of clips that differ in it, in seconds

    @property
    def runs(self) -> int:
        return self.done + self.failed

    @property
    def few(self) -> bool:
        return self.runs < FEW

    @property
    def usual(self) -> float | None:
        """The median wait in seconds."""
        return median(self.waits) if self.waits else None

    @property
    def slowest(self) -> float | None:
        """The wait in seconds that nine of ten did not exceed."""
        return find_slowest(self.waits)

    def list_refused(self) -> dict[tuple[str, str], Tally]:
        """List the values that were refused often enough, and never taken."""
        return {key: tally for key, tally in self.refused.items() if tally.number >= OFTEN and not self.taken[key]}

    def list_changed(self) -> dict[tuple[str, str], Tally]:
        """List the values that were delivered otherwise often enough, and never as asked."""
        return {
            key: tally
            for key, tally in self.changed.items()
            if tally.number >= OFTEN and self.taken[key] <= tally.number
        }


@dataclass(frozen=True, slots=True)
class Share:
    """How a part of the runs ended. `usual` and `slowest` as in `Seen`."""

    runs: int
    failed: int
    usual: float | None
    slowest: float | None


_Key = TypeVar("_Key", bound=Hashable)


def divide(endings: Iterable[Ending], by: Callable[[Ending], _Key]) -> Mapping[_Key, Share]:
    """Divide runs by a key, and sum up each part; in the order in which the keys come first."""
    parts: dict[_Key, list[Ending]] = {}
    for ending in endings:
        parts.setdefault(by(ending), []).append(ending)
    return {key: _sum_up(part) for key, part in parts.items()}


def _sum_up(part: Sequence[Ending]) -> Share:
    waits = [ending.wait for ending in part if ending.wait is not None]
    failed = sum(ending.state is not RunState.DONE for ending in part)
    return Share(len(part), failed, median(waits) if waits else None, find_slowest(waits))


def find_slowest(waits: Sequence[float]) -> float | None:
    """Find the wait in seconds that nine of ten did not exceed."""
    return sorted(waits)[int(0.9 * (len(waits) - 1) + 0.5)] if waits else None


def summarise(endings: Iterable[Ending], find_cell: Callable[[Place], Cell | None]) -> list[Seen]:
    """Sum up what was seen, the cell with the most runs first. Runs that were cancelled say nothing."""
    found: dict[Place, Seen] = {}
    for ending in endings:
        if ending.state not in (RunState.DONE, RunState.FAILED, RunState.EXPIRED):
            continue
        seen = found.setdefault(ending.place, Seen(ending.place))
        seen.first = min(filter(None, (seen.first, ending.ended)))
        seen.last = max(filter(None, (seen.last, ending.ended)))
        if ending.state is RunState.DONE:
            _add_done(seen, ending)
        else:
            _add_failed(seen, ending, find_cell(ending.place))
    return sorted(found.values(), key=lambda seen: (-seen.runs, seen.place.family, seen.place.model, seen.place.mode))


def _add_done(seen: Seen, ending: Ending) -> None:
    seen.done += 1
    if ending.wait is not None:
        seen.waits.append(ending.wait)
    for name, value in ending.values.items():
        seen.taken[name, str(value)] += 1
    for kind in ending.differs:
        name = next((each for each in _DIFFERS.get(kind, ()) if each in ending.values), "")
        if name and ending.clip:
            key = name, str(ending.values[name])
            seen.changed.setdefault(key, Tally()).add(ending.ended, _spell_got(kind, ending.clip))
            if kind == "length":
                seen.lengths.setdefault(key, set()).add(_round_length(ending.clip.seconds))


def _round_length(seconds: float) -> float:
    """A clip is cut at whole frames: what is near a whole second is one."""
    whole = round(seconds)
    return whole if abs(whole - seconds) <= SECONDS_OFF else round(seconds, 1)


def _spell_got(kind: str, clip: Clip) -> str:
    if kind == "length":
        return f"{clip.seconds:.1f} s"
    if kind == "sound":
        return "sound" if clip.audio_codec else "no sound"
    return f"{clip.width}×{clip.height}"


def _add_failed(seen: Seen, ending: Ending, cell: Cell | None) -> None:
    seen.failed += 1
    failure = ending.failure
    words = failure.what[:_WORDS] if failure else ending.state.value
    seen.reasons.setdefault(words, Tally()).add(ending.ended)
    if failure is None or failure.stage is not Stage.SENDING or ending.had_task:
        return
    for name in find_blamed(ending.values, words, cell):
        seen.refused.setdefault((name, str(ending.values[name])), Tally()).add(ending.ended, words)


def find_blamed(values: Mapping[str, Value], words: str, cell: Cell | None) -> Sequence[str]:
    """Find the parameters whose values a refusal names: by their names on the wire, else by the one value it quotes."""
    named = []
    for name in values:
        known = cell.parameter(name) if cell else None
        spelled = {name, parameter_name(name).title, *_list_wire_names(known)}
        if any(_mentions(words, each) for each in spelled if each):
            named.append(name)
    if named:
        return named
    quoted = [name for name, value in values.items() if len(str(value)) > 1 and _mentions(words, str(value))]
    return quoted if len(quoted) == 1 else []


def _list_wire_names(parameter: Parameter | None) -> Sequence[str]:
    return (parameter.placement.to.split(".")[-1],) if parameter and parameter.placement else ()


def _mentions(words: str, name: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(name)}(?![\w])", words, re.IGNORECASE) is not None
