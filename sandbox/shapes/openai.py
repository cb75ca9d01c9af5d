"""OpenAI's own API.

Facts: OpenAI's reference of the Videos API (openai-videos), the types of its Python package (`openai/types/video*.py`
in version 3.54), and the answer to a picture of the wrong size, as users of the service quote it. Inferred: the words
of the other refusals, and that a picture in JSON must be an object.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

from sandbox.body import Body, Fields
from sandbox.families import sora
from sandbox.families.family import Family
from sandbox.order import Order
from sandbox.refusal import Refusal
from sandbox.shapes.shape import Shape
from sandbox.shelf import decode, measure_picture

FIELDS = ("model", "prompt", "seconds", "size", "input_reference", "user")
MODEL = "sora-2"
SECONDS = ("4", "8", "12")
SIZES = {False: ("720x1280", "1280x720"), True: ("720x1280", "1280x720", "1024x1792", "1792x1024")}


class OpenAi(Shape):
    """OpenAI's answers."""

    name: ClassVar[str] = "openai"

    def accept(self, entry: str, body: Body) -> tuple[Family, Order]:
        return sora.FAMILY, read(body)


def read(body: Body) -> Order:
    """Read a create with the fields and values of the reference; raises Refusal."""
    for name in body.values:
        if name not in FIELDS:
            raise Refusal(400, "unknown_parameter", f"Unknown parameter: '{name}'.", param=name)
    fields = Fields(body.values)
    model = fields.text("model") or MODEL
    if model not in sora.MODELS or not model.startswith("sora-2"):
        what = f"Invalid value: '{model}'. The model does not exist or cannot make videos."
        raise Refusal(400, "invalid_value", what, param="model")
    prompt = fields.text("prompt")
    if not prompt or not prompt.strip():
        raise Refusal(400, "missing_required_parameter", "Missing required parameter: 'prompt'.", param="prompt")
    check_value("seconds", body.values.get("seconds"), SECONDS)
    check_value("size", body.values.get("size"), SIZES[model.startswith("sora-2-pro")])
    picture = body.values.get("input_reference")
    if picture is not None and not isinstance(picture, dict | bytes):
        what = "Invalid type for 'input_reference': expected a file, or an object with image_url or file_id."
        raise Refusal(400, "invalid_type", what, param="input_reference")
    values = {name: value for name, value in body.values.items() if name != "user"}
    order = sora.read(model, Body(body.kind, values | {"model": model}))
    for source in order.sources:
        check_picture(source.at, (order.width, order.height))
    return order


def check_value(name: str, value: Any, allowed: Collection[str]) -> None:
    """Refuse a value that is not one of the allowed strings."""
    if value is not None and value not in allowed:
        listed = ", ".join(f"'{word}'" for word in allowed)
        what = f"Invalid value: {value!r}. Supported values are: {listed}."
        raise Refusal(400, "invalid_value", what, param=name)


def check_picture(at: str | bytes, size: tuple[int, int]) -> None:
    """Refuse a picture of another size than the video; a link is not looked at."""
    if isinstance(at, str) and at.startswith(("http://", "https://")):
        return
    payload = at if isinstance(at, bytes) else decode(at, "input_reference")
    if measure_picture(payload) not in (None, size):
        raise Refusal(400, "", "Inpaint image must match the requested width and height")
