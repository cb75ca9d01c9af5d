"""A store whose every text is hostile, in a real browser: nothing of it becomes an element or a request."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Page

from components.html.exported import Source, build_archive
from dailies.store import Store
from tests.browser.conftest import App, at_rest, open_details
from tests.conformance.samples import write_video
from tests.pages.hostile import CLIP, FAMILY, TRACKER, empty, fill

pytestmark = pytest.mark.browser

LATER = ("", "library", "other", "compare", "vote?c=hostile", "leaderboard", "queue", "assets")
"""Made of the same parts; tests/pages/test_hostile.py draws all pages without a browser."""

FOUND = """() => {
    const inner = [...document.querySelectorAll('[data-testid=stMarkdownContainer], [data-testid=stTable], p')]
    const count = (selector) => inner.flatMap((each) => [...each.querySelectorAll(selector)]).map((e) => e.outerHTML)
    const links = [...document.querySelectorAll('a, img, iframe, script')].map((e) => e.href || e.src || '')
    const words = /127\\.0\\.0\\.1:9|track/
    return {
        tracked: links
            .map((link) => link.replace(/^http:[/][/][^/]+[/]clips[/].*/, '').replace(/#.*/, ''))
            .filter((link) => words.test(link)),
        katex: count('.katex, math'),
        pictures: count('img, script'),
        coloured: count('.stMarkdownColoredText').filter((html) => />red</.test(html)),
        icons: count('[data-testid=stIconMaterial], [role=img]').filter((html) => /bolt/.test(html)),
        blocks: inner.flatMap((each) => [...each.querySelectorAll('h1, h2, h3, blockquote, pre, li')])
            .map((each) => each.textContent).filter((text) => /^\\s*(head|quote|block|item|one)\\s*$/.test(text)),
        emoji: inner.filter((each) => each.textContent.includes('\\u{1F604}')).length,
        title: document.title === 'owned',
    }
}"""
NOTHING = {
    "tracked": [],
    "katex": [],
    "pictures": [],
    "coloured": [],
    "icons": [],
    "blocks": [],
    "emoji": 0,
    "title": False,
}


@pytest.fixture
def hostile(app: App) -> Iterator[App]:
    """The shared app with hostile texts in its newest runs, which are deleted after the test."""
    store = Store(app.home)
    fill(store, "sandbox", store.clock())
    yield app
    empty(store, "sandbox")
    store.close()


def export(home: Path, folder: Path) -> Path:
    """Unpack the archive of the hostile comparison; return its page. A name in it is a plain one."""
    store = Store(home)
    comparison = store.comparisons.get("hostile")
    assert comparison is not None
    runs = {lane.run: run for lane in comparison.lanes if (run := store.runs.get(lane.run))}
    write_video(store.files.clip_path(CLIP.file))
    source = Source(comparison, runs, store.comparisons.votes("hostile"), store.files.clip_path)
    with zipfile.ZipFile(io.BytesIO(build_archive(source))) as archive:
        assert [name for name in archive.namelist() if not re.fullmatch(r"(clips/)?[\w .,-]+", name)] == []
        archive.extractall(folder / "unpacked")
    store.close()
    return folder / "unpacked" / "index.html"


@pytest.fixture
def asked(page: Page) -> Iterator[list[str]]:
    """Every address that the page asks for; none may be what a hostile text names."""
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    yield urls
    assert not [url for url in urls if url.startswith(TRACKER.removesuffix("/track"))]


def assert_harmless(page: Page, app: App, names: Sequence[str]) -> None:
    for name in names:
        page.goto(f"{app.url}/{name}")
        assert_found_nothing(page, name)


def assert_found_nothing(page: Page, name: str) -> None:
    page.get_by_text("track" if name else "Recent takes").first.wait_for(state="attached")
    at_rest(page)
    assert {"page": name, **page.evaluate(FOUND)} == {"page": name, **NOTHING}


@pytest.mark.usefixtures("asked")
def test_nothing_hostile_becomes_an_element_or_a_request(hostile: App, page: Page, tmp_path: Path) -> None:
    assert_harmless(page, hostile, ["compare?c=hostile"])
    page.locator(f".dailies-sidebar a[href$='/{FAMILY}']").click()
    page.wait_for_url(re.compile(rf"/{FAMILY}\b"))
    page.get_by_role("button", name="Generate").wait_for()
    assert_found_nothing(page, FAMILY)
    open_details(page)
    page.locator("li", has_text="Status word of the gateway").filter(has_text="track").first.wait_for()
    at_rest(page)
    assert page.evaluate(FOUND) == NOTHING
    page.goto(f"{hostile.url}/present?c=hostile&title=1&prompt=1")
    page.get_by_text("track").first.wait_for(state="attached")
    assert page.evaluate(FOUND) == NOTHING
    page.goto(export(hostile.home, tmp_path).as_uri())
    page.get_by_text("track").first.wait_for(state="attached")
    assert page.evaluate(FOUND) == NOTHING


@pytest.mark.thorough
@pytest.mark.usefixtures("asked")
def test_nothing_hostile_becomes_an_element_or_a_request_on_other_pages(hostile: App, page: Page) -> None:
    assert_harmless(page, hostile, LATER)
    page.goto(f"{hostile.url}/library")
    page.locator(".tile .open").first.click()
    open_details(page)
    page.get_by_test_id("stDialog").get_by_text("Status word of the gateway").wait_for()
    at_rest(page)
    assert page.evaluate(FOUND) == NOTHING
