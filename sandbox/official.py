"""Describe tasks in the vendors' own formats: Kling's envelope and Vidu's two answers.

Pure functions from (task, state) to JSON, and Kling's refusals.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sandbox.answers import Links, wrap
from sandbox.refusal import Refusal
from sandbox.tasks import State, Task

KLING_WORDS = {"queued": "submitted", "running": "processing", "completed": "succeed", "failed": "failed"}
KLING_CODES = {400: 1201, 429: 1302, 500: 5000, 503: 1203}
VIDU_WORDS = {"queued": "processing", "running": "processing", "completed": "completed", "failed": "failed"}
VIDU_OWN_WORDS = {"queued": "queueing", "running": "processing", "completed": "success", "failed": "failed"}


def describe_created_kling(task: Task, request_id: str) -> dict[str, Any]:
    """Build the answer to a create as Kling's own API does."""
    made = int(task.created * 1000)
    data = {
        "task_id": task.id,
        "task_status": "submitted",
        "task_info": dict(task.order.handed_back),
        "created_at": made,
        "updated_at": made,
    }
    return {"code": 0, "message": "SUCCEED", "request_id": request_id, "data": data}


def describe_found_kling(task: Task, state: State, links: Links, request_id: str) -> dict[str, Any]:
    """Build the answer to a query as Kling's own API does."""
    answer = describe_created_kling(task, request_id)
    data = answer["data"]
    data["task_status"] = state.odd_word or KLING_WORDS[state.phase]
    data["task_status_msg"] = state.reason
    data["updated_at"] = int((state.ended or state.at) * 1000)
    if state.phase == "completed":
        video = {"id": f"v-{task.token[:12]}", "url": links.film, "duration": f"{task.order.seconds}.0"}
        data["task_result"] = {"videos": [video]}
    return answer


def wrap_found_kling(task: Task, state: State, links: Links, request_id: str) -> dict[str, Any]:
    """Wrap Kling's own object in the gateway's record, with the link beside it (new-api: relay/channel/task/kling)."""
    answer = wrap(task, state, describe_found_kling(task, state, links, request_id))
    answer["data"]["result_url"] = links.film if state.phase == "completed" else ""
    return answer


def refuse_like_kling(refusal: Refusal, *, native: bool) -> Refusal:
    """Convert a refusal to Kling's own body, or to the gateway's `task_failed` for an invalid request."""
    if native:
        return replace(refusal, code=str(KLING_CODES.get(refusal.status, 1200)), origin="kling")
    return replace(refusal, code="task_failed") if refusal.code == "invalid_request" else refusal


def describe_created_vidu(task: Task) -> dict[str, Any]:
    """Build the answer to a create on Vidu's routes."""
    return {"task_id": task.id, "status": "processing", "created_at": int(task.created)}


def describe_found_vidu(task: Task, state: State, links: Links) -> dict[str, Any]:
    """Build the answer to a query as the gateway does (octopusx-vidu-query)."""
    answer: dict[str, Any] = {"id": task.id, "status": state.odd_word or VIDU_WORDS[state.phase]}
    if state.phase == "completed":
        answer["video_url"] = links.film
    if state.phase == "failed":
        answer["error"] = {"message": state.reason, "code": state.code}
    return answer | {"status_update_time": int(state.ended or state.at)}


def describe_own_vidu(task: Task, state: State, links: Links) -> dict[str, Any]:
    """Build the answer to a query as Vidu's own API does."""
    creation = {"id": f"c-{task.token[:12]}", "url": links.film, "cover_url": links.poster, "watermarked_url": ""}
    return {
        "id": task.id,
        "state": state.odd_word or VIDU_OWN_WORDS[state.phase],
        "err_code": state.code,
        "credits": 4 * task.order.seconds,
        **task.order.handed_back,
        "creations": [creation] if state.phase == "completed" else [],
    }
