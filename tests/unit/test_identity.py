"""The cookie that names a browser: it comes with the first page, also to a browser that has kept the page only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.datastructures import Headers
from starlette.staticfiles import StaticFiles
from starlette.types import Message

from components.server.identity import Remember
from dailies.signing import Signer

Ask = Callable[..., tuple[int, Headers]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """`ask("/", cookie=…)`: the status and the headers of an answer."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("<h1>Dailies</h1>")
    (tmp_path / "site" / "script.js").write_text("1")
    signer = Signer(tmp_path / "home")
    app = Remember(StaticFiles(directory=tmp_path / "site", html=True), lambda: signer)

    def asked(path: str, **headers: str) -> tuple[int, Headers]:
        given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": "GET", "path": path, "scheme": "http", "headers": given}
        sent: list[Message] = []

        async def receive() -> Message:
            await asyncio.Event().wait()  # the caller stays until the answer is whole
            raise AssertionError

        async def send(message: Message) -> None:
            sent.append(message)

        asyncio.run(app(scope, receive, send))
        return sent[0]["status"], Headers(raw=sent[0]["headers"])

    return asked


def test_the_first_page_brings_a_cookie_that_is_known_again(ask: Ask) -> None:
    status, headers = ask("/")
    cookie = headers["set-cookie"].partition(";")[0]
    assert status == 200
    assert "httponly" in headers["set-cookie"].lower()
    assert "set-cookie" not in ask("/", cookie=cookie)[1]
    assert "set-cookie" not in ask("/script.js")[1]


@pytest.mark.parametrize("cookie", ["", "dailies_browser=of-another-home"])
def test_a_page_that_a_browser_has_kept_comes_again_with_a_cookie(ask: Ask, cookie: str) -> None:
    _, first = ask("/")
    kept = {"if_none_match": first["etag"], "if_modified_since": first["last-modified"]}
    status, headers = ask("/", cookie=cookie, **kept)
    assert (status, "set-cookie" in headers) == (200, True)
    status, headers = ask("/", cookie=first["set-cookie"].partition(";")[0], **kept)
    assert (status, "set-cookie" in headers) == (304, False)
