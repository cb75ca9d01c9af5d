"""Read the domestic family's media and scenes, and derive the mode from them.

`domestic.py` reads lengths, tiers and ratios.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.body import Body, Fields, check_address
from sandbox.families.domestic_limits import Limits
from sandbox.families.shots import read_shots
from sandbox.order import Kind, Role, Shot, Source
from sandbox.refusal import invalid

SCENES = ("motion_control", "avatar_i2v", "lip_sync", "template_effect")
CATEGORIES: dict[str, Kind] = {"Image": "image", "Video": "video", "Audio": "audio"}
USAGES: dict[str, Role] = {"FirstFrame": "first_frame", "Reference": "reference", "LastFrame": "last_frame"}
PASCAL = (
    *("Type", "Category", "Url", "FileId", "Base64", "Usage"),
    *("ReferenceType", "ObjectId", "VoiceId", "KeepOriginalSound", "Text"),
)
SNAKE = {re.sub(r"(?<!^)([A-Z])", r"_\1", key).lower(): key for key in PASCAL}
FRAME_ROLES: tuple[Role, Role] = ("first_frame", "last_frame")
SPOKEN_BY = ("audio_url", "audio_id", "sound_file", "voice_id")


@dataclass
class Inputs:
    """The media of a request, and the vendor's extras that scenes need."""

    sources: list[Source] = field(default_factory=list)
    extras: dict[str, Any] = field(default_factory=dict)

    def select(self, kind: Kind, role: Role | None = None) -> list[Source]:
        """Return the sources of one kind, and of one role if given."""
        return [s for s in self.sources if s.kind == kind and (role is None or s.role == role)]


def read_inputs(body: Body, fields: Fields, metadata: Fields, *, uploads: int) -> Inputs:
    """Read the media of a JSON body (links) or a form (links, and at most `uploads` files in `input_reference`)."""
    found = Inputs()
    add = found.sources.append
    if (image := fields.link("image")) is not None:
        add(Source("first_frame", "image", "image", image))
    for at in fields.media("images", ("url", "file") if body.kind == "form" else ("url",)):
        add(Source("reference", "image", "images", at))
    forms = ("file", "url") if body.kind == "form" else ("url",)
    uploaded = fields.media("input_reference", forms)
    if len(uploaded) > uploads:
        raise invalid("input_reference", f"{len(uploaded)} images; allowed: at most {uploads}")
    for role, at in zip(FRAME_ROLES, uploaded, strict=False):
        add(Source(role, "image", "input_reference", at))
    if (last := metadata.link("last_frame_url")) is not None:
        add(Source("last_frame", "image", "metadata.last_frame_url", last))
    if (video := metadata.link("video_url")) is not None:
        add(Source("reference", "video", "metadata.video_url", video))
    for number, item in enumerate(metadata.items("file_infos")):
        if (source := read_file_info(item, f"metadata.file_infos[{number}]")) is not None:
            add(source)
    found.extras = read_extras(metadata)
    for single in ("first_frame", "last_frame"):
        frames = [s for s in found.sources if s.role == single]
        if len(frames) > 1:
            raise invalid(frames[1].field, f"a second {single}, beside {frames[0].field}; allowed: one")
    return found


def read_file_info(item: Any, where: str) -> Source | None:
    """Read one entry of `file_infos`, with keys in Pascal or snake case; a `FileId` is kept as an unknown asset."""
    if not isinstance(item, dict):
        raise invalid(where, "must be an object")
    reader = Fields({SNAKE.get(str(key), str(key)): value for key, value in item.items()}, where)
    reader.skip(("ReferenceType", "ObjectId", "VoiceId", "KeepOriginalSound", "Text"))
    kind = reader.choice("Type", ("Url", "File", "Base64"), exact=True)
    category = reader.choice("Category", tuple(CATEGORIES), exact=True) or "Image"
    usage = reader.choice("Usage", tuple(USAGES), exact=True)
    place = {"File": "FileId", "Base64": "Base64"}.get(kind or "Url", "Url")
    value = reader.required(place)
    reader.finish()
    if place == "FileId":
        at: str | bytes = f"asset://{value}"
    else:
        at = check_address(value, f"{where}.{place}", ("url",) if place == "Url" else ("base64",))
    role = USAGES[usage or "FirstFrame"] if category == "Image" else "reference"
    return Source(role, CATEGORIES[category], f"{where}.{place}", at)


def read_extras(metadata: Fields) -> dict[str, Any]:
    """Read `AdditionalParameters` from `ext_info`, which is JSON text; the inner object may be JSON text too."""
    text = metadata.text("ext_info")
    if text is None:
        return {}
    try:
        outer = json.loads(text)
        inner = outer.get("AdditionalParameters", {}) if isinstance(outer, dict) else None
        extras = json.loads(inner) if isinstance(inner, str) else inner
    except ValueError:
        extras = None
    if not isinstance(extras, dict):
        raise invalid("metadata.ext_info", 'must be JSON text such as {"AdditionalParameters": {…}}')
    return extras


def read_multi_shot(inputs: Inputs, model: str, seconds: int) -> tuple[Shot, ...]:
    """Read `multi_shot`, `shot_type` and `multi_prompt`; refuses them for models without several shots."""
    given: dict[str, Any] = {
        key: inputs.extras[key] for key in ("multi_shot", "shot_type", "multi_prompt") if key in inputs.extras
    }
    reader = Fields(given, "metadata.ext_info.AdditionalParameters")
    several, kind = reader.flag("multi_shot"), reader.choice("shot_type", ("customize",), exact=True)
    items = reader.items("multi_prompt")
    if not several:
        if kind or items:
            raise invalid(reader.where("multi_shot"), "must be true beside shot_type and multi_prompt")
        return ()
    name = model.lower()
    if not name.startswith("kling-3.0"):
        raise invalid(reader.where("multi_shot"), f"{model} renders one shot; allowed with Kling-3.0, Kling-3.0-Omni")
    if kind is None:
        raise invalid(reader.where("shot_type"), "shot_type is required beside multi_shot; allowed: customize")
    if name.startswith("kling-3.0-omni") and inputs.select("video"):
        raise invalid(reader.where("multi_shot"), "does not go together with a reference video")
    return read_shots(items, reader.where("multi_prompt"), seconds)


def choose_mode(scene: str | None, inputs: Inputs, limits: Limits, model: str, speaks: bool) -> str:
    """Derive the mode from the scene or the media; refuses missing and surplus media."""
    if scene is not None:
        if scene not in limits.scenes:
            allowed = ", ".join(limits.scenes) or "none"
            raise invalid("metadata.scene_type", f"{model} does not support {scene}; allowed: {allowed}")
        return SCENE_CHECKS[scene](inputs, speaks)
    firsts, lasts = inputs.select("image", "first_frame"), inputs.select("image", "last_frame")
    references, videos = inputs.select("image", "reference"), inputs.select("video")
    if sounds := inputs.select("audio"):
        raise invalid(sounds[0].field, "audio needs scene_type avatar_i2v or lip_sync")
    if videos and not limits.videos:
        raise invalid(videos[0].field, f"{model} takes no reference video")
    if len(references) > limits.images:
        raise invalid(references[0].field, f"{len(references)} images; {model} allows at most {limits.images}")
    if references and (firsts or lasts):
        raise invalid(references[0].field, "references do not go together with a first or last frame")
    if lasts and videos:
        raise invalid(videos[0].field, "a reference video does not go together with a last frame")
    if references or videos:
        return "references"
    # Some upstreams refuse a last frame alone, but it is an example of domestic-models, so it passes.
    return "first_last" if lasts else "first_frame" if firsts else "text"


def check_motion_control(inputs: Inputs, speaks: bool) -> str:
    """Check the media of `motion_control` and return the mode."""
    check_inputs(inputs, "motion_control", needs=[("image", "first_frame", "image")], most={"image": 1, "video": 1})
    return "motion_control"


def check_avatar(inputs: Inputs, speaks: bool) -> str:
    """Check the media of `avatar_i2v`, which needs audio or a spoken prompt, and return the mode."""
    check_inputs(inputs, "avatar_i2v", needs=[("image", "first_frame", "image")], most={"image": 1, "audio": 1})
    spoken = any(key in inputs.extras for key in SPOKEN_BY)
    if not (inputs.select("audio") or spoken or speaks):
        raise invalid("metadata.file_infos", "avatar_i2v needs one item with Category Audio")
    return "avatar"


def check_lip_sync(inputs: Inputs, speaks: bool) -> str:
    """Check the media of `lip_sync` and return the mode."""
    check_inputs(
        inputs, "lip_sync", needs=[("video", "reference", "metadata.video_url")], most={"video": 1, "audio": 1}
    )
    if not (inputs.select("audio") or any(key in inputs.extras for key in SPOKEN_BY)):
        raise invalid("metadata.file_infos", "lip_sync needs one item with Category Audio")
    return "lip_sync"


def check_template(inputs: Inputs, speaks: bool) -> str:
    """Check the media of `template_effect` and return the mode."""
    check_inputs(inputs, "template_effect", needs=[("image", "first_frame", "image")], most={"image": 1})
    if not isinstance(inputs.extras.get("template"), str):
        raise invalid("metadata.ext_info", "template_effect needs AdditionalParameters.template, the template's name")
    return "template"


SCENE_CHECKS: dict[str, Callable[[Inputs, bool], str]] = {
    "motion_control": check_motion_control,
    "avatar_i2v": check_avatar,
    "lip_sync": check_lip_sync,
    "template_effect": check_template,
}


def check_inputs(inputs: Inputs, scene: str, needs: list[tuple[Kind, Role, str]], most: dict[Kind, int]) -> None:
    """Refuse a scene without the media it needs, or with more than it takes."""
    for kind, role, name in needs:
        if not inputs.select(kind, role):
            raise invalid(name, f"{scene} needs {name}")
    for kind in ("image", "video", "audio"):
        given = inputs.select(kind)
        if len(given) > most.get(kind, 0):
            raise invalid(given[-1].field, f"{scene} takes at most {most.get(kind, 0)} {kind}")
