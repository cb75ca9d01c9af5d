"""Where a fact comes from: a source a reader can open, the place in it, and the day it was compared. Pure records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dailies.vocabulary import SourceKind


@dataclass(frozen=True, slots=True)
class Source:
    """A page or document that facts come from. `address` is empty where there is nothing to open."""

    id: str
    title: str
    publisher: str
    kind: SourceKind
    address: str
    checked: date | None  # the day it was last read


@dataclass(frozen=True, slots=True)
class Citation:
    """A source, and where in it a fact stands."""

    source: Source
    where: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """The sources of a fact, and the day on which the fact was last compared with them."""

    citations: tuple[Citation, ...]
    checked: date
