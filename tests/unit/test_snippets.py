"""Snippets are programs: each is run as a person would run it, and what arrives is compared with the call."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from dailies.domain import Route
from dailies.exchange import (
    Blob,
    Call,
    Part,
)
from dailies.request import snippets, wire
from dailies.vocabulary import Body

KEY = "sk-only-in-the-environment"
VIDEOS = Route("videos", "/v1/videos", "/v1/videos/{task}", "/v1/videos/{task}/content", sdk=True)
GENERATIONS = Route("generations", "/v1/video/generations", "/v1/video/generations/{task}", "/", sdk=False)

PROMPTS = {
    "plain": "a paper boat",
    "quotes": """She said: "it's 'his' \\"boat\\"" and \\n left""",
    "shell": "$HOME `id` $(id) ${PATH} !! \\$x %s %d * ~ && exit 1 | cat > x # no",
    "lines": "first line\nsecond line\r\n\tthird\n",
    "other letters": "größer, 紙の船 🎬, e\u0301, \u2028 and \u00a0",
    "at": "@/etc/hostname",
    "semicolon": ";type=text/html",
    "less than": "</etc/hostname",
    "dash": "-d @x --form y=z",
    "braces": "{prompt} {{}} {} [1-3]",
    "marks": "@@blob-0-",
    "marks within": 'see @@blob-0- and "@@blob@-1-"',
}


# --- a server that writes down what comes ------------------------------------------------------------------------


@dataclass
class Arrived:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Recorder:
    url: str
    requests: list[Arrived] = field(default_factory=list)
    status: int = 200

    def sole(self) -> Arrived:
        assert len(self.requests) == 1
        return self.requests[0]


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with recording() as kept:
        yield kept


@contextmanager
def recording() -> Iterator[Recorder]:
    """A server that answers every POST like a create and keeps what arrived."""
    answer = json.dumps({"id": "video_1", "object": "video", "status": "queued"}).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            kept.requests.append(Arrived(self.path, headers, body))
            self.send_response(kept.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept = Recorder(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def parts_of(arrived: Arrived) -> list[dict[str, Any]]:
    """The parts of a multipart body, as `wire.describe_part` names them."""
    kind, _, boundary = arrived.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/form-data"
    start, *chunks, end = arrived.body.split(b"--" + boundary.encode())
    assert (start, end.strip()) == (b"", b"--")
    return [_part(chunk.removeprefix(b"\r\n").removesuffix(b"\r\n")) for chunk in chunks]


def _part(chunk: bytes) -> dict[str, Any]:
    head, _, body = chunk.partition(b"\r\n\r\n")
    text = head.decode()
    name = re.search(r' name="([^"]*)"', text)
    file = re.search(r' filename="((?:[^"\\]|\\.)*)"', text)
    assert name is not None
    if file is None:
        return {"name": name[1], "value": body.decode()}
    kind = re.search(r"(?i)content-type: (\S+)", text)
    raw = file[1].replace("%22", '"')
    escaped = raw.replace('\\"', '"').replace("\\\\", "\\")
    plain = raw if raw in FILES else escaped  # new versions of curl leave a backslash as it is
    return {
        "name": name[1], "filename": plain, "content_type": kind[1] if kind else "", "size": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
    }  # fmt: skip


# --- calls and ways to send them ---------------------------------------------------------------------------------

FILES = {
    "first.png": b"\x89PNG\r\n\x1a\n first \x00\xff\r\n--",
    "my last; 'frame', 🎬 $x.png": b"last\n" * 5000,
    'a "third" \\" one.png': b"third",
}


def blob(name: str, *, data_url: bool = False) -> Blob:
    data = FILES[name]
    return Blob(hashlib.sha256(data).hexdigest(), "image/png", len(data), name, data_url)


def json_call(prompt: str, *, path: str = "/v1/videos") -> Call:
    config = {"audio": True, "ratio": None, "share": 0.5, "deep": {"grün 🎬": [1, {}, []]}}
    return Call("POST", path, Body.JSON, json={"model": "m:1*2", "prompt": prompt, "seconds": "5", "metadata": config})


def data_url_call(prompt: str) -> Call:
    pictures = [blob(name, data_url=True) for name in FILES]
    return Call("POST", "/v1/videos", Body.JSON, json={"model": "m", "prompt": prompt, "input_reference": pictures})


def form_call(prompt: str) -> Call:
    files = [Part("input_reference", blob(name)) for name in FILES]
    link = Part("input_reference", "https://example.com/a.png?x=1;y=2")
    other = Part("input_reference", "https://example.com/b.png")
    metadata = Part("metadata", '{"scene_type": "a;b", "q": "\\""}')
    return Call(
        "POST", "/v1/videos", Body.FORM,
        form=(Part("model", "m"), Part("prompt", prompt), *files, link, other, metadata),
    )  # fmt: skip


def text_form_call(prompt: str) -> Call:
    return Call("POST", "/v1/videos", Body.FORM, form=(Part("model", "m"), Part("prompt", prompt)))


def in_bash(call: Call, url: str) -> list[str]:
    return ["bash", "-euo", "pipefail", "-c", snippets.write_curl(call, url)]


def in_httpx(call: Call, url: str) -> list[str]:
    return [sys.executable, "-W", "error", "-c", snippets.write_httpx(call, url)]


def in_openai(call: Call, url: str) -> list[str]:
    text = snippets.write_openai(call, VIDEOS, url)
    assert text is not None
    return [sys.executable, "-c", text]


def sent(command: list[str], recorder: Recorder, folder: Path) -> Arrived:
    """Run a snippet in a folder that holds its files, with the key in the environment."""
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8", "DAILIES_API_KEY": KEY}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "video_1" in done.stdout
    arrived = recorder.sole()
    assert arrived.headers["authorization"] == f"Bearer {KEY}"
    return arrived


def assert_same(arrived: Arrived, call: Call) -> None:
    assert arrived.path == call.path
    if call.body is Body.FORM:
        assert parts_of(arrived) == [wire.describe_part(part) for part in call.form]
    else:
        contents = {hashlib.sha256(data).hexdigest(): data for data in FILES.values()}
        assert arrived.headers["content-type"] == "application/json"
        assert json.loads(arrived.body) == wire.materialise(call.json, contents.__getitem__)


# --- curl --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [json_call, data_url_call, form_call, text_form_call])
@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
def test_curl(make: Callable[[str], Call], prompt: str, recorder: Recorder, tmp_path: Path) -> None:
    call = make(prompt)
    assert_same(sent(in_bash(call, recorder.url), recorder, tmp_path), call)


def test_curl_sends_to_the_path_of_the_call(recorder: Recorder, tmp_path: Path) -> None:
    call = json_call("x", path=GENERATIONS.create)
    assert_same(sent(in_bash(call, recorder.url), recorder, tmp_path), call)


def test_curl_takes_a_picture_larger_than_a_command_line(
    recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FILES, "big.png", os.urandom(3_000_000))
    call = Call("POST", "/v1/videos", Body.JSON, json={"model": "m", "input_reference": blob("big.png", data_url=True)})
    assert_same(sent(in_bash(call, recorder.url), recorder, tmp_path), call)


# --- Python ------------------------------------------------------------------------------------------------------

EVERYTHING = "\n".join(PROMPTS.values())


@pytest.mark.parametrize("way", [in_httpx, in_openai])
def test_python(way: Callable[[Call, str], list[str]], recorder: Recorder, tmp_path: Path) -> None:
    call = form_call(EVERYTHING)
    assert_same(sent(way(call, recorder.url), recorder, tmp_path), call)


def execute(text: str | None, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Execute a snippet in this process, in a folder that holds its files: a start of Python is what takes long."""
    assert text is not None
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("DAILIES_API_KEY", KEY)
    exec(compile(text, "snippet.py", "exec"), {})


@pytest.mark.parametrize("make", [json_call, data_url_call, form_call, text_form_call])
@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
def test_httpx_in_this_process(
    make: Callable[[str], Call], prompt: str, recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = make(prompt)
    execute(snippets.write_httpx(call, recorder.url), tmp_path, monkeypatch)
    assert_same(recorder.sole(), call)


@pytest.mark.parametrize("make", [json_call, data_url_call, text_form_call])
def test_openai_in_this_process(
    make: Callable[[str], Call], recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = make("x" if make is text_form_call else EVERYTHING)
    execute(snippets.write_openai(call, VIDEOS, recorder.url), tmp_path, monkeypatch)
    assert_same(recorder.sole(), call)


def test_openai_sends_a_paid_call_once(recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder.status = 500
    with pytest.raises(Exception, match="500") as raised:
        execute(snippets.write_openai(json_call("x"), VIDEOS, recorder.url), tmp_path, monkeypatch)
    assert type(raised.value).__name__ == "InternalServerError"
    assert len(recorder.requests) == 1


def test_the_package_has_no_way_to_another_route() -> None:
    assert snippets.write_openai(json_call("x", path=GENERATIONS.create), GENERATIONS, "http://gateway") is None


# --- the key -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [json_call, data_url_call, form_call])
def test_the_key_is_only_ever_the_environment_variable(
    make: Callable[[str], Call], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAILIES_API_KEY", KEY)
    call = make("x")
    texts = [snippets.write_curl(call, "http://gw"), snippets.write_httpx(call, "http://gw")]
    texts.append(snippets.write_openai(call, VIDEOS, "http://gw") or "")
    assert [(text.count("DAILIES_API_KEY"), KEY in text) for text in texts] == [(1, False)] * 3


def test_a_base_url_is_quoted() -> None:
    assert "curl 'http://gw/$(id)/v1/videos'" in snippets.write_curl(json_call("x"), "http://gw/$(id)")
