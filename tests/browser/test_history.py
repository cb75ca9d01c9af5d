"""The way back leads over each page once, on a page of its own: the test speaks for Streamlit."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

SCRIPT = Path(__file__).parents[2] / "components" / "frontend" / "history.js"
GO = "(addresses) => { for (const each of addresses) history.pushState({}, '', each) }"


def test_one_step_back_for_each_page_and_each_choice(page: Page) -> None:
    page.route("http://stage.test/**", lambda route: route.fulfill(body="<p>", content_type="text/html"))
    page.add_init_script(SCRIPT.read_text(encoding="utf-8"))

    def press(*addresses: str) -> None:
        page.mouse.click(5, 5)
        page.evaluate(GO, list(addresses))

    page.goto("http://stage.test/")
    page.evaluate(GO, ["/?begun=1"])  # by itself
    press("/?model=a", "/one?model=a")  # Streamlit may tell of the values before it tells of the page
    press("/two", "/two?model=b", "/two?model=b&mode=text")  # or after
    press("/two?model=b&mode=first")  # a choice
    passed = [page.url]
    for _ in range(3):
        page.go_back()
        passed.append(page.url)
    assert [address.removeprefix("http://stage.test") for address in passed] == [
        "/two?model=b&mode=first",
        "/two?model=b&mode=text",
        "/one?model=a",
        "/?begun=1",
    ]
