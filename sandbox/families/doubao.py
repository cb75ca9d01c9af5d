"""Doubao Seedance 1.5 and 1.0: a multipart form with two frame files; `size` is a ratio."""

from __future__ import annotations

import re

from sandbox.body import Body, Fields
from sandbox.families.family import Family, Style
from sandbox.families.measures import check_seconds, compute_frame
from sandbox.order import Order, Source
from sandbox.refusal import invalid

MODELS = tuple(
    f"doubao-seedance-{version}-pro_{tier}" for version in ("1-5", "1-0") for tier in ("480p", "720p", "1080p")
)
SECONDS = range(4, 12)
RATIOS = ("16:9", "4:3", "1:1", "3:4", "9:16", "21:9")
FOLLOWING = ("keep_ratio", "adaptive")


def read(model: str, body: Body) -> Order:
    """Read `POST /v1/videos` (octopusx-doubao-generation)."""
    fields = Fields(body.values)
    fields.skip(["model"])
    prompt = fields.required("prompt")
    asked = fields.whole("seconds")
    size = fields.choice("size", RATIOS + FOLLOWING)
    first = fields.link("first_frame_image", ("file", "url"))
    last = fields.link("last_frame_image", ("file", "url"))
    if last is not None and first is None:
        raise invalid("last_frame_image", "a last frame needs first_frame_image beside it")
    sources = []
    if first is not None:
        sources.append(Source("first_frame", "image", "first_frame_image", first))
    if last is not None:
        sources.append(Source("last_frame", "image", "last_frame_image", last))
    ratio = size if size in RATIOS else "16:9"
    tier = model.rpartition("_")[2]
    width, height = compute_frame(tier, ratio)
    order = Order(
        family="doubao",
        model=model,
        mode=("text", "first_frame", "first_last")[len(sources)],
        prompt=prompt,
        seconds=check_seconds("seconds", 5 if asked is None else asked, SECONDS, model),
        width=width,
        height=height,
        ratio=ratio,
        resolution=tier,
        # The upstream of 1.5 adds sound by default (modelark-video-generation), and this route has no switch.
        audio="-1-5-" in model,
        follow=bool(sources) and size not in RATIOS,
        sources=tuple(sources),
        echo_model=model,
        echo_size=f"{width}x{height}",
    )
    fields.finish()
    return order


FAMILY = Family(
    name="doubao",
    pattern=re.compile(r"doubao-seedance-1-[05]-pro_(480p|720p|1080p)"),
    bodies=("form",),
    readers={"videos": read},
    style=Style(task_id="uuid", repeats_id=False),
    models=MODELS,
)
