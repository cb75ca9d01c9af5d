"""Grok Imagine: JSON on `/v1/videos`, with the tier in `resolution`."""

from __future__ import annotations

import re

from sandbox.body import Body, Fields
from sandbox.families.family import Family, Style
from sandbox.families.measures import check_seconds, compute_frame
from sandbox.order import Order, Source, parse_ratio
from sandbox.refusal import invalid

MODELS = ("grok-imagine-video", "grok-imagine-video-1.5-preview")
PROMPT_MOST = 4096
TIERS = {"480P": "480P", "720P": "720P", "480": "480P", "720": "720P"}
MEDIA = ("url", "data")
FLATTEST = 4.0


def read(model: str, body: Body) -> Order:
    """Read `POST /v1/videos` (octopusx-grok-imagine, octopusx-grok-imagine-preview)."""
    fields = Fields(body.values)
    fields.skip(["model"])
    prompt = fields.required("prompt")
    if len(prompt) > PROMPT_MOST:
        raise invalid("prompt", f"{len(prompt)} characters; allowed: at most {PROMPT_MOST}")
    for name in ("seconds", "aspect_ratio", "resolution"):
        if fields.values.get(name) is None:
            raise invalid(name, f"{name} is required")
    seconds = fields.whole("seconds") or 0
    ratio = fields.required("aspect_ratio")
    if not re.fullmatch(r"\d+(\.\d+)?:\d+(\.\d+)?", ratio) or 0.0 in parse_ratio(ratio):
        raise invalid("aspect_ratio", f"{ratio!r} is not a ratio such as 16:9")
    wide, high = parse_ratio(ratio)
    if not 1 / FLATTEST <= wide / high <= FLATTEST:
        raise invalid("aspect_ratio", f"{ratio} is out of range; allowed: 1:4 to 4:1")
    tier = TIERS[fields.choice("resolution", tuple(TIERS)) or "720P"]
    sources, mode = read_pictures(fields)
    longest = 10 if mode == "references" else 15
    width, height = compute_frame(tier, ratio)
    order = Order(
        family="grok-imagine",
        model=model,
        mode=mode,
        prompt=prompt,
        seconds=check_seconds("seconds", seconds, range(1, longest + 1), model),
        width=width,
        height=height,
        ratio=ratio,
        resolution=tier,
        sources=sources,
        echo_model=model,
        echo_size=tier,
    )
    fields.finish()
    return order


def read_pictures(fields: Fields) -> tuple[tuple[Source, ...], str]:
    """Read one `image` as the first frame, or `images` as references; refuses both together."""
    first = fields.link("image", MEDIA)
    references = fields.addresses("images", MEDIA)
    if first is not None and references:
        raise invalid("images", "images does not go together with image")
    if len(references) > 7:
        raise invalid("images", f"{len(references)} images; allowed: at most 7")
    if first is not None:
        return (Source("first_frame", "image", "image", first),), "first_frame"
    return tuple(
        Source("reference", "image", "images", at) for at in references
    ), "references" if references else "text"


FAMILY = Family(
    name="grok-imagine",
    pattern=re.compile(r"grok-imagine-video(-.+)?"),
    bodies=("json",),
    readers={"videos": read},
    style=Style(task_id="video", repeats_id=False, links=("output.url",)),
    models=MODELS,
)
