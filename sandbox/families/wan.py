"""Alibaba wan2.6: JSON; the model's name fixes the resolution tier."""

from __future__ import annotations

import re

from sandbox.body import Body, Fields
from sandbox.families.family import Family, Style
from sandbox.families.measures import check_seconds, compute_frame, find_ratio, read_pixels
from sandbox.order import Order, Source
from sandbox.refusal import invalid

MODELS = tuple(f"wan2.6-{kind}:{size}" for kind in ("t2v", "i2v") for size in ("1280*720", "1920*1080"))
SECONDS = range(2, 16)
RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4")


def read(model: str, body: Body) -> Order:
    """Read `POST /v1/videos` (alibaba-wan-text-to-video, alibaba-wan-image-to-video)."""
    fields = Fields(body.values)
    fields.skip(["model"])
    prompt = fields.required("prompt")
    metadata = fields.inner("metadata")
    native, parameters = metadata.inner("input"), metadata.inner("parameters")
    tier = "1080P" if model.endswith("1080") else "720P"
    parameters.choice("resolution", (tier,))
    lengths = [fields.whole("seconds"), fields.whole("duration")]
    seconds = next((n for n in lengths if n is not None), 5)
    sources = read_media(model, fields, native)
    width, height, ratio = choose_size(fields, tier, model)
    audio = parameters.flag("audio")
    extend = parameters.flag("prompt_extend")
    shot = parameters.choice("shot_type", ("single", "multi"), exact=True)
    if shot == "multi" and extend is False:
        raise invalid("metadata.parameters.shot_type", "multi needs prompt_extend, which is off")
    seed = parameters.whole("seed")
    if seed is not None and not 0 <= seed <= 2147483647:
        raise invalid("metadata.parameters.seed", f"{seed} is out of range; allowed: 0-2147483647")
    negative = native.text("negative_prompt")
    if negative is not None and len(negative) > 500:
        raise invalid("metadata.input.negative_prompt", "at most 500 characters")
    pictures = [s for s in sources if s.kind == "image"]
    order = Order(
        family="wan",
        model=model,
        mode=choose_mode(pictures),
        prompt=prompt,
        seconds=check_seconds("seconds", seconds, SECONDS, model),
        width=width,
        height=height,
        ratio=ratio,
        resolution=tier,
        audio=audio is not False,
        follow=any(s.role == "first_frame" for s in pictures),
        seed=seed,
        watermark=bool(parameters.flag("watermark")),
        sources=sources,
        notes=("multi shot",) if shot == "multi" else (),
        echo_model=model,
        echo_size=f"{width}*{height}",
    )
    fields.finish()
    return order


def read_media(model: str, fields: Fields, native: Fields) -> tuple[Source, ...]:
    """Read the pictures of an i2v model and the sound of either; a t2v model takes no picture."""
    forms = ("url", "data", "base64")
    frame_name = "input_reference" if "input_reference" in fields.values else "image"
    first = fields.link("input_reference", forms)
    other = fields.link("image", forms)
    native_first = native.link("first_frame_url")
    last = native.link("last_frame_url")
    references = fields.media("images", forms)
    audio = native.link("audio_url")
    sources = []
    # A client may send the same picture under both names.
    if (chosen := native_first or first or other) is not None:
        name = "metadata.input.first_frame_url" if native_first else frame_name
        sources.append(Source("first_frame", "image", name, chosen))
    if last is not None:
        if not sources:
            raise invalid("metadata.input.last_frame_url", "a last frame needs first_frame_url beside it")
        sources.append(Source("last_frame", "image", "metadata.input.last_frame_url", last))
    if references and sources:
        raise invalid("images", "references do not go together with a first or last frame")
    sources += [Source("reference", "image", "images", at) for at in references]
    if "-t2v:" in model and sources:
        raise invalid(sources[0].field, f"{model} takes no image; use an i2v model")
    if "-i2v:" in model and not sources:
        raise invalid("input_reference", f"{model} needs an image; use a t2v model for text alone")
    if audio is not None:
        sources.append(Source("reference", "audio", "metadata.input.audio_url", audio))
    return tuple(sources)


def choose_mode(pictures: list[Source]) -> str:
    """Derive the mode from the pictures."""
    if not pictures:
        return "text"
    if pictures[0].role == "reference":
        return "references"
    return "first_last" if len(pictures) == 2 else "first_frame"


def choose_size(fields: Fields, tier: str, model: str) -> tuple[int, int, str]:
    """Read `size` within the model's tier: with the tier's short side, or within 12 % of its area."""
    given = read_pixels(fields, "size", times="*")
    if given is None:
        return *compute_frame(tier, "16:9"), "16:9"
    wide, high = given
    ratio = find_ratio(wide, high, RATIOS)
    full, short = compute_frame(tier, "16:9")
    in_tier = min(wide, high) == short or abs(wide * high / (full * short) - 1) < 0.12
    if ratio is None or not in_tier:
        what = f"{wide}*{high} is outside the tier of {model}; allowed: {tier} sizes of {', '.join(RATIOS)}"
        raise invalid("size", what, code="invalid_size")
    return wide // 2 * 2, high // 2 * 2, ratio


FAMILY = Family(
    name="wan",
    pattern=re.compile(r"wan2\.6-(t2v|i2v):(1280\*720|1920\*1080)"),
    bodies=("json",),
    readers={"videos": read},
    style=Style(task_id="task", running="in_progress", links=("metadata.url",)),
    models=MODELS,
)
