"""Read lengths, sizes and ratios into numbers.

Owns the notations (`1280x720`, `1280*720`, `720P`, `16:9`). The families' tables hold the values that a model takes.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from sandbox.body import Fields
from sandbox.order import compute_size, parse_ratio
from sandbox.refusal import invalid


def read_pixels(fields: Fields, name: str, *, times: str = "x") -> tuple[int, int] | None:
    """Read a pixel size such as `1280x720`; None if absent."""
    text = fields.text(name)
    if text is None:
        return None
    found = re.fullmatch(rf"(\d{{2,4}}){re.escape(times)}(\d{{2,4}})", text)
    if not found:
        raise invalid(fields.where(name), f"{text!r} is not a pixel size such as 1280{times}720", code="invalid_size")
    return int(found[1]), int(found[2])


def find_ratio(wide: int, high: int, allowed: Collection[str]) -> str | None:
    """Find the allowed ratio of a pixel size, within 2 % for rounded sizes."""
    for text in allowed:
        left, right = parse_ratio(text)
        if abs(wide / high / (left / right) - 1) < 0.02:
            return text
    return None


def parse_tier(tier: str) -> int:
    """Parse a tier such as `720P` into its short side in pixels."""
    return int(tier.rstrip("Pp"))


def compute_frame(tier: str, ratio: str) -> tuple[int, int]:
    """Compute the pixels of a tier and a ratio: 720P and 16:9 are 1280x720."""
    wide, high = parse_ratio(ratio)
    return compute_size(wide, high, parse_tier(tier))


def check_seconds(where: str, seconds: int, allowed: Collection[int], model: str) -> int:
    """Return the length, or refuse one that the model does not render."""
    if seconds not in allowed:
        raise invalid(where, f"{seconds} is not a length of {model}; allowed: {format_numbers(allowed)}")
    return seconds


def format_numbers(numbers: Collection[int]) -> str:
    """Format numbers as a range (`3-15`) or as a list (`4, 8, 12`)."""
    ordered = sorted(numbers)
    if len(ordered) > 2 and ordered == list(range(ordered[0], ordered[-1] + 1)):
        return f"{ordered[0]}-{ordered[-1]}"
    return ", ".join(map(str, ordered))


def read_audio_switch(config: Fields) -> bool | None:
    """Read `audio_generation`, which is `Enabled` or `Disabled` (support-matrix)."""
    word = config.choice("audio_generation", ("Enabled", "Disabled"))
    return None if word is None else word == "Enabled"
