"""What every shape can vary, with the answers of OpenAI's API as the default.

Facts: OpenAI's reference of the Videos API (openai-videos), and `openai/types/video*.py` and
`openai/resources/videos.py` of its Python package in version 3.54. Inferred: the status and the words of each refusal.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

from starlette.datastructures import QueryParams
from starlette.responses import JSONResponse, Response

from sandbox import rules
from sandbox.body import Body
from sandbox.families.family import Family, Parent
from sandbox.families.sora import FAMILY as SORA
from sandbox.order import Order
from sandbox.refusal import Refusal, invalid
from sandbox.tasks import State, Task

LINK_LIFE = 86400
WORDS = {"queued": "queued", "running": "in_progress", "completed": "completed", "failed": "failed"}
VARIANTS = ("video", "thumbnail", "spritesheet")
PAGE_DEFAULT, PAGE_MOST = 20, 100


@dataclass(frozen=True)
class Page:
    """A page of a list: `limit` tasks (None: all) after a task, if given.

    `skips_unknown` makes the page empty if that task does not exist; otherwise the request is refused.
    """

    after: str | None
    limit: int | None
    newest_first: bool
    skips_unknown: bool = False


class Shape:
    """One server's answers. A subclass changes what differs from OpenAI's API.

    `needs_key` is whether a request without a key is refused; `hints` whether answers say when to ask again;
    `follows` the routes that continue a clip, as keys of `rules.FOLLOW_PATHS`; `deletes` and `deletes_unfinished`
    whether tasks can be deleted, and before their end; `answers_at_once` whether `/v1/videos/sync` exists.
    """

    name: ClassVar[str]
    needs_key: ClassVar[bool] = True
    hints: ClassVar[bool] = True
    follows: ClassVar[tuple[str, ...]] = ("extensions", "edits", "remix")
    deletes: ClassVar[bool] = True
    deletes_unfinished: ClassVar[bool] = False
    answers_at_once: ClassVar[bool] = False

    def accept(self, entry: str, body: Body) -> tuple[Family, Order]:
        """Read the order of a create; raises Refusal."""
        raise NotImplementedError

    def accept_after(self, entry: str, body: Body, parent: Parent) -> tuple[Family, Order]:
        """Read the order of a request that continues a clip; raises Refusal."""
        return rules.accept_after(entry, body, parent)

    def make_id(self, family: Family, order: Order) -> str:
        """Make the id of a new task."""
        return f"video_{secrets.token_hex(24)}"

    def describe(self, family: Family, task: Task, state: State, link: str) -> dict[str, Any]:
        """Build the object of a task; `link` is where its film is once it is completed."""
        order = task.order
        return {
            "id": task.id,
            "object": "video",
            "model": order.model,
            "status": state.odd_word or WORDS[state.phase],
            "progress": state.percent,
            "created_at": int(task.created),
            "completed_at": None if state.ended is None else int(state.ended),
            "expires_at": int(task.created) + LINK_LIFE if state.phase == "completed" else None,
            "prompt": order.prompt,
            "size": f"{order.width}x{order.height}",
            "seconds": str(order.seconds),
            "remixed_from_video_id": order.parent or None,
            "error": {"code": state.code, "message": state.reason} if state.phase == "failed" else None,
        }

    def describe_created(self, family: Family, task: Task, state: State) -> dict[str, Any]:
        """Build the answer to a create."""
        return self.describe(family, task, state, "")

    def describe_page(self, items: list[dict[str, Any]], more: bool) -> dict[str, Any]:
        """Build one page of a list."""
        first, last = (items[0]["id"], items[-1]["id"]) if items else (None, None)
        return {"object": "list", "data": items, "first_id": first, "last_id": last, "has_more": more}

    def describe_deleted(self, described: dict[str, Any]) -> dict[str, Any]:
        """Build the answer to a deletion from the object of the deleted task."""
        return {"id": described["id"], "object": "video.deleted", "deleted": True}

    def list_models(self) -> list[dict[str, Any]]:
        """List the models with their entries."""
        return [describe_model(model, "openai") for model in SORA.models if model.startswith("sora-2")]

    def serves(self, model: str) -> bool:
        """Return whether the server has a model."""
        return any(entry["id"] == model for entry in self.list_models())

    def read_page(self, query: QueryParams) -> Page:
        """Read `after`, `limit` and `order` of a list; raises Refusal."""
        limit, order = query.get("limit", str(PAGE_DEFAULT)), query.get("order", "desc")
        if not limit.isdecimal() or not 1 <= int(limit) <= PAGE_MOST:
            raise invalid("limit", f"{limit[:20]!r} is not allowed; allowed: 1-{PAGE_MOST}")
        if order not in ("asc", "desc"):
            raise invalid("order", f"{order[:20]!r} is not allowed; allowed: asc, desc")
        return Page(query.get("after"), int(limit), order == "desc")

    def choose_variant(self, variant: str) -> str:
        """Return the variant of the content to send; raises Refusal for an unknown one."""
        if variant not in VARIANTS:
            what = f"variant: {variant[:40]!r} is not supported; supported values are: {', '.join(VARIANTS)}"
            raise Refusal(400, "invalid_value", what, origin="content", param="variant")
        return variant

    def refuse_unknown(self, task_id: str, *, content: bool = False) -> Refusal:
        """Make the refusal of an unknown task, on the query or on the content route."""
        return Refusal(404, "", f"Video with id '{task_id}' not found.")

    def refuse_content(self, task: Task, state: State) -> Refusal:
        """Make the refusal of content that is not there."""
        what = f"Video is not ready: its status is {WORDS[state.phase]}."
        return Refusal(404, "", what, origin="content")

    def refuse_deletion(self, task: Task, state: State) -> Refusal:
        """Make the refusal to delete a task that has not ended."""
        what = f"Video with id '{task.id}' cannot be deleted while its status is {WORDS[state.phase]}."
        return Refusal(400, "", what)

    def refuse_key(self) -> Refusal:
        """Make the refusal of a request without a key."""
        what = "You didn't provide an API key: send Authorization: Bearer <key>."
        return Refusal(401, "", what, origin="middleware")

    def build_error(self, refusal: Refusal, request_id: str) -> dict[str, Any]:
        """Build the body of an error answer."""
        error = {"message": refusal.message, "type": refusal.kind, "param": refusal.param, "code": refusal.code or None}
        return {"error": error}

    def build_headers(self, request_id: str) -> Mapping[str, str]:
        """Build the headers that name the request."""
        return {"x-request-id": request_id}

    def answer_unknown_path(self, method: str, path: str, status: int, request_id: str) -> Response:
        """Answer an unknown path (`status` 404) or method (405)."""
        refusal = Refusal(404, "", f"Invalid URL ({method} {path})", origin="path")
        return JSONResponse(self.build_error(refusal, request_id), status_code=refusal.status)


def describe_model(model: str, owner: str, **more: Any) -> dict[str, Any]:
    """Build the entry of one model in a list of models."""
    return {"id": model, "object": "model", "created": 1767225600, "owned_by": owner, **more}


def answer_detail(status: int) -> Response:
    """Answer an unknown path or method as FastAPI does by default."""
    return JSONResponse({"detail": HTTPStatus(status).phrase}, status_code=status)
