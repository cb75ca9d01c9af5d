"""Read the requests that continue a clip: remix, extend and extensions of Sora, Veo and Grok.

Every reader takes the finished task that it continues. The family modules list the readers that they serve.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sandbox.body import Body, Fields
from sandbox.families.family import Follower, Parent
from sandbox.families.measures import check_seconds, compute_frame
from sandbox.order import Order, Source
from sandbox.refusal import invalid

GROK_RATIOS = ("16:9", "9:16", "2:3", "3:2", "1:1")
GROK_REMIX_RATIOS = ("2:3", "3:2", "1:1")
GROK_TIERS = ("720P", "1080P")
GROK_SECONDS = (6, 10, 15)
FIXED_SECONDS = {"-pro": 10, "-max": 15}
EXTENSION_SECONDS = (4, 8, 12, 16, 20)


def find_fixed_seconds(model: str) -> int | None:
    """Return the length of a Grok model that renders one length only; None for the others."""
    return next((seconds for ending, seconds in FIXED_SECONDS.items() if model.endswith(ending)), None)


def continue_order(parent: Parent, family: str, mode: str, model: str, prompt: str, **more: Any) -> Order:
    """Derive an order from the parent's, with its film as the source; refuses a clip of another family."""
    if parent.order.family != family:
        raise invalid("model", f"{model} cannot continue a clip of {parent.order.model}")
    source = Source("parent", "video", "video", parent.at)
    bare = replace(
        parent.order,
        mode=mode,
        model=model,
        prompt=prompt,
        width=parent.size[0],
        height=parent.size[1],
        follow=False,
        keep_last_frame=False,
        notes=(),
        shots=(),
        sources=(source,),
        parent=parent.task_id,
        echo_model=model,
    )
    return replace(bare, **more)


def read_sora_remix(model: str, body: Body, parent: Parent) -> Order:
    """Read `POST /v1/videos/{id}/remix`; a clip made as private is refused (octopusx-sora-unified)."""
    fields = Fields(body.values)
    fields.skip(["model", "metadata"])
    order = continue_order(parent, "sora", "remix", model, fields.required("prompt"))
    if parent.order.private:
        raise invalid("id", "the clip was made with private true and cannot be remixed")
    fields.finish()
    return order


def read_sora_extension(model: str, body: Body, parent: Parent) -> Order:
    """Read OpenAI's own body: `video` (an upload or `{id}`), `prompt` and `seconds` (openai-videos)."""
    fields = Fields(body.values)
    fields.skip(["model", "video"])
    if (seconds := fields.whole("seconds")) is None:
        raise invalid("seconds", "seconds is required")
    prompt = fields.required("prompt")
    length = check_seconds("seconds", seconds, EXTENSION_SECONDS, model)
    fields.finish()
    return continue_order(parent, "sora", "extend", model, prompt, seconds=length)


def read_sora_edit(model: str, body: Body, parent: Parent) -> Order:
    """Read OpenAI's `POST /v1/videos/edits`: `video` (an upload or `{id}`) and `prompt` (openai-videos)."""
    fields = Fields(body.values)
    fields.skip(["model", "video"])
    order = continue_order(parent, "sora", "remix", model, fields.required("prompt"))
    fields.finish()
    return order


def read_veo_remix(model: str, body: Body, parent: Parent) -> Order:
    """Read `POST /v1/videos/{id}/remix` (octopusx-veo-remix): an extend model continues the clip, others remake it."""
    fields = Fields(body.values)
    fields.required("model")
    mode = "extend" if model.endswith("-extend") else "remix"
    order = continue_order(parent, "veo", mode, model, fields.required("prompt"))
    fields.finish()
    return order


def make_grok_remix(ratios: tuple[str, ...], *source: str) -> Follower:
    """Make the reader of a remix route; `source` are the keys by which its body names the clip."""

    def read(model: str, body: Body, parent: Parent) -> Order:
        fields = Fields(body.values)
        fields.skip(source)
        fields.required("model")
        prompt = fields.required("prompt")
        fields.required("size")
        fields.required("aspect_ratio")
        fields.text("parent_post_id")
        frames = read_grok_frame(fields, parent, ratios)
        fields.finish()
        seconds = find_fixed_seconds(model) or parent.order.seconds
        return continue_order(parent, "grok", "remix", model, prompt, seconds=seconds, **frames)

    return read


def make_grok_extend(*source: str) -> Follower:
    """Make the reader of an extend route; `source` are the keys by which its body names the clip."""

    def read(model: str, body: Body, parent: Parent) -> Order:
        fields = Fields(body.values)
        fields.skip(source)
        fields.required("model")
        prompt = fields.required("prompt")
        frames = read_grok_frame(fields, parent, GROK_RATIOS)
        pictures = fields.addresses("images", ("url",))
        begins = read_start_time(fields, parent)
        if fields.flag("upscale"):
            width, height = compute_frame("1080P", f"{parent.size[0]}:{parent.size[1]}")
            frames = {"width": width, "height": height, "resolution": "1080P", "echo_size": "1080P"} | frames
        fields.finish()
        order = continue_order(
            parent, "grok", "extend", model, prompt, seconds=find_fixed_seconds(model) or 10, begins=begins, **frames
        )
        references = tuple(Source("reference", "image", "images", at) for at in pictures)
        return replace(order, sources=(*order.sources, *references))

    return read


def read_grok_extension(model: str, body: Body, parent: Parent) -> Order:
    """Read `POST /v1/videos/extensions`; `video.url` holds the id of the task (octopusx-grok-extensions)."""
    fields = Fields(body.values)
    fields.required("model")
    prompt = fields.required("prompt")
    fields.inner("video").required("url")
    begins = read_start_time(fields, parent)
    if begins is None:
        raise invalid("start_time", "start_time is required")
    asked = fields.whole("duration")
    fields.finish()
    seconds = find_fixed_seconds(model) or check_seconds(
        "duration", 10 if asked is None else asked, GROK_SECONDS, model
    )
    return continue_order(parent, "grok", "extend", model, prompt, seconds=seconds, begins=begins)


def read_start_time(fields: Fields, parent: Parent) -> int | None:
    """Read the second from which the clip is continued."""
    begins = fields.whole("start_time")
    if begins is not None and not 0 <= begins <= parent.order.seconds:
        raise invalid("start_time", f"{begins} is outside the clip; allowed: 0-{parent.order.seconds}")
    return begins


def read_grok_frame(fields: Fields, parent: Parent, ratios: tuple[str, ...]) -> dict[str, Any]:
    """Read the frame of the new clip; {} keeps that of the earlier one."""
    ratio, tier = fields.choice("aspect_ratio", ratios), fields.choice("size", GROK_TIERS)
    if ratio is None and tier is None:
        return {}
    tier = tier or f"{min(parent.size)}P"
    width, height = compute_frame(tier, ratio or f"{parent.size[0]}:{parent.size[1]}")
    found = {"width": width, "height": height, "resolution": tier, "echo_size": tier}
    return found | ({"ratio": ratio} if ratio else {})


GROK_FOLLOWERS: dict[str, Follower] = {
    "remix": make_grok_remix(GROK_RATIOS),
    "extend": make_grok_extend(),
    "extensions": read_grok_extension,
    "unified-remix": make_grok_remix(GROK_REMIX_RATIOS, "task_id"),
    "unified-extend": make_grok_extend("task_id"),
}
