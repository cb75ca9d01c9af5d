"""Every page of the navigation draws."""

from __future__ import annotations

import pytest
from streamlit import dataframe_util

from components import session
from dailies.catalog.load import load
from tests.pages.conftest import Open, texts

FAMILIES = list(load().families)


@pytest.mark.parametrize("page", ["home", "compare", "plan", "leaderboard", "vote", "library", "settings", *FAMILIES])
def test_the_page_draws(page: str, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_into: list[object] = []
    monkeypatch.setattr(dataframe_util, "determine_data_format", looked_into.append)
    app = open_page(page)
    assert not app.exception
    assert app.title[0].value
    assert not looked_into, "Streamlit loads pandas to see whether this is a table; see components.frontend"


def test_an_open_installation_says_so(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "everybody who can reach this address can see every run"
    assert said not in texts(open_page("library"))
    monkeypatch.setattr(session, "is_open", lambda: True)
    assert said in texts(open_page("library"))
