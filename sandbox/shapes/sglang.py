"""SGLang Diffusion, a server of one diffusion model.

Facts: its documentation (docs/diffusion/api/openai_api.md) and its source below
`python/sglang/multimodal_gen/runtime/entrypoints/openai/`: `video_api.py`, `protocol.py`, `common_api.py`, and
`models/vision_utils.py` (what a picture may be). A job is `queued` until it is `completed`, without progress between.
Simplified: a picture that cannot be read is refused, where the server fails the job; fields that steer the model are
accepted and ignored.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any, ClassVar

from starlette.datastructures import QueryParams
from starlette.responses import Response

from sandbox.body import Body, Fields
from sandbox.families import generic
from sandbox.families.family import Family
from sandbox.families.measures import read_pixels
from sandbox.order import Order
from sandbox.refusal import Refusal
from sandbox.shapes.shape import Page, Shape, answer_detail, describe_model
from sandbox.tasks import State, Task

MODEL = "Wan-AI/Wan2.1-T2V-1.3B-Diffusers"
DEFAULT_SIZE = (832, 480)
DEFAULT_FPS, DEFAULT_SECONDS = 24, 4
MEDIA = ("url", "data", "base64")
UNREADABLE = 422


class SgLang(Shape):
    """The server's answers."""

    name: ClassVar[str] = "sglang"
    needs_key: ClassVar[bool] = False
    hints: ClassVar[bool] = False
    follows: ClassVar[tuple[str, ...]] = ()
    deletes_unfinished: ClassVar[bool] = True

    def accept(self, entry: str, body: Body) -> tuple[Family, Order]:
        fields = Fields(body.values)
        prompt = fields.text("prompt")
        if not prompt:
            missing = "prompt is required" if body.kind == "form" else "Invalid request body: prompt: Field required"
            raise Refusal(400, "", missing)
        width, height = read_pixels(fields, "size") or DEFAULT_SIZE
        frames, rate = fields.whole("num_frames"), fields.whole("fps") or DEFAULT_FPS
        seconds = fields.whole("seconds")
        order = generic.build_order(
            MODEL,
            prompt,
            seconds=max(1, frames // rate) if frames else DEFAULT_SECONDS if seconds is None else seconds,
            size=(width, height),
            picture=read_picture(body, fields),
            seed=fields.whole("seed"),
        )
        return generic.FAMILY, order

    def make_id(self, family: Family, order: Order) -> str:
        return str(uuid.uuid4())

    def describe(self, family: Family, task: Task, state: State, link: str) -> dict[str, Any]:
        found = super().describe(family, task, state, link)
        del found["prompt"]
        done = state.phase == "completed"
        return found | {
            "status": found["status"] if state.ended is not None or state.odd_word else "queued",
            "progress": 100 if done else 0,
            "completed_at": found["completed_at"] if done else None,
            "expires_at": None,
            "error": {"message": state.reason} if state.phase == "failed" else None,
            "quality": "standard",
            "url": None,
            "file_path": f"/outputs/{task.id}.mp4",
            "peak_memory_mb": None,
            "inference_time_s": None,
        }

    def describe_page(self, items: list[dict[str, Any]], more: bool) -> dict[str, Any]:
        return {"data": items, "object": "list"}

    def describe_deleted(self, described: dict[str, Any]) -> dict[str, Any]:
        return described | {"status": "deleted"}

    def read_page(self, query: QueryParams) -> Page:
        page = super().read_page(query)
        return replace(page, limit=page.limit if "limit" in query else None, skips_unknown=True)

    def choose_variant(self, variant: str) -> str:
        return "video"

    def list_models(self) -> list[dict[str, Any]]:
        return [describe_model(MODEL, "sglang", root=MODEL, parent=None, max_model_len=None, task_type="TI2V")]

    def refuse_unknown(self, task_id: str, *, content: bool = False) -> Refusal:
        return Refusal(404, "", "Video not found")

    def refuse_content(self, task: Task, state: State) -> Refusal:
        return Refusal(404, "", "Generation is still in-progress")

    def build_error(self, refusal: Refusal, request_id: str) -> dict[str, Any]:
        if refusal.status == UNREADABLE:
            return {"detail": [{"type": "value_error", "loc": ["body", refusal.param], "msg": refusal.message}]}
        return {"detail": refusal.message}

    def answer_unknown_path(self, method: str, path: str, status: int, request_id: str) -> Response:
        return answer_detail(status)


def read_picture(body: Body, fields: Fields) -> tuple[str, str | bytes] | None:
    """Read the picture: a file of a form, a string of a JSON body, or `reference_url` of either."""
    given = fields.raw("input_reference")
    if body.kind == "form" and given is not None and not isinstance(given, bytes):
        what = "Value error, Expected UploadFile, received: <class 'str'>"
        raise Refusal(UNREADABLE, "", what, param="input_reference")
    if body.kind == "json" and given is not None and not isinstance(given, str):
        raise Refusal(400, "", "Invalid request body: input_reference: Input should be a valid string")
    if given is not None:
        return "input_reference", given
    link = fields.link("reference_url", MEDIA)
    return None if link is None else ("reference_url", link)
