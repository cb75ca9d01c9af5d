"""The library in a browser: the grid by keyboard, several runs at once, and another page that follows."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Page, expect

from dailies.domain import Request, Route
from dailies.exchange import Call
from dailies.library import View
from dailies.store import Store
from dailies.vocabulary import Kinship, Mode, RunState
from dailies.work.life import create_run
from tests.browser.conftest import App, at_rest
from tests.browser.test_keyboard import tab_to

pytestmark = pytest.mark.browser


def test_the_grid_is_worked_by_keyboard_and_followed_by_another_page(app: App, page: Page) -> None:
    store = Store(app.home)
    route = Route("openai", "/v1/videos", "/v1/videos/{task}", "/v1/videos/{task}/content", sdk=True)
    runs = []
    for number in range(6):
        request = Request("mingmou", "openai", "any", Mode.TEXT, f"Pebble {number}", {}, {}, {})
        made = create_run(request, Call("POST", "/v1/videos"), route, "sandbox", datetime.now(UTC))
        done = replace(made, state=RunState.CANCELLED, due=None, created=made.created + timedelta(seconds=number))
        if number == 2:
            done = replace(done, parent=runs[0].id, kinship=Kinship.CONTINUED)
        runs.append(store.runs.add(done))
    address = f"{app.url}/library?q=pebble"
    other = page.context.new_page()
    for each in (page, other):
        each.goto(address)
        expect(each.locator(".tile")).to_have_count(6)
        at_rest(each)
    first = page.get_by_role("button", name="Pebble 5")
    first.focus()
    page.keyboard.press("s")
    expect(page.locator(".star[aria-pressed=true]")).to_have_count(1)
    expect(other.locator(".star[aria-pressed=true]")).to_have_count(1)
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_role("status").filter(has_text="3 picked")).to_be_visible()
    at_rest(page)
    page.keyboard.press("Delete")
    for each in (page, other):
        expect(each.locator(".tile")).to_have_count(3)
    assert store.library.find("", View(search="pebble", deleted=True), limit=9).total == 3
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".tile")).to_have_count(6)
    expect(page.locator(".star[aria-pressed=true]")).to_have_count(1)
    at_rest(page)
    page.get_by_role("button", name="Pebble 3").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Pebble 3")
    at_rest(page)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("dialog")).to_contain_text("Pebble 2")
    at_rest(page)
    tab_to(page, "BUTTON", "any, Pebble 0")  # the tree, inside the dialog's trap for the Tab key
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    for run in runs:
        store.runs.delete(run.id)
    store.close()


def test_picked_runs_are_downloaded(app: App) -> None:
    store = Store(app.home)
    route = Route("openai", "/v1/videos", "/v1/videos/{task}", "/v1/videos/{task}/content", sdk=True)
    request = Request("mingmou", "openai", "any", Mode.TEXT, "To go", {}, {}, {})
    made = create_run(request, Call("POST", "/v1/videos"), route, "sandbox", datetime.now(UTC))
    run = store.runs.add(replace(made, state=RunState.CANCELLED, due=None))
    with httpx.Client() as client:
        answer = client.get(f"{app.url}/takes", params={"runs": f"{run.id},unknown-run"})
        assert client.get(f"{app.url}/takes?runs=unknown-run").status_code == 404
        record = client.get(f"{app.url}/records/{run.id}")
        assert client.get(f"{app.url}/records/unknown-run").status_code == 404
    assert record.json()["run"]["request"]["prompt"] == "To go"
    assert f"_{run.id[:6]}.json" in record.headers["content-disposition"]
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert sorted(archive.namelist())[-1] == "runs.csv"
        assert len(archive.namelist()) == 2
    store.runs.delete(run.id)
    store.close()
