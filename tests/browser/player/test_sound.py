"""At most one clip is audible: it leads the clock, and only its sound is decoded."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.player.films import seek, shows, spec_of, told

pytestmark = pytest.mark.browser


def test_one_clip_is_audible_or_none(show, clips) -> None:
    page = show(spec_of(clips))
    heard = "[...document.querySelectorAll('video')].map((one) => !one.muted)"
    assert page.evaluate(heard) == [False] * 4
    page.keyboard.press("2")
    assert page.evaluate(heard) == [False, True, False, False]
    told(page, heard="twentyfour")
    expect(page.locator(".caption").nth(1).get_by_role("img", name="sound on")).to_be_visible()
    page.get_by_label("Sound from").select_option("twelve")
    assert page.evaluate(heard) == [True, False, False, False]
    page.locator(".cell").nth(3).click()
    page.keyboard.press("3")
    assert page.evaluate(heard) == [True, False, False, False], "a film without sound cannot be audible"
    page.keyboard.press("0")
    assert page.evaluate(heard) == [False] * 4
    told(page, heard="")


def test_only_the_audible_clip_decodes_sound(show, clips) -> None:
    """Decoding sound makes films drift apart, so only the audible film decodes any."""
    page = show(spec_of(clips[:3], heard="twelve"))
    page.keyboard.press("Space")
    page.wait_for_function("player.settled() && player.now() > 0.5")
    decoded = "[...document.querySelectorAll('video')].map((one) => one.webkitAudioDecodedByteCount > 0)"
    assert page.evaluate(decoded) == [True, False, False]
    page.keyboard.press("2")
    page.wait_for_function(f"player.settled() && {decoded}.join() === 'false,true,false'")
    page.keyboard.press("Space")
    seek(page, 1.0)
    shows(page, 12, 24, 30)
    page.keyboard.press("0")
    shows(page, 12, 24, 30)
    sources = page.locator("video").evaluate_all("all => all.map((one) => one.src)")
    assert [source.startswith("blob:") for source in sources] == [True, True, False]
    page.evaluate("player.destroy()")
    freed = """async (sources) => {
      const tried = await Promise.allSettled(sources.map((source) => fetch(source)))
      return tried.every((one) => one.status === "rejected")
    }"""
    page.wait_for_function(freed, arg=sources[:2])


def test_the_audible_clip_is_never_corrected(show, clips) -> None:
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
