"""Lengths, sizes and ratios as the families write them, read into numbers.

Owns the notations (`1280x720`, `1280*720`, `720P`, `16:9`); which values a model takes is in the families' tables.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from sandbox.body import Fields
from sandbox.order import compute_size, parse_ratio
from sandbox.refusal import invalid


def read_pixels(fields: Fields, name: str, *, times: str = "x") -> tuple[int, int] | None:
    """A pixel size such as `1280x720`, or nothing."""
    text = fields.text(name)
    if text is None:
        return None
    found = re.fullmatch(rf"(\d{{2,4}}){re.escape(times)}(\d{{2,4}})", text)
    if not found:
        raise invalid(fields.where(name), f"{text!r} is not a pixel size such as 1280{times}720", code="invalid_size")
    return int(found[1]), int(found[2])


def find_ratio(wide: int, high: int, allowed: Collection[str]) -> str | None:
    """The allowed ratio that a pixel size stands for, within the rounding of odd sizes (2 %)."""
    for text in allowed:
        left, right = parse_ratio(text)
        if abs(wide / high / (left / right) - 1) < 0.02:
            return text
    return None


def parse_tier(tier: str) -> int:
    """`720P` as 720."""
    return int(tier.rstrip("Pp"))


def compute_frame(tier: str, ratio: str) -> tuple[int, int]:
    """Pixels of a tier (the short side) and a ratio: 720P and 16:9 are 1280x720."""
    wide, high = parse_ratio(ratio)
    return compute_size(wide, high, parse_tier(tier))


def check_seconds(where: str, seconds: int, allowed: Collection[int], model: str) -> int:
    """Refuse a length that the model does not make."""
    if seconds not in allowed:
        raise invalid(where, f"{seconds} is not a length of {model}; allowed: {format_numbers(allowed)}")
    return seconds


def format_numbers(numbers: Collection[int]) -> str:
    """`3-15` for a run of numbers, `4, 8, 12` for loose ones."""
    ordered = sorted(numbers)
    if len(ordered) > 2 and ordered == list(range(ordered[0], ordered[-1] + 1)):
        return f"{ordered[0]}-{ordered[-1]}"
    return ", ".join(map(str, ordered))


def read_audio_switch(config: Fields) -> bool | None:
    """`audio_generation` as a switch; the contract has it as words, not as a boolean."""
    word = config.choice("audio_generation", ("Enabled", "Disabled"))
    return None if word is None else word == "Enabled"
