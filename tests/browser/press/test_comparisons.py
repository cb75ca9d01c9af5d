"""One press makes one comparison and one paid call for each lane, on Compare, on Plan, and for a lane sent again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dailies.store import Store
from tests.browser.conftest import at_rest
from tests.browser.press.presses import PRESSES, Counted, check, new_prompt, stored, wait_until

pytestmark = pytest.mark.browser

LANES = ("sora-2", "veo_3_1")

# Each way to press is tried on a family's page; here those that differ in what they hit.
ON_COMPARE = ("double click", "held Ctrl+Enter", "two clicks 600 ms apart")
ON_A_LANE = ("triple click", "two clicks 350 ms apart")
ON_PLAN = ("held Ctrl+Enter", "double click", "two clicks 1000 ms apart")

# --- Compare -----------------------------------------------------------------------------------------------------


def compose(page: Page, url: str, prompt: str) -> Locator:
    """Fill the form of a comparison with two lanes; gives its button."""
    page.goto(f"{url}/compare")
    for number, model in enumerate(LANES):
        page.get_by_role("combobox", name=f"Lanes ({number} of 8)").fill(model)
        page.get_by_role("option").filter(has_text=model).first.click()
        expect(page.locator("[class*='st-key-lane-']")).to_have_count(number + 1)
    page.get_by_label("Prompt", exact=True).fill(prompt)
    at_rest(page)
    return page.get_by_role("button", name="Generate")


def opened(page: Page) -> None:
    page.wait_for_url("**/compare?c=*")
    expect(page.locator("[class*='st-key-seen-']")).to_have_count(2)
    at_rest(page)


def test_a_double_click_sends_once_what_is_new_a_lane_again_and_all_again(
    counted: Counted, store: Store, page: Page
) -> None:
    """One walk over the three buttons that pay on this page; the tests below press each of them in other ways."""
    prompt = new_prompt("Two boats")
    PRESSES["double click"](page, compose(page, counted.app.url, f"{prompt} #fail"))
    opened(page)
    check(counted, store, prompt, comparisons=1, runs=2)
    PRESSES["triple click"](page, find_again(page))
    wait_until(lambda: len(stored(store, prompt)[1]) > 2, "the lane was not sent again")
    at_rest(page)
    check(counted, store, prompt, comparisons=1, runs=3)
    send_all_again(page)
    wait_until(lambda: len(stored(store, prompt)[0]) == 2, "nothing was sent again")
    at_rest(page)
    check(counted, store, prompt, comparisons=2, runs=5)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ON_COMPARE)
def test_one_press_is_one_comparison(counted: Counted, store: Store, page: Page, kind: str) -> None:
    prompt = new_prompt("Two boats")
    button = compose(page, counted.app.url, prompt)
    PRESSES[kind](page, button)
    opened(page)
    check(counted, store, prompt, comparisons=1, runs=2)


def leave(page: Page, button: Locator) -> None:
    """Press, and go to another page at once."""
    button.click()
    page.get_by_role("link", name="Library", exact=True).click()


@pytest.mark.thorough  # tests/pages holds what a press is whose page was left
def test_leaving_the_page_right_after_a_press_neither_loses_nor_doubles_it(
    counted: Counted, store: Store, page: Page
) -> None:
    prompt = new_prompt("Left at once")
    leave(page, compose(page, counted.app.url, prompt))
    page.wait_for_url(re.compile(r"/library(\?c=\w+)?$"))  # a script that ends late may still write its own query
    wait_until(lambda: bool(stored(store, prompt)[0]), "the press was lost")
    at_rest(page)
    check(counted, store, prompt, comparisons=1, runs=2)


@pytest.mark.thorough  # leaving is shown above, and a reload leaves too
def test_a_reload_right_after_a_press_sends_it_whole_or_not_at_all(counted: Counted, store: Store, page: Page) -> None:
    """Closing a page ends its session: a press that the server has not begun with is lost, and nothing is sent."""
    prompt = new_prompt("Reloaded at once")
    compose(page, counted.app.url, prompt).click()
    page.reload()
    at_rest(page)
    expect(page.get_by_role("button", name="Generate")).to_be_visible()
    sent = len(stored(store, prompt)[0])
    assert sent <= 1
    check(counted, store, prompt, comparisons=sent, runs=2 * sent)


@pytest.mark.thorough
def test_a_reload_after_the_press_was_taken_finds_what_was_sent(counted: Counted, store: Store, page: Page) -> None:
    prompt = new_prompt("Reloaded when shown")
    compose(page, counted.app.url, prompt).click()
    page.wait_for_url("**/compare?c=*")
    page.reload()
    opened(page)
    check(counted, store, prompt, comparisons=1, runs=2)


@pytest.mark.thorough  # each tab has a token of its own, as the unit tests of a press show
def test_two_tabs_that_press_at_one_time_are_two_presses(counted: Counted, store: Store, browser: Browser) -> None:
    prompt = new_prompt("In two tabs")
    context = browser.new_context()
    tabs = [context.new_page(), context.new_page()]
    buttons = [compose(tabs[0], counted.app.url, prompt)]
    tabs[1].goto(f"{counted.app.url}/compare")  # the form as the other tab has left it
    expect(tabs[1].locator("[class*='st-key-lane-']")).to_have_count(2)
    expect(tabs[1].get_by_label("Prompt", exact=True)).to_have_value(prompt)
    at_rest(tabs[1])
    buttons.append(tabs[1].get_by_role("button", name="Generate"))
    for button in buttons:
        button.click()
    for tab in tabs:
        opened(tab)
    context.close()
    check(counted, store, prompt, comparisons=2, runs=4)


def send_all_again(page: Page) -> None:
    page.get_by_role("button", name="Send again", exact=True).first.click()
    page.get_by_role("button", name="Send 2 again").dblclick()


@pytest.mark.thorough
def test_another_take_of_the_same_comparison(counted: Counted, store: Store, page: Page) -> None:
    prompt = new_prompt("Once more")
    compose(page, counted.app.url, prompt).click()
    opened(page)
    send_all_again(page)
    wait_until(lambda: len(stored(store, prompt)[0]) == 2, "nothing was sent again")
    at_rest(page)
    check(counted, store, prompt, comparisons=2, runs=4)
    newest = store.comparisons.list(search=prompt)[0]
    page.wait_for_url(f"**/compare?c={newest.id}")


# --- a lane ------------------------------------------------------------------------------------------------------


def failed_lane(counted: Counted, store: Store, page: Page, prompt: str) -> Locator:
    """A comparison of two lanes that both fail; gives the button of the first lane."""
    compose(page, counted.app.url, f"{prompt} #fail").click()
    opened(page)
    check(counted, store, prompt, comparisons=1, runs=2)
    return find_again(page)


def find_again(page: Page) -> Locator:
    """The button that sends the first lane again, once the page shows that it has failed."""
    again = page.locator("[class*='st-key-seen-']").first.get_by_role("button", name="Send again")
    expect(again).to_be_visible()
    at_rest(page)
    return again


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ON_A_LANE)
def test_a_lane_is_sent_again_once(counted: Counted, store: Store, page: Page, kind: str) -> None:
    prompt = new_prompt("A lane that fails")
    PRESSES[kind](page, failed_lane(counted, store, page, prompt))
    wait_until(lambda: len(stored(store, prompt)[1]) > 2, "nothing was sent again")
    at_rest(page)
    check(counted, store, prompt, comparisons=1, runs=3)


@pytest.mark.thorough
def test_a_lane_sent_again_in_two_tabs_is_sent_once(
    counted: Counted, store: Store, page: Page, browser: Browser
) -> None:
    """The second tab shows a lane that is under way by then: what was shown is what is sent."""
    prompt = new_prompt("A lane in two tabs")
    again = failed_lane(counted, store, page, prompt)
    context = browser.new_context()
    other = context.new_page()
    other.goto(page.url)
    there = other.locator("[class*='st-key-seen-']").first.get_by_role("button", name="Send again")
    expect(there).to_be_visible()
    at_rest(other)
    again.click(no_wait_after=True)
    there.click(no_wait_after=True)
    wait_until(lambda: len(stored(store, prompt)[1]) > 2, "nothing was sent again")
    at_rest(page)
    at_rest(other)
    context.close()
    check(counted, store, prompt, comparisons=1, runs=3)


# --- Plan --------------------------------------------------------------------------------------------------------


def lay_out(page: Page, url: str, prompt: str) -> Locator:
    """Lay out a plan of two prompts for one model; gives its button."""
    page.goto(f"{url}/plan")
    page.get_by_role("combobox", name="Models").fill(LANES[0])
    page.get_by_role("option").filter(has_text=LANES[0]).first.click()
    page.get_by_label("Prompts", exact=True).fill(f"{prompt} one\n{prompt} two")
    page.get_by_label("Prompts", exact=True).blur()
    button = page.get_by_role("button", name="Generate 2")
    expect(button).to_be_visible()
    page.keyboard.press("Escape")  # closes the list of models
    at_rest(page)
    return button


def hold_keys(page: Page, button: Locator) -> None:
    button.focus()
    page.keyboard.down("Control")
    for _ in range(12):
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    page.keyboard.up("Control")


PLAN_PRESSES = PRESSES | {"held Ctrl+Enter": hold_keys}


@pytest.mark.thorough  # the same form of a press as on Compare; tests/pages/test_plan_page.py holds that it sends once
@pytest.mark.parametrize("kind", ON_PLAN)
def test_one_press_sends_a_plan_once(counted: Counted, store: Store, page: Page, kind: str) -> None:
    prompt = new_prompt("A plan")
    PLAN_PRESSES[kind](page, lay_out(page, counted.app.url, prompt))
    expect(page.get_by_text("2 clips sent in 2 comparisons.")).to_be_visible()
    at_rest(page)
    check(counted, store, prompt, comparisons=2, runs=2)
    expect(page.get_by_text("although it was sent before")).to_be_visible()


@pytest.mark.thorough  # shown on Compare: the same form of a press
def test_leaving_the_plan_right_after_a_press_neither_loses_nor_doubles_it(
    counted: Counted, store: Store, page: Page
) -> None:
    prompt = new_prompt("A plan left at once")
    leave(page, lay_out(page, counted.app.url, prompt))
    page.wait_for_url(re.compile(r"/library(\?c=\w+)?$"))  # a script that ends late may still write its own query
    wait_until(lambda: len(stored(store, prompt)[0]) == 2, "the press was lost")
    at_rest(page)
    check(counted, store, prompt, comparisons=2, runs=2)


@pytest.mark.thorough
def test_a_plan_in_two_tabs_is_sent_by_each(counted: Counted, store: Store, browser: Browser) -> None:
    prompt = new_prompt("A plan in two tabs")
    context = browser.new_context()
    tabs = [context.new_page(), context.new_page()]
    buttons = [lay_out(tab, counted.app.url, prompt) for tab in tabs]
    for button in buttons:
        button.click(no_wait_after=True)
    for tab in tabs:
        expect(tab.get_by_text("2 clips sent in 2 comparisons.")).to_be_visible()
    context.close()
    check(counted, store, prompt, comparisons=4, runs=4)
