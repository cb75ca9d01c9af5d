"""Where a model stands in its life: a pure record, and nothing about how it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dailies.origin import Origin
from dailies.vocabulary import LifeState


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Where a model stands in its life. A gateway may reach it by another way than its vendor's.

    `since` is the day it came to this state, None if no source has one. `successor` and `note` are words, maybe empty.
    """

    state: LifeState
    since: date | None
    successor: str
    note: str
    origin: Origin
