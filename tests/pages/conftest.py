"""Pages without a browser: the shell under AppTest, on the services of this process and a sandbox of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from dailies.services import Services, open_services

Open = Callable[..., AppTest]
TIMEOUT = 30


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The one set of services that every page of this process finds."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("DAILIES_")]:
        del os.environ[name]
    os.environ |= {"DAILIES_HOME": str(tmp_path_factory.mktemp("home")), "DAILIES_SANDBOX_SECONDS": "0"}
    os.environ["DAILIES_SANDBOX_FRAME_RATE"] = "2"
    opened = open_services()
    yield opened
    opened.close()
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def open_page(services: Services) -> Open:
    """`open_page("kling", model=…, mode=…)`: a fresh session on a page, with those query parameters."""

    def opened(page: str = "home", **query: str) -> AppTest:
        app = AppTest.from_file("../../components/shell.py", default_timeout=TIMEOUT)
        for name, value in query.items():
            app.query_params[name] = value
        app.switch_page(f"../pages/{page}.py")
        return app.run()

    return opened
