"""The client against real, scripted servers on this machine."""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dailies.domain import Clip
from dailies.errors import (
    BadRequest,
    GatewayError,
    MediaError,
    OutOfCredit,
    TooFast,
    Unauthorized,
    Unreachable,
    Unreadable,
    Unsure,
)
from dailies.exchange import (
    Blob,
    Call,
)
from dailies.gateway.addresses import Reach
from dailies.gateway.client import Client
from dailies.gateway.deadline import Timeouts
from dailies.media.clips import take_in
from dailies.steps import Accepted, Fetched, FetchFailed, Lost, NotSent, Poll, Polled, PollFailed, Rejected, Send
from dailies.vocabulary import Body, RunState, TaskState

PNG = b"\x89PN"
USUAL = Timeouts()
HERE = Reach(hosts=frozenset({"127.0.0.1"}))
PART = Path("/nowhere/part")
CLIP = Clip("c.mp4", "c.jpg", 10, 5.0, 64, 48, 24.0, "h264", "")


def taken(_: Path) -> Clip:
    return CLIP


@pytest.fixture
def connect(key) -> Iterator[Callable[..., Client]]:
    opened: list[Client] = []

    def make(url: str, timeouts: Timeouts = USUAL, keys: Callable[[str], str | None] = lambda _: key) -> Client:
        opened.append(Client(url, keys, lambda _: PNG, HERE, timeouts))
        return opened[-1]

    yield make
    for client in opened:
        client.close()


@pytest.fixture
def client(connect, gateway) -> Client:
    return connect(gateway.url)


@pytest.fixture
def ready(make_run, plain_call):
    return make_run(call=plain_call)


@pytest.fixture
def queued(make_run, plain_call):
    return make_run(call=plain_call, state=RunState.QUEUED, task="grok:0b 6c")


# --- create ------------------------------------------------------------------------------------------------------


def test_a_json_call_arrives_as_it_is(client, gateway, answer, ready, key):
    gateway.answer("POST", "/v1/videos", answer({"id": "t1", "status": "queued"}, headers={"Retry-After": "4"}))
    event = client.perform(ready, Send(), PART)
    assert isinstance(event, Accepted)
    assert (event.progress.task, event.progress.state, event.progress.ask_again) == ("t1", TaskState.QUEUED, 4.0)
    assert json.loads(event.raw) == {"id": "t1", "status": "queued"}
    seen = gateway.seen[0]
    assert json.loads(seen.body) == {"model": "fam-1", "prompt": "a boat"}
    assert seen.headers["authorization"] == f"Bearer {key}"
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["user-agent"].startswith("dailies/")


def test_blobs_are_written_out_as_data_urls(client, gateway, answer, make_run):
    blob = Blob("ab" * 32, "image/png", 3, "a.png", data_url=True)
    gateway.answer("POST", "/v1/videos", answer({"id": "t1"}))
    client.perform(make_run(call=Call("POST", "/v1/videos", Body.JSON, json={"images": [blob]})), Send(), PART)
    assert json.loads(gateway.seen[0].body) == {"images": ["data:image/png;base64,iVBO"]}


def test_a_form_keeps_order_and_repeated_names(client, gateway, answer, make_run, form_call):
    gateway.answer("POST", "/v1/videos", answer({"id": "t1"}))
    assert isinstance(client.perform(make_run(call=form_call), Send(), PART), Accepted)
    seen = gateway.seen[0]
    assert seen.headers["content-type"].startswith("multipart/form-data; boundary=")
    boundary = seen.headers["content-type"].split("boundary=")[1].encode()
    parts = [part.strip(b"\r\n") for part in seen.body.split(b"--" + boundary)[1:-1]]
    assert parts == [
        b'Content-Disposition: form-data; name="model"\r\n\r\nfam-1',
        b'Content-Disposition: form-data; name="input_reference"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
        + PNG,
        'Content-Disposition: form-data; name="prompt"\r\n\r\nü'.encode(),
        b'Content-Disposition: form-data; name="input_reference"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
        + PNG,
    ]


def test_a_refused_connection_means_nothing_was_sent(connect, ready):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        free = listener.getsockname()[1]
    event = connect(f"http://127.0.0.1:{free}").perform(ready, Send(), PART)
    assert isinstance(event, NotSent)
    assert isinstance(event.error, Unreachable)
    assert f"127.0.0.1:{free}" in str(event.error)


@pytest.mark.parametrize("url", ["http://no-such-host.invalid", "https://127.0.0.1:{port}"])
def test_no_name_and_no_tls_mean_nothing_was_sent(connect, ready, gateway, url):
    event = connect(url.format(port=gateway.url.rsplit(":", 1)[1])).perform(ready, Send(), PART)
    assert isinstance(event, NotSent)
    assert gateway.seen == []


def test_a_read_timeout_is_unsure_and_the_create_is_sent_once(connect, gateway, answer, ready):
    gateway.answer("POST", "/v1/videos", answer({"id": "t1"}, hold=threading.Event()))
    event = connect(gateway.url, Timeouts(create=0.2)).perform(ready, Send(), PART)
    assert isinstance(event, Lost)
    assert isinstance(event.error, Unsure)
    assert gateway.count("POST") == 1


@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{", b"garbage\r\n\r\n"])
def test_a_connection_lost_after_receipt_is_unsure(connect, raw_server, ready, reply):
    url, requests = raw_server(reply)
    event = connect(url).perform(ready, Send(), PART)
    assert isinstance(event, Lost)
    assert isinstance(event.error, Unsure)
    assert len(requests) == 1


def test_every_create_travels_on_a_connection_of_its_own(connect, raw_server, ready):
    # The server hangs up after each answer without saying so: a kept connection would be lost at the next call.
    url, requests = raw_server(b'HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{"id": "x"}')
    client = connect(url)
    assert [type(client.perform(ready, Send(), PART)) for _ in range(5)] == [Accepted] * 5
    assert len(requests) == 5


def test_whatever_makes_something_travels_so_and_looks_share_one(client, gateway, answer, ready):
    gateway.answer("POST", "/v1/videos", answer({"id": "t1"}))
    gateway.answer("POST", "/v1/assets", answer({"id": "a1"}))
    gateway.answer("GET", "/v1/models", answer({"data": []}))
    for _ in range(3):
        client.perform(ready, Send(), PART)
        client.post("/v1/assets", {})
        client.models()
    ports = [(seen.method, seen.port) for seen in gateway.seen]
    assert len({port for method, port in ports if method == "POST"}) == 6
    assert len({port for method, port in ports if method == "GET"}) == 1


@pytest.mark.parametrize(
    ("status", "body", "event", "error"),
    [
        (400, {"code": "invalid_request", "message": "prompt is required", "data": None}, Rejected, BadRequest),
        (401, {"error": {"message": "bad key", "type": "new_api_error", "code": ""}}, Rejected, Unauthorized),
        (403, {"error": {"message": "no", "code": "insufficient_user_quota"}}, Rejected, OutOfCredit),
        (413, "<html>too large</html>", Rejected, BadRequest),
        (429, "", Rejected, TooFast),
        (307, "", Rejected, BadRequest),
        (500, {"code": "get_channel_failed", "message": "no"}, Rejected, Unreadable),
        (500, {"code": "build_request_failed", "message": "no"}, Lost, Unreadable),
        (501, {"error": {"message": "no", "code": "not_implemented"}}, Lost, Unreadable),
        (503, {"error": {"message": "no channel", "code": "model_not_found"}}, Rejected, BadRequest),
        (200, {"code": 1303, "message": "too many"}, Rejected, BadRequest),
        (200, {"id": "", "status": "failed", "error": {"message": "no"}}, Rejected, GatewayError),
        (408, {"error": {"message": "slow"}}, Lost, BadRequest),
        (500, "", Lost, Unreadable),
        (502, "<html>bad gateway</html>", Lost, Unreadable),
        (504, {"error": {"message": "slow"}}, Lost, Unreadable),
        (524, "", Lost, Unreadable),
        (200, "<!doctype html>", Lost, Unreadable),
        (200, "", Lost, Unreadable),
        (200, "[1]", Lost, Unreadable),
        (200, {}, Lost, Unreadable),
        (200, {"status": "queued"}, Lost, Unreadable),
    ],
)
def test_what_an_answer_to_a_create_means(client, gateway, answer, ready, status, body, event, error):
    gateway.answer("POST", "/v1/videos", answer(body, status))
    got = client.perform(ready, Send(), PART)
    assert type(got) is event
    assert isinstance(got.error, error)
    assert gateway.count("POST") == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_a_paid_call_is_not_followed(client, gateway, other_host, answer, ready, status):
    """It would be a second call, perhaps to another host, and the first may have been taken already."""
    for place in (f"{gateway.url}/v1/elsewhere", f"{other_host.url}/v1/videos"):
        gateway.answer("POST", "/v1/videos", answer("", status, {"location": place}))
        event = client.perform(ready, Send(), PART)
        assert isinstance(event, Rejected | Lost)
        assert place in event.error.message
        with pytest.raises(GatewayError):
            client.post("/v1/videos", {})
    assert {(seen.method, seen.path) for seen in gateway.seen} == {("POST", "/v1/videos")}
    assert other_host.seen == []


def test_the_wait_of_a_429_is_kept(client, gateway, answer, ready):
    gateway.answer("POST", "/v1/videos", answer("", 429, {"Retry-After": "7"}))
    assert client.perform(ready, Send(), PART).error.retry_after == 7.0


def test_without_a_key_or_the_bytes_nothing_is_sent(connect, gateway, ready, make_run, form_call):
    event = connect(gateway.url, keys=lambda _: None).perform(ready, Send(), PART)
    assert isinstance(event.error, Unauthorized)

    def gone(_: str) -> bytes:
        raise MediaError("gone", "add again")

    client = Client(gateway.url, lambda _: "key", gone, HERE)
    event = client.perform(make_run(call=form_call), Send(), PART)
    client.close()
    assert isinstance(event, NotSent)
    assert isinstance(event.error, MediaError)
    assert gateway.seen == []


@pytest.mark.parametrize("bad", ["sk-bad\r\nx: y", "sk-schlüssel"])
def test_a_key_that_cannot_be_a_header_is_not_repeated(connect, gateway, ready, bad):
    event = connect(gateway.url, keys=lambda _: bad).perform(ready, Send(), PART)
    assert isinstance(event, NotSent)
    assert bad not in str(event.error)


# --- poll --------------------------------------------------------------------------------------------------------


def test_a_task_is_asked_for_with_its_colon(client, gateway, answer, queued):
    gateway.answer("GET", "/v1/videos/grok:0b 6c", answer({"id": "x", "status": "processing", "progress": 3}))
    event = client.perform(queued, Poll(), PART)
    assert isinstance(event, Polled)
    assert (event.progress.state, event.progress.percent) == (TaskState.RUNNING, 3)


def test_a_task_in_the_query_string(client, gateway, answer, queued):
    run = replace(queued, route=replace(queued.route, query="/v1/video/query?id={task}"), task="a&b:c")
    gateway.answer("GET", "/v1/video/query?id=a%26b:c", answer({"id": "x", "status": "done"}))
    assert isinstance(client.perform(run, Poll(), PART), Polled)


@pytest.mark.parametrize(
    ("status", "body"), [(400, {"code": "task_not_exist", "message": "x"}), (200, "<html>"), (502, "")]
)
def test_a_failed_look_up_is_an_event(client, gateway, answer, queued, status, body):
    gateway.answer("GET", "/v1/videos/grok:0b 6c", answer(body, status))
    assert isinstance(client.perform(queued, Poll(), PART), PollFailed)


def test_an_unreachable_gateway_fails_the_look_up(connect, queued):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    event = connect(url).perform(queued, Poll(), PART)
    assert isinstance(event, PollFailed)
    assert isinstance(event.error, Unreachable)


# --- fetch -------------------------------------------------------------------------------------------------------


@pytest.fixture
def finished(make_run, plain_call):
    return make_run(call=plain_call, state=RunState.FETCHING, task="t1")


def test_a_foreign_link_is_fetched_without_the_key(client, other_host, answer, finished, tmp_path, clip_bytes):
    other_host.answer("GET", "/v.mp4?sig=1", answer(clip_bytes))
    target = tmp_path / "clip"
    assert isinstance(client.fetch(replace(finished, link=f"{other_host.url}/v.mp4?sig=1"), target, taken), Fetched)
    assert target.read_bytes() == clip_bytes
    assert "authorization" not in other_host.seen[0].headers


@pytest.mark.parametrize("link", ["/files/v.mp4", "files/v.mp4", "{own}/files/v.mp4"])
def test_a_link_to_the_gateway_itself_carries_the_key(
    client, gateway, answer, finished, tmp_path, clip_bytes, link, key
):
    gateway.answer("GET", "/files/v.mp4", answer(clip_bytes))
    run = replace(finished, link=link.format(own=gateway.url))
    assert isinstance(client.fetch(run, tmp_path / "clip", taken), Fetched)
    assert gateway.seen[0].headers["authorization"] == f"Bearer {key}"


def test_the_content_route_gives_bytes(client, gateway, answer, finished, tmp_path, clip_bytes, key):
    gateway.answer("GET", "/v1/videos/t1/content", answer(clip_bytes))
    assert isinstance(client.fetch(replace(finished, link="http://x.invalid/v"), tmp_path / "clip", taken), Fetched)
    assert (tmp_path / "clip").read_bytes() == clip_bytes
    assert gateway.seen[0].headers["authorization"] == f"Bearer {key}"


@pytest.mark.parametrize(
    "look",
    [
        {"status": "completed", "video_url": "{dead}", "url": "{alive}"},
        {"status": "completed", "video_url": "{alive}"},  # the link of before has expired
        {"status": "completed", "videos": [{"url": "{dead}"}, {"url": "{alive}"}]},
        {"data": {"status": "SUCCESS", "preview_url": "{bad}", "cdn_url": "{dead}", "origin_video_url": "{alive}"}},
    ],
)
def test_where_a_link_is_dead_another_one_of_the_answer_is_tried(
    client, gateway, other_host, answer, finished, tmp_path, clip_bytes, look
):
    links = {"{dead}": f"{other_host.url}/dead.mp4", "{alive}": f"{other_host.url}/v.mp4", "{bad}": "http://x.invalid/"}
    text = json.dumps(look)
    for name, link in links.items():
        text = text.replace(name, link)
    gateway.answer("GET", "/v1/videos/t1", answer(text))
    other_host.answer("GET", "/v.mp4", answer(clip_bytes))
    assert isinstance(client.fetch(replace(finished, link=links["{dead}"]), tmp_path / "clip", taken), Fetched)
    assert (tmp_path / "clip").read_bytes() == clip_bytes
    assert other_host.count("GET", "/dead.mp4") == 1
    assert "authorization" not in other_host.seen[-1].headers


@pytest.mark.parametrize(
    ("content", "path", "said"),
    [
        ("/v1/videos/{task}/content", "/v1/videos/t1/content", "The gateway's own route to the clip says: It is gone."),
        ("", "/v1/videos/t1", "The answer about the task says: It is gone."),
    ],
)
def test_words_beside_a_dead_link_name_where_they_stand(
    client, gateway, other_host, answer, finished, tmp_path, content, path, said
):
    gateway.answer("GET", path, answer('{"error": {"message": "It is gone."}}', 410))
    run = replace(finished, link=f"{other_host.url}/dead.mp4", route=replace(finished.route, content=content))
    event = client.fetch(run, tmp_path / "clip", taken)
    assert isinstance(event, FetchFailed)
    assert event.error.message.startswith("The link to the clip does not work. Its server answered 404.")
    assert event.error.message.endswith(said)


@pytest.mark.parametrize("shape", ["url", "video_url", "data"])
def test_json_instead_of_bytes_is_followed_once(
    client, gateway, other_host, answer, finished, tmp_path, clip_bytes, shape
):
    link = f"{other_host.url}/v.mp4"
    body = {"data": {"url": link}} if shape == "data" else {shape: link}
    gateway.answer("GET", "/v1/videos/t1/content", answer(body))
    other_host.answer("GET", "/v.mp4", answer(clip_bytes))
    assert isinstance(client.fetch(finished, tmp_path / "clip", taken), Fetched)
    assert (tmp_path / "clip").read_bytes() == clip_bytes
    assert "authorization" not in other_host.seen[0].headers
    other_host.answer("GET", "/v.mp4", answer({"url": f"{other_host.url}/v.mp4"}))
    assert isinstance(client.fetch(finished, tmp_path / "clip", taken), FetchFailed)
    assert other_host.count("GET", "/v.mp4") == 2


def test_a_redirect_elsewhere_is_followed_without_the_key(
    client, gateway, other_host, answer, finished, tmp_path, clip_bytes
):
    gateway.answer("GET", "/v1/videos/t1/content", answer("", 302, {"location": f"{other_host.url}/v.mp4"}))
    other_host.answer("GET", "/v.mp4", answer(clip_bytes))
    assert isinstance(client.fetch(finished, tmp_path / "clip", taken), Fetched)
    assert (tmp_path / "clip").read_bytes() == clip_bytes
    assert "authorization" not in other_host.seen[0].headers


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\ncontent-length: 999\r\n\r\n\x00\x00\x00\x20ftyp",
        b"HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\ntransfer-encoding: chunked\r\n\r\n4\r\n\x00\x00\x00\x20\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\ncontent-length: 0\r\n\r\n",
        b"",
    ],
)
def test_a_truncated_or_empty_file_is_not_taken(connect, raw_server, finished, tmp_path, reply):
    url, _ = raw_server(reply)
    event = connect(url).fetch(finished, tmp_path / "clip", taken)
    assert isinstance(event, FetchFailed)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (200, "<!doctype html><title>x</title>", {"content-type": "text/html"}),
        (200, "  <html>", {"content-type": "video/mp4"}),
        (200, {"error": {"message": "gone"}}, {}),
        (200, {"nothing": "here"}, {"content-type": "video/mp4"}),
        (400, {"error": {"message": "task is IN_PROGRESS", "type": "invalid_request_error"}}, {}),
        (404, "", {}),
        (502, "", {}),
    ],
)
def test_what_is_no_clip_is_not_taken(client, gateway, answer, finished, tmp_path, status, body, headers):
    gateway.answer("GET", "/v1/videos/t1/content", answer(body, status, headers))
    assert isinstance(client.fetch(finished, tmp_path / "clip", taken), FetchFailed)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("label", ["application/json", "text/html; charset=utf-8", "application/octet-stream", ""])
def test_a_clip_is_known_by_its_bytes_whatever_its_label(
    client, gateway, answer, finished, tmp_path, clip_bytes, label
):
    gateway.answer("GET", "/v1/videos/t1/content", answer(clip_bytes, headers={"content-type": label}))
    clip = client.fetch(finished, tmp_path / "clip", lambda part: take_in(part, tmp_path))
    assert isinstance(clip, Fetched)
    assert (tmp_path / clip.clip.file).read_bytes() == clip_bytes


@pytest.mark.parametrize(
    ("body", "label", "sentence"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(60), "video/mp4", "A JPEG picture came instead of a clip."),
        (b"GIF89a" + bytes(60), "video/mp4", "A GIF picture came instead of a clip."),
        (b"ID3\x04\x00\x00" + bytes(60), "video/mp4", "An MP3 sound came instead of a clip."),
        (
            b"#EXTM3U\n#EXTINF:4,\nhttps://cdn.invalid/1.ts\n",
            "application/vnd.apple.mpegurl",
            "An HLS playlist came instead of the clip.",
        ),
        (b'<?xml version="1.0"?><MPD xmlns="urn:x">', "video/mp4", "A DASH playlist came instead of the clip."),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "video/mp4", "An SVG drawing came instead of the clip."),
        (b"\xfd7zXZ\0" + bytes(60), "video/mp4", "A compressed file (xz) came instead of a clip."),
    ],
)
def test_what_came_instead_of_a_clip_is_named(client, gateway, answer, finished, tmp_path, body, label, sentence):
    gateway.answer("GET", "/v1/videos/t1/content", answer(body, headers={"content-type": label}))
    event = client.fetch(finished, tmp_path / "clip", lambda part: take_in(part, tmp_path))
    assert isinstance(event, FetchFailed)
    assert sentence in str(event.error)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "head",
    [
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\n\r\n",
        "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 0-{last}/{whole}\r\n\r\n",
        "HTTP/1.1 206 Partial Content\r\ncontent-length: {half}\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{half:x}\r\n",
    ],
)
def test_half_a_file_is_not_taken(connect, raw_server, finished, tmp_path, clip_bytes, head):
    half = clip_bytes[: len(clip_bytes) // 2]
    text = head.format(last=len(half) - 1, whole=len(clip_bytes), half=len(half))
    url, _ = raw_server(text.encode() + half + (b"\r\n0\r\n\r\n" if "chunked" in head else b""))
    event = connect(url).fetch(finished, tmp_path / "clip", lambda part: take_in(part, tmp_path))
    assert isinstance(event, FetchFailed)
    assert "part of the" in str(event.error)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("link", ["file:///etc/passwd", "ftp://x.test/v", "http://[broken", "javascript:x"])
def test_a_link_that_is_no_web_address_is_not_followed(client, finished, tmp_path, link):
    assert isinstance(client.fetch(replace(finished, link=link), tmp_path / "clip", taken), FetchFailed)


# --- models and check --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"object": "list", "data": [{"id": "a", "object": "model"}, {"id": "b"}]},
        {"success": True, "data": [{"id": "a", "permission": [], "root": "a"}, {"id": "b", "parent": None}]},
    ],
)
def test_models_in_both_shapes(client, gateway, answer, body):
    gateway.answer("GET", "/v1/models", answer(body))
    assert client.models() == ["a", "b"]
    check = client.check()
    assert (check.ok, check.models) == (True, ("a", "b"))
    assert check.seconds > 0


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, {"error": {"message": "Invalid token", "code": ""}}, "The gateway refuses the key: Invalid token"),
        (200, "<!doctype html>", "web page"),
        (200, {"success": False, "message": "not allowed"}, "not allowed"),
        (200, {"object": "list"}, "list of models"),
    ],
)
def test_a_check_that_fails_says_why(client, gateway, answer, status, body, words):
    gateway.answer("GET", "/v1/models", answer(body, status))
    check = client.check()
    assert not check.ok
    assert words in check.words


def test_the_key_for_a_call_is_that_of_the_credential(connect, gateway, answer):
    gateway.answer("GET", "/v1/models", answer({"data": []}))
    connect(gateway.url, keys={"h1": "one"}.get).models("h1")
    assert gateway.seen[0].headers["authorization"] == "Bearer one"


def test_post_gives_the_object_or_raises(client, gateway, answer):
    gateway.answer("POST", "/v1/seedance/asset/GetAsset", answer({"state": 1, "data": {"Id": "a"}, "error": None}))
    assert client.post("/v1/seedance/asset/GetAsset", {"task_id": "t"})["data"] == {"Id": "a"}
    gateway.answer("POST", "/v1/seedance/asset/GetAsset", answer({"state": 0, "data": None, "error": "no"}))
    with pytest.raises(BadRequest, match="no"):
        client.post("/v1/seedance/asset/GetAsset", {})


# --- the key -----------------------------------------------------------------------------------------------------


def test_the_key_is_in_no_event_log_or_repr(client, gateway, answer, ready, queued, finished, tmp_path, key, caplog):
    caplog.set_level(logging.DEBUG)
    gateway.answer("POST", "/v1/videos", answer({"error": {"message": f"Incorrect API key {key}", "code": ""}}, 401))
    gateway.answer("GET", "/v1/videos/grok:0b 6c", answer(f"you sent {key}", 500))
    gateway.answer("GET", "/v1/videos/t1/content", answer({"error": f"{key.removeprefix('sk-')} is bad"}))
    events = [client.perform(ready, Send(), PART), client.perform(queued, Poll(), PART)]
    events.append(client.fetch(finished, tmp_path / "clip", taken))
    bare = key.removeprefix("sk-")
    for event in events:
        error = event.error
        assert (
            bare not in f"{event!r} {error} {error!r} {error.raw} {error.__cause__!r} {error.__context__!r} {client!r}"
        )
    assert bare not in caplog.text
    assert "[key]" in events[0].error.message
