"""Describe tasks as `/v1/video/create` and `/v1/video/query` do, with a shape per family.

Pure functions from (task, state) to JSON. Families without a shape of their own use that of Vidu and Jimeng.
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


def describe_created(task: Task) -> dict[str, Any]:
    """Build the answer of a create, and of the routes on which Grok continues a clip."""
    return SHAPES.get(task.order.family, PLAIN)[0](task)


def describe_found(task: Task, state: State, links: Links) -> dict[str, Any]:
    """Build the answer of a query; `error` holds the reason of a failure, which no page documents."""
    answer = SHAPES.get(task.order.family, PLAIN)[1](task, state, links)
    if state.odd_word:
        answer["status"] = state.odd_word
    if state.phase == "failed":
        answer["error"] = {"message": state.reason, "code": state.code}
    return answer


def describe_created_sora(task: Task) -> dict[str, Any]:
    """Build Sora's create answer (octopusx-sora-unified); times are in milliseconds."""
    return {"id": task.id, "status": "pending", "status_update_time": int(task.created * 1000)}


def describe_found_sora(task: Task, state: State, links: Links) -> dict[str, Any]:
    """Build Sora's query answer (octopusx-sora-unified-query); `progress` is a string."""
    answer = {
        "id": task.id,
        "object": "video",
        "model": task.order.model,
        "status": PENDING_WORDS[state.phase],
        "progress": str(state.percent),
        "created_at": int(task.created),
        "size": task.order.echo_size,
        "status_update_time": int(find_change_time(state) * 1000),
        "detail": describe_input(task),
    }
    return answer | ({"video_url": links.film} if state.phase == "completed" else {})


def describe_created_veo(task: Task) -> dict[str, Any]:
    """Build Veo's create answer (octopusx-veo-unified)."""
    return {
        "id": task.id,
        "object": "video",
        "model": task.order.model,
        "status": "queued",
        "progress": 0,
        "created_at": int(task.created),
        "size": task.order.echo_size,
        "detail": describe_input(task),
        "status_update_time": int(task.created),
    }


def describe_found_veo(task: Task, state: State, links: Links) -> dict[str, Any]:
    """Build Veo's query answer (octopusx-veo-unified)."""
    return {
        "id": task.id,
        "status": PENDING_WORDS[state.phase],
        "video_url": links.film if state.phase == "completed" else None,
        "enhanced_prompt": "",
        "status_update_time": int(find_change_time(state) * 1000),
    }


def describe_created_grok(task: Task) -> dict[str, Any]:
    """Build Grok's create answer (octopusx-grok-unified)."""
    answer = {"id": task.id, "status": "processing", "status_update_time": int(task.created)}
    if task.order.parent:
        return answer
    return answer | {"task_id": shorten_id(task.id), "created_at": format_rfc3339(task.created, 9)}


def describe_found_grok(task: Task, state: State, links: Links) -> dict[str, Any]:
    """Build Grok's query answer (octopusx-grok-unified)."""
    done = state.phase == "completed"
    return {
        "id": task.id,
        "status": PLAIN_WORDS[state.phase],
        "video_url": links.film if done else "",
        "status_update_time": int(find_change_time(state)),
        "progress": state.percent,
        "prompt": task.order.prompt,
        "ratio": task.order.ratio,
        "thumbnail_url": links.poster if done else "",
        "asset_id": f"a-{task.token[:8]}",
        "video_file_id": f"f-{task.token[:8]}" if done else "",
        "trace_id": f"t-{task.token[-8:]}",
    }


def describe_created_plain(task: Task) -> dict[str, Any]:
    """Build the create answer without an `id`: the query takes the `task_id` as `id`."""
    return {"task_id": task.id, "status": "processing", "created_at": format_rfc3339(task.created, 3)}


def describe_found_plain(task: Task, state: State, links: Links) -> dict[str, Any]:
    """Build the query answer of Vidu and Jimeng (octopusx-vidu-unified, octopusx-jimeng-unified)."""
    answer = {
        "id": task.id,
        "status": PLAIN_WORDS[state.phase],
        "progress": state.percent,
        "created_at": format_rfc3339(task.created, 3),
    }
    if state.ended is not None:
        answer["completed_at"] = format_rfc3339(state.ended, 3)
    return answer | ({"video_url": links.film} if state.phase == "completed" else {})


PLAIN: tuple[Create, Query] = (describe_created_plain, describe_found_plain)
SHAPES: dict[str, tuple[Create, Query]] = {
    "sora": (describe_created_sora, describe_found_sora),
    "veo": (describe_created_veo, describe_found_veo),
    "grok": (describe_created_grok, describe_found_grok),
}


def shorten_id(task_id: str) -> str:
    """Shorten a Grok id to the form of its `task_id`."""
    return task_id.removeprefix("grok:")


def describe_input(task: Task) -> dict[str, Any]:
    """Build the `detail` of Sora's and Veo's answers."""
    order = task.order
    links = [source.at for source in order.sources if str(source.at).startswith("http")]
    return {
        "input": {"prompt": order.prompt, "model": order.model, "images": links, "aspect_ratio": order.ratio},
    }


def find_change_time(state: State) -> float:
    """Return the Unix time of the last change."""
    return state.ended or state.at


def format_rfc3339(moment: float, digits: int) -> str:
    """Format a Unix time with the gateway's offset and the family's number of decimals."""
    whole, share = divmod(moment, 1)
    head = datetime.fromtimestamp(whole, GATEWAY_TIME).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{head}.{int(share * 10**digits):0{digits}d}+08:00"
