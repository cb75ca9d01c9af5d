"""Cleans text from outside: what people type, what files are called, and what gateways answer.

Text is cleaned once, where it enters: `components.session.read_text` for widgets, `components.server.routes` for drafts
and names in addresses, `dailies.encodings` for typed JSON, `dailies.media.references` for file names and links,
`dailies.compare.ballots` for ballots, `dailies.cli` for arguments, `dailies.gateway.replies` for gateways. Pages still
escape it: clean text can be Markdown. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

NAME_CHARS = 200
"""How much is kept of a name, an id or a status word."""

LINK_CHARS = 8_000
"""How much is kept of a link. Signed links of object stores have about 2,000 characters."""

_LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_REFUSED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")


def clean(text: str, most: int | None = None) -> str:
    """Return text that every database, page and file can hold, with at most `most` characters.

    Lone surrogates and control characters other than newline and tab become U+FFFD, every line end a newline.
    Bidirectional overrides, embeddings and isolates are removed, because they make text read differently from what it
    is. Joiners and directional marks stay: emoji and several scripts need them. Text that is cut ends with `…`.
    """
    text = _OVERRIDES.sub("", _REFUSED.sub("\ufffd", _LINE_END.sub("\n", text)))
    return text if most is None or len(text) <= most else f"{text[: most - 1]}…"


def begin(text: str) -> str:
    """Return a sentence that begins with a capital. A first word that is not all letters, such as a name, stays."""
    first = text.split(" ", 1)[0].rstrip("!?…,;:")
    return text[0].upper() + text[1:] if first.isalpha() else text


def clean_leaves(value: Any) -> Any:
    """Clean every string of decoded JSON, the names in its objects included."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [clean_leaves(each) for each in value]
    if isinstance(value, dict):
        return {clean(name): clean_leaves(each) for name, each in value.items()}
    return value


def join_or(words: Iterable[str]) -> str:
    """Join what is offered for choice: "a", "a or b", "a, b or c"."""
    return _join(words, "or")


def join_and(words: Iterable[str]) -> str:
    """Join what belongs together: "a", "a and b", "a, b and c"; nothing gives nothing."""
    return _join(words, "and")


def _join(words: Iterable[str], last_word: str) -> str:
    *most, last = [*words] or [""]
    return f"{', '.join(most)} {last_word} {last}" if most else last


def clean_file_name(name: str) -> str:
    """Clean a file's name: its last component, on one line, with at most `NAME_CHARS` characters."""
    last = re.split(r"[/\\]", name)[-1]
    return clean(" ".join(last.split()), NAME_CHARS) or "file"
