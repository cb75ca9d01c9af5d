"""The script that says what becomes of a person's runs, on a page of its own: the test speaks for Streamlit."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_following import SCRIPT

pytestmark = pytest.mark.browser

STAGE = """
  document.body.innerHTML = "<div id=host><p class=said></p></div>"
  window.told = []
  window.Notification = class { static permission = "granted"; constructor(words) { told.push(words) } }
  window.AudioContext = class extends AudioContext { constructor() { super(); told.push("sound") } }
  window.hide = (hidden) => Object.defineProperty(document, "hidden", { get: () => hidden, configurable: true })
  window.say = (id, state) => announce({
    data: { runs: [{ id, state, words: `${state}: a-model, A kite over dunes`, ended: state === "Done" }] },
    parentElement: host,
  })
"""


def test_a_run_that_ends_while_one_looks_elsewhere_is_told_where_that_was_asked_for(page: Page) -> None:
    script = SCRIPT.with_name("announce.js").read_text(encoding="utf-8")
    page.route("http://stage.test/", lambda route: route.fulfill(body="<title>Home</title>", content_type="text/html"))
    page.goto("http://stage.test/")
    page.add_script_tag(content=STAGE)
    page.add_script_tag(content=script.replace("export default function", "window.announce = function"), type="module")
    page.wait_for_function("window.announce !== undefined")
    page.evaluate("say('a', 'Generating'); say('a', 'Done')")  # before one's eyes
    expect(page).to_have_title("Home")
    page.evaluate("hide(true)")
    page.evaluate("say('b', 'Generating'); say('b', 'Done')")  # nobody asked for it
    expect(page).to_have_title("Done: a-model, A kite over dunes")
    assert page.evaluate("told") == []
    page.evaluate(
        "localStorage.setItem('dailies/tell', 'on'); say('c', 'Generating'); say('c', 'Done'); say('c', 'Done')"
    )
    assert page.evaluate("told") == ["Done: a-model", "sound"]
    expect(page.locator(".said")).to_have_text("Done: a-model, A kite over dunes")
    page.evaluate("hide(false); document.dispatchEvent(new Event('visibilitychange'))")
    expect(page).to_have_title("Home")
