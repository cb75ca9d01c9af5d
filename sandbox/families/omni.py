"""Omni: flat JSON on `/v1/videos`, with fields of its own for frames, references and a video to work on."""

from __future__ import annotations

import re

from sandbox.body import Body, Fields
from sandbox.families.family import Family, Style
from sandbox.families.measures import check_seconds, compute_frame
from sandbox.order import Order, Source
from sandbox.refusal import invalid

MODELS = ("omni-fast", "omni-fast-v2v")
SECONDS = range(4, 31)
RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4")
TIERS = {"720p": "720P", "1080p": "1080P", "2k": "1440P", "4k": "2160P"}
MEDIA = ("url", "data")
MOST_IMAGES = 5
VIDEO_FIELDS = ("video", "video_url", "input_video")


def read(model: str, body: Body) -> Order:
    """Read `POST /v1/videos` (octopusx-omni-fast, octopusx-omni-fast-v2v)."""
    fields = Fields(body.values)
    fields.skip(["model"])
    prompt = fields.required("prompt")
    asked = fields.whole("seconds")
    ratio = fields.choice("aspect_ratio", RATIOS) or "16:9"
    tier = TIERS[fields.choice("resolution", tuple(TIERS)) or "720p"]
    sources, mode = read_media(model, fields)
    width, height = compute_frame(tier, ratio)
    order = Order(
        family="omni",
        model=model,
        mode=mode,
        prompt=prompt,
        seconds=check_seconds("seconds", 8 if asked is None else asked, SECONDS, model),
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


def read_media(model: str, fields: Fields) -> tuple[tuple[Source, ...], str]:
    """Read the frames, the references and the video, and return them with the mode."""
    first, last = fields.link("first_image_url", MEDIA), fields.link("last_image_url", MEDIA)
    images = fields.addresses("images", MEDIA)
    videos = [(name, at) for name in VIDEO_FIELDS if (at := fields.link(name, MEDIA)) is not None]
    if last is not None and first is None:
        raise invalid("last_image_url", "last_image_url needs first_image_url")
    if len(images) > MOST_IMAGES:
        raise invalid("images", f"{len(images)} images; allowed: at most {MOST_IMAGES}")
    if videos and model == "omni-fast":
        raise invalid(videos[0][0], "omni-fast takes no reference video; use omni-fast-v2v")
    if (images or videos) and first is not None:
        raise invalid("first_image_url", "first_image_url does not go together with references")
    if images or videos:
        shown = [Source("reference", "video", name, at) for name, at in videos[:1]]
        return (*shown, *(Source("reference", "image", "images", at) for at in images)), "references"
    found = []
    if first is not None:
        found.append(Source("first_frame", "image", "first_image_url", first))
    if last is not None:
        found.append(Source("last_frame", "image", "last_image_url", last))
    return tuple(found), ("text", "first_frame", "first_last")[len(found)]


FAMILY = Family(
    name="omni",
    pattern=re.compile(r"omni-fast(-v2v)?"),
    bodies=("json",),
    readers={"videos": read},
    style=Style(task_id="video", running="in_progress"),
    models=MODELS,
)
