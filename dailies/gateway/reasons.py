"""Why something failed, in the gateway's own words: any body into one text and one code.

Owns where a reason stands: the documented places, and a search by what a key speaks of. `refusals` makes errors of
it, `replies` progress, `failures` puts it to a person. Pure.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from dailies.gateway.body import as_text, find, find_text, parse, walk
from dailies.gateway.fallbacks import ECHO, squeeze

REASON_CHARS = 1_500
"""How much of a reason is shown; the whole stands in the raw answer."""

FINE_CODES = frozenset({"", "0", "200", "201", "202", "10000", "success", "succeed", "succeeded", "ok", "none", "null"})
"""Codes in lower case that say that a call worked."""

_MODERATED = re.compile(
    r"sensitive|moderat|content.?filter|filtered|polic(y|ies)|\brisk|safety|unsafe|nsfw|prompt_blocked|inappropriate"
    r"|violat|prohibited|\b1026\b|敏感|违规|审核",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Words:
    """What a body says is wrong; both empty: nothing."""

    message: str = ""
    code: str = ""

    def __bool__(self) -> bool:
        return bool(self.message or self.code)


NOTHING = Words()


def moderated(code: str, reason: str) -> bool:
    """Whether a refusal is about the content rather than about the call."""
    return bool(_MODERATED.search(f"{code} {reason}"))


class Level(IntEnum):
    """Which keys a search for a reason takes into account; each level includes those before it."""

    ERRORS = 1  # a filled one says that something failed
    REASONS = 2  # a healthy task may give one too, such as why it waits
    MESSAGES = 3  # of any kind


MESSAGES = ("message", "Message", "msg")
_ERROR_PLACES = ("error", "data.error", "data.data.error", "data.Error")

# What a key speaks of; keys are compared in lower case and without `_` and `-`.
_OF_ERRORS = re.compile(
    r"(err|error|errors)$|err(or)?(msg|message|detail|desc|text|info)|fail|exception|reject|denied|refus|violat"
    r"|filtered|blocked|blockreason"
)
_OF_REASONS = re.compile(r"reason|cause|detail")
_OF_MESSAGES = re.compile(r"message|msg|desc|explanation|title|info|note|remark|warning|text$")
_OF_NONE = re.compile(r"(code|count|type|url|urls|id|ids|status|state)$|prompt|failover|reasoning|^object$|^model$")
_INSIDE = (*MESSAGES, "detail", "details", "description", "reason", "error", "errors", "title", "cause")
_CODES = ("errorcode", "errcode", "failcode")
_CODES_OF_A_MESSAGE = ("code", "statuscode", "errno", "retcode", "ret")

_NO_TEXT = re.compile(  # an outcome or a number, and no reason
    r"\W*(succe\w*|ok(ay)?|none|null|nil|true|false|n/a|no error|stop|end_turn|completed?|done|\d+)?\W*", re.IGNORECASE
)
_GENERIC = re.compile(
    r"(the |an? )?((generation|generate|video|task|job|request|upstream|internal|server|unknown|unexpected|system) ?)*"
    r"(is |has |was )?(failed|failure|fail|error|unknown|unsuccessful|rejected)?( occurred)?\W*",
    re.IGNORECASE,
)
_PAGE = re.compile(r"\s*<(!doctype html|html)", re.IGNORECASE)
_TITLE = re.compile(r"<(?:title|h1)[^>]*>([^<]{1,300})<", re.IGNORECASE)
_BARE = re.compile(r"(?=\w*([a-z][A-Z]|[_\d]))[\w.-]+|[A-Z]+")


def read_reason(body: Any) -> Words:
    """Return the first filled error of a documented shape; an error that is present and empty is none."""
    for place in _ERROR_PLACES:
        error = find(body, place)
        if isinstance(error, str) and error.strip():
            return Words(_unwrap(as_text(error)))
        if isinstance(error, Mapping):
            message, code = find_text(error, *MESSAGES), find_text(error, "code", "Code")
            if message or code.lower() not in FINE_CODES:
                return Words(_unwrap(message), code or find_text(error, "type"))
    return NOTHING


def search_reason(body: Any, level: Level, told: Words = NOTHING) -> Words:
    """Search the whole body for a reason, unless `told`, the one of a documented shape, explains something itself.

    Several reasons are joined, the most telling first; an entry of a list of faults names its field.
    """
    if _explains(told.message):
        return told
    found: dict[Level, list[str]] = {step: [] for step in Level}
    code = told.code
    for keys, value, parent in walk(body):
        if any(key.lower() in ECHO for key in keys):
            continue
        key = squeeze(keys[-1])
        if step := _speaks_of(key):
            found[step] += [text for text in _gather(value) if not _NO_TEXT.fullmatch(text)]
        code = code or _read_code(key, value, parent, told_by_number=step in (Level.ERRORS, Level.REASONS))
    texts = [told.message] if told.message else []
    for step in Level:
        if step <= level and not any(map(_explains, texts)):
            texts += found[step]
    return Words(_join(texts), code)


def find_filtered(body: Any) -> str:
    """Return the key that counts filtered results, if it counts any, "" otherwise."""
    for keys, value, _ in walk(body):
        if re.search(r"filtered.*count|count.*filtered", squeeze(keys[-1])) and as_text(value) not in ("", "0"):
            return keys[-1]
    return ""


def say_no_reason(what: str) -> str:
    """Say that the gateway reports a failure and nothing else."""
    return f"The gateway says that {what} failed and gives no reason."


def end(text: str) -> str:
    """Make a text end as a sentence does: with one full stop, unless another mark ends it."""
    text = " ".join(text.split()).rstrip(" .,;:")
    return text if not text or text[-1] in "!?…。！？" else f"{text}."


def _speaks_of(key: str) -> Level | None:
    if _OF_NONE.search(key):
        return None
    if _OF_ERRORS.search(key):
        return Level.ERRORS
    if _OF_REASONS.search(key):
        return Level.REASONS
    return Level.MESSAGES if _OF_MESSAGES.search(key) else None


def _read_code(key: str, value: Any, parent: Mapping[str, Any], *, told_by_number: bool) -> str:
    is_number = isinstance(value, int) or (isinstance(value, str) and value.strip().isdecimal())
    known = key in _CODES or (told_by_number and is_number and len(as_text(value)) > 1)
    known = known or (
        key in _CODES_OF_A_MESSAGE and any(_speaks_of(squeeze(other)) for other in parent if isinstance(other, str))
    )
    text = as_text(value) if known else ""
    return text if text.lower() not in FINE_CODES else ""


def _gather(value: Any, depth: int = 6) -> list[str]:
    """List the texts of a reason, whatever form it has."""
    if isinstance(value, str):
        return [text] if (text := " ".join(_unwrap(value).split())) else []
    if depth <= 0:
        return []
    if isinstance(value, list):
        return [text for item in value for text in _gather(item, depth - 1)]
    if not isinstance(value, Mapping):
        return []
    inside = next((value[key] for key in _INSIDE if value.get(key)), None)
    if inside is None and (faults := list_fields(value)):
        return faults
    if inside is None:
        leaves = (item for key, item in value.items() if key.lower() not in ECHO and not _OF_NONE.search(squeeze(key)))
        return [text for item in leaves for text in _gather(item, depth - 1)]
    field = _field(value)
    return [f"{field}: {text}" if field else text for text in _gather(inside, depth - 1)]


def list_fields(body: Mapping[str, Any]) -> list[str]:
    """List the faults of a form as "field: what is wrong", where a body names nothing but lists of texts by field."""
    lists = [(field, texts) for field, texts in body.items() if isinstance(texts, list) and texts]
    if len(lists) != len(body) or any(not isinstance(text, str) for _, texts in lists for text in texts):
        return []
    return [f"{field}: {' '.join(text.split())}" for field, texts in lists for text in texts]


def _field(fault: Mapping[str, Any]) -> str:
    """Return the field that an entry of a list of faults is about, "" if it names none."""
    place = fault.get("loc", fault.get("field"))
    if isinstance(place, list):
        return ".".join(text for step in place if (text := as_text(step)) and text not in ("body", "query", "path"))
    return as_text(place)


def _unwrap(text: str) -> str:
    """Read JSON inside a text, as in `upstream error: {"error": {"message": "…"}}`, and the title of a web page."""
    if _PAGE.match(text):
        titles = (html.unescape(" ".join(title.split())) for title in _TITLE.findall(text))
        return next((f'A web page came back: "{title}"' for title in titles if title), "A web page came back")
    start, stop = text.find("{"), text.rfind("}") + 1
    inner = parse(text[start:stop]) if 0 < start < stop else None
    said = search_reason(inner, Level.MESSAGES).message if isinstance(inner, Mapping) else ""
    return f"{text[:start]}{said}{text[stop:]}" if said else text


def _explains(text: str) -> bool:
    """Whether a text says more than that something failed, and is no mere code."""
    text = text.strip()
    return bool(text) and not _BARE.fullmatch(text) and not (len(text) < 80 and _GENERIC.fullmatch(text))


def _join(texts: list[str]) -> str:
    kept: list[str] = []
    for text in texts:
        if not any(text.casefold() in other.casefold() for other in kept):
            kept = [other for other in kept if other.casefold() not in text.casefold()] + [text]
    whole = kept[0] if len(kept) == 1 else " ".join(end(text) for text in kept)
    return whole if len(whole) <= REASON_CHARS else f"{whole[:REASON_CHARS]}…"
