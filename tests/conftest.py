"""Options and settings of the whole suite."""

from __future__ import annotations

import gc
import logging
import os
import pickle
import ssl
import sys
import tomllib
from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import settings

from tests.migrated import copying

# Property tests are quick, keep no examples and fail the same way every time.
settings.register_profile("dailies", max_examples=50, deadline=None, derandomize=True, database=None)
settings.load_profile("dailies")

# The app is started often, and pytest rewrites every assert of a module: what is compiled once is kept.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A test that forgets to name a home must fail, not open the library of the person who runs it.
os.environ["DAILIES_HOME"] = os.devnull


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--interop", action="store_true", help="run the tests against third parties below build/")
    parser.addoption("--installed", action="store_true", help="run the tests of the package installed below build/")
    parser.addoption("--all", action="store_true", help="run thorough tests too: every cell, every way to press")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what `make test-all` runs: further examples of what others already show."""
    if not config.getoption("--all"):
        left_out = [item for item in items if item.get_closest_marker("thorough")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("thorough")]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Look for no garbage in what is imported and collected: there is none, and it is much."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_finish() -> None:
    """Let every logger pass its words on to the root, where pytest listens.

    It attaches itself to each that does not, six times a test, and Streamlit has sixty.
    """
    for logger in logging.getLogger().manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.propagate = True


@pytest.fixture(scope="session", autouse=True)
def _migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Migrate once for all new databases of this process."""
    with copying(tmp_path_factory.mktemp("migrated")):
        yield


@pytest.fixture(scope="session", autouse=True)
def _certificates() -> Iterator[None]:
    """Read the certificates of this machine once: every HTTP client does so for itself, for 0.03 s of CPU."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        yield


@pytest.fixture(scope="session", autouse=True)
def _parsed() -> Iterator[None]:
    """Parse each text of TOML once: tests that change one file of the catalog read the forty others anew."""
    parse = tomllib.loads

    @cache
    def parsed(text: str) -> bytes:
        return pickle.dumps(parse(text))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tomllib, "loads", lambda text: pickle.loads(parsed(text)))  # a copy: readers change what they get
        yield
