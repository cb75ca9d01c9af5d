"""Every odd clip that is taken in plays in a browser, itself or as its preview, with the sides and length we state."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from dailies.formats import read_suffix
from dailies.media import clips
from tests.browser.serving import serving
from tests.unit.odd_clips import MADE

pytestmark = pytest.mark.browser

SOON = ("plain.mp4", "fragmented.mp4", "quarter.mp4", "10 bit.mp4", "hevc.mp4", "prores.mov", "mpeg4.avi", "vp9.webm")
"""One of each way to arrive in the browser: as it came, in pieces, turned, re-encoded for its codec or its container.

tests/unit/test_odd_clips.py takes in and measures all of them."""

_PLAY = """async (src) => {
  const video = document.createElement("video")
  video.muted = true
  const ended = new Promise((done, fail) => {
    video.onended = done
    video.onerror = () => fail(new Error(video.error.message))
  })
  video.src = src
  document.body.replaceChildren(video)
  await video.play()
  const sides = [video.videoWidth, video.videoHeight, video.duration]
  video.playbackRate = 4
  await ended
  return sides
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="module")
def page(browser: Browser, folder: Path) -> Iterator[Page]:
    routes = [Route("/", lambda _: HTMLResponse("<body></body>")), Mount("/clips", StaticFiles(directory=folder))]
    with serving(Starlette(routes=routes)) as url:
        page = browser.new_page()
        page.goto(url)
        yield page
        page.close()


@pytest.mark.parametrize(
    "name", [name if name in SOON else pytest.param(name, marks=pytest.mark.thorough) for name in MADE]
)
def test_an_odd_clip_plays_to_its_end(page: Page, folder: Path, tmp_path: Path, name: str) -> None:
    part = folder / ".part"
    shutil.move(MADE[name](tmp_path / name), part)
    clip = clips.take_in(part, folder)
    assert read_suffix(Path(clip.played).suffix) in ("video/mp4", "video/webm")
    width, height, seconds = _play(page, clip.played)
    assert abs(width - clip.width) <= 1 and abs(height - clip.height) <= 1  # H.264 has even sides
    # Of these Chromium adds up what the headers say: it learns better later, or counts the time before the first frame.
    if name not in ("uneven.mp4", "fragmented.mp4", "segmented.mp4"):
        assert seconds == pytest.approx(clip.seconds, abs=0.05)


def _play(page: Page, file: str) -> tuple[Any, Any, Any]:
    width, height, seconds = page.evaluate(_PLAY, f"/clips/{file}")
    return width, height, seconds
