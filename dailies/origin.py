"""Where a fact comes from: a source a reader can open, the place in it, the day it was checked. Pure records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dailies.vocabulary import SourceKind


@dataclass(frozen=True, slots=True)
class Source:
    """A page or document that facts come from. `address` is "" if there is nothing to open."""

    id: str
    title: str
    publisher: str
    kind: SourceKind
    address: str
    checked: date | None  # the day it was last read; None for what no page states


@dataclass(frozen=True, slots=True)
class Citation:
    """A source, and the place of a fact in it."""

    source: Source
    where: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """The sources of a fact, and the day it was last compared with them."""

    citations: tuple[Citation, ...]
    checked: date
