"""What is folded costs nothing until it is opened, and loses nothing when it is closed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, at_rest, open_details
from tests.browser.test_generate import assert_plays, generate

pytestmark = pytest.mark.browser

INSIDE = """
() => {
  const cells = (root) => [...root.querySelectorAll("*")].flatMap((e) =>
    [...(e.matches(".cell:hover .tip") ? [e] : []), ...(e.shadowRoot ? cells(e.shadowRoot) : [])])
  const [tip] = cells(document)
  if (!tip || getComputedStyle(tip).visibility !== "visible") return null
  const box = tip.getBoundingClientRect()
  return box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight
}
"""


def test_values_of_a_closed_panel_are_kept_and_sent(app: App, page: Page) -> None:
    page.goto(f"{app.url}/hailuo")
    at_rest(page)
    page.get_by_text("More settings").click()
    metadata = page.get_by_role("textbox", name="Raw metadata (JSON)")
    metadata.fill('{"of_the_test": 7}')
    page.get_by_text("More settings").click()
    expect(metadata).to_have_count(0)
    at_rest(page)
    page.get_by_text("Request: POST").click()
    expect(page.get_by_text('"of_the_test"').first).to_be_visible()
    page.get_by_text("More settings").click()
    expect(metadata).to_have_value('{"of_the_test": 7}')


def test_no_highlighter_is_loaded_before_something_is_opened(app: App, page: Page) -> None:
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.goto(f"{app.url}/jimeng")
    generate(page, "A boat without its details")
    assert_plays(page, 5)
    at_rest(page)
    assert not [url for url in loaded if "SyntaxHighlighter" in url]
    open_details(page)
    expect(page.get_by_text('"prompt"').first).to_be_visible()
    assert [url for url in loaded if "SyntaxHighlighter" in url]


@pytest.mark.parametrize("width", [390, 1440])
def test_the_matrix_tooltips_stay_inside_the_window(app: App, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(app.url)
    at_rest(page)
    cells = page.locator(".cell")
    for index in (0, 4, cells.count() - 1):
        cells.nth(index).scroll_into_view_if_needed()
        cells.nth(index).hover()
        page.wait_for_function(INSIDE)
