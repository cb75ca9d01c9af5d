"""The order: what a create asked for, after it was understood.

Plain data, stored as JSON, that the rules produce and the renderer consumes. It does not depend on the wire, apart from
the field name that each source keeps for error messages.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

FRAME_RATE = 24
"""Frames per second of a film, unless the server was started with another."""

Role = Literal["first_frame", "last_frame", "reference", "parent"]
Kind = Literal["image", "video", "audio"]


@dataclass(frozen=True)
class Source:
    """One input: its role in the film, and where it is.

    `at` is what was sent: the bytes of an upload, an http(s) link, `asset://<id>`, a data URI or bare base64. The shelf
    replaces bytes and base64 by `file:<name>`, a file of the data folder. A `parent` is the film of an earlier task, as
    `film:<token>`.
    """

    role: Role
    kind: Kind
    field: str
    at: str | bytes


@dataclass(frozen=True)
class Shot:
    """One of several shots of a film: its prompt and its length."""

    prompt: str
    seconds: int


@dataclass(frozen=True)
class Order:
    """A film to make: sizes in pixels, lengths in whole seconds.

    `follow` gives the film the ratio of its first picture. `entry` is the route of the create. `parent` is the task
    that the film continues, from its second `begins` (None: from its end). `take` counts earlier orders of the same
    model and prompt, so that without a seed each of them gives another film. `callback` is the address to post the task
    to when it has ended. Answers repeat the values in `handed_back`.
    """

    family: str
    model: str
    mode: str
    prompt: str
    seconds: int
    width: int
    height: int
    ratio: str
    resolution: str
    audio: bool = False
    follow: bool = False
    seed: int | None = None
    watermark: bool = False
    keep_last_frame: bool = False
    notes: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    shots: tuple[Shot, ...] = ()
    entry: str = "videos"
    parent: str = ""
    begins: int | None = None
    private: bool = False
    take: int = 0
    echo_model: str = ""
    echo_size: str = ""
    callback: str = ""
    handed_back: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def to_json(self) -> str:
        """Return the order as JSON text."""
        return json.dumps(asdict(self), ensure_ascii=False)

    def find_seed(self) -> int:
        """Return the number by which the film is painted: that of everything ordered, but not of whom to tell."""
        ordered = asdict(self)
        del ordered["callback"]
        text = json.dumps(ordered, ensure_ascii=False)
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")

    @classmethod
    def from_json(cls, text: str) -> Order:
        """Read an order that `to_json` wrote."""
        values: dict[str, Any] = json.loads(text)
        values["notes"] = tuple(values["notes"])
        values["sources"] = tuple(Source(**source) for source in values["sources"])
        values["shots"] = tuple(Shot(**shot) for shot in values.get("shots", ()))
        return cls(**values)

    def select(self, kind: Kind, role: Role | None = None) -> list[Source]:
        """Return the sources of one kind, and of one role if given, in their order."""
        return [s for s in self.sources if s.kind == kind and (role is None or s.role == role)]


def compute_size(wide: float, high: float, short_side: int) -> tuple[int, int]:
    """Compute even pixel dimensions of the ratio `wide:high` with the given short side."""
    scale = short_side / min(wide, high)
    return round(wide * scale / 2) * 2, round(high * scale / 2) * 2


def parse_ratio(text: str) -> tuple[float, float]:
    """Parse a ratio such as `16:9` into two numbers."""
    wide, _, high = text.partition(":")
    return float(wide), float(high)
