"""Ways to press a button that pays, and an app whose paid calls are counted at the sandbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx
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
