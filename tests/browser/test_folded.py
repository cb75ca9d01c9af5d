"""What is folded costs nothing until it is opened, and loses nothing when it is closed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, at_rest

pytestmark = pytest.mark.browser


@pytest.mark.thorough  # a page of its own for what Streamlit does with a widget that is not drawn
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
