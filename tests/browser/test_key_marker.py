"""A key with a mark on it, followed through a whole run: it leaves in one header and is found nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, WebSocket, expect

from tests.browser.conftest import App, at_rest, free_port, open_details, start_app
from tests.browser.test_remembered import OPERATOR, enter_key, opened
from tests.unit.conftest import Answer, Gateway, _Server, film
from tests.unit.workers import SOON

pytestmark = pytest.mark.browser

MARK = "marked-7f3a91c2"
KEY = f"sk-{MARK}"
COMPLAINT = {"error": {"message": f"Incorrect API key provided: {KEY}", "type": "x", "code": "moderation"}}


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway that repeats the key in everything it says: first in a refusal, then in the replies about a clip."""
    server = _Server()
    with server.scripted() as script:
        script.answer("GET", "/v1/models", Answer({"object": "list", "data": [{"id": "sora-2", "object": "model"}]}))
        task = {
            "id": "t1",
            "status": "completed",
            "video_url": f"{script.url}/v.mp4",
            "user": KEY,
            "note": f"Bearer {KEY}",
        }
        script.answer("POST", "/v1/videos", Answer(COMPLAINT, 400), Answer(task | {"status": "queued"}, headers=SOON))
        script.answer("GET", "/v1/videos/t1", Answer(task))
        script.answer("GET", "/v.mp4", Answer(film(tmp_path / "clip.mp4", sound=True).read_bytes()))
        yield script
    server.close()


def processes(root: int) -> Iterator[Path]:
    """The folder in /proc of a process and of everything it started."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                stat = (folder / "stat").read_text()
            except OSError:  # it has ended
                continue
            parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(folder.name))
    waiting = [root]
    while waiting:
        now = waiting.pop()
        waiting += parents.get(now, [])
        yield Path("/proc") / str(now)


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks into /proc")
def test_a_key_is_in_the_header_and_nowhere_else(gateway: Gateway, browser: Browser, tmp_path: Path) -> None:
    app: App = start_app(tmp_path / "home", free_port(), DAILIES_BASE_URL=gateway.url, DAILIES_API_KEY=OPERATOR)
    context = browser.new_context()
    page = opened(context)
    sent: list[bytes] = []
    received: list[bytes] = []

    def note(frames: list[bytes], payload: str | bytes) -> None:
        frames.append(payload.encode() if isinstance(payload, str) else payload)

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda payload: note(sent, payload))
        socket.on("framereceived", lambda payload: note(received, payload))

    page.on("websocket", listen)
    shown: list[str] = []
    try:
        enter_key(page, app, KEY)
        # The field's text travels from the browser to the server: there is no other way for it to arrive.
        typed = [frame for frame in sent if MARK.encode() in frame]
        assert typed
        at_rest(page)
        shown.append(page.content())
        sent.clear()
        page.goto(f"{app.url}/sora")
        page.get_by_label("Prompt", exact=True).fill("A prompt with a key behind it")
        at_rest(page)
        page.get_by_role("button", name="Generate").click()
        gateway.wait_for("POST")
        (create,) = [seen for seen in gateway.seen if seen.method == "POST"]
        assert create.headers["authorization"] == f"Bearer {KEY}"
        assert MARK not in f"{create.body!r}{create.path}"
        expect(page.get_by_text("[key]").first).to_be_visible()
        shown.append(page.content())
        at_rest(page)
        open_details(page)
        page.get_by_text("The gateway's last answer").wait_for()
        shown.append(page.content())
        page.get_by_text("Request: POST").first.click()
        page.get_by_text("stands for the key").wait_for()
        shown.append(page.content())
        page.get_by_label("Prompt", exact=True).fill("A clip with a key behind it")
        at_rest(page)
        page.get_by_role("button", name="Generate").click()
        gateway.wait_for("POST", times=2)
        expect(page.locator("video")).not_to_have_count(0)
        at_rest(page)
        open_details(page)
        page.get_by_text("Status word of the gateway").wait_for()
        shown.append(page.content())
        for name in ("Library", "Settings"):
            page.get_by_test_id("stSidebarNavLink").filter(has_text=name).click()
            expect(page.get_by_role("heading", level=1)).to_have_text(name)
            at_rest(page)
            shown.append(page.content())
        with httpx.Client() as client:
            shown.append(client.get(f"{app.url}/present").text)
        shown.append(str(context.cookies()) + page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})"))
        folders = list(processes(app.process.pid))
        for folder in folders:
            # The operator's own key comes in the environment of the app; a person's key never does.
            assert MARK.encode() not in read(folder / "cmdline") + read(folder / "environ")
            if folder.name != str(app.process.pid):
                assert OPERATOR.encode() not in read(folder / "cmdline") + read(folder / "environ")
    finally:
        app.kill()
        context.close()
    mark = MARK.encode()
    assert mark not in "".join(shown).encode()
    assert received
    assert not [frame for frame in (*sent, *received) if mark in frame]
    kept = b"".join(path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file())
    assert b"A prompt with a key behind it" in kept
    assert mark not in kept + app.log.read_bytes()
