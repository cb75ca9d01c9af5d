"""The nouns of the library: what a person looks for, one entry as the grid shows it, and a page of entries. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from dailies.domain import Request, Run
from dailies.money import Money
from dailies.vocabulary import Kinship, Mode, RunState

TAG_CHARS = 40
NOTE_CHARS = 4_000
AS_ASKED = "as asked"
"""`View.delivered` for clips that met everything that was asked."""
DIFFERENT = "different"
"""`View.delivered` for clips that differ in anything; the name of a kind of difference stands for that kind alone."""


class Sort(StrEnum):
    """The order of a view. What has no value comes last."""

    NEWEST = "newest"
    OLDEST = "oldest"
    LONGEST = "longest"
    SHORTEST = "shortest"
    DEAREST = "dearest"
    CHEAPEST = "cheapest"
    SLOWEST = "slowest"
    FASTEST = "fastest"


@dataclass(frozen=True, slots=True)
class Lineage:
    """How a run comes of an earlier one: its id, the way, and for a picture of its clip the time and the digest."""

    parent: str
    kinship: Kinship
    frame: float | None = None
    digest: str = ""

    def holds(self, request: Request) -> bool:
        """Whether a request still comes of the parent: the picture may have been taken out of the form."""
        held = {reference.digest for references in request.references.values() for reference in references}
        return not self.digest or self.digest in held

    def mark(self, run: Run) -> Run:
        """Return the run as a child of its parent."""
        return replace(run, parent=self.parent, kinship=self.kinship, frame=self.frame)


@dataclass(frozen=True, slots=True)
class View:
    """What a person looks for in the library; empty fields match everything, as does None.

    Each word of `search` must begin a word of the prompt, model, family, tags, note, task or id. `since` and `until`
    are aware times, the latter excluded. `person`: whose library, the reader's own if empty. `deleted`: what was
    deleted, in place of what was not.
    """

    search: str = ""
    family: str = ""
    model: str = ""
    mode: str = ""
    gateway: str = ""
    states: tuple[RunState, ...] | None = None
    starred: bool = False
    tag: str = ""
    collection: str = ""
    since: datetime | None = None
    until: datetime | None = None
    delivered: str = ""
    person: str = ""
    deleted: bool = False
    sort: Sort = Sort.NEWEST


@dataclass(frozen=True, slots=True)
class Item:
    """One run as the grid shows it. `clip`, `poster` and `played` are names of files, empty without a clip.

    `differs` lists the kinds of what was delivered otherwise than asked. Lengths and waits are in seconds.
    """

    run: str
    created: datetime
    state: RunState
    family: str
    model: str
    mode: Mode
    gateway: str
    prompt: str
    clip: str
    played: str
    poster: str
    width: int
    height: int
    seconds: float | None
    wait: float | None
    cost: Money | None
    differs: tuple[str, ...]
    starred: bool
    tags: tuple[str, ...]
    note: str
    deleted: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a view. `before` and `after` are the cursors of its neighbours, empty where there is none."""

    items: Sequence[Item]
    total: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person's library can be filtered by, each with the number of runs, the most frequent first."""

    models: Mapping[str, int]
    gateways: Mapping[str, int]
    tags: Mapping[str, int]
    differences: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Collection:
    """A named set of runs."""

    id: str
    name: str
    runs: int
