"""One idea on every page, in a browser: what is typed follows at once, and opening another page breaks nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import App, at_rest

pytestmark = pytest.mark.browser

LISTENS = "[class*='st-key-compare'][data-shows-nothing]"
"""What keeps the prompt of Compare: drawn a moment after the page; nobody types and leaves within that moment."""


@pytest.mark.thorough  # the same several times over; below, one prompt follows while its save is held
def test_what_is_typed_follows_to_the_page_that_is_opened_at_once(app: App, page: Page) -> None:
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.goto(f"{app.url}/hailuo?mode=text")
    prompt = page.get_by_label("Prompt", exact=True)
    for number, family in enumerate(("Vidu", "Kling", "Veo")):
        expect(prompt).to_be_visible()
        at_rest(page)
        with page.expect_response(lambda answer: "/drafts/" in answer.url):  # a moment after the last change
            prompt.fill(f"A heron, number {number}")
        page.get_by_role("link", name=family, exact=True).click()
        expect(page).to_have_title(f"{family} · Dailies")
        expect(prompt).to_have_value(f"A heron, number {number}")
    page.get_by_role("link", name="Home", exact=True).click()
    expect(page.get_by_role("button", name="Neon city")).to_be_visible()
    expect(prompt).to_have_value("A heron, number 2")
    assert broken == []


def test_what_is_typed_is_awaited_by_a_link_and_stays_after_back(app: App, page: Page) -> None:
    held: list[Route] = []
    asked: list[str | bytes] = []

    def hold(route: Route) -> None:
        held.append(route)

    def note(frame: str | bytes) -> None:
        asked.append(frame)

    page.on("websocket", lambda socket: socket.on("framesent", note) if "_stcore" in socket.url else None)
    page.goto(f"{app.url}/hailuo?mode=text")
    prompt = page.get_by_label("Prompt", exact=True)
    expect(prompt).to_be_visible()
    at_rest(page)
    page.route("**/drafts/*", hold)
    before = len(asked)
    with page.expect_request("**/drafts/*"):
        prompt.fill("A heron on the way")
        page.get_by_role("link", name="Compare", exact=True).click()
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert len(asked) == before, "the other page is asked for before the prompt is saved"
    held.pop().continue_()
    expect(page.get_by_role("heading", name="Compare", exact=True)).to_be_visible()
    expect(prompt).to_have_value("A heron on the way")
    page.unroute("**/drafts/*")
    at_rest(page)
    page.locator(LISTENS).wait_for(state="attached")
    prompt.fill("A heron in the reeds")
    page.go_back()  # with the focus in the field, and nothing saved yet
    expect(page).to_have_title("Hailuo · Dailies")
    expect(prompt).to_have_value("A heron in the reeds")


@pytest.mark.thorough  # above, Back takes along what was typed on Compare; a reload finds it where a new page does
def test_what_is_typed_on_compare_stays_after_back_forward_and_a_reload(app: App, page: Page) -> None:
    page.goto(f"{app.url}/vidu?mode=text")
    prompt = page.get_by_label("Prompt", exact=True)
    expect(prompt).to_be_visible()
    at_rest(page)
    page.get_by_role("link", name="Compare", exact=True).click()
    expect(page.get_by_role("heading", name="Compare", exact=True)).to_be_visible()
    at_rest(page)
    page.locator(LISTENS).wait_for(state="attached")
    prompt.fill("A heron in the reeds")
    page.go_back()  # with the focus in the field, and nothing saved yet
    expect(page).to_have_title("Vidu · Dailies")
    expect(prompt).to_have_value("A heron in the reeds")
    at_rest(page)
    page.go_forward()
    expect(page.get_by_role("heading", name="Compare", exact=True)).to_be_visible()
    expect(prompt).to_have_value("A heron in the reeds")
    at_rest(page)
    prompt.fill("A heron takes off")
    page.reload()
    expect(prompt).to_have_value("A heron takes off")
