"""Grok Video: multipart with a repeatable `input_reference` part (contract `grok.md`)."""

from __future__ import annotations

import re
from dataclasses import replace

from sandbox.body import Body, Fields
from sandbox.families.family import Family, Style
from sandbox.families.measures import allowed_seconds, frame
from sandbox.families.sora import by_count
from sandbox.order import Order

MODELS = ("grok-video-3", "grok-video-3-pro", "grok-video-3-max", "grok-video-1.5")
FIXED_SECONDS = {"-pro": 10, "-max": 15}
RATIOS = ("16:9", "9:16", "2:3", "3:2", "1:1")
TIERS = ("720P", "1080P", "480P", "540P")
MODES = ("text", "first_frame", "first_last")


def read(model: str, body: Body) -> Order:
    fields = Fields(body.values)
    fields.skip(["model"])
    prompt = fields.required("prompt")
    asked = fields.whole("seconds")
    fixed = next((seconds for ending, seconds in FIXED_SECONDS.items() if model.endswith(ending)), None)
    # The fixed models ignore what was sent; the others take up to the upstream's 15 s, 10 by default.
    seconds = fixed or allowed_seconds("seconds", 10 if asked is None else asked, range(1, 16), model)
    given_ratio = fields.choice("aspect_ratio", RATIOS)
    ratio = given_ratio or "16:9"
    tier = fields.choice("size", TIERS) or "720P"
    width, height = frame(tier, ratio)
    sources = by_count(fields.media("input_reference", ("file", "url")), "input_reference", limit=6)
    mode = MODES[len(sources)] if len(sources) < len(MODES) else "first_frame_references"
    if mode == "first_frame_references":
        # Three or more parts may mean references, or a frame and references: the film opens on the first of them
        # and then shows them all, which serves both readings.
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
    readers={"videos": read},
    style=Style(task_id="video", repeats_id=False, links=("output.url",)),
    models=MODELS,
)
