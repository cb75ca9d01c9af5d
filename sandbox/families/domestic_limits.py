"""What each model of the domestic family takes.

The first row whose pattern matches applies, so the last row of a family is the widest: it serves unlisted versions.
Where sources differ, a row holds the documented superset; hard limits are strict.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

GENERAL_RATIOS = ("16:9", "9:16", "1:1")
VIDU_RATIOS = ("16:9", "9:16", "4:3", "3:4", "1:1")
SEEDANCE_RATIOS = ("16:9", "4:3", "1:1", "3:4", "9:16", "21:9")
KLING_SCENES = ("motion_control", "avatar_i2v", "lip_sync", "template_effect")


@dataclass(frozen=True)
class Limits:
    """One row. The first tier and ratio are the defaults; `default` is the length if 5 s is not allowed."""

    pattern: str
    seconds: Collection[int]
    tiers: tuple[str, ...] = ("720P", "1080P")
    ratios: tuple[str, ...] = GENERAL_RATIOS
    default: int = 5
    images: int = 7
    videos: bool = False
    scenes: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()  # the only pixel sizes, if limited
    audio: bool = False  # sound by default
    ignores_ratio: bool = False


def make_kling_row(pattern: str, seconds: Collection[int]) -> Limits:
    """Make a row of Kling, which takes every scene."""
    return Limits(pattern, seconds, videos=True, scenes=KLING_SCENES)


def make_vidu_row(pattern: str, seconds: Collection[int]) -> Limits:
    """Make a row of Vidu, which takes template effects only."""
    return Limits(pattern, seconds, ratios=VIDU_RATIOS, videos=True, scenes=("template_effect",))


def add_promised_scenes(row: Limits) -> Limits:
    """Add every scene to a row: domestic-models lists them for the whole family, and it outranks other sources."""
    return replace(row, videos=True, scenes=KLING_SCENES)


def make_vidu_channel_row(
    pattern: str, seconds: Collection[int], tiers: tuple[str, ...], *, audio: bool = False
) -> Limits:
    """Make a row for a lower-case name of Vidu's own channel; q3 has sound by default (octopusx-vidu-generation)."""
    default = 5 if 5 in seconds else min(seconds)
    return Limits(
        pattern,
        seconds,
        tiers=tiers,
        ratios=VIDU_RATIOS,
        default=default,
        videos=True,
        scenes=("template_effect",),
        audio=audio,
    )


ROWS = (
    make_kling_row(r"kling-3\.0.*", range(3, 16)),
    make_kling_row(r"kling-o1.*", range(3, 11)),
    make_kling_row(r"kling-(1\.6|2\.\d).*", range(5, 11)),
    make_kling_row(r"kling-.*", range(3, 16)),
    make_vidu_row(r"vidu-q2.*", range(1, 11)),
    make_vidu_row(r"vidu-.*", range(1, 17)),
    make_vidu_channel_row(r"viduq1.*", (5,), ("1080P",)),
    make_vidu_channel_row(r"vidu2\.0", (4, 8), ("360P", "720P", "1080P")),
    make_vidu_channel_row(r"viduq2.*", range(1, 11), ("720P", "540P", "1080P")),
    make_vidu_channel_row(r"viduq.*", range(1, 17), ("720P", "540P", "1080P"), audio=True),
    add_promised_scenes(Limits(r"gv-.*", (8,), ratios=("16:9", "9:16"), default=8, images=3)),
    add_promised_scenes(Limits(r"os-.*", (4, 8, 12), tiers=("720P",), ratios=("16:9", "9:16"), default=8, images=1)),
    Limits(r"hailuo-02.*", (6, 10), tiers=("768P", "1080P", "720P", "512P"), default=6, ignores_ratio=True),
    Limits(r"hailuo-.*", (6, 10), tiers=("768P", "1080P", "720P"), default=6, ignores_ratio=True),
    add_promised_scenes(Limits(r"sv-1\.5.*", range(4, 13), tiers=("720P", "480P", "1080P"), ratios=SEEDANCE_RATIOS)),
    add_promised_scenes(
        Limits(r"sv-1\.0-lite.*", range(2, 13), tiers=("720P", "480P", "1080P"), ratios=SEEDANCE_RATIOS, images=4)
    ),
    add_promised_scenes(Limits(r"sv-1\.0.*", range(2, 13), tiers=("720P", "480P", "1080P"), ratios=SEEDANCE_RATIOS)),
    add_promised_scenes(Limits(r"sv-.*", range(2, 13), tiers=("720P", "480P", "1080P"), ratios=SEEDANCE_RATIOS)),
    add_promised_scenes(Limits(r"jv-.*", (5, 10), ratios=SEEDANCE_RATIOS)),
    Limits(
        r"jimeng-video-.*",
        (5, 10, 15),
        ratios=("9:16", "16:9", "4:3", "1:1", "3:4", "21:9"),
        sizes=("720x1280", "1280x720"),
    ),
    # Hunyuan and Mingmou have no published limits: the general lists of domestic-models, and the widest lengths.
    add_promised_scenes(Limits(r"(hunyuan|mingmou)-.*", range(1, 17))),
)


def find_limits(model: str) -> Limits:
    """Return the row of a model of the domestic family."""
    name = model.lower()
    return next(row for row in ROWS if re.fullmatch(row.pattern, name))
