"""From the form to a playing clip, on the pages of four families that send media in four different ways."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, at_rest, open_details

pytestmark = pytest.mark.browser

PLAYING = "() => { const v = document.querySelector('video'); return v && v.readyState >= 2 && v.currentTime > 0 }"


def generate(page: Page, prompt: str) -> None:
    """Type and press once the page is at rest: Streamlit drops a press that meets another request half-way."""
    page.get_by_label("Prompt", exact=True).fill(prompt)
    at_rest(page)
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_test_id("stCaptionContainer").get_by_text(prompt, exact=True).first).to_be_visible()


def upload(page: Page, slot: str, files: Path | list[Path]) -> None:
    """Give files to a slot by its name: the slots of a page appear in any order."""
    at_rest(page)
    page.get_by_label(f"Upload: {slot}").locator("input[type=file]").set_input_files(files)


def fill_slot(page: Page, slot: str, file: Path) -> None:
    """Fill a slot that takes one file, until its way in is gone."""
    upload(page, slot, file)
    expect(page.get_by_label(f"Upload: {slot}")).to_have_count(0)


def assert_plays(page: Page, seconds: float) -> None:
    page.wait_for_function(PLAYING)
    duration = page.evaluate("document.querySelector('video').duration")
    assert abs(duration - seconds) <= 0.2


def test_three_actions_to_a_playing_clip(app: App, page: Page) -> None:
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.set_viewport_size({"width": 1440, "height": 500})
    page.goto(f"{app.url}/sora")  # 1: open
    expect(page.get_by_role("button", name="Generate")).to_be_in_viewport()  # of a window lower than the form
    page.set_viewport_size({"width": 1440, "height": 900})
    generate(page, "A paper boat in the rain")  # 2: type, 3: Generate
    assert_plays(page, 4)
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A paper boat in the rain")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save frame").first.click()
    assert re.search(r"_A-paper-boat-in-the-rain_\w{6}_\d\.\d{3}s\.png$", saved.value.suggested_filename)
    with Image.open(saved.value.path()) as frame:
        size = "(({ videoWidth, videoHeight }) => [videoWidth, videoHeight])(document.querySelector('video'))"
        assert list(frame.size) == page.evaluate(size)
    # What is folded costs nothing: the highlighter is large, and comes with what needs it.
    at_rest(page)
    assert not [url for url in loaded if "SyntaxHighlighter" in url]
    open_details(page)
    expect(page.get_by_text('"prompt"').first).to_be_visible()
    assert [url for url in loaded if "SyntaxHighlighter" in url]
    # A menu pressed a moment too late belongs to the page that was left: it takes nothing from the new one.
    page.evaluate(
        """() => {
          const all = (selector) => [...document.querySelectorAll(selector)]
          const more = all("main button").find((button) => button.textContent.includes("More"))
          all(".dailies-sidebar a").find((link) => link.textContent.includes("Library")).click()
          more.click()
        }"""
    )
    expect(page.get_by_role("heading", level=1)).to_have_text("Library")
    at_rest(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Library")


@pytest.mark.thorough  # other slots and families than below; every cell's create is sent in tests/conformance
def test_three_uploaded_references(app: App, page: Page, pictures: list[Path]) -> None:
    page.goto(f"{app.url}/grok?mode=references")
    upload(page, "reference images", pictures)
    expect(page.get_by_role("img", name="Thumbnail of picture-3.png")).to_be_visible()
    generate(page, "All three in one scene")
    assert_plays(page, 6)


@pytest.mark.thorough
def test_an_uploaded_first_frame(app: App, page: Page, pictures: list[Path]) -> None:
    page.goto(f"{app.url}/kling?model=Kling-3.0&mode=first_frame")
    fill_slot(page, "first frame", pictures[0])
    expect(page.get_by_role("img", name="Thumbnail of picture-1.png")).to_be_visible()
    generate(page, "She turns around")
    assert_plays(page, 5)


@pytest.mark.thorough
def test_first_and_last_frames(app: App, page: Page, pictures: list[Path]) -> None:
    page.goto(f"{app.url}/seedance-2?mode=first_last")
    fill_slot(page, "first frame", pictures[0])
    fill_slot(page, "last frame", pictures[1])
    expect(page.get_by_role("img", name="Thumbnail of picture-2.png")).to_be_visible()
    generate(page, "From one to the other")
    assert_plays(page, 5)
