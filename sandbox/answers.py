"""How a task is told to the client: ids, status words and shapes per family and route.

Pure functions from (task, state) to JSON, after the samples in the contract's family files. Error bodies are in
`refusal.py`.
"""

from __future__ import annotations

import secrets
import string
import time
import uuid
from typing import Any

from sandbox.families.family import Family, Style
from sandbox.film import FRAME_RATE
from sandbox.tasks import State, Task

LETTERS = string.ascii_letters + string.digits
LINK_LIFE = 86400
OUTER_WORDS = {"queued": "SUBMITTED", "running": "IN_PROGRESS", "completed": "SUCCESS", "failed": "FAILURE"}
INNER_WORDS = {"queued": "queued", "running": "running", "completed": "succeeded", "failed": "failed"}


def new_id(style: Style) -> str:
    """A task id in the family's form."""
    if style.task_id == "task":
        return "task_" + "".join(secrets.choice(LETTERS) for _ in range(32))
    if style.task_id == "uuid":
        return f"video_{uuid.uuid4()}"
    if style.task_id == "cgt":
        suffix = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(5))
        return f"cgt-{time.strftime('%Y%m%d%H%M%S')}-{suffix}"
    return f"video_{secrets.token_hex(16)}"


def video_object(family: Family, task: Task, state: State, link: str) -> dict[str, Any]:
    """The OpenAI-format object of create and query on `/v1/videos`; `link` is used once the task is completed."""
    style, order = family.style, task.order
    words = {"queued": "queued", "running": style.running, "completed": "completed", "failed": "failed"}
    answer: dict[str, Any] = {
        "id": task.id,
        "object": "video",
        "model": order.echo_model,
        "status": state.odd_word or words[state.phase],
        "progress": state.percent,
        "created_at": int(task.created),
        "seconds": str(order.seconds),
        "size": delivered_size(task),
        **style.always,
    }
    if style.repeats_id:
        answer["task_id"] = task.id
    if state.ended is not None:
        answer["completed_at"] = int(state.ended)
    if state.phase == "failed":
        answer["error"] = {"message": state.reason, "code": state.code}
    if state.phase == "completed":
        answer["expires_at"] = int(task.created) + LINK_LIFE
        for place in style.links:
            put(answer, place, link)
    return answer


def delivered_size(task: Task) -> str:
    """The size an answer shows: pixels follow the picture once the film is made, tiers stay as they were asked."""
    order = task.order
    if not order.follow or task.film_size is None or "x" not in order.echo_size.replace("*", "x"):
        return order.echo_size
    return task.film_size.replace("x", "*") if "*" in order.echo_size else task.film_size


def wrapper(task: Task, state: State, link: str, last_frame_link: str) -> dict[str, Any]:
    """The answer of `GET /v1/video/generations/{id}`: the gateway's record around the upstream's own object."""
    order = task.order
    started = int(task.created + task.lasts * 0.15) if state.phase != "queued" else 0
    inner: dict[str, Any] = {
        "id": task.id,
        "model": order.model,
        "status": INNER_WORDS[state.phase],
        "created_at": int(task.created),
        "updated_at": int(state.ended or time.time()),
    }
    if state.odd_word:
        inner["status"] = state.odd_word
    if state.phase == "completed":
        tokens = order.width * order.height * 24 * order.seconds // 1024
        content = {"video_url": link}
        if order.keep_last_frame:
            content["last_frame_url"] = last_frame_link
        inner |= {
            "content": content,
            "duration": order.seconds,
            "resolution": order.resolution,
            "ratio": order.ratio,
            "seed": order.seed if order.seed is not None else int(task.created) % 2**31,
            "framespersecond": FRAME_RATE,
            "generate_audio": order.audio,
            "usage": {"completion_tokens": tokens, "total_tokens": tokens},
        }
    if state.phase == "failed":
        inner["error"] = {"code": state.code, "message": state.reason}
    data = {
        "task_id": task.id,
        "status": state.odd_word.upper() or OUTER_WORDS[state.phase],
        "progress": f"{state.percent}%",
        "submit_time": int(task.created),
        "start_time": started,
        "finish_time": int(state.ended or 0),
        "fail_reason": state.reason,
        "data": inner,
    }
    return {"code": "success", "message": "", "data": data}


def put(answer: dict[str, Any], place: str, value: str) -> None:
    """Write a value at a dotted place, making the objects on the way."""
    *parents, name = place.split(".")
    for parent in parents:
        answer = answer.setdefault(parent, {})
    answer[name] = value
