"""The whole journey without a pointer: first start, a playing clip, Continue, and Compare."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, at_rest
from tests.browser.test_generate import PLAYING

pytestmark = pytest.mark.browser

MOST = 200
"""Presses of Tab before something counts as out of reach."""

FOCUSED = """() => {
  let at = document.activeElement
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
  const words = at?.cloneNode(true)
  for (const icon of words?.querySelectorAll?.("[aria-hidden=true]") ?? []) icon.remove()
  return [at?.tagName, at?.getAttribute("aria-label") || words?.textContent.trim() || ""]
}"""


def tab_to(page: Page, tag: str, name: str, *, key: str = "Tab") -> None:
    """Press a key until the element of this kind and name has the focus."""
    at_rest(page)
    for _ in range(MOST):
        page.keyboard.press(key)
        if page.evaluate(FOCUSED) == [tag, name]:
            return
    raise AssertionError(f"{name} cannot be reached by Tab")


@pytest.mark.thorough  # hundreds of presses; the vote, the player and the library are worked by keys in every run
def test_from_the_first_start_to_compare_by_keyboard_alone(app: App, page: Page) -> None:
    page.goto(f"{app.url}/")
    tab_to(page, "TEXTAREA", "Prompt")
    page.keyboard.type("A lantern on a frozen lake")
    page.keyboard.press("Control+Enter")
    page.wait_for_function(PLAYING)
    tab_to(page, "BUTTON", "Compare")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Picked")).to_be_visible()
    tab_to(page, "BUTTON", "Continue", key="Shift+Tab")
    page.keyboard.press("Enter")
    choice = page.get_by_test_id("stPopoverBody").get_by_role("button", name="Hailuo")
    expect(choice).to_be_visible()
    tab_to(page, "BUTTON", "Hailuo")
    if not choice.evaluate("(it) => it === document.activeElement"):
        tab_to(page, "BUTTON", "Hailuo")  # the matrix names it too, and stands before what was opened
    expect(choice).to_be_focused(timeout=5_000)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hailuo")
    page.wait_for_url("**/hailuo?*first_frame*")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A lantern on a frozen lake")
    tab_to(page, "A", "Compare")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare")
