"""Whose library it is, as a filter: an operator who may see what others ask for has it, and nobody else."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dailies.catalog.load import load
from dailies.domain import Request, Run
from dailies.request import wire
from dailies.store import Store
from dailies.vocabulary import Mode, RunState
from dailies.work.life import create_run
from tests.browser.conftest import at_rest, free_port, start_app
from tests.browser.provider import serving_provider, write_secrets
from tests.browser.test_sign_in import PEOPLE, person, sign_in

pytestmark = pytest.mark.browser


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


def test_an_operator_filters_by_person_and_nobody_else_sees_a_name(browser: Browser, tmp_path: Path) -> None:
    port = free_port()
    with serving_provider(f"http://127.0.0.1:{port}/oauth2callback", PEOPLE) as provider:
        (tmp_path / "secrets.toml").write_text(write_secrets(provider))
        operator = {"DAILIES_OPERATORS": "bob@example.com", "DAILIES_OPERATORS_SEE_PROMPTS": "1"}
        variables = {"STREAMLIT_SECRETS_FILES": str(tmp_path / "secrets.toml"), **operator}
        app = start_app(tmp_path / "home", port, "0.0.0.0", **variables)
        store = Store(app.home)
        people = {who: sign_in(app, browser, who) for who in PEOPLE}
        try:
            anns = make_run(store, person(provider, "ann").id, "A boat of Ann's")
            bobs = make_run(store, person(provider, "bob").id, "A kite of Bob's")
            page = people["bob"].new_page()
            open_filters(page, f"{app.url}/library")
            page.get_by_role("combobox", name="Person").click()
            page.get_by_role("option", name="Ann Lee").click()
            expect(page.locator(".tile .prompt")).to_have_text(["A boat of Ann's"])
            page.keyboard.press("Escape")
            expect(page.get_by_role("button", name="Person: Ann Lee")).to_be_visible()
            shared = page.url
            assert "person=" in shared
            page.get_by_role("button", name="Person: Ann Lee").click()
            expect(page.locator(".tile .prompt")).to_have_text(["A kite of Bob's"])

            page = people["ann"].new_page()
            open_filters(page, f"{app.url}/library")
            expect(page.get_by_role("combobox", name="Person")).to_have_count(0)
            expect(page.locator(".tile .prompt")).to_have_text(["A boat of Ann's"])
            assert "Bob" not in page.content()
            theirs = shared.replace(anns.owner, bobs.owner)
            assert theirs != shared
            for address in (theirs, f"{app.url}/library?run={bobs.id}"):
                page.goto(address)
                expect(page.get_by_text("No run matches" if address == theirs else "no such run")).to_be_visible()
                at_rest(page)
                assert "Bob" not in page.content()
                assert "kite" not in page.content()
        finally:
            for context in people.values():
                context.close()
            store.close()
            app.kill()
