"""One press makes one paid call, however it is made: counted at the sandbox."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from components.press import PAUSE
from dailies.store import Store
from tests.browser.conftest import at_rest
from tests.browser.press.presses import PRESSES, Counted, check, new_prompt

pytestmark = pytest.mark.browser


def settled(page: Page, prompt: str) -> None:
    """Wait until the run's card is there and no script runs."""
    expect(page.get_by_test_id("stCaptionContainer").get_by_text(prompt, exact=True).first).to_be_visible()
    at_rest(page)


def press(counted: Counted, store: Store, page: Page, kind: str) -> None:
    """Send a new prompt from the page by a kind of press, and count its calls."""
    prompt = new_prompt("A boat")
    page.get_by_label("Prompt", exact=True).fill(prompt)
    at_rest(page)
    PRESSES[kind](page, page.get_by_role("button", name="Generate"))
    settled(page, prompt)
    check(counted, store, prompt, comparisons=0, runs=1)


def test_each_press_of_two_on_one_page_is_one_paid_call(counted: Counted, store: Store, page: Page) -> None:
    """Two different requests from one page are two, a double click and a held key one each."""
    page.goto(f"{counted.app.url}/sora")
    press(counted, store, page, "double click")
    press(counted, store, page, "held Ctrl+Enter")


@pytest.mark.thorough  # the pauses between two presses, which the unit tests of a press show with a clock
@pytest.mark.parametrize("kind", [kind for kind in PRESSES if kind not in ("double click", "held Ctrl+Enter")])
def test_one_press_is_one_paid_call(counted: Counted, store: Store, page: Page, kind: str) -> None:
    page.goto(f"{counted.app.url}/sora")
    press(counted, store, page, kind)


@pytest.mark.thorough  # the unit tests of a press show it with a clock
def test_the_same_request_pressed_later_is_another_take(counted: Counted, page: Page) -> None:
    page.goto(f"{counted.app.url}/sora")
    prompt = new_prompt("A boat")
    page.get_by_label("Prompt", exact=True).fill(prompt)
    at_rest(page)
    generate = page.get_by_role("button", name="Generate")
    generate.click()
    settled(page, prompt)
    page.wait_for_timeout(1000 * PAUSE + 200)  # the pause that a person makes is what is tested
    generate.click()
    expect(page.get_by_test_id("stCaptionContainer").get_by_text(prompt, exact=True)).to_have_count(2)
    assert counted.creates(prompt) == 2
