"""Sora: `/v1/videos` as JSON or multipart with `input_reference`, and unified video."""

from __future__ import annotations

import re
from typing import Any

from sandbox.body import Body, Fields
from sandbox.families.after import read_sora_edit, read_sora_extension, read_sora_remix
from sandbox.families.family import Family, Style
from sandbox.families.measures import check_seconds, read_audio_switch, read_pixels
from sandbox.families.pictures import assign_roles, choose_mode
from sandbox.order import Order, Source
from sandbox.refusal import invalid

MODELS = ("sora-2", "sora-2-pro", "sora-2-2025-10-06", "sora-2-pro-2025-10-06", "sora-2-2025-12-08", "sora_video2")
# support-matrix leaves the lengths to the upstream: these are OpenAI's (openai-videos) and the gateway pages'.
SECONDS = (4, 8, 10, 12, 15, 16, 20, 25)
SIZES = {"sora-2": ("720x1280", "1280x720"), "pro": ("720x1280", "1280x720", "1024x1792", "1792x1024")}
BY_RATIO = {("9:16", "720P"): "720x1280", ("16:9", "720P"): "1280x720"} | {
    ("9:16", "1080P"): "1024x1792",
    ("16:9", "1080P"): "1792x1024",
}
MEDIA = ("url", "data", "base64", "file")
UNIFIED_SECONDS = (10, 15)
UNIFIED_SIZES = {"small": (720, 1280), "large": (1080, 1920)}
STYLES = ("thanksgiving", "comic", "news", "selfie", "nostalgic", "anime")


def read(model: str, body: Body) -> Order:
    """Read `POST /v1/videos` (octopusx-sora-generation)."""
    fields = Fields(body.values)
    fields.skip(["model"])
    prompt = fields.required("prompt")
    config = fields.inner("metadata").inner("output_config")
    seconds = fields.whole("seconds")
    sizes = SIZES["pro" if model.startswith("sora-2-pro") else "sora-2"]
    size = choose_size(fields, config, model, sizes)
    sources = read_frames(fields)
    order = Order(
        family="sora",
        model=model,
        mode=choose_mode(sources),
        prompt=prompt,
        seconds=check_seconds("seconds", 4 if seconds is None else seconds, SECONDS, model),
        width=size[0],
        height=size[1],
        ratio="16:9" if size[0] > size[1] else "9:16",
        resolution=f"{min(size)}P",
        audio=bool(read_audio_switch(config)),
        sources=sources,
        echo_model=model,
        echo_size=f"{size[0]}x{size[1]}",
        notes=read_character(fields),
    )
    fields.finish()
    return order


def choose_size(fields: Fields, config: Fields, model: str, sizes: tuple[str, ...]) -> tuple[int, int]:
    """Read the frame from `size` or `output_config`, portrait by default; refuses sizes the model lacks."""
    given = read_pixels(fields, "size")
    ratio = config.choice("aspect_ratio", ("16:9", "9:16")) or "9:16"
    tiers = ("720P", "1080P") if len(sizes) > 2 else ("720P",)
    tier = config.choice("resolution", tiers) or "720P"
    text = f"{given[0]}x{given[1]}" if given else BY_RATIO[ratio, tier]
    if text not in sizes:
        what = f"{text} is not supported by {model}; allowed: {', '.join(sizes)}"
        raise invalid("size", what, code="invalid_size")
    wide, _, high = text.partition("x")
    return int(wide), int(high)


def read_frames(fields: Fields) -> tuple[Source, ...]:
    """Read `input_reference`: one image is the first frame, two are first and last, more are references."""
    value: Any = fields.values.get("input_reference")
    if isinstance(value, dict):
        inner = fields.inner("input_reference")
        link = inner.link("image_url", ("url", "data"))
        if link is None:
            # OpenAI's `file_id` needs OpenAI's file store, which no route of the gateway fills.
            raise invalid("input_reference.image_url", "image_url is required")
        given = [link]
    else:
        given = fields.media("input_reference", MEDIA)
    return assign_roles(given, "input_reference", limit=9)


def read_character(fields: Fields) -> tuple[str, ...]:
    """Read the character clip; only the slate names it, because its effect is undocumented."""
    fields.link("character_url")
    stamps = fields.text("character_timestamps")
    if stamps is not None and not re.fullmatch(r"\d+(\.\d+)?,\d+(\.\d+)?", stamps):
        raise invalid("character_timestamps", f"{stamps!r} is not start,end in seconds, such as 1,3")
    return (f"character {stamps}",) if stamps else ()


def read_unified(model: str, body: Body) -> Order:
    """Read `POST /v1/video/create` (octopusx-sora-unified): the frame in words, a watermark by default."""
    fields = Fields(body.values)
    fields.skip(["model"])
    prompt = fields.required("prompt")
    sources = assign_roles(fields.addresses("images", ("url",)), "images", limit=9)
    landscape = fields.choice("orientation", ("portrait", "landscape"), exact=True) == "landscape"
    size = fields.choice("size", tuple(UNIFIED_SIZES), exact=True) or "small"
    short, long = UNIFIED_SIZES[size]
    asked = fields.whole("duration")
    lengths = (*UNIFIED_SECONDS, 25) if model.startswith("sora-2-pro") else UNIFIED_SECONDS
    style = fields.choice("style", STYLES, exact=True)
    if style is not None and model != "sora_video2":
        raise invalid("style", f"style is not supported by {model}; allowed with sora_video2")
    order = Order(
        family="sora",
        model=model,
        mode=choose_mode(sources),
        prompt=prompt,
        seconds=check_seconds("duration", 10 if asked is None else asked, lengths, model),
        width=long if landscape else short,
        height=short if landscape else long,
        ratio="16:9" if landscape else "9:16",
        resolution=f"{short}P",
        watermark=fields.flag("watermark") is not False,
        private=bool(fields.flag("private")),
        sources=sources,
        echo_model=model,
        echo_size=size,
        notes=tuple(word for word in (style, "storyboard" if fields.flag("storyboard") else None) if word),
    )
    fields.finish()
    return order


FAMILY = Family(
    name="sora",
    pattern=re.compile(r"sora-2(-pro)?(-\d{4}-\d{2}-\d{2})?|sora_video2"),
    bodies=("json", "form"),
    readers={"videos": read, "unified": read_unified},
    followers={"remix": read_sora_remix, "extensions": read_sora_extension, "edits": read_sora_edit},
    style=Style(
        task_id="video",
        unified_id="sora",
        running="in_progress",
        repeats_id=False,
        always={"remixed_from_video_id": ""},
        moderation_code="moderation_blocked",
    ),
    models=MODELS,
)
