"""Films, pages and scripts of the player's tests: each made once for all tests of the session."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import PATIENCE
from tests.browser.player.films import COLOURS, clip_spec, served, write_clip, write_page

_numbers = itertools.count()
SCRIPTS = Path(__file__).parents[3] / "components" / "frontend" / "player"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four films: 12, 24 and 30 frames a second, two of them with sound, one upright."""
    folder = tmp_path_factory.mktemp("player")
    write_clip(folder / "twelve.mp4", seconds=2, rate=12, size=(320, 180), sound=True, colour=COLOURS[0])
    write_clip(folder / "twentyfour.mp4", seconds=3, rate=24, size=(320, 180), sound=True, colour=COLOURS[1])
    write_clip(folder / "thirty.mp4", seconds=2, rate=30, size=(320, 180), colour=COLOURS[2])
    write_clip(folder / "upright.mp4", seconds=2, rate=24, size=(180, 320), colour=COLOURS[3])
    return folder


@pytest.fixture(scope="session")
def site(folder: Path) -> Iterator[str]:
    with served(folder) as url:
        yield url


@pytest.fixture(scope="session")
def clips(folder: Path) -> list[dict[str, Any]]:
    names = ("twelve", "twentyfour", "thirty", "upright")
    return [clip_spec(folder / f"{name}.mp4", "ABCD"[at], f"Film {name}") for at, name in enumerate(names)]


@pytest.fixture(scope="session")
def tab(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """One tab for all tests, which each load a page of their own into it; and the errors that its scripts threw."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    thrown: list[str] = []
    opened.on("pageerror", lambda error: thrown.append(str(error)))
    yield opened, thrown
    context.close()


@pytest.fixture
def show(tab: tuple[Page, list[str]], folder: Path, site: str) -> Iterator[Callable[..., Page]]:
    """Open a new page with this spec, in a window of `width` pixels; the test fails if a script of ours throws.

    `motion` is what the person prefers: "reduce" or "no-preference". `disk` opens the page without a server.
    """
    page, thrown = tab

    def open_page(
        spec: Mapping[str, Any], *, width: int = 1440, motion: Any = "no-preference", disk: bool = False
    ) -> Page:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(reduced_motion=motion)
        written = write_page(folder, spec, f"page{next(_numbers)}.html")
        page.goto(written.as_uri() if disk else f"{site}/{written.name}")
        return page

    yield open_page
    found = thrown.copy()
    thrown.clear()
    assert found == []


def load_scripts(page: Page) -> None:
    """Load the parts of the player into a blank page, where their functions can be called by name."""
    page.goto("about:blank")
    for script in sorted(SCRIPTS.glob("*.js")):
        if script.name != "component.js":  # a module of Streamlit's
            page.add_script_tag(path=script)
    page.add_script_tag(content=_SHORTHAND)


_SHORTHAND = """
const clip = (seconds, frameRate = 24, more = {}) => ({ id: "", seconds, frameRate, times: null, offset: 0, ...more })
const plain = (value) => JSON.parse(JSON.stringify(value, (_, one) => (
  typeof one !== "number" ? one : Number.isFinite(one) ? Math.round(one * 1e6) / 1e6 : String(one))))
"""


@pytest.fixture(scope="session")
def call(browser: Browser) -> Iterator[Callable[[str], Any]]:
    """The value of a JavaScript expression over the parts of the player, numbers rounded to a millionth.

    `clip(seconds, frameRate, more)` makes a clip for `makePlan`.
    """
    context = browser.new_context()
    page = context.new_page()
    load_scripts(page)
    yield lambda expression: page.evaluate(f"plain({expression})")
    context.close()
