"""Options of the whole suite."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--interop", action="store_true", help="run the tests against third parties below build/")
    parser.addoption(
        "--all-cells", action="store_true", help="render a film of every cell, not of one for each kind of call"
    )
