"""Where what was seen here contradicts what is documented: single values, and limits of a range. Pure.

A limit is held as strictly as a single value: beyond it values were refused, or came back as the limit, often enough,
for several values, and without one that was met.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dailies.domain import Cell, Notice
from dailies.parameter import Parameter
from dailies.seen import OFTEN, Seen, Tally
from dailies.vocabulary import Support, Value, parameter_name

_SEVERAL = 2  # so many different values beyond a limit at least: one value is no range


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit that was observed: the last value delivered as asked, and how values beyond it ended.

    `upper`: values beyond are above the limit, else below it.
    """

    parameter: Parameter
    upper: bool
    limit: int | float
    refused: bool
    tally: Tally

    def excludes(self, value: object) -> bool:
        """Whether a value lies beyond the limit."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return value > self.limit if self.upper else value < self.limit

    def covers(self, name: str, spelled: str) -> bool:
        """Whether it speaks of a value, spelled as text, of a parameter."""
        return name == self.parameter.id and self.excludes(self.parameter.coerce(spelled))

    @property
    def beyond(self) -> str:
        """The values in words: `Duration above 10 s`."""
        return f"{self.parameter.title} {'above' if self.upper else 'below'} {self.parameter.spell(self.limit)}"

    @property
    def outcome(self) -> str:
        """How they ended, in words: `refused 4 times`, `delivered as 10 s 4 times`."""
        what = "refused" if self.refused else f"delivered as {self.parameter.spell(self.limit)}"
        return f"{what} {self.tally.number} times"

    @property
    def fact(self) -> Mapping[str, Value]:
        """The limit as the catalog states it."""
        return {"max" if self.upper else "min": self.limit}


def find_bounds(seen: Seen, parameters: Iterable[Parameter]) -> Sequence[Bound]:
    """Find the limits that a documented range has here."""
    found = []
    for parameter in parameters:
        if not parameter.is_range or not parameter.settable:
            continue
        values = _Values(seen, parameter)
        for upper in (True, False):
            for find in (values.find_refused, values.find_clamped):
                bound = find(upper)
                if bound is not None and _narrows(parameter, bound):
                    found.append(bound)
    return found


def _narrows(parameter: Parameter, bound: Bound) -> bool:
    edge, other = parameter.maximum, parameter.minimum
    if not bound.upper:
        edge, other = other, edge
    inside = other is None or (bound.limit > other if bound.upper else bound.limit < other)
    return inside and (edge is None or bound.excludes(edge))


class _Values:
    """How runs with each value of one parameter ended."""

    def __init__(self, seen: Seen, parameter: Parameter) -> None:
        self.parameter = parameter
        self.met: set[float] = set()
        self.refused: dict[float, Tally] = {}
        self.changed: dict[float, tuple[Tally, set[float]]] = {}
        for key in {*seen.taken, *seen.refused}:
            value = parameter.coerce(key[1])
            if key[0] != parameter.id or not parameter.counts(value):
                continue
            changed = seen.changed.get(key)
            if seen.taken[key] > (changed.number if changed else 0):
                self.met.add(value)
            elif changed and key not in seen.refused:
                self.changed[value] = changed, seen.lengths.get(key, set())
            elif not changed:
                self.refused[value] = seen.refused[key]
            else:
                self.met.add(value)  # now refused, now delivered: no limit holds here

    def find_refused(self, upper: bool) -> Bound | None:
        """Find a limit between what was met and what was refused. Nothing is known without a value that was met."""
        if not self.met:
            return None
        last = max(self.met) if upper else min(self.met)
        beyond = {value: tally for value, tally in self.refused.items() if (value > last) is upper}
        if any((value > last) is upper for value in self.changed) or not beyond:
            return None
        first = min(beyond) if upper else max(beyond)
        limit = last if self.parameter.decimal else first - 1 if upper else first + 1
        return self._make(upper, limit, True, beyond.values())

    def find_clamped(self, upper: bool) -> Bound | None:
        """Find the one length that everything beyond it came back as."""
        lengths = {length for value, (_, got) in self.changed.items() for length in got if (value > length) is upper}
        if len(lengths) != 1 or any(len(got) != 1 for _, got in self.changed.values()):
            return None
        (limit,) = lengths
        others = (*self.met, *self.refused)
        if any(value != limit and (value > limit) is upper for value in others):
            return None
        beyond = {value: tally for value, (tally, _) in self.changed.items() if (value > limit) is upper}
        return self._make(upper, limit, False, beyond.values())

    def _make(self, upper: bool, limit: float, refused: bool, tallies: Iterable[Tally]) -> Bound | None:
        several = sorted(tallies, key=lambda tally: tally.last.timestamp() if tally.last else 0)
        number = sum(tally.number for tally in several)
        if len(several) < _SEVERAL or number < OFTEN:
            return None
        exact = limit if self.parameter.decimal else int(limit)
        return Bound(self.parameter, upper, exact, refused, Tally(number, several[-1].last, several[-1].words))


def list_disputes(seen: Seen, cell: Cell | None) -> Sequence[str]:
    """Say in sentences where what was seen contradicts what is documented."""
    if cell is None:
        return []
    said = []
    if cell.support.support is Support.SUPPORTED and seen.failed >= OFTEN and not seen.done:
        said.append(f"Documented as supported; all {seen.failed} runs failed here.")
    bounds = find_bounds(seen, cell.parameters)
    said += [f"{bound.beyond} is documented; {bound.outcome} here." for bound in bounds]
    for (name, value), tally in seen.list_refused().items():
        parameter = cell.parameter(name)
        if parameter and parameter.coerce(value) in parameter.choices:
            said.append(f"{parameter_name(name).title} {value} is documented; refused here {tally.number} times.")
    for (name, value), tally in seen.list_changed().items():
        parameter = cell.parameter(name)
        if parameter and not any(bound.covers(name, value) for bound in bounds):
            times = f"{tally.number} times, last as {tally.words}"
            said.append(f"{parameter_name(name).title} {value} is documented; delivered otherwise here {times}.")
    return said


def warn(seen: Seen, values: Mapping[str, Value], cell: Cell) -> list[Notice]:
    """Warn of values that were refused here often and never taken, and of those beyond a limit that was seen here."""
    beyond = [
        Notice(
            bound.parameter.title,
            f"{bound.beyond} was {bound.outcome} here. The gateway said: {bound.tally.words}",
        )
        for bound in find_bounds(seen, cell.parameters)
        if bound.refused and bound.excludes(values.get(bound.parameter.id))
    ]
    bounded = {notice.where for notice in beyond}
    return beyond + [
        Notice(
            parameter_name(name).title,
            f"{value} was refused here {tally.number} times. The gateway said: {tally.words}",
        )
        for (name, value), tally in seen.list_refused().items()
        if str(values.get(name)) == value and parameter_name(name).title not in bounded
    ]
