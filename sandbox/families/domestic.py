"""The domestic family: one reader, and a table of limits for its model prefixes.

Vidu's and Jimeng's own channels take the same body under their names.
"""

from __future__ import annotations

import re

from sandbox.body import Body, Fields
from sandbox.families.domestic_limits import Limits, find_limits
from sandbox.families.domestic_media import SCENES, Inputs, choose_mode, read_inputs, read_multi_shot
from sandbox.families.domestic_names import Implied, agree, compose_name, read_name
from sandbox.families.family import Family, Style
from sandbox.families.measures import (
    check_seconds,
    compute_frame,
    find_ratio,
    parse_tier,
    read_audio_switch,
    read_pixels,
)
from sandbox.order import Order
from sandbox.refusal import invalid

PASSED_THROUGH = (
    *("subject_infos", "negative_prompt", "enhance_prompt", "input_region", "procedure", "session_id"),
    *("session_context", "tasks_priority", "last_frame_file_id", "generation_mode"),
)
HAILUO_NATIVE = (
    *("prompt_optimizer", "fast_pretreatment", "first_frame_image", "last_frame_image"),
    *("subject_reference", "callback_url", "aigc_watermark"),
)
# Modes whose output takes the ratio of the first picture, whatever ratio is requested.
FOLLOWING = ("first_frame", "first_last", "motion_control", "avatar", "lip_sync", "template")


def read(model: str, body: Body) -> Order:
    """Read `POST /v1/videos` (domestic-models)."""
    fields = Fields(body.values)
    fields.skip(["model"])
    metadata = fields.inner("metadata")
    config = metadata.inner("output_config")
    metadata.skip(PASSED_THROUGH)
    if model.lower().startswith("hailuo-"):
        metadata.skip(HAILUO_NATIVE)
    limits, implied = find_limits(model), read_name(model)
    inputs = read_inputs(body, fields, metadata, uploads=2 if model.startswith("jimeng-") else 1)
    scene = agree(model, "metadata.scene_type", metadata.choice("scene_type", SCENES, exact=True), implied.scene)
    audio = agree(model, "metadata.output_config.audio_generation", read_audio_switch(config), implied.audio)
    sound = limits.audio if audio is None else audio
    prompt = fields.text("prompt")
    mode = choose_mode(scene, inputs, limits, model, speaks=bool(sound and prompt))
    if not (prompt and prompt.strip()) and mode == "text":
        raise invalid("prompt", "prompt is required")
    if implied.referenced is not None and scene is None and implied.referenced != (mode != "text"):
        raise invalid("images", f"{model} needs {'a' if implied.referenced else 'no'} reference input")
    seconds = choose_seconds(fields, metadata, config, limits, model)
    tier, ratio, size = choose_frame(fields, config, limits, implied, model)
    check_pairs(model, mode, tier, seconds)
    level = agree(model, "metadata.motion_level", metadata.choice("motion_level", ("std", "pro")), implied.motion_level)
    offpeak = agree(model, "metadata.offpeak", metadata.flag("offpeak"), implied.offpeak)
    music = metadata.flag("bgm") if model.lower().startswith("vidu") else None
    seed = metadata.whole("seed")
    shots = read_multi_shot(inputs, model, seconds)
    fields.finish()
    return Order(
        family="domestic",
        model=model,
        mode=mode,
        prompt=prompt or "",
        seconds=seconds,
        width=size[0],
        height=size[1],
        ratio=ratio,
        resolution=tier,
        audio=bool(sound) or mode in ("avatar", "lip_sync"),
        follow=mode in FOLLOWING and not model.startswith("jimeng-"),
        seed=seed,
        notes=collect_notes(mode, level, bool(offpeak), bool(music), inputs),
        sources=tuple(inputs.sources),
        shots=shots,
        echo_model=compose_name(
            model,
            tier,
            scene=scene,
            level=level,
            referenced=mode != "text",
            audio=bool(sound),
            offpeak=bool(offpeak),
        ),
        echo_size=f"{size[0]}x{size[1]}",
    )


def choose_seconds(fields: Fields, metadata: Fields, config: Fields, limits: Limits, model: str) -> int:
    """Read the length from the first place that holds one, in the documented order; 5 s by default."""
    places = [
        *(fields.whole("seconds"), fields.whole("duration"), metadata.whole("seconds")),
        *(metadata.whole("duration"), metadata.whole("video_duration"), config.whole("duration")),
    ]
    names = ("seconds", "duration", "metadata.seconds", "metadata.duration", "metadata.video_duration")
    for name, value in zip((*names, "metadata.output_config.duration"), places, strict=True):
        if value is not None:
            return check_seconds(name, value, limits.seconds, model)
    return 5 if 5 in limits.seconds else limits.default


def choose_frame(
    fields: Fields, config: Fields, limits: Limits, implied: Implied, model: str
) -> tuple[str, str, tuple[int, int]]:
    """Read tier, ratio and pixels: from `output_config`, then `size`, then the model."""
    size = read_pixels(fields, "size")
    if size and limits.sizes and f"{size[0]}x{size[1]}" not in limits.sizes:
        what = f"{size[0]}x{size[1]} is not supported; allowed: {', '.join(limits.sizes)}"
        raise invalid("size", what, code="invalid_size")
    resolution = config.choice("resolution", limits.tiers)
    tier = agree(model, "metadata.output_config.resolution", resolution, implied.tier)
    ratios = ("16:9", "9:16", "1:1", "4:3", "3:4") if limits.ignores_ratio else limits.ratios
    ratio = config.choice("aspect_ratio", ratios)
    if limits.ignores_ratio:
        ratio = None
    by_size = find_ratio(*size, limits.ratios) if size else None
    if size and tier is None and ratio is None:
        by_side = f"{min(size)}P"
        if by_side not in limits.tiers or (by_size is None and not limits.ignores_ratio):
            allowed = f"short sides {', '.join(limits.tiers)} in {', '.join(limits.ratios)}"
            raise invalid("size", f"{size[0]}x{size[1]} is not supported; allowed: {allowed}", code="invalid_size")
        return by_side, by_size or limits.ratios[0], (size[0] // 2 * 2, size[1] // 2 * 2)
    if tier is None and size and f"{min(size)}P" in limits.tiers:
        tier = f"{min(size)}P"
    tier = tier or limits.tiers[0]
    ratio = ratio or by_size or limits.ratios[0]
    return tier, ratio, compute_frame(tier, ratio)


def check_pairs(model: str, mode: str, tier: str, seconds: int) -> None:
    """Refuse values that a model does not combine."""
    name = model.lower()
    if name.startswith("hailuo-") and parse_tier(tier) == 1080 and seconds != 6:
        raise invalid("metadata.output_config.resolution", f"1080P is available with 6 s only, not {seconds} s")
    if name.startswith("vidu2.0") and seconds == 8 and tier != "720P":
        raise invalid("metadata.output_config.resolution", f"{tier} is available with 4 s only; allowed with 8 s: 720P")
    if name.startswith("kling-2.1") and mode == "first_last" and tier != "1080P":
        raise invalid("metadata.output_config.resolution", f"{model} takes a last frame at 1080P only, not {tier}")


def collect_notes(mode: str, level: str | None, offpeak: bool, music: bool, inputs: Inputs) -> tuple[str, ...]:
    """Collect the facts that the slate adds to the usual ones."""
    found = []
    if mode == "motion_control":
        found.append(f"motion {level or 'std'}")
    if mode == "template":
        found.append(f"template {inputs.extras['template']}")
    if offpeak:
        found.append("off-peak")
    if music:
        found.append("background music")
    return tuple(found)


AIGC_MODELS = (
    *("Kling-3.0", "Kling-3.0-Omni", "Kling-2.6", "Kling-2.5", "Kling-2.1", "Kling-2.0", "Kling-1.6", "Kling-O1"),
    *("kling-3.0-omni-1080p-ref-audio", "kling-2.6-motion-pro-1080p", "kling-avatar-720p", "kling-identify-face"),
    *("Vidu-q3-pro", "Vidu-q3-turbo", "Vidu-q2", "Vidu-q2-pro", "Vidu-q2-turbo", "Vidu-template"),
    *("vidu-q2-pro-reference-1080p-offpeak", "GV-3.1", "GV-3.1-fast", "OS-2.0", "Hunyuan-1.5", "Mingmou-1.0"),
    *("Hailuo-02", "Hailuo-2.3", "Hailuo-2.3-fast", "SV-1.5-pro", "SV-1.0-pro", "SV-1.0-pro-fast", "SV-1.0-lite"),
    *("sv-1.5-pro-1080p-audio", "JV-3.0-pro"),
)

FAMILY = Family(
    name="domestic",
    pattern=re.compile(
        r"(Kling|kling|Vidu|vidu|GV|OS|Hunyuan|Mingmou|Hailuo|hailuo|SV|sv|JV)-.+",
    ),
    bodies=("json", "form"),
    readers={"videos": read},
    style=Style(task_id="task", links=("video_url", "metadata.url")),
    models=AIGC_MODELS,
)
