"""Options and settings of the whole suite."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# Property tests are quick, keep no examples and fail the same way every time.
settings.register_profile("dailies", max_examples=50, deadline=None, derandomize=True, database=None)
settings.load_profile("dailies")

# A test that forgets to name a home must fail, not open the library of the person who runs it.
os.environ["DAILIES_HOME"] = os.devnull


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--interop", action="store_true", help="run the tests against third parties below build/")
    parser.addoption("--installed", action="store_true", help="run the tests of the package installed below build/")
    parser.addoption(
        "--all-cells", action="store_true", help="render and measure every cell, not one of each kind of call"
    )
