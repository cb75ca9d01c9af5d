"""The closed lists: modes, slots, parameters, states, each id with its words for people.

One vocabulary over all families; the catalog maps wire names onto it. The records made of these words are in
`dailies.domain`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

Value = str | int | float | bool


class Mode(StrEnum):
    """What the inputs of a run mean. The id is the value, the words for people are in `label`."""

    TEXT = "text"
    FIRST_FRAME = "first_frame"
    FIRST_LAST = "first_last"
    REFERENCES = "references"
    FIRST_FRAME_REFERENCES = "first_frame_references"
    MOTION_CONTROL = "motion_control"
    AVATAR = "avatar"
    LIP_SYNC = "lip_sync"
    TEMPLATE = "template"

    @property
    def label(self) -> str:
        return _MODE_LABELS[self]


_MODE_LABELS = {
    Mode.TEXT: "Text",
    Mode.FIRST_FRAME: "First frame",
    Mode.FIRST_LAST: "First + last",
    Mode.REFERENCES: "References",
    Mode.FIRST_FRAME_REFERENCES: "First frame + references",
    Mode.MOTION_CONTROL: "Motion control",
    Mode.AVATAR: "Digital human",
    Mode.LIP_SYNC: "Lip sync",
    Mode.TEMPLATE: "Template effect",
}


class SourceKind(StrEnum):
    """What kind of source a fact comes from; the first has the last word where sources differ."""

    FOUNDING = "founding"  # the two documents that the project was founded on
    GATEWAY = "gateway"  # the gateway's own documentation
    VENDOR = "vendor"  # the documentation of a model's vendor
    CODE = "code"  # the gateway's source code
    DEPLOYMENT = "deployment"  # the documentation of another deployment of the gateway
    INFERRED = "inferred"  # stated nowhere


class Support(StrEnum):
    """How far the gateway stands behind something; the words of the support matrix travel beside it as a note."""

    SUPPORTED = "supported"
    PARTIAL = "partial"
    UPSTREAM = "upstream"
    DISCOURAGED = "discouraged"

    @property
    def label(self) -> str:
        return {"supported": "yes", "partial": "partly", "upstream": "upstream", "discouraged": "discouraged"}[self]


class MediaKind(StrEnum):
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"


SLOTS: Mapping[str, tuple[str, MediaKind]] = {
    "first_frame": ("First frame", MediaKind.IMAGE),
    "last_frame": ("Last frame", MediaKind.IMAGE),
    "references": ("Reference pictures", MediaKind.IMAGE),
    "reference_videos": ("Reference videos", MediaKind.VIDEO),
    "reference_audios": ("Reference sounds", MediaKind.AUDIO),
    "video": ("Video", MediaKind.VIDEO),
    "audio": ("Sound", MediaKind.AUDIO),
}
"""Slot id -> (words for people, kind of media). The closed list of slots."""

PARAMETERS: Mapping[str, tuple[str, str]] = {
    "seconds": ("Duration", "s"),
    "aspect_ratio": ("Aspect ratio", ""),
    "resolution": ("Resolution", ""),
    "size": ("Size", ""),
    "audio": ("Sound", ""),
    "motion_level": ("Motion level", ""),
    "offpeak": ("Off-peak", ""),
    "negative_prompt": ("Negative prompt", ""),
    "seed": ("Seed", ""),
    "watermark": ("Watermark", ""),
    "prompt_extend": ("Prompt rewriting", ""),
    "shot_type": ("Shots", ""),
    "return_last_frame": ("Return last frame", ""),
    "execution_expires_after": ("Give up after", "s"),
    "template_name": ("Template", ""),
    "ext_info": ("Native extras", ""),
    "upsample": ("Upsample", ""),
    "character_url": ("Character video", ""),
    "character_timestamps": ("Character seconds", ""),
    "orientation": ("Orientation", ""),
    "style": ("Style", ""),
    "storyboard": ("Storyboard", ""),
    "private": ("Private", ""),
    "tier": ("Quality", ""),
    "prompt_strength": ("Prompt strength", ""),
    "shots": ("Shot list", ""),
    "camera": ("Camera move", ""),
    "camera_horizontal": ("Camera sideways", ""),
    "camera_vertical": ("Camera up and down", ""),
    "camera_pan": ("Camera pan", ""),
    "camera_tilt": ("Camera tilt", ""),
    "camera_roll": ("Camera roll", ""),
    "camera_zoom": ("Camera zoom", ""),
    "camera_fixed": ("Fixed camera", ""),
    "movement": ("Movement", ""),
    "static_mask": ("Still area", ""),
    "dynamic_masks": ("Moving areas", ""),
    "voice": ("Voice", ""),
    "music": ("Background music", ""),
    "recommended_prompt": ("Recommended prompt", ""),
    "watermark_position": ("Watermark position", ""),
    "watermark_link": ("Watermark picture", ""),
    "start_time": ("Start at", "s"),
    "upscale": ("Upscale", ""),
    "parent_post": ("Parent post", ""),
    "frames": ("Frames", ""),
    "draft": ("Draft", ""),
    "service_tier": ("Service tier", ""),
    "web_search": ("Web search", ""),
    "file_infos": ("Native files", ""),
    "payload": ("Payload", ""),
    "provenance": ("Provenance marks", ""),
    "callback_url": ("Callback address", ""),
    "external_task_id": ("Own task id", ""),
}
"""Parameter id -> (words for people, unit). One vocabulary over all families; the catalog maps wire names onto it."""


class SendAs(StrEnum):
    """The forms in which media can travel."""

    FILE = "file"
    URL = "url"
    DATA_URL = "data_url"
    BASE64 = "base64"
    ASSET = "asset"


class Body(StrEnum):
    JSON = "json"
    FORM = "form"

    @property
    def content_type(self) -> str:
        return "application/json" if self is Body.JSON else "multipart/form-data"


class TaskState(StrEnum):
    """What a gateway's status word means, after normalisation."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNKNOWN = "unknown"

    @property
    def final(self) -> bool:
        return self in (TaskState.DONE, TaskState.FAILED, TaskState.CANCELLED, TaskState.EXPIRED)


class RunState(StrEnum):
    """The life of a run. `MOVES` in `dailies.runs` says which may follow which."""

    READY = "ready"
    SENDING = "sending"
    QUEUED = "queued"
    RUNNING = "running"
    FETCHING = "fetching"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNSURE = "unsure"  # sent, outcome unknown
    UNATTENDED = "unattended"  # the watch limit was reached; still looked up on request
    EXPIRED = "expired"

    @property
    def open(self) -> bool:
        """Whether the worker still has something to do for it."""
        return self in (RunState.READY, RunState.SENDING, RunState.QUEUED, RunState.RUNNING, RunState.FETCHING)
