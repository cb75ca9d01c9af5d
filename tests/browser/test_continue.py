"""Going on from the frame that a player shows, and from a picture that is pasted, in a browser."""

from __future__ import annotations

import io
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, at_rest
from tests.browser.test_generate import assert_plays, generate

pytestmark = pytest.mark.browser

SEEK = """(video) => new Promise((shown) => {
  video.pause()
  video.requestVideoFrameCallback(() => shown())
  video.currentTime = 2.1
})"""
PASTE = """(words) => new Promise((done) => {
  const carried = new DataTransfer()
  const paste = () => {
    const data = { clipboardData: carried, bubbles: true, cancelable: true }
    document.body.dispatchEvent(new ClipboardEvent("paste", data))
    done()
  }
  if (words) {
    carried.setData("text/plain", words)
    return paste()
  }
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 })
  const drawn = canvas.getContext("2d")
  drawn.fillStyle = "rgb(180, 80, 50)"
  drawn.fillRect(0, 0, 640, 480)
  canvas.toBlob((blob) => {
    carried.items.add(new File([blob], "image.png", { type: "image/png" }))
    paste()
  })
})"""


def test_the_next_clip_begins_with_the_frame_that_is_shown_or_a_picture_that_is_pasted(app: App, page: Page) -> None:
    page.goto(f"{app.url}/hailuo?mode=text")
    page.get_by_label("Prompt", exact=True).fill("A kite over the dunes")
    at_rest(page)
    page.get_by_role("button", name="Generate").last.click()
    pick = page.get_by_role("button", name="Continue from this frame").first
    expect(pick).to_be_visible()
    video = page.locator("video").first
    video.evaluate("(video) => video.readyState > 1 || new Promise((done) => (video.oncanplay = done))")
    video.evaluate(SEEK)
    pick.click()
    expect(page.get_by_text("The frame at 2.00 s")).to_be_visible()  # six frames a second: the twelfth
    page.get_by_role("button", name="Vidu", exact=True).first.click()
    expect(page).to_have_title("Vidu · Dailies")
    expect(page.get_by_role("button", name="Remove")).to_be_visible()
    shown = decode_newest(app)[12]
    assert any(np.array_equal(held, shown) for held in map(read, (app.home / "references").rglob("?" * 64)))
    assert_pasting_fills_the_free_place(page)
    # The sandbox fetches what was pasted from the app: the clip begins with it.
    generate(page, "A kite at sunset")
    assert_plays(page, 6)  # the length follows the idea
    first = decode_newest(app)[0].reshape(-1, 3).astype(int)
    assert (abs(first - (180, 80, 50)).max(axis=1) < 16).mean() > 0.3


def decode_newest(app: App) -> list[np.ndarray]:
    """The frames of the newest clip of an app."""
    clip = max((app.home / "clips").glob("*.mp4"), key=lambda path: path.stat().st_mtime)
    with av.open(str(clip)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def read(path: Path) -> np.ndarray:
    with Image.open(io.BytesIO(path.read_bytes())) as picture:
        return np.asarray(picture.convert("RGB"))


def assert_pasting_fills_the_free_place(page: Page) -> None:
    """Empty the only place of a page, and paste words, a picture, and a picture too many."""
    at_rest(page)
    page.get_by_role("button", name="Remove").first.click()
    expect(page.get_by_role("button", name="Remove")).to_have_count(0)
    expect(page.get_by_test_id("stFileUploaderDropzone")).to_be_visible()
    page.evaluate(PASTE, "just words")
    page.evaluate(PASTE, "")
    expect(page.get_by_text("640×480")).to_be_visible()
    expect(page.get_by_role("button", name="Remove")).to_have_count(1)
    page.evaluate(PASTE, "")
    expect(page.get_by_text("no free place for what was pasted")).to_be_visible()
