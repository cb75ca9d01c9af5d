"""Ways to press a button that pays, and an app whose paid calls are counted at the sandbox."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx
from playwright.sync_api import Locator, Page

from dailies.compare.nouns import Comparison
from dailies.domain import Run
from dailies.store import Store
from tests.browser.conftest import App

_numbers = itertools.count(1)


@dataclass
class Counted:
    """An app, and the creates that its sandbox has seen."""

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


def new_prompt(what: str) -> str:
    return f"{what} {next(_numbers)} of {time.monotonic_ns()}"


def wait_until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def stored(store: Store, prompt: str) -> tuple[list[Comparison], list[Run]]:
    comparisons, runs = store.comparisons.list(search=prompt), store.runs.list(search=prompt)
    # A word of it may also be the beginning of an id.
    return [c for c in comparisons if prompt in c.idea.prompt], [run for run in runs if prompt in run.request.prompt]


def check(counted: Counted, store: Store, prompt: str, comparisons: int, runs: int) -> None:
    """Wait until every run has ended; then no run is without its comparison, and each was created once."""
    wait_until(lambda: all(not run.state.open for run in stored(store, prompt)[1]), "the runs have not ended")
    found, made = stored(store, prompt)
    assert (len(found), len(made)) == (comparisons, runs), [(run.id, run.created, run.state) for run in made]
    assert {run.id for run in made} >= {lane.run for each in found for lane in each.lanes}
    assert counted.creates(prompt) == runs


PRESSES = {"double click": double, "triple click": triple, "held Ctrl+Enter": held} | {
    f"two clicks {pause} ms apart": apart(pause) for pause in (150, 350, 600, 1000)
}
