"""Veo: JSON first, multipart too; the number of images in `input_reference` is the mode (contract `veo.md`)."""

from __future__ import annotations

import re

from sandbox.body import Body, Fields
from sandbox.families.family import Family, Style
from sandbox.families.measures import allowed_seconds, frame, pixels, switched
from sandbox.families.sora import MEDIA, by_count
from sandbox.order import Order
from sandbox.refusal import Refusal

MODELS = ("veo_3_1", "veo_3_1-fast")
SECONDS = (4, 6, 8)
SIZES = ("1280x720", "720x1280")


def read(model: str, body: Body) -> Order:
    fields = Fields(body.values)
    fields.skip(["model"])
    prompt = fields.required("prompt")
    metadata = fields.inner("metadata")
    config = metadata.inner("output_config")
    lengths = [fields.whole("seconds"), fields.whole("duration"), metadata.whole("durationSeconds")]
    seconds = next((n for n in lengths if n is not None), 8)
    fields.flag("enable_upsample")
    sources = by_count(fields.media("input_reference", MEDIA), "input_reference", limit=3)
    mode = ("text", "first_frame", "first_last", "references")[len(sources)]
    size = pixels(fields, "size")
    if size and f"{size[0]}x{size[1]}" not in SIZES:
        message = f"size: {size[0]}x{size[1]} is not supported by {model}; allowed: {', '.join(SIZES)}"
        raise Refusal(400, "invalid_size", message)
    by_size = "9:16" if size and size[1] > size[0] else "16:9"
    ratio = config.choice("aspect_ratio", ("16:9", "9:16")) or by_size
    if mode == "references":
        ratio = "16:9"  # the gateway steers reference mode toward landscape, whatever was asked
    tier = config.choice("resolution", ("720P", "1080P")) or "720P"
    width, height = frame(tier, ratio)
    order = Order(
        family="veo",
        model=model,
        mode=mode,
        prompt=prompt,
        seconds=allowed_seconds("seconds", seconds, SECONDS, model),
        width=width,
        height=height,
        ratio=ratio,
        resolution=tier,
        audio=bool(switched(config)),
        sources=sources,
        echo_model=model,
        echo_size=f"{width}x{height}",
    )
    fields.finish()
    return order


FAMILY = Family(
    name="veo",
    pattern=re.compile(r"veo_3_1(-fast)?"),
    bodies=("json", "form"),
    readers={"videos": read},
    style=Style(task_id="video", repeats_id=False),
    models=MODELS,
)
