"""What holds for every answer of a gateway: it is read or refused, never more, and no reason in it is lost."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dailies.errors import GatewayError
from dailies.exchange import Progress
from dailies.gateway import body, fallbacks, refusals, replies
from dailies.vocabulary import TaskState

WORDS = ["id", "task_id", "status", "state", "data", "error", "message", "url", "video", "progress", "code", "output"]
keys = st.one_of(st.sampled_from(WORDS), st.text(max_size=12))
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=30),
    st.sampled_from(["completed", "failed", "https://x.test/a.mp4", "0.5", "62%", '{"error": "x"}', "[1", "data:,"]),
)
bodies = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=5)),
    max_leaves=25,
)
statuses = st.sampled_from([200, 201, 204, 301, 400, 401, 403, 404, 408, 422, 429, 500, 502, 503, 599])
labels = st.sampled_from(["", "application/json", "text/html", "application/json; charset=gbk", "x; charset=\udc80"])


def is_storable(progress: Progress) -> bool:
    texts = (progress.word, progress.task, progress.link, progress.reason, progress.code, *progress.other_tasks)
    return all(text.encode() is not None and "\x00" not in text for text in texts)


@given(bodies, st.sampled_from(["", "t1"]))
@example({"id": "t1", "status": "failed", "\ud800": "\udfff"}, "t1")
def test_any_json_is_decoded(value: Any, task: str) -> None:
    progress = replies.decode(body.parse(json.dumps(value)), task)
    assert is_storable(progress)
    assert progress.percent is None or 0 <= progress.percent <= 100
    assert not (progress.inside and progress.link)


@given(statuses, bodies, labels, st.sampled_from(["", "t1"]))
def test_any_json_is_read_or_refused(status: int, value: Any, label: str, task: str) -> None:
    try:
        assert is_storable(replies.read(status, json.dumps(value), label, {}, task))
    except GatewayError as error:
        assert str(error).encode() is not None
        assert error.message
        assert error.raw.encode() is not None


@given(statuses, st.binary(max_size=200), labels)
@example(200, b"\xff\xfe{\x00}\x00", "")
@example(200, b"[" * 100_000, "application/json")
@example(500, b'{"a":' * 2_000 + b"1" + b"}" * 2_000, "")
@example(403, b"<Error><Message>\xf0\x9f</Message>", "application/xml")
def test_any_bytes_are_read_or_refused(status: int, data: bytes, label: str) -> None:
    text = body.decode_text(data, label)
    replies.read_clip(text)
    replies.read_message(text)
    refusals.read_link_error(status, text, label)
    try:
        replies.read_link(text, label)
        replies.read(status, text, label)
    except GatewayError as error:
        assert error.message


# --- reasons -----------------------------------------------------------------------------------------------------

SENTENCE = "The reason stands here"
envelopes = st.sampled_from(["data", "result", "output", "task", "response", "metadata", "job", "x"])
places = st.sampled_from(
    [
        *("error", "errors", "error_message", "errorMessage", "err_msg", "last_error", "fail_reason", "failure_reason"),
        *("failureReason", "fail_msg", "exception", "reason", "reject_reason", "message", "msg", "detail", "details"),
        *("description", "status_message", "statusMsg", "error_description", "cause"),
    ]
)
shapes = st.sampled_from(
    [
        lambda text: text,
        lambda text: [text],
        lambda text: {"message": text},
        lambda text: {"code": "X1", "msg": text},
        lambda text: [{"loc": ["body", "prompt"], "msg": text}],
        lambda text: {"error": {"detail": text}},
        lambda text: json.dumps({"error": {"message": text}}),
        lambda text: f"upstream: {json.dumps({'message': text})}",
    ]
)
noise = st.dictionaries(
    st.sampled_from(["id", "progress", "model", "created", "usage", "seconds", "size", "object", "trace"]), leaves
)


def nested(value: Any, outer: list[str]) -> Any:
    for name in reversed(outer):
        value = {name: value}
    return value


@given(places, shapes, st.lists(envelopes, max_size=4), noise)
def test_no_reason_of_a_failed_task_is_lost(place: str, shape: Any, outer: list[str], other: dict[str, Any]) -> None:
    answer = nested({place: shape(SENTENCE)}, outer) | {"status": "failed"}
    answer = {name: value for name, value in other.items() if name not in answer} | answer
    progress = replies.decode(body.parse(json.dumps(answer)), "t1")
    assert progress.state is TaskState.FAILED
    assert SENTENCE in progress.reason


@given(st.sampled_from([400, 422, 451, 500, 503]), places, shapes, st.lists(envelopes, max_size=4))
def test_no_reason_of_a_refusal_is_lost(status: int, place: str, shape: Any, outer: list[str]) -> None:
    error = refusals.read_error(status, json.dumps(nested({place: shape(SENTENCE)}, outer)))
    assert SENTENCE in error.message
    assert error.spoken


@given(st.text(max_size=60), st.text(max_size=60))
@example("{", "}")
@example("[", "]")
@example("success ", "")
def test_whatever_stands_around_a_reason_it_is_told(before: str, after: str) -> None:
    for error in (f"{before}{SENTENCE}{after}", {"message": f"{before}{SENTENCE}{after}"}):
        answer = body.parse(json.dumps({"id": "t1", "status": "failed", "error": error}))
        assert SENTENCE in replies.decode(answer).reason


# --- links, percentages, clips -----------------------------------------------------------------------------------

links = st.sampled_from(["video_url", "videoUrl", "videos", "download_url", "clip", "mp4", "output", "result", "file"])


@given(links, st.lists(envelopes, max_size=4), st.booleans())
def test_a_link_is_found_at_any_depth_and_never_a_cover(place: str, outer: list[str], listed: bool) -> None:
    url, cover = "https://x.test/v/a.mp4?sig=1", "https://x.test/v/cover.mp4"
    answer = nested({"cover_url": cover, "thumbnail": {"url": cover}, place: [url] if listed else url}, outer)
    progress = replies.decode(answer | {"status": "completed"})
    assert (progress.state, progress.link) == (TaskState.DONE, url)


@given(st.integers(0, 100))
def test_every_spelling_of_a_percentage_is_the_same(number: int) -> None:
    spellings: list[Any] = [number, str(number), f"{number}%", f"{number} %", f" {number} percent", f"{number}/100"]
    spellings += [f"{number}.0%", {"current": number, "total": 100}]
    spellings += [number / 100, f"{number / 100:.2f}"] if number else []
    for spelling in spellings:
        assert replies.decode({"id": "t", "status": "running", "progress": spelling}).percent == number, spelling


@given(st.binary(max_size=400), st.sampled_from(["", "data:video/mp4;base64,", "data:;base64,"]), st.booleans())
def test_a_clip_in_base64_comes_back_byte_for_byte(rest: bytes, start: str, url_safe: bool) -> None:
    clip = b"\x00\x00\x00\x20ftypisom" + bytes(48) + rest
    text = (base64.urlsafe_b64encode if url_safe else base64.b64encode)(clip).decode()
    assert fallbacks.read_clip(f"{start}{text}") == clip
    assert fallbacks.read_clip(f"{start}{text.rstrip('=')}\n") == clip
    assert replies.read_clip(json.dumps({"data": [{"b64_json": f"{start}{text}"}]})) == clip


@pytest.mark.parametrize("text", ["", "data:video/mp4;base64,", "AAAA", "data:image/png;base64,iVBORw0KGgo=", "é" * 99])
def test_what_is_no_clip_is_none(text: str) -> None:
    assert fallbacks.read_clip(text) is None
