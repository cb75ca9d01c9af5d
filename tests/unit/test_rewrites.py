"""Prompts in other words: over real HTTP against the sandbox and odd servers, and the answers alone."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
import uvicorn

from dailies.errors import DailiesError
from dailies.gateway import chat
from dailies.gateway.addresses import Reach, service
from dailies.gateway.answer import Answer
from dailies.gateway.client import Client
from dailies.rewriting import Kind, Rewrite, Tokens, compare
from dailies.work.rewrites import Ask, Rewrites
from sandbox.app import create_app
from tests.unit.test_doctor import HTML, JSON, site

KEY = "sk-very-secret-1234567890"
BOAT = "A paper boat crosses a puddle"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    config = uvicorn.Config(create_app(tmp_path_factory.mktemp("sandbox")), port=0, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    ready, startup = threading.Event(), server.startup

    async def started(sockets: object = None) -> None:
        await startup()
        ready.set()

    server.startup = started  # type: ignore[assignment]
    thread.start()
    assert ready.wait(30)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(30)


def client(url: str, key: str = KEY) -> Client:
    return Client(url, lambda handle: key, lambda digest: b"", Reach(frozenset({service(url)})))


def asked(url: str, kind: Kind = Kind.IMPROVE, prompt: str = BOAT, most: int | None = None, **more: float) -> str:
    gateway = client(url)
    try:
        return chat.rewrite(gateway, "", "writer", kind, prompt, most, **more).after
    finally:
        gateway.close()


# --- the sandbox -------------------------------------------------------------------------------------------------


def test_the_sandbox_improves_a_prompt_by_what_it_lacks_and_always_alike(sandbox: str) -> None:
    after = asked(sandbox)
    assert after == asked(sandbox)
    assert after.startswith(f"{BOAT}, ")
    assert "light" in after
    assert asked(sandbox, prompt="Neon rain, handheld camera, wind") == "Neon rain, handheld camera, wind"
    assert asked(sandbox, prompt="一只纸船。").endswith("。")


def test_the_sandbox_keeps_to_the_limit_that_it_is_told(sandbox: str) -> None:
    assert asked(sandbox, most=len(BOAT) + 5) == BOAT


@pytest.mark.parametrize(("kind", "mark"), [(Kind.ENGLISH, "[English] "), (Kind.CHINESE, "[Chinese] ")])
def test_the_sandbox_marks_a_translation(sandbox: str, kind: Kind, mark: str) -> None:
    assert asked(sandbox, kind) == f"{mark}{BOAT}"


def test_the_sandbox_refuses_what_no_chat_route_takes(sandbox: str) -> None:
    gateway = client(sandbox)
    assert gateway.ask(chat.PATH, {"model": "writer", "messages": []}).status == 400
    assert gateway.ask(chat.PATH, {"messages": [{"role": "user", "content": "x"}]}).status == 400
    assert gateway.ask(chat.PATH, chat.build_body("w", Kind.IMPROVE, "x", None) | {"stream": True}).status == 400
    gateway.close()


# --- servers that refuse -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "headers", "body", "words"),
    [
        (404, JSON, '{"detail": "Not Found"}', "has no chat route"),
        (405, JSON, "{}", "has no chat route"),
        (401, JSON, '{"error": {"message": "Invalid token"}}', "Open Settings and check the key."),
        (402, JSON, '{"error": {"message": "No balance"}}', "another key in Settings"),
        (429, JSON, '{"error": {"message": "Too many"}}', "Wait a moment, then press again."),
        (503, JSON, '{"error": {"code": "model_not_found", "message": "none"}}', "Choose another chat model"),
        (200, HTML, "<!doctype html><h1>Welcome</h1>", "A web page answered instead"),
        (200, JSON, "", "Press again"),
        (200, JSON, '{"error": {"message": "context too long"}}', "context too long"),
        (500, HTML, "<h1>Bad gateway</h1>", "Press again"),
    ],
)
def test_a_refusal_is_a_sentence_with_a_next_step(status: int, headers: dict[str, str], body: str, words: str) -> None:
    with site({chat.PATH: (status, headers, body)}) as odd, pytest.raises(DailiesError, match=words) as told:
        asked(odd.url)
    assert KEY not in str(told.value)
    assert len(odd.requests) == 1


@pytest.mark.parametrize(
    ("status", "body", "charged"),
    [
        (
            200,
            {"choices": [{"message": {"content": "A"}}], "usage": {"prompt_tokens": 9, "completion_tokens": 4}},
            (9, 4),
        ),
        (
            200,
            {"choices": [{"message": {"content": "I'm sorry"}}], "usage": {"input_tokens": 9, "output_tokens": 0}},
            (9, 0),
        ),
        (200, {"choices": [{"message": {"content": "A"}}], "usage": {"prompt_tokens": "many"}}, None),
        (200, {"error": {"message": "context too long"}}, ()),
        (401, {"error": {"message": "Invalid token"}}, ()),
        (502, {"choices": []}, None),
    ],
)
def test_what_is_charged_is_told_with_its_tokens(status: int, body: object, charged: tuple[int, int] | None) -> None:
    told: list[Tokens | None] = []
    with site({chat.PATH: (status, JSON, json.dumps(body))}) as odd, contextlib.suppress(DailiesError):
        gateway = client(odd.url)
        try:
            chat.rewrite(gateway, "", "writer", Kind.IMPROVE, BOAT, charged=told.append)
        finally:
            gateway.close()
    assert told == ([] if charged == () else [None if charged is None else Tokens(*charged)])


def test_a_server_that_never_answers_meets_the_deadline() -> None:
    with site({}, silent=True) as odd, pytest.raises(DailiesError, match="may have been charged"):
        asked(odd.url, patience=0.2)


def test_without_a_key_nothing_is_sent() -> None:
    with site({}) as odd, pytest.raises(DailiesError, match="Open Settings"):
        gateway = client(odd.url, "")
        try:
            chat.rewrite(gateway, "", "writer", Kind.IMPROVE, BOAT)
        finally:
            gateway.close()
    assert odd.requests == []


# --- odd answers -------------------------------------------------------------------------------------------------


def reply(content: object, **more: object) -> Answer:
    choice = {"message": {"role": "assistant", "content": content}, "finish_reason": "stop"} | more
    return Answer(200, json.dumps({"choices": [choice]}), dict(JSON), False)


@pytest.mark.parametrize(
    "content",
    [
        "A boat at dawn",
        "  A boat at dawn\n",
        '"A boat at dawn"',
        "“A boat at dawn”",
        "「A boat at dawn」",
        "```\nA boat at dawn\n```",
        "```text\nA boat at dawn\n```",
        "Here is the improved prompt:\n\n```text\nA boat at dawn\n```\nEnjoy!",
        "**Improved prompt:** A boat at dawn",
        "Sure! Here's a better prompt:\n\n“A boat at dawn”",
        "改进后的提示词：A boat at dawn",
        "<think>The user wants a boat.\n\nMore.</think>\n\nA boat at dawn",
        "The user wants a boat.\n</think>A boat at dawn",
        [{"type": "reasoning", "text": "hm"}, {"type": "text", "text": "A boat at dawn"}],
        {"prompt": "A boat at dawn"},
    ],
)
def test_what_stands_around_a_prompt_is_taken_off(content: object) -> None:
    assert chat.read_answer(reply(content), BOAT) == "A boat at dawn"


@pytest.mark.parametrize(
    "prompt", ['She says "go", he "no"', '"Go" or "no"', "Prompt engineers dance", "It's {red|blue}"]
)
def test_what_belongs_to_a_prompt_stays(prompt: str) -> None:
    assert chat.strip(prompt) == prompt


def test_a_prompt_that_is_json_stays_json() -> None:
    scene = '{"scene": "a boat", "camera": "wide"}'
    assert chat.read_answer(reply(scene), BOAT) == scene


def test_an_event_stream_is_joined() -> None:
    pieces = [{"choices": [{"delta": {"content": part}}]} for part in ("A boat", " at", " dawn")]
    stream = ": hello\n\n" + "".join(f"data: {json.dumps(piece)}\n\n" for piece in pieces) + "data: [DONE]\n\n"
    assert chat.read_answer(Answer(200, stream, {}, False), BOAT) == "A boat at dawn"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply(""), "answered with nothing"),
        (reply(None), "answered with nothing"),
        (reply("<think>only this"), "only its reasoning"),
        (reply("I'm sorry, but I can't help with that."), "declined and says: I'm sorry"),
        (reply("抱歉，我无法完成。"), "declined"),
        (reply(None, message={"refusal": "Not this."}), "Not this."),
        (reply("", finish_reason="content_filter"), "declined"),
        (reply("A boat at", finish_reason="length"), "cut off"),
        (reply("x" * 20_001), "which is no prompt"),
        (Answer(200, '{"choices": [7]}', {}, False), "cannot be read"),
        (Answer(200, '{"choices": [{"message": 3}]}', {}, False), "nothing"),
    ],
)
def test_what_is_no_prompt_is_said(answer: Answer, words: str) -> None:
    with pytest.raises(DailiesError, match=words):
        chat.read_answer(answer, BOAT)


# --- in the background -------------------------------------------------------------------------------------------


def ask(prompt: str = BOAT) -> Ask:
    return Ask("g", "", "", "writer", Kind.IMPROVE, prompt)


class Slow:
    """A chat model that answers when it is let, and counts."""

    def __init__(self) -> None:
        self.go, self.told, self.calls = threading.Event(), threading.Event(), 0
        self.rewrites = Rewrites(self.rewrite, self.told.set, self.admit)

    def admit(self, asked: Ask) -> None:
        if asked.owner == "spent":
            raise DailiesError("The budget is spent.")

    def rewrite(self, asked: Ask) -> Rewrite:
        self.calls += 1
        assert self.go.wait(10)
        if asked.prompt == "bad":
            raise DailiesError("No. Press again.")
        if asked.prompt == "broken":
            raise ValueError("a bug")
        return Rewrite(asked.kind, asked.model, asked.prompt, f"{asked.prompt}, at dawn")

    def end(self) -> None:
        self.go.set()
        assert self.told.wait(10)


def test_a_double_press_is_one_call_and_nobody_waits() -> None:
    slow = Slow()
    assert slow.rewrites.start("b", "veo", ask(), "press")
    assert not slow.rewrites.start("b", "veo", ask(), "press")
    assert not slow.rewrites.start("b", "veo", ask(), "another")
    stand = slow.rewrites.find("b", "veo")
    assert stand is not None
    assert stand.waits
    assert slow.rewrites.settle("b", "veo", used=True) is None
    with pytest.raises(DailiesError, match="another form"):
        slow.rewrites.start("b", "sora", ask(), "third")
    slow.end()
    assert not slow.rewrites.start("b", "veo", ask(), "press")  # a late double click
    assert slow.calls == 1


def test_what_the_gate_refuses_is_not_asked() -> None:
    slow = Slow()
    with pytest.raises(DailiesError, match="budget"):
        slow.rewrites.start("b", "veo", replace(ask(), owner="spent"), "press")
    assert (slow.calls, slow.rewrites.find("b", "veo")) == (0, None)


def test_only_a_rewrite_that_was_used_is_known_to_runs() -> None:
    slow = Slow()
    slow.rewrites.start("b", "veo", ask(), "press")
    slow.end()
    assert slow.rewrites.find_used("b", f"{BOAT}, at dawn") is None
    made = slow.rewrites.settle("b", "veo", used=True)
    assert made == Rewrite(Kind.IMPROVE, "writer", BOAT, f"{BOAT}, at dawn")
    assert slow.rewrites.find("b", "veo") is None
    assert slow.rewrites.find_used("b", f"{BOAT}, at dawn, slowly") == made  # edited since
    assert slow.rewrites.find_used("b", "Neon city at night") is None
    assert slow.rewrites.find_used("other", f"{BOAT}, at dawn") is None


@pytest.mark.parametrize(("prompt", "words"), [("bad", "No. Press again."), ("broken", "could not be read")])
def test_trouble_ends_the_waiting(prompt: str, words: str) -> None:
    slow = Slow()
    slow.rewrites.start("b", "veo", ask(prompt), "press")
    slow.end()
    stand = slow.rewrites.find("b", "veo")
    assert stand is not None
    assert words in stand.trouble
    assert slow.rewrites.settle("b", "veo", used=True) is None
    assert slow.rewrites.start("b", "veo", ask(), "again")


# --- the difference ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "gone", "new"),
    [
        ("a red boat", "a blue boat", ["red"], ["blue"]),
        ("一只纸船", "一只大纸船", [], ["大"]),
        ("same", "same", [], []),
        ("", "new", [], ["new"]),
        ("x " * 3_000, "y", ["x " * 3_000], ["y"]),
    ],
)
def test_the_difference_names_what_went_and_came(before: str, after: str, gone: list[str], new: list[str]) -> None:
    left, right = compare(before, after)
    assert "".join(piece.text for piece in left) == before
    assert "".join(piece.text for piece in right) == after
    assert [piece.text for piece in left if piece.changed] == gone
    assert [piece.text for piece in right if piece.changed] == new
