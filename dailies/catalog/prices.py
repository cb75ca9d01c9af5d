"""Reads the operator's price file and estimates the cost of a request.

Holds no prices of its own and guesses none: a cost that the file does not state is unknown, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from dailies.catalog.files import Strict, plain_number, read
from dailies.domain import Cell, Request
from dailies.errors import CatalogError
from dailies.money import Money
from dailies.parameter import text_of
from dailies.rewriting import Tokens
from dailies.vocabulary import PARAMETERS, Value


def _one_word(value: str) -> str:
    if not value or len(value) > 12 or any(sign.isspace() for sign in value):
        raise ValueError('write one short word, such as "USD"')
    return value


def _pattern(value: str) -> str:
    if not value.strip() or any(sign in value for sign in "?[]"):
        raise ValueError("write a model id, or a pattern with * for any characters")
    return value


Amount = Annotated[Decimal, BeforeValidator(plain_number), Field(ge=0)]
Currency = Annotated[str, AfterValidator(_one_word)]


class PriceSpec(Strict):
    """One row. `model` is an id or a pattern with `*`; `when` maps parameter ids to the values that the row covers.

    A row prices clips, or the answers of a chat model: by call, and by a million tokens in and out.
    """

    model: Annotated[str, AfterValidator(_pattern)]
    per_second: Amount | None = None
    per_clip: Amount | None = None
    per_call: Amount | None = None
    per_million_in: Amount | None = None
    per_million_out: Amount | None = None
    when: dict[str, Any] = Field(default_factory=dict)
    currency: Currency | None = None
    source: str = ""
    checked: date | None = None

    @model_validator(mode="after")
    def _has_a_price(self) -> Self:
        clip = self.per_second is not None or self.per_clip is not None
        if not clip and not self.is_chat:
            raise ValueError("has no price: give per_second, per_clip or both")
        if clip and self.is_chat:
            raise ValueError("prices both clips and a chat model's calls: make two rows of it")
        if self.is_chat and self.when:
            raise ValueError("prices a chat model's calls, which have no parameters: take `when` away")
        return self

    @property
    def is_chat(self) -> bool:
        return any(each is not None for each in (self.per_call, self.per_million_in, self.per_million_out))


class PriceFile(Strict):
    """The whole file. Currency, source and date apply to every row that has none of its own."""

    currency: Currency | None = None
    source: str = ""
    checked: date
    prices: list[PriceSpec] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Cost:
    """The estimated cost of one clip, with the source of the price and the day it was last checked."""

    amount: Decimal
    currency: str
    source: str
    checked: date


@dataclass(frozen=True, slots=True)
class Unpriced:
    """The reason why a cost is unknown."""

    why: str


@dataclass(frozen=True, slots=True)
class Row:
    """What every resolved row of the file has. `model` is an id or a pattern."""

    model: str
    currency: str
    source: str
    checked: date

    def covers(self, model_id: str) -> bool:
        return fnmatchcase(model_id, self.model)


@dataclass(frozen=True, slots=True)
class Price(Row):
    """A row for clips. The values of `when` are in lower case: 720P and 720p are the same resolution."""

    per_second: Decimal
    per_clip: Decimal
    when: Mapping[str, frozenset[str]]

    def hides(self, later: Row) -> bool:
        """Whether every request that fits a later row already fits this one."""
        if not isinstance(later, Price):
            return False
        wider = all(name in later.when and later.when[name] <= values for name, values in self.when.items())
        return wider and self.covers(later.model)


@dataclass(frozen=True, slots=True)
class ChatPrice(Row):
    """A row for the calls of a chat model."""

    per_call: Decimal
    per_million: tuple[Decimal, Decimal]  # tokens in and out

    def hides(self, later: Row) -> bool:
        """Whether every call that fits a later row already fits this one."""
        return isinstance(later, ChatPrice) and self.covers(later.model)

    @property
    def by_tokens(self) -> bool:
        """Whether the price is known only after the answer."""
        return any(self.per_million)

    def price(self, tokens: Tokens | None) -> Money | None:
        """Price one call. `tokens` are None where the answer does not count them; a price by tokens is unknown then."""
        if tokens is None:
            return None if self.by_tokens else Money(self.per_call, self.currency)
        used = self.per_million[0] * tokens.taken + self.per_million[1] * tokens.given
        return Money(self.per_call + used / 1_000_000, self.currency)


@dataclass(frozen=True, slots=True)
class Prices:
    """The rows of a price file, in order. The first one that fits a request sets its price."""

    rows: tuple[Price, ...] = ()
    chat: tuple[ChatPrice, ...] = ()

    def find_chat(self, model: str) -> ChatPrice | None:
        """Find the row for the calls of a chat model."""
        return next((row for row in self.chat if row.covers(model)), None)

    def estimate(self, request: Request, cell: Cell) -> Cost | Unpriced:
        """Estimate the cost of one clip from the values in effect: sent, or else the gateway's known ones."""
        named = request.sent_as or request.model
        rows = [row for row in self.rows if row.covers(named)]
        if not rows:
            return Unpriced("no price is on file")
        facts = cell.in_effect(request.values)
        for row in rows:
            unmet = [name for name, values in row.when.items() if not _meets(facts.get(name), values)]
            if not unmet:
                return _price(row, facts.get("seconds"))
            # A condition on an unsupported parameter is false; on an unset one, the price is unknown.
            if all(name in facts and facts[name] is None for name in unmet):
                return Unpriced(f"the price depends on {PARAMETERS[unmet[-1]].title.lower()}, which is not set")
        return Unpriced("no price on file is for these values")


def _meets(value: Value | None, wanted: frozenset[str]) -> bool:
    return value is not None and text_of(value).lower() in wanted


def _price(row: Price, seconds: Value | None) -> Cost | Unpriced:
    """Price a request by its row. `seconds` is the duration of the clip, None if unknown."""
    if not row.per_second:
        return Cost(row.per_clip, row.currency, row.source, row.checked)
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        return Unpriced("the price is per second, and the duration is unknown")
    return Cost(row.per_clip + row.per_second * Decimal(text_of(seconds)), row.currency, row.source, row.checked)


def load_prices(path: Path) -> Prices:
    """Read a price file. Raises `CatalogError` naming file and key for anything undocumented or out of reach."""
    file = read(path, PriceFile)
    placed: list[Price | ChatPrice] = []
    for index, spec in enumerate(file.prices):
        key = f"prices.{index}"
        currency = spec.currency or file.currency
        if not (spec.source or file.source):
            raise CatalogError(path.name, key, "has no source here or at the top of the file")
        if not currency:
            raise CatalogError(path.name, f"{key}.currency", "is missing here and at the top of the file")
        row = _resolve(path, key, spec, currency, spec.source or file.source, spec.checked or file.checked)
        for earlier, other in enumerate(placed):
            if other.hides(row):
                raise CatalogError(
                    path.name, key, f"is never reached: prices.{earlier} fits first. Move it above that row"
                )
        placed.append(row)
    clips = tuple(row for row in placed if isinstance(row, Price))
    return Prices(clips, tuple(row for row in placed if isinstance(row, ChatPrice)))


def _resolve(path: Path, key: str, spec: PriceSpec, currency: str, source: str, checked: date) -> Price | ChatPrice:
    nothing = Decimal(0)
    if spec.is_chat:
        millions = (spec.per_million_in or nothing, spec.per_million_out or nothing)
        return ChatPrice(spec.model, currency, source, checked, spec.per_call or nothing, millions)
    when = {name: _values(path, f"{key}.when.{name}", name, given) for name, given in spec.when.items()}
    per_second, per_clip = spec.per_second or nothing, spec.per_clip or nothing
    return Price(spec.model, currency, source, checked, per_second, per_clip, when)


def _values(path: Path, key: str, name: str, given: Any) -> frozenset[str]:
    if name not in PARAMETERS:
        raise CatalogError(path.name, key, "is not a parameter id")
    values = given if isinstance(given, list) else [given]
    if not values or any(isinstance(value, bool) or not isinstance(value, (str, int, float)) for value in values):
        raise CatalogError(path.name, key, 'needs a word or a number, or a list of them: "on", 5, ["720P", "768P"]')
    return frozenset(text_of(value).lower() for value in values)
