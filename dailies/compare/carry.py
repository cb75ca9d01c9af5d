"""Carries the values of an idea from one cell to another: what fits stays, what does not is bent, kept and named.

Pure. A changed value is remembered with its replacement, and restored for the next model that takes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dailies.compare.values import find_nearest, is_same, respell, spell
from dailies.domain import Cell, Notice
from dailies.parameter import Parameter
from dailies.vocabulary import Value, parameter_name

Wanted = Mapping[str, tuple[Value, Value | None]]
"""Parameter id -> the value that a person chose, and what stands in the form in its place (None: nothing is sent)."""

_SHAPES = ("aspect_ratio", "size")  # both say the shape of the picture; many cells have only one of them


@dataclass(frozen=True, slots=True)
class Carried:
    """The values for the next cell by parameter id, what changed, and what is kept for a cell that takes it."""

    values: dict[str, Value]
    notices: tuple[Notice, ...]
    wanted: dict[str, tuple[Value, Value | None]]


def carry(values: Mapping[str, Value], before: Cell | None, after: Cell, wanted: Wanted | None = None) -> Carried:
    """Carry chosen values from one cell to another, of the same family or of another one.

    `before` is None for values that several models share, or of a cell that the catalog no longer has.
    `wanted` is what an earlier `carry` had to bend; such a value returns unless the person has changed it since. A
    number that is not offered becomes the nearest one. Every effective value that changes is named.
    """
    asked = recall(values, wanted or {})
    asked |= _translate_shape(asked, after.parameters)
    kept: dict[str, Value] = {}
    notices: list[Notice] = []
    bent: dict[str, tuple[Value, Value | None]] = {}
    by = f"{after.mode.label.lower()} mode" if before and after.model.id == before.model.id else after.model.id
    known = {parameter.id: parameter for parameter in before.parameters} if before else {}
    for name in dict.fromkeys((*known, *asked)):
        target, source = _find(after.parameters, name), known.get(name)
        old = asked.get(name, source.effective(values) if source else None)
        if target is None:
            if name in asked:
                bent[name] = (asked[name], None)
                fresh = source is not None or before is None  # others were named when they were bent
                if fresh and not _says_the_same(name, asked[name], asked, after.parameters):
                    what = f"{spell(name, asked[name])} → not sent: {by} has no such setting."
                    notices.append(Notice(parameter_name(name).title, what))
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


def recall(values: Mapping[str, Value], wanted: Wanted) -> dict[str, Value]:
    """Return the values that a person chose: with those that an earlier form had to bend, unless changed since."""
    return {**values, **{name: value for name, (value, became) in wanted.items() if values.get(name) == became}}


def share_out(values: Mapping[str, Value], parameters: Sequence[Parameter]) -> Carried:
    """Carry the values of an idea into the settings that several models share.

    `wanted` holds those that had to be bent, and with None those for which there is no such setting.
    """
    asked = {**values, **_translate_shape(values, parameters)}
    kept: dict[str, Value] = {}
    notices: list[Notice] = []
    bent: dict[str, tuple[Value, Value | None]] = {}
    for name, value in asked.items():
        target = _find(parameters, name)
        if target is None:
            if not _says_the_same(name, value, asked, parameters):
                bent[name] = (value, None)
            continue
        taken = _take(target, value, None)
        if taken is not None:
            kept[name] = taken
        if not is_same(taken, value):
            notices.append(Notice(target.title, f"{target.spell(value)} → {target.spell(taken)}: no lane offers it."))
            bent[name] = (value, taken)
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


def _find(parameters: Iterable[Parameter], name: str) -> Parameter | None:
    """Find a parameter by its id, never by its name on the wire: one name means different things in two families."""
    return next((parameter for parameter in parameters if parameter.id == name), None)


def _translate_shape(asked: Mapping[str, Value], after: Sequence[Parameter]) -> dict[str, Value]:
    """Return the asked shape in the terms of the next form: 9:16 as 720x1280, or the other way round. Often empty."""
    for name, other in (_SHAPES, _SHAPES[::-1]):
        target, ratio = _find(after, name), read_ratio(asked.get(other))
        if ratio is None or name in asked or target is None or not target.settable or _find(after, other):
            continue
        for choice in target.choices:
            if read_ratio(choice) == ratio:
                return {name: choice}
    return {}


def _says_the_same(name: str, value: Value, asked: Mapping[str, Value], after: Sequence[Parameter]) -> bool:
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
    asked = (
        parameter.effective(values) for name in ("size", "aspect_ratio") if (parameter := _find(cell.parameters, name))
    )
    return next((ratio for value in asked if (ratio := read_ratio(value)) is not None), None)
