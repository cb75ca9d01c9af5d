"""The largest length, ratio, size and sound that all lanes of a comparison take, as far as there is one. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dailies.compare.values import is_same, respell, spell
from dailies.domain import Cell
from dailies.parameter import Parameter
from dailies.vocabulary import Value, parameter_name

NAMES = ("seconds", "aspect_ratio", "resolution", "size", "audio")
"""What makes clips comparable, in the order in which it is said."""

_SHAPES = ("16:9", "9:16", "1:1")  # the usual ones first, where nobody has chosen


@dataclass(frozen=True, slots=True)
class Equal:
    """`values`: by parameter, what to set for all lanes. `said`: in sentences, what becomes of each."""

    values: Mapping[str, Value]
    said: tuple[str, ...]


def find_equal(cells: Sequence[tuple[str, Cell]], chosen: Mapping[str, Value]) -> Equal:
    """Find the largest values that all lanes take. `cells` pairs lanes' names with their cells.

    `chosen`: the idea's values; a chosen ratio that all lanes take stays.
    """
    values: dict[str, Value] = {}
    said: list[str] = []
    for name in NAMES:
        known = [
            (lane, parameter) for lane, cell in cells if (parameter := _find(cell, name)) and not parameter.refused
        ]
        if not known or all(parameter.fixed is not None for _, parameter in known):
            continue
        title = parameter_name(name).title
        common = [value for value in _list_values(known) if all(_takes(parameter, value) for _, parameter in known)]
        if not common:
            offers = "; ".join(f"{lane} takes {_spell_offer(parameter)}" for lane, parameter in known)
            said.append(f"{title}: nothing in common. {offers}.")
            continue
        best = max(common, key=lambda value: _rank(name, value, chosen.get(name)))
        values[name] = best
        others = [lane for lane, cell in cells if _find(cell, name) is None]
        rest = f" {', '.join(others)} cannot be told." if others else ""
        said.append(
            f"{title} {spell(name, best)} for all that take one.{rest}" if others else f"{title} {spell(name, best)}."
        )
    return Equal(values, tuple(said))


def _find(cell: Cell, name: str) -> Parameter | None:
    return next((parameter for parameter in cell.parameters if parameter.id == name), None)


def _list_values(known: Sequence[tuple[str, Parameter]]) -> list[Value]:
    found: list[Value] = []
    for _, parameter in known:
        bounds = (parameter.minimum, parameter.maximum) if not parameter.choices else ()
        for value in (*parameter.choices, parameter.fixed, *bounds):
            if value is not None and not any(is_same(value, other) for other in found):
                found.append(value)
    return found


def _takes(parameter: Parameter, value: Value) -> bool:
    if parameter.fixed is not None:
        return is_same(parameter.fixed, value)
    return (bool(parameter.choices) or parameter.is_range) and parameter.lists(respell(parameter, value))


def _rank(name: str, value: Value, chosen: Value | None) -> tuple[bool, float]:
    if name == "aspect_ratio":
        place = _SHAPES.index(str(value)) if str(value) in _SHAPES else len(_SHAPES)
        return is_same(value, chosen), -place
    if name == "audio":
        return is_same(value, "on"), 0
    numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", str(value))]
    size = numbers[0] * numbers[1] if len(numbers) > 1 else numbers[0] if numbers else 0
    return False, size * (1000 if re.search(r"\dk\b", str(value), re.IGNORECASE) else 1)


def _spell_offer(parameter: Parameter) -> str:
    if parameter.fixed is not None:
        return spell(parameter.id, parameter.fixed)
    if parameter.choices:
        return ", ".join(spell(parameter.id, choice) for choice in parameter.choices)
    if parameter.is_range:
        return f"{parameter.minimum} to {parameter.maximum}"
    return "any text"
