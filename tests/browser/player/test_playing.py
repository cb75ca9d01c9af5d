"""Playing on one clock, read from the pictures: moments, steps, unequal durations, offsets, ends, failures, updates."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.player.films import clip_spec, seek, shows, spec_of, told, write_clip

pytestmark = pytest.mark.browser


def test_nothing_is_loaded_before_a_person_asks(show, clips) -> None:
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
    shows(page, 12, 24, 30, 24)
    seek(page, 1.55)
    shows(page, 18, 37, 46, 37)
    places = page.evaluate("player.probe().map((one) => one.actual)")
    assert places == pytest.approx([18.5 / 12, 37.5 / 24, 46.5 / 30, 37.5 / 24], abs=1e-3)


def test_a_step_changes_a_picture_and_never_skips_one(show, clips) -> None:
    page = show(spec_of(clips[1:3]))
    seek(page, 1.0)
    shows(page, 24, 30)
    for wanted in ((24, 31), (25, 31), (25, 32), (26, 32), (26, 33), (27, 33), (27, 34), (28, 35)):
        page.keyboard.press("ArrowRight")
        shows(page, *wanted)
    for wanted in ((27, 34), (27, 33), (26, 33)):
        page.get_by_role("button", name="Previous frame").click()
        shows(page, *wanted)
    page.keyboard.press("Home")
    shows(page, 0, 0)
    page.keyboard.press("ArrowLeft")
    shows(page, 0, 0)
    page.keyboard.press("End")
    shows(page, 71, 59)
    page.keyboard.press("ArrowRight")
    shows(page, 71, 59)
    page.keyboard.press("ArrowLeft")
    shows(page, 70, 59)
    page.keyboard.press("Shift+ArrowLeft")
    shows(page, 46, 57)


@pytest.mark.parametrize("kind", [{"late": 4, "sound": True}, {"late": 4}, {"segmented": True}])
def test_a_film_that_begins_late_in_its_file_shows_all_its_frames(show, clips, folder, kind) -> None:
    path = write_clip(folder / "late.mp4", seconds=2, rate=24, size=(320, 180), **kind)
    late = clip_spec(path, "E", "Film late")
    assert late["times"][0] > 0.05
    page = show(spec_of([late, clips[1]]))
    for number in (0, 1, 12, 30, 46, 47):
        seek(page, number / 24)
        shows(page, number, number)
    page.keyboard.press("End")
    shows(page, 47, 71)
    seek(page, 0.5)
    shows(page, 12, 12)
    page.keyboard.press("Space")
    page.wait_for_function("player.settled() && player.probe()[0].actual > 1")
    drift = page.evaluate("player.probe().map((one) => one.drift)")
    assert drift == pytest.approx([0, 0], abs=0.2), "the two play beside each other"


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
def test_the_rule_for_shorter_clips(show, clips, rule, moment, wanted, label) -> None:
    page = show(spec_of(clips[:2]))
    page.get_by_label("Shorter clips").select_option(rule)
    told(page, unequal=rule)
    captions = page.locator(".caption")
    expect(captions.nth(0)).to_contain_text(label)
    if rule == "stretch":  # both end together
        expect(captions.nth(1)).to_have_text("BFilm twentyfour")
    else:
        expect(captions.nth(1)).to_contain_text("ends last")
    seek(page, moment)
    shows(page, *wanted)


def test_equal_durations_need_no_tag(show, clips) -> None:
    page = show(spec_of(clips[2:]))
    expect(page.locator(".caption").nth(0)).to_have_text("CFilm thirty")


def test_an_offset_moves_one_clip(show, clips) -> None:
    page = show(spec_of(clips[1:3]))
    seek(page, 1.0)
    shows(page, 24, 30)
    page.locator(".cell").nth(1).click()
    page.keyboard.press("]")
    shows(page, 24, 29)
    page.get_by_role("button", name="Shift one frame earlier").click()
    page.get_by_role("button", name="Shift one frame earlier").click()
    shows(page, 24, 31)
    field = page.get_by_label("Offset of clip C in seconds")
    field.fill("0.5")
    field.press("Enter")
    shows(page, 24, 15)
    expect(page.locator(".caption").nth(1)).to_contain_text("+0.500 s")
    told(page, offsets={"twentyfour": 0, "thirty": 0.5})
    field.press("g")
    field.press("w")
    expect(page.locator(".stage")).to_have_attribute("data-arrangement", "grid")


def test_the_end_stops_or_begins_again(show, clips) -> None:
    page = show(spec_of(clips[2:], loop=False))
    seek(page, 1.8)
    page.keyboard.press("Space")
    shows(page, 59, 47)
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.keyboard.press("l")
    page.keyboard.press("Space")
    page.wait_for_function("player.settled() && player.now() < 1")
    seek(page, 1.6)
    page.wait_for_function("player.now() > 1.5")
    page.wait_for_function("player.now() < 1 && player.settled()")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


def test_a_clip_that_cannot_be_played_stops_no_other(show, clips) -> None:
    page = show(spec_of([{**clips[0], "id": "gone", "src": "gone.mp4"}, *clips[1:3]]))
    page.keyboard.press("Space")
    expect(page.locator(".message:not([hidden])")).to_have_text("This clip cannot be played here.")
    expect(page.locator(".message:not([hidden])")).to_be_visible()
    page.wait_for_function("player.settled() && player.now() > 0.3 && player.probe().length === 2")


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
    for index in (0, 1):  # every report comes back through Python, one after another
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
