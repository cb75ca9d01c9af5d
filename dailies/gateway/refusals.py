"""What a gateway says when it says no: any answer that is no task into one `GatewayError`.

Owns the kinds of refusals: which status and code make which, and which prove that no task was made. The words of a
body are read in `reasons`; what a refusal means for a run is decided in `life`. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from dailies.errors import BadRequest, GatewayError, OutOfCredit, TooFast, Unauthorized, Unreadable
from dailies.gateway.body import as_text, find, find_text, parse
from dailies.gateway.reasons import (
    FINE_CODES,
    MESSAGES,
    NOTHING,
    Level,
    Words,
    end,
    list_fields,
    moderated,
    read_reason,
    say_no_reason,
    search_reason,
)
from dailies.text import LINK_CHARS, NAME_CHARS, clean

RAW_CHARS = 8_000
"""How much of an answer is kept as text."""

_NO_CREDIT = ("insufficient_user_quota", "pre_consume_token_quota_failed", "insufficient_quota")
_NO_SUCH_TASK = ("task_not_exist",)
_UPSTREAM_RATE = ("1002",)
NO_CHANNEL = "model_not_found"

REFUSED_BEFORE_A_TASK = frozenset(
    {
        *("invalid_json", "invalid_multipart_form", "invalid_request", "missing_model", "invalid_size"),
        *("task_not_exist", "task_channel_disable", "channel_not_found", "invalid_channel_id", "access_denied"),
        *("invalid_api_platform", "model_mapping_failed", "model_price_error", "sensitive_words_detected"),
        *("prompt_blocked", "insufficient_user_quota", "pre_consume_token_quota_failed"),
        *(NO_CHANNEL, "get_channel_failed"),
    }
)
"""Codes that the gateway's source gives before it submits anything upstream."""

_NO_TASK_IN_5XX = frozenset({NO_CHANNEL, "get_channel_failed"})
_REQUEST_ID = re.compile(r"\s*\(request id: ([\w-]+)\)")


# --- an HTTP answer that is a refusal ----------------------------------------------------------------------------


def read_error(
    status: int, text: str, content_type: str = "", headers: Mapping[str, str] | None = None
) -> GatewayError:
    """Read the error in an answer as one of the classes of `errors`, with the gateway's words as they came."""
    lowered = {name.lower(): value for name, value in (headers or {}).items()}
    body = parse(text)
    words = _say(body) if isinstance(body, Mapping | list) else _read_xml(text)
    request_id = clean(lowered.get("x-oneapi-request-id", ""), NAME_CHARS) or find_text(body, "request_id")
    message = words.message
    if found := _REQUEST_ID.search(message):
        request_id = request_id or found[1]
        message = _REQUEST_ID.sub("", message).strip()
    facts: dict[str, Any] = {"status": status, "request_id": request_id, "raw": shorten(text)}
    facts["retry_after"] = read_wait(lowered)
    if words:
        message = message or f"The gateway answered with the error code {words.code}."
        return _classify(message, words.code, facts | {"spoken": True})
    return _classify(_describe(status, text, content_type, lowered), "", facts)


def read_link_error(
    status: int, text: str, content_type: str = "", headers: Mapping[str, str] | None = None
) -> GatewayError:
    """Read the error of a link to a clip, which stands for itself: it says nothing about the key or the task."""
    error = read_error(status, text, content_type, headers)
    for_now = status == 429 or status >= 500
    expired = status == 410 or re.search(r"expire|过期", f"{error.code} {error.message}", re.IGNORECASE)
    what = "The link to the clip has expired." if expired else "The link to the clip does not work."
    what = "The link to the clip does not work at the moment." if for_now else what
    said = f"Its server answered {status}: {end(error.message)}" if error.spoken else f"Its server answered {status}."
    facts: dict[str, Any] = {
        "code": error.code,
        "raw": error.raw,
        "spoken": error.spoken,
        "retry_after": error.retry_after,
    }
    return Unreadable(f"{what} {said}", status=status, **facts)


def denies_task(error: GatewayError) -> bool:
    """Whether the gateway says that it does not know the task: 404, or its code for it with any status."""
    return error.status == 404 or error.code in _NO_SUCH_TASK


def proves_no_task(error: GatewayError) -> bool:
    """Whether this answer to a create proves that no task was made.

    A refusal does, also one inside a 2xx. A timeout, a 5xx or an answer that cannot be read does not, as proxies in
    front of a gateway repeat creates; except for a 5xx with a code that the gateway's source gives before a task.
    """
    if error.status is None or error.status in (303, 408, 425, 499):
        return False
    if error.status >= 500:
        return error.code in _NO_TASK_IN_5XX
    return not isinstance(error, Unreadable)


def shorten(text: str) -> str:
    """Return at most `RAW_CHARS` characters of an answer, without characters that a database refuses."""
    text = clean(text)
    return text if len(text) <= RAW_CHARS else f"{text[:RAW_CHARS]}… ({len(text)} characters in all)"


def read_wait(headers: Mapping[str, str]) -> float | None:
    """Read how many seconds to wait. The polling header is about this very question, so it precedes the general one.

    Names of headers in lower case. A date is read by the `date` of the same answer: the server's clock, not ours.
    """
    milliseconds = _seconds(headers.get("openai-poll-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    wait = headers.get("retry-after", "")
    if (until := _date(wait)) is not None and (now := _date(headers.get("date", ""))) is not None:
        return (until - now).total_seconds()
    return _seconds(wait)


def _seconds(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\s*\d{1,9}(\.\d+)?\s*", text) else None


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _describe(status: int, text: str, content_type: str, headers: Mapping[str, str]) -> str:
    """Say what came instead of an error body."""
    page = "html" in content_type.lower() or text.lstrip()[:1] == "<"
    if page and (status < 300 or status == 404):
        return "A web page answered instead of the gateway. The path or the base URL is wrong."
    first = " ".join(clean(text).split())[:200]
    if status < 300:
        said = f" It says: {end(first)}" if _SENTENCE.match(first) else ""
        return f"The gateway's answer cannot be read: it is {'not the JSON of a task' if first else 'empty'}.{said}"
    if status < 400:
        where = clean(headers.get("location", ""), LINK_CHARS).split("?")[0]
        whole = where.startswith(("http://", "https://"))
        return f"The gateway redirects{f' to {where}' if where else ''}.{' Set that as the base URL.' if whole else ''}"
    said = "a web page" if page else (f'"{first}"' if first else "an empty answer")
    return f"The gateway answered {status} with {said}."


def _classify(message: str, code: str, facts: dict[str, Any]) -> GatewayError:
    status, facts = facts["status"], facts | {"code": code}
    if code in _NO_CREDIT or status == 402:
        return OutOfCredit(message, **facts)
    if status in (401, 403) and code != "access_denied" and not moderated(code, message):
        return Unauthorized(message, **facts)
    if status == 429 or code in _UPSTREAM_RATE:
        return TooFast(message, **facts)
    if code == NO_CHANNEL:
        return BadRequest(f"The gateway has no channel for this model with this key. It says: {message}", **facts)
    if status < 300 and "spoken" not in facts:
        return Unreadable(message, **facts)
    return BadRequest(message, **facts) if status < 500 else Unreadable(message, **facts)


# --- a body that is a refusal ------------------------------------------------------------------------------------


def refuses(body: Any) -> bool:
    """Whether a 2xx body that names no task says no."""
    if not isinstance(body, Mapping):
        return False
    code, state = as_text(body.get("code")).lower(), as_text(body.get("state"))
    return (
        bool(read_reason(body))
        or (code not in FINE_CODES and not _succeeded(body))
        or (bool(state) and state != "1")
        or body.get("success") is False
        or "error" in (body.get("object"), body.get("type"))
        or (bool(find_text(body, "data.Code")) and find(body, "data.Data") is None)
        or as_text(find(body, "base_resp.status_code")).lower() not in FINE_CODES
        or list(body) == ["detail"]
        or bool(search_reason(body, Level.ERRORS).message)
    )


def _succeeded(body: Mapping[str, Any]) -> bool:
    """Whether the words beside an odd code speak of success, as those of some proxies do."""
    return bool(re.search(r"succe|成功", find_text(body, *MESSAGES, "description"), re.IGNORECASE))


def _say(body: Any) -> Words:
    """Return what an error body says, the documented shapes first."""
    body = {"detail": body} if isinstance(body, list) else body  # as some frameworks list faults of the form
    told = read_reason(body)
    code = find_text(body, "code")
    if not told and code.lower() not in FINE_CODES:
        told = Words(find_text(body, *MESSAGES), code)
    elif not told and find_text(body, "data.Code"):
        told = Words(find_text(body, "data.Message"), find_text(body, "data.Code"))
    found = search_reason(body, Level.MESSAGES, told)
    if not found.message and (faults := list_fields(body)):
        found = Words(" ".join(map(end, faults)), found.code)
    return found if found.message or not refuses(body) else Words(say_no_reason("the call"), found.code)


_SENTENCE = re.compile(r"[^\W\d_][^{}\[\]<>]*\s[^\W\d_]")  # words, and no half of something written for programs
_XML = re.compile(r"<(Code|Message)>([^<]{1,2000})</", re.IGNORECASE)


def _read_xml(text: str) -> Words:
    """Read the error document of an object store."""
    if text.lstrip("\ufeff \r\n\t")[:1] != "<" or "<html" in text[:2_000].lower():
        return NOTHING
    found = {name.lower(): " ".join(value.split()) for name, value in _XML.findall(text[:RAW_CHARS])}
    return Words(clean(found.get("message", "")), clean(found.get("code", "")))
