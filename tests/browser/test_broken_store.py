"""A database that goes away under a running app: a press says so, sends nothing, and the form is there afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, at_rest, free_port, start_app

pytestmark = pytest.mark.browser

PROMPT = "A boat that nobody sends"


@pytest.fixture
def own_app(tmp_path: Path) -> Iterator[App]:
    running = start_app(tmp_path / "home", free_port())
    yield running
    running.kill()


def move(home: Path, target: Path) -> None:
    for file in home.glob("dailies.db*"):
        file.rename(target / file.name)


@pytest.mark.thorough  # tests/pages/test_broken_store.py shows it without a browser
def test_a_press_without_a_database_sends_nothing_and_keeps_the_form(page: Page, own_app: App, tmp_path: Path) -> None:
    page.goto(f"{own_app.url}/veo?model=veo_3_1&mode=text")
    prompt = page.get_by_label("Prompt", exact=True)
    prompt.fill(PROMPT)
    prompt.blur()
    at_rest(page)
    move(own_app.home, tmp_path)
    page.get_by_role("button", name="Generate").click()
    again = page.get_by_role("button", name="Try again").first
    again.wait_for()
    expect(page.get_by_text("moved, deleted or replaced").first).to_be_visible()
    move(tmp_path, own_app.home)
    again.click()
    expect(prompt).to_have_value(PROMPT)
    expect(again).not_to_be_attached()
    with sqlite3.connect(own_app.home / "dailies.db") as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (0,)
    connection.close()
    assert "Traceback" not in own_app.log.read_text()
