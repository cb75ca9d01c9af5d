"""Every page of the navigation draws."""

from __future__ import annotations

import pytest

from dailies.catalog.load import load
from tests.pages.conftest import Open

FAMILIES = list(load().families)


@pytest.mark.parametrize("page", ["home", "compare", "plan", "leaderboard", "vote", "library", "settings", *FAMILIES])
def test_the_page_draws(page: str, open_page: Open) -> None:
    app = open_page(page)
    assert not app.exception
    assert app.title[0].value
