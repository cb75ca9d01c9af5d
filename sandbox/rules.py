"""Which family serves a model on a create route, and the checks that come before any family's own.

The registry only: what a family accepts is in its module under `families/`. A create route is a key in the families'
`readers`, a route that carries on an earlier clip one in their `followers`; `Order.entry` keeps it.
"""

from __future__ import annotations

from dataclasses import replace

from sandbox.body import Body, BodyKind, Fields
from sandbox.families import domestic, doubao, grok, grok_imagine, jimeng, kling, seedance, sora, veo, vidu, wan
from sandbox.families.family import Family, Parent
from sandbox.order import Order
from sandbox.refusal import Refusal, invalid

FAMILIES: tuple[Family, ...] = (
    sora.FAMILY,
    veo.FAMILY,
    veo.UNIFIED,
    veo.EXTEND,
    grok.FAMILY,
    grok_imagine.FAMILY,
    kling.FAMILY,  # before the domestic family, whose pattern its names match too
    domestic.FAMILY,
    vidu.FAMILY,
    jimeng.FAMILY,
    doubao.FAMILY,
    seedance.FAMILY,
    wan.FAMILY,
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
# In this order: `extensions` is not somebody's id.
FOLLOW_PATHS = {
    "extensions": "/v1/videos/extensions",
    "remix": "/v1/videos/{task_id}/remix",
    "extend": "/v1/videos/{task_id}/extend",
    "unified-remix": "/v1/video/remix",
    "unified-extend": "/v1/video/extend",
}
KIND_WORDS = {"json": "application/json", "form": "multipart/form-data"}


def accept(route: str, body: Body) -> tuple[Family, Order]:
    """The order a create asks for; raises Refusal in the gateway's own shapes."""
    model = body.values.get("model")
    if route.startswith("kling-"):
        model = body.values.get("model_name", kling.DEFAULT_MODEL if model is None else model)
    family, model = find_served(model)
    reader = family.readers.get(route)
    if reader is None:
        raise invalid("model", f"{model} is not served on this route; allowed: {list_paths(family)}")
    check_kind(body, family.bodies if route in ("videos", "generations") else ("json",), model)
    return family, replace(reader(model, body), entry=route)


def read_source_id(route: str, path_id: str | None, body: Body) -> str:
    """The task a follow-up carries on: in the path, as `task_id`, or as `video.url` or the vendor's `video.id`."""
    if path_id is not None:
        return path_id
    fields = Fields(body.values)
    if route != "extensions":
        return fields.required("task_id")
    video = fields.inner("video")
    return video.required("id" if "id" in video.values else "url")


def accept_after(route: str, body: Body, parent: Parent) -> tuple[Family, Order]:
    """The order of a follow-up; without a model of its own it takes the one of the clip it carries on."""
    named = body.values.get("model")
    family, model = find_served(parent.order.model if named is None else named)
    follower = family.followers.get(route)
    if follower is None:
        raise invalid("model", f"{model} is not served on this route; allowed: {list_paths(family)}")
    kinds: tuple[BodyKind, ...] = ("json", "form") if route == "extensions" else ("json",)
    check_kind(body, kinds, model)
    return family, replace(follower(model, body, parent), entry=route)


def find_served(model: object) -> tuple[Family, str]:
    """The family of a model named in a body."""
    if not isinstance(model, str) or not model.strip():
        raise Refusal(400, "missing_model", "model: model is required")
    family = find_family(model)
    if family is None:
        message = f"no available channel for model {model}"
        raise Refusal(503, "model_not_found", message, shape="middleware")
    return family, model


def list_paths(family: Family) -> str:
    paths = [*(CREATE_PATHS[name] for name in family.readers), *(FOLLOW_PATHS[name] for name in family.followers)]
    return ", ".join(f"POST {path}" for path in paths)


def check_kind(body: Body, kinds: tuple[BodyKind, ...], model: str) -> None:
    if body.kind not in kinds:
        allowed = " or ".join(KIND_WORDS[kind] for kind in kinds)
        raise invalid("Content-Type", f"{model} takes {allowed}, not {KIND_WORDS[body.kind]}")


def find_family(model: str) -> Family | None:
    """The family whose pattern the whole model id matches."""
    return next((family for family in FAMILIES if family.pattern.fullmatch(model)), None)


def get_family(name: str) -> Family:
    """The family a stored task belongs to."""
    return next(family for family in FAMILIES if family.name == name)


def list_models() -> list[str]:
    """Every concrete model id the contract names for these families."""
    return [model for family in FAMILIES for model in family.models]
