"""The player in any page, in a vote and on the Present page: names, keys, full screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from components.html.player import player_script, player_style
from tests.browser.player.films import shows, spec_of, told

pytestmark = pytest.mark.browser


def test_the_script_fits_into_any_page() -> None:
    script = player_script()
    assert "</script" not in script
    assert "</style" not in player_style()
    assert "import " not in script.replace("!important ", "")
    assert "http" not in script.replace("http://www.w3.org/2000/svg", "")


def test_the_same_page_works_from_disk(show, clips) -> None:
    page = show(spec_of(clips[:2]), disk=True)
    page.keyboard.press("Space")
    page.wait_for_function("player.settled() && player.now() > 0.3")
    page.wait_for_function("player.probe().every((one) => one.moving && Math.abs(one.drift) < 1 / 24)")


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
    shows(page, 0, 0, 1)
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
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_contain_text("previous or next frame")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()


def test_full_screen_is_one_key_there_and_back(show, clips) -> None:
    page = show(spec_of(clips[:2]))
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement?.id === 'player'")
    page.keyboard.press("f")
    page.wait_for_function("!document.fullscreenElement")
