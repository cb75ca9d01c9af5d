"""A parameter of a cell, resolved: where it stands on the wire, what it accepts, and how its values are spelled.

A parameter answers for itself, so that the catalog, the form, the check and the lanes all ask the same rule. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dailies.origin import Origin
from dailies.vocabulary import PARAMETERS, Support, Value


@dataclass(frozen=True, slots=True)
class Placement:
    """A place on the wire. `to` is a dotted path, `[]` at its end appends; `values` maps our word to the wire's.

    `template` is a JSON value with one hole, the string `{}`; `{n}` in it is the position in the list, from 1.
    """

    to: str
    cast: str = "plain"  # plain, text (as a string), integer, number, json (as JSON text)
    values: Mapping[str, Any] = field(default_factory=dict)
    template: Any = None
    read: str = ""  # how typed text is read before it is placed: `json` or `shots`, see dailies.request.wire


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value the person may choose, fully resolved for one cell.

    Exactly one shape applies: `fixed` (a fact, not a choice), `choices`, a whole-number range, or free text.
    `free` lets other values through with a notice, where the sources disagree about what is accepted.
    """

    id: str
    origin: Origin
    placement: Placement | None  # None: nothing is sent, the value is part of the model's name
    choices: tuple[Value, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    default: Value | None = None  # sent unless the person chooses otherwise; None: nothing is sent
    assumed: Value | None = None  # what the gateway takes when nothing is sent, where that is known
    fixed: Value | None = None
    free: bool = False
    required: bool = False
    max_chars: int | None = None
    refused: str = ""  # not empty: on the wire, but the model refuses it; why, in words
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

    def spell(self, value: Value | None) -> str:
        """The value with its unit, for people: `12 s`, `16:9`, `not sent`."""
        if value is None:
            return "not sent"
        return f"{value} {self.unit}" if self.unit else str(value)

    def effective(self, values: Mapping[str, Value]) -> Value | None:
        """The value that will hold: fixed by the model, else chosen, else the default, else None."""
        return self.fixed if self.fixed is not None else values.get(self.id, self.default)

    def lists(self, value: Value) -> bool:
        """Whether a value is among those that the sources list."""
        if self.choices:
            return value in self.choices
        if self.is_range:
            low = self.minimum is None or (isinstance(value, int) and value >= self.minimum)
            high = self.maximum is None or (isinstance(value, int) and value <= self.maximum)
            return isinstance(value, int) and low and high
        return True

    def accepts(self, value: Value) -> bool:
        """Whether a value is listed, or may be sent anyway: `free`, and a number where a number is meant."""
        return self.lists(value) or (self.free and (isinstance(value, int) or not self.numeric))

    @property
    def numeric(self) -> bool:
        """Whether only whole numbers make sense."""
        if self.placement and self.placement.cast == "integer":
            return True
        return self.is_range or any(isinstance(choice, int) for choice in (*self.choices, self.fixed))

    def one_of(self, values: Sequence[Value]) -> str:
        """Alternatives in words, with the unit: `5, 10 or 15 s`."""
        *most, last = (str(value) for value in values)
        unit = f" {self.unit}" if self.unit else ""
        return f"{', '.join(most)} or {last}{unit}" if most else f"{last}{unit}"

    @property
    def settable(self) -> bool:
        """Whether the person has a choice: neither fixed by the model nor refused by it."""
        return self.fixed is None and not self.refused

    @property
    def takes(self) -> str:
        """What can be given, in words: `5, 10 or 15 s`, `4 to 11 s`, `free text`."""
        unit = f" {self.unit}" if self.unit else ""
        if self.fixed is not None:
            return self.one_of((self.fixed,))
        if self.choices:
            return self.one_of(self.choices)
        if self.minimum is not None and self.maximum is not None:
            return f"{self.minimum} to {self.maximum}{unit}"
        if self.minimum is not None:
            return f"{self.minimum}{unit} or more"
        if self.maximum is not None:
            return f"up to {self.maximum}{unit}"
        return "free text"
