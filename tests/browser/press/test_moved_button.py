"""The script that keeps a double click on its button, on a page of its own whose buttons the test moves."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

SCRIPT = Path(__file__).parents[3] / "components" / "frontend" / "press.js"

STAGE = """
<div id="box" class="st-key-again-a-press"><button style="width: 120px; height: 40px">Send again</button></div>
<div class="st-key-fetch-a"><button style="width: 120px; height: 40px">Fetch again</button></div>
<script>
  window.pressed = []
  for (const button of document.querySelectorAll("button"))
    button.addEventListener("click", () => pressed.push(button.parentElement.className))
  window.become = (name) => { box.className = name }
</script>
"""


@pytest.fixture
def stage(page: Page) -> Page:
    page.set_content(STAGE)
    page.add_script_tag(content=SCRIPT.read_text(encoding="utf-8"), type="module")
    page.wait_for_function("window.dailiesPresses")
    return page


def pressed(page: Page) -> list[str]:
    return page.evaluate("pressed")


@pytest.mark.parametrize("way", ["mouse", "key"])
def test_a_button_that_becomes_anothers_is_not_pressed_by_the_second_click(stage, way):
    button = stage.get_by_role("button", name="Send again")
    button.focus()
    press = (button.click) if way == "mouse" else (lambda: button.press("Enter"))
    press()
    stage.evaluate("become('st-key-again-b-press')")
    press()
    press()
    assert pressed(stage) == ["st-key-again-a-press"]


def test_a_button_that_stays_is_left_to_the_server(stage):
    stage.get_by_role("button", name="Send again").dblclick()
    assert pressed(stage) == ["st-key-again-a-press"] * 2


def test_other_buttons_and_other_places_are_pressed(stage):
    stage.get_by_role("button", name="Send again").click()
    stage.evaluate("become('st-key-open-a')")
    stage.get_by_role("button", name="Send again").click()
    stage.evaluate("become('st-key-again-b-press')")
    stage.get_by_role("button", name="Fetch again").click()
    stage.get_by_role("button", name="Send again").click()
    assert pressed(stage) == ["st-key-again-a-press", "st-key-open-a", "st-key-fetch-a", "st-key-again-b-press"]
