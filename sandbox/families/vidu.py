"""Vidu's own channel: the OpenAI form, unified video and the official routes.

One reader, and a table of the fields of each route. On `/v1/videos` the same models also take the domestic family's
body, as JSON or as a form.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import partial
from typing import Any

from sandbox.body import Body, Fields
from sandbox.families import domestic
from sandbox.families.domestic_limits import VIDU_RATIOS, Limits, find_limits
from sandbox.families.family import Family, Style
from sandbox.families.measures import check_seconds, compute_frame
from sandbox.families.pictures import assign_roles, choose_mode
from sandbox.order import Order, Source
from sandbox.refusal import invalid

MODELS = (
    *("viduq3-pro", "viduq2", "viduq2-pro", "viduq2-pro-fast", "viduq2-turbo"),
    *("viduq1", "viduq1-classic", "vidu2.0"),
)
FRAME_MODELS = tuple(model for model in MODELS if model != "viduq2")
PAYLOAD_MOST = 1048576
OFFICIAL_MEDIA = ("url", "data")
AMPLITUDES = ("auto", "small", "medium", "large")
# A form with one of these fields is the domestic family's body, any other form the channel's own.
DOMESTIC_FORM = ("metadata", "input_reference", "image")


@dataclass(frozen=True)
class Way:
    """What one route takes beyond the shared fields."""

    models: tuple[str, ...] = ()  # () means all
    prompt: str = "required"
    prompt_most: int = 5000
    images: tuple[int, ...] = (0,)  # allowed counts
    media: tuple[str, ...] = OFFICIAL_MEDIA
    ratio: bool = False
    style: bool = False
    voiced: bool = True
    official: bool = True


WAYS = {
    "videos": Way(prompt_most=2000, images=(0, 1), media=("file", "url", "base64"), ratio=True, official=False),
    "unified": Way(prompt_most=2000, images=tuple(range(8)), media=("url", "base64"), ratio=True, official=False),
    "vidu-text2video": Way(models=("viduq3-pro", "viduq2", "viduq1"), ratio=True, style=True, voiced=False),
    "vidu-img2video": Way(models=FRAME_MODELS, prompt="optional", images=(1,)),
    "vidu-start-end2video": Way(models=FRAME_MODELS, prompt="optional", images=(2,)),
    "vidu-reference2video": Way(models=FRAME_MODELS),
}


def read_video(model: str, body: Body) -> Order:
    """Read `POST /v1/videos`: JSON is the domestic body, a form usually the channel's own."""
    if body.kind == "json" or any(name in body.values for name in DOMESTIC_FORM):
        return domestic.read(model, body)
    return read("videos", model, body)


def read(entry: str, model: str, body: Body) -> Order:
    """Read the channel's own body on a route (octopusx-vidu-generation and the pages of its routes)."""
    way, limits = WAYS[entry], find_limits(model)
    fields = Fields(body.values)
    fields.skip(["model"])
    if way.models and model not in way.models:
        raise invalid("model", f"{model} is not served on this route; allowed: {', '.join(way.models)}")
    prompt = fields.required("prompt") if way.prompt == "required" else fields.text("prompt") or ""
    if len(prompt) > way.prompt_most:
        raise invalid("prompt", f"{len(prompt)} characters; allowed: at most {way.prompt_most}")
    names: list[str] = []
    sources = read_subjects(fields, names) if entry == "vidu-reference2video" else read_images(entry, way, fields)
    seconds = read_seconds(entry, fields, limits, model)
    tier = read_tier(fields, limits, model, seconds)
    ratio = "16:9"
    if way.ratio:
        allowed = VIDU_RATIOS if re.match(r"viduq[23]", model) else ("16:9", "9:16", "1:1")
        ratio = fields.choice("aspect_ratio", allowed, exact=True) or ratio
    style = fields.choice("style", ("general", "anime"), exact=True) if way.style else None
    sound = fields.flag("audio")
    handed_back = read_shared(fields, way, model)
    width, height = compute_frame(tier, ratio)
    mode = choose_mode(sources) if not names else "references"
    order = Order(
        family="vidu",
        model=model,
        mode=mode,
        prompt=prompt,
        seconds=seconds,
        width=width,
        height=height,
        ratio=ratio,
        resolution=tier,
        audio=limits.audio if sound is None else sound,
        follow=mode in ("first_frame", "first_last"),
        seed=fields.whole("seed"),
        watermark=bool(fields.flag("watermark")),
        sources=sources,
        notes=tuple(word for word in (style, *names, "off-peak" if handed_back["off_peak"] else None) if word),
        callback=str(fields.link("callback_url") or "") if way.official else "",
        echo_model=model,
        echo_size=f"{width}x{height}",
        handed_back=handed_back,
    )
    fields.finish()
    return order


def read_images(entry: str, way: Way, fields: Fields) -> tuple[Source, ...]:
    """Read `images` and check their number."""
    if way.images == (0,):
        return ()
    # A form repeats the part; a JSON body holds a list.
    given = fields.media("images", way.media) if entry == "videos" else fields.addresses("images", way.media)
    if len(given) not in way.images:
        wanted = f"exactly {way.images[0]}" if len(way.images) == 1 else f"at most {way.images[-1]}"
        raise invalid("images", f"{len(given)} images; allowed: {wanted}")
    return assign_roles(given, "images", limit=way.images[-1])


def read_subjects(fields: Fields, names: list[str]) -> tuple[Source, ...]:
    """Read `subjects`: an id that the prompt names as `@id`, one to three images, and an optional voice each."""
    subjects = fields.items("subjects")
    if not 1 <= len(subjects) <= 7:
        raise invalid("subjects", f"{len(subjects)} subjects; allowed: 1-7")
    sources: list[Source] = []
    for number, item in enumerate(subjects):
        where = f"subjects[{number}]"
        if not isinstance(item, dict):
            raise invalid(where, "must be an object")
        reader = Fields(item, where)
        name = reader.required("id")
        if f"@{name}" in names:
            raise invalid(f"{where}.id", f"{name!r} is already the id of an earlier subject")
        names.append(f"@{name}")
        images = reader.addresses("images", OFFICIAL_MEDIA)
        if not 1 <= len(images) <= 3:
            raise invalid(f"{where}.images", f"{len(images)} images; allowed: 1-3")
        reader.text("voice_id")
        reader.finish()
        sources += [Source("reference", "image", f"{where}.images", at) for at in images]
    if len(sources) > 7:
        raise invalid("subjects", f"{len(sources)} images in all; allowed: at most 7")
    return tuple(sources)


def read_seconds(entry: str, fields: Fields, limits: Limits, model: str) -> int:
    """Read `duration`; on its own route the gateway also reads `seconds` (new-api: relay/common/relay_utils.go)."""
    places = ("seconds", "duration") if entry == "videos" else ("duration",)
    for name in places:
        if (value := fields.whole(name)) is not None:
            fields.skip(places)
            return check_seconds(name, value, limits.seconds, model)
    return 5 if 5 in limits.seconds else limits.default


def read_tier(fields: Fields, limits: Limits, model: str, seconds: int) -> str:
    """Read `resolution`; the first tier of the model is the default."""
    tiers = ("720P",) if model == "vidu2.0" and seconds == 8 else limits.tiers
    return fields.choice("resolution", tiers) or tiers[0]


def read_shared(fields: Fields, way: Way, model: str) -> dict[str, Any]:
    """Read the fields that do not affect the film; returns those that answers repeat."""
    if way.voiced:
        fields.text("voice_id")
        fields.flag("is_rec")
    if way.official:
        if re.match(r"viduq[23]", model) and "movement_amplitude" in fields.values:
            raise invalid("movement_amplitude", f"movement_amplitude is not supported by {model}")
        fields.choice("movement_amplitude", AMPLITUDES, exact=True)
    position = fields.whole("wm_position")
    if position is not None and position not in range(1, 5):
        raise invalid("wm_position", f"{position} is not a corner; allowed: 1-4")
    fields.link("wm_url")
    marks = fields.text("meta_data")
    try:
        json.loads(marks or "{}")
    except ValueError:
        raise invalid("meta_data", "must be JSON text") from None
    payload = fields.text("payload") or ""
    if len(payload) > PAYLOAD_MOST:
        raise invalid("payload", f"{len(payload)} characters; allowed: at most {PAYLOAD_MOST}")
    return {"payload": payload, "bgm": bool(fields.flag("bgm")), "off_peak": bool(fields.flag("off_peak"))}


FAMILY = Family(
    name="vidu-channel",
    pattern=re.compile(r"viduq.+|vidu2\.0"),
    bodies=("json", "form"),
    readers={"videos": read_video} | {entry: partial(read, entry) for entry in WAYS if entry != "videos"},
    style=Style(task_id="video", repeats_id=False, always={"quality": "standard"}),
    models=MODELS,
)
