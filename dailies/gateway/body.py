"""Reads the body of an answer as plain values, and finds values in it.

Owns bytes -> text -> JSON for servers that nobody here wrote: encodings, byte order marks, lone surrogates, numbers
that are none, JSON inside a text. What a value means belongs to `replies`, `fallbacks` and `refusals`. Pure.
"""

from __future__ import annotations

import ast
import codecs
import json
import math
import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from dailies.text import clean

Path = tuple[str, ...]
"""The keys that lead to a value, outermost first; positions in a list are left out."""

DEEPEST = 32
"""Levels of a body that are read; what lies deeper is dropped."""

_NODES = 50_000
_NESTED = 4  # levels of JSON inside a text inside JSON
_LONGEST_NESTED = 1_000_000
_NO_DATA = re.compile(r"\s*((event|id|retry)?:|data:\s*\[DONE\]\s*$)")  # lines of an event stream without an object
_FENCED = re.compile(r"\s*```\w*\s+(.*?)\s*```\s*", re.DOTALL)
_PRINTED = re.compile(r"\s*\[?\s*\{\s*'")
_PAGE = re.compile(r"<(!doctype|html|head|body|script)\b", re.IGNORECASE)
_BEGINS = re.compile(r"^[ \t]*(?:\)\]\}',?\s*|(?:/\*\*/)?[A-Za-z_$][\w.$]*\()?(?=[{\[])", re.MULTILINE)
_NEXT = re.compile(r"[\s,;)]*(?=[{\[])")
_MOST_BEGINNINGS = 20
_DECODER = json.JSONDecoder()
_COMMAS = re.compile(r",(?=\s*[}\]])")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def decode_text(data: bytes, content_type: str = "") -> str:
    """Decode an answer: by its byte order mark, else as UTF-8, else as its label says; wrong bytes become U+FFFD."""
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        found = re.search(r"charset=[\"']?([\w.:-]+)", content_type, re.IGNORECASE)
        try:
            return data.decode(found.group(1) if found else encoding, errors="replace")
        except (LookupError, ValueError):  # not the name of an encoding of text
            return data.decode("utf-8", errors="replace")


def parse(text: str, *, cut: bool = False) -> Any:
    """Parse JSON, with every text cleaned and JSON inside a text unwrapped; None for anything else.

    Of an event stream, of JSON lines or of objects one after the other, the last counts: it says what came of the
    others. What a server printed around the JSON is left out, a fence of Markdown too, and what a server in Python
    printed instead of JSON is read. With `cut`, so is what came whole of an object whose end is missing.
    """
    bare = text.removeprefix("\ufeff")
    if fenced := _FENCED.fullmatch(bare):
        bare = fenced[1]
    ways = (_loads, _load_lines, _load_python, _load_within, *((_load_cut,) if cut else ()))
    found = next((value for way in ways if (value := way(bare)) is not None), None)
    return None if found is None else _plain(found, DEEPEST, _NESTED)


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _load_lines(text: str) -> Any:
    """Load the last object of an event stream or of JSON lines; None for any other text."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not _NO_DATA.match(line)]
    objects = [_loads(line.removeprefix("data:")) for line in lines]
    return objects[-1] if objects and all(isinstance(each, dict) for each in objects) else None


def _load_python(text: str) -> Any:
    """Load an object as Python prints it, such as `{'id': 't1', 'error': None}`; None for any other text."""
    if not _PRINTED.match(text) or len(text) > _LONGEST_NESTED:
        return None
    try:
        return json.loads(json.dumps(ast.literal_eval(text.strip())))
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None


def _load_within(text: str) -> Any:
    """Load the last object that begins a line of another text, is called like a function, or follows another object.

    A web page is no such text: what its scripts hold is not the answer.
    """
    if len(text) > _LONGEST_NESTED or _PAGE.search(text):
        return None
    text, found, place = _COMMAS.sub("", text), None, 0
    for _ in range(_MOST_BEGINNINGS):
        begin = (_NEXT.match(text, place) if found is not None else None) or _BEGINS.search(text, place)
        if begin is None:
            break
        try:
            value, place = _DECODER.raw_decode(text, begin.end())
        except (ValueError, RecursionError):
            place = begin.end() + 1
            continue
        found = value if isinstance(value, dict) else found
    return found


def _load_cut(text: str) -> Any:
    """Load what came whole of an object whose end is missing; None for any other text."""
    if not re.match(r"\s*\{", text) or len(text) > _LONGEST_NESTED:
        return None
    closing: list[str] = []
    comma, open_there, inside, escaped = 0, "", False, False
    for place, sign in enumerate(text):
        if inside:
            inside = escaped or sign != '"'
            escaped = sign == "\\" and not escaped
        elif sign == '"':
            inside = True
        elif sign in "{[":
            closing.append("}" if sign == "{" else "]")
            if len(closing) > DEEPEST:
                return None
        elif sign in "}]":
            if not closing or closing.pop() != sign:
                return None
        elif sign == ",":
            comma, open_there = place, "".join(reversed(closing))
    bare = text.rstrip()
    whole = _loads(bare + "".join(reversed(closing))) if bare[-1] in '"}]' else None  # a number may be half of one
    return _loads(text[:comma] + open_there) if whole is None else whole


def _plain(value: Any, depth: int, nested: int) -> Any:
    if isinstance(value, str):
        return _unwrap(clean(value), depth, nested)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if not isinstance(value, dict | list):
        return value
    if depth <= 0:
        return None
    if isinstance(value, dict):
        return {clean(key): _plain(item, depth - 1, nested) for key, item in value.items()}
    return [_plain(item, depth - 1, nested) for item in value]


def _unwrap(text: str, depth: int, nested: int) -> Any:
    bare = text.strip()
    if nested <= 0 or len(bare) > _LONGEST_NESTED or (bare[:1], bare[-1:]) not in (("{", "}"), ("[", "]")):
        return text
    inner = _loads(bare)
    return text if inner is None else _plain(inner, depth, nested - 1)


def find(body: Any, place: str) -> Any:
    """Return what stands at a dotted place, None if nothing does; a number is a position in a list."""
    for step in place.split("."):
        if isinstance(body, dict):
            body = body.get(step)
        elif isinstance(body, list) and step.isdecimal() and int(step) < len(body):
            body = body[int(step)]
        else:
            return None
    return body


def as_text(value: Any) -> str:
    """Return a text or a number as text, "" for anything else."""
    if isinstance(value, str):
        return clean(value).strip()
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        try:
            return str(value)
        except ValueError:  # more digits than Python writes
            return ""
    return ""


def find_text(body: Any, *places: str) -> str:
    """Return the first filled text or number among dotted places, "" if there is none."""
    return next((text for text in (as_text(find(body, place)) for place in places) if text), "")


def walk(body: Any) -> Iterator[tuple[Path, Any, Mapping[str, Any]]]:
    """Yield (keys, value, the object it stands in) of everything inside, nearest to the surface first."""
    waiting: deque[tuple[Path, Any, Mapping[str, Any]]] = deque([((), body, {})])
    for _ in range(_NODES):
        if not waiting:
            return
        keys, value, parent = waiting.popleft()
        if keys:
            yield keys, value, parent
        if len(keys) >= DEEPEST:
            continue
        if isinstance(value, Mapping):
            waiting.extend(((*keys, str(key)), item, value) for key, item in value.items())
        elif isinstance(value, list):
            waiting.extend((keys, item, parent) for item in value)
