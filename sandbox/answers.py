"""Describe tasks as `/v1/videos` and `/v1/video/generations` do, and make the ids of all routes.

Pure functions from (task, state) to JSON, modelled on the documented samples. Unified video is in `unified.py`, the
vendors' own formats are in `official.py`, error bodies in `refusal.py`.
"""

from __future__ import annotations

import secrets
import string
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.families.family import Family
from sandbox.order import FRAME_RATE
from sandbox.tasks import State, Task

LETTERS = string.ascii_letters + string.digits
SMALL_LETTERS = string.ascii_lowercase + string.digits
LINK_LIFE = 86400
OUTER_WORDS = {"queued": "SUBMITTED", "running": "IN_PROGRESS", "completed": "SUCCESS", "failed": "FAILURE"}
INNER_WORDS = {"queued": "queued", "running": "running", "completed": "succeeded", "failed": "failed"}


@dataclass(frozen=True)
class Links:
    """The addresses of a finished task's files."""

    film: str = ""
    last_frame: str = ""
    poster: str = ""


def draw_letters(letters: str, count: int) -> str:
    """Return `count` random letters of an alphabet."""
    return "".join(secrets.choice(letters) for _ in range(count))


ID_FORMS: dict[str, Callable[[str], str]] = {
    "task": lambda model: f"task_{draw_letters(LETTERS, 32)}",
    "video": lambda model: f"video_{secrets.token_hex(16)}",
    "uuid": lambda model: f"video_{uuid.uuid4()}",
    "cgt": lambda model: f"cgt-{time.strftime('%Y%m%d%H%M%S')}-{draw_letters(SMALL_LETTERS, 5)}",
    "sora": lambda model: f"{model}:task_{draw_letters(SMALL_LETTERS, 26)}",
    "grok": lambda model: f"grok:{uuid.uuid4()}",
    "hex": lambda model: secrets.token_hex(12),
    "digits": lambda model: draw_letters(string.digits[1:], 18),
}


def make_id(family: Family, entry: str, model: str, *, native: bool) -> str:
    """Make a task id in the form of its family and route; `native` selects the form of Kling's own API."""
    form = family.style.task_id
    if entry == "unified" or (family.name == "grok" and entry in family.followers):
        form = family.style.unified_id
    elif entry.startswith("vidu-"):
        form = "hex"
    elif entry.startswith("kling-") and native:
        form = "digits"
    return ID_FORMS[form](model)


def describe_video(family: Family, task: Task, state: State, link: str) -> dict[str, Any]:
    """Build the OpenAI-format object of `/v1/videos`; `link` appears once the task is completed."""
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
        "size": choose_shown_size(task),
        "error": {"message": "", "code": ""} if "empty-error" in task.stages else None,
        **style.always,
    }
    if style.repeats_id:
        answer["task_id"] = task.id
    if order.parent:
        answer["remixed_from_video_id"] = order.parent
    if state.ended is not None:
        answer["completed_at"] = int(state.ended)
    if state.phase == "failed":
        answer["error"] = {"message": state.reason, "code": state.code}
    if state.phase == "completed":
        answer["expires_at"] = int(task.created) + LINK_LIFE
        for place in style.links:
            put(answer, place, link)
    return answer


def choose_shown_size(task: Task) -> str:
    """Return the size to show: pixels follow the input picture once the clip exists, a tier stays as requested."""
    order = task.order
    if not order.follow or task.film_size is None or "x" not in order.echo_size.replace("*", "x"):
        return order.echo_size
    return task.film_size.replace("x", "*") if "*" in order.echo_size else task.film_size


def wrap(task: Task, state: State, inner: dict[str, Any]) -> dict[str, Any]:
    """Wrap the upstream's object in the gateway's task record, as `GET /v1/video/generations/{id}` and Kling do."""
    data = {
        "task_id": task.id,
        "status": state.odd_word.upper() or OUTER_WORDS[state.phase],
        "progress": f"{state.percent}%",
        "submit_time": int(task.created),
        "start_time": int(task.created + task.lasts * 0.15) if state.phase != "queued" else 0,
        "finish_time": int(state.ended or 0),
        "fail_reason": state.reason,
        "data": inner,
    }
    return {"code": "success", "message": "", "data": data}


def describe_upstream(task: Task, state: State, links: Links) -> dict[str, Any]:
    """Build the upstream's own object for `/v1/video/generations`."""
    order = task.order
    inner: dict[str, Any] = {
        "id": task.id,
        "model": order.model,
        "status": state.odd_word or INNER_WORDS[state.phase],
        "created_at": int(task.created),
        "updated_at": int(state.ended or state.at),
    }
    if state.phase == "completed":
        tokens = order.width * order.height * 24 * order.seconds // 1024
        content = {"video_url": links.film}
        if order.keep_last_frame:
            content["last_frame_url"] = links.last_frame
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
    return inner


def put(answer: dict[str, Any], place: str, value: str) -> None:
    """Set the value at a dotted path and create the objects above it."""
    *parents, name = place.split(".")
    for parent in parents:
        answer = answer.setdefault(parent, {})
    answer[name] = value
