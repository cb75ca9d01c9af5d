"""How a task is told on `/v1/video/create` and `/v1/video/query`: a shape per family.

Pure functions from (task, state) to JSON. A family without a shape of its own is told as Vidu and Jimeng are.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from sandbox.answers import Links
from sandbox.tasks import State, Task

GATEWAY_TIME = timezone(timedelta(hours=8))
PENDING_WORDS = {"queued": "pending", "running": "processing", "completed": "completed", "failed": "failed"}
PLAIN_WORDS = {**PENDING_WORDS, "queued": "processing"}

Create = Callable[[Task], dict[str, Any]]
Query = Callable[[Task, State, Links], dict[str, Any]]


def created(task: Task) -> dict[str, Any]:
    """The answer of a create, and of whatever Grok carries on."""
    return SHAPES.get(task.order.family, PLAIN)[0](task)


def found(task: Task, state: State, links: Links) -> dict[str, Any]:
    """The answer of a query; the reason of a failure is in `error`, for which no page has a place."""
    answer = SHAPES.get(task.order.family, PLAIN)[1](task, state, links)
    if state.odd_word:
        answer["status"] = state.odd_word
    if state.phase == "failed":
        answer["error"] = {"message": state.reason, "code": state.code}
    return answer


def sora_created(task: Task) -> dict[str, Any]:
    return {"id": task.id, "status": "pending", "status_update_time": int(task.created * 1000)}


def sora_found(task: Task, state: State, links: Links) -> dict[str, Any]:
    answer = {
        "id": task.id,
        "object": "video",
        "model": task.order.model,
        "status": PENDING_WORDS[state.phase],
        "progress": str(state.percent),
        "created_at": int(task.created),
        "size": task.order.echo_size,
        "status_update_time": int(changed(state) * 1000),
        "detail": detail(task),
    }
    return answer | ({"video_url": links.film} if state.phase == "completed" else {})


def veo_created(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "object": "video",
        "model": task.order.model,
        "status": "queued",
        "progress": 0,
        "created_at": int(task.created),
        "size": task.order.echo_size,
        "detail": detail(task),
        "status_update_time": int(task.created),
    }


def veo_found(task: Task, state: State, links: Links) -> dict[str, Any]:
    return {
        "id": task.id,
        "status": PENDING_WORDS[state.phase],
        "video_url": links.film if state.phase == "completed" else None,
        "enhanced_prompt": "",
        "status_update_time": int(changed(state) * 1000),
    }


def grok_created(task: Task) -> dict[str, Any]:
    answer = {"id": task.id, "status": "processing", "status_update_time": int(task.created)}
    if task.order.parent:
        return answer
    return answer | {"task_id": short_id(task.id), "created_at": rfc3339(task.created, 9)}


def grok_found(task: Task, state: State, links: Links) -> dict[str, Any]:
    done = state.phase == "completed"
    return {
        "id": task.id,
        "status": PLAIN_WORDS[state.phase],
        "video_url": links.film if done else "",
        "status_update_time": int(changed(state)),
        "progress": state.percent,
        "prompt": task.order.prompt,
        "ratio": task.order.ratio,
        "thumbnail_url": links.poster if done else "",
        "asset_id": f"a-{task.token[:8]}",
        "video_file_id": f"f-{task.token[:8]}" if done else "",
        "trace_id": f"t-{task.token[-8:]}",
    }


def plain_created(task: Task) -> dict[str, Any]:
    """Without an `id`: the `task_id` goes into the query as `id`."""
    return {"task_id": task.id, "status": "processing", "created_at": rfc3339(task.created, 3)}


def plain_found(task: Task, state: State, links: Links) -> dict[str, Any]:
    answer = {
        "id": task.id,
        "status": PLAIN_WORDS[state.phase],
        "progress": state.percent,
        "created_at": rfc3339(task.created, 3),
    }
    if state.ended is not None:
        answer["completed_at"] = rfc3339(state.ended, 3)
    return answer | ({"video_url": links.film} if state.phase == "completed" else {})


PLAIN: tuple[Create, Query] = (plain_created, plain_found)
SHAPES: dict[str, tuple[Create, Query]] = {
    "sora": (sora_created, sora_found),
    "veo": (veo_created, veo_found),
    "grok": (grok_created, grok_found),
}


def short_id(task_id: str) -> str:
    """Grok's second name of a task."""
    return task_id.removeprefix("grok:")


def detail(task: Task) -> dict[str, Any]:
    order = task.order
    links = [source.at for source in order.sources if str(source.at).startswith("http")]
    return {
        "input": {"prompt": order.prompt, "model": order.model, "images": links, "aspect_ratio": order.ratio},
    }


def changed(state: State) -> float:
    return state.ended or state.at


def rfc3339(moment: float, digits: int) -> str:
    """With the gateway's offset and as many decimals as the family writes."""
    whole, share = divmod(moment, 1)
    head = datetime.fromtimestamp(whole, GATEWAY_TIME).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{head}.{int(share * 10**digits):0{digits}d}+08:00"
