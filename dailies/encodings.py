"""Named encodings of the wire: how typed text is read, and which type a value is written as.

The catalog names them in its placements, and its loader refuses a name that is not here. `dailies.request` uses them.
Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from dailies.text import clean_leaves

_SHOT = re.compile(r"\s*([0-9]{1,3})\s*s?\s*:\s*(\S.*?)\s*")
_MOST_SHOTS, _MOST_SHOT_CHARS = 6, 512


@dataclass(frozen=True, slots=True)
class Reading:
    """A small language for text fields. `read` raises `ValueError` with the reason; `fix` tells what to write."""

    read: Callable[[str], Any]
    fix: str


def read_json(text: str) -> Any:
    """Read JSON, its text cleaned. Raises `ValueError` for anything else, `NaN` and infinities included."""
    try:
        return clean_leaves(json.loads(text, parse_constant=_refuse_constant))
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} in line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def read_object(text: str) -> dict[str, Any]:
    """Read a JSON object; empty text is an empty object. Raises `ValueError` for anything else."""
    found = read_json(text) if text.strip() else {}
    if not isinstance(found, dict):
        raise ValueError("it is not a JSON object")
    return found


def read_shots(text: str) -> list[dict[str, str | int]]:
    """Read the shots of a clip, one per line as `3 s: what happens`.

    Returns `{index, prompt, duration}` for each: `index` from 1, `duration` in seconds, as text. Raises `ValueError`
    that names the shot. One to six shots of at least 1 s, with at most 512 characters each.
    """
    found: list[dict[str, str | int]] = []
    for number, line in enumerate((line for line in text.splitlines() if line.strip()), start=1):
        match = _SHOT.fullmatch(line)
        if match is None or int(match[1]) < 1:
            raise ValueError(f"shot {number} does not start with its seconds and a colon")
        if len(match[2]) > _MOST_SHOT_CHARS:
            raise ValueError(f"shot {number} has {len(match[2])} characters; at most {_MOST_SHOT_CHARS} are allowed")
        found.append({"index": number, "prompt": match[2], "duration": match[1]})
    if not 1 <= len(found) <= _MOST_SHOTS:
        raise ValueError(f"there are {len(found)} shots; 1 to {_MOST_SHOTS} are allowed")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _as_json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


READINGS: Mapping[str, Reading] = {
    "json": Reading(read_json, "Write JSON."),
    "shots": Reading(read_shots, "Write one shot per line: 3 s: what happens."),
}
"""Name -> how typed text is read before it is placed."""

CASTS: Mapping[str, Callable[[Any], Any]] = {
    "plain": lambda value: value,
    "text": str,
    "integer": int,
    "number": float,
    "json": _as_json_text,
}
"""Name -> how a value is written at its place."""
