"""Combined billing names: what one implies in a request, and which one an answer carries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeVar

from sandbox.refusal import invalid

T = TypeVar("T")

SCENE_PARTS = {"motion": "motion_control", "avatar": "avatar_i2v", "identify-face": "lip_sync"}


@dataclass(frozen=True)
class Implied:
    """The parameters in a combined name; None for those it does not state."""

    tier: str | None = None
    scene: str | None = None
    audio: bool | None = None
    motion_level: str | None = None
    referenced: bool | None = None
    offpeak: bool | None = None


def agree(model: str, where: str, given: T | None, implied: T | None) -> T | None:
    """Return the request's value or the name's; refuses a contradiction between them."""
    if given is not None and implied is not None and given != implied:
        raise invalid(where, f"{model} implies {implied}, not {given}")
    return implied if given is None else given


def read_name(model: str) -> Implied:
    """Read a combined name such as `kling-2.6-motion-pro-1080p`; a base name implies nothing (domestic-models)."""
    if not is_combined(model):
        return Implied()
    parts = model.split("-")
    tier = next((part.upper() for part in parts if re.fullmatch(r"\d{3,4}p", part)), None)
    scene = next((scene for word, scene in SCENE_PARTS.items() if f"-{word}" in model), None)
    level = parts[parts.index("motion") + 1] if "motion" in parts and parts[-1] != "motion" else None
    return Implied(
        tier=tier,
        scene=scene,
        audio=True if "audio" in parts else False if "mute" in parts else None,
        motion_level=level if level in ("std", "pro") else None,
        referenced=True if {"ref", "reference"} & set(parts) else False if "noref" in parts else None,
        offpeak=True if "offpeak" in parts else None,
    )


def is_combined(model: str) -> bool:
    """Return whether a name is combined: lower case with a resolution, or the lip-sync name."""
    return model == "kling-identify-face" or (model.islower() and bool(re.search(r"-\d{3,4}p(-|$)", model)))


def compose_name(
    model: str, tier: str, *, scene: str | None, level: str | None, referenced: bool, audio: bool, offpeak: bool
) -> str:
    """Compose the name in an answer's `model`, in the order of the documented examples (domestic-models)."""
    if is_combined(model) or not re.match(r"(vidu|kling|sv|hailuo|gv|os|hunyuan|mingmou|jv)-", model.lower()):
        return model
    name, tier = model.lower(), tier.lower()
    if scene == "avatar_i2v":
        return f"kling-avatar-{tier}"
    if scene == "lip_sync":
        return "kling-identify-face"
    if scene == "motion_control":
        return f"{name}-motion-{level or 'std'}-{tier}"
    if name.startswith("kling-"):
        name = f"{name}-{tier}-{'ref' if referenced else 'noref'}-{'audio' if audio else 'mute'}"
    elif name.startswith("vidu-"):
        name = f"{name}-reference-{tier}" if referenced else f"{name}-{tier}"
    elif name.startswith("sv-"):
        name = f"{name}-{tier}-{'audio' if audio else 'mute'}"
    else:
        name = f"{name}-{tier}"
    return f"{name}-offpeak" if offpeak else name
