"""The Present page: a playlist that steps and plays, one comparison alone, and the app that serves it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from components.html.present import present
from dailies.compare.nouns import Comparison
from dailies.domain import Clip
from dailies.people import Person
from dailies.settings import Settings
from dailies.store import Store
from dailies.store.personal import PersonalStore
from tests.browser.conftest import App
from tests.browser.exported.conftest import fill, plays_together, until
from tests.browser.serving import serving

pytestmark = pytest.mark.browser


@pytest.fixture
def server(store: Store, comparison: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    settings = Settings(tmp_path / "home")
    own = SimpleNamespace(store=PersonalStore(store, Person(comparison.owner)))
    services = SimpleNamespace(settings=settings, of=lambda _: own)
    monkeypatch.setattr("components.html.present.open_services", lambda: services)

    async def clip(request: Request) -> Response:
        return FileResponse(store.files.clip_path(settings.signer.clip_of(request.path_params["token"])))

    with serving(Starlette(routes=[Route("/present", present), Route("/clips/{token}", clip)])) as address:
        yield address


def test_present_steps_through_a_playlist(page: Page, server: str) -> None:
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto(f"{server}/present?c=c1&list=c1,c2,c3&title=1&prompt=1")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Boats")
    plays_together(page, 3)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"
    expect(page.get_by_text("beta-2")).to_be_hidden()
    page.keyboard.press("n")
    expect(page.get_by_text("beta-2")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(heading).to_have_text("Two boats")
    expect(page.get_by_text("beta-2")).to_be_hidden()
    plays_together(page, 2)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("No clip of this comparison is finished yet.")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(heading).to_have_text("Two boats")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(heading).to_have_text("No boats")
    assert wrong == []


def test_present_alone_leaves_the_arrows_to_the_player(page: Page, server: str) -> None:
    page.goto(f"{server}/present?c=c2")
    expect(page.locator("video")).to_have_count(2)
    expect(page.get_by_role("heading")).to_have_count(0)
    page.keyboard.press("p")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("p")
    expect(page.get_by_role("heading")).to_have_count(0)
    page.get_by_role("button", name="Names").click()
    expect(page.get_by_text("beta-2")).to_be_visible()
    page.keyboard.press("q")
    expect(page.get_by_role("dialog")).to_contain_text("this machine alone")
    page.keyboard.press("Escape")
    page.locator("#hint.faded").wait_for(state="attached")
    page.locator("#stage").click(position={"x": 5, "y": 5})
    before = page.evaluate("document.querySelector('video').currentTime")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    until(page, f"videos[0].currentTime > {before}")


def test_the_app_itself_serves_present(page: Page, app: App, films: list[Clip]) -> None:
    store = Store(app.home)
    fill(store, films)
    store.close()
    page.goto(f"{app.url}/present?c=c1")
    plays_together(page, 3)
