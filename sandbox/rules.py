"""Which family serves a model on a create route, and the checks that come before any family's own.

The registry only: what a family accepts is in its module under `families/`. A further create route is a further key
in the families' `readers`.
"""

from __future__ import annotations

from sandbox.body import Body
from sandbox.families import domestic, doubao, grok, seedance, sora, veo, wan
from sandbox.families.family import Family
from sandbox.order import Order
from sandbox.refusal import Refusal, invalid

FAMILIES: tuple[Family, ...] = (
    sora.FAMILY,
    veo.FAMILY,
    grok.FAMILY,
    domestic.FAMILY,
    domestic.VIDU_CHANNEL,
    domestic.JIMENG,
    doubao.FAMILY,
    seedance.FAMILY,
    wan.FAMILY,
)
ROUTE_PATHS = {"videos": "/v1/videos", "generations": "/v1/video/generations"}
KIND_WORDS = {"json": "application/json", "form": "multipart/form-data"}


def accept(route: str, body: Body) -> tuple[Family, Order]:
    """The order a create asks for; raises Refusal in the gateway's own shapes."""
    model = body.values.get("model")
    if not isinstance(model, str) or not model.strip():
        raise Refusal(400, "missing_model", "model: model is required")
    family = family_of(model)
    if family is None:
        message = f"no available channel for model {model}"
        raise Refusal(503, "model_not_found", message, shape="middleware")
    reader = family.readers.get(route)
    if reader is None:
        paths = ", ".join(f"POST {ROUTE_PATHS[name]}" for name in family.readers)
        raise invalid("model", f"{model} is not served on this route; allowed: {paths}")
    if body.kind not in family.bodies:
        kinds = " or ".join(KIND_WORDS[kind] for kind in family.bodies)
        raise invalid("Content-Type", f"{model} takes {kinds}, not {KIND_WORDS[body.kind]}")
    return family, reader(model, body)


def family_of(model: str) -> Family | None:
    """The family whose pattern the whole model id matches."""
    return next((family for family in FAMILIES if family.pattern.fullmatch(model)), None)


def family_named(name: str) -> Family:
    """The family a stored task belongs to."""
    return next(family for family in FAMILIES if family.name == name)


def listed_models() -> list[str]:
    """Every concrete model id the contract names for these families."""
    return [model for family in FAMILIES for model in family.models]
