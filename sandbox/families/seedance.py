"""Seedance 2 on `/v1/video/generations`: JSON with `content`, whose items have roles, and `metadata`."""

from __future__ import annotations

import re
from typing import Any

from sandbox.body import Body, Fields
from sandbox.families.family import Family, Style
from sandbox.families.measures import compute_frame
from sandbox.order import Kind, Order, Role, Source
from sandbox.refusal import invalid

MODELS = ("doubao-seedance-2-0-260128", "doubao-seedance-2-0-fast-260128")
RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "adaptive")
TYPES = ("text", "image_url", "video_url", "audio_url", "draft_task")
PARTS: dict[str, tuple[Role, Kind]] = {
    "first_frame": ("first_frame", "image"),
    "last_frame": ("last_frame", "image"),
    "reference_image": ("reference", "image"),
    "reference_video": ("reference", "video"),
    "reference_audio": ("reference", "audio"),
}
ROLES: dict[str, tuple[str, ...]] = {
    "image_url": ("first_frame", "last_frame", "reference_image"),
    "video_url": ("reference_video",),
    "audio_url": ("reference_audio",),
}
FORMS: dict[str, tuple[str, ...]] = {
    "image_url": ("url", "data", "asset"),
    "video_url": ("url", "asset"),
    "audio_url": ("url", "data", "asset"),
}
STOCK_MEDIA = FORMS["image_url"]
MOST: dict[Kind, int] = {"image": 9, "video": 3, "audio": 3}


def read(model: str, body: Body) -> Order:
    """Read `POST /v1/video/generations` (octopusx-seedance-2-generation)."""
    fields = Fields(body.values)
    fields.skip(["model"])
    metadata = fields.inner("metadata")
    prompts, sources = read_content(fields, metadata)
    mode = choose_mode(sources, prompts)
    refuse_unsupported(metadata, model)
    tiers = ("480p", "720p") if "-fast-" in model else ("480p", "720p", "1080p")
    tier = metadata.choice("resolution", tiers) or "720p"
    asked = metadata.choice("ratio", RATIOS) or "16:9"
    seconds = metadata.whole("duration")
    if seconds is not None and seconds != -1 and not 4 <= seconds <= 15:
        raise invalid("metadata.duration", f"{seconds} is not a length of {model}; allowed: 4-15, or -1")
    audio = metadata.flag("generate_audio") is not False
    if not audio and any(s.kind == "audio" for s in sources):
        raise invalid("metadata.generate_audio", "must be true when a reference_audio is used")
    seed = metadata.whole("seed")
    if seed is not None and not -1 <= seed < 2**32:
        raise invalid("metadata.seed", f"{seed} is out of range; allowed: -1 to 4294967295")
    ratio = "16:9" if asked == "adaptive" else asked
    width, height = compute_frame(tier, ratio)
    order = Order(
        family="seedance",
        model=model,
        mode=mode,
        prompt="\n".join(prompts),
        seconds=5 if seconds in (None, -1) else seconds,
        width=width,
        height=height,
        ratio=ratio,
        resolution=tier,
        audio=audio,
        follow=asked == "adaptive" and any(s.kind == "image" for s in sources),
        seed=None if seed == -1 else seed,
        watermark=bool(metadata.flag("watermark")),
        keep_last_frame=bool(metadata.flag("return_last_frame")),
        sources=tuple(sources),
        callback=str(metadata.link("callback_url") or ""),
        echo_model=model,
        echo_size=f"{width}x{height}",
    )
    fields.finish()
    return order


def read_content(fields: Fields, metadata: Fields) -> tuple[list[str], list[Source]]:
    """Read prompt and media: from `content` as documented, or from the fields of the stock gateway (new-api)."""
    prompts: list[str] = []
    sources: list[Source] = []
    prompt = fields.text("prompt")
    items, inner, pictures = fields.items("content"), metadata.items("content"), fields.addresses("images", STOCK_MEDIA)
    stock = [name for name, given in (("prompt", prompt), ("metadata.content", inner), ("images", pictures)) if given]
    if items and stock:
        raise invalid(stock[0], "does not go together with content")
    where = "content" if items else "metadata.content"
    for number, item in enumerate(items or inner):
        read_item(item, f"{where}[{number}]", prompts, sources)
    if not stock:
        if not items:
            raise invalid("content", "at least one item is required")
        return prompts, sources
    # In the stock form `prompt` replaces any text in the content.
    role: Role = "first_frame" if len(pictures) == 1 and not inner else "reference"
    sources += [Source(role, "image", "images", at) for at in pictures]
    return [fields.required("prompt")], sources


def read_item(item: Any, where: str, prompts: list[str], sources: list[Source]) -> None:
    """Read one item of `content`: a text, or media with its role."""
    if not isinstance(item, dict):
        raise invalid(where, "must be an object")
    reader = Fields(item, where)
    kind = reader.choice("type", TYPES, exact=True)
    if kind is None:
        raise invalid(f"{where}.type", f"type is required; allowed: {', '.join(TYPES)}")
    if kind == "draft_task":
        raise invalid(where, "draft_task is not supported by 2.0 models")
    if kind == "text":
        prompts.append(reader.required("text"))
        reader.finish()
        return
    link = reader.inner(kind).link("url", FORMS[kind])
    if link is None:
        raise invalid(f"{where}.{kind}.url", "url is required")
    role = reader.choice("role", ROLES[kind], exact=True)
    # An image without a role is the upstream's short form of a first frame; other media need a role.
    if role is None and kind != "image_url":
        raise invalid(f"{where}.role", f"role is required; allowed: {', '.join(ROLES[kind])}")
    part, medium = PARTS[role or "first_frame"]
    sources.append(Source(part, medium, f"{where}.{kind}.url", link))
    reader.finish()


def choose_mode(sources: list[Source], prompts: list[str]) -> str:
    """Derive the mode; refuses frames and references together, and more items than allowed."""
    firsts = [s for s in sources if s.role == "first_frame"]
    lasts = [s for s in sources if s.role == "last_frame"]
    references = [s for s in sources if s.role == "reference"]
    if len(firsts) > 1 or len(lasts) > 1:
        raise invalid("content", "at most one first_frame and one last_frame")
    if lasts and not firsts:
        raise invalid("content", "a last_frame needs a first_frame beside it")
    if firsts and references:
        raise invalid("content", "first_frame and last_frame do not go together with reference_* items")
    for kind, most in MOST.items():
        if sum(1 for s in references if s.kind == kind) > most:
            raise invalid("content", f"at most {most} reference_{kind} items")
    if references and all(s.kind == "audio" for s in references):
        raise invalid("content", "a reference_audio needs a reference_image or reference_video beside it")
    if not sources and not prompts:
        raise invalid("content", "a text item is required when there is no media")
    if references:
        return "references"
    return ("text", "first_frame", "first_last")[len(sources)]


def refuse_unsupported(metadata: Fields, model: str) -> None:
    """Refuse the options that the gateway's page lists but the upstream refuses for 2.0."""
    if metadata.whole("frames") is not None:
        raise invalid("metadata.frames", f"frames is not supported by {model}; use duration")
    for name in ("camera_fixed", "draft"):
        if metadata.flag(name):
            raise invalid(f"metadata.{name}", f"{name} is not supported by {model}")
    metadata.choice("service_tier", ("default",), exact=True)
    expiry = metadata.whole("execution_expires_after")
    if expiry is not None and not 3600 <= expiry <= 259200:
        raise invalid("metadata.execution_expires_after", f"{expiry} is out of range; allowed: 3600-259200")
    metadata.skip(["tools", "safety_identifier", "priority"])


FAMILY = Family(
    name="seedance",
    pattern=re.compile(r"doubao-seedance-2-0-.+"),
    bodies=("json",),
    readers={"generations": read},
    style=Style(task_id="cgt", moderation_code="InputTextSensitiveContentDetected"),
    models=MODELS,
)
