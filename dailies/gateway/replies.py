"""Reads what a gateway answers: any documented reply into one `Progress`, any error body into one `GatewayError`.

Owns the lenient side of the wire: places, status words, number forms.
Pure: no network, no clock. What a reply means for a run is `runs`; how it was fetched is `client`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from dailies.errors import BadRequest, GatewayError, OutOfCredit, TooFast, Unauthorized, Unreadable
from dailies.exchange import (
    Progress,
)
from dailies.text import LINK_CHARS, NAME_CHARS, clean, clean_leaves
from dailies.vocabulary import TaskState

RAW_CHARS = 8_000
"""How much of an answer, and of a sentence in it, is kept as text."""

_WORDS: Mapping[TaskState, tuple[str, ...]] = {
    TaskState.QUEUED: (
        *("queued", "pending", "submitted", "created", "not_start", "notstarted", "queueing", "preparing"),
        *("starting", "in_queue", "waiting"),
    ),
    TaskState.RUNNING: ("in_progress", "processing", "running", "generating"),
    TaskState.DONE: ("completed", "complete", "succeeded", "success", "succeed", "finished", "finish", "done"),
    TaskState.FAILED: ("failed", "failure", "fail", "error"),
    TaskState.CANCELLED: ("cancelled", "canceled"),
    TaskState.EXPIRED: ("expired",),
}
STATES: Mapping[str, TaskState] = {word: state for state, words in _WORDS.items() for word in words}
"""Status word in lower case -> what it means. Any other word is `TaskState.UNKNOWN`."""

# Dotted places, tried in order; a number is a position in a list. The first block of each is in the documented
# order, what follows are the same places one level further in, where a wrapper holds an upstream's own object.
_TASK = ("id", "task_id", "data.task_id", "data.id", "data.Id")
_STATUS = (  # innermost first: between two equally final words the upstream's own is the truer one
    *("data.data.data.task_status", "data.data.status", "data.data.task_status", "data.data.state"),
    *("data.status", "data.Status", "data.task_status", "data.state", "status", "task_status", "state"),
)
_PERCENT = ("progress", "data.progress", "data.data.progress")
_LINK = (
    *("video_url", "metadata.url", "output.url", "data.video_url", "data.url", "data.result_url"),
    *("data.data.content.video_url", "content.video_url", "content.url", "detail.video_url"),
    *("data.task_result.videos.0.url", "creations.0.url"),
    *("url", "result_url", "data.metadata.url", "data.output.url", "data.content.video_url", "data.creations.0.url"),
    *("data.data.video_url", "data.data.metadata.url", "data.data.output.url", "data.data.url"),
    *("data.data.creations.0.url", "data.data.task_result.videos.0.url", "data.data.data.task_result.videos.0.url"),
)
_LAST_FRAME = ("content.last_frame_url", "data.data.content.last_frame_url", "data.content.last_frame_url")
_ERROR = ("error", "data.error", "data.data.error", "data.Error")
_FAIL_REASON = ("data.fail_reason", "fail_reason")
_FAILURE_WORDS = ("data.task_status_msg", "data.data.task_status_msg", "data.data.data.task_status_msg")
_FAILURE_CODE = ("err_code", "data.err_code", "data.data.err_code")

_FINE_CODES = ("", "0", "200", "10000", "success", "succeed", "ok")
_NO_CREDIT = ("insufficient_user_quota", "pre_consume_token_quota_failed", "insufficient_quota")
_NO_TASK = ("task_not_exist",)
_NO_CHANNEL = ("model_not_found",)
_UPSTREAM_RATE = ("1002",)

_REQUEST_ID = re.compile(r"\s*\(request id: ([\w-]+)\)")


def decode(body: Any, headers: Mapping[str, str] | None = None) -> Progress:
    """One `Progress` from a reply of any documented shape, as `read_json` decodes it.

    The most final status word found wins; no word at all is `queued`, or `done` where a link stands without one.
    `percent` is 0-100 or None, `ask_again` in seconds. Links written as data URLs are left out: the content route
    serves the same bytes. Never raises: what cannot be read is empty.
    """
    state, word = _status(body)
    link = _link(body)
    if not word and link and not _has_status_key(body):
        state = TaskState.DONE
    reason, code = _reason(body)
    if state is TaskState.DONE and not link:
        link = next((url for url in (_text(body, place) for place in _FAIL_REASON) if _is_web(url)), "")
    if state.final and state is not TaskState.DONE:
        reason = reason or _first(body, _FAIL_REASON) or _first(body, _FAILURE_WORDS)
        code = code or _first(body, _FAILURE_CODE)
    return Progress(
        state=state,
        word=word,
        task=_first(body, _TASK),
        percent=_percent(body),
        link=link,
        last_frame=_first(body, _LAST_FRAME),
        reason=reason,
        code=code,
        ask_again=_ask_again(headers or {}),
    )


def read(status: int, text: str, content_type: str = "", headers: Mapping[str, str] | None = None) -> Progress:
    """The `Progress` of one HTTP answer.

    Raises a `GatewayError` for any status but 2xx, for an answer that is not JSON, and for a 2xx that holds a refusal
    instead of a task: an error code, a filled error, a negative `state`.
    """
    headers = headers or {}
    if not 200 <= status < 300:
        raise read_error(status, text, content_type, headers)
    body = read_json(text)
    if not isinstance(body, dict):
        raise read_error(status, text, content_type, headers)
    progress = decode(body, headers)
    if not progress.task and not progress.word and not progress.link and _refuses(body):
        raise read_error(status, text, content_type, headers)
    return progress


def read_error(
    status: int, text: str, content_type: str = "", headers: Mapping[str, str] | None = None
) -> GatewayError:
    """The error an answer holds, as one of the classes of `errors`; what the gateway says is kept word for word."""
    lowered = {name.lower(): value for name, value in (headers or {}).items()}
    body = read_json(text)
    message, code = _error_words(body)
    request_id = clean(lowered.get("x-oneapi-request-id", ""), NAME_CHARS) or _text(body, "request_id")
    if found := _REQUEST_ID.search(message):
        request_id = request_id or found.group(1)
        message = _REQUEST_ID.sub("", message).strip()
    spoken = bool(message or code)
    facts: dict[str, Any] = {
        "status": status,
        "request_id": request_id,
        "code": code,
        "raw": shorten(text),
        "spoken": spoken,
    }
    page = "html" in content_type.lower() or text.lstrip()[:1] == "<"

    if spoken:
        return _classify(message or f"The gateway answered with the error code {code}.", facts, lowered)
    if page and (status < 300 or status == 404):
        what = "A web page answered instead of the gateway: the path or the base URL is wrong."
        return Unreadable(what, **facts) if status < 300 else BadRequest(what, **facts)
    if status < 300:
        what = (
            "The gateway's answer cannot be read: it is empty."
            if not text.strip()
            else ("The gateway's answer cannot be read: it is not the JSON of a task.")
        )
        return Unreadable(what, **facts)
    if status < 400:
        where = clean(lowered.get("location", ""), LINK_CHARS)
        what = (
            f"The gateway redirects to {where.split('?')[0]}: set that as the base URL."
            if where
            else ("The gateway answered with a redirect: check the base URL.")
        )
        return BadRequest(what, **facts)
    first = clean(" ".join(text.split())[:200])
    said = "a web page" if page else (f'"{first}"' if first else "an empty answer")
    return _classify(f"The gateway answered {status} with {said}.", facts, lowered)


def denies_task(error: GatewayError) -> bool:
    """Whether the gateway says that it does not know the task (400 with a code on queries, 404 elsewhere)."""
    return error.status == 404 or error.code in _NO_TASK


def proves_no_task(error: GatewayError) -> bool:
    """Whether this answer to a create proves that no task was made.

    A refusal does, and so does a 500, 501 or 503 in the gateway's own words. A timeout, a 502, a 504 or an answer that
    cannot be read proves nothing.
    """
    if error.status == 408:  # a timeout between the gateway and its upstream
        return False
    return isinstance(error, BadRequest | Unauthorized | OutOfCredit | TooFast) or (
        error.spoken and error.status in (500, 501, 503)
    )


def shorten(text: str) -> str:
    """Clean an answer and keep at most `RAW_CHARS` characters of it."""
    text = clean(text)
    return text if len(text) <= RAW_CHARS else f"{text[:RAW_CHARS]}… ({len(text)} characters in all)"


# --- places ------------------------------------------------------------------------------------------------------


def _at(body: Any, place: str) -> Any:
    """What stands at a dotted place, None where nothing does."""
    for step in place.split("."):
        if isinstance(body, Mapping):
            body = body.get(step)
        elif isinstance(body, list) and step.isdecimal() and int(step) < len(body):
            body = body[int(step)]
        else:
            return None
    return body


def _text(body: Any, place: str) -> str:
    """The text or number at a place as text, with at most `RAW_CHARS` characters; "" for anything else."""
    found = _at(body, place)
    if isinstance(found, str):
        return found.strip()[:RAW_CHARS]
    if isinstance(found, int | float) and not isinstance(found, bool):
        return str(found)
    return ""


def _first(body: Any, places: tuple[str, ...]) -> str:
    return next((text for text in (_text(body, place) for place in places) if text), "")


def read_json(text: str) -> Any:
    """Decode the JSON of an answer, with every string in it cleaned; None if it is not JSON."""
    try:
        return clean_leaves(json.loads(text))
    except (ValueError, RecursionError):
        return None


def _is_web(text: str) -> bool:
    return text.startswith(("http://", "https://"))


# --- status, percent, link, reason -------------------------------------------------------------------------------


def _meaning(place: str, word: str) -> TaskState:
    if place == "data.Status" and word.lower() == "active":
        return TaskState.DONE  # an imported asset, not a task: its last good state
    return STATES.get(word.lower(), TaskState.UNKNOWN)


def _rank(state: TaskState) -> int:
    if state.final:
        return 3
    return {TaskState.RUNNING: 2, TaskState.QUEUED: 1}.get(state, 0)


def _status_words(body: Any) -> list[tuple[str, str]]:
    """(place, word) of every status word, innermost first; a numeric `state` is an envelope's flag, not a word."""
    found = ((place, _at(body, place)) for place in _STATUS)
    return [(place, clean(word, NAME_CHARS).strip()) for place, word in found if isinstance(word, str)]


def _status(body: Any) -> tuple[TaskState, str]:
    words = [(_meaning(place, word), word) for place, word in _status_words(body) if word]
    return max(words, key=lambda found: _rank(found[0])) if words else (TaskState.QUEUED, "")


def _has_status_key(body: Any) -> bool:
    return bool(_status_words(body))


def _percent(body: Any) -> int | None:
    for text in (_text(body, place).removesuffix("%").strip() for place in _PERCENT):
        if re.fullmatch(r"[+-]?\d{1,9}(\.\d+)?", text):
            return max(0, min(100, int(float(text))))
    return None


def _link(body: Any) -> str:
    links = (_at(body, place) for place in _LINK)
    return next((link.strip() for link in links if isinstance(link, str) and _is_link(link.strip())), "")


def _is_link(text: str) -> bool:
    return bool(text) and not text.startswith("data:") and "\ufffd" not in text and len(text) <= LINK_CHARS


def _reason(body: Any) -> tuple[str, str]:
    """(message, code) of the first filled error; an error that is present and empty is no error."""
    for place in _ERROR:
        error = _at(body, place)
        if isinstance(error, str) and error.strip():
            return _text(body, place), ""
        if isinstance(error, Mapping):
            message, code = _first(error, ("message", "Message", "msg")), _first(error, ("code", "Code"))
            if message or code.lower() not in _FINE_CODES:
                return message, code or _text(error, "type")
    return "", ""


def _ask_again(headers: Mapping[str, str]) -> float | None:
    """The hint in seconds. The polling header speaks of this very question, so it goes before the general one."""
    lowered = {name.lower(): value for name, value in headers.items()}
    milliseconds = _number(lowered.get("openai-poll-after-ms", ""))
    return milliseconds / 1000 if milliseconds is not None else _number(lowered.get("retry-after", ""))


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\s*\d{1,9}(\.\d+)?\s*", text) else None


# --- errors ------------------------------------------------------------------------------------------------------


def _refuses(body: Mapping[str, Any]) -> bool:
    """Whether a 2xx body without a task is an error in disguise."""
    code, state = _text(body, "code").lower(), _text(body, "state")
    return (
        any(_reason(body))
        or code not in _FINE_CODES
        or (bool(state) and state != "1")
        or body.get("success") is False
        or (bool(_text(body, "data.Code")) and _at(body, "data.Data") is None)
    )


def _error_words(body: Any) -> tuple[str, str]:
    """(message, code), the most specific shape first; ("", "") where the body holds no error."""
    if not isinstance(body, Mapping):
        return "", ""
    message, code = _reason(body)
    if message or code:
        return message, code
    code = _text(body, "code")
    if code.lower() not in _FINE_CODES:
        return _first(body, ("message", "msg")), code
    if _text(body, "data.Code"):
        return _text(body, "data.Message"), _text(body, "data.Code")
    if _text(body, "state") not in ("", "1") or body.get("success") is False:
        return _first(body, ("message", "msg")) or "The gateway says that the call failed and not why.", ""
    return _text(body, "message"), ""


def _classify(message: str, facts: dict[str, Any], headers: Mapping[str, str]) -> GatewayError:
    status, code = facts["status"], facts["code"]
    if code in _NO_CREDIT or status == 402:
        return OutOfCredit(message, **facts)
    if status == 401 or (status == 403 and code != "access_denied"):
        return Unauthorized(message, **facts)
    if status == 429 or code in _UPSTREAM_RATE:
        return TooFast(message, retry_after=_ask_again(headers), **facts)
    if code in _NO_CHANNEL:
        return BadRequest(f"The gateway has no channel for this model with this key. It says: {message}", **facts)
    if status < 500:
        return BadRequest(message, **facts)
    return Unreadable(message, **facts)
