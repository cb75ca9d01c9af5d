"""The other ways in: assets, scenes with video and sound, going on from a clip, a second entry point."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import App, at_rest
from tests.browser.test_generate import assert_plays, fill_slot, generate
from tests.conformance.samples import write_sound, write_video

pytestmark = pytest.mark.browser


@pytest.mark.thorough  # tests/pages/test_assets.py imports an asset, picks it and sends it
def test_an_asset_becomes_a_reference(app: App, page: Page, pictures: list[Path]) -> None:
    from dailies.signing import Signer
    from dailies.store import Store

    store = Store(app.home)
    token = Signer(app.home).reference(store.files.keep(pictures[0].read_bytes()))
    store.close()
    page.goto(f"{app.url}/assets")
    at_rest(page)
    page.get_by_label("Name of the group").fill("Cast")
    page.get_by_role("button", name="Make the group").click()
    expect(page.get_by_placeholder("Choose a group")).to_have_value("Cast")
    at_rest(page)
    page.get_by_label("Name", exact=True).fill("The dancer")
    page.get_by_label("Link", exact=True).fill(f"{app.url}/references/{token}")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("asset://")).to_be_visible()
    page.goto(f"{app.url}/seedance-2?mode=references")
    at_rest(page)
    page.get_by_role("combobox", name="Pick an asset").first.click()
    page.get_by_role("option", name="The dancer").click()
    expect(page.get_by_role("button", name="Remove")).to_be_visible()


def test_a_reference_is_dragged_to_another_place_by_mouse_and_by_finger(
    app: App, page: Page, pictures: list[Path]
) -> None:
    page.goto(f"{app.url}/grok?mode=references")
    at_rest(page)
    page.get_by_test_id("stFileUploader").locator("input").set_input_files(pictures)
    cards = page.locator("[class*='-reorder-'] img")
    expect(cards).to_have_count(3)
    at_rest(page)
    (left, top), (right, _) = (centre(cards.nth(number)) for number in (0, 2))
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move((left + right) / 2, top)
    page.mouse.move(right, top)
    page.mouse.up()
    expect(page.get_by_text("picture-1.png is now number 3.")).to_be_visible()
    expect(cards.last).to_have_attribute("alt", "Thumbnail of picture-1.png")
    at_rest(page)
    finger = page.context.new_cdp_session(page)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": right, "y": top}]})
    page.locator("[style*='transform']").wait_for()  # the finger has rested long enough
    finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": left, "y": top}]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(cards.first).to_have_attribute("alt", "Thumbnail of picture-1.png")


def centre(element: Locator) -> tuple[float, float]:
    box = element.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.thorough  # more slots; the frames below are uploaded in every run
def test_lip_sync_with_an_uploaded_video_and_sound(app: App, page: Page, tmp_path: Path) -> None:
    write_video(tmp_path / "face.mp4")
    write_sound(tmp_path / "words.mp3")
    page.goto(f"{app.url}/kling?mode=lip_sync")
    fill_slot(page, "video", tmp_path / "face.mp4")
    fill_slot(page, "audio", tmp_path / "words.mp3")
    generate(page, "She says it")
    assert_plays(page, 5)


@pytest.mark.thorough  # tests/conformance continues a clip of every family that can
def test_a_clip_is_extended_from_its_card(app: App, page: Page) -> None:
    page.goto(f"{app.url}/grok?mode=text&model=grok-video-3")
    generate(page, "A boat leaves the harbour")
    assert_plays(page, 6)
    at_rest(page)
    page.get_by_role("button", name="Extend", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Prompt", exact=True).fill("It reaches the open sea")
    at_rest(page)
    dialog.get_by_role("button", name="Generate").click()
    expect(page.get_by_text("It reaches the open sea")).to_be_visible()
    page.wait_for_function("() => document.querySelectorAll('video').length >= 2")


@pytest.mark.thorough  # test_continue.py generates from a picture that the sandbox fetches from the app
def test_first_and_last_frames_by_the_unified_entry(app: App, page: Page, pictures: list[Path]) -> None:
    page.goto(f"{app.url}/jimeng")
    page.get_by_role("combobox", name="Entry point").click()
    page.get_by_role("option", name="Unified format").click()
    at_rest(page)
    page.get_by_role("radio", name="First + last").click()
    at_rest(page)
    fill_slot(page, "first frame", pictures[0])
    fill_slot(page, "last frame", pictures[1])
    expect(page.get_by_role("img", name="Thumbnail of picture-2.png")).to_be_visible()
    expect(page.get_by_text("POST /v1/video/create")).to_be_visible()
    generate(page, "From day to night")
    assert_plays(page, 5)
    # The sandbox has fetched the uploads from the app: the clip starts on the first one.
    newest = max((app.home / "clips").glob("*.mp4"), key=lambda path: path.stat().st_mtime)
    with av.open(str(newest)) as film:
        colours = next(film.decode(video=0)).to_ndarray(format="rgb24").reshape(-1, 3).astype(int)
    assert (abs(colours - (180, 80, 50)).max(axis=1) < 16).mean() > 0.3
