"""One press makes one paid call, however it is made: counted at the sandbox."""

from __future__ import annotations

import itertools

import pytest
from playwright.sync_api import Page, expect

from components.press import PAUSE
from tests.browser.conftest import at_rest
from tests.browser.press.presses import PRESSES, Counted, vary

pytestmark = pytest.mark.browser

ALWAYS = ("double click", "held Ctrl+Enter", "two clicks 350 ms apart")
_numbers = itertools.count(1)


def settled(page: Page, prompt: str) -> None:
    """Wait until the run's card is there and no script runs."""
    expect(page.get_by_test_id("stCaptionContainer").get_by_text(prompt, exact=True).first).to_be_visible()
    at_rest(page)


@pytest.mark.parametrize("kind", vary(ALWAYS, [kind for kind in PRESSES if kind not in ALWAYS]))
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
