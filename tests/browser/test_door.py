"""What a foreign page can do to an app on this machine, in Chromium: link to it, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import FOREIGN, REBOUND, App, at_rest

pytestmark = pytest.mark.browser

# Each resolves to what the foreign page got to know or see; "refused" is what it should be.
OPEN_A_SOCKET = """url => new Promise(done => {
    const socket = new WebSocket(url)
    socket.onopen = () => done("opened")
    socket.onmessage = () => done("told")
    socket.onerror = () => done("refused")
})"""
LOAD_A_PICTURE = """url => new Promise(done => {
    const picture = new Image()
    picture.onload = () => done("shown")
    picture.onerror = () => done("refused")
    picture.src = url
})"""
READ = "url => fetch(url).then(answer => answer.text(), () => 'refused')"


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<h1>Foreign</h1>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def neighbour() -> Iterator[int]:
    """The port of another server on this machine, under whatever name."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def outside(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture(params=[FOREIGN, "127.0.0.1"])
def foreign(outside: Page, neighbour: int, request: pytest.FixtureRequest) -> Page:
    """A page of another site, and one of another server on this machine: cookies do not tell ports apart."""
    outside.goto(f"http://{request.param}:{neighbour}/")
    return outside


def socket_of(app: App, path: str) -> str:
    return f"ws://{urlsplit(app.url).netloc}{path}"


@pytest.mark.parametrize("path", ["/live?since=0", "/_stcore/stream"])
def test_a_foreign_page_opens_no_socket(app: App, foreign: Page, path: str) -> None:
    assert foreign.evaluate(OPEN_A_SOCKET, socket_of(app, path)) == "refused"


def test_the_own_page_opens_the_socket_with_any_revision(app: App, page: Page) -> None:
    page.goto(f"{app.url}/favicon.png")  # any page of the same origin
    for since in ("0", "-1", "junk", "9" * 5000, ""):
        found = page.evaluate(OPEN_A_SOCKET, socket_of(app, f"/live?since={since}"))
        assert found in ("opened", "told"), since


def test_a_foreign_page_frames_nothing(app: App, foreign: Page) -> None:
    for path in ("/", "/present?c=x"):
        foreign.set_content(f"<iframe src='{app.url}{path}'></iframe>")
        foreign.wait_for_load_state("networkidle")
        frame = foreign.frames[1]
        assert "root" not in frame.content()
        assert "comparison" not in frame.content()


def test_a_foreign_page_reads_shows_and_changes_nothing(app: App, foreign: Page) -> None:
    assert foreign.evaluate(READ, f"{app.url}/") == "refused"
    assert foreign.evaluate(LOAD_A_PICTURE, f"{app.url}/favicon.png") == "refused"
    foreign.set_content(f"<form method=post action='{app.url}/_stcore/agent/interact'><button>Go</button></form>")
    with foreign.expect_navigation() as went:
        foreign.get_by_role("button", name="Go").click()
    assert went.value is not None
    assert went.value.status == 403


@pytest.mark.parametrize("foreign", [FOREIGN], indirect=True)
def test_a_link_from_a_foreign_page_works(app: App, foreign: Page) -> None:
    foreign.set_content(f"<a href='{app.url}/library'>Library</a>")
    foreign.get_by_role("link", name="Library").click()
    expect(foreign.get_by_role("heading", name="Library", exact=True)).to_be_visible()


def test_a_name_that_was_pointed_here_is_not_served(app: App, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    port = urlsplit(app.url).port
    answer = page.goto(f"http://{REBOUND}:{port}/")
    assert answer is not None
    assert answer.status == 421
    assert "root" not in page.content()
    for path in ("/live", "/_stcore/stream"):
        assert page.evaluate(OPEN_A_SOCKET, f"ws://{REBOUND}:{port}{path}") == "refused"
    context.close()


@pytest.mark.thorough  # tests/pages/test_shell.py draws it
def test_every_page_says_that_an_installation_is_open(app: App, open_app: App, page: Page) -> None:
    said = page.get_by_text("everybody who can reach this address can see every run")
    for path in ("/", "/library", "/settings", "/compare"):
        page.goto(f"{open_app.url}{path}")
        expect(said).to_be_visible()
    assert "External URL" not in open_app.log.read_text()
    page.goto(app.url)
    at_rest(page)
    expect(said).to_have_count(0)
