"""A finished clip held against its request: what was delivered, and where that differs from what was asked. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import gcd
from typing import Any

from dailies.domain import SECONDS_OFF, Clip, Run

KINDS = ("length", "ratio", "size", "sound", "rate", "codec")
"""What a clip may be delivered otherwise in than asked."""

_RATIO_OFF = 0.03
_RATE_OFF = 0.1  # 29.97 frames a second are 30
_RATES = ("fps", "frame_rate", "framerate", "frames_per_second")  # as bodies that people add to spell it
_CODECS = ("codec", "video_codec")
_SPELLED = {"avc": "h264", "x264": "h264", "h265": "hevc", "x265": "hevc"}


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
    if isinstance(seconds, (int, float)) and seconds > 0 and abs(seconds - clip.seconds) > SECONDS_OFF:
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
    differences += _list_extra(run.request.metadata, clip)
    return Delivered(got, tuple(words for _, words in differences), tuple(kind for kind, _ in differences))


def _list_extra(added: Mapping[str, Any], clip: Clip) -> list[tuple[str, str]]:
    """Judge what the catalog has no parameter for, and a person has asked for in the request's extra fields."""
    found = []
    rate = next((added[name] for name in _RATES if name in added), None)
    if isinstance(rate, (int, float)) and not isinstance(rate, bool) and abs(rate - clip.frame_rate) > _RATE_OFF:
        found.append(("rate", f"Asked {rate:g} fps, got {clip.frame_rate:g} fps."))
    codec = next((added[name] for name in _CODECS if name in added), None)
    if isinstance(codec, str) and codec:
        plain = re.sub(r"[^a-z0-9]", "", codec.casefold())
        if _SPELLED.get(plain, plain) != clip.video_codec:
            found.append(("codec", f"Asked {codec[:20]}, got {clip.video_codec}."))
    return found


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
