"""Third-party servers and clients against the sandbox: `make interop` runs them, `make test` skips them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.conftest import ROOT, sandbox_process
from tests.conformance.drafts import write_samples

BUILD = ROOT / "build"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--interop"):
        return
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.skip(reason="make interop installs and runs third parties"))


@pytest.fixture(scope="session")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a sandbox whose tasks end as soon as their films of two frames per second are ready."""
    with sandbox_process(tmp_path_factory.mktemp("upstream"), 0, "--frame-rate", "2") as url:
        yield url


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a picture of 1280x720, a video of 4 s and a sound of 4 s."""
    found = tmp_path_factory.mktemp("media")
    write_samples(found)
    return found
