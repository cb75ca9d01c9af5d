"""One answer of a gateway as it came: status, text and headers, or the fact that it was a clip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dailies.exchange import Progress
from dailies.gateway import replies
from dailies.gateway.body import decode_text
from dailies.gateway.refusals import shorten
from dailies.vocabulary import TaskState

MAX_REPLY = 96 * 1024 * 1024
"""Bytes of an answer that are read at most, a clip in base64 included; a clip in a file has its own limit."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call was answered with."""

    status: int
    text: str
    headers: dict[str, str]
    is_clip: bool = False  # the answer is a video; `text` is empty
    broken: Exception | None = None  # what ended the answer before its end; `text` is what came

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")

    @property
    def raw(self) -> str:
        return shorten(self.text)

    def progress(self, task: str = "") -> Progress:
        if self.is_clip:
            return Progress(TaskState.DONE, inside=True)
        return replies.read(self.status, self.text, self.content_type, self.headers, task)


def read_text(head: bytes, chunks: Iterator[bytes], content_type: str) -> str:
    """Read what is left of an answer as text, up to `MAX_REPLY` bytes."""
    body = bytearray(head)
    for chunk in chunks:
        body += chunk
        if len(body) > MAX_REPLY:
            break
    return decode_text(bytes(body[:MAX_REPLY]), content_type)
