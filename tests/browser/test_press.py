"""One press makes one paid call, however it is made: counted at the sandbox."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from components.press import PAUSE
from tests.browser.conftest import App, at_rest, free_port, start_app
from tests.conformance.conftest import sandbox_process

pytestmark = pytest.mark.browser

_numbers = itertools.count(1)


@dataclass
class Counted:
    """An app on a sandbox of its own, and the number of creates that the sandbox has seen."""

    app: App
    sandbox: str

    def creates(self) -> int:
        return len(httpx.get(urljoin(self.sandbox, "/sandbox/creates")).json())


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    folder = tmp_path_factory.mktemp("press")
    with sandbox_process(folder / "sandbox", 0.1, "--frame-rate", "2") as url:
        app = start_app(folder / "home", free_port(), DAILIES_SANDBOX_URL=url)
        yield Counted(app, url)
        app.kill()


def double(page: Page, button: Locator) -> None:
    button.dblclick()


def triple(page: Page, button: Locator) -> None:
    button.click(click_count=3)


def apart(milliseconds: int) -> Callable[[Page, Locator], None]:
    """Two clicks at one place with a pause between them, whatever the page does meanwhile."""

    def press(page: Page, button: Locator) -> None:
        box = button.bounding_box()
        assert box is not None
        place = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.click(*place)
        page.wait_for_timeout(milliseconds)
        page.mouse.click(*place)

    return press


def held(page: Page, button: Locator) -> None:
    page.get_by_label("Prompt", exact=True).focus()
    page.keyboard.down("Control")
    for _ in range(12):
        page.keyboard.down("Enter")  # a second `down` without an `up` is the repetition of a held key
    page.keyboard.up("Enter")
    page.keyboard.up("Control")


PRESSES = {"double click": double, "triple click": triple, "held Ctrl+Enter": held} | {
    f"two clicks {pause} ms apart": apart(pause) for pause in (150, 350, 600, 1000)
}


def settled(page: Page, prompt: str) -> None:
    """Wait until the run's card is there and no script runs."""
    expect(page.get_by_test_id("stCaptionContainer").get_by_text(prompt, exact=True).first).to_be_visible()
    at_rest(page)


@pytest.mark.parametrize("kind", PRESSES)
def test_one_press_is_one_paid_call(counted: Counted, page: Page, kind: str) -> None:
    page.goto(f"{counted.app.url}/sora")
    prompt, before = f"A boat, number {next(_numbers)}", counted.creates()
    page.get_by_label("Prompt", exact=True).fill(prompt)
    at_rest(page)
    PRESSES[kind](page, page.get_by_role("button", name="Generate"))
    settled(page, prompt)
    expect(page.locator("video")).not_to_have_count(0)
    assert counted.creates() - before == 1


def test_two_different_requests_pressed_quickly_are_two(counted: Counted, page: Page) -> None:
    page.goto(f"{counted.app.url}/sora")
    before = counted.creates()
    for prompt in (f"A boat, number {next(_numbers)}", f"A boat, number {next(_numbers)}"):
        page.get_by_label("Prompt", exact=True).fill(prompt)
        at_rest(page)
        page.get_by_role("button", name="Generate").click()
        settled(page, prompt)
    assert counted.creates() - before == 2


def test_the_same_request_pressed_later_is_another_take(counted: Counted, page: Page) -> None:
    page.goto(f"{counted.app.url}/sora")
    prompt, before = f"A boat, number {next(_numbers)}", counted.creates()
    page.get_by_label("Prompt", exact=True).fill(prompt)
    at_rest(page)
    generate = page.get_by_role("button", name="Generate")
    generate.click()
    settled(page, prompt)
    page.wait_for_timeout(1000 * PAUSE + 200)  # the pause that a person makes is what is tested
    generate.click()
    expect(page.get_by_test_id("stCaptionContainer").get_by_text(prompt, exact=True)).to_have_count(2)
    assert counted.creates() - before == 2
