"""A finished clip held against its request: what was delivered, and where that differs from what was asked. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import gcd

from dailies.domain import Clip, Run

KINDS = ("length", "ratio", "size", "sound")
"""What a clip may be delivered otherwise in than asked."""

_SECONDS_OFF = 0.3  # a clip is cut at whole frames; beyond this a viewer would call it another length
_RATIO_OFF = 0.03


@dataclass(frozen=True, slots=True)
class Delivered:
    """`got`: measured facts in words. `differences`: each asked value that was not met, in words.

    `kinds` has one of `KINDS` for each difference.
    """

    got: tuple[str, ...]
    differences: tuple[str, ...]
    kinds: tuple[str, ...] = ()


def delivered(run: Run, clip: Clip) -> Delivered:
    """Compare a clip with the request of its run. Only values that were really asked for are judged."""
    sound = f"sound ({clip.audio_codec})" if clip.audio_codec else "no sound"
    shape = ratio(clip.width, clip.height)
    got = (
        f"{clip.seconds:.1f} s",
        f"{clip.width}×{clip.height}",
        shape,
        f"{clip.frame_rate:g} fps",
        sound,
        clip.video_codec,
    )
    asked = run.request.values
    differences: list[tuple[str, str]] = []
    seconds = asked.get("seconds")
    if isinstance(seconds, (int, float)) and seconds > 0 and abs(seconds - clip.seconds) > _SECONDS_OFF:
        differences.append(("length", f"Asked {seconds} s, got {clip.seconds:.1f} s."))
    aspect = _pair(str(asked.get("aspect_ratio", "")))
    if aspect and not _near(aspect[0] / aspect[1], clip.width / clip.height):
        differences.append(("ratio", f"Asked {asked['aspect_ratio']}, got {shape}."))
    short = re.fullmatch(r"(\d{3,4})[pP]", str(asked.get("resolution", "")))
    if short and abs(int(short[1]) - min(clip.width, clip.height)) > 16:
        differences.append(("size", f"Asked {asked['resolution']}, got {min(clip.width, clip.height)} lines."))
    size = _pair(str(asked.get("size", "")))
    if size and min(size) > 100 and "resolution" not in asked and size != (clip.width, clip.height):
        differences.append(("size", f"Asked {asked['size']}, got {clip.width}×{clip.height}."))
    if asked.get("audio") == "on" and not clip.audio_codec:
        differences.append(("sound", "Sound was asked for, the clip has none."))
    if asked.get("audio") == "off" and clip.audio_codec:
        differences.append(("sound", "No sound was asked for, the clip has some."))
    return Delivered(got, tuple(words for _, words in differences), tuple(kind for kind, _ in differences))


def ratio(width: int, height: int) -> str:
    """`16:9` where a common ratio is within a hair, else the reduced fraction."""
    for wide, high in ((16, 9), (9, 16), (4, 3), (3, 4), (1, 1), (3, 2), (2, 3), (21, 9)):
        if _near(wide / high, width / height):
            return f"{wide}:{high}"
    divisor = gcd(width, height)
    return f"{width // divisor}:{height // divisor}"


def _near(one: float, other: float) -> bool:
    return abs(one - other) / other < _RATIO_OFF


def _pair(text: str) -> tuple[int, int] | None:
    match = re.fullmatch(r"(\d+)[:x*×](\d+)", text)
    return (int(match[1]), int(match[2])) if match and int(match[2]) else None
