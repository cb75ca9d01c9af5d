"""One app on a sandbox of its own, whose creates are counted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.conftest import free_port, start_app
from tests.browser.press.presses import Counted
from tests.conformance.conftest import sandbox_process


@pytest.fixture(scope="session")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    folder = tmp_path_factory.mktemp("press")
    with sandbox_process(folder / "sandbox", 0.1, "--frame-rate", "2") as url:
        app = start_app(folder / "home", free_port(), DAILIES_SANDBOX_URL=url)
        yield Counted(app, url)
        app.kill()
