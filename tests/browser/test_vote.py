"""A whole blind vote by keys in a real browser, and the leaderboard it leads to."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, WebSocket, expect

from dailies.compare.nouns import Comparison, Outcome
from dailies.signing import Signer
from dailies.store import Store
from tests.browser.conftest import App, at_rest
from tests.browser.finished import add_comparison, remove_comparison

pytestmark = pytest.mark.browser

NAMES = ("Quillfeather", "Marrowstone", "Tanglewood")


@pytest.fixture
def store(app: App) -> Iterator[Store]:
    opened = Store(app.home)
    yield opened
    opened.close()


@pytest.fixture
def comparison(store: Store) -> Iterator[Comparison]:
    made = add_comparison(store, "Boats", NAMES, criteria=("Motion",))
    yield made
    remove_comparison(store, made)


class Told:
    """Everything that the server told the page over its sockets."""

    def __init__(self, page: Page) -> None:
        self.frames: list[bytes] = []
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on(
            "framereceived", lambda frame: self.frames.append(frame.encode() if isinstance(frame, str) else frame)
        )

    def names(self) -> set[str]:
        return {name for name in NAMES if any(name.encode() in frame for frame in self.frames)}


def test_a_whole_vote_by_keys(app: App, page: Page, store: Store, comparison: Comparison) -> None:
    told = Told(page)
    page.goto(f"{app.url}/vote?c={comparison.id}")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("1 of 3", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Which is better? Motion")).to_be_visible()
    expect(page.locator("video")).to_have_count(2)

    press(page, "a")
    expect(page.get_by_text("2 of 3", exact=True)).to_be_visible()
    press(page, "t")
    expect(page.get_by_text("3 of 3", exact=True)).to_be_visible()

    sides = stored_sides(app, store, comparison, 2)
    assert_shown(page, sides)
    assert "voter=" in page.url  # where a reload finds the question: tests/pages/test_vote_pages.py

    press(page, "x")
    expect(page.get_by_text("All 3 questions answered.")).to_be_visible()
    assert told.names() == set()
    assert not any(name in page.content() for name in NAMES)
    votes = store.comparisons.votes(comparison.id)
    assert [vote.outcome for vote in votes] == [Outcome.LEFT, Outcome.TIE, Outcome.BAD]
    assert not any(vote.void for vote in votes)

    page.get_by_role("button", name="Reveal names").click()
    for name in NAMES:
        expect(page.get_by_role("cell", name=name)).to_be_visible()
    assert told.names() == set(NAMES)

    page.get_by_role("button", name="Open leaderboard").click()
    expect(page.get_by_role("heading", name="Leaderboard")).to_be_visible()
    expect(page.get_by_role("cell", name=votes[0].left_name)).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart").get_by_role("img")).to_be_visible()


def press(page: Page, key: str) -> None:
    """Press the key of an answer once the question listens for it.

    Streamlit loads its buttons after the rest of a page, so clips and a finished script do not mean that the buttons
    are there; and React binds their keys after the frame that first shows them.
    """
    at_rest(page)
    for label in ("Left is better", "Right is better", "Tie", "Both bad"):
        expect(page.get_by_role("button", name=label)).to_be_visible()
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    page.keyboard.press(key)


def stored_sides(app: App, store: Store, comparison: Comparison, number: int) -> list[str]:
    """The addresses of a question's clips, left first, as the question was stored before it was shown."""
    question = store.comparisons.votes(comparison.id)[number]
    clips = [lane.clip for side in (question.left, question.right) if (lane := comparison.lane(side))]
    return [f"/clips/{Signer(app.home).clip(clip.file)}" for clip in clips if clip]


def assert_shown(page: Page, addresses: list[str]) -> None:
    """Wait until exactly these clips stand in the player, left first."""
    videos = page.locator("video")
    expect(videos).to_have_count(len(addresses))
    for place, address in enumerate(addresses):
        expect(videos.nth(place)).to_have_attribute("src", re.compile(f"{re.escape(address)}$"))
