"""Find the family that serves a model on a route, and check what all families share.

Owns the registry of families and the paths of the create routes. What a family accepts is in its module below
`families/`: a create route is a key of its `readers`, a route that continues a clip a key of its `followers`.
"""

from __future__ import annotations

from dataclasses import replace

from sandbox.body import Body, BodyKind, Fields
from sandbox.families import (
    domestic,
    doubao,
    generic,
    grok,
    grok_imagine,
    jimeng,
    kling,
    omni,
    seedance,
    sora,
    veo,
    vidu,
    wan,
)
from sandbox.families.family import Family, Parent
from sandbox.order import Order
from sandbox.refusal import Refusal, invalid
from sandbox.shelf import measure_video

FAMILIES: tuple[Family, ...] = (
    sora.FAMILY,
    veo.FAMILY,
    veo.UNIFIED,
    veo.EXTEND,
    grok.FAMILY,
    grok_imagine.FAMILY,
    omni.FAMILY,
    kling.FAMILY,  # before the domestic family, whose pattern matches its names too
    domestic.FAMILY,
    vidu.FAMILY,
    jimeng.FAMILY,
    doubao.FAMILY,
    seedance.FAMILY,
    wan.FAMILY,
    generic.FAMILY,
)
CREATE_PATHS = {
    "videos": "/v1/videos",
    "generations": "/v1/video/generations",
    "unified": "/v1/video/create",
    "vidu-text2video": "/vidu/ent/v2/text2video",
    "vidu-img2video": "/vidu/ent/v2/img2video",
    "vidu-start-end2video": "/vidu/ent/v2/start-end2video",
    "vidu-reference2video": "/vidu/ent/v2/reference2video",
    "kling-text2video": "/kling/v1/videos/text2video",
    "kling-image2video": "/kling/v1/videos/image2video",
}
# These two come first: a path with a task id would match them.
UPLOADING = ("extensions", "edits")
FOLLOW_PATHS = {
    "extensions": "/v1/videos/extensions",
    "edits": "/v1/videos/edits",
    "remix": "/v1/videos/{task_id}/remix",
    "extend": "/v1/videos/{task_id}/extend",
    "unified-remix": "/v1/video/remix",
    "unified-extend": "/v1/video/extend",
}
KIND_WORDS = {"json": "application/json", "form": "multipart/form-data"}


def accept(route: str, body: Body) -> tuple[Family, Order]:
    """Read the order of a create; raises Refusal."""
    model = body.values.get("model")
    if route.startswith("kling-"):
        model = body.values.get("model_name", kling.DEFAULT_MODEL if model is None else model)
    family, model = find_served(model)
    reader = family.readers.get(route)
    if reader is None:
        raise invalid("model", f"{model} is not served on this route; allowed: {list_paths(family)}")
    check_kind(body, family.bodies if route in ("videos", "generations") else ("json",), model)
    return family, replace(reader(model, drop_user(body) if route == "videos" else body), entry=route)


def read_source_id(route: str, path_id: str | None, body: Body) -> str:
    """Return the task that a follow-up continues: from the path, or the body's `task_id`, `video.url` or `video.id`."""
    if path_id is not None:
        return path_id
    fields = Fields(body.values)
    if route not in UPLOADING:
        return fields.required("task_id")
    video = fields.inner("video")
    return video.required("id" if "id" in video.values else "url")


def accept_after(route: str, body: Body, parent: Parent) -> tuple[Family, Order]:
    """Read the order of a follow-up; the model defaults to that of the clip it continues. Raises Refusal."""
    named = body.values.get("model")
    family, model = find_served(parent.order.model if named is None else named)
    follower = family.followers.get(route)
    if follower is None:
        raise invalid("model", f"{model} is not served on this route; allowed: {list_paths(family)}")
    kinds: tuple[BodyKind, ...] = ("json", "form") if route in UPLOADING else ("json",)
    check_kind(body, kinds, model)
    return family, replace(follower(model, drop_user(body), parent), entry=route)


def read_uploaded_parent(route: str, body: Body) -> Parent | None:
    """Return the clip that travelled in the body of `extensions` or `edits`, as OpenAI's API allows (openai-videos).

    None if the body names a task instead. Raises Refusal for an upload that is no video.
    """
    upload = body.values.get("video")
    if route not in UPLOADING or not isinstance(upload, bytes):
        return None
    measured = measure_video(upload)
    if measured is None:
        raise invalid("video", "the file cannot be read as video")
    wide, high, seconds = measured
    size = wide // 2 * 2, high // 2 * 2
    blank = sora.read(sora.MODELS[0], Body("json", {"prompt": "-"}))
    order = replace(blank, width=size[0], height=size[1], seconds=seconds, echo_size=f"{size[0]}x{size[1]}")
    return Parent("", order, upload, size)


def drop_user(body: Body) -> Body:
    """Return the body without `user`, the caller's own name for the person who asks; raises Refusal unless a string."""
    if "user" not in body.values:
        return body
    Fields(body.values).text("user")
    return Body(body.kind, {name: value for name, value in body.values.items() if name != "user"})


def find_served(model: object) -> tuple[Family, str]:
    """Return the family and the name of a body's model; raises Refusal for a missing or unknown one."""
    if not isinstance(model, str) or not model.strip():
        raise invalid("model", "model is required", code="missing_model")
    family = find_family(model)
    if family is None:
        message = f"no available channel for model {model}"
        raise Refusal(503, "model_not_found", message, origin="middleware")
    return family, model


def list_paths(family: Family) -> str:
    """List the paths on which a family is served, for an error message."""
    paths = [*(CREATE_PATHS[name] for name in family.readers), *(FOLLOW_PATHS[name] for name in family.followers)]
    return ", ".join(f"POST {path}" for path in paths)


def check_kind(body: Body, kinds: tuple[BodyKind, ...], model: str) -> None:
    """Raise Refusal for a body that is of none of these kinds."""
    if body.kind not in kinds:
        allowed = " or ".join(KIND_WORDS[kind] for kind in kinds)
        raise invalid("Content-Type", f"{model} takes {allowed}, not {KIND_WORDS[body.kind]}")


def find_family(model: str) -> Family | None:
    """Find the family whose pattern matches the whole model id."""
    return next((family for family in FAMILIES if family.pattern.fullmatch(model)), None)


def get_family(name: str) -> Family:
    """Return the family of a stored task."""
    return next(family for family in FAMILIES if family.name == name)


def list_models() -> list[str]:
    """List every model id that the documentation names, and the sandbox's own."""
    return [model for family in FAMILIES for model in family.models]
