"""The record every family module exports: which models it serves, where, and how its answers look.

Owns no rule itself; a further route means giving a family another reader for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sandbox.body import Body, BodyKind
from sandbox.order import Order

Reader = Callable[[str, Body], Order]


@dataclass(frozen=True)
class Parent:
    """A finished task that a follow-up carries on: its id, its order, and the film it became."""

    task_id: str
    order: Order
    token: str
    size: tuple[int, int]


Follower = Callable[[str, Body, Parent], Order]


@dataclass(frozen=True)
class Style:
    """How a family's video object differs from the next one's (the families' samples in the contract)."""

    task_id: str  # the form of a new id, one of those in `answers.ID_FORMS`
    unified_id: str = "hex"  # the same on `/v1/video/create`
    running: str = "processing"
    repeats_id: bool = True  # `task_id` beside `id`
    measures: bool = True  # `seconds` and `size` in every answer
    links: tuple[str, ...] = ("video_url",)  # where the finished film's address stands
    always: Mapping[str, object] = field(default_factory=dict)  # constant keys
    moderation_code: str = "sensitive_words_detected"


@dataclass(frozen=True)
class Family:
    """One family: `pattern` matches its model ids, `readers` holds a reader per create route it is served on.

    `followers` holds a reader per route that makes a new film out of an earlier one.
    """

    name: str
    pattern: re.Pattern[str]
    bodies: tuple[BodyKind, ...]
    readers: Mapping[str, Reader]
    style: Style
    models: tuple[str, ...]
    followers: Mapping[str, Follower] = field(default_factory=dict)
