"""Ways to press a button that pays, and an app whose paid calls are counted at the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx
import pytest
from _pytest.mark import ParameterSet
from playwright.sync_api import Locator, Page

from tests.browser.conftest import App


@dataclass
class Counted:
    """An app on a sandbox of its own, and the creates that the sandbox has seen."""

    app: App
    sandbox: str

    def creates(self, prompt: str = "") -> int:
        """Count the creates whose prompt contains a text."""
        seen = httpx.get(urljoin(self.sandbox, "/sandbox/creates")).json()
        return sum(prompt in (create["prompt"] or "") for create in seen)


def double(page: Page, button: Locator) -> None:
    button.dblclick()


def triple(page: Page, button: Locator) -> None:
    button.click(click_count=3)


def apart(milliseconds: int) -> Callable[[Page, Locator], None]:
    """Two clicks at one place with a pause between them, whatever the page does meanwhile."""

    def press(page: Page, button: Locator) -> None:
        button.scroll_into_view_if_needed()  # the mouse goes to a place of the window, whatever is there
        box = button.bounding_box()
        assert box is not None
        place = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.click(*place)
        page.wait_for_timeout(milliseconds)
        page.mouse.click(*place)

    return press


def held(page: Page, button: Locator) -> None:
    button.wait_for()  # a key presses no button that is not drawn yet, and a script may end before its last element is
    page.get_by_label("Prompt", exact=True).focus()
    page.keyboard.down("Control")
    for _ in range(12):
        page.keyboard.down("Enter")  # a second `down` without an `up` is the repetition of a held key
    page.keyboard.up("Enter")
    page.keyboard.up("Control")


def vary(always: Sequence[str], more: Sequence[str]) -> list[ParameterSet]:
    """Kinds of presses to try: some in every run of the suite, `more` in a thorough one."""
    return [*map(pytest.param, always), *(pytest.param(kind, marks=pytest.mark.thorough) for kind in more)]


PRESSES = {"double click": double, "triple click": triple, "held Ctrl+Enter": held} | {
    f"two clicks {pause} ms apart": apart(pause) for pause in (150, 350, 600, 1000)
}
