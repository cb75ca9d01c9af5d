"""A frame of a clip begins the clip of another family, in a browser: the tree shows it, and the strip plays both."""

from __future__ import annotations

import av
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from dailies.library import View
from dailies.store import Store
from dailies.vocabulary import Kinship
from tests.browser.conftest import App, at_rest
from tests.browser.test_generate import assert_plays, generate

pytestmark = pytest.mark.browser


def read_frames(store: Store, run: str) -> list[np.ndarray]:
    """The frames of a run's clip, all of them as small pictures of one size."""
    clip = store.runs.get(run).clip
    with av.open(store.files.clip_path(clip.file)) as film:
        return [f.reformat(64, 36).to_ndarray(format="rgb24").astype(int) for f in film.decode(video=0)]


@pytest.mark.thorough  # test_continue.py takes the frame, tests/pages draws the tree
def test_a_frame_becomes_the_first_of_another_familys_clip_and_the_strip_plays_both(app: App, page: Page) -> None:
    store = Store(app.home)
    page.goto(f"{app.url}/sora")
    generate(page, "A lantern on the river")
    assert_plays(page, 4)
    at_rest(page)
    page.locator("video").first.evaluate(
        "film => { film.loop = false; film.pause();"
        " return new Promise(done => { film.requestVideoFrameCallback(done); film.currentTime = 2.05 }) }"
    )
    page.locator(".dailies-pick").first.click()
    page.get_by_role("button", name="Kling", exact=True).click()
    expect(page.get_by_role("img", name="Thumbnail of")).to_be_visible()
    generate(page, "It drifts on")
    assert_plays(page, 4)  # the length follows the idea
    (child,) = store.library.find("", View(search="drifts"), limit=9).items
    (parent,) = store.library.find("", View(search="lantern"), limit=9).items
    kept = store.runs.get(child.run)
    assert (kept.parent, kept.kinship) == (parent.run, Kinship.FRAME)
    before, after = read_frames(store, parent.run), read_frames(store, child.run)
    away = [np.abs(frame - after[0]).mean() for frame in before]
    assert 1.9 < kept.frame < 2.1
    assert abs(int(np.argmin(away)) - 12) <= 1  # six frames a second
    assert min(away) < 4

    page.goto(f"{app.url}/library?run={child.run}")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".lineage button")).to_have_count(2)
    expect(dialog.locator(".lineage li li button")).to_contain_text("From a frame")
    at_rest(page)
    dialog.get_by_text("Play the chain of 2 clips").click()
    shots = dialog.locator(".strip ol button")
    expect(shots).to_have_count(2)
    shots.first.click()
    film = dialog.locator(".strip video")
    for number in range(2):
        expect(shots.nth(number)).to_have_attribute("aria-current", "true")
        film.evaluate("film => new Promise(done => { film.ontimeupdate = () => film.currentTime > 0 && done() })")
        film.evaluate("film => { film.currentTime = film.duration - 0.05 }")
    expect(shots.first).to_have_attribute("aria-current", "true")
    store.runs.delete(child.run)
    store.runs.delete(parent.run)
    store.close()
