"""The app as a separate process on the embedded sandbox, and a real Chromium."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, expect, sync_playwright

from tests.browser.chromium import ARGUMENTS, executable
from tests.conformance.conftest import sandbox_process

PATIENCE = 120_000
"""Milliseconds before any wait fails: a busy machine is slow, not wrong."""

expect.set_options(timeout=PATIENCE)

FOREIGN, REBOUND = "foreign.test", "rebound.test"
"""Names of other sites, which this browser finds at this machine."""

KEPT = "local_storage,indexeddb,service_workers,cache_storage,file_systems"
"""What a page may have left at its origin, besides cookies."""

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

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent

FROM_HERE = (sys.executable, "-m", "streamlit", "run", "app.py")


@dataclass
class App:
    """A running app: its address, its home, and its process; the address of its sandbox, if that stands alone."""

    url: str
    home: Path
    process: subprocess.Popen[bytes]
    log: Path
    sandbox: str = ""

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_app(
    home: Path, port: int, address: str = "127.0.0.1", *, command: Sequence[str] = FROM_HERE, **environ: str
) -> App:
    """Start the app and wait until it answers. `command` takes the options of Streamlit."""
    log = home.parent / f"{home.name}-{port}.log"
    variables = {k: v for k, v in os.environ.items() if not k.startswith("DAILIES_")}
    quick = {"DAILIES_SANDBOX_SECONDS": "0.3", "DAILIES_SANDBOX_FRAME_RATE": "6"}
    variables |= {"DAILIES_HOME": str(home), **quick, **environ}
    options = ["--server.port", str(port), "--server.headless", "true", "--server.address", address]
    folder = ROOT if command is FROM_HERE else home.parent
    with log.open("ab") as out:
        process = subprocess.Popen([*command, *options], cwd=folder, env=variables, stdout=out, stderr=out)
    url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 120
    with httpx.Client() as client:
        while time.monotonic() < deadline:
            assert process.poll() is None, log.read_text()
            try:
                if client.get(f"{url}/_stcore/health").status_code == 200:
                    return App(url, home, process, log)
            except httpx.TransportError:
                time.sleep(0.05)
    raise AssertionError(f"the app did not start:\n{log.read_text()}")


def at_rest(page: Page) -> None:
    """Wait until no script runs: until then the page may show old elements, and may drop a press."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest tests, those of whole pages: all processes wait for one that begins last."""
    items.sort(key=lambda item: (item.path.parent != FOLDER) + (FOLDER not in item.path.parents))


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app that all tests share which need none of their own; its sandbox counts the creates.

    Whatever the tests do with it, neither it nor its sandbox may reach for another machine.
    """
    folder = tmp_path_factory.mktemp("app")
    (folder / "sitecustomize.py").write_text(WATCH)
    log = folder / "hosts.txt"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.fspath(folder))
        patch.setenv("WATCH_LOG", os.fspath(log))
        with sandbox_process(folder / "sandbox", 0.3, "--frame-rate", "6") as url:
            running = start_app(folder / "home", free_port(), DAILIES_SANDBOX_URL=url)
            patch.undo()
            running.sandbox = url
            yield running
            running.kill()
    reached = log.read_text().split()
    assert "127.0.0.1" in reached  # the app calls its sandbox
    assert set(reached) <= HERE


@pytest.fixture(scope="session")
def open_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app on every address of this machine, for everybody who can reach it."""
    home = tmp_path_factory.mktemp("open") / "home"
    running = start_app(home, free_port(), DAILIES_OPEN="1", address="0.0.0.0")
    yield running
    running.kill()


@pytest.fixture(scope="session")
def playwright_session() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright_session: Playwright) -> Iterator[Browser]:
    rules = f"--host-resolver-rules=MAP {FOREIGN} 127.0.0.1, MAP {REBOUND} 127.0.0.1"
    launched = playwright_session.chromium.launch(executable_path=executable(), args=[*ARGUMENTS, rules])
    yield launched
    launched.close()


@pytest.fixture(scope="session")
def visit(browser: Browser) -> Iterator[tuple[BrowserContext, set[str]]]:
    """What every `page` is opened in, so that the scripts of Streamlit are fetched once; the origins it has seen."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context, set()
    context.close()


@pytest.fixture
def page(visit: tuple[BrowserContext, set[str]]) -> Iterator[Page]:
    """A new page of a browser that was nowhere before.

    The test fails if a script throws, the policy blocks something, or a request goes elsewhere.
    """
    context, origins = visit
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    forget(context, opened, origins)
    thrown: list[str] = []
    asked: set[str] = set()

    def note(request: Request) -> None:
        address = urlsplit(request.url)
        asked.add(address.hostname or "")
        origins.add(f"{address.scheme}://{address.netloc}")

    context.on("request", note)
    opened.on("websocket", lambda socket: asked.add(urlsplit(socket.url).hostname or ""))
    opened.on("pageerror", lambda error: thrown.append(str(error)))
    opened.on("console", lambda said: thrown.append(said.text) if "Content Security Policy" in said.text else None)
    yield opened
    for each in context.pages:
        each.close()
    context.remove_listener("request", note)
    assert thrown == []
    assert {host for host in asked - HERE if not host.endswith(".test")} == set()  # such a name is nobody's


def forget(context: BrowserContext, page: Page, origins: set[str]) -> None:
    """Leave nothing of an earlier visit but the cache."""
    context.clear_cookies()
    session = context.new_cdp_session(page)
    for origin in origins:
        session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": KEPT})
    session.detach()
    origins.clear()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three different pictures of 1280 x 720 pixels."""
    folder = tmp_path_factory.mktemp("pictures")
    paths = []
    for number, colour in enumerate(((180, 80, 50), (40, 110, 160), (60, 140, 80)), start=1):
        picture = Image.new("RGB", (1280, 720), colour)
        ImageDraw.Draw(picture).ellipse((200 * number, 100, 200 * number + 400, 500), fill="white")
        paths.append(folder / f"picture-{number}.png")
        picture.save(paths[-1])
    return paths


def open_details(page: Page) -> None:
    """Open the details of the first run on a page."""
    page.get_by_role("button", name="More").first.click()
    page.get_by_text("Details", exact=True).first.click()
