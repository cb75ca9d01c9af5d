"""`clock.js`: clips start, follow, wait and end on one clock, with videos and a time that the test moves by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.player.conftest import load_scripts
from tests.browser.player.films import near

pytestmark = pytest.mark.browser


class Hand:
    """A player's clock, and the time of its page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def start(self, *clips: dict[str, Any], rule: str = "hold", heard: str = "", **clock: Any) -> None:
        """Make a clock with these clips, one of them audible by its number; `clock` sets `speed` and `loop`."""
        self.page.evaluate("(given) => handClock(...given)", [list(clips), rule, heard, clock])

    def do(self, script: str) -> None:
        self.page.evaluate(f"() => {{ {script} }}")

    def get(self, expression: str) -> Any:
        return self.page.evaluate(f"plain({expression})")

    def wait(self, seconds: float) -> None:
        """Let this time pass, with all that happens in it."""
        self.page.clock.run_for(round(seconds * 1000))


@pytest.fixture(scope="module")
def timed(browser: Browser) -> Iterator[Page]:
    """A blank page whose time stands still unless a test moves it."""
    context = browser.new_context()
    page = context.new_page()
    page.clock.install(time=0)
    load_scripts(page)
    page.add_script_tag(path=Path(__file__).with_name("hand_video.js"))
    page.clock.pause_at(1000)
    yield page
    context.close()


@pytest.fixture
def hand(timed: Page) -> Iterator[Hand]:
    yield Hand(timed)
    timed.evaluate("clock.stop()")


def test_nothing_moves_before_a_person_asks(hand: Hand) -> None:
    hand.start({"seconds": 2}, {"seconds": 3})
    hand.do("clock.placeAgain()")
    hand.wait(0.1)
    assert hand.get("[clock.settled(), clock.now(), told, videos.map((one) => one.sought)]") == [True, 0, [], [[], []]]


def test_a_seek_shows_the_middle_of_each_frame_and_waits_for_the_slowest(hand: Hand) -> None:
    hand.start({"seconds": 2, "video": {"seeks": 0.04}}, {"seconds": 3, "frameRate": 30, "video": {"seeks": 0.3}})
    hand.do("clock.seek(1)")
    hand.wait(0.2)
    assert hand.get("clock.settled()") is False
    hand.wait(0.15)
    assert hand.get("[clock.settled(), clock.now(), told.map(([what]) => what)]") == [True, 1, ["state", "state"]]
    assert hand.get("videos.map((one) => one.currentTime)") == near([24.5 / 24, 30.5 / 30])
    assert hand.get("clock.probe().map((one) => [one.moving, one.expected])") == near(
        [[False, 24.5 / 24], [False, 30.5 / 30]]
    )


@pytest.mark.parametrize(("moment", "place", "shown"), [(-5, 0, [0.5 / 24, 0.5 / 24]), (99, 3, [47.5 / 24, 71.5 / 24])])
def test_a_seek_stays_within_the_whole(hand: Hand, moment, place, shown) -> None:
    hand.start({"seconds": 2}, {"seconds": 3})
    hand.do(f"clock.seek({moment})")
    hand.wait(0.1)
    assert hand.get("clock.now()") == place
    assert hand.get("videos.map((one) => one.currentTime)") == near(shown)


def test_a_newer_seek_makes_an_older_one_void(hand: Hand) -> None:
    hand.start({"seconds": 3, "video": {"seeks": 0.1}})
    hand.do("clock.seek(1)")
    hand.wait(0.05)
    hand.do("clock.seek(2)")
    hand.wait(0.3)
    assert hand.get("[clock.settled(), clock.now(), videos[0].currentTime]") == near([True, 2, 48.5 / 24])
    assert hand.get("told.map(([what]) => what)") == ["state", "state", "state"], "it settles once"


def test_a_clip_that_is_there_already_is_not_moved(hand: Hand) -> None:
    hand.start({"seconds": 3})
    hand.do("clock.seek(1)")
    hand.wait(0.1)
    hand.do("clock.seek(1.01)")
    hand.wait(0.1)
    assert hand.get("videos[0].sought.length") == 1


def test_clips_that_start_late_come_together_and_are_sent_off_earlier_next_time(hand: Hand) -> None:
    hand.start({"seconds": 9}, {"seconds": 9, "video": {"late": 0.06}}, {"seconds": 9})
    hand.do("clock.play()")
    hand.wait(1)
    assert hand.get("[clock.playing, clock.settled()]") == [True, True]
    assert hand.get("clock.now()") == pytest.approx(0.96, abs=0.06)
    assert all(abs(drift) < 0.0016 for drift in hand.get("drifts()"))
    rates = hand.get("videos.map((one) => one.rates)")
    assert rates[0] == rates[2] == [], "a clip on time is left alone"
    assert max(rates[1]) > 1.05
    assert rates[1][-1] == 1
    assert max(max(one, default=1) for one in rates) <= 1.5
    lag = hand.get("clock.entries[1].lag")
    assert 0.02 < lag < 0.06
    hand.do("clock.pause()")
    hand.wait(0.1)
    hand.do("clock.seek(2); clock.play()")
    hand.wait(0.02)
    assert hand.get("videos[1].sought.at(-1)") == pytest.approx(2 + lag, abs=1e-5)


def test_a_push_ends_on_time_without_animation_frames(hand: Hand) -> None:
    hand.start({"seconds": 9}, {"seconds": 9})
    hand.do("clock.play()")
    hand.wait(0.5)
    hand.do("videos[1].go({ place: videos[1].actual - 0.04 })")
    hand.wait(0.06)
    assert hand.get("videos[1].playbackRate") == pytest.approx(1.4, abs=0.01)
    hand.do("window.frames_ = requestAnimationFrame; requestAnimationFrame = () => 0")
    hand.wait(0.15)
    hand.do("requestAnimationFrame = frames_")
    assert hand.get("videos[1].playbackRate") == 1


def test_a_clip_far_off_is_moved_not_pushed(hand: Hand) -> None:
    hand.start({"seconds": 9}, {"seconds": 9})
    hand.do("clock.play()")
    hand.wait(0.5)
    hand.do("videos[1].go({ place: videos[1].actual - 0.4 })")
    hand.wait(0.02)
    assert hand.get("videos[1].rates") == []
    assert hand.get("videos[1].sought.at(-1) - clock.now()") == pytest.approx(0.04, abs=0.021)
    assert hand.get("clock.settled()"), "the other does not wait"
    hand.wait(0.5)
    assert hand.get("drifts()") == pytest.approx([0, 0], abs=0.0016)
    assert hand.get("clock.entries[1].lead") < 0.04, "it came out too early: it is moved less far the next time"


def test_the_audible_clip_leads_and_is_never_corrected(hand: Hand) -> None:
    hand.start({"seconds": 9}, {"seconds": 9, "sound": True, "video": {"skew": 0.02, "late": 0.2}}, heard="1")
    hand.do("clock.entries[1].silent = Promise.resolve(null); clock.play()")
    hand.wait(0.1)
    assert hand.get("videos.map((one) => one.starts)") == [0, 1], "the others start when it moves"
    hand.wait(2)
    assert hand.get("videos.map((one) => one.starts)") == [1, 1]
    assert hand.get("videos[1].rates") == []
    assert hand.get("drifts()") == pytest.approx([0, 0], abs=0.004)
    assert hand.get("clock.now() - videos[1].actual") == pytest.approx(0, abs=0.002)
    assert len(hand.get("videos[0].rates")) > 1
    assert hand.get("videos.map((one) => [one.muted, one.preservesPitch])") == [[True, False], [False, True]]


def test_an_audible_clip_that_is_slow_is_not_corrected_either(hand: Hand) -> None:
    hand.start({"seconds": 9}, {"seconds": 9, "video": {"skew": -0.02}}, heard="1")
    hand.do("clock.play()")
    hand.wait(2)
    assert hand.get("drifts()[1]") < -0.005
    assert hand.get("videos[1].rates") == []


def test_the_clock_does_not_tremble_with_its_leader(hand: Hand) -> None:
    hand.start({"seconds": 9}, {"seconds": 9}, heard="1")
    hand.do("clock.play()")
    hand.wait(0.5)
    hand.do("videos[0].rates = []; videos[1].reads = -0.05; window.was = clock.now()")
    hand.wait(0.016)
    assert hand.get("clock.now() - was") == pytest.approx(0.0155, abs=0.001)
    hand.do("videos[1].reads = 0")
    hand.wait(0.3)
    assert hand.get("videos[0].rates") == []


@pytest.mark.parametrize(("loop", "moment", "playing"), [(True, 0.3, True), (False, 2, False)])
def test_the_end_begins_again_or_stops(hand: Hand, loop, moment, playing) -> None:
    hand.start({"seconds": 2}, {"seconds": 1}, loop=loop)
    hand.do("clock.seek(1.5); clock.play()")
    hand.wait(0.88)
    assert hand.get("[clock.playing, clock.settled()]") == [playing, True]
    assert hand.get("clock.now()") == pytest.approx(moment, abs=0.08)
    assert hand.get("videos.map((one) => one.paused)") == [not playing] * 2
    if not playing:
        hand.do("clock.play()")
        hand.wait(0.1)
        assert hand.get("clock.now()") < 0.1, "from the end it plays from the start"


def test_a_shorter_clip_holds_its_last_frame_and_one_with_an_offset_waits_for_its_start(hand: Hand) -> None:
    hand.start({"seconds": 1}, {"seconds": 3}, {"seconds": 2, "offset": 0.5})
    hand.do("clock.play()")
    hand.wait(0.3)
    assert hand.get("videos.map((one) => one.paused)") == [False, False, True]
    hand.wait(1)
    assert hand.get("videos.map((one) => one.paused)") == [True, False, False]
    assert hand.get("frameAt(clock.entries[0].track, videos[0].currentTime)") == 23
    assert hand.get("drifts()[2]") == pytest.approx(0, abs=0.0016)


def test_a_repeating_clip_goes_back_to_its_start(hand: Hand) -> None:
    hand.start({"seconds": 1}, {"seconds": 3}, rule="loop")
    hand.do("clock.play()")
    hand.wait(1.5)
    assert hand.get("videos[0].currentTime") == pytest.approx(0.5, abs=0.1)
    assert hand.get("drifts()") == pytest.approx([0, 0], abs=0.0016)
    assert hand.get("[videos[1].sought.length, clock.settled()]") == [0, True], "the other plays on"


def test_the_speed_changes_every_rate_and_the_clock(hand: Hand) -> None:
    hand.start({"seconds": 4}, {"seconds": 8}, rule="stretch")
    hand.do("clock.play()")
    hand.wait(0.5)
    hand.do("window.was = clock.now(); clock.setSpeed(0.5)")
    hand.wait(1)
    assert hand.get("clock.now() - was") == pytest.approx(0.5, abs=1e-3)
    assert hand.get("videos.map((one) => one.playbackRate)") == [0.25, 0.5]
    assert hand.get("drifts()") == pytest.approx([0, 0], abs=0.002)


def test_a_clip_slower_than_browsers_play_is_shown_frame_by_frame(hand: Hand) -> None:
    hand.start({"seconds": 2}, {"seconds": 4}, rule="stretch", speed=0.1)
    hand.do("clock.play()")
    hand.wait(3)
    assert hand.get("videos.map((one) => one.paused)") == [True, False]
    assert hand.get("videos[0].sought.length") >= 3
    moment = hand.get("clock.now()")
    assert moment == pytest.approx(0.3, abs=0.02)
    assert hand.get("videos[0].currentTime") == pytest.approx((int(moment / 2 * 24) + 0.5) / 24, abs=1 / 24)


def test_a_clip_without_data_holds_all_up_until_it_has_some(hand: Hand) -> None:
    hand.start({"seconds": 9}, {"seconds": 9})
    hand.do("clock.play()")
    hand.wait(0.5)
    hand.do("videos[1].readyState = 2")
    hand.wait(0.25)
    assert hand.get("clock.settled()"), "a short lack is no reason to wait"
    hand.wait(0.15)
    assert hand.get("[clock.settled(), clock.playing, videos.map((one) => one.paused)]") == [False, True, [True, True]]
    hand.do("window.held = clock.now(); videos[1].readyState = 4; videos[1].dispatchEvent(new Event('canplay'))")
    hand.wait(0.5)
    assert hand.get("clock.settled()")
    assert hand.get("clock.now() - held") == pytest.approx(0.45, abs=0.06)


@pytest.mark.parametrize("heard", ["", "1"])
def test_a_clip_that_never_loads_holds_the_others_up_once(hand: Hand, heard) -> None:
    hand.start({"seconds": 9}, {"seconds": 9, "video": {"readyState": 0}}, heard=heard)
    hand.do("clock.play()")
    hand.wait(7)
    assert hand.get("[clock.settled(), videos[1].loads, videos[1].preload]") == [False, 1, "auto"]
    hand.wait(7)
    assert hand.get("[clock.settled(), videos[0].paused]") == [True, False]
    assert hand.get("clock.now()") == pytest.approx(6, abs=0.6), "the others play on"
    hand.do("clock.seek(1)")
    hand.wait(1)
    assert hand.get("clock.settled()"), "the next start does not wait as long again"
    hand.do("videos[1].readyState = 4")
    hand.wait(1.5)
    assert 2 < hand.get("clock.now()") < 3.5
    assert hand.get("drifts()") == pytest.approx([0, 0], abs=0.002), "it joins in when it has data"
    hand.do("videos[1].readyState = 2")
    hand.wait(0.4)
    assert hand.get("clock.settled()") is False, "and then the others wait for it as for any other"


def test_a_failed_or_hidden_clip_is_left_out(hand: Hand) -> None:
    hand.start({"seconds": 9}, {"seconds": 9, "entry": {"failed": True}}, {"seconds": 9, "entry": {"shown": False}})
    hand.do("clock.play()")
    hand.wait(0.3)
    assert hand.get("videos.map((one) => one.starts)") == [1, 0, 0]
    assert hand.get("clock.probe().map((one) => one.id)") == ["0"]
    hand.do("clock.entries[0].shown = false; clock.entries[2].shown = true; clock.rearrange(true)")
    assert hand.get("videos[0].paused")
    hand.wait(0.3)
    assert hand.get("videos.map((one) => one.paused)") == [True, True, False]


def test_a_step_stops_at_the_next_picture_of_the_visible_clips(hand: Hand) -> None:
    hand.start({"seconds": 9, "frameRate": 10}, {"seconds": 9, "frameRate": 30, "entry": {"shown": False}})
    hand.do("clock.seek(1); clock.play()")
    hand.wait(0.14)
    hand.do("clock.step(1)")
    hand.wait(0.1)
    assert hand.get("[clock.playing, clock.now(), videos[0].currentTime]") == near([False, 1.2, 1.25])
