"""While the sandbox is in use nothing leaves this machine: neither from the browser nor from the server's processes."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import at_rest, free_port, open_details, start_app
from tests.browser.test_generate import assert_plays, generate

pytestmark = pytest.mark.browser

HERE = {"127.0.0.1", "localhost", "::1", ""}  # without a host: data and blob addresses

# Read by every Python process of the app, the sandbox included, as it starts.
WATCH = """
import os, sys

def note(event, arguments):
    if event == "socket.connect" or event == "socket.sendto":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else "127.0.0.1"
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    with open(os.environ["WATCH_LOG"], "a") as log:
        log.write(f"{host.decode() if isinstance(host, bytes) else host}\\n")

sys.addaudithook(note)
"""


def test_no_request_leaves_this_machine(page: Page, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(WATCH)
    log = tmp_path / "hosts.txt"
    app = start_app(tmp_path / "home", free_port(), PYTHONPATH=os.fspath(tmp_path), WATCH_LOG=os.fspath(log))
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    try:
        page.goto(app.url)
        at_rest(page)
        page.goto(f"{app.url}/sora")
        at_rest(page)
        generate(page, "A paper boat")
        assert_plays(page, 4)
        open_details(page)
        at_rest(page)
        with sqlite3.connect(app.home / "dailies.db") as database:
            ((run,),) = database.execute("SELECT id FROM runs").fetchall()
        for path in ("compare", "library", "settings", f"present?r={run}"):
            page.goto(f"{app.url}/{path}")
            if path.startswith("present"):
                expect(page.locator("video").first).to_be_visible()
            else:
                at_rest(page)
    finally:
        app.kill()
    hosts = [urlsplit(url).hostname or "" for url in asked]
    assert len(hosts) > 50
    assert [url for url, host in zip(asked, hosts, strict=True) if host not in HERE] == []
    reached = log.read_text().split()
    assert "127.0.0.1" in reached  # the app calls its sandbox
    assert set(reached) <= HERE
