"""The synchronised player on a page of its own: behaviour as a person sees it, frame by frame."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from components.html.player import player_script, player_style
from tests.browser.player_clips import BITS, COLOURS, clip_spec, served, spec_of, write_clip, write_page

pytestmark = pytest.mark.browser

SHOWN = f"""
() => [...document.querySelectorAll(".cell:not(.away) video")].map((video) => {{
  const canvas = document.createElement("canvas")
  canvas.width = {BITS * 10}
  canvas.height = 60
  const brush = canvas.getContext("2d")
  brush.drawImage(video, 0, 0, canvas.width, canvas.height)
  let number = 0
  for (let bit = 0; bit < {BITS}; bit += 1) {{
    number = number * 2 + (brush.getImageData(bit * 10 + 5, 15, 1, 1).data[0] > 128 ? 1 : 0)
  }}
  return number
}})
"""
"""The numbers of the frames on screen, read from their stripes."""

SHOWS = f"(wanted) => player.settled() && JSON.stringify(({SHOWN})()) === JSON.stringify(wanted)"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four films: 12, 24 and 30 frames a second, two of them with sound, one upright."""
    folder = tmp_path_factory.mktemp("player")
    write_clip(folder / "twelve.mp4", seconds=2, rate=12, size=(320, 180), sound=True, colour=COLOURS[0])
    write_clip(folder / "twentyfour.mp4", seconds=3, rate=24, size=(320, 180), sound=True, colour=COLOURS[1])
    write_clip(folder / "thirty.mp4", seconds=2, rate=30, size=(320, 180), colour=COLOURS[2])
    write_clip(folder / "upright.mp4", seconds=2, rate=24, size=(180, 320), colour=COLOURS[3])
    return folder


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[str]:
    with served(folder) as url:
        yield url


@pytest.fixture(scope="module")
def clips(folder: Path) -> list[dict[str, Any]]:
    names = ("twelve", "twentyfour", "thirty", "upright")
    return [clip_spec(folder / f"{name}.mp4", "ABCD"[at], f"Film {name}") for at, name in enumerate(names)]


@pytest.fixture
def show(page: Page, folder: Path, site: str, request: pytest.FixtureRequest) -> Any:
    """Open a page of its own with this spec."""

    def open_page(spec: dict[str, Any]) -> Page:
        name = f"{abs(hash(request.node.name))}.html"
        write_page(folder, spec, name)
        page.goto(f"{site}/{name}")
        return page

    return open_page


def frames(page: Page, *wanted: int) -> None:
    page.wait_for_function(SHOWS, arg=list(wanted))


def seek(page: Page, moment: float) -> None:
    page.get_by_label("Moment").fill(str(moment))


def told(page: Page, **wanted: Any) -> None:
    """The view that was told last says this."""
    test = """(wanted) => told.length && Object.entries(wanted).every(
      ([key, value]) => JSON.stringify(told.at(-1)[1][key]) === JSON.stringify(value))"""
    page.wait_for_function(test, arg=wanted)


def test_the_script_fits_into_any_page() -> None:
    script = player_script()
    assert "</script" not in script
    assert "</style" not in player_style()
    assert "import " not in script.replace("!important ", "")
    assert "http" not in script.replace("http://www.w3.org/2000/svg", "")


def test_nothing_is_loaded_before_somebody_asks(show, clips) -> None:
    page = show(spec_of(clips))
    states = page.locator("video").evaluate_all("all => all.map(one => [one.readyState, one.preload, !!one.poster])")
    assert states == [[0, "none", True]] * 4
    page.keyboard.press("Space")
    page.wait_for_function("player.settled() && [...document.querySelectorAll('video')].every((one) => !one.paused)")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    page.wait_for_function("player.settled() && [...document.querySelectorAll('video')].every((one) => one.paused)")


def test_a_moment_shows_every_clips_own_frame(show, clips) -> None:
    page = show(spec_of(clips))
    seek(page, 1.0)
    frames(page, 12, 24, 30, 24)
    seek(page, 1.55)
    frames(page, 18, 37, 46, 37)
    places = page.evaluate("player.probe().map((one) => one.actual)")
    assert places == pytest.approx([18.5 / 12, 37.5 / 24, 46.5 / 30, 37.5 / 24], abs=1e-3)


def test_a_step_changes_a_picture_and_never_skips_one(show, clips) -> None:
    page = show(spec_of(clips[1:3]))
    seek(page, 1.0)
    frames(page, 24, 30)
    for wanted in ((24, 31), (25, 31), (25, 32), (26, 32), (26, 33), (27, 33), (27, 34), (28, 35)):
        page.keyboard.press("ArrowRight")
        frames(page, *wanted)
    for wanted in ((27, 34), (27, 33), (26, 33)):
        page.get_by_role("button", name="One frame back").click()
        frames(page, *wanted)
    page.keyboard.press("Home")
    frames(page, 0, 0)
    page.keyboard.press("ArrowLeft")
    frames(page, 0, 0)
    page.keyboard.press("End")
    frames(page, 71, 59)
    page.keyboard.press("ArrowRight")
    frames(page, 71, 59)
    page.keyboard.press("ArrowLeft")
    frames(page, 70, 59)
    page.keyboard.press("Shift+ArrowLeft")
    frames(page, 46, 57)


def test_scrubbed_while_playing_all_go_on_from_the_same_place(show, clips) -> None:
    page = show(spec_of(clips, unequal="loop"))
    page.keyboard.press("Space")
    page.wait_for_function("player.settled() && player.now() > 0.2")
    seek(page, 2.2)
    page.wait_for_function("player.settled() && player.now() >= 2.2")
    page.wait_for_function("""() => {
      const all = player.probe()
      return player.settled() && all.length === 4 && all.every((one) => one.moving && Math.abs(one.drift) < 1 / 24)
    }""")


@pytest.mark.parametrize(
    ("rule", "moment", "wanted", "label"),
    [
        ("hold", 2.5, (23, 60), "holds from 2 s"),
        ("loop", 2.5, (6, 60), "repeats after 2 s"),
        ("stretch", 1.5, (12, 36), "stretched ×0.67"),
    ],
)
def test_the_rule_for_unequal_lengths(show, clips, rule, moment, wanted, label) -> None:
    page = show(spec_of(clips[:2]))
    page.get_by_label("Unequal lengths").select_option(rule)
    told(page, unequal=rule)
    captions = page.locator(".caption")
    expect(captions.nth(0)).to_contain_text(label)
    if rule == "stretch":  # all end together
        expect(captions.nth(1)).to_have_text("BFilm twentyfour")
    else:
        expect(captions.nth(1)).to_contain_text("ends last")
    seek(page, moment)
    frames(page, *wanted)


def test_equal_lengths_need_no_word(show, clips) -> None:
    page = show(spec_of(clips[2:]))
    expect(page.locator(".caption").nth(0)).to_have_text("CFilm thirty")


def test_an_offset_moves_one_clip(show, clips) -> None:
    page = show(spec_of(clips[1:3]))
    seek(page, 1.0)
    frames(page, 24, 30)
    page.locator(".cell").nth(1).click()
    page.keyboard.press("]")
    frames(page, 24, 29)
    page.get_by_role("button", name="One frame earlier").click()
    page.get_by_role("button", name="One frame earlier").click()
    frames(page, 24, 31)
    field = page.get_by_label("Offset of clip C in seconds")
    field.fill("0.5")
    field.press("Enter")
    frames(page, 24, 15)
    expect(page.locator(".caption").nth(1)).to_contain_text("+0.500 s")
    told(page, offsets={"twentyfour": 0, "thirty": 0.5})
    field.press("g")
    field.press("w")
    expect(page.locator(".stage")).to_have_attribute("data-arrangement", "grid")


def test_one_clip_is_heard_or_none(show, clips) -> None:
    page = show(spec_of(clips))
    heard = "[...document.querySelectorAll('video')].map((one) => !one.muted)"
    assert page.evaluate(heard) == [False] * 4
    page.keyboard.press("2")
    assert page.evaluate(heard) == [False, True, False, False]
    told(page, heard="twentyfour")
    expect(page.locator(".caption").nth(1).get_by_role("img", name="heard")).to_be_visible()
    page.get_by_label("Heard clip").select_option("twelve")
    assert page.evaluate(heard) == [True, False, False, False]
    page.locator(".cell").nth(3).click()
    page.keyboard.press("3")
    assert page.evaluate(heard) == [True, False, False, False], "a film without sound cannot be heard"
    page.keyboard.press("0")
    assert page.evaluate(heard) == [False] * 4
    told(page, heard="")


def test_what_nobody_hears_plays_without_its_sound(show, clips) -> None:
    """Sound that is decoded for nobody makes films drift apart: only the heard one may decode any."""
    page = show(spec_of(clips[:3], heard="twelve"))
    page.keyboard.press("Space")
    page.wait_for_function("player.settled() && player.now() > 0.5")
    decoded = "[...document.querySelectorAll('video')].map((one) => one.webkitAudioDecodedByteCount > 0)"
    assert page.evaluate(decoded) == [True, False, False]
    page.keyboard.press("2")
    page.wait_for_function(f"player.settled() && {decoded}.join() === 'false,true,false'")
    page.keyboard.press("Space")
    seek(page, 1.0)
    frames(page, 12, 24, 30)
    page.keyboard.press("0")
    frames(page, 12, 24, 30)
    sources = page.locator("video").evaluate_all("all => all.map((one) => one.src)")
    assert [source.startswith("blob:") for source in sources] == [True, True, False]
    gone = """async (sources) => {
      player.destroy()
      await new Promise((resolve) => setTimeout(resolve))
      const tried = await Promise.allSettled(sources.slice(0, 2).map((source) => fetch(source)))
      return tried.map((one) => one.status)
    }"""
    assert page.evaluate(gone, sources) == ["rejected", "rejected"], "the memory is given back"


def test_the_heard_clip_is_never_corrected(show, clips) -> None:
    page = show(spec_of(clips[:3], heard="twelve", unequal="loop"))
    page.evaluate("""() => {
      window.rates = new Set()
      const video = document.querySelector("video")
      video.addEventListener("ratechange", () => rates.add(video.playbackRate))
    }""")
    page.keyboard.press("Space")
    page.wait_for_function("player.now() > 1.5")
    assert set(page.evaluate("[...rates]")) <= {1}
    page.get_by_label("Speed").select_option("0.5")
    page.wait_for_function("document.querySelector('video').playbackRate === 0.5")
    assert set(page.evaluate("[...rates]")) <= {1, 0.5}
    told(page, speed=0.5)


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
    """Really on the screen: to the left the first clip's colour, to the right the second's."""
    page = show(spec_of(clips[1:3], arrangement="wipe"))
    seek(page, 0.5)
    frames(page, 12, 15)
    box = page.locator(".cell.over .picture").bounding_box()
    assert box
    left, right = (pixel(page, box["x"] + box["width"] * part, box["y"] + box["height"] * 0.6) for part in (0.4, 0.6))
    assert left == pytest.approx(COLOURS[1], abs=12)
    assert right == pytest.approx(COLOURS[2], abs=12)


def test_the_difference_of_a_clip_with_itself_is_black(show, clips) -> None:
    twin = {**clips[1], "id": "twin", "letter": "E"}
    page = show(spec_of([clips[1], twin, clips[2]], arrangement="difference"))
    seek(page, 1.0)
    frames(page, 24, 24)
    box = page.locator(".cell.over .picture").bounding_box()
    assert box
    middle = (box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.6)
    assert pixel(page, *middle) == pytest.approx((0, 0, 0), abs=3)
    page.get_by_label("Second clip").select_option("thirty")
    frames(page, 24, 30)
    page.get_by_label("Brightness of the difference").fill("1")
    apart = tuple(abs(one - other) for one, other in zip(COLOURS[1], COLOURS[2], strict=True))
    assert pixel(page, *middle) == pytest.approx(apart, abs=12)
    page.get_by_label("Brightness of the difference").fill("2")
    assert pixel(page, *middle) == pytest.approx([2 * one for one in apart], abs=20)


def test_blink_alternates_and_a_key_takes_over(show, clips) -> None:
    page = show(spec_of(clips[:2]))
    page.keyboard.press("k")
    sides = "[...document.querySelectorAll('.picture')].map((one) => one.style.opacity).join()"
    page.wait_for_function(f"{sides} === '0,'")
    page.wait_for_function(f"{sides} === ',0'")
    page.keyboard.press("k")
    expect(page.get_by_label("Blink by itself")).not_to_be_checked()
    before = page.evaluate(sides)
    page.keyboard.press("k")
    after = page.evaluate(sides)
    assert {before, after} == {"0,", ",0"}
    expect(page.locator(".above")).to_contain_text("showing A" if after == ",0" else "showing B")


def test_who_wants_no_motion_gets_no_blinking(browser: Browser, folder: Path, site: str, clips) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    write_page(folder, spec_of(clips[:2], arrangement="blink"), "still.html")
    page.goto(f"{site}/still.html")
    expect(page.get_by_label("Blink by itself")).not_to_be_checked()
    page.keyboard.press("k")
    expect(page.locator(".above")).to_contain_text("showing B")
    context.close()


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


def test_names_can_be_hidden_and_come_back(show, clips) -> None:
    page = show(spec_of(clips, arrangement="grid"))
    expect(page.locator(".stage")).to_contain_text("Film twelve")
    page.keyboard.press("n")
    told(page, names=False)
    assert "Film" not in page.locator("#player").evaluate("(root) => root.outerHTML")
    expect(page.locator(".caption b")).to_have_text(["A", "B", "C", "D"])
    page.get_by_role("button", name="Names").click()
    expect(page.locator(".stage")).to_contain_text("Film twelve")


def test_a_vote_never_knows_names_and_leaves_its_keys_free(show, clips) -> None:
    page = show(spec_of(clips[:2], mode="vote", names=True))
    page.evaluate(
        "addEventListener('keydown', (event) => (window.free ??= []).push([event.key, event.defaultPrevented]))"
    )
    for key in ("n", "a", "b", "t", "x", "Enter"):
        page.keyboard.press(key)
    assert page.evaluate("free.every(([, taken]) => !taken)")
    assert "Film" not in page.locator("#player").evaluate("(root) => root.outerHTML")
    page.keyboard.press("w")
    expect(page.get_by_role("slider", name="Wipe position")).to_be_visible()
    for name in ("Names", "Loop"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)


def test_present_shows_pictures_only_until_names_are_asked_for(show, clips) -> None:
    page = show(spec_of(clips[:3], mode="present"))
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.locator(".stage")).not_to_contain_text("Film twelve")
    page.keyboard.press("n")
    expect(page.get_by_text("Film twelve")).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_text("Film twelve")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    frames(page, 0, 0, 1)
    assert page.evaluate("told") == []


def test_the_other_keys(show, clips) -> None:
    page = show(spec_of(clips[:2]))
    for key, wanted in (
        ("l", {"loop": False}),
        ("u", {"unequal": "loop"}),
        ("ArrowUp", {"speed": 1.5}),
        ("ArrowDown", {"speed": 1}),
        ("d", {"arrangement": "difference"}),
    ):
        page.keyboard.press(key)
        told(page, **wanted)
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys of the player")
    expect(keys).to_contain_text("one frame back, on")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()


def test_full_screen_is_one_key_there_and_back(show, clips) -> None:
    page = show(spec_of(clips[:2]))
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement?.id === 'player'")
    page.keyboard.press("f")
    page.wait_for_function("!document.fullscreenElement")


def test_a_clip_that_cannot_be_played_stops_nobody(show, clips) -> None:
    page = show(spec_of([{**clips[0], "id": "gone", "src": "gone.mp4"}, *clips[1:3]]))
    page.keyboard.press("Space")
    expect(page.locator(".message:not([hidden])")).to_have_text("This clip cannot be played here.")
    expect(page.locator(".message:not([hidden])")).to_be_visible()
    page.wait_for_function("player.settled() && player.now() > 0.3 && player.probe().length === 2")


@pytest.mark.parametrize("arrangement", ["wipe", "blink", "difference"])
def test_one_clip_alone_is_simply_shown(show, clips, arrangement) -> None:
    page = show(spec_of(clips[:1], arrangement=arrangement))
    expect(page.locator(".stage")).to_have_attribute("data-arrangement", "grid")
    expect(page.get_by_role("button", name="Wipe")).to_be_disabled()
    page.keyboard.press("k")
    page.keyboard.press("ArrowRight")
    frames(page, 1)


def test_the_end_stops_or_begins_again(show, clips) -> None:
    page = show(spec_of(clips[2:], loop=False))
    seek(page, 1.8)
    page.keyboard.press("Space")
    frames(page, 59, 47)
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.keyboard.press("l")
    page.keyboard.press("Space")
    page.wait_for_function("player.now() > 1.5")
    page.wait_for_function("player.now() < 1 && player.settled()")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


def test_an_update_never_interrupts_and_an_old_echo_never_undoes(show, clips) -> None:
    page = show(spec_of(clips))
    page.evaluate("document.querySelectorAll('video').forEach((one, at) => (one.dataset.kept = at))")
    page.keyboard.press("Space")
    page.wait_for_function("player.settled() && player.now() > 0.2")
    page.keyboard.press("n")
    told(page, names=False)
    page.keyboard.press("w")
    told(page, arrangement="wipe")
    at = page.evaluate("player.now()")
    for index in (0, 1):  # what was told comes back through Python, one after the other
        page.evaluate(
            "(index) => { const { offsets, ...view } = told[index][1]; player.update({ ...spec, view }) }", index
        )
        expect(page.locator(".stage")).to_have_attribute("data-arrangement", "wipe")
    assert page.evaluate("player.settled()")
    assert page.evaluate("player.now()") > at
    kept = page.locator("video").evaluate_all("all => all.map((one) => one.dataset.kept)")
    assert kept == ["0", "1", "2", "3"]
    page.evaluate("player.update({ ...spec, view: { arrangement: 'grid', names: true, speed: 0.5 } })")
    expect(page.locator(".stage")).to_have_attribute("data-arrangement", "grid")
    expect(page.get_by_label("Speed")).to_have_value("0.5")
    page.evaluate("player.update({ ...spec, clips: spec.clips.slice(1, 3) })")
    expect(page.locator(".cell")).to_have_count(2)
    page.evaluate("player.destroy()")
    expect(page.locator("#player")).to_be_empty()


@pytest.mark.parametrize(("width", "columns"), [(1440, 3), (390, 2)])
def test_the_grid_makes_the_pictures_large(show, page, clips, width, columns) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    shown = show(spec_of([{**clips[at % 2], "id": f"clip{at}"} for at in range(6)]))
    boxes = [one.bounding_box() for one in shown.locator(".picture").all()]
    assert len({round(box["x"]) for box in boxes if box}) == columns
    assert all(box["width"] / box["height"] == pytest.approx(16 / 9, abs=0.02) for box in boxes if box)
    assert shown.evaluate("document.documentElement.scrollWidth") <= width


def test_the_same_page_works_from_disk(page: Page, folder: Path, clips) -> None:
    page.goto(write_page(folder, spec_of(clips[:2]), "disk.html").as_uri())
    page.keyboard.press("Space")
    page.wait_for_function("player.settled() && player.now() > 0.3")
    page.wait_for_function("player.probe().every((one) => one.moving && Math.abs(one.drift) < 1 / 24)")


def pixel(page: Page, x: float, y: float) -> tuple[int, int, int]:
    """The colour that is really on the screen at a place."""
    shot = page.screenshot(clip={"x": x, "y": y, "width": 1, "height": 1})
    with Image.open(io.BytesIO(shot)) as picture:
        red, green, blue = picture.convert("RGB").getpixel((0, 0))
    return red, green, blue
