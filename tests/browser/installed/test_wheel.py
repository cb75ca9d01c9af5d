"""The package as `pip install` leaves it: `make installed` builds, installs and runs this; `make test` skips it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from dailies import __version__
from dailies.catalog.load import load
from tests.browser.conftest import ROOT, App, free_port, start_app
from tests.browser.test_generate import assert_plays, generate

pytestmark = pytest.mark.browser

BIN = ROOT / "build" / "installed" / "bin"


@pytest.fixture(autouse=True, scope="session")
def installed(request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--installed"):
        pytest.skip("make installed builds and installs the package")


@pytest.fixture(scope="session")
def app(installed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    command = (str(BIN / "dailies"), "run")
    running = start_app(tmp_path_factory.mktemp("installed") / "home", free_port(), command=command)
    yield running
    running.kill()


def call(folder: Path, *arguments: str) -> str:
    """What the installed command prints, far from any checkout."""
    return subprocess.run(
        [BIN / "dailies", *arguments], cwd=folder, env={}, capture_output=True, text=True, check=True, timeout=60
    ).stdout


def test_the_command_knows_its_version_and_every_model(tmp_path: Path) -> None:
    assert call(tmp_path, "--version").split()[-1] == __version__
    rows = json.loads(call(tmp_path, "models", "--json"))
    assert {row["family"] for row in rows} == {
        name for name, each in load().families.items() if any(each.models.values())
    }


def test_nothing_but_dailies_is_added_to_the_environment() -> None:
    record = next((BIN.parent / "lib").glob(f"python*/site-packages/dailies-{__version__}.dist-info/RECORD"))
    names = {line.split(",")[0].split("/")[0] for line in record.read_text().splitlines()}
    assert names == {"dailies", f"dailies-{__version__}.dist-info", ".."}  # the command itself is in bin/


def test_the_installed_app_makes_a_clip(app: App, page: Page) -> None:
    page.goto(f"{app.url}/sora?mode=text")
    generate(page, "A boat leaves the harbour")
    assert_plays(page, 4)
