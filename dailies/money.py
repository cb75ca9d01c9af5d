"""Amounts of money, and what runs and calls of chat models were expected to cost. Pure records."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency, which is any short word of the operator's. Amounts of two currencies never add up."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Spent:
    """What the runs of a day, a model and a person were expected to cost; with `chat`, the calls of a chat model.

    `known` are the sums by currency; `unknown` counts those without a known price, which is not zero; `free` counts
    those of the sandbox, which charges nothing.
    """

    day: str  # YYYY-MM-DD, in UTC
    model: str
    owner: str
    times: int
    known: tuple[Money, ...]
    unknown: int
    free: int = 0
    chat: bool = False
