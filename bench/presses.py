"""`python -m bench.presses`: how often one press is one paid call, in so many rounds of every way to press.

Each round presses a button of a running app in a real browser, waits until no run is open, and counts the creates at
the sandbox. A page that is reloaded right after the press may also have sent nothing; two tabs are two presses.
A round whose button never comes is printed with what its page says, and kept as a picture in the folder `PICTURES`.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright
from playwright.sync_api import TimeoutError as Late

from dailies.store import Store
from tests.browser.chromium import ARGUMENTS, executable
from tests.browser.conftest import at_rest, free_port, start_app
from tests.browser.press.presses import PRESSES, Counted
from tests.browser.press.test_comparisons import compose, hold_keys, lay_out
from tests.conformance.conftest import sandbox_process

Way = Callable[[Page, Locator], None]


def reload(page: Page, button: Locator) -> None:
    button.click()
    page.reload()


def leave(page: Page, button: Locator) -> None:
    button.click()
    page.get_by_role("link", name="Settings", exact=True).click()


WAYS: dict[str, Way] = PRESSES | {"reload right after": reload, "another page right after": leave}


def on_family(page: Page, url: str, prompt: str) -> Locator:
    page.goto(f"{url}/sora")
    at_rest(page)
    page.get_by_label("Prompt", exact=True).fill(prompt)
    at_rest(page)
    return page.get_by_role("button", name="Generate")


def on_card(page: Page, url: str, prompt: str) -> Locator:
    """A failed run of this prompt, and its button."""
    on_family(page, url, f"{prompt} #fail").click()
    card = page.locator("[class*='st-key-run-']").filter(has_text=prompt).first
    again = card.get_by_role("button", name="Send again").first
    again.wait_for()
    at_rest(page)
    page.wait_for_timeout(2200)  # a press right after the first one would be its double click
    return again


PLACES: dict[str, tuple[Callable[[Page, str, str], Locator], int, int]] = {
    # how to get there, creates of one press, creates that were made on the way
    "family page": (on_family, 1, 0),
    "Compare": (compose, 2, 0),
    "Plan": (lay_out, 2, 0),
    "Send again": (on_card, 1, 1),
}


def count(counted: Counted, store: Store, prompt: str, expected: int) -> int:
    """Count the creates of a prompt once its runs have ended, and give more of them a second to come."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = store.runs.list(search=prompt)  # a word of it may also be the beginning of an id
        runs = [run for run in found if prompt in run.request.prompt]
        if len(runs) >= expected and not any(run.state.open for run in runs):
            break
        time.sleep(0.05)
    time.sleep(0.3)
    return counted.creates(prompt)


def try_once(browser: Browser, counted: Counted, store: Store, place: str, way: str, number: int) -> bool:
    go, one, before = PLACES[place]
    prompt = f"Round {number}, {place.lower()}, {way}:"
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    try:
        button = go(page, counted.app.url, prompt)
        press = hold_keys if way == "held Ctrl+Enter" and place in ("Plan", "Send again") else WAYS[way]
        press(page, button)
    except Late as error:
        print(f"  {place}, {way}: nothing to press. {error}\n{page.locator('body').inner_text()[:2000]}", flush=True)
        if where := os.environ.get("PICTURES"):
            page.screenshot(path=f"{where}/round-{number}.png", full_page=True)
        context.close()
        return False
    allowed = {before + one} | ({before} if way == "reload right after" else set())
    made = count(counted, store, prompt, min(allowed))
    context.close()
    if made not in allowed:
        print(f"  {place}, {way}: {made} creates instead of {allowed}", flush=True)
    return made in allowed


def try_tabs(browser: Browser, counted: Counted, store: Store, number: int) -> bool:
    prompt = f"Round {number} of two tabs"
    context = browser.new_context()
    pages = [context.new_page(), context.new_page()]
    buttons = [on_family(page, counted.app.url, prompt) for page in pages]
    for button in buttons:
        button.click(no_wait_after=True)
    made = count(counted, store, prompt, 2)
    context.close()
    return made == 2


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    places = sys.argv[2:] or list(PLACES)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder)
        with sandbox_process(home / "sandbox", 0.1, "--frame-rate", "2") as url:
            app = start_app(home / "home", free_port(), DAILIES_SANDBOX_URL=url)
            store = Store(home / "home")
            browser = playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
            counted = Counted(app, url)
            for place in places:
                for way in WAYS:
                    good = sum(try_once(browser, counted, store, place, way, number) for number in range(rounds))
                    print(f"{place:<12} {way:<26} {good} of {rounds}", flush=True)
            good = sum(try_tabs(browser, counted, store, number) for number in range(rounds))
            print(f"{'family page':<12} {'two tabs at once':<26} {good} of {rounds}", flush=True)
            browser.close()
            store.close()
            app.kill()


if __name__ == "__main__":
    main()
