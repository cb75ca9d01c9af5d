"""Closed lists of ids and their words for people: modes, slots, parameters, states.

All families share one vocabulary; the catalog maps wire names onto it. The records are in `dailies.domain`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Value = str | int | float | bool


class Mode(StrEnum):
    """What the inputs of a run mean. The value is the id, `label` is for people."""

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
    """The kind of source of a fact, most authoritative first: where sources differ, the earlier kind decides."""

    FOUNDING = "founding"  # the two documents that the project was founded on
    GATEWAY = "gateway"  # the gateway's own documentation
    VENDOR = "vendor"  # the documentation of a model's vendor
    CODE = "code"  # the gateway's source code
    DEPLOYMENT = "deployment"  # the documentation of another deployment of the gateway
    REPORT = "report"  # what another service or an observer says
    INFERRED = "inferred"  # stated nowhere


class Support(StrEnum):
    """How far the gateway supports something. Its own words are kept beside it, as a note."""

    SUPPORTED = "supported"
    PARTIAL = "partial"
    GROUP = "group"  # named for a group of families, not for this one alone
    UPSTREAM = "upstream"
    DISCOURAGED = "discouraged"

    @property
    def label(self) -> str:
        return {"supported": "yes", "partial": "partly"}.get(self.value, self.value)


class LifeState(StrEnum):
    """Where a model stands in its life, as far as its vendor and others say."""

    CURRENT = "current"
    SUPERSEDED = "superseded"  # still served, and there is a newer one
    REMOVED = "removed"  # its vendor has switched it off
    UNKNOWN = "unknown"  # looked for, and not found out

    @property
    def alive(self) -> bool:
        """Whether its vendor is known to serve it."""
        return self in (LifeState.CURRENT, LifeState.SUPERSEDED)


class MediaKind(StrEnum):
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"

    @property
    def noun(self) -> str:
        return "audio file" if self is MediaKind.AUDIO else self.value

    @property
    def a_noun(self) -> str:
        return f"{'a' if self is MediaKind.VIDEO else 'an'} {self.noun}"

    def spell(self, number: int) -> str:
        """A number of media in words: `1 image`, `3 audio files`."""
        return f"{number} {self.noun}{'' if number == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class SlotName:
    """The title of a slot, the kind of media it takes, and whether it can hold several."""

    title: str
    kind: MediaKind
    many: bool = False


SLOTS: Mapping[str, SlotName] = {
    "first_frame": SlotName("First frame", MediaKind.IMAGE),
    "last_frame": SlotName("Last frame", MediaKind.IMAGE),
    "references": SlotName("Reference images", MediaKind.IMAGE, many=True),
    "reference_videos": SlotName("Reference videos", MediaKind.VIDEO, many=True),
    "reference_audios": SlotName("Reference audio", MediaKind.AUDIO, many=True),
    "video": SlotName("Video", MediaKind.VIDEO),
    "audio": SlotName("Audio", MediaKind.AUDIO),
}
"""Slot id -> its name. The closed list of slots."""


@dataclass(frozen=True, slots=True)
class ParameterName:
    """The title of a parameter, and its unit if it has one."""

    title: str
    unit: str = ""


PARAMETERS: Mapping[str, ParameterName] = {
    "seconds": ParameterName("Duration", "s"),
    "aspect_ratio": ParameterName("Aspect ratio"),
    "resolution": ParameterName("Resolution"),
    "size": ParameterName("Size"),
    "audio": ParameterName("Sound"),
    "motion_level": ParameterName("Motion level"),
    "offpeak": ParameterName("Off-peak"),
    "negative_prompt": ParameterName("Negative prompt"),
    "seed": ParameterName("Seed"),
    "watermark": ParameterName("Watermark"),
    "prompt_extend": ParameterName("Prompt rewriting"),
    "shot_type": ParameterName("Shots"),
    "return_last_frame": ParameterName("Return last frame"),
    "execution_expires_after": ParameterName("Expires after", "s"),
    "template_name": ParameterName("Template"),
    "upsample": ParameterName("Upsample"),
    "character_url": ParameterName("Character video"),
    "character_timestamps": ParameterName("Character time range"),
    "orientation": ParameterName("Orientation"),
    "style": ParameterName("Style"),
    "storyboard": ParameterName("Storyboard"),
    "private": ParameterName("Private"),
    "tier": ParameterName("Quality"),
    "prompt_strength": ParameterName("Prompt strength"),
    "shots": ParameterName("Shot list"),
    "camera": ParameterName("Camera move"),
    "camera_horizontal": ParameterName("Camera horizontal"),
    "camera_vertical": ParameterName("Camera vertical"),
    "camera_pan": ParameterName("Camera pan"),
    "camera_tilt": ParameterName("Camera tilt"),
    "camera_roll": ParameterName("Camera roll"),
    "camera_zoom": ParameterName("Camera zoom"),
    "camera_fixed": ParameterName("Fixed camera"),
    "movement": ParameterName("Movement"),
    "static_mask": ParameterName("Static mask"),
    "dynamic_masks": ParameterName("Dynamic masks"),
    "voice": ParameterName("Voice"),
    "music": ParameterName("Background music"),
    "recommended_prompt": ParameterName("Recommended prompt"),
    "watermark_position": ParameterName("Watermark position"),
    "watermark_link": ParameterName("Watermark image"),
    "start_time": ParameterName("Start at", "s"),
    "upscale": ParameterName("Upscale"),
    "parent_post": ParameterName("Parent post"),
    "frames": ParameterName("Frames"),
    "draft": ParameterName("Draft"),
    "service_tier": ParameterName("Service tier"),
    "web_search": ParameterName("Web search"),
    "file_infos": ParameterName("Native file list"),
    "payload": ParameterName("Payload"),
    "provenance": ParameterName("Provenance metadata"),
    "callback_url": ParameterName("Callback address"),
    "external_task_id": ParameterName("External task id"),
}


"""Parameter id -> its name. The closed list of parameters."""


CALLBACK = "callback_url"
"""The parameter that names the address at which the gateway tells of a task."""


def parameter_name(parameter: str) -> ParameterName:
    """The name of a parameter; an unknown one is called by its id."""
    return PARAMETERS.get(parameter, ParameterName(parameter))


class SendAs(StrEnum):
    """The forms in which media are sent."""

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
    """The meaning of a gateway's status word."""

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
    """The state of a run. `MOVES` in `dailies.work.life` lists the legal transitions."""

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
        """Whether the worker still has work to do for the run."""
        return self in (RunState.READY, RunState.SENDING, RunState.QUEUED, RunState.RUNNING, RunState.FETCHING)


class Kinship(StrEnum):
    """How a run came of its parent. `label` is for people."""

    USED_AGAIN = "used again"  # the form was filled with the parent's request
    SENT_AGAIN = "sent again"  # the same request, a new task
    FRAME = "frame"  # it begins with a picture of the parent's clip
    REFERENCE = "reference"  # it was given the parent's clip as a reference
    CONTINUED = "continued"  # an entry point that continues a task: remix, extend
    TAKE = "take"  # one of several of one press

    @property
    def label(self) -> str:
        return {"frame": "From a frame", "reference": "With the clip as a reference"}.get(
            self.value, self.value.capitalize()
        )


class Stage(StrEnum):
    """Where a run ended without a clip."""

    SENDING = "sending"
    REVIEW = "input review"
    GENERATING = "generating"
    FETCHING = "fetching"


class Trouble(StrEnum):
    """What holds a run up at the moment. Decisions read this; a person reads the words in the run's note."""

    NONE = ""
    NO_SANDBOX = "no_sandbox"  # the embedded gateway is not running
    NO_GATEWAY = "no_gateway"  # the operator has taken it out of the settings
    NO_KEY = "no_key"
    UNANSWERED = "unanswered"  # a look-up brought no answer about the task
    DENIED = "denied"  # the gateway says that it does not know the task
    REFUSED = "refused"  # the gateway answers a look-up with a refusal
    NOT_UNDERSTOOD = "not_understood"  # an answer about the task says nothing that we know
    NOT_FETCHED = "not_fetched"  # the finished clip could not be fetched
    NO_ROOM = "no_room"  # the finished clip waits for room on our disk
    WATERMARKED = "watermarked"  # the only link leads to a copy with a watermark
