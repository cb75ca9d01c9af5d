"""A key with a mark on it, from the field in which it is typed: it goes to the server once and never comes back.

tests/pages/test_key_marker.py follows it through whole runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, WebSocket, expect

from tests.browser.conftest import App, at_rest
from tests.unit.echoing import KEY, MARK, echoing

pytestmark = pytest.mark.browser


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
def test_a_key_is_typed_once_and_nowhere_else(app: App, page: Page, tmp_path: Path) -> None:
    mark = MARK.encode()
    sent: list[bytes] = []
    received: list[bytes] = []

    def note(frames: list[bytes], payload: str | bytes) -> None:
        frames.append(payload.encode() if isinstance(payload, str) else payload)

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda payload: note(sent, payload))
        socket.on("framereceived", lambda payload: note(received, payload))

    page.on("websocket", listen)
    with echoing(tmp_path) as gateway:
        page.goto(f"{app.url}/settings")
        at_rest(page)
        page.get_by_text("Another address", exact=True).click()
        page.get_by_label("Base URL").fill(gateway.url)
        page.get_by_label("Key", exact=True).fill(KEY)
        page.get_by_role("button", name="Use this gateway").click()
        expect(page.get_by_role("button", name="Forget my key")).to_be_visible()
        # The field's text travels from the browser to the server: there is no other way for it to arrive.
        assert [frame for frame in sent if mark in frame]
        at_rest(page)
        shown = page.content()
        sent.clear()
        page.get_by_role("link", name="Sora", exact=True).click()
        page.get_by_label("Prompt", exact=True).fill("A prompt with a key behind it")
        at_rest(page)
        page.get_by_role("button", name="Generate").click()
        expect(page.get_by_text("[key]").first).to_be_visible()
        (create,) = [seen for seen in gateway.seen if (seen.method, seen.path) == ("POST", "/v1/videos")]
        assert create.headers["authorization"] == f"Bearer {KEY}"
        at_rest(page)
        shown += page.content()
    with httpx.Client() as client:
        shown += client.get(f"{app.url}/present").text
    shown += str(page.context.cookies()) + page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert MARK not in shown
    assert received
    assert not [frame for frame in (*sent, *received) if mark in frame]
    for folder in processes(app.process.pid):
        assert mark not in read(folder / "cmdline") + read(folder / "environ")
    kept = b"".join(read(path) for path in app.home.rglob("*") if path.is_file())
    assert b"A prompt with a key behind it" in kept
    assert mark not in kept + app.log.read_bytes()
