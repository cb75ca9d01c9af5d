"""A server that goes away under an open page and comes back: one calm line, no dialog, and nothing typed is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import at_rest, free_port, start_app

pytestmark = pytest.mark.browser

# Streamlit opens its dialog after six looks, which take some twenty seconds.
IN_A_HURRY = """
  const later = window.setTimeout
  window.setTimeout = (f, ms, ...more) => later(f, ms > 300 && ms < 10000 ? 300 : ms, ...more)
"""

NOTE_DIALOGS = """
  new MutationObserver(() => {
    if (document.querySelector("[role=dialog]")) document.documentElement.dataset.opened = ""
  }).observe(document, { childList: true, subtree: true })
"""


def test_a_restart_is_one_calm_line_and_loses_nothing(browser: Browser, tmp_path: Path) -> None:
    port = free_port()
    app = start_app(tmp_path / "home", port)
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    context.add_init_script(IN_A_HURRY)
    context.add_init_script(NOTE_DIALOGS)
    page = context.new_page()
    try:
        page.goto(f"{app.url}/vidu")
        at_rest(page)
        prompt = page.get_by_label("Prompt", exact=True)
        prompt.fill("A paper boat")
        app.kill()
        line = page.locator(".dailies-away")
        expect(line).to_contain_text("comes back by itself. Nothing you typed is lost.")
        edges = line.bounding_box()
        assert edges is not None
        assert edges["x"] >= 0
        assert edges["x"] + edges["width"] <= 390
        page.locator("html[data-opened]").wait_for(state="attached")
        expect(page.get_by_role("dialog")).to_have_count(0)
        app = start_app(tmp_path / "home", port)
        expect(line).to_be_empty()
        at_rest(page)
        expect(prompt).to_be_enabled()
        expect(prompt).to_have_value("A paper boat")
        page.reload()
        at_rest(page)
        expect(page.get_by_label("Prompt", exact=True)).to_have_value("A paper boat")
    finally:
        context.close()
        app.kill()
