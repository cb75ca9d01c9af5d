"""Kling's official format: text and image to video below `/kling/v1/videos/`.

The models with these names are served on these routes only.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import partial
from typing import Any

from sandbox.body import Body, Fields
from sandbox.families.family import Family, Style
from sandbox.families.measures import check_seconds, compute_frame
from sandbox.families.shots import read_shots
from sandbox.order import Order, Shot, Source
from sandbox.refusal import invalid

MODELS = (
    *("kling-v1", "kling-v1-6", "kling-v2-master", "kling-v2-1-master", "kling-v2-5-turbo", "kling-v2-6"),
    *("kling-v3", "kling-v3-omni"),
)
DEFAULT_MODEL = "kling-v1"
PROMPT_MOST = 2500
TIERS = {"std": "720P", "pro": "1080P"}
MEDIA = ("url", "base64")
MOVES = ("simple", "down_back", "forward_up", "right_turn_forward", "left_turn_forward")
AXES = ("horizontal", "vertical", "pan", "tilt", "roll", "zoom")


def read(action: str, model: str, body: Body) -> Order:
    """Read one of the two routes (kling-text-to-video, kling-image-to-video)."""
    fields = Fields(body.values)
    fields.skip(["model", "model_name"])
    pictured = action == "image2video"
    prompt, negative = fields.text("prompt") or "", fields.text("negative_prompt") or ""
    for name, text in (("prompt", prompt), ("negative_prompt", negative)):
        if len(text) > PROMPT_MOST:
            raise invalid(name, f"{len(text)} characters; allowed: at most {PROMPT_MOST}")
    weight = fields.number("cfg_scale")
    if weight is not None and model.startswith("kling-v2"):
        raise invalid("cfg_scale", f"cfg_scale is not supported by {model}")
    if weight is not None and not 0 <= weight <= 1:
        raise invalid("cfg_scale", f"{weight} is out of range; allowed: 0-1")
    asked = fields.whole("duration")
    seconds = check_seconds("duration", 5 if asked is None else asked, list_seconds(model), model)
    tier = TIERS[fields.choice("mode", tuple(TIERS), exact=True) or "std"]
    # The gateway's default is a square (new-api: relay/channel/task/kling/adaptor.go).
    ratio = "1:1" if pictured else fields.choice("aspect_ratio", ("16:9", "9:16", "1:1"), exact=True) or "1:1"
    sound = fields.choice("sound", ("on", "off"), exact=True)
    if sound == "on" and not re.match(r"kling-v(2-6|3)", model):
        raise invalid("sound", f"{model} has no sound; allowed with kling-v2-6 and later")
    camera = read_camera(fields)
    sources, painted = read_pictures(fields) if pictured else ((), False)
    tail = any(source.role == "last_frame" for source in sources)
    exclusive = [
        name for name, given in (("image_tail", tail), ("masks", painted), ("camera_control", camera)) if given
    ]
    if len(exclusive) > 1:
        raise invalid(exclusive[1], f"does not go together with {exclusive[0]}")
    shots, several = read_multi_shot(fields, model, seconds)
    if tail and several:
        raise invalid("image_tail", "a last frame does not go together with multi_shot")
    if not prompt.strip() and not shots and (not pictured or several):
        raise invalid("prompt", "prompt is required")
    mode = ("text", "first_frame", "first_last")[2 if tail else len(sources)]
    width, height = compute_frame(tier, ratio)
    order = Order(
        family="kling",
        model=model,
        mode=mode,
        prompt=prompt or " / ".join(shot.prompt for shot in shots),
        seconds=seconds,
        width=width,
        height=height,
        ratio=ratio,
        resolution=tier,
        audio=sound == "on",
        follow=bool(sources),
        watermark=bool(fields.inner("watermark_info").flag("enabled")),
        sources=sources,
        shots=shots,
        notes=tuple(word for word in (f"camera {camera}" if camera else "", "motion brush" if painted else "") if word),
        callback=str(fields.link("callback_url") or ""),
        echo_model=model,
        echo_size=f"{width}x{height}",
        handed_back=read_shared(fields),
    )
    fields.finish()
    return order


def list_seconds(model: str) -> Collection[int]:
    """Return the lengths of a model."""
    return range(3, 16) if model.startswith("kling-v3") else (5, 10)


def read_camera(fields: Fields) -> str:
    """Read the camera's move: `simple` needs exactly one axis, the other types take none."""
    control = fields.inner("camera_control")
    if not control.values:
        return ""
    config = control.inner("config")
    kind = control.choice("type", MOVES, exact=True)
    if kind is None:
        raise invalid("camera_control.type", f"type is required; allowed: {', '.join(MOVES)}")
    moves = {axis: config.number(axis) or 0 for axis in AXES}
    if any(abs(value) > 10 for value in moves.values()):
        raise invalid("camera_control.config", "values go from -10 to 10")
    moved = [axis for axis, value in moves.items() if value]
    if kind == "simple" and len(moved) != 1:
        raise invalid("camera_control.config", f"simple needs exactly one non-zero value of {', '.join(AXES)}")
    if kind != "simple" and config.values:
        raise invalid("camera_control.config", f"{kind} takes no config")
    return moved[0] if kind == "simple" else kind


def read_pictures(fields: Fields) -> tuple[tuple[Source, ...], bool]:
    """Read the first and last frame, and whether a motion brush is used."""
    first, tail = fields.link("image", MEDIA), fields.link("image_tail", MEDIA)
    if first is None and tail is None:
        raise invalid("image", "image or image_tail is required")
    static = fields.link("static_mask", MEDIA)
    masks = fields.items("dynamic_masks")
    if len(masks) > 6:
        raise invalid("dynamic_masks", f"{len(masks)} masks; allowed: at most 6")
    for number, item in enumerate(masks):
        read_mask(item, f"dynamic_masks[{number}]")
    sources = []
    if first is not None:
        sources.append(Source("first_frame", "image", "image", first))
    if tail is not None:
        sources.append(Source("last_frame", "image", "image_tail", tail))
    return tuple(sources), static is not None or bool(masks)


def read_mask(item: Any, where: str) -> None:
    """Check one area of a motion brush and its path."""
    if not isinstance(item, dict):
        raise invalid(where, "must be an object")
    reader = Fields(item, where)
    if reader.link("mask", MEDIA) is None:
        raise invalid(f"{where}.mask", "mask is required")
    points = reader.items("trajectories")
    if len(points) < 2:
        raise invalid(f"{where}.trajectories", "at least two points {x, y}")
    for number, point in enumerate(points):
        at = f"{where}.trajectories[{number}]"
        if not isinstance(point, dict):
            raise invalid(at, "must be an object {x, y}")
        place = Fields(point, at)
        if place.whole("x") is None or place.whole("y") is None:
            raise invalid(at, "x and y are required")
        place.finish()
    reader.finish()


def read_multi_shot(fields: Fields, model: str, seconds: int) -> tuple[tuple[Shot, ...], bool]:
    """Read the shots, and whether there are several: with `intelligence` the model chooses the cuts."""
    several = bool(fields.flag("multi_shot"))
    kind = fields.choice("shot_type", ("customize", "intelligence"), exact=True)
    items = fields.items("multi_prompt")
    if not several:
        if kind or items:
            raise invalid("multi_shot", "must be true beside shot_type and multi_prompt")
        return (), False
    if not model.startswith("kling-v3"):
        raise invalid("multi_shot", f"{model} renders one shot; allowed with kling-v3, kling-v3-omni")
    if kind is None:
        raise invalid("shot_type", "shot_type is required beside multi_shot; allowed: customize, intelligence")
    if kind == "intelligence":
        if items:
            raise invalid("multi_prompt", "does not go together with shot_type intelligence")
        return (), True
    return read_shots(items, "multi_prompt", seconds), True


def read_shared(fields: Fields) -> dict[str, Any]:
    """Read the fields that do not affect the film; answers repeat the caller's own task id."""
    name = fields.text("external_task_id")
    return {"external_task_id": name} if name else {}


FAMILY = Family(
    name="kling-official",
    pattern=re.compile(r"kling-v\d+(-\w+)*"),
    bodies=("json",),
    readers={f"kling-{action}": partial(read, action) for action in ("text2video", "image2video")},
    style=Style(task_id="task", links=("video_url", "metadata.url")),
    models=MODELS,
)
