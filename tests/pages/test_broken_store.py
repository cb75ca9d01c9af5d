"""A library that cannot be used while the app runs: one sentence and *Try again*, and the form stays as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from dailies.errors import StoreError
from dailies.services import Services
from dailies.store.browsers import BrowserStore
from tests.pages.conftest import Open, press, texts, widget

PROMPT = "A boat that nobody sends"


@pytest.fixture
def lose(services: Services) -> Iterator[Callable[[bool], None]]:
    """`lose(True)`: the database's file is no longer the one that was opened; `lose(False)`: it is back."""
    database = services.store._database
    real = database._identity

    def change(lost: bool) -> None:
        database._identity = (1, 1) if lost else real

    yield change
    change(False)


def fill(open_page: Open) -> AppTest:
    app = open_page("veo", model="veo_3_1", mode="text")
    widget(app, "text_area", "Prompt").set_value(PROMPT).run()
    return app


PAGES = ["home", "compare", "plan", "leaderboard", "vote", "library", "queue", "seen", "assets", "settings", "veo"]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_without_its_library_is_a_sentence(open_page: Open, lose: Callable[[bool], None], page: str) -> None:
    lose(True)
    app = open_page(page)
    assert not app.exception
    assert len(app.error) == 1
    assert "moved, deleted or replaced" in texts(app)
    lose(False)
    press(app, "Try again")
    assert not app.exception
    assert not app.error
    assert app.title[0].value


def test_a_press_without_the_library_stores_nothing_and_keeps_the_form(
    open_page: Open, lose: Callable[[bool], None], services: Services
) -> None:
    app = fill(open_page)
    lose(True)
    press(app, "Generate")
    assert not app.exception
    assert "moved, deleted or replaced" in texts(app)
    lose(False)
    press(app, "Try again")
    assert widget(app, "text_area", "Prompt").value == PROMPT
    assert not [run for run in services.store.runs.list() if run.request.prompt == PROMPT]


def test_a_press_that_the_database_does_not_take_is_named_beside_the_form(
    open_page: Open, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = fill(open_page)

    def locked(*_: object, **__: object) -> None:
        raise StoreError("The database is locked.")

    with monkeypatch.context() as patch:
        patch.setattr(services.store.runs, "add_all", locked)
        patch.setattr(BrowserStore, "save_draft", locked)
        press(app, "Generate")
    assert not app.exception
    assert "Library The database is locked." in texts(app).replace("**", "")
    assert widget(app, "text_area", "Prompt").value == PROMPT
    assert not [run for run in services.store.runs.list() if run.request.prompt == PROMPT]
