"""Reads what a gateway answers about a task: a reply of any shape into one `Progress`.

Owns the documented places, the status words and their rank. A documented shape comes first; what it lacks is looked
for by `fallbacks` and `reasons`. What a reply means for a run is decided in `life`; `client` fetches it. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from dailies.exchange import Progress
from dailies.gateway import fallbacks
from dailies.gateway.body import as_text, find, find_text, parse
from dailies.gateway.reasons import Level, Words, find_filtered, moderated, read_reason, search_reason
from dailies.gateway.refusals import read_error, read_wait, refuses
from dailies.gateway.usage import read_usage
from dailies.text import LINK_CHARS, NAME_CHARS, clean
from dailies.vocabulary import TaskState

_WORDS: Mapping[TaskState, tuple[str, ...]] = {
    TaskState.QUEUED: (
        *("queued", "pending", "submitted", "created", "not_start", "notstarted", "queueing", "preparing"),
        *("starting", "in_queue", "waiting", "enqueued", "scheduled", "accepted", "排队中", "等待中"),
    ),
    TaskState.RUNNING: (
        *("in_progress", "processing", "running", "generating", "inprogress", "started", "rendering", "executing"),
        *("处理中", "生成中", "进行中"),
    ),
    TaskState.DONE: (
        *("completed", "complete", "succeeded", "success", "succeed", "finished", "finish", "done", "successful"),
        *("成功", "已完成", "完成"),
    ),
    TaskState.FAILED: ("failed", "failure", "fail", "error", "失败"),
    TaskState.CANCELLED: ("cancelled", "canceled", "已取消", "取消", "キャンセル"),
    TaskState.EXPIRED: ("expired", "已过期", "过期"),
}
STATES: Mapping[str, TaskState] = {word: state for state, words in _WORDS.items() for word in words}
"""Status word in lower case -> what it means. Any other word is `TaskState.UNKNOWN`."""

_BAD = re.compile(
    r"^(?!.*retr[iy]).*(reject|denied|block|moderat|filter|time.?(d.)?out|abort|terminat|violat|invalid|unsafe|nsfw|crash"
    r"|refus|fail|error|fatal|cancel|expire|declin|censor|flagg|kill|unsuccess|banned|forbidden|exceed|exhaust|失败|错误|取消|违规|拒绝|超时|过期)"
)
"""Unknown words that speak of an end, and not of another try; believed where a reason stands beside them."""

_OVER = re.compile(
    r"(?<!no)(?<!not)(^|_)(rejected|denied|blocked|filtered|time_?d?_?out|aborted|terminated|crashed|refused|unsafe|nsfw|failed|failure"
    r"|error|errored|fatal|cancell?ed|declined|censored|killed|unsuccessful|banned|invalid|exceeded|exhausted)"
    r"(_by_\w+|_permanently)?$|^fail(ed|ure)_(?!.*(retr|_again))|^dead$"
    r"|失败了?$|失敗|不通过$|未通过$|违规$|已拒绝$|已终止$|超时$|실패|エラー|échou|fehlgeschlagen|ошибка"
)
"""Words of that kind that say that it is over, and not that something is looked into: believed by themselves."""

_BY_USER = re.compile(r"cancell?ed_by_(the_)?(user|client|caller)$")

_GOING = re.compile(
    r"(?<!miss)(?<!warn)ing(_|$)|retr[iy]|(^|_)re(queued|scheduled|started)$|throttled|rate_limit|delayed|paused|deferred"
    r"|postponed|on_?hold$|back_?off|capacity|^in_moderation$|check$|(^|_)(in|un|not_)(complete|finish)|中$|重试|排队|等待|暂停"
)
"""Unknown words that say that it goes on: the error beside one is of the try before, or of what it waits for."""

# Dotted places, tried in order; a number is a position in a list. The first block of each is in the documented
# order, what follows are the same places one level further in, where a wrapper holds an upstream's own object.
_TASK = ("id", "task_id", "data.task_id", "data.id", "data.Id")
_STATUS = (  # innermost first: between two equally final words the upstream's own is the truer one
    *("data.data.data.task_status", "data.data.status", "data.data.task_status", "data.data.state"),
    *("data.status", "data.Status", "data.task_status", "data.state"),
)
_OUTER_STATUS = ("status", "task_status", "state")
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
_FAIL_REASON = ("data.fail_reason", "fail_reason")

_ID_CHARS = 1_000
_USUAL = 2_000  # characters of a text that is worth remembering
_OTHER_IDS = ("id", "task_id", "taskId", "video_id", "generation_id", "job_id", "data.task_id", "data.id")
_LOCATIONS = ("location", "operation-location", "azure-asyncoperation", "content-location")
_ROWS = ("data", "tasks", "results", "items", "list", "videos", "jobs")


def read(
    status: int, text: str, content_type: str = "", headers: Mapping[str, str] | None = None, task: str = ""
) -> Progress:
    """Read the `Progress` in one HTTP answer; `task` is the one that was asked for, "" in the answer to a create.

    Raises a `GatewayError` for an answer that is not JSON, for a 2xx that holds a refusal instead of a task, and for
    any other status, unless the body is about a task all the same.
    """
    if not task and not text.strip() and 200 <= status < 300 and (named := _read_location(headers or {})):
        return Progress(state=TaskState.QUEUED, task=named)
    progress = (_read_look if task and len(text) <= _USUAL else _read_text)(status, text, task)
    if progress is None:
        raise read_error(status, text, content_type, headers)
    return replace(progress, ask_again=read_wait({name.lower(): value for name, value in (headers or {}).items()}))


def _read_text(status: int, text: str, task: str) -> Progress | None:
    """Read what the text of an answer says; None if it is about no task."""
    body = parse(text, cut=not task)  # a look that was cut off is repeated; a create never is
    if isinstance(body, Mapping | list) or (isinstance(body, str) and body):
        progress = decode(body, task)
        if not 200 <= status < 300:
            if _is_of_a_task(progress, status, task):
                return progress
        elif progress.task or progress.word or progress.link or progress.inside or not refuses(body):
            return progress
    return None


_read_look = lru_cache(maxsize=1024)(_read_text)  # most looks are answered with what the last one was


def decode(body: Any, task: str = "") -> Progress:
    """Read one `Progress` from a parsed reply of any shape; `task` as for `read`.

    The most final status word found wins; no word at all is `queued`, or `done` where a link stands without one.
    `percent` is 0-100 or None. Never raises: what cannot be read is empty.
    """
    body = _focus(body, task)
    state, word = _read_status(body)
    percent = _read_percent(body)
    if percent is None and "%" in word:
        percent = fallbacks.read_percent(word)
    link, watermarked = _read_link(body, state), False
    if not link and state in (TaskState.DONE, TaskState.UNKNOWN, None):
        link, watermarked = fallbacks.find_link(body)
    inside = not link and state in (TaskState.DONE, TaskState.UNKNOWN, None) and fallbacks.find_clip(body) is not None
    if state is None:
        state, word = _infer_status(body, has_clip=bool(link) or inside, percent=percent, is_look=bool(task))
    elif state is TaskState.DONE and not link and not inside and _is_envelope(body, word) and (percent or 0) < 100:
        state = TaskState.RUNNING if percent is not None else state
    state, words = _read_words(body, state, word, has_clip=bool(link) or inside)
    found = find_text(body, *_TASK)[:_ID_CHARS]
    if not found and not refuses(body):
        found = fallbacks.find_task(body)
    return Progress(
        state=state,
        word=clean(word, NAME_CHARS),
        task=found,
        other_tasks=_read_other_tasks(body, found),
        percent=percent,
        link=link,
        watermarked=watermarked,
        inside=inside,
        last_frame=find_text(body, *_LAST_FRAME),
        reason=words.message,
        code=clean(words.code, NAME_CHARS),
        usage=read_usage(body),
    )


def read_clip(text: str) -> bytes | None:
    """Return the bytes of a video that an answer holds as a data URL or as base64."""
    body = parse(text)
    return fallbacks.read_clip(text.strip()) if body is None else fallbacks.find_clip(body)


def read_link(text: str, content_type: str = "") -> str:
    """Return the link to a video in an answer that came instead of one. Raises a `GatewayError` for a refusal."""
    bare = text.strip()
    if re.fullmatch(r"https?://\S+", bare, re.IGNORECASE):
        return bare
    return "" if parse(text) is None else read(200, text, content_type).link


def list_links(text: str, task: str) -> list[str]:
    """List the links to the clip of a task that the answer to a look at it names, best first."""
    body = _focus(parse(text), task)
    first = _read_link(body, TaskState.DONE)
    return list(dict.fromkeys((*([first] if first else ()), *fallbacks.list_links(body))))


def read_message(text: str) -> str:
    """Return whatever an answer has to say, "" if it says nothing."""
    return search_reason(parse(text), Level.MESSAGES).message


# --- task --------------------------------------------------------------------------------------------------------


def _read_location(headers: Mapping[str, str]) -> str:
    """Return the id of a task that an empty answer names only by its address, "" if it names none."""
    where = next((value for name, value in headers.items() if name.lower() in _LOCATIONS), "")
    last = clean(where, LINK_CHARS).split("?")[0].rstrip("/").rsplit("/", 1)[-1]
    return last if fallbacks.is_id(last) else ""


def _focus(body: Any, task: str) -> Any:
    """Return the object about the task: out of a list, and out of a text that is all there is."""
    if isinstance(body, str):
        key = "status" if body.strip().lower() in STATES else "url" if "://" in body or body[:5] == "data:" else "id"
        known = key != "id" or (fallbacks.is_id(body.strip()) and re.search(r"\d", body))
        return {key: body.strip()} if known else {}
    if isinstance(body, list):
        rows = [row for row in body if isinstance(row, Mapping)]
        return next((row for row in rows if _names(row, task)), rows[0]) if rows else {"data": body}
    for key in _ROWS if isinstance(body, Mapping) and task else ():
        rows = body[key] if isinstance(body.get(key), list) else []
        if len(rows) > 1 and (own := next((row for row in rows if _names(row, task)), None)) is not None:
            return own
    return body


def _names(row: Any, task: str) -> bool:
    return (
        bool(task) and isinstance(row, Mapping) and task in (find_text(row, place) for place in (*_OTHER_IDS, "name"))
    )


def _read_other_tasks(body: Any, first: str) -> tuple[str, ...]:
    """List the other ids that the answer gives, for a gateway that answers only to the second; no row numbers."""
    texts = (find(body, place) for place in _OTHER_IDS)
    ids = dict.fromkeys(text.strip() for text in texts if isinstance(text, str) and text.strip())
    return tuple(text for text in ids if text != first and len(text) <= _ID_CHARS)[:3] if first else ()


def _is_of_a_task(progress: Progress, status: int, task: str) -> bool:
    """Whether a body with a status other than 2xx is about a task: it names one and says how it is."""
    if progress.state is TaskState.UNKNOWN or not progress.word:
        return False
    if task:
        return task in (progress.task, *progress.other_tasks)
    return bool(progress.task) and (status >= 500 or progress.state is not TaskState.FAILED)


# --- status ------------------------------------------------------------------------------------------------------


def _read_status(body: Any) -> tuple[TaskState | None, str]:
    """Return (state, the word as it came); (None, "") if there is no word."""
    words, outer = _words_at(body, _STATUS), _words_at(body, _OUTER_STATUS)
    # Beside a word of its own inside `data`, a good outer one only says that the call worked.
    words += [found for found in outer if not words or _interpret(*found) is not TaskState.DONE]
    if not words and (word := fallbacks.find_status(body)):
        words = [("", word)]
    meant = [(_interpret(place, word), word) for place, word in words]
    return max(meant, key=lambda found: _rank(found[0])) if meant else (None, "")


def _words_at(body: Any, places: Iterable[str]) -> list[tuple[str, str]]:
    """List (place, word); a number is an envelope's flag, and no word."""
    found = ((place, find(body, place)) for place in places)
    return [(place, as_text(word)) for place, word in found if isinstance(word, str) and word.strip()]


def _interpret(place: str, word: str) -> TaskState:
    if place == "data.Status" and word.lower() == "active":
        return TaskState.DONE  # an imported asset, not a task: its last good state
    bare = _squeeze(word)
    if word.strip().endswith("%") and fallbacks.read_percent(word) is not None:
        return TaskState.RUNNING
    if bare not in STATES and (last := re.fullmatch(r"\w*?(?:status|state)_(\w+)", bare)):
        bare = last[1]
    return STATES.get(bare, TaskState.UNKNOWN)


def _squeeze(word: str) -> str:
    """Return a status word in lower case, with one sign between its parts and none around them."""
    return re.sub(r"[\W_]+", "_", word.lower()).strip("_")


def _rank(state: TaskState) -> int:
    if state.final:
        return 3
    return {TaskState.RUNNING: 2, TaskState.QUEUED: 1}.get(state, 0)


def _infer_status(body: Any, *, has_clip: bool, percent: int | None, is_look: bool) -> tuple[TaskState, str]:
    """Return the state of a reply without a status word. An empty word is `queued`; so is a create's answer."""
    done = fallbacks.find_done(body)
    if done is not None:
        return (TaskState.DONE, "done") if done else (TaskState.RUNNING, "")
    if has_clip:
        return (TaskState.DONE if percent in (None, 0, 100) else TaskState.RUNNING), ""
    is_empty = any(find(body, place) == "" for place in (*_STATUS, *_OUTER_STATUS))
    return TaskState.QUEUED if is_empty or percent is not None or not is_look else TaskState.UNKNOWN, ""


def _is_envelope(body: Any, word: str) -> bool:
    """Whether a status word only says that the call worked: it stands beside `data`, and that has no word."""
    return isinstance(find(body, "data"), Mapping) and word == as_text(find(body, "status"))


# --- percent, link, words ----------------------------------------------------------------------------------------


def _read_percent(body: Any) -> int | None:
    percents = (fallbacks.read_percent(find(body, place)) for place in _PERCENT)
    found = next((percent for percent in percents if percent is not None), None)
    return fallbacks.find_percent(body) if found is None else found


def _read_link(body: Any, state: TaskState | None) -> str:
    places = (*_LINK, *_FAIL_REASON) if state is TaskState.DONE else _LINK
    found = ((place, find(body, place)) for place in places)
    texts = ((place, fallbacks.bare_link(text)) for place, text in found if isinstance(text, str))
    return next((text for place, text in texts if _is_link(place, text)), "")


def _is_link(place: str, text: str) -> bool:
    if len(text) > LINK_CHARS or "\ufffd" in text:
        return False
    if re.match(r"https?://", text, re.IGNORECASE):
        return True
    relative = "/" in text and not re.match(r"[\w+.-]+:|n/a$", text, re.IGNORECASE) and not re.search(r"\s", text)
    return relative and place not in _FAIL_REASON


def _read_words(body: Any, state: TaskState, word: str, *, has_clip: bool) -> tuple[TaskState, Words]:
    """Return the state and why it is not a good one.

    An unknown word with a filled error is a failure, unless it says that the task goes on.
    """
    told = read_reason(body)
    if state in (TaskState.FAILED, TaskState.CANCELLED, TaskState.EXPIRED):
        return state, search_reason(body, Level.MESSAGES, told)
    if state is TaskState.DONE:
        found = told or search_reason(body, Level.ERRORS)
        if re.match(r"https?://\S+$", found.message, re.IGNORECASE):  # older gateways keep the link in `fail_reason`
            found = Words()
        if not found and not has_clip:
            found = _read_filter(body)
        failed = found and word == "done" and not has_clip and fallbacks.find_done(body)
        return (TaskState.FAILED if failed else state), found
    if state is TaskState.UNKNOWN and word and not has_clip:
        is_over = bool(_OVER.search(_squeeze(word)))
        if not is_over and _GOING.search(_squeeze(word)):
            return state, told
        level = Level.MESSAGES if is_over else Level.REASONS if _BAD.search(word.lower()) else Level.ERRORS
        found = search_reason(body, level, told)
        if is_over and not found.message:
            found = Words(f'The gateway says "{word}" and gives no reason.', found.code)
        ended = TaskState.CANCELLED if _BY_USER.search(_squeeze(word)) else TaskState.FAILED
        return (ended if found.message or told else state), found
    if not word:
        return state, told or search_reason(body, Level.ERRORS)
    return state, told


def _read_filter(body: Any) -> Words:
    """Return why a finished task has no clip, if its body speaks of a filter."""
    found = search_reason(body, Level.REASONS)
    if found.message and moderated(found.code, found.message):
        return found
    key = find_filtered(body) or fallbacks.find_flag(body)
    return Words(f"The gateway filtered the result out ({key}).", key) if key else Words()
