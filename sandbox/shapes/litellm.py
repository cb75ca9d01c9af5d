"""A LiteLLM proxy in front of an OpenAI-compatible server.

Facts: the answers of a LiteLLM proxy, version 1.108.7, whose `api_base` was the sandbox (`make interop` runs the same
proxy), and its source: `litellm/proxy/video_endpoints/endpoints.py`, `litellm/types/videos/utils.py` (the ids) and
`litellm/llms/openai/videos/transformation.py` (the calls to the server behind it).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from starlette.datastructures import QueryParams
from starlette.responses import Response

from sandbox.body import Body
from sandbox.families import sora
from sandbox.families.family import Family
from sandbox.order import Order
from sandbox.refusal import Refusal
from sandbox.shapes import openai
from sandbox.shapes.shape import Page, Shape, answer_detail, describe_model
from sandbox.tasks import State, Task

DROPPED = ("metadata", "user")  # kept by the proxy for its own log
CLASSES = {
    400: ("BadRequestError", "", "invalid_request_error"),
    404: ("BadRequestError", "", "invalid_request_error"),
    429: ("RateLimitError", "RateLimitError: ", "throttling_error"),
    500: ("InternalServerError", "InternalServerError: ", "internal_server_error"),
}


class LiteLlm(Shape):
    """The proxy's answers."""

    name: ClassVar[str] = "litellm"
    hints: ClassVar[bool] = False
    deletes: ClassVar[bool] = False

    def accept(self, entry: str, body: Body) -> tuple[Family, Order]:
        model, prompt = body.values.get("model"), body.values.get("prompt")
        if not prompt:
            raise own(400, "/videos: Missing required parameter: 'prompt'.", param="prompt")
        if not isinstance(model, str) or not self.serves(model):
            what = f"/videos: Invalid model name passed in model={model}. Call `/v1/models` to view available models."
            raise own(400, what)
        values = {name: value for name, value in body.values.items() if name not in DROPPED}
        picture = values.get("input_reference")
        if isinstance(picture, dict):
            raise own(400, "Invalid request format: 'dict' object has no attribute 'read'")
        if isinstance(picture, str):
            # The proxy sends the text itself as the uploaded file.
            values["input_reference"] = picture.encode()
        return sora.FAMILY, openai.read(Body("form", values))

    def make_id(self, family: Family, order: Order) -> str:
        upstream = super().make_id(family, order)
        text = f"litellm:custom_llm_provider:openai;model_id:{order.model};video_id:{upstream}"
        return "video_" + base64.b64encode(text.encode()).decode()

    def describe(self, family: Family, task: Task, state: State, link: str) -> dict[str, Any]:
        found = super().describe(family, task, state, link)
        names = ("id", "object", "status", "created_at", "completed_at", "expires_at", "error", "progress")
        told = {name: found[name] for name in names}
        return told | {
            "remixed_from_video_id": find_upstream_id(task.order.parent) if task.order.parent else None,
            "seconds": found["seconds"],
            "size": found["size"],
            "model": found["model"],
            "usage": None,
        }

    def describe_created(self, family: Family, task: Task, state: State) -> dict[str, Any]:
        usage = {"duration_seconds": float(task.order.seconds)}
        return super().describe_created(family, task, state) | {"usage": usage}

    def read_page(self, query: QueryParams) -> Page:
        """Refuse: the proxy cannot tell which of its servers to ask."""
        what = "litellm.BadRequestError: LLM Provider NOT provided. Pass in the LLM provider you are trying to call."
        raise own(400, what)

    def choose_variant(self, variant: str) -> str:
        return "video"

    def list_models(self) -> list[dict[str, Any]]:
        return [describe_model(entry["id"], "openai", mode="video_generation") for entry in super().list_models()]

    def refuse_unknown(self, task_id: str, *, content: bool = False) -> Refusal:
        what = (
            "litellm.InternalServerError: InternalServerError: OpenAIException - Cannot connect to host api.openai.com"
        )
        return own(500, what)

    def refuse_key(self) -> Refusal:
        return own(401, "Authentication Error, No api key passed in.")

    def build_error(self, refusal: Refusal, request_id: str) -> dict[str, Any]:
        if refusal.code == OWN:
            words, kind = refusal.message, "auth_error" if refusal.status == 401 else CLASSES[refusal.status][2]
        else:
            kept = json.dumps(super().build_error(refusal, request_id), separators=(",", ":"))
            name, prefix, kind = CLASSES.get(refusal.status, CLASSES[400])
            words = f"litellm.{name}: {prefix}OpenAIException - {kept}"
        param = refusal.param if refusal.code == OWN else None
        return {"error": {"message": words, "type": kind, "param": param, "code": str(refusal.status)}}

    def build_headers(self, request_id: str) -> Mapping[str, str]:
        return {"x-litellm-call-id": request_id, "x-request-id": request_id}

    def answer_unknown_path(self, method: str, path: str, status: int, request_id: str) -> Response:
        return answer_detail(status)


OWN = "litellm"  # the code of a refusal by the proxy itself


def own(status: int, message: str, *, param: str | None = None) -> Refusal:
    """Make a refusal by the proxy itself; the others are those of the server behind it."""
    return replace(Refusal(status, OWN, message), param=param)


def find_upstream_id(task_id: str) -> str:
    """Return the id that the server behind the proxy gave to a task."""
    return base64.b64decode(task_id.removeprefix("video_")).decode().rpartition("video_id:")[2]
