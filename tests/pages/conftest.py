"""Pages without a browser: the shell under AppTest, with the services and the sandbox of this process."""

from __future__ import annotations

import io
import os
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from unittest.mock import MagicMock

import pytest
import streamlit as st
from PIL import Image
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest, app_test, local_script_runner
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from dailies.catalog.load import load
from dailies.compare import ratings
from dailies.domain import Request, Run
from dailies.request import wire
from dailies.services import Services, open_services
from dailies.vocabulary import Mode
from dailies.work.life import create_run

FAMILY = "mingmou"
Open = Callable[..., AppTest]
MakeRun = Callable[..., Run]
TIMEOUT = 120
"""Seconds before a run of a page fails: a busy machine is slow, not wrong."""


def plain(text: object) -> str:
    """A text of a page without the signs that keep its words from being Markdown."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", str(text)).replace("\N{WORD JOINER}", "")


def texts(app: AppTest) -> str:
    """Everything a page says, as one text."""
    kinds = (app.markdown, app.caption, app.error, app.warning, app.info, app.title, app.subheader)
    return plain("\n".join(str(element.value) for kind in kinds for element in kind))


def widget(app: AppTest, kind: str, label: str) -> Any:
    """The first widget of a kind with this label, units and hints left aside."""
    return next(element for element in app.get(kind) if element.label.split(" (unset")[0] == label)


def press(app: AppTest, label: str) -> AppTest:
    """The page after a press of the first button with this label."""
    return next(button for button in app.button if button.label == label).click().run()


def png(size: tuple[int, int] = (1280, 720)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (90, 120, 60)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The services that all pages of this process share."""
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


@pytest.fixture(scope="session", autouse=True)
def _components() -> Iterator[None]:
    """Look for the components of installed packages once: Streamlit does so for every page, for 0.12 s of CPU."""
    found = manifest_scanner.scan_component_manifests()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lambda: found)
        yield


@pytest.fixture(scope="session", autouse=True)
def _rankings() -> Iterator[None]:
    """Draw fewer resamples behind an interval of the leaderboard: its drawings cost 0.5 s of CPU each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ratings.rank.__kwdefaults__, "resamples", 20)
        yield


@pytest.fixture(scope="session", autouse=True)
def _compiled() -> Iterator[None]:
    """Compile the shell and each page once: AppTest does so at every run of one, for a sixth of its CPU."""
    kept = ScriptCache()
    with pytest.MonkeyPatch.context() as patch:
        for place in (app_test, local_script_runner):
            patch.setattr(place, "ScriptCache", lambda: kept)
        yield


@pytest.fixture(scope="session", autouse=True)
def _awaited() -> Iterator[None]:
    """Wait for the end of a run's thread: AppTest looks a thousand times a second, and holds that thread up."""
    give_up = local_script_runner.require_widgets_deltas

    def wait_for(runner: LocalScriptRunner, timeout: float) -> None:
        runner._script_thread.join(timeout)
        if not runner.script_stopped():
            give_up(runner, 0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_script_runner, "require_widgets_deltas", wait_for)
        yield


@pytest.fixture(scope="session", autouse=True)
def _server() -> Iterator[None]:
    """Make AppTest's stand-in for the server once, and not for every run of a page."""
    stand_in = MagicMock(spec=Runtime)

    def reuse(spec: type) -> MagicMock:
        stand_in.reset_mock()
        return stand_in

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app_test, "MagicMock", reuse)
        yield


@pytest.fixture(scope="session", autouse=True)
def _scripts() -> Iterator[None]:
    """Delete Streamlit's folder of test scripts: without this, Python warns about it at exit."""
    yield
    app_test.TMP_DIR.cleanup()


@pytest.fixture(scope="module", autouse=True)
def _empty_store(services: Services) -> None:
    """Empty the store before a module: its pages show the newest runs, whichever module ran before."""
    store = services.store
    for run in store.runs.list(limit=10_000):
        store.runs.delete(run.id)
    for comparison in store.comparisons.list(limit=10_000):
        store.comparisons.delete(comparison.id)
    with store._database.writing() as connection:  # what was spent on chat models stays for ever in the program
        connection.exec_driver_sql("DELETE FROM chat_calls")


@pytest.fixture
def make_run(services: Services) -> Iterator[MakeRun]:
    """`make_run(prompt, now, gateway, state=…)` stores a run of `FAMILY`; it is deleted after the test."""
    family = load().families[FAMILY]
    cell = family.cell(family.models[family.entries[0].id][0].id, Mode.TEXT)
    assert cell is not None
    made: list[Run] = []

    def stored(prompt: str, now: datetime, gateway: str, **changes: Any) -> Run:
        request = Request(FAMILY, cell.entry.id, cell.model.id, Mode.TEXT, prompt, {"seconds": 5}, {}, {})
        run = create_run(request, wire.encode(request, cell), cell.route, gateway, now)
        made.append(services.store.runs.add(replace(run, **{"due": None, "sent": now} | changes)))
        return made[-1]

    yield stored
    for run in made:
        services.store.runs.delete(run.id)


@pytest.fixture
def open_page(services: Services) -> Open:
    """`open_page("kling", model=…, mode=…)`: a fresh session on a page, with those query parameters.

    What another test had read for its pages is forgotten first.
    """
    st.cache_data.clear()

    def opened(page: str = "home", **query: str) -> AppTest:
        app = AppTest.from_file("../../components/shell.py", default_timeout=TIMEOUT)
        for name, value in query.items():
            app.query_params[name] = value
        app.switch_page(f"../pages/{page}.py")
        return app.run()

    return opened


@pytest.fixture
def wait(services: Services) -> Callable[[Callable[[], bool]], None]:
    """Wait until something holds, looking again whenever a run changes."""

    def waiting(holds: Callable[[], bool]) -> None:
        changed = threading.Event()
        stop = services.worker.feed.subscribe(lambda *_: changed.set())
        try:
            for _ in range(600):
                if holds():
                    return
                changed.wait(timeout=0.5)
                changed.clear()
        finally:
            stop()
        raise AssertionError("it never came to hold")

    return waiting
