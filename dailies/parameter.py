"""A parameter of a cell: its place on the wire, the values it takes, and how they are read and spelled.

A parameter answers for itself: the catalog, the form, the check, the prices and the lanes all ask the same rule. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, TypeGuard

from dailies.origin import Origin
from dailies.vocabulary import PARAMETERS, Support, Value


@dataclass(frozen=True, slots=True)
class Placement:
    """A place on the wire. `to` is a dotted path; a trailing `[]` appends to a list.

    `values` maps our word for a value to the wire's. `template` is a JSON value with one hole, the string `{}`; in it
    `{n}` stands for the position in the list, from 1.
    """

    to: str
    cast: str = "plain"  # plain, text (as a string), integer, number (decimals too), json (as JSON text)
    values: Mapping[str, Any] = field(default_factory=dict)
    template: Any = None
    read: str = ""  # the reading of typed text before it is placed; the names are in `dailies.readings`
    alone: bool = False  # in a list: a single value stands there by itself


@dataclass(frozen=True, slots=True)
class Start:
    """What a form starts with where nothing would be sent, and why. A person may take it away.

    Only forms know it: a request that does not name the parameter is sent without it.
    """

    value: Value
    note: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that a person may choose, resolved for one cell.

    Exactly one shape applies: `fixed` (a fact, not a choice), `choices`, a range, or free text. A range holds whole
    numbers, or decimals if the wire takes a `number`. `free` lets other values through with a notice, because the
    sources disagree about what is accepted.
    """

    id: str
    origin: Origin
    placement: Placement | None  # None: nothing is sent, the value is part of the model's name
    choices: tuple[Value, ...] = ()
    minimum: int | float | None = None
    maximum: int | float | None = None
    default: Value | None = None  # sent unless the person chooses otherwise; None: nothing is sent
    assumed: Value | None = None  # the value that the gateway uses if nothing is sent, where that is known
    start: Start | None = None  # what a form starts with instead of nothing
    fixed: Value | None = None
    free: bool = False
    required: bool = False
    max_chars: int | None = None
    refused: str = ""  # not empty: on the wire, but the model refuses it; the reason, in words
    support: Support = Support.SUPPORTED
    note: str = ""

    @property
    def title(self) -> str:
        return PARAMETERS[self.id].title

    @property
    def unit(self) -> str:
        return PARAMETERS[self.id].unit

    @property
    def is_range(self) -> bool:
        return self.minimum is not None or self.maximum is not None

    @property
    def settable(self) -> bool:
        """Whether the person has a choice: neither fixed by the model nor refused by it."""
        return self.fixed is None and not self.refused

    @property
    def decimal(self) -> bool:
        """Whether the wire takes decimals."""
        return self.placement is not None and self.placement.cast == "number"

    @property
    def numeric(self) -> bool:
        """Whether only numbers make sense."""
        if self.decimal or (self.placement is not None and self.placement.cast == "integer"):
            return True
        return self.is_range or any(map(self.counts, (*self.choices, self.fixed)))

    def counts(self, value: Value | None) -> TypeGuard[int | float]:
        """Whether a value is a number of the kind taken here: whole, or a finite decimal. A bool is not a number."""
        if isinstance(value, float):
            return self.decimal and isfinite(value)
        return isinstance(value, int) and not isinstance(value, bool)

    def effective(self, values: Mapping[str, Value]) -> Value | None:
        """The value that applies: fixed by the model, else chosen, else the default, else None."""
        return self.fixed if self.fixed is not None else values.get(self.id, self.default)

    def lists(self, value: Value) -> bool:
        """Whether a value is one of those that the sources list."""
        if self.choices:
            return any(self._equal(value, choice) for choice in self.choices)
        if not self.numeric:
            return True
        low, high = self.minimum, self.maximum
        return self.counts(value) and (low is None or value >= low) and (high is None or value <= high)

    def accepts(self, value: Value) -> bool:
        """Whether a value may be sent: it is listed, or `free` lets it through, which needs a number for a number."""
        return self.lists(value) or (self.free and (self.counts(value) or not self.numeric))

    def coerce(self, raw: Value) -> Value:
        """Our own word for a value as typed or as spelled on the wire. An unknown spelling is returned unchanged."""
        on_wire = self.placement.values if self.placement else {}
        words: dict[str, Value] = {str(wire).lower(): ours for ours, wire in on_wire.items()}
        words |= {str(ours).lower(): ours for ours in (*on_wire, *self.choices)}  # our own words come first
        word = str(raw).strip().lower()
        if word in words:
            return words[word]
        if self.numeric and not isinstance(raw, bool):
            try:
                return float(raw) if self.decimal else _whole(raw)
            except (ValueError, OverflowError):
                return raw
        return raw

    def spell(self, value: Value | None) -> str:
        """The value with its unit, for people: `12 s`, `16:9`, `not sent`."""
        return "not sent" if value is None else self.one_of((value,))

    def one_of(self, values: Sequence[Value]) -> str:
        """Alternatives in words, with the unit: `5, 10 or 15 s`."""
        *most, last = map(text_of, values)
        return self._measured(f"{', '.join(most)} or {last}" if most else last)

    @property
    def takes(self) -> str:
        """What can be given, in words: `5, 10 or 15 s`, `4 to 11 s`, `free text`."""
        if self.fixed is not None:
            return self.spell(self.fixed)
        if self.choices:
            return self.one_of(self.choices)
        if self.minimum is not None and self.maximum is not None:
            return self._measured(f"{text_of(self.minimum)} to {text_of(self.maximum)}")
        if self.minimum is not None:
            return f"{self.spell(self.minimum)} or more"
        if self.maximum is not None:
            return f"up to {self.spell(self.maximum)}"
        if self.numeric:
            return "a number" if self.decimal else "a whole number"
        return "free text"

    def _equal(self, value: Value, choice: Value) -> bool:
        return value == choice and (self.counts(value) if self.counts(choice) else type(value) is type(choice))

    def _measured(self, text: str) -> str:
        return f"{text} {self.unit}" if self.unit else text


def text_of(value: Value) -> str:
    """A value as text. A whole number is written the same whatever its type: `1`, never `1.0`."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else str(value)


def _whole(raw: str | int | float) -> int:
    """A whole number as typed. Raises `ValueError` for any other text or decimal, `OverflowError` for infinity."""
    number = int(raw)
    if isinstance(raw, float) and raw != number:
        raise ValueError(f"{raw} is not a whole number")
    return number
