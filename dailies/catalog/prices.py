"""What a clip costs, by the operator's price file: the file's format, its reading, and the price of one request.

Owns no price: the catalog has none and nothing is guessed. What the file does not say stays unknown, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from dailies.catalog.files import Strict, plain_number, read
from dailies.domain import Cell, Request
from dailies.errors import CatalogError
from dailies.parameter import text_of
from dailies.vocabulary import PARAMETERS, Value


def _one_word(value: str) -> str:
    if not value or len(value) > 12 or any(sign.isspace() for sign in value):
        raise ValueError('write one short word, such as "USD"')
    return value


def _pattern(value: str) -> str:
    if not value.strip() or any(sign in value for sign in "?[]"):
        raise ValueError("write a model id, or a pattern with * for any letters")
    return value


Amount = Annotated[Decimal, BeforeValidator(plain_number), Field(ge=0)]
Currency = Annotated[str, AfterValidator(_one_word)]


class PriceSpec(Strict):
    """One row: `model` is an id or a pattern with `*`; `when` maps parameter ids to the values it is for."""

    source: str = ""
    checked: date | None = None

    model: Annotated[str, AfterValidator(_pattern)]
    per_second: Amount | None = None
    per_clip: Amount | None = None
    when: dict[str, Any] = Field(default_factory=dict)
    currency: Currency | None = None


class PriceFile(Strict):
    """The whole file. Currency, source and date hold for every row that has none of its own."""

    currency: Currency | None = None
    source: str = ""
    checked: date
    prices: list[PriceSpec] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one clip costs, where that stands in the operator's words, and when it was last looked at."""

    amount: Decimal
    currency: str
    source: str
    checked: date


@dataclass(frozen=True, slots=True)
class Unpriced:
    """Why no cost can be given, in words."""

    why: str


@dataclass(frozen=True, slots=True)
class Price:
    """A row, resolved. `when` holds the values in lower case: 720P and 720p are one resolution."""

    model: str
    per_second: Decimal
    per_clip: Decimal
    when: Mapping[str, frozenset[str]]
    currency: str
    source: str
    checked: date

    def covers(self, model_id: str) -> bool:
        return self.model == model_id or fnmatchcase(model_id, self.model)

    def hides(self, later: Price) -> bool:
        """Whether no request can get past this row to a later one."""
        wider = all(name in later.when and later.when[name] <= values for name, values in self.when.items())
        return wider and self.covers(later.model)


@dataclass(frozen=True, slots=True)
class Prices:
    """The rows of a price file in their order; the first that fits a request is its price."""

    rows: tuple[Price, ...] = ()

    def cost(self, request: Request, cell: Cell) -> Cost | Unpriced:
        """The cost of one clip, by the values that will hold: sent, or else what the gateway is known to take."""
        named = request.sent_as or request.model
        rows = [row for row in self.rows if row.covers(named)]
        if not rows:
            return Unpriced("no price is on file")
        facts = {p.id: request.values.get(p.id, p.assumed) for p in cell.parameters}
        for row in rows:
            fits, open_question = _fits(row, facts)
            if open_question:
                return Unpriced(f"the price depends on {open_question}, which is not set")
            if fits:
                return _priced(row, facts.get("seconds"))
        return Unpriced("no price on file is for these values")


def _fits(row: Price, facts: Mapping[str, Value | None]) -> tuple[bool, str]:
    """(whether every condition holds, the parameter on which that cannot be said).

    What a model does not take holds for no condition; what it takes and nobody has set leaves the question open.
    """
    open_question = ""
    for name, values in row.when.items():
        value = facts.get(name)
        if name not in facts or (value is not None and text_of(value).lower() not in values):
            return False, ""
        if value is None:
            open_question = PARAMETERS[name].title.lower()
    return not open_question, open_question


def _priced(row: Price, seconds: Value | None) -> Cost | Unpriced:
    if not row.per_second:
        return Cost(row.per_clip, row.currency, row.source, row.checked)
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        return Unpriced("the price is per second, and the length is not known")
    return Cost(row.per_clip + row.per_second * Decimal(text_of(seconds)), row.currency, row.source, row.checked)


def load_prices(path: Path) -> Prices:
    """Read a price file. Raises `CatalogError` that names file and key for anything that is not as documented."""
    file = read(path, PriceFile)
    rows: list[Price] = []
    for index, spec in enumerate(file.prices):
        key = f"prices.{index}"
        if spec.per_second is None and spec.per_clip is None:
            raise CatalogError(path.name, key, "has no price: give per_second, per_clip or both")
        currency = spec.currency or file.currency
        if not (spec.source or file.source):
            raise CatalogError(path.name, key, "states a fact without a source")
        if not currency:
            raise CatalogError(path.name, f"{key}.currency", "is missing, here and at the top of the file")
        row = Price(
            spec.model,
            spec.per_second or Decimal(0),
            spec.per_clip or Decimal(0),
            {name: _values(path, f"{key}.when.{name}", name, given) for name, given in spec.when.items()},
            currency,
            spec.source or file.source,
            spec.checked or file.checked,
        )
        for earlier, other in enumerate(rows):
            if other.hides(row):
                raise CatalogError(path.name, key, f"is never reached: prices.{earlier} fits first; put it before that")
        rows.append(row)
    return Prices(tuple(rows))


def _values(path: Path, key: str, name: str, given: Any) -> frozenset[str]:
    if name not in PARAMETERS:
        raise CatalogError(path.name, key, "is not a parameter id")
    values = given if isinstance(given, list) else [given]
    if not values or any(isinstance(value, bool) or not isinstance(value, (str, int, float)) for value in values):
        raise CatalogError(path.name, key, 'takes a word or a number, or a list of them: "on", 5, ["720P", "768P"]')
    return frozenset(text_of(value).lower() for value in values)
