"""Values between models: how one is written for people, when two spellings are one value, what comes nearest.

Pure. Does not know a cell: which parameters there are is `dailies.domain`, what is refused is `dailies.request.draft`.
"""

from __future__ import annotations

import re
from math import floor, isfinite
from urllib.parse import urlsplit

from dailies.parameter import Parameter
from dailies.vocabulary import Value, parameter_name

_LONG = 60  # characters of a typed text that are repeated


def spell(name: str, value: Value) -> str:
    """A value with its unit for people. A long text is cut; a web address loses what may be secret in it."""
    text = shareable(" ".join(str(value).split()))
    text = text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"
    unit = parameter_name(name).unit
    return f"{text} {unit}" if unit else text


def shareable(text: str) -> str:
    """A text in which every web address is `without_query`."""
    return re.sub(r"https?://[^\s\"'<>]+", lambda found: without_query(found[0]), text)


def without_query(address: str) -> str:
    """Host and path of a web address: what may be shown of it."""
    try:
        parts = urlsplit(address)
    except ValueError:  # a bracket that opens no address
        return "a link"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def same(one: Value | None, other: Value | None) -> bool:
    """Whether two values are one in different spellings: `720P` and `720p`, `1280*720` and `1280x720`, `8` and 8."""
    return plain(one) == plain(other)


def ours(parameter: Parameter, value: Value) -> Value:
    """A value in the parameter's own spelling, where it has the same one."""
    return next((choice for choice in parameter.choices if same(choice, value)), parameter.coerce(value))


def nearest(parameter: Parameter, value: Value) -> Value | None:
    """The value where it is taken, else the nearest number that is (the higher of two); None for anything else."""
    own = ours(parameter, value)
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


def plain(value: Value | None) -> str | float | None:
    """A value without its spelling, to compare with others. Only numbers and measures have several."""
    if value is None:
        return None
    text = str(value).strip()
    if re.fullmatch(r"\d+[pPkK]|\d+[*×xX]\d+", text):
        return re.sub("[*×]", "x", text.lower())
    return float(text) if re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", text) else text
