"""`make bench`: what a page costs beside a bare one, and how long a finished clip takes to reach the screen."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import httpx
from playwright.sync_api import Browser, sync_playwright

from dailies.catalog.load import load
from dailies.store import Store
from dailies.vocabulary import Mode
from tests.browser.chromium import ARGUMENTS, executable
from tests.browser.conftest import free_port, start_app

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 8

# Notes when the first frame of the first video is on screen, in milliseconds since 1970.
WATCH = """
new MutationObserver(() => {
  const video = document.querySelector("video")
  if (video && !video.dataset.watched) {
    video.dataset.watched = "1"
    video.requestVideoFrameCallback(() => { window.firstFrame = performance.timeOrigin + performance.now() })
  }
}).observe(document, { childList: true, subtree: true })
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
        home = Path(folder) / "home"
        app = start_app(home, free_port(), DAILIES_SANDBOX_SECONDS="2")
        try:
            with bare_page() as bare:
                _cold_loads(browser, app.url, bare)
            _push(browser, app.url, home)
        finally:
            browser.close()
            app.process.terminate()
            app.process.wait()


def _cold_loads(browser: Browser, url: str, bare: str) -> None:
    page = f"{url}/{next(iter(load().families))}"
    seconds_to(browser, page, "textarea"), seconds_to(browser, bare, "input")  # the first load warms the servers
    pairs = [(seconds_to(browser, page, "textarea"), seconds_to(browser, bare, "input")) for _ in range(ROUNDS)]
    ours, other = median(p for p, _ in pairs), median(b for _, b in pairs)
    ratio = median(p / b for p, b in pairs)
    print(f"cold load of a family's page: {ours:.2f} s, of a bare page: {other:.2f} s, ratio {ratio:.2f}")


def _push(browser: Browser, url: str, home: Path) -> None:
    store, waits = Store(home), []
    # Another family each time, so that the page shows no older clip.
    for family in [name for name, family in load().families.items() if Mode.TEXT in family.support][:ROUNDS]:
        context = browser.new_context()
        context.add_init_script(WATCH)
        page = context.new_page()
        page.goto(f"{url}/{family}?mode={Mode.TEXT}")
        page.get_by_label("Prompt", exact=True).fill("A boat")
        page.get_by_role("button", name="Generate").click()
        page.wait_for_function("window.firstFrame", timeout=60_000)
        finished = store.runs.list("", limit=1)[0].finished
        assert finished is not None
        waits.append(page.evaluate("window.firstFrame") / 1000 - finished.timestamp())
        context.close()
    store.close()
    print(f"finished run stored to first frame on screen: median {median(waits):.2f} s, worst {max(waits):.2f} s")


def seconds_to(browser: Browser, url: str, selector: str) -> float:
    """Seconds from an empty browser context to the first sight of `selector`."""
    context = browser.new_context()
    page = context.new_page()
    start = time.perf_counter()
    page.goto(url)
    page.wait_for_selector(selector)
    taken = time.perf_counter() - start
    context.close()
    return taken


@contextmanager
def bare_page() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "bench" / "bare.py"), "--server.port", str(port)]
    command += ["--server.headless", "true", "--server.address", "127.0.0.1"]
    with subprocess.Popen(command, env=dict(os.environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as bare:
        url = f"http://127.0.0.1:{port}"
        while True:
            try:
                httpx.get(f"{url}/_stcore/health").raise_for_status()
                break
            except httpx.HTTPError:
                continue
        yield url
        bare.terminate()


if __name__ == "__main__":
    main()
