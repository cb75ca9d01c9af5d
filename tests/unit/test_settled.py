"""The first page waits for nothing that it does not draw with."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading

import pytest

from components import faults
from components.server import settled
from tests.unit.test_house_rules import ROOT

LARGE = ("av", "numpy", "pandas", "jinja2", "alembic", "obstore", "cryptography")
"""What takes long to load and draws no first page."""

PROGRAM = ("sqlalchemy", "pydantic", "httpx", "dailies.services", "dailies.catalog.load", "components.session")
"""What the server answers without."""


class Names(list[str]):
    """What was to be imported, and whether it was kept out of the search for garbage."""

    def __init__(self) -> None:
        super().__init__()
        self.frozen = threading.Event()


@pytest.fixture
def told(monkeypatch):
    """What is loaded, in its order."""
    names = Names()
    monkeypatch.setattr(faults, "_at_end", [])
    monkeypatch.setattr(settled, "_PAUSE", 0)
    monkeypatch.setattr(settled, "load", lambda: names.append("catalog"))
    monkeypatch.setattr(settled.billing, "load", lambda: names.append("names"))
    monkeypatch.setattr(settled, "import_module", names.append)
    monkeypatch.setattr(gc, "freeze", names.frozen.set)
    return names


def test_the_server_answers_and_the_first_pages_load_without_what_they_do_not_draw_with():
    script = (
        f"import app, sys; print([name for name in {PROGRAM} if name in sys.modules]);"
        f"from components.server import loaded, settled; settled.load_first();"
        f"print([name for name in {LARGE} if name in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=dict(os.environ),
    )
    assert said.stdout.split("\n") == ["[]", "[]", ""]


def test_the_rest_is_loaded_and_the_sandbox_may_start_once_a_page_has_been_drawn(told):
    settled.load_first()
    first = list(told)
    assert first[:2] == ["catalog", "names"]
    assert "components.compare.export" not in first
    calm = settled.begin_loading()
    (thread,) = [each for each in threading.enumerate() if each.name == "dailies-loading"]
    assert told.frozen.wait(60)
    told.frozen.clear()
    assert (told, calm.is_set()) == (first, False)
    faults._end()
    thread.join()
    rest = told[len(first) :]
    assert {"components.compare.export", "components.screens.settings"} <= set(rest)
    assert "components.shell" not in rest
    assert calm.is_set()
    assert told.frozen.is_set()
    assert gc.isenabled()


def test_a_fault_leaves_the_search_for_garbage_on(told, monkeypatch):
    def fail(_: str) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(settled, "import_module", fail)
    drawn = threading.Event()
    drawn.set()
    settled._load_rest(drawn, threading.Event())
    assert gc.isenabled()
