"""What goes over the wire, as plain data: a call on its way out, progress on its way back. Pure records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dailies.vocabulary import Body, TaskState


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes we hold, by digest, where they stand in a call.

    In a JSON body they are written as a data URL (`data_url`) or as its bare base64 (`bare` as well).
    """

    digest: str
    media_type: str
    size: int
    name: str
    data_url: bool = False
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart form: a text value, or a file."""

    name: str
    value: str | Blob


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP exchange as plain data. Never holds a key: the client adds it when it sends."""

    method: str
    path: str
    body: Body | None = None
    json: Any = None  # may hold `Blob`s at its leaves
    form: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """A decoded reply. `percent` 0-100 or None; `ask_again` in seconds, None where the gateway gave no hint."""

    state: TaskState
    word: str = ""  # the status word as it came
    task: str = ""
    percent: int | None = None
    link: str = ""
    last_frame: str = ""
    reason: str = ""
    code: str = ""
    ask_again: float | None = None
