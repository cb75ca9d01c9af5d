"""Two people who sign in at a real provider: neither finds what is the other's, and a stranger finds nothing."""

from __future__ import annotations

import json
import re
import secrets
import time
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from playwright.sync_api import Browser, BrowserContext, Page, expect
from websockets.sync.client import ClientConnection, connect

from dailies.compare.nouns import Comparison
from dailies.domain import Request, Route, Run
from dailies.exchange import Call
from dailies.people import Person, read_person
from dailies.signing import Signer
from dailies.store import Store
from dailies.vocabulary import Mode, RunState
from dailies.work.life import create_run
from tests.browser.conftest import App, at_rest, free_port, start_app
from tests.browser.finished import add_comparison
from tests.browser.provider import Provider, serving_provider, write_secrets
from tests.browser.test_generate import generate

pytestmark = pytest.mark.browser

PEOPLE = {
    "ann": {"name": "Ann Lee", "email": "ann@example.com", "email_verified": True},
    "bob": {"name": "Bob Ray", "email": "bob@example.com", "email_verified": True},
    "cleo": {"name": "Cleo " + "Featherstonehaugh-Cholmondeley " * 3, "email": "cleo@example.com"},
    "dan": {"email": "someone.with.a.long.address@department.example.com"},
    "eve": {},
}
OPEN_A_SOCKET = """path => new Promise(done => {
    const socket = new WebSocket(`ws://${location.host}${path}`)
    socket.onopen = () => done("opened")
    socket.onerror = () => done("refused")
})"""


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def provider(port: int) -> Iterator[Provider]:
    with serving_provider(f"http://127.0.0.1:{port}/oauth2callback", PEOPLE) as running:
        yield running


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, port: int, provider: Provider) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("signed")
    (folder / "secrets.toml").write_text(write_secrets(provider))
    # On every address of this machine: sign-in is what lets it start there.
    variables = {"STREAMLIT_SECRETS_FILES": str(folder / "secrets.toml"), "DAILIES_OPERATORS": "bob@example.com"}
    running = start_app(folder / "home", port, "0.0.0.0", **variables)
    yield running
    running.kill()


@pytest.fixture(scope="module")
def store(app: App) -> Iterator[Store]:
    opened = Store(app.home)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def signed_in(app: App, browser: Browser) -> Iterator[dict[str, BrowserContext]]:
    """A browser of each person, signed in by the addresses that the button leads through; no page is drawn for it."""
    key = tomllib.loads((app.home.parent / "secrets.toml").read_text())["auth"]["cookie_secret"]
    claims = {"provider": "default", "exp": int(time.time()) + 600}
    token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(key))
    contexts = {}
    for who in PEOPLE:
        contexts[who] = browser.new_context(viewport={"width": 1440, "height": 900})
        choice = contexts[who].request.get(f"{app.url}/auth/login", params={"provider": token})
        contexts[who].request.get(f"{choice.url}&as={who}")
        assert "_streamlit_user" in cookies(contexts[who])
    yield contexts
    for context in contexts.values():
        context.close()


def sign_in(app: App, browser: Browser, who: str, path: str = "/") -> BrowserContext:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"{app.url}{path}")
    expect_stranger(page)
    assert page.evaluate(OPEN_A_SOCKET, "/live?since=0") == "refused"
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=who).click()
    expect(page.get_by_text(str(PEOPLE[who]["name"]))).to_be_attached()
    at_rest(page)
    return context


def person(provider: Provider, who: str) -> Person:
    found = read_person({"iss": provider.url, "sub": who, **PEOPLE[who]})
    assert found is not None
    return found


@pytest.fixture(scope="module")
def comparison(store: Store, provider: Provider, app: App) -> Comparison:
    return add_comparison(store, "Ann's boats", ("Take 0", "Take 1"), owner=person(provider, "ann").id)


@pytest.fixture(scope="module")
def run(store: Store, comparison: Comparison, provider: Provider) -> Run:
    """A finished run of Ann's."""
    route = Route("openai", "/v1/videos", "/v1/videos/{task}", "/v1/videos/{task}/content", sdk=True)
    request = Request("sora", "openai", "sora-2", Mode.TEXT, "A secret boat of Ann's", {}, {}, {})
    owner = person(provider, "ann").id
    made = create_run(request, Call("POST", "/v1/videos"), route, "sandbox", datetime.now(UTC), owner=owner)
    return store.runs.add(replace(made, state=RunState.DONE, due=None, clip=comparison.lanes[0].clip))


def cookies(context: BrowserContext) -> dict[str, str]:
    return {str(c["name"]): str(c["value"]) for c in context.cookies()}


def cookie_header(context: BrowserContext) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies(context).items())


# --- a stranger --------------------------------------------------------------------------------------------------


@pytest.mark.thorough  # one gate stands before all pages: below, a stranger comes by a link
def test_a_stranger_gets_the_sign_in_page_and_nothing_else(app: App, page: Page, run: Run) -> None:
    for path in ("/", "/library", f"/sora?run={run.id}", "/settings", "/leaderboard"):
        page.goto(f"{app.url}{path}")
        expect_stranger(page)


def expect_stranger(page: Page) -> None:
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.locator(".dailies-sidebar")).to_have_count(0)


@pytest.mark.parametrize("forged", ["", "InsiZm9yZ2VkIjogdHJ1ZX0i.aAAAAA.AAAA", "anything"])
def test_without_a_person_no_route_answers(
    app: App, run: Run, store: Store, comparison: Comparison, provider: Provider, forged: str
) -> None:
    assert run.clip is not None
    anns = Signer(app.home).clip(run.clip.file, person(provider, "ann").id)
    nobodys = Signer(app.home).clip(run.clip.file)
    with httpx.Client(cookies={"_streamlit_user": forged} if forged else {}) as http:
        for path in (
            f"/clips/{anns}",
            f"/clips/{nobodys}",
            f"/present?c={comparison.id}",
            "/media/anything.png",
            "/_stcore/metrics",
            "/_stcore/upload_file/a/b",
            "/_stcore/agent/openapi.json",
            "/_stcore/",
        ):
            assert http.get(f"{app.url}{path}").status_code == 401, path
        assert http.post(f"{app.url}/drafts/sora", content=b"x").status_code == 401
        assert http.get(f"{app.url}/references/junk").status_code == 404


# --- two people --------------------------------------------------------------------------------------------------


@pytest.mark.thorough  # the store shows nobody what is another's: tests/unit/test_people.py, for each way to ask
def test_another_s_run_is_not_there(app: App, run: Run, signed_in: dict[str, BrowserContext]) -> None:
    page = signed_in["bob"].new_page()
    for path in ("/library", f"/sora?run={run.id}"):
        page.goto(f"{app.url}{path}")
        at_rest(page)
        expect(page.get_by_text("Bob Ray")).to_be_attached()
        assert "secret boat" not in page.content()
        expect(page.locator("video")).to_have_count(0)
    page.close()  # that Ann finds it is seen where she signs out


def test_another_s_clip_answers_404(
    app: App, run: Run, provider: Provider, signed_in: dict[str, BrowserContext]
) -> None:
    assert run.clip is not None
    signer = Signer(app.home)
    anns, bobs = (signer.clip(run.clip.file, person(provider, who).id) for who in ("ann", "bob"))
    with httpx.Client(cookies=cookies(signed_in["ann"])) as ann, httpx.Client(cookies=cookies(signed_in["bob"])) as bob:
        assert ann.get(f"{app.url}/clips/{anns}").status_code == 200
        assert bob.get(f"{app.url}/clips/{anns}").status_code == 404
        assert bob.get(f"{app.url}/clips/{signer.clip(run.clip.file)}").status_code == 404
        assert ann.get(f"{app.url}/clips/{bobs}").status_code == 404


@pytest.mark.thorough  # sharing, below, begins and ends with a comparison that is not there
def test_another_s_comparison_and_its_export_are_not_there(
    app: App, comparison: Comparison, signed_in: dict[str, BrowserContext]
) -> None:
    page = signed_in["bob"].new_page()
    for path in (f"/compare?c={comparison.id}", f"/vote?c={comparison.id}"):
        page.goto(f"{app.url}{path}")
        expect(page.get_by_text("This comparison does not exist.", exact=False)).to_be_visible()
        assert "Take 0" not in page.content()
    answer = page.goto(f"{app.url}/present?c={comparison.id}")
    assert answer is not None
    assert answer.status == 404
    assert "Take 0" not in page.content()
    page.goto(f"{app.url}/compare")
    at_rest(page)
    assert "Ann's boats" not in page.content()
    page.close()
    page = signed_in["ann"].new_page()
    page.goto(f"{app.url}/compare?c={comparison.id}")
    expect(page.locator("video")).to_have_count(2)
    assert page.request.get(f"{app.url}/present?c={comparison.id}").status == 200
    page.close()


def test_the_stream_of_changes_tells_nobody_of_another_s(
    app: App, run: Run, comparison: Comparison, store: Store, provider: Provider, signed_in: dict[str, BrowserContext]
) -> None:
    address = f"ws://127.0.0.1:{app.url.rsplit(':', 1)[1]}/live?since=0"
    owners = {who: person(provider, who).id for who in PEOPLE}
    headers = {who: {"Cookie": cookie_header(signed_in[who])} for who in PEOPLE}
    bobs = store.runs.add(replace(run, id=secrets.token_hex(16), owner=owners["bob"], press=""))
    with (
        connect(address, additional_headers=headers["ann"]) as ann,
        connect(address, additional_headers=headers["bob"]) as bob,
    ):
        told_ann, told_bob = told(ann, run.id, comparison.id), told(bob, bobs.id)
        store.runs.save(replace(run, note="changed"))
        last = store.runs.add(replace(bobs, id=secrets.token_hex(16)))
        told_ann |= told(ann, run.id)
        told_bob |= told(bob, last.id)
    assert told_ann - {"gateway"} == {run.id, comparison.id}
    assert told_bob - {"gateway"} == {bobs.id, last.id}


def told(socket: ClientConnection, *awaited: str) -> set[str]:
    """Every id that is told until the awaited ones have been."""
    found: set[str] = set()
    while not found >= set(awaited):
        found |= set(json.loads(socket.recv(timeout=30))["runs"])
    return found


# --- sharing and operators ---------------------------------------------------------------------------------------


@pytest.mark.thorough  # tests/unit/test_people.py holds who reads what is shared
def test_a_comparison_is_shared_with_one_person_and_taken_back(
    app: App, comparison: Comparison, signed_in: dict[str, BrowserContext]
) -> None:
    ann, bob = (signed_in[who].new_page() for who in ("ann", "bob"))
    assert bob.request.get(f"{app.url}/present?c={comparison.id}").status == 404
    ann.goto(f"{app.url}/compare?c={comparison.id}")
    ann.get_by_role("button", name="Share").click()
    ann.get_by_role("combobox", name="Chosen people").fill("bob@example.com")
    ann.get_by_role("option").first.click()
    at_rest(ann)

    bob.goto(f"{app.url}/compare")
    expect(bob.get_by_role("heading", name="Shared with you")).to_be_visible()
    bob.get_by_role("button", name="Open", exact=True).last.click()
    expect(bob.get_by_text("Shared by Ann Lee.", exact=False)).to_be_visible()
    expect(bob.locator("video")).to_have_count(2)
    bob.wait_for_function("[...document.querySelectorAll('video')].every(v => v.readyState >= 1)")
    for name in ("More", "Share"):
        expect(bob.get_by_role("button", name=name)).to_have_count(0)
    assert bob.request.get(f"{app.url}/present?c={comparison.id}").status == 200

    ann.get_by_role("button", name="Remove bob@example.com").click()
    at_rest(ann)
    bob.goto(f"{app.url}/compare?c={comparison.id}")
    expect(bob.get_by_text("This comparison does not exist.", exact=False)).to_be_visible()
    assert bob.request.get(f"{app.url}/present?c={comparison.id}").status == 404
    ann.close()
    bob.close()


@pytest.mark.thorough  # tests/unit/test_people.py: what an operator may read
def test_an_operator_sees_people_and_spending_and_no_prompts(
    app: App, run: Run, signed_in: dict[str, BrowserContext]
) -> None:
    page = signed_in["bob"].new_page()  # the operator
    page.goto(f"{app.url}/settings")
    expect(page.get_by_role("heading", name="People")).to_be_visible()
    expect(page.get_by_role("cell", name="Ann Lee").first).to_be_visible()
    at_rest(page)
    assert "secret boat" not in page.content()
    expect(page.get_by_text("Latest requests of everybody")).to_have_count(0)
    page.close()
    page = signed_in["ann"].new_page()
    page.goto(f"{app.url}/settings")
    expect(page.get_by_role("heading", name="Spending")).to_be_visible()
    at_rest(page)
    expect(page.get_by_role("heading", name="People")).to_have_count(0)
    page.close()


# --- coming and going --------------------------------------------------------------------------------------------


def test_a_link_leads_to_its_page_after_the_sign_in_and_signing_out_ends_every_tab_and_copy_of_the_cookie(
    app: App, browser: Browser, run: Run, comparison: Comparison, store: Store, provider: Provider
) -> None:
    context = sign_in(app, browser, "ann", f"/compare?c={comparison.id}")
    page, other = context.pages[0], context.new_page()
    expect(page).to_have_url(re.compile(rf"/compare\?c={comparison.id}"))
    expect(page.locator("video")).to_have_count(2)
    other.goto(f"{app.url}/{run.request.family}?mode=text")
    expect(other.get_by_text("A secret boat of Ann's").first).to_be_visible()
    generate(other, "A new boat of Ann's")
    (sent,) = store.runs.list(search="new boat")
    assert sent.owner == person(provider, "ann").id
    stolen = cookies(context)
    with httpx.Client(cookies=stolen) as thief:
        assert thief.get(f"{app.url}/present?c=x").status_code == 404
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        expect(other.get_by_role("button", name="Sign in")).to_be_visible()
        assert thief.get(f"{app.url}/present?c=x").status_code == 401
    context.add_cookies([{"name": name, "value": value, "url": app.url} for name, value in stolen.items()])
    page.goto(f"{app.url}/library")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    context.close()


def test_whoever_is_signed_in_stands_in_one_row_with_the_way_out(
    app: App, signed_in: dict[str, BrowserContext]
) -> None:
    for who, shown in (("ann", "Ann Lee"), ("cleo", "Cleo F"), ("dan", "someone"), ("eve", "Somebody without a name")):
        page = signed_in[who].new_page()
        page.goto(f"{app.url}/leaderboard")
        sidebar = page.locator(".dailies-sidebar")
        called, out = sidebar.locator(".called"), sidebar.get_by_role("button", name="Sign out")
        expect(called).to_contain_text(shown)
        name, button, field = (each.bounding_box() for each in (called, out, sidebar.get_by_role("combobox")))
        assert name is not None and button is not None and field is not None
        middles = (name["y"] + name["height"] / 2, button["y"] + button["height"] / 2)
        assert abs(middles[0] - middles[1]) <= 2, who
        assert name["x"] + name["width"] <= button["x"], who
        assert button["x"] + button["width"] <= field["x"] + field["width"] + 1, who
        assert name["height"] <= 45, who  # two lines
        title = called.get_attribute("title") or ""
        assert str(PEOPLE[who].get("name", "")).strip() in title
        assert str(PEOPLE[who].get("email", "")) in title
        sidebar.get_by_role("combobox").fill("sora")
        top = sidebar.get_by_role("listbox").bounding_box()
        assert top is not None
        assert 0 <= top["y"] - field["y"] - field["height"] <= 8, who
        page.close()


def test_the_provider_sees_a_right_client(app: App, provider: Provider) -> None:
    """A wrong redirect address is refused by the provider, so its checks are worth something."""
    with httpx.Client() as http:
        wrong = {
            "client_id": "dailies",
            "redirect_uri": "http://evil.test/",
            "response_type": "code",
            "scope": "openid",
        }
        assert http.get(f"{provider.url}/authorize", params=wrong).status_code == 400
        assert http.post(f"{provider.url}/token", data={"code": "x"}).status_code == 401
        http.get(f"{app.url}/oauth2callback", params={"code": "made-up", "state": "made-up"})
        assert "_streamlit_user" not in http.cookies
        assert http.get(f"{app.url}/present?c=x").status_code == 401


def test_nothing_of_a_sign_in_is_in_the_log(app: App, signed_in: dict[str, BrowserContext]) -> None:
    said = Path(app.log).read_text()
    for context in signed_in.values():
        for value in cookies(context).values():
            assert value not in said
