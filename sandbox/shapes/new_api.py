"""new-api, the gateway of the documented deployments: the sandbox's own shape.

Facts: the pages of the gateway (octopusx-*), the founding documents (domestic-models, support-matrix) and new-api's
source code where they say nothing. The gateway serves many families and formats; `rules.py`, `answers.py`, `unified.py`
and `official.py` hold them. The gateway has no list, deletion, edits and content variants; here they are OpenAI's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from starlette.responses import HTMLResponse, Response

from sandbox import answers, rules
from sandbox.body import Body
from sandbox.families.family import Family
from sandbox.order import Order
from sandbox.refusal import Refusal
from sandbox.shapes.shape import Shape, describe_model
from sandbox.tasks import State, Task

FRONT_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>dailies sandbox</title>
<body style="font:16px/1.5 system-ui;margin:4rem auto;max-width:40rem"><h1>dailies sandbox</h1>
<p>An embedded video gateway. Its API is below <code>/v1</code>; every other path returns this page.</p></body></html>
"""


class NewApi(Shape):
    """The gateway's answers; `native` makes Kling's routes answer as Kling's own API."""

    name: ClassVar[str] = "new-api"
    follows: ClassVar[tuple[str, ...]] = tuple(rules.FOLLOW_PATHS)

    def __init__(self, *, native: bool = False) -> None:
        self.native = native

    def accept(self, entry: str, body: Body) -> tuple[Family, Order]:
        return rules.accept(entry, body)

    def make_id(self, family: Family, order: Order) -> str:
        return answers.make_id(family, order.entry, order.model, native=self.native)

    def describe(self, family: Family, task: Task, state: State, link: str) -> dict[str, Any]:
        return answers.describe_video(family, task, state, link)

    def list_models(self) -> list[dict[str, Any]]:
        return [describe_model(model, "sandbox") for model in rules.list_models()]

    def serves(self, model: str) -> bool:
        return rules.find_family(model) is not None

    def refuse_unknown(self, task_id: str, *, content: bool = False) -> Refusal:
        if content:
            return Refusal(404, "invalid_request_error", f"task {task_id} not found", origin="content")
        return Refusal(400, "task_not_exist", f"task {task_id} does not exist")

    def refuse_content(self, task: Task, state: State) -> Refusal:
        message = f"task is not completed: {answers.OUTER_WORDS[state.phase]}"
        return Refusal(400, "invalid_request_error", message, origin="content")

    def refuse_deletion(self, task: Task, state: State) -> Refusal:
        message = f"id: task {task.id} has not ended: {answers.OUTER_WORDS[state.phase]}"
        return Refusal(400, "invalid_request", message, param="id")

    def refuse_key(self) -> Refusal:
        return Refusal(401, "", "no API key provided: send Authorization: Bearer <key>", origin="middleware")

    def build_error(self, refusal: Refusal, request_id: str) -> dict[str, Any]:
        return refusal.to_body(request_id)

    def build_headers(self, request_id: str) -> Mapping[str, str]:
        return {"x-oneapi-request-id": request_id, "x-request-id": request_id}

    def answer_unknown_path(self, method: str, path: str, status: int, request_id: str) -> Response:
        """Answer a JSON 404 below /v1, elsewhere the web front end (new-api: router/web-router.go)."""
        if path.startswith("/v1"):
            return super().answer_unknown_path(method, path, status, request_id)
        return HTMLResponse(FRONT_PAGE)
