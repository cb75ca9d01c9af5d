"""What goes over the wire, as plain data: calls going out, progress coming back. Pure records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dailies.vocabulary import Body, TaskState


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored file at its place in a call, by the SHA-256 of its bytes; `size` in bytes.

    A form sends the file itself. JSON holds it as a data URL (`data_url`), or as bare base64 (`bare` too).
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
    """One HTTP request as plain data. Holds no key: the client adds it when it sends.

    `callback` is the place in its JSON, a dotted path, where the gateway takes an address to call when the task has
    ended; empty if it takes none, or the person has named one. The worker adds ours when it sends.
    """

    method: str
    path: str
    body: Body | None = None
    json: Any = None  # its leaves may be `Blob`s
    form: tuple[Part, ...] = ()
    callback: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """A decoded reply. `percent` is 0 to 100 or None; `ask_again` in seconds, None if the gateway gave no hint.

    `inside`: the reply itself holds the clip. `watermarked`: the link leads to a copy with a watermark. `reason` and
    `code` are what the reply says went wrong, whatever its state.
    """

    state: TaskState
    word: str = ""  # the gateway's status word, unchanged
    task: str = ""
    percent: int | None = None
    link: str = ""
    last_frame: str = ""
    reason: str = ""
    code: str = ""
    ask_again: float | None = None
    other_tasks: tuple[str, ...] = ()  # further ids that the reply gives
    watermarked: bool = False
    inside: bool = False
    usage: str = ""  # what the reply says the task has used or cost, in the gateway's own names and figures
