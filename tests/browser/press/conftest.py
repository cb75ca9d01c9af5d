"""The app of the session, whose paid calls its sandbox counts, and its store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dailies.store import Store
from tests.browser.conftest import App
from tests.browser.press.presses import Counted


@pytest.fixture
def counted(app: App) -> Counted:
    return Counted(app, app.sandbox)


@pytest.fixture
def store(app: App) -> Iterator[Store]:
    opened = Store(app.home)
    yield opened
    opened.close()
