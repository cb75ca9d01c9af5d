"""The queue as a person sees it: the order of what waits, a run taken out, a run and a whole queue on hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, Page, expect

from dailies.catalog.load import load
from dailies.domain import Request
from dailies.request import wire
from dailies.store import Store
from dailies.vocabulary import Mode, RunState
from dailies.work.life import create_run
from tests.browser.conftest import App, at_rest, free_port, start_app

pytestmark = pytest.mark.browser

FAMILY = "mingmou"


@pytest.fixture
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app that has one run in flight at a time, on a sandbox that finishes none."""
    home = tmp_path_factory.mktemp("queue") / "home"
    app = start_app(home, free_port(), DAILIES_CONCURRENCY="1", DAILIES_SANDBOX_SECONDS="3000")
    yield app
    app.kill()


def add_runs(app: App, *prompts: str) -> None:
    family = load().families[FAMILY]
    cell = family.cell(family.models[family.entries[0].id][0].id, Mode.TEXT)
    assert cell is not None
    store = Store(app.home)
    for prompt in prompts:
        request = Request(FAMILY, cell.entry.id, cell.model.id, Mode.TEXT, prompt, {"seconds": 5}, {}, {})
        store.runs.add(create_run(request, wire.encode(request, cell), cell.route, "sandbox", datetime.now(UTC)))
    store.close()


def row(page: Page, prompt: str) -> Locator:
    return page.locator("[class*=st-key-waiting-]").filter(has_text=prompt)


def press(page: Page, prompt: str, label: str) -> None:
    at_rest(page)
    row(page, prompt).get_by_role("button", name=label).click()


def expect_order(page: Page, *prompts: str) -> None:
    rows = page.locator("[class*=st-key-waiting-]")
    expect(rows).to_have_text([re.compile(f"^{place} .*{prompt}") for place, prompt in enumerate(prompts, 1)])


@pytest.mark.thorough  # tests/pages/test_queue.py presses the same buttons, and holds that the page follows its gateway
def test_what_waits_is_reordered_held_and_removed(slow: App, page: Page) -> None:
    add_runs(slow, "Alpha", "Bravo", "Charlie", "Delta")
    page.goto(f"{slow.url}/queue")
    expect(page.locator("[class*=st-key-in-flight-]")).to_contain_text("Alpha")
    expect_order(page, "Bravo", "Charlie", "Delta")
    expect(page.get_by_text("1 of 1 in flight · 3 waiting")).to_be_visible()

    press(page, "Delta", "To the front")
    expect_order(page, "Delta", "Bravo", "Charlie")
    press(page, "Bravo", "Move down")
    expect_order(page, "Delta", "Charlie", "Bravo")
    press(page, "Bravo", "Move up")
    expect_order(page, "Delta", "Bravo", "Charlie")

    press(page, "Bravo", "Hold")
    expect(row(page, "Bravo")).to_contain_text("On hold")
    press(page, "Delta", "Remove")
    expect_order(page, "Bravo", "Charlie")
    store = Store(slow.home)
    (removed,) = store.runs.list(states=[RunState.CANCELLED])
    store.close()
    assert (removed.request.prompt, removed.sent) == ("Delta", None)

    at_rest(page)
    page.get_by_role("button", name="Hold all").click()
    expect(page.get_by_text("On hold: nothing more is sent")).to_be_visible()
    at_rest(page)
    page.get_by_role("button", name="Release all").click()
    expect(page.get_by_text("On hold")).to_have_count(0)

    add_runs(slow, "Echo")  # by another process: the page learns of it by push
    expect_order(page, "Bravo", "Charlie", "Echo")
