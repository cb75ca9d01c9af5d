"""Any model, as a server of one model reads it: a prompt, a length, a size and at most one picture.

The shapes of such servers read their own fields and build the order here.
"""

from __future__ import annotations

import re

from sandbox.families.family import Family, Style
from sandbox.order import Order, Source
from sandbox.refusal import invalid

LONGEST = 60
SMALLEST, LARGEST = 64, 2048


def build_order(  # noqa: PLR0913, RUF100 (what a request can say)
    model: str,
    prompt: str,
    *,
    seconds: int,
    size: tuple[int, int],
    picture: tuple[str, str | bytes] | None = None,
    seed: int | None = None,
    audio: bool = False,
) -> Order:
    """Build an order; `picture` is the field it came in and where it is. Raises Refusal for a size out of range."""
    if not all(SMALLEST <= side <= LARGEST for side in size):
        raise invalid("size", f"{size[0]}x{size[1]} is out of range; allowed: {SMALLEST} to {LARGEST} pixels a side")
    if not 1 <= seconds <= LONGEST:
        raise invalid("seconds", f"{seconds} is out of range; allowed: 1-{LONGEST}")
    width, height = (side // 2 * 2 for side in size)
    sources = () if picture is None else (Source("first_frame", "image", *picture),)
    return Order(
        family=FAMILY.name,
        model=model,
        mode="first_frame" if sources else "text",
        prompt=prompt,
        seconds=seconds,
        width=width,
        height=height,
        ratio=f"{width}:{height}",
        resolution=f"{min(width, height)}P",
        audio=audio,
        seed=seed,
        sources=sources,
        echo_model=model,
        echo_size=f"{width}x{height}",
    )


FAMILY = Family(
    name="generic",
    pattern=re.compile(r".+"),
    bodies=("json", "form"),
    readers={},
    style=Style(task_id="task"),
    models=(),
)
