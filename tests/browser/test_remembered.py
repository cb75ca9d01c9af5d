"""What a browser finds again after a reload, in a second tab and after a restart; and whose key pays for what."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.conftest import PATIENCE, App, at_rest, free_port, start_app
from tests.unit.conftest import Answer, Gateway, _Server

pytestmark = pytest.mark.browser

OPERATOR, ANN, BOB = "sk-the-operators-0001", "sk-anns-own-key-0002", "sk-bobs-own-key-0003"
# Streamlit opens its dialog after six looks, which take some twenty seconds.
IN_A_HURRY = """
  const later = window.setTimeout
  window.setTimeout = (f, ms, ...more) => later(f, ms > 300 && ms < 10000 ? 300 : ms, ...more)
"""

NOTE_DIALOGS = """
  new MutationObserver(() => {
    if (document.querySelector("[role=dialog]")) document.documentElement.dataset.opened = ""
  }).observe(document, { childList: true, subtree: true })
"""

# What a restart does to a page, or a night's sleep: the server it finds again knows nothing of its session.
FORGET_THE_SESSION = """
  const Socket = window.WebSocket
  window.WebSocket = class extends Socket {
    constructor(url, names) {
      super(url, Array.isArray(names) ? names.slice(0, 2) : names)
      if (!Array.isArray(names)) return
      window.stream = this
      this.addEventListener("open", () => { document.documentElement.dataset.streams += "|" })
    }
  }
"""

REFUSED = {"error": {"message": "The prompt is refused.", "type": "invalid_request_error", "code": "moderation"}}


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A gateway that lists one model and refuses every create."""
    server = _Server()
    with server.scripted() as script:
        script.answer("GET", "/v1/models", Answer({"object": "list", "data": [{"id": "sora-2", "object": "model"}]}))
        script.answer("POST", "/v1/videos", Answer(REFUSED, 400))
        yield script
    server.close()


def creates(gateway: Gateway) -> Counter[str]:
    """How many creates came with which key."""
    seen = [each for each in gateway.seen if each.method == "POST"]
    return Counter(each.headers["authorization"].removeprefix("Bearer ") for each in seen)


def start(gateway: Gateway, home: Path, port: int) -> App:
    return start_app(home, port, DAILIES_BASE_URL=gateway.url, DAILIES_API_KEY=OPERATOR)


def enter_key(page: Page, app: App, key: str) -> None:
    page.goto(f"{app.url}/settings")
    at_rest(page)
    page.get_by_label("Your key (optional)").fill(key)
    page.get_by_role("button", name="Use this gateway").click()
    expect(page.get_by_role("button", name="Forget my key")).to_be_visible()


def generate(page: Page, app: App, gateway: Gateway, prompt: str) -> None:
    before = creates(gateway).total()
    page.goto(f"{app.url}/sora")
    page.get_by_label("Prompt", exact=True).fill(prompt)
    at_rest(page)
    page.get_by_role("button", name="Generate").click()
    gateway.wait_for("POST", times=before + 1)
    expect(page.get_by_test_id("stCaptionContainer").get_by_text(prompt, exact=True)).to_be_visible()


def opened(context: BrowserContext) -> Page:
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    return page


def find_calm_line(page: Page) -> Locator:
    """Find the line that says the server is away: inside a phone's window, with no dialog of Streamlit's."""
    line = page.locator(".dailies-away")
    expect(line).to_contain_text("comes back by itself. Nothing you typed is lost.")
    edges = line.bounding_box()
    assert edges is not None
    assert edges["x"] >= 0
    assert edges["x"] + edges["width"] <= 390
    page.locator("html[data-opened]").wait_for(state="attached")
    expect(page.get_by_role("dialog")).to_have_count(0)
    return line


@pytest.mark.thorough  # tests/unit/test_keyring.py holds whose key pays
def test_a_key_pays_for_its_own_person_alone(gateway: Gateway, browser: Browser, tmp_path: Path) -> None:
    app = start(gateway, tmp_path / "home", free_port())
    nobody, ann, bob = (opened(browser.new_context()) for _ in range(3))
    try:
        enter_key(ann, app, ANN)
        enter_key(bob, app, BOB)
        generate(nobody, app, gateway, "With the operator's key")
        assert creates(gateway) == {OPERATOR: 1}
        generate(ann, app, gateway, "With Ann's key")
        assert creates(gateway) == {OPERATOR: 1, ANN: 1}
        for page, expected in (
            (bob, {OPERATOR: 1, ANN: 1, BOB: 1}),
            (nobody, {OPERATOR: 2, ANN: 1, BOB: 1}),
            (ann, {OPERATOR: 2, ANN: 2, BOB: 1}),
        ):
            page.goto(f"{app.url}/sora")
            at_rest(page)
            page.get_by_role("button", name="Send again").first.click()
            gateway.wait_for("POST", times=sum(expected.values()))
            assert creates(gateway) == expected
    finally:
        app.kill()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file())
    for key in (OPERATOR, ANN, BOB):
        assert key.encode() not in kept + app.log.read_bytes()


def test_a_server_that_is_away_is_one_calm_line_and_the_form_is_there_when_it_is_back(app: App, page: Page) -> None:
    """The server is away for this page alone: its socket is cut, and nothing that it asks arrives."""
    page.add_init_script(FORGET_THE_SESSION)
    page.add_init_script(IN_A_HURRY)
    page.add_init_script(NOTE_DIALOGS)
    page.goto(f"{app.url}/sora?mode=text")
    prompt = page.get_by_label("Prompt", exact=True)
    expect(prompt).to_be_visible()
    at_rest(page)
    with page.expect_response(lambda answer: "/drafts/" in answer.url):
        prompt.fill("A prompt that is being typed")  # the field still has the focus
    page.set_viewport_size({"width": 390, "height": 844})
    (cookie,) = [each for each in page.context.cookies() if each["name"] == "dailies_browser"]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    page.route("**/_stcore/*", lambda route: route.abort())
    page.evaluate("window.stream.close()")
    line = find_calm_line(page)
    page.unroute("**/_stcore/*")
    expect(line).to_be_empty()
    at_rest(page)
    expect(prompt).to_be_enabled()
    expect(prompt).to_have_value("A prompt that is being typed")


def test_a_page_goes_on_in_a_session_that_has_not_drawn_it(app: App, page: Page) -> None:
    """After a whole page the browser asks for nothing when it finds the server again; what is pressed is part of it."""
    page.add_init_script(FORGET_THE_SESSION)
    page.goto(f"{app.url}/assets")
    sound = page.get_by_role("radio", name="Sound")
    expect(sound).to_be_visible()
    at_rest(page)
    page.evaluate("delete document.documentElement.dataset.streams; window.stream.close()")
    page.locator("html[data-streams]").wait_for(state="attached")
    sound.click()
    expect(page.get_by_text(re.compile("^The models take WAV, MP3"))).to_be_visible()


def test_back_while_the_server_is_away_leads_to_the_page_before_when_it_is_there_again(app: App, page: Page) -> None:
    page.add_init_script(FORGET_THE_SESSION)
    page.goto(f"{app.url}/queue")
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    at_rest(page)
    page.get_by_role("link", name="Assets", exact=True).click()
    expect(page.get_by_role("heading", name="Assets", exact=True)).to_be_visible()
    at_rest(page)
    page.route("**/_stcore/*", lambda route: route.abort())
    page.evaluate("window.stream.close()")
    page.locator("html.dailies-is-away").wait_for(state="attached")
    page.go_back()
    page.unroute("**/_stcore/*")
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    expect(page).to_have_title("Queue · Dailies")


@pytest.mark.thorough  # above, a socket is cut; tests/pages/test_remembered.py holds what a restart keeps and forgets
def test_a_restart_is_one_calm_line_and_loses_nothing_but_the_key(
    gateway: Gateway, browser: Browser, tmp_path: Path
) -> None:
    port = free_port()
    app = start(gateway, tmp_path / "home", port)
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="dark")
    context.add_init_script(IN_A_HURRY)
    context.add_init_script(NOTE_DIALOGS)
    page = opened(context)
    try:
        enter_key(page, app, ANN)
        page.goto(f"{app.url}/sora?mode=text")
        prompt = page.get_by_label("Prompt", exact=True)
        expect(prompt).to_be_visible()
        at_rest(page)
        with page.expect_response(lambda answer: "/drafts/" in answer.url):
            prompt.fill("A prompt that is being typed")  # the field still has the focus
        page.set_viewport_size({"width": 390, "height": 844})
        (cookie,) = [each for each in context.cookies() if each["name"] == "dailies_browser"]
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
        at_rest(page)
        app.kill()
        line = find_calm_line(page)
        app = start(gateway, tmp_path / "home", port)
        expect(line).to_be_empty()
        at_rest(page)
        expect(prompt).to_be_enabled()
        expect(prompt).to_have_value("A prompt that is being typed")
        page.reload()
        expect(prompt).to_have_value("A prompt that is being typed")
        name = gateway.url.removeprefix("http://")
        expect(page.get_by_text(f"your key for {name} is no longer in this server's memory").first).to_be_visible()
        at_rest(page)
        page.get_by_role("button", name="Generate").click()
        expect(page.get_by_text("Not sent yet")).to_be_visible()
        assert creates(gateway) == {}
    finally:
        context.close()
        app.kill()


@pytest.mark.thorough  # the way back and a second tab find the form where a reload does
def test_the_form_is_there_after_the_way_back_and_in_a_second_tab_and_a_key_given_again_pays(
    gateway: Gateway, browser: Browser, tmp_path: Path
) -> None:
    port = free_port()
    app = start(gateway, tmp_path / "home", port)
    context = browser.new_context()
    page = opened(context)
    name = gateway.url.removeprefix("http://")
    try:
        enter_key(page, app, ANN)
        page.goto(f"{app.url}/sora?mode=text")
        prompt = page.get_by_label("Prompt", exact=True)
        at_rest(page)
        prompt.fill("A prompt that nobody sent")
        page.get_by_role("link", name="Library").click()
        expect(page.get_by_role("heading", name="Library")).to_be_visible()
        page.go_back()
        expect(prompt).to_have_value("A prompt that nobody sent")
        expect(page.get_by_text(name).first).to_be_visible()
        second = opened(context)
        second.goto(f"{app.url}/sora")
        expect(second.get_by_label("Prompt", exact=True)).to_have_value("A prompt that nobody sent")
        expect(second.get_by_text(name).first).to_be_visible()
        second.close()
    finally:
        app.kill()
    again = start(gateway, tmp_path / "home", port)
    try:
        enter_key(page, again, ANN)
        expect(page.get_by_text("is no longer in this server's memory")).to_have_count(0)
        page.goto(f"{again.url}/sora")
        at_rest(page)
        page.get_by_role("button", name="Generate").click()
        gateway.wait_for("POST")
        assert creates(gateway) == {ANN: 1}
    finally:
        again.kill()
        context.close()
