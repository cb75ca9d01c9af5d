"""Values between models: how one is written for people, when two spellings mean one value, which one is nearest.

Pure. Does not know cells: a parameter is `dailies.parameter`, what is refused is `dailies.request.draft`.
"""

from __future__ import annotations

import re
from math import floor, isfinite
from urllib.parse import urlsplit

from dailies.parameter import Parameter
from dailies.vocabulary import Value, parameter_name

_LONG = 60  # characters of a typed text to repeat


def spell(name: str, value: Value) -> str:
    """Write a value with its unit for people. Long text is cut; web addresses are redacted."""
    text = redact(" ".join(str(value).split()))
    text = text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"
    unit = parameter_name(name).unit
    return f"{text} {unit}" if unit else text


def redact(text: str) -> str:
    """Cut every web address in a text down to what may be shown of it, as `redact_address` does."""
    return re.sub(r"https?://[^\s\"<>]+", lambda found: redact_address(found[0]), text, flags=re.IGNORECASE)


def redact_address(address: str) -> str:
    """Return scheme, host and path of a web address: no user name, password, query or fragment."""
    try:
        parts = urlsplit(address)
    except ValueError:  # a bracket that opens no address
        return "a link"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def is_same(one: Value | None, other: Value | None) -> bool:
    """Whether two values are one in different spellings: `720P` and `720p`, `1280*720` and `1280x720`, `8` and 8."""
    return normalise(one) == normalise(other)


def respell(parameter: Parameter, value: Value) -> Value:
    """Return a value in the parameter's own spelling, where it has one for it."""
    return next((choice for choice in parameter.choices if is_same(choice, value)), parameter.coerce(value))


def find_nearest(parameter: Parameter, value: Value) -> Value | None:
    """Return the value where it is taken, else the nearest number that is (of two, the higher); else None.

    Where only whole numbers are taken, one halfway between two is rounded up: 7.5 becomes 8.
    """
    own = respell(parameter, value)
    if parameter.accepts(own):
        return own
    if not isinstance(own, (int, float)) or not isfinite(own):
        return None
    numbers = [choice for choice in parameter.choices if isinstance(choice, (int, float))]
    if numbers:
        return min(numbers, key=lambda number: (abs(number - own), -number))
    if not parameter.is_range:
        return None
    number = own if parameter.decimal else floor(own + 0.5)
    number = number if parameter.minimum is None else max(number, parameter.minimum)
    return number if parameter.maximum is None else min(number, parameter.maximum)


def normalise(value: Value | None) -> str | float | None:
    """Return a value without its spelling, for comparison. Only numbers and sizes have several spellings."""
    if value is None:
        return None
    text = str(value).strip()
    if re.fullmatch(r"\d+[pPkK]|\d+[*×xX]\d+", text):
        return re.sub("[*×]", "x", text.lower())
    return float(text) if re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", text) else text
