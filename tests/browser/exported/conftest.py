"""Comparisons of films made elsewhere, what is exported of them, and a page without a network to open it in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, Page, expect
from streamlit.testing.v1 import AppTest

from components import session
from components.html.exported import Source
from dailies.compare.nouns import Comparison, Idea, Lane
from dailies.domain import Clip
from dailies.media.clips import poster
from dailies.media.measure import probe
from dailies.people import Person
from dailies.store import Store
from dailies.store.personal import PersonalStore
from tests.browser.player.films import COLOURS, write_clip

NOW = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
PROMPT = "A boat </script><script>document.title = 'owned'</script> as alpha-1 would"


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> list[Clip]:
    """Three films with sound: 24, 30 and 25 frames a second. Their files are paths in full, each with its poster."""
    folder = tmp_path_factory.mktemp("films")
    made = []
    for number, (seconds, rate) in enumerate(((3.0, 24), (4.0, 30), (3.5, 25))):
        path = folder / f"{'abc'[number]}.mp4"
        write_clip(path, seconds=seconds, rate=rate, size=(160, 90), sound=True, colour=COLOURS[number])
        poster(path, path.with_suffix(".jpg"))
        facts = probe(path)
        size = path.stat().st_size
        made.append(
            Clip(
                str(path),
                str(path.with_suffix(".jpg")),
                size,
                facts.seconds,
                facts.width,
                facts.height,
                facts.frame_rate,
                facts.video_codec,
                facts.audio_codec,
            )
        )
    return made


def fill(store: Store, films: list[Clip]) -> Comparison:
    """Add three comparisons: of three films, of two, of none. Returns the first."""
    clips = []
    for film in films:
        for path in (film.file, film.poster):
            shutil.copy(path, store.files.clips)
        clips.append(replace(film, file=Path(film.file).name, poster=Path(film.poster).name))
    lanes = (
        Lane("one", title="alpha-1", clip=clips[0], stars=4, comment="Good"),
        Lane("two", title="beta-2", clip=clips[1]),
        Lane("three", title="gamma-3", clip=clips[2]),
    )
    made = Comparison("c1", "", NOW, NOW, "Boats", Idea(prompt=PROMPT), lanes, criteria=("Motion", "Light"))
    store.comparisons.add(replace(made, id="c2", title="Two boats", lanes=lanes[:2]))
    store.comparisons.add(replace(made, id="c3", title="No boats", lanes=()))
    return store.comparisons.add(made)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "home", "")
    yield opened
    opened.close()


@pytest.fixture
def comparison(store: Store, films: list[Clip]) -> Comparison:
    return fill(store, films)


@pytest.fixture
def source(store: Store, comparison: Comparison) -> Source:
    return Source(comparison, {}, (), store.files.clip_path)


@pytest.fixture
def alone(browser: Browser) -> Iterator[Page]:
    """A page without any network; fails the test if a script throws, asks for something, or breaks the policy."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    context.set_offline(True)
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    opened.on("request", lambda r: wrong.append(r.url[:80]) if r.url.startswith(("http", "ws")) else None)
    yield opened
    context.close()
    assert wrong == []


@pytest.fixture
def panel(store: Store, comparison: Comparison, monkeypatch: pytest.MonkeyPatch) -> Callable[[], AppTest]:
    """The panel under AppTest, on this test's store."""
    services = SimpleNamespace(store=PersonalStore(store, Person(comparison.owner)), now=lambda: datetime.now(UTC))
    monkeypatch.setattr(session, "services", lambda: services)

    def drawn() -> AppTest:
        def script() -> None:
            from components import session
            from components.compare import export

            export.draw(session.services().store.comparisons.get("c1"), {}, {})

        return AppTest.from_function(script, default_timeout=120).run()

    return drawn


def until(page: Page, condition: str) -> None:
    """Wait for a condition on all `videos`, without `eval`, which the policy of the pages forbids."""
    page.evaluate(
        f"""() => new Promise((resolve, reject) => {{
            const end = performance.now() + 30000
            const look = () => {{
                const videos = [...document.querySelectorAll("video")]
                if ({condition}) resolve()
                else if (performance.now() > end) reject(new Error(JSON.stringify(videos.map(v => v.currentTime))))
                else requestAnimationFrame(look)
            }}
            look()
        }})"""
    )


def plays_together(page: Page, count: int) -> None:
    expect(page.locator("video")).to_have_count(count)
    page.keyboard.press("Space")
    until(page, "videos.every(v => !v.paused && v.currentTime > 0.4)")
    page.keyboard.press("Space")
    until(page, "videos.every(v => v.paused && !v.seeking)")
    # Each stands in the middle of its own frame, so two of them are apart by less than one frame of the slowest.
    until(page, "Math.max(...videos.map(v => v.currentTime)) - Math.min(...videos.map(v => v.currentTime)) < 1 / 24")
