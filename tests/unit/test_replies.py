"""Every documented answer body and status word, read as the contract says."""

from __future__ import annotations

import json

import pytest

from dailies.errors import (
    BadRequest,
    GatewayError,
    OutOfCredit,
    Refused,
    TooFast,
    Unauthorized,
    Unreadable,
)
from dailies.exchange import (
    Progress,
)
from dailies.gateway import refusals, replies
from dailies.gateway.body import parse
from dailies.gateway.refusals import denies_task, proves_no_task, read_error
from dailies.gateway.replies import decode, read
from dailies.vocabulary import TaskState

T = TaskState
V = "https://media.example/v/"

# --- every sample body of the contract ---------------------------------------------------------------------------

SAMPLES = {
    "common 4: video object": (
        {
            "id": "task_q7Zp0fY3mB1xLw8Kc2Vd5Nt6Rh9Js4Ga",
            "task_id": "task_q7Zp0fY3mB1xLw8Kc2Vd5Nt6Rh9Js4Ga",
            "object": "video",
            "model": "kling-3.0-omni-720p-noref-mute",
            "status": "completed",
            "progress": 100,
            "created_at": 1767250800,
            "completed_at": 1767250911,
            "seconds": "5",
            "size": "1280x720",
            "video_url": f"{V}abc.mp4?sig=1",
            "metadata": {"url": f"{V}abc.mp4?sig=1"},
        },
        Progress(T.DONE, "completed", "task_q7Zp0fY3mB1xLw8Kc2Vd5Nt6Rh9Js4Ga", 100, f"{V}abc.mp4?sig=1"),
    ),
    "common 5.2: wrapper": (
        {
            "code": "success",
            "message": "",
            "data": {
                "task_id": "cgt-20260412163502-x8k2m",
                "status": "IN_PROGRESS",
                "progress": "50%",
                "submit_time": 1767250800,
                "start_time": 1767250804,
                "finish_time": 0,
                "fail_reason": "",
                "data": {"status": "running"},
            },
        },
        Progress(T.RUNNING, "running", "cgt-20260412163502-x8k2m", 50),
    ),
    "common 5.2: second form of the wrapper": (
        {
            "code": "success",
            "data": {"task_id": "t", "status": "succeeded", "url": f"{V}t.mp4", "format": "mp4", "error": None},
        },
        Progress(T.DONE, "succeeded", "t", None, f"{V}t.mp4"),
    ),
    "kling 4: another deployment, create": (
        {"id": "t", "task_id": "t", "status": "queued"},
        Progress(T.QUEUED, "queued", "t"),
    ),
    "kling 4: another deployment, query": (
        {"task_id": "t", "status": "succeeded", "url": f"{V}t.mp4", "format": "mp4", "metadata": {}, "error": None},
        Progress(T.DONE, "succeeded", "t", None, f"{V}t.mp4"),
    ),
    "kling 5: create": (
        {
            "id": "task_9sKq",
            "task_id": "task_9sKq",
            "object": "video",
            "model": "kling-3.0-omni-720p-noref-audio",
            "status": "queued",
            "progress": 0,
            "created_at": 1767250800,
        },
        Progress(T.QUEUED, "queued", "task_9sKq", 0),
    ),
    "kling 5: query": (
        {
            "id": "task_9sKq",
            "object": "video",
            "status": "completed",
            "progress": 100,
            "completed_at": 1767250955,
            "metadata": {"url": f"{V}9sKq.mp4"},
            "video_url": f"{V}9sKq.mp4",
        },
        Progress(T.DONE, "completed", "task_9sKq", 100, f"{V}9sKq.mp4"),
    ),
    "kling 5: native create": (
        {
            "code": 0,
            "message": "SUCCEED",
            "request_id": "r-1",
            "data": {"task_id": "8668", "task_status": "submitted", "task_info": {}, "created_at": 1767250800123},
        },
        Progress(T.QUEUED, "submitted", "8668"),
    ),
    "kling 5: native query": (
        {
            "code": 0,
            "message": "SUCCEED",
            "request_id": "r-2",
            "data": {
                "task_id": "8668",
                "task_status": "succeed",
                "task_status_msg": "",
                "task_result": {"videos": [{"id": "v-1", "url": f"{V}8668.mp4", "duration": "5.0"}]},
            },
        },
        Progress(T.DONE, "succeed", "8668", None, f"{V}8668.mp4"),
    ),
    "kling: native failure": (
        {
            "code": 0,
            "message": "SUCCEED",
            "data": {"task_id": 8668, "task_status": "failed", "task_status_msg": "risk"},
        },
        Progress(T.FAILED, "failed", "8668", reason="risk"),
    ),
    "vidu 6: B create": (
        {"id": "video_v3k", "object": "video", "status": "queued", "progress": 0, "size": "1280x720", "seconds": "5"},
        Progress(T.QUEUED, "queued", "video_v3k", 0),
    ),
    "vidu 6: C create, jimeng 6: mode 2 create": (
        {"task_id": "48ab", "status": "processing", "created_at": "2026-01-01T08:00:00.5+08:00"},
        Progress(T.RUNNING, "processing", "48ab"),
    ),
    "vidu 6: official query of the gateway": (
        {"id": "48ab", "status": "completed", "video_url": f"{V}48ab.mp4", "status_update_time": 1767250999},
        Progress(T.DONE, "completed", "48ab", None, f"{V}48ab.mp4"),
    ),
    "vidu 6: official query of Vidu": (
        {
            "id": "48ab",
            "state": "success",
            "err_code": "",
            "credits": 20,
            "payload": "",
            "bgm": False,
            "creations": [{"id": "c1", "url": f"{V}48ab.mp4", "cover_url": "https://x.test/t.jpg"}],
        },
        Progress(T.DONE, "success", "48ab", None, f"{V}48ab.mp4", usage="credits 20"),
    ),
    "vidu: failure with err_code": (
        {"id": "48ab", "state": "failed", "err_code": "AuditSubmitIllegal", "creations": []},
        Progress(T.FAILED, "failed", "48ab", code="AuditSubmitIllegal"),
    ),
    "seedance 2: create": ({"task_id": "cgt-1"}, Progress(T.QUEUED, "", "cgt-1")),
    "seedance 5: query": (
        {
            "code": "success",
            "message": "",
            "data": {
                "task_id": "cgt-20260101080000-ab1cd",
                "status": "SUCCESS",
                "progress": "100%",
                "fail_reason": "",
                "data": {
                    "id": "cgt-20260101080000-ab1cd",
                    "status": "succeeded",
                    "duration": 8,
                    "content": {"video_url": f"{V}ab1cd.mp4", "last_frame_url": "https://media.example/l/ab1cd.png"},
                    "usage": {"completion_tokens": 173000, "total_tokens": 173000},
                },
            },
        },
        Progress(
            T.DONE,
            "succeeded",
            "cgt-20260101080000-ab1cd",
            100,
            f"{V}ab1cd.mp4",
            "https://media.example/l/ab1cd.png",
            usage="completion_tokens 173000, total_tokens 173000",
        ),
    ),
    "seedance: the inner object alone": (
        {
            "id": "cgt-1",
            "status": "succeeded",
            "content": {"video_url": f"{V}1.mp4", "last_frame_url": "https://x.test/l"},
        },
        Progress(T.DONE, "succeeded", "cgt-1", None, f"{V}1.mp4", "https://x.test/l"),
    ),
    "seedance 7: inner expired behind outer in progress": (
        {
            "code": "success",
            "data": {"task_id": "c", "status": "IN_PROGRESS", "progress": "30%", "data": {"status": "expired"}},
        },
        Progress(T.EXPIRED, "expired", "c", 30),
    ),
    "seedance: inner error": (
        {
            "code": "success",
            "data": {
                "task_id": "c",
                "status": "FAILURE",
                "fail_reason": "outer words",
                "data": {
                    "status": "failed",
                    "error": {"code": "OutputVideoSensitiveContentDetected", "message": "inner"},
                },
            },
        },
        Progress(T.FAILED, "failed", "c", reason="inner", code="OutputVideoSensitiveContentDetected"),
    ),
    "seedance 6: asset envelope": (
        {"state": 1, "data": {"Id": "asset-20260101080000-q1w2e", "task_id": "task_As7"}, "error": None},
        Progress(T.QUEUED, "", "task_As7"),
    ),
    "seedance 6: asset group": (
        {"state": 1, "data": {"Id": "group-1"}, "error": None},
        Progress(T.QUEUED, "", "group-1"),
    ),
    "seedance 6: asset state": (
        {"state": 1, "data": {"Id": "asset-1", "Status": "Active", "URL": "https://x.test/a"}, "error": None},
        Progress(T.DONE, "Active", "asset-1", link="https://x.test/a"),
    ),
    "grok: create": (
        {"id": "video_g3a1", "object": "video", "status": "queued", "progress": 0, "size": "720P"},
        Progress(T.QUEUED, "queued", "video_g3a1", 0),
    ),
    "grok: unified create": (
        {
            "id": "grok:0b6c",
            "status": "processing",
            "task_id": "5d0e",
            "created_at": "2026-01-01T08:00:00.123456789+08:00",
        },
        Progress(T.RUNNING, "processing", "grok:0b6c", other_tasks=("5d0e",)),
    ),
    "grok: unified query": (
        {
            "id": "grok:0b6c",
            "status": "completed",
            "video_url": f"{V}0b6c.mp4",
            "progress": 100,
            "thumbnail_url": "https://media.example/t/0b6c.jpg",
            "asset_id": "a-1",
            "video_file_id": "f-1",
        },
        Progress(T.DONE, "completed", "grok:0b6c", 100, f"{V}0b6c.mp4"),
    ),
    "grok: output.url": (
        {"id": "g", "status": "completed", "output": {"url": f"{V}g.mp4"}},
        Progress(T.DONE, "completed", "g", None, f"{V}g.mp4"),
    ),
    "sora: create": (
        {
            "id": "video_5e1f",
            "object": "video",
            "model": "sora-2",
            "status": "queued",
            "progress": 0,
            "size": "1280x720",
        },
        Progress(T.QUEUED, "queued", "video_5e1f", 0),
    ),
    "sora: query": (
        {
            "id": "video_5e1f",
            "status": "completed",
            "progress": 100,
            "expires_at": 1767337200,
            "seconds": "8",
            "remixed_from_video_id": "",
            "error": {"message": "", "code": ""},
            "video_url": f"{V}5e1f.mp4",
        },
        Progress(T.DONE, "completed", "video_5e1f", 100, f"{V}5e1f.mp4"),
    ),
    "sora: unified create": (
        {"id": "sora-2:task_01jx", "status": "pending", "status_update_time": 1767250800123},
        Progress(T.QUEUED, "pending", "sora-2:task_01jx"),
    ),
    "sora: unified query": (
        {
            "id": "sora-2:task_01jx",
            "status": "completed",
            "progress": "100",
            "size": "large",
            "detail": {"input": {"prompt": "a paper boat", "images": []}},
            "video_url": f"{V}01jx.mp4",
        },
        Progress(T.DONE, "completed", "sora-2:task_01jx", 100, f"{V}01jx.mp4"),
    ),
    "veo: unified create": (
        {
            "id": "video_1f0d2a34-1111-4222-8333-944445555666",
            "status": "queued",
            "progress": 0,
            "detail": {"input": {"images": ["https://media.example/a.png"]}},
        },
        Progress(T.QUEUED, "queued", "video_1f0d2a34-1111-4222-8333-944445555666", 0),
    ),
    "veo: unified query": (
        {"id": "task_77ab", "status": "completed", "video_url": f"{V}77ab.mp4", "enhanced_prompt": ""},
        Progress(T.DONE, "completed", "task_77ab", None, f"{V}77ab.mp4"),
    ),
    "veo: no link yet": (
        {"id": "t", "status": "processing", "video_url": None},
        Progress(T.RUNNING, "processing", "t"),
    ),
    "other deployment: empty status": ({"id": "t", "status": ""}, Progress(T.QUEUED, "", "t")),
    "older gateway: the link is the fail_reason": (
        {"code": "success", "data": {"task_id": "t", "status": "SUCCESS", "fail_reason": f"{V}t.mp4"}},
        Progress(T.DONE, "SUCCESS", "t", None, f"{V}t.mp4"),
    ),
    "newer gateway: result_url, and a row number as id": (
        {"code": "success", "data": {"id": 7, "task_id": "t", "status": "SUCCESS", "result_url": f"{V}t.mp4"}},
        Progress(T.DONE, "SUCCESS", "t", None, f"{V}t.mp4"),
    ),
    "wrapper: success code, failed task": (
        {
            "code": "success",
            "data": {"task_id": "t", "status": "FAILURE", "progress": "100%", "fail_reason": "no luck"},
        },
        Progress(T.FAILED, "FAILURE", "t", 100, reason="no luck"),
    ),
    "error as text": (
        {"id": "t", "status": "failed", "error": "it broke"},
        Progress(T.FAILED, "failed", "t", reason="it broke"),
    ),
    "error object": (
        {"id": "t", "status": "failed", "error": {"message": "it broke", "code": 1026}},
        Progress(T.FAILED, "failed", "t", reason="it broke", code="1026"),
    ),
    "stock wrapper around a native object": (
        {
            "code": "success",
            "data": {
                "task_id": "t",
                "status": "IN_PROGRESS",
                "data": {
                    "code": 0,
                    "data": {"task_status": "succeed", "task_result": {"videos": [{"url": f"{V}n.mp4"}]}},
                },
            },
        },
        Progress(T.DONE, "succeed", "t", None, f"{V}n.mp4"),
    ),
}


@pytest.mark.parametrize(("body", "progress"), SAMPLES.values(), ids=SAMPLES)
def test_documented_bodies(body, progress):
    assert decode(body) == progress
    assert read(200, json.dumps(body), "application/json") == progress


# --- status, percent, links, hints -------------------------------------------------------------------------------

WORDS = {
    T.QUEUED: "queued pending submitted created not_start notstarted queueing preparing starting in_queue 排队中",
    T.RUNNING: "in_progress processing running generating in-progress TASK_STATUS_RUNNING 生成中",
    T.DONE: "completed complete succeeded success succeed finished finish done 成功 JobState.SUCCEEDED",
    T.FAILED: "failed failure fail error 失败 TASK_STATUS_FAILED timeout Timed-Out rejected content_filtered",
    T.CANCELLED: "cancelled canceled",
    T.EXPIRED: "expired",
    T.UNKNOWN: "unknown reticulating active ready processed moderated filtering",
}
EVERY_WORD = [(word, state) for state, words in WORDS.items() for word in words.split()]


@pytest.mark.parametrize(("word", "state"), EVERY_WORD)
def test_every_status_word(word, state):
    for spelled in (word, word.upper(), word.capitalize()):
        got = decode({"id": "t", "status": spelled})
        assert (got.state, got.word) == (state, spelled)


@pytest.mark.parametrize(
    ("outer", "inner", "state", "word"),
    [
        ("IN_PROGRESS", "succeeded", T.DONE, "succeeded"),
        ("SUCCESS", "running", T.DONE, "SUCCESS"),
        ("FAILURE", "cancelled", T.CANCELLED, "cancelled"),
        ("QUEUED", "running", T.RUNNING, "running"),
        ("IN_PROGRESS", "odd", T.RUNNING, "IN_PROGRESS"),
        ("UNKNOWN", "", T.UNKNOWN, "UNKNOWN"),
        ("", "queued", T.QUEUED, "queued"),
    ],
)
def test_the_more_final_status_wins(outer, inner, state, word):
    got = decode({"code": "success", "data": {"task_id": "t", "status": outer, "data": {"status": inner}}})
    assert (got.state, got.word) == (state, word)


@pytest.mark.parametrize(
    ("progress", "percent"),
    [
        (0, 0),
        (42, 42),
        ("0", 0),
        ("50%", 50),
        (" 7 % ", 7),
        (99.9, 99),
        ("12.5%", 12),
        (140, 100),
        (-3, 0),
        ("", None),
        ("half", None),
        (None, None),
        (True, None),
        ([], None),
    ],
)
def test_percent(progress, percent):
    assert decode({"id": "t", "progress": progress}).percent == percent
    assert decode({"data": {"task_id": "t", "progress": progress}}).percent == percent


LINKS = [
    "video_url",
    "metadata.url",
    "output.url",
    "data.video_url",
    "data.url",
    "data.result_url",
    "data.data.content.video_url",
    "content.video_url",
    "content.url",
    "detail.video_url",
    "data.task_result.videos.0.url",
    "creations.0.url",
]


def put(body: dict, place: str, value: object) -> None:
    *path, last = place.replace(".0", "").split(".")
    for step in path:
        listed = f"{step}.0" in place
        body = body.setdefault(step, [{}] if listed else {})
        body = body[0] if listed else body
    body[last] = value


@pytest.mark.parametrize("number", range(len(LINKS)))
def test_links_in_the_documented_order(number):
    body: dict = {"status": "completed"}
    for place in LINKS[number:]:
        put(body, place, f"https://x.test/{place}")
    assert decode(body).link == f"https://x.test/{LINKS[number]}"


def test_a_link_without_any_status_means_done():
    assert decode({"url": "https://x.test/v"}).state is T.DONE
    assert decode({"status": "", "video_url": "https://x.test/v"}).state is T.DONE
    assert decode({"progress": 40, "video_url": "https://x.test/v"}).state is T.RUNNING


@pytest.mark.parametrize("link", ["", None, 3, {}, "data:video/mp4;base64,AAAA"])
def test_what_is_no_link(link):
    assert decode({"id": "t", "status": "completed", "video_url": link}).link == ""


def test_fail_reason_is_a_link_only_on_success_and_a_reason_only_on_failure():
    def wrapper(status: str, reason: str) -> Progress:
        return decode({"data": {"task_id": "t", "status": status, "fail_reason": reason}})

    assert wrapper("SUCCESS", "https://x.test/v").reason == ""
    assert wrapper("SUCCESS", "not a link").link == ""
    assert wrapper("SUCCESS", "/not/a/link").link == ""
    assert wrapper("FAILURE", "https://x.test/v").link == ""
    assert wrapper("FAILURE", "https://x.test/v").reason == "https://x.test/v"
    assert wrapper("IN_PROGRESS", "left over").reason == ""


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"openai-poll-after-ms": "500"}, 0.5),
        ({"OpenAI-Poll-After-Ms": "200", "Retry-After": "9"}, 0.2),
        ({"openai-poll-after-ms": "soon", "Retry-After": "9"}, 9.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
        ({"Retry-After": "-4"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": ""}, None),
    ],
)
def test_when_to_ask_again(headers, seconds):
    for task in ("", "t"):
        assert read(200, '{"id": "t"}', headers=headers, task=task).ask_again == seconds


def test_an_answer_that_came_before_is_read_once_for_each_task(monkeypatch):
    parsed: list[str] = []
    monkeypatch.setattr(replies, "parse", lambda text, **more: parsed.append(text) or parse(text, **more))
    rows = '[{"id": "before-1", "status": "running"}, {"id": "before-2", "status": "failed"}]'
    long = f'{{"id": "before-1", "status": "running", "log": "{"x" * replies._USUAL}"}}'
    for _ in range(2):
        assert read(200, rows, task="before-1").state is T.RUNNING
        assert read(200, rows, task="before-2").state is T.FAILED
        assert read(200, long, task="before-1").state is T.RUNNING
    assert parsed == [rows, rows, long, long], "long answers are not kept"


ODD = [None, [], "text", 3, {"data": []}, {"data": "x"}, {"data": {"data": None}}, {"creations": "no"}, {"id": {}}]


@pytest.mark.parametrize("body", [*ODD, {"error": []}, {"id": True}])
def test_whatever_comes_is_decoded(body):
    got = decode(body)
    assert (got.state, got.task, got.link) == (T.QUEUED, "", "")


def test_no_text_holds_what_a_database_refuses():
    got = decode({"id": "t\x00", "status": "a\x00b", "error": {"message": "x\x00y"}})
    assert "\x00" not in got.task + got.word + got.reason + refusals.shorten("a\x00b")


def test_long_answers_are_shortened():
    assert len(refusals.shorten("x" * 100_000)) < refusals.RAW_CHARS + 50


# --- errors ------------------------------------------------------------------------------------------------------


def native(code: object, message: str = "words") -> dict:
    return {"code": code, "message": message, "data": None}


def wrapped(code: object, message: str = "words", **more: object) -> dict:
    return {"error": {"message": message, "type": "new_api_error", "code": code, **more}}


FOUR_HUNDREDS = [
    *("invalid_json", "invalid_multipart_form", "invalid_request", "missing_model", "invalid_size", "task_not_exist"),
    *("task_channel_disable", "channel_not_found", "invalid_channel_id", "invalid_api_platform"),
    *("model_mapping_failed", "model_price_error", "task_failed", "1004", "1008", "1026", "2013", "2049"),
    *("sensitive_words_detected", "prompt_blocked", "fail_to_fetch_task"),
]
ERRORS = [
    *((400, native(code), BadRequest, code) for code in FOUR_HUNDREDS),
    *((400, wrapped(code), BadRequest, code) for code in FOUR_HUNDREDS),
    (400, native("1002"), TooFast, "1002"),
    (400, native(1026), BadRequest, "1026"),
    (401, wrapped(""), Unauthorized, "new_api_error"),
    (401, {"error": {"message": "words", "type": "t"}}, Unauthorized, "t"),
    (401, native("x"), Unauthorized, "x"),
    (403, wrapped(""), Unauthorized, "new_api_error"),
    (403, wrapped("insufficient_user_quota"), OutOfCredit, "insufficient_user_quota"),
    (403, native("pre_consume_token_quota_failed"), OutOfCredit, "pre_consume_token_quota_failed"),
    (403, wrapped("access_denied"), BadRequest, "access_denied"),
    (404, wrapped("", param="x"), BadRequest, "new_api_error"),
    (429, native("x"), TooFast, "x"),
    (429, {"error": "words"}, TooFast, ""),
    (500, native("do_request_failed"), Unreadable, "do_request_failed"),
    (500, {"error": {"message": "words", "type": "server_error"}}, Unreadable, "server_error"),
    (501, native("not_implemented"), Unreadable, "not_implemented"),
    (502, {"error": {"message": "words", "type": "t"}}, Unreadable, "t"),
    (503, wrapped("model_not_found"), BadRequest, "model_not_found"),
    (503, wrapped(""), Unreadable, "new_api_error"),
    (500, native("bad_response_status_code"), Unreadable, "bad_response_status_code"),
    (400, {"state": 0, "data": None, "error": "words"}, BadRequest, ""),
    (400, {"state": 0, "data": None, "error": {"message": "words", "code": "c"}}, BadRequest, "c"),
    (400, {"message": "words"}, BadRequest, ""),
]


@pytest.mark.parametrize(("status", "body", "kind", "code"), ERRORS)
def test_documented_errors(status, body, kind, code):
    error = read_error(status, json.dumps(body), "application/json", {"X-Oneapi-Request-Id": "r1"})
    assert type(error) is kind
    assert (error.status, error.code, error.request_id, error.spoken) == (status, code, "r1", True)
    assert error.message.endswith("words")
    assert json.loads(error.raw) == body
    with pytest.raises(GatewayError) as caught:
        read(status, json.dumps(body), "application/json")
    assert type(caught.value) is kind


def test_the_request_id_in_the_words_is_taken_out():
    body = wrapped("model_not_found", "no available channel for this model (request id: 20260101080000Ab3dE9xQ)")
    error = read_error(503, json.dumps(body))
    assert error.request_id == "20260101080000Ab3dE9xQ"
    assert "request id" not in error.message
    assert "no channel for this model with this key" in error.message


@pytest.mark.parametrize(
    ("status", "text", "kind", "words"),
    [
        (200, "<!doctype html><title>x</title>", Unreadable, "web page answered instead of the gateway"),
        (404, "<html>", BadRequest, "web page answered instead of the gateway"),
        (200, "", Unreadable, "empty"),
        (200, "true", Unreadable, "not the JSON"),
        (200, "{broken", Unreadable, "not the JSON"),
        (302, "", BadRequest, "redirect"),
        (408, "", BadRequest, "408"),
        (413, "<html>nginx</html>", BadRequest, "web page"),
        (429, "", TooFast, "empty answer"),
        (500, "", Unreadable, "empty answer"),
        (500, "some   words", Unreadable, '"some words"'),
        (502, "<html>", Unreadable, "web page"),
        (524, "", Unreadable, "524"),
        (500, "[" * 100_000, Unreadable, "500"),
    ],
)
def test_answers_in_nobodys_shape(status, text, kind, words):
    error = read_error(status, text)
    assert type(error) is kind
    assert words in error.message
    assert not error.spoken


def test_a_page_is_known_by_its_type_too():
    assert "web page" in read_error(200, "oops", "text/html; charset=utf-8").message


def test_a_redirect_names_the_place_without_its_query():
    error = read_error(301, "", "", {"Location": "https://g.test/v1?key=s"})
    assert "https://g.test/v1. Set" in error.message
    assert "key=s" not in error.message


def test_the_wait_of_a_429():
    error = read_error(429, "", "", {"retry-after": "12"})
    assert isinstance(error, TooFast)
    assert error.retry_after == 12.0


@pytest.mark.parametrize(
    "body",
    [
        native("invalid_request"),
        {"code": 1303, "message": "words", "request_id": "r"},
        wrapped("model_not_found"),
        {"error": "words"},
        {"state": 0, "data": None, "error": "words"},
        {"state": 2, "data": None, "message": "words"},
        {"state": 1, "data": {"Code": "InvalidURL", "Message": "words", "Data": None}, "error": None},
        {"success": False, "message": "words"},
    ],
)
def test_a_200_that_is_a_refusal(body):
    with pytest.raises(Refused, match="words"):
        read(200, json.dumps(body), "application/json")


def test_a_task_is_never_taken_for_a_refusal():
    body = {"id": "t", "status": "", "code": "odd", "error": {"message": "hm", "code": ""}}
    got = read(200, json.dumps(body))
    assert (got.task, got.state, got.reason) == ("t", T.QUEUED, "hm")


@pytest.mark.parametrize(
    ("status", "text", "made_none"),
    [
        (400, "", True),
        (401, "", True),
        (403, json.dumps(wrapped("insufficient_user_quota")), True),
        (429, "", True),
        (503, json.dumps(wrapped("model_not_found")), True),
        (500, json.dumps(native("get_channel_failed")), True),
        (404, "<html>", True),
        (307, "", True),
        (303, "", False),
        (503, json.dumps(wrapped("")), False),
        (500, json.dumps(native("do_request_failed")), False),
        (501, json.dumps(native("not_implemented")), False),
        (500, json.dumps(wrapped("insufficient_user_quota")), False),
        (408, "", False),
        (499, "", False),
        (500, "", False),
        (502, json.dumps(wrapped("x")), False),
        (503, "<html>", False),
        (504, json.dumps(wrapped("x")), False),
        (524, "", False),
        (200, "<html>", False),
    ],
)
def test_which_answers_prove_that_no_task_was_made(status, text, made_none):
    assert proves_no_task(read_error(status, text)) is made_none


@pytest.mark.parametrize(
    ("status", "body", "unknown"),
    [
        (400, native("task_not_exist"), True),
        (404, {"error": {"message": "x", "type": "t"}}, True),
        (400, native("invalid_request"), False),
        (500, native("x"), False),
    ],
)
def test_no_such_task(status, body, unknown):
    assert denies_task(read_error(status, json.dumps(body))) is unknown


STREAM = (
    'event: task\ndata: {"id": "t1", "status": "running"}\n\n'
    ': still here\n\ndata: {"id": "t1", "status": "completed"}\n\n'
)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        (STREAM, TaskState.DONE),
        (STREAM + "data: [DONE]\n\n", TaskState.DONE),
        ('{"id": "t1", "status": "queued"}\n{"id": "t1", "status": "running"}\n', TaskState.RUNNING),
    ],
)
def test_the_last_object_of_a_stream_counts(text, state):
    progress = read(200, text, "text/event-stream", task="t1")
    assert (progress.state, progress.task) == (state, "t1")


@pytest.mark.parametrize("text", ["data: soon\n", ": nothing yet\n\n", "and {} words", "1\n2\n"])
def test_lines_that_are_no_objects_are_not_read(text):
    with pytest.raises(Unreadable):
        read(200, text, "text/event-stream", task="t1")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"id": "t1", "status": "que', {"id": "t1"}),
        ('{"data": {"id": "t1", "status": "queued"}', {"data": {"id": "t1", "status": "queued"}}),
        ('{"id": "t1", "tags": ["a", "b', {"id": "t1", "tags": ["a"]}),
        ('{"prompt": "a \\", {", "id": "t1", "x": {"y', {"prompt": 'a ", {', "id": "t1"}),
        ('{"id": 12', None),
        ('{"id": "t', None),
        ("{", None),
        ('{"id": "t1"}}', {"id": "t1"}),
        ("{" + '"a": {' * 2_000, None),
    ],
)
def test_what_came_whole_of_a_cut_answer_is_read(text, found):
    assert parse(text, cut=True) == found


def test_a_look_that_was_cut_off_is_not_read():
    with pytest.raises(Unreadable):
        read(200, '{"id": "t1", "status": "failed", "mess', task="t1")


@pytest.mark.parametrize("page", ["<html>{page}</html>", "<!DOCTYPE html>\n{page}", "<script>\n{page}\n</script>"])
def test_a_web_page_is_no_answer_though_its_scripts_hold_objects(page):
    assert parse(page.replace("{page}", '\n{"id": "t1", "status": "completed"}\n')) is None


def test_a_text_of_many_beginnings_is_given_up():
    assert parse("{\n" * 100_000) is None
