"""What an operator may do: look into another person's library, and accept what a gateway was seen to deliver."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dailies.catalog.load import FOLDER, load
from dailies.domain import Request, Run
from dailies.request import wire
from dailies.store import Store
from dailies.vocabulary import Mode, RunState
from dailies.work.life import create_run
from tests.browser.conftest import App, at_rest, free_port, start_app
from tests.browser.provider import Provider, serving_provider, write_secrets
from tests.browser.test_generate import generate
from tests.browser.test_sign_in import PEOPLE, person, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.thorough]  # tests/pages and tests/unit hold the same rules
CELL = next(
    cell
    for cell in load().cells()
    if (cell.mode, cell.entry.id) == (Mode.TEXT, "openai")
    and (found := cell.parameter("seconds"))
    and len(found.choices) > 1
    and not found.free
    and found.default == found.choices[0]
)
VALUE = CELL.parameter("seconds").default


@dataclass(frozen=True)
class Office:
    """An app with sign-in: Bob is its operator, who may see what others ask for."""

    app: App
    store: Store
    provider: Provider
    people: dict[str, BrowserContext]


@pytest.fixture(scope="module")
def office(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    port, folder = free_port(), tmp_path_factory.mktemp("office")
    with serving_provider(f"http://127.0.0.1:{port}/oauth2callback", PEOPLE) as provider:
        (folder / "secrets.toml").write_text(write_secrets(provider))
        operator = {"DAILIES_OPERATORS": "bob@example.com", "DAILIES_OPERATORS_SEE_PROMPTS": "1"}
        operator |= {"DAILIES_CATALOG": str(folder / "own")}
        variables = {"STREAMLIT_SECRETS_FILES": str(folder / "secrets.toml"), **operator}
        app = start_app(folder / "home", port, "0.0.0.0", **variables)
        store = Store(app.home)
        people = {who: sign_in(app, browser, who, "/library") for who in PEOPLE}  # Home keeps what it read for a while
        yield Office(app, store, provider, people)
        for context in people.values():
            context.close()
        store.close()
        app.kill()


def make_run(store: Store, owner: str, prompt: str) -> Run:
    cell = next(cell for cell in load().cells() if (cell.mode, cell.entry.id) == (Mode.TEXT, "openai"))
    request = Request(cell.family, cell.entry.id, cell.model.id, Mode.TEXT, prompt, {}, {}, {})
    made = create_run(request, wire.encode(request, cell), cell.route, "sandbox", store.clock())
    return store.runs.add(replace(made, id=secrets.token_hex(16), owner=owner, state=RunState.CANCELLED, due=None))


def open_filters(page: Page, address: str) -> None:
    page.goto(address)
    at_rest(page)
    page.get_by_role("button", name="Filters").click()
    expect(page.get_by_text("Only starred")).to_be_visible()
    at_rest(page)


def test_an_operator_filters_by_person_and_nobody_else_sees_a_name(office: Office) -> None:
    address = f"{office.app.url}/library?q=personal"
    anns = make_run(office.store, person(office.provider, "ann").id, "A personal boat of Ann's")
    bobs = make_run(office.store, person(office.provider, "bob").id, "A personal yacht of Bob's")
    page = office.people["bob"].new_page()
    open_filters(page, address)
    page.get_by_role("combobox", name="Person").click()
    page.get_by_role("option", name="Ann Lee").click()
    expect(page.locator(".tile .prompt")).to_have_text(["A personal boat of Ann's"])
    page.keyboard.press("Escape")
    shared = page.url
    assert "person=" in shared
    page.get_by_role("button", name="Person: Ann Lee").click()
    expect(page.locator(".tile .prompt")).to_have_text(["A personal yacht of Bob's"])

    page = office.people["ann"].new_page()
    open_filters(page, address)
    expect(page.get_by_role("combobox", name="Person")).to_have_count(0)
    expect(page.locator(".tile .prompt")).to_have_text(["A personal boat of Ann's"])
    assert "Bob" not in page.content()
    theirs = shared.replace(anns.owner, bobs.owner)
    assert theirs != shared
    for there in (theirs, f"{office.app.url}/library?run={bobs.id}"):
        page.goto(there)
        expect(page.get_by_text("No run matches" if there == theirs else "no such run")).to_be_visible()
        at_rest(page)
        assert "Bob" not in page.content()
        assert "yacht" not in page.content()


def test_what_is_clamped_is_seen_and_accepted(office: Office, tmp_path: Path) -> None:
    app, store, page = office.app, office.store, office.people["bob"].new_page()
    page.goto(f"{app.url}/{CELL.family}?model={CELL.model.id}&mode=text")
    generate(page, "A kite over the sea #clamp")
    expect(page.get_by_text(f"Asked {VALUE} s, got").first).to_be_visible()  # the card
    (run,) = store.runs.list(search="clamp")
    for _ in range(2):  # two more that ended like it
        store.runs.add(replace(run, id=secrets.token_hex(16), press=""))

    page.goto(f"{app.url}/library?delivered=length")
    expect(page.locator(".tile .differs")).to_contain_text(["length"] * 3)
    at_rest(page)
    page.locator(".open").first.focus()
    page.keyboard.press("Control+a")
    page.get_by_role("button", name="Download …").click()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download ZIP").click()
    with zipfile.ZipFile(saved.value.path()) as archive:
        records = [json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")]
    assert len(records) == 3
    assert all(record["differs"][0].startswith(f"Asked {VALUE} s, got") for record in records)

    page.goto(app.url)
    expect(page.get_by_text("✓ 3")).to_be_visible()
    expect(page.get_by_text("disputed").first).to_be_visible()

    page.goto(f"{app.url}/seen")
    at_rest(page)
    page.get_by_text(f"{CELL.model.id} · ").click()
    page.get_by_role("button", name=f"Offer Duration {VALUE} no more").click()
    expect(page.get_by_role("button", name=f"Offer Duration {VALUE} no more")).to_have_count(0)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Patch for the catalog").click()
    shutil.copytree(FOLDER, tmp_path / "catalog")
    subprocess.run(["git", "apply", "--check", saved.value.path()], cwd=tmp_path, check=True, capture_output=True)

    page.goto(f"{app.url}/{CELL.family}?model={CELL.model.id}&mode=text")
    field = page.get_by_test_id("stButtonGroup").filter(has_text="Duration")
    expect(field.get_by_role("radio")).to_have_text([str(each) for each in CELL.parameter("seconds").choices[1:]])
