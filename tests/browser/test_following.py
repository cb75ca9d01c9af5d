"""The script that follows runs, on a page of its own: the test speaks for the server and for Streamlit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

SCRIPT = Path(__file__).parents[2] / "components" / "frontend" / "live.js"

STAGE = """
  window.WebSocket = class { constructor(url) { window.sockets.push(this); this.url = url } close() {} }
  Object.assign(window, { sockets: [], wishes: 0, host: document.createElement("div") })
  window.tell = (runs, since, checks = 0) => sockets.at(-1).onmessage({ data: JSON.stringify({ runs, since, checks }) })
  window.draw = (runs, since, more = {}) => follow({
    data: { runs, since, checks: 0, all: false, pace: 0, path: "/live", ...more },
    parentElement: host,
    setTriggerValue: () => { wishes += 1 },
  })
"""


@pytest.fixture
def stage(page: Page) -> Iterator[Callable[[str], Any]]:
    """A page with the script whose time stands still until it is told to go on."""
    script = SCRIPT.read_text(encoding="utf-8").replace("export default function", "window.follow = function")
    page.clock.install()
    page.route("http://stage.test/", lambda route: route.fulfill(body="<p>", content_type="text/html"))
    page.goto("http://stage.test/")
    page.add_script_tag(content=STAGE)
    page.add_script_tag(content=script, type="module")
    page.wait_for_function("window.follow !== undefined")
    yield lambda code: page.evaluate(f"() => {{ {code} }}")


def wishes(page: Page) -> int:
    page.clock.run_for(500)
    found: int = page.evaluate("wishes")
    return found


def test_a_change_that_comes_before_its_run_stands_on_the_page_is_drawn(stage, page):
    stage("draw(['a'], 5); sockets[0].onopen(); tell(['b'], 8)")
    assert wishes(page) == 0
    stage("draw(['a', 'b'], 6)")
    assert wishes(page) == 1
    stage("draw(['a', 'b'], 8)")
    page.clock.run_for(20_000)
    assert wishes(page) == 1


def test_a_drawing_that_came_late_enough_is_no_reason_for_another(stage, page):
    stage("draw(['a'], 5); sockets[0].onopen(); tell(['b'], 8); draw(['a', 'b'], 9); tell(['c'], 10)")
    assert wishes(page) == 0


def test_a_wish_that_nothing_came_of_is_repeated(stage, page):
    stage("draw(['a'], 5); sockets[0].onopen(); tell(['a'], 6)")
    assert wishes(page) == 1
    page.clock.run_for(1_000)
    assert wishes(page) == 2
    stage("draw(['a'], 6)")
    page.clock.run_for(60_000)
    assert wishes(page) == 2


def test_a_server_that_counts_anew_is_listened_to(stage, page):
    stage("draw(['a'], 5, { all: true, checks: 0 }); sockets[0].onopen(); tell(['gateway'], 5, 12)")
    assert wishes(page) == 1
    stage("draw(['a'], 5, { all: true, checks: 12 }); sockets[0].onopen()")
    stage("draw(['a'], 5, { all: true, checks: 0 }); tell(['gateway'], 5, 1)")
    assert wishes(page) == 2
    stage("draw(['a'], 5, { all: true, checks: 1 })")
    page.clock.run_for(60_000)
    assert wishes(page) == 2


def test_only_so_many_runs_are_remembered(stage, page):
    stage("draw([], 1); sockets[0].onopen(); for (let n = 0; n < 600; n++) tell([`run${n}`], n + 2)")
    stage("draw(['run0'], 1)")
    assert wishes(page) == 0
    stage("draw(['run599'], 1)")
    assert wishes(page) == 1
