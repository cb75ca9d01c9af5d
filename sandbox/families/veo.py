"""Veo: `/v1/videos` as JSON or multipart, and unified video; the number of images decides the mode."""

from __future__ import annotations

import re

from sandbox.body import Body, Fields
from sandbox.families.after import read_veo_remix
from sandbox.families.family import Family, Style
from sandbox.families.measures import check_seconds, compute_frame, read_audio_switch, read_pixels
from sandbox.families.pictures import assign_roles, choose_mode
from sandbox.order import Order
from sandbox.refusal import invalid

MODELS = ("veo_3_1", "veo_3_1-fast")
UNIFIED_MODELS = (
    *("veo3.1", "veo3.1-fast", "veo3.1-pro", "veo3.1-components", "veo3.1-fast-components", "veo3.1-pro-components"),
)
SECONDS = (4, 6, 8)
SIZES = ("1280x720", "720x1280")
RATIOS = ("16:9", "9:16")
MEDIA = ("url", "data", "base64", "file")


def read(model: str, body: Body) -> Order:
    """Read `POST /v1/videos` (octopusx-veo-generation)."""
    fields = Fields(body.values)
    fields.skip(["model"])
    prompt = fields.required("prompt")
    metadata = fields.inner("metadata")
    config = metadata.inner("output_config")
    lengths = [fields.whole("seconds"), fields.whole("duration"), metadata.whole("durationSeconds")]
    seconds = next((n for n in lengths if n is not None), 8)
    fields.flag("enable_upsample")
    sources = assign_roles(fields.media("input_reference", MEDIA), "input_reference")
    mode = choose_mode(sources)
    by_size = read_ratio(fields, model)
    ratio = config.choice("aspect_ratio", RATIOS) or by_size or "16:9"
    if mode == "references":
        ratio = "16:9"  # the gateway renders references in landscape, whatever ratio is requested
    tier = config.choice("resolution", ("720P", "1080P")) or "720P"
    width, height = compute_frame(tier, ratio)
    order = Order(
        family="veo",
        model=model,
        mode=mode,
        prompt=prompt,
        seconds=check_seconds("seconds", seconds, SECONDS, model),
        width=width,
        height=height,
        ratio=ratio,
        resolution=tier,
        audio=bool(read_audio_switch(config)),
        sources=sources,
        echo_model=model,
        echo_size=f"{width}x{height}",
    )
    fields.finish()
    return order


def read_ratio(fields: Fields, model: str) -> str | None:
    """Read the ratio from `size`, which has two allowed values."""
    size = read_pixels(fields, "size")
    if size and f"{size[0]}x{size[1]}" not in SIZES:
        what = f"{size[0]}x{size[1]} is not supported by {model}; allowed: {', '.join(SIZES)}"
        raise invalid("size", what, code="invalid_size")
    return None if size is None else "9:16" if size[1] > size[0] else "16:9"


def read_unified(model: str, body: Body) -> Order:
    """Read `POST /v1/video/create` (octopusx-veo-unified); `aspect_ratio` outranks `orientation` and `size`."""
    fields = Fields(body.values)
    fields.skip(["model"])
    prompt = fields.required("prompt")
    sources = assign_roles(fields.addresses("images", ("url",)), "images")
    mode = choose_mode(sources)
    by_size = read_ratio(fields, model)
    word = fields.choice("orientation", ("portrait", "landscape"), exact=True)
    by_word = {"portrait": "9:16", "landscape": "16:9"}.get(word or "")
    ratio = fields.choice("aspect_ratio", RATIOS) or by_word or by_size or "9:16"
    if mode == "references":
        ratio = "16:9"
    larger = bool(fields.flag("enable_upsample"))
    if larger and ratio != "16:9":
        raise invalid("enable_upsample", "works in landscape only; send aspect_ratio 16:9")
    asked = fields.whole("duration")
    tier = "1080P" if larger else "720P"
    width, height = compute_frame(tier, ratio)
    order = Order(
        family="veo",
        model=model,
        mode=mode,
        prompt=prompt,
        seconds=check_seconds("duration", 8 if asked is None else asked, SECONDS, model),
        width=width,
        height=height,
        ratio=ratio,
        resolution=tier,
        sources=sources,
        echo_model=model,
        echo_size=f"{width}x{height}",
    )
    fields.finish()
    return order


STYLE = Style(task_id="video", unified_id="uuid", repeats_id=False)
FAMILY = Family(
    name="veo",
    pattern=re.compile(r"veo_3_1(-fast)?"),
    bodies=("json", "form"),
    readers={"videos": read, "unified": read_unified},
    followers={"remix": read_veo_remix},
    style=STYLE,
    models=MODELS,
)
# The names differ by route: with a dot on unified video, with `-extend` on the remix route only.
UNIFIED = Family(
    name="veo-unified",
    pattern=re.compile(r"veo3\.1(-\w+)*"),
    bodies=("json",),
    readers={"unified": read_unified},
    style=STYLE,
    models=UNIFIED_MODELS,
)
EXTEND = Family(
    name="veo-extend",
    pattern=re.compile(r"veo_3_1(-fast)?-extend"),
    bodies=("json",),
    readers={},
    followers={"remix": read_veo_remix},
    style=STYLE,
    models=("veo_3_1-extend",),
)
