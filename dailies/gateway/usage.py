"""What a reply says a task has used or cost, in the gateway's own names and figures. Pure.

Gateways name neither unit nor currency, so nothing is added up or converted: the figures stand beside the estimate.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from dailies.gateway.body import as_text, walk
from dailies.gateway.fallbacks import ECHO, split_key
from dailies.text import clean

_MOST = 6
_CHARS = 240
_MOST_UNITS = Decimal("1e15")  # beyond that it is an id or a time
_SPEAKS = frozenset({"usage", "cost", "costs", "price", "charge", "charged", "billing", "credits", "quota", "spend"})
_LIMITS = frozenset({"max", "limit", "remaining", "balance", "left", "available", "unit", "rate", "per", "estimated"})
_CURRENCIES = ("currency", "cost_currency", "price_currency")


def read_usage(body: Any) -> str:
    """List the figures below keys that speak of usage or a price, such as `total_tokens 173000, cost 0.35 USD`.

    "" if there is none. What the reply repeats of the request is left out, and what is only a limit or a balance.
    """
    found: dict[str, None] = {}
    for keys, value, parent in walk(body):
        if any(key.lower() in ECHO for key in keys):
            continue
        words = {word for key in keys for word in split_key(key)}
        if not words & _SPEAKS or words & _LIMITS:
            continue
        number = _read_number(value)
        if number is None:
            continue
        currency = next((as_text(parent[name]).strip() for name in _CURRENCIES if name in parent), "")
        money = _SPEAKS & set(split_key(keys[-1])) - {"usage", "credits", "quota"}
        found[f"{keys[-1]} {number}{f' {currency[:12]}' if currency and money else ''}"] = None
    return clean(", ".join(list(found)[:_MOST]), _CHARS)


def _read_number(value: Any) -> str | None:
    """Return a positive number as text; None for anything else, a nought included: it says that nothing is known."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(as_text(value).strip())
    except InvalidOperation:
        return None
    return f"{number.normalize():f}" if number.is_finite() and 0 < number < _MOST_UNITS else None
