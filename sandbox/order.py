"""What a create asked for, once it is understood: the noun between the rules, the store and the film.

Plain data that survives a restart as JSON. It does not know which words on the wire it came from, apart from the
field name each source keeps for messages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Role = Literal["first_frame", "last_frame", "reference", "parent"]
Kind = Literal["image", "video", "audio"]


@dataclass(frozen=True)
class Source:
    """One piece of media: its part in the film, and where it is.

    `at` holds raw bytes or text as sent (http(s) link, `asset://id`, data URI, bare base64) until the shelf has
    settled it; from then on a link, an asset, or `file:<name>` for bytes kept in the data folder. A `parent` is the
    film of an earlier task, as `film:<token>`.
    """

    role: Role
    kind: Kind
    field: str
    at: str | bytes


@dataclass(frozen=True)
class Shot:
    """One of several shots of a film: its own words and its share of the length."""

    prompt: str
    seconds: int


@dataclass(frozen=True)
class Order:
    """A film to make. Sizes in pixels, seconds whole; `follow` lets the first picture decide the frame's ratio.

    `entry` names the route it came in by, `parent` the task it carries on, from second `begins` of it (None: its
    end). `handed_back` are values an answer repeats as they came.
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
    echo_model: str = ""
    echo_size: str = ""
    handed_back: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Order:
        values: dict[str, Any] = json.loads(text)
        values["notes"] = tuple(values["notes"])
        values["sources"] = tuple(Source(**source) for source in values["sources"])
        values["shots"] = tuple(Shot(**shot) for shot in values.get("shots", ()))
        return cls(**values)

    def select(self, kind: Kind, role: Role | None = None) -> list[Source]:
        """The sources of one kind, in the order they were given."""
        return [s for s in self.sources if s.kind == kind and (role is None or s.role == role)]


def compute_size(wide: float, high: float, short_side: int) -> tuple[int, int]:
    """Even pixel dimensions with the ratio `wide:high` and the given short side."""
    scale = short_side / min(wide, high)
    return round(wide * scale / 2) * 2, round(high * scale / 2) * 2


def parse_ratio(text: str) -> tuple[float, float]:
    """`"16:9"` as two numbers."""
    wide, _, high = text.partition(":")
    return float(wide), float(high)
