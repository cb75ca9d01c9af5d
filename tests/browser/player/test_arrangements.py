"""Clips in a grid, and two clips on top of each other: wipe, blink, difference, zoom; read from the screen."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.player.films import COLOURS, seek, shows, spec_of, told

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "columns"), [(1440, 3), (390, 2)])
def test_the_grid_makes_the_pictures_large(show, clips, width, columns) -> None:
    page = show(spec_of([{**clips[at % 2], "id": f"clip{at}"} for at in range(6)]), width=width)
    boxes = [one.bounding_box() for one in page.locator(".picture").all()]
    assert len({round(box["x"]) for box in boxes if box}) == columns
    assert all(box["width"] / box["height"] == pytest.approx(16 / 9, abs=0.02) for box in boxes if box)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_wipe_divides_the_picture_by_drag_and_by_key(show, clips) -> None:
    page = show(spec_of(clips[:3]))
    page.keyboard.press("w")
    over = page.locator(".cell.over .picture")
    expect(over).to_have_css("clip-path", "inset(0px 0px 0px 50%)")
    expect(page.locator(".cell:not(.away)")).to_have_count(2)
    handle = page.get_by_role("slider", name="Wipe position")
    handle.focus()
    page.keyboard.press("ArrowLeft")
    expect(handle).to_have_attribute("aria-valuenow", "48")
    box = over.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.48, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 40, steps=4)
    page.mouse.up()
    expect(handle).to_have_attribute("aria-valuenow", "25")
    told(page, arrangement="wipe")
    page.get_by_label("Second clip").select_option("thirty")
    told(page, pair=["twelve", "thirty"])
    expect(page.locator(".cell.over")).to_have_attribute("data-clip", "thirty")
    page.keyboard.press("g")
    expect(handle).to_be_hidden()
    expect(page.locator(".cell:not(.away)")).to_have_count(3)


def test_a_wipe_shows_the_left_and_the_right_clip(show, clips) -> None:
    """The screen shows the colour of the first clip on the left, and of the second on the right."""
    page = show(spec_of(clips[1:3], arrangement="wipe"))
    seek(page, 0.5)
    shows(page, 12, 15)
    box = page.locator(".cell.over .picture").bounding_box()
    assert box
    left, right = (pixel(page, box["x"] + box["width"] * part, box["y"] + box["height"] * 0.6) for part in (0.4, 0.6))
    assert left == pytest.approx(COLOURS[1], abs=12)
    assert right == pytest.approx(COLOURS[2], abs=12)


def test_the_difference_of_a_clip_with_itself_is_black(show, clips) -> None:
    twin = {**clips[1], "id": "twin", "letter": "E"}
    page = show(spec_of([clips[1], twin, clips[2]], arrangement="difference"))
    seek(page, 1.0)
    shows(page, 24, 24)
    box = page.locator(".cell.over .picture").bounding_box()
    assert box
    middle = (box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.6)
    assert pixel(page, *middle) == pytest.approx((0, 0, 0), abs=3)
    page.get_by_label("Second clip").select_option("thirty")
    shows(page, 24, 30)
    page.get_by_label("Difference gain").fill("1")
    apart = tuple(abs(one - other) for one, other in zip(COLOURS[1], COLOURS[2], strict=True))
    assert pixel(page, *middle) == pytest.approx(apart, abs=12)
    page.get_by_label("Difference gain").fill("2")
    assert pixel(page, *middle) == pytest.approx([2 * one for one in apart], abs=20)


def test_blink_alternates_and_a_key_takes_over(show, clips) -> None:
    page = show(spec_of(clips[:2]))
    page.keyboard.press("k")
    sides = "[...document.querySelectorAll('.picture')].map((one) => one.style.opacity).join()"
    page.wait_for_function(f"{sides} === '0,'")
    page.wait_for_function(f"{sides} === ',0'")
    page.keyboard.press("k")
    expect(page.get_by_label("Blink automatically")).not_to_be_checked()
    before = page.evaluate(sides)
    page.keyboard.press("k")
    after = page.evaluate(sides)
    assert {before, after} == {"0,", ",0"}
    expect(page.locator(".above")).to_contain_text("showing A" if after == ",0" else "showing B")


def test_nothing_blinks_for_a_person_who_prefers_no_motion(show, clips) -> None:
    page = show(spec_of(clips[:2], arrangement="blink"), motion="reduce")
    expect(page.get_by_label("Blink automatically")).not_to_be_checked()
    page.keyboard.press("k")
    expect(page.locator(".above")).to_contain_text("showing B")


def test_all_clips_show_the_same_region(show, clips) -> None:
    page = show(spec_of(clips[:2]))
    moved = "[...document.querySelectorAll('video')].map((one) => one.style.transform)"
    page.keyboard.press("+")
    page.keyboard.press("+")
    one, other = page.evaluate(moved)
    assert one == other == "translate(-28.125%, -28.125%) scale(1.5625)"
    box = page.locator(".picture").nth(0).bounding_box()
    assert box
    page.mouse.move(box["x"] + 200, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 100, steps=3)
    page.mouse.up()
    one, other = page.evaluate(moved)
    assert one == other
    assert one.startswith("translate(-")
    page.mouse.wheel(0, -300)
    page.wait_for_function("(before) => document.querySelector('video').style.transform !== before", arg=one)
    assert len(set(page.evaluate(moved))) == 1
    page.keyboard.press("z")
    assert page.evaluate(moved) == ["", ""]


@pytest.mark.parametrize("arrangement", ["wipe", "blink", "difference"])
def test_one_clip_alone_has_no_arrangement(show, clips, arrangement) -> None:
    page = show(spec_of(clips[:1], arrangement=arrangement))
    expect(page.locator(".stage")).to_have_attribute("data-arrangement", "grid")
    expect(page.get_by_role("button", name="Wipe")).to_be_disabled()
    page.keyboard.press("k")
    page.keyboard.press("ArrowRight")
    shows(page, 1)


def pixel(page: Page, x: float, y: float) -> tuple[int, int, int]:
    """Return the colour of one pixel of the screen."""
    shot = page.screenshot(clip={"x": x, "y": y, "width": 1, "height": 1})
    with Image.open(io.BytesIO(shot)) as picture:
        red, green, blue = picture.convert("RGB").getpixel((0, 0))
    return red, green, blue
