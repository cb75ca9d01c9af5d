"""The record that every family module exports: its models, its readers by route, and the style of its answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sandbox.body import Body, BodyKind
from sandbox.order import Order

Reader = Callable[[str, Body], Order]


@dataclass(frozen=True)
class Parent:
    """A clip that a follow-up continues: its order, its size, and where its film is.

    `at` is `film:<token>` of a finished task, or the bytes of an uploaded clip, which has no `task_id`.
    """

    task_id: str
    order: Order
    at: str | bytes
    size: tuple[int, int]


Follower = Callable[[str, Body, Parent], Order]


@dataclass(frozen=True)
class Style:
    """How a family's video object differs from the others, after the samples on the families' pages."""

    task_id: str  # the form of a new id, a key of `answers.ID_FORMS`
    unified_id: str = "hex"  # the same on `/v1/video/create`
    running: str = "processing"
    repeats_id: bool = True  # `task_id` beside `id`
    measures: bool = True  # `seconds` and `size` in every answer
    links: tuple[str, ...] = ("video_url",)  # the places of the finished film's address
    always: Mapping[str, object] = field(default_factory=dict)  # constant keys
    moderation_code: str = "sensitive_words_detected"


@dataclass(frozen=True)
class Family:
    """One family: `pattern` matches its model ids, `readers` has a reader for each of its create routes.

    `followers` has a reader for each route that continues a clip.
    """

    name: str
    pattern: re.Pattern[str]
    bodies: tuple[BodyKind, ...]
    readers: Mapping[str, Reader]
    style: Style
    models: tuple[str, ...]
    followers: Mapping[str, Follower] = field(default_factory=dict)
