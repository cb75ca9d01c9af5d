"""vLLM-Omni, a server of one diffusion model.

Facts: its documentation (docs/serving/videos_api.md) and its source: `vllm_omni/entrypoints/openai/api_server.py`,
`.../protocol/videos.py` (the fields of a job) and vLLM's `vllm/entrypoints/openai/server_utils.py` (the error bodies).
Simplified: `num_frames` and `fps` only decide the length; fields that steer the model are accepted and ignored.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from http import HTTPStatus
from typing import Any, ClassVar

from starlette.datastructures import QueryParams
from starlette.responses import Response

from sandbox.body import Body, Fields
from sandbox.families import generic
from sandbox.families.family import Family
from sandbox.families.measures import read_pixels
from sandbox.order import Order
from sandbox.refusal import Refusal, invalid
from sandbox.shapes.shape import Page, Shape, answer_detail, describe_model
from sandbox.tasks import State, Task

MODEL = "Wan-AI/Wan2.2-TI2V-5B-Diffusers"
DEFAULT_SIZE = (832, 480)
DEFAULT_FPS, DEFAULT_SECONDS = 24, 4
MEDIA = ("url", "data")


class VllmOmni(Shape):
    """The server's answers; it takes forms only."""

    name: ClassVar[str] = "vllm-omni"
    needs_key: ClassVar[bool] = False
    hints: ClassVar[bool] = False
    follows: ClassVar[tuple[str, ...]] = ()
    deletes_unfinished: ClassVar[bool] = True
    answers_at_once: ClassVar[bool] = True

    def accept(self, entry: str, body: Body) -> tuple[Family, Order]:
        if body.kind != "form":
            raise invalid("body.prompt", "Field required (the route takes multipart/form-data)")
        fields = Fields(body.values)
        prompt = fields.text("prompt")
        if not prompt:
            raise invalid("body.prompt", "Field required")
        fields.text("user")
        seconds = fields.text("seconds")
        if seconds is not None and not re.fullmatch(r"[1-9]\d*", seconds):
            raise invalid("body.seconds", "String should match pattern '^[1-9]\\d*$'")
        size = read_pixels(fields, "size") or (fields.whole("width"), fields.whole("height"))
        width, height = (given or default for given, default in zip(size, DEFAULT_SIZE, strict=True))
        frames, rate = fields.whole("num_frames"), fields.whole("fps") or DEFAULT_FPS
        length = max(1, frames // rate) if frames else int(seconds or DEFAULT_SECONDS)
        order = generic.build_order(
            MODEL,
            prompt,
            seconds=length,
            size=(width, height),
            picture=read_picture(fields),
            seed=fields.whole("seed"),
            audio=bool(fields.flag("generate_sound")),
        )
        return generic.FAMILY, order

    def make_id(self, family: Family, order: Order) -> str:
        return f"video_gen_{uuid.uuid4().hex}"

    def describe(self, family: Family, task: Task, state: State, link: str) -> dict[str, Any]:
        found = super().describe(family, task, state, link)
        done = state.phase == "completed"
        return found | {
            "progress": 100 if done else 0,
            "expires_at": None,
            "quality": "default",
            "media_type": "video/mp4",
            "file_name": f"{task.id}.mp4" if done else None,
            "inference_time_s": None if state.ended is None else round(state.ended - task.created, 3),
            "stage_durations": {},
            "peak_memory_mb": 0.0,
            "action": None,
        }

    def read_page(self, query: QueryParams) -> Page:
        page = super().read_page(query)
        return replace(page, limit=page.limit if "limit" in query else None, skips_unknown=True)

    def choose_variant(self, variant: str) -> str:
        return "video"

    def list_models(self) -> list[dict[str, Any]]:
        return [describe_model(MODEL, "vllm", root=MODEL, parent=None, max_model_len=None, permission=[])]

    def refuse_unknown(self, task_id: str, *, content: bool = False) -> Refusal:
        return Refusal(404, "", "Video not found")

    def refuse_content(self, task: Task, state: State) -> Refusal:
        if state.phase == "failed":
            return Refusal(422, "", "Video generation failed. Check job status for error details.")
        return Refusal(404, "", "Generation is still in-progress")

    def build_error(self, refusal: Refusal, request_id: str) -> dict[str, Any]:
        phrase = HTTPStatus(refusal.status).phrase
        return {"error": {"message": refusal.message, "type": phrase, "param": None, "code": refusal.status}}

    def answer_unknown_path(self, method: str, path: str, status: int, request_id: str) -> Response:
        return answer_detail(status)


def read_picture(fields: Fields) -> tuple[str, str | bytes] | None:
    """Read an uploaded `input_reference`, or the link in the JSON text of `image_reference`; refuses both together."""
    uploaded = fields.raw("input_reference")
    if uploaded is not None and not isinstance(uploaded, bytes):
        raise invalid("body.input_reference", "Value error, Expected UploadFile, received: <class 'str'>")
    described = fields.inner("image_reference")
    if uploaded is not None:
        if described.values:
            raise Refusal(400, "", "Provide either input_reference or image_reference, not both.")
        return "input_reference", uploaded
    if "file_id" in described.values:
        raise Refusal(400, "", "file_id references are not supported yet.")
    link = described.link("image_url", MEDIA)
    return None if link is None else ("image_reference", link)
