"""Carries the values of an idea from one cell to another: what fits stays, what does not is bent, kept and named.

Pure. A changed value is remembered with its replacement, and restored for the next model that takes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from dailies.compare.values import find_nearest, is_same, respell
from dailies.domain import Cell, Notice
from dailies.parameter import Parameter
from dailies.vocabulary import Value

Wanted = Mapping[str, tuple[Value, Value | None]]
"""Parameter id -> the value that a person chose, and what stands in the form in its place (None: nothing is sent)."""

_SHAPES = ("aspect_ratio", "size")  # both say the shape of the picture; many cells have only one of them


@dataclass(frozen=True, slots=True)
class Carried:
    """The values for the next cell by parameter id, what changed, and what is kept for a cell that takes it."""

    values: dict[str, Value]
    notices: tuple[Notice, ...]
    wanted: dict[str, tuple[Value, Value | None]]


def carry(values: Mapping[str, Value], before: Cell, after: Cell, wanted: Wanted | None = None) -> Carried:
    """Carry chosen values from one cell to another, of the same family or of another one.

    `wanted` is what an earlier `carry` had to bend; such a value returns unless the person has changed it since. A
    number that is not offered becomes the nearest one. Every effective value that changes is named.
    """
    asked = dict(values)
    for name, (value, became) in (wanted or {}).items():
        if values.get(name) == became:
            asked[name] = value
    asked |= _translate_shape(asked, after)
    kept: dict[str, Value] = {}
    notices: list[Notice] = []
    bent: dict[str, tuple[Value, Value | None]] = {}
    by = after.model.id if after.model.id != before.model.id else f"{after.mode.label.lower()} mode"
    known = {parameter.id: parameter for parameter in before.parameters}
    for name in dict.fromkeys((*known, *asked)):
        target, source = _find(after, name), known.get(name)
        old = asked.get(name, source.effective(values) if source else None)
        if target is None:
            if name in asked:
                bent[name] = (asked[name], None)
                if source is not None and not _says_the_same(name, asked[name], asked, after):
                    what = f"{source.spell(old)} → not sent: {by} has no such setting."
                    notices.append(Notice(source.title, what))
            continue
        if name in asked and target.settable:
            taken = _take(target, asked[name], source if asked[name] == values.get(name) else None)
            if taken is not None:
                kept[name] = taken
        new = target.effective(kept)
        if old is not None and not is_same(new, old):
            reason = f"set by {by}" if target.fixed is not None else f"not offered by {by}"
            notices.append(Notice(target.title, f"{target.spell(old)} → {target.spell(new)}: {reason}."))
            if name in asked:
                bent[name] = (asked[name], new if target.settable else None)
    return Carried(kept, tuple(notices), bent)


def begin(values: Mapping[str, Value], before: Cell | None, after: Cell) -> dict[str, Value]:
    """Add what a form starts with to the values that were carried into it. `before` is the cell they come from.

    Within a family a value that is unset was left unset; a shape that came along needs no other.
    """
    begun = dict(values)
    known = {parameter.id for parameter in before.parameters} if before and before.family == after.family else set()
    shaped = any(name in values for name in _SHAPES)
    for parameter in after.parameters:
        name = parameter.id
        if parameter.start and name not in begun and name not in known and not (shaped and name in _SHAPES):
            begun[name] = parameter.start.value
    return begun


def _take(target: Parameter, value: Value, source: Parameter | None) -> Value | None:
    """Return what a parameter takes of a value; None if nothing. A number that it does not list is not sent unasked.

    One that the parameter it comes from did not list either was typed by a person, who is taken at their word.
    """
    own = respell(target, value)
    numbers = [choice for choice in target.choices if isinstance(choice, (int, float))]
    typed = source is not None and not source.lists(value)
    if numbers and isinstance(own, (int, float)) and not target.lists(own) and not typed:
        return min(numbers, key=lambda number: (abs(number - own), -number))
    return find_nearest(target, value)


def _find(cell: Cell, name: str) -> Parameter | None:
    """Find a parameter by its id, never by its name on the wire: one name means different things in two families."""
    return next((parameter for parameter in cell.parameters if parameter.id == name), None)


def _translate_shape(asked: Mapping[str, Value], after: Cell) -> dict[str, Value]:
    """Return the asked shape in the cell's own terms: 9:16 as 720x1280, or the other way round. Often empty."""
    for name, other in (_SHAPES, _SHAPES[::-1]):
        target, ratio = _find(after, name), read_ratio(asked.get(other))
        if ratio is None or name in asked or target is None or not target.settable or _find(after, other):
            continue
        for choice in target.choices:
            if read_ratio(choice) == ratio:
                return {name: choice}
    return {}


def _says_the_same(name: str, value: Value, asked: Mapping[str, Value], after: Cell) -> bool:
    """Whether a shape that has no place in a cell is said there by the other way of giving it."""
    ratio = read_ratio(value) if name in _SHAPES else None
    return ratio is not None and any(
        read_ratio(asked.get(other)) == ratio and _find(after, other) for other in _SHAPES if other != name
    )


def read_ratio(value: Value | None) -> Fraction | None:
    """Read the ratio of width to height of a shape such as `16:9` or `1280x720`; None for anything else."""
    wide, _, high = str(value or "").lower().replace("*", "x").replace(":", "x").partition("x")
    if not (wide.isdecimal() and high.isdecimal() and int(high)):
        return None
    return Fraction(int(wide), int(high))


def find_shape(cell: Cell, values: Mapping[str, Value]) -> Fraction | None:
    """Find the ratio of the clip that a form asks for; None where nothing is asked, or the picture decides."""
    asked = (parameter.effective(values) for name in ("size", "aspect_ratio") if (parameter := _find(cell, name)))
    return next((ratio for value in asked if (ratio := read_ratio(value)) is not None), None)
