"""Jimeng: `/v1/videos` with the domestic family's reader, and unified video."""

from __future__ import annotations

import re

from sandbox.body import Body, Fields
from sandbox.families import domestic
from sandbox.families.family import Family, Style
from sandbox.families.measures import check_seconds, compute_frame
from sandbox.families.pictures import assign_roles, choose_mode
from sandbox.order import Order
from sandbox.refusal import invalid

RATIOS = ("16:9", "4:3", "1:1", "3:4", "9:16", "21:9")
SECONDS = (5, 10, 15)


def read_unified(model: str, body: Body) -> Order:
    """Read `POST /v1/video/create` (octopusx-jimeng-unified): up to two images; `size` is a tier."""
    fields = Fields(body.values)
    fields.skip(["model"])
    prompt = fields.required("prompt")
    if fields.values.get("images") is None:
        raise invalid("images", "images is required; send [] for text alone")
    sources = assign_roles(fields.addresses("images", ("url",)), "images", limit=2)
    given_ratio = fields.choice("aspect_ratio", RATIOS)
    ratio = given_ratio or "16:9"
    tier = fields.choice("size", ("720P", "1080P")) or "720P"
    asked = fields.whole("duration")
    width, height = compute_frame(tier, ratio)
    order = Order(
        family="jimeng",
        model=model,
        mode=choose_mode(sources),
        prompt=prompt,
        seconds=check_seconds("duration", 5 if asked is None else asked, SECONDS, model),
        width=width,
        height=height,
        ratio=ratio,
        resolution=tier,
        follow=given_ratio is None and bool(sources),
        sources=sources,
        echo_model=model,
        echo_size=tier,
    )
    fields.finish()
    return order


FAMILY = Family(
    name="jimeng",
    pattern=re.compile(r"jimeng-video-.+"),
    bodies=("json", "form"),
    readers={"videos": domestic.read, "unified": read_unified},
    style=Style(task_id="video", links=("metadata.url",)),
    models=("jimeng-video-3.0", "jimeng-video-2.0"),
)
