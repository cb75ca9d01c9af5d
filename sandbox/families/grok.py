"""Grok Video 3: a multipart form on `/v1/videos`, and unified video."""

from __future__ import annotations

import re
from dataclasses import replace

from sandbox.body import Body, Fields
from sandbox.families.after import GROK_FOLLOWERS, find_fixed_seconds
from sandbox.families.family import Family, Style
from sandbox.families.measures import check_seconds, compute_frame
from sandbox.families.pictures import MODES, assign_roles
from sandbox.order import Order

MODELS = ("grok-video-3", "grok-video-3-pro", "grok-video-3-max", "grok-video-1.5")
RATIOS = ("16:9", "9:16", "2:3", "3:2", "1:1")
TIERS = ("720P", "1080P", "480P", "540P")
UNIFIED_TIERS = ("720P", "1080P")
UNIFIED_SECONDS = (6, 10, 15)


def read(model: str, body: Body) -> Order:
    """Read `POST /v1/videos` (octopusx-grok-generation)."""
    fields = Fields(body.values)
    fields.skip(["model"])
    asked = fields.whole("seconds")
    # Models with a fixed length ignore `seconds`; the others take the upstream's 1-15 s (xai-video), 10 by default.
    seconds = find_fixed_seconds(model) or check_seconds("seconds", 10 if asked is None else asked, range(1, 16), model)
    return build_order(
        model, fields, seconds, TIERS, fields.media("input_reference", ("file", "url")), "input_reference", None
    )


def read_unified(model: str, body: Body) -> Order:
    """Read `POST /v1/video/create` (octopusx-grok-unified): up to six images, `@img1` … in the prompt."""
    fields = Fields(body.values)
    fields.skip(["model"])
    asked = fields.whole("duration")
    seconds = find_fixed_seconds(model) or check_seconds(
        "duration", 10 if asked is None else asked, UNIFIED_SECONDS, model
    )
    return build_order(
        model, fields, seconds, UNIFIED_TIERS, fields.addresses("images", ("url", "data", "base64")), "images", 6
    )


def build_order(  # noqa: PLR0913, RUF100 (the differences of the routes)
    model: str,
    fields: Fields,
    seconds: int,
    tiers: tuple[str, ...],
    pictures: list[str | bytes],
    name: str,
    most: int | None,
) -> Order:
    """Read the fields that both routes share and build the order. `name` and `most` are of the field of pictures."""
    prompt = fields.required("prompt")
    given_ratio = fields.choice("aspect_ratio", RATIOS)
    ratio = given_ratio or "16:9"
    tier = fields.choice("size", tiers) or "720P"
    width, height = compute_frame(tier, ratio)
    sources = assign_roles(pictures, name, limit=most)
    mode = MODES[len(sources)] if len(sources) < len(MODES) else "first_frame_references"
    if mode == "first_frame_references":
        # Three or more pictures are references, or a frame and references: the film opens on the first and then shows
        # all of them, which fits both readings.
        sources = (replace(sources[0], role="first_frame"), *sources[1:])
    order = Order(
        family="grok",
        model=model,
        mode=mode,
        prompt=prompt,
        seconds=seconds,
        width=width,
        height=height,
        ratio=ratio,
        resolution=tier,
        follow=given_ratio is None and mode in ("first_frame", "first_last"),
        sources=sources,
        echo_model=model,
        echo_size=tier,
    )
    fields.finish()
    return order


FAMILY = Family(
    name="grok",
    pattern=re.compile(r"grok-video-.+"),
    bodies=("form",),
    readers={"videos": read, "unified": read_unified},
    followers=GROK_FOLLOWERS,
    style=Style(task_id="video", unified_id="grok", repeats_id=False, links=("output.url",)),
    models=MODELS,
)
