"""Splits text into the words that the library finds it by, the same for both databases. Pure.

A word is a sequence of letters and digits, case-folded, without accents. Scripts that are written without spaces give
one word for each character; the words of a search that touch each other must then follow each other.
"""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_ALONE = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])"
)


def split_words(text: str) -> list[str]:
    """Split a text into its words, in their order."""
    if text.isascii():
        return _WORD.findall(text.lower())
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in plain if unicodedata.combining(sign) == 0)
    return _WORD.findall(_ALONE.sub(r" \1 ", unicodedata.normalize("NFC", bare)))


def split_search(search: str) -> list[list[str]]:
    """Split a search at its spaces; each part is a phrase whose last word may be the beginning of one."""
    return [phrase for part in search.split() if (phrase := split_words(part))]


def match_sqlite(phrases: list[list[str]]) -> str:
    """Write phrases as a query of FTS5."""
    return " AND ".join(f'"{" ".join(phrase)}" *' for phrase in phrases)


def match_postgresql(phrases: list[list[str]]) -> str:
    """Write phrases as a `tsquery`."""
    return " & ".join("(" + " <-> ".join(f"'{word}'" for word in phrase) + ":*)" for phrase in phrases)
