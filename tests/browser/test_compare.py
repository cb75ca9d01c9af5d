"""Compare in a real browser: eight lanes on one clock, and the same state after a reload, a restart and elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from dailies.compare.nouns import Arrangement, Comparison
from dailies.store import Store
from tests.browser.conftest import App, at_rest, free_port, start_app
from tests.browser.finished import add_comparison, remove_comparison
from tests.conformance.conftest import sandbox_process
from tests.conformance.proxy import Proxy, proxied

pytestmark = pytest.mark.browser


@dataclass
class Held:
    """An app whose gateway keeps every task queued while `proxy.queued` is set."""

    app: App
    proxy: Proxy

    def restart(self) -> None:
        """Kill the app and start it again on the same home and port."""
        self.app.kill()
        port = int(self.app.url.rsplit(":", 1)[1])
        self.app = start_app(self.app.home, port, DAILIES_SANDBOX_URL=self.proxy.url)


@pytest.fixture
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    folder = tmp_path_factory.mktemp("held")
    with (
        sandbox_process(folder / "sandbox", 0, "--frame-rate", "6") as sandbox,
        proxied(sandbox, queued=True) as proxy,
    ):
        running = Held(start_app(folder / "home", free_port(), DAILIES_SANDBOX_URL=proxy.url), proxy)
        yield running
        running.app.kill()


def compose(page: Page, app: App, prompt: str, *models: str) -> None:
    page.goto(f"{app.url}/compare")
    if models:
        for number, model in enumerate(models):
            page.get_by_role("combobox", name=f"Lanes ({number} of 8)").fill(model)
            page.get_by_role("option").filter(has_text=model).first.click()
            expect(page.locator("[class*='st-key-lane-']")).to_have_count(number + 1)
    else:
        page.get_by_role("button", name="One of each family").click()
        expect(page.locator("[class*='st-key-lane-']")).to_have_count(8)
    page.get_by_label("Prompt", exact=True).fill(prompt)
    at_rest(page)
    page.get_by_role("button", name="Generate").click()
    page.wait_for_url("**/compare?c=*")


def wait_until_all_play(page: Page) -> None:
    """Wait until every clip plays."""
    page.wait_for_function(
        """() => {
            const deep = (root) => [...root.querySelectorAll("*")].flatMap((e) =>
                [...(e.tagName === "VIDEO" ? [e] : []), ...(e.shadowRoot ? deep(e.shadowRoot) : [])])
            const clips = deep(document)
            return clips.length > 0 && clips.every((v) => v.readyState >= 2 && v.currentTime > 0)
        }"""
    )


@pytest.mark.thorough  # tests/browser/press composes and sends two lanes, and below two clips play
def test_eight_lanes_from_one_form_play_on_one_clock(app: App, page: Page) -> None:
    compose(page, app, "A kite over the dunes")
    expect(page.locator("video")).to_have_count(8)
    page.get_by_role("button", name="Play (Space)").click()
    wait_until_all_play(page)
    store = Store(app.home)
    (comparison,) = store.comparisons.list(search="kite over the dunes")
    runs = [store.runs.get(lane.run) for lane in comparison.lanes]
    store.close()
    assert len({lane.family for lane in comparison.lanes}) == 8
    assert all(run is not None and run.clip is not None and run.attempts <= 1 for run in runs)
    page.reload()
    expect(page.locator("video")).to_have_count(8)


def test_two_clips_play_on_one_clock_and_their_arrangement_is_kept(app: App, page: Page) -> None:
    store = Store(app.home)
    comparison = add_comparison(store, "Looked at in one way", ("Left", "Right"))
    page.goto(f"{app.url}/compare?c={comparison.id}")
    expect(page.locator("video")).to_have_count(2)
    page.get_by_role("button", name="Play (Space)").click()
    wait_until_all_play(page)
    page.get_by_role("button", name="Wipe (W)").click()
    store_shows(store, comparison, Arrangement.WIPE)  # whence a fresh session has it: tests/pages/test_compare_page.py
    expect(page.get_by_role("button", name="Wipe (W)")).to_have_attribute("aria-pressed", "true")
    remove_comparison(store, comparison)
    store.close()


@pytest.mark.thorough  # tests/conformance/test_killed.py kills, test_remembered.py restarts under a page
def test_a_reload_and_a_restart_show_the_same(held: Held, page: Page) -> None:
    compose(page, held.app, "Two lanes that take their time", "veo_3_1", "Kling-3.0")
    address = page.url
    lanes = page.locator("[class*='st-key-seen-']")
    expect(lanes).to_have_count(2)
    page.reload()
    expect(lanes).to_have_count(2)
    # The server is killed while both lanes run, and comes back on the same library.
    store = Store(held.app.home)
    runs = store.runs.list(search="take their time")
    assert [run.state.open for run in runs] == [True, True]
    held.restart()
    held.proxy.queued = False
    page.goto(address)
    expect(page.locator("video")).to_have_count(2)
    expect(page.get_by_text("veo_3_1").first).to_be_visible()
    assert store.runs.count(search="take their time") == 2  # nothing was sent twice
    store.close()


def store_shows(store: Store, comparison: Comparison, arrangement: Arrangement) -> None:
    deadline = time.monotonic() + 60
    while (kept := store.comparisons.get(comparison.id)) is None or kept.view.arrangement is not arrangement:
        assert time.monotonic() < deadline, "what was chosen was not kept"
        time.sleep(0.05)
