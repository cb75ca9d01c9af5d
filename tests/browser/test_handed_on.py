"""A handed-on page opens from disk without a network; ballots go out and come back; Present steps and plays."""

from __future__ import annotations

import json
import socket
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from streamlit.testing.v1 import AppTest

from components import session
from components.compare.export import draw_questions
from components.html.exported import Source, archive, blind_page, page
from components.html.present import present
from dailies.compare.nouns import Comparison, Idea, Lane
from dailies.compare.ratings import counted
from dailies.domain import Clip
from dailies.media.clips import poster, probe
from dailies.settings import Settings
from dailies.store import Store
from tests.browser.conftest import App

pytestmark = pytest.mark.browser

NOW = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
PROMPT = "A boat </script><script>document.title = 'owned'</script> as alpha-1 would"


def film(path: Path, seconds: float, rate: int, level: int) -> Clip:
    """A film of one grey that grows a little brighter with every frame, with a hum."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        sound = container.add_stream("aac", rate=48000, layout="mono")
        for number in range(round(seconds * rate)):
            shade = np.full((135, 160), 128, np.uint8)
            shade[:90] = min(235, level + number)
            frame = av.VideoFrame.from_ndarray(shade, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        hum = np.sin(np.arange(round(48000 * seconds), dtype=np.float32) / 20)[None, :] / 4
        waves = av.AudioFrame.from_ndarray(hum, "fltp", "mono")
        waves.sample_rate = 48000
        container.mux([*sound.encode(waves), *sound.encode(None)])
    poster(path, path.with_suffix(".jpg"))
    facts = probe(path)
    return Clip(
        path.name,
        path.with_suffix(".jpg").name,
        path.stat().st_size,
        facts.seconds,
        facts.width,
        facts.height,
        facts.frame_rate,
        facts.video_codec,
        facts.audio_codec,
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "home", "")
    yield opened
    opened.close()


@pytest.fixture
def comparison(store: Store) -> Comparison:
    return fill(store)


def fill(store: Store) -> Comparison:
    """Three comparisons of films made elsewhere: of three, of two, of none. Gives the first."""
    lanes = (
        Lane("one", title="alpha-1", clip=film(store.files.clips / "a.mp4", 3, 24, 30), stars=4, comment="Good"),
        Lane("two", title="beta-2", clip=film(store.files.clips / "b.mp4", 4, 30, 60)),
        Lane("three", title="gamma-3", clip=film(store.files.clips / "c.mp4", 3.5, 25, 90)),
    )
    made = Comparison("c1", "", NOW, NOW, "Boats", Idea(prompt=PROMPT), lanes, criteria=("Motion", "Light"))
    store.comparisons.add(replace(made, id="c2", title="Two boats", lanes=lanes[:2]))
    store.comparisons.add(replace(made, id="c3", title="No boats", lanes=()))
    return store.comparisons.add(made)


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


def until(page: Page, condition: str) -> None:
    """Wait for a condition on all `videos`. The pages' policy forbids what Playwright's own waiting does: `eval`."""
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


def test_the_page_opens_from_disk_and_plays_together(alone: Page, source: Source, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(page(source), encoding="utf-8")
    alone.goto(file.as_uri())
    expect(alone).to_have_title("Boats")
    plays_together(alone, 3)
    expect(alone.get_by_text(PROMPT)).to_be_visible()
    expect(alone.get_by_role("table", name="What differs")).to_be_visible()
    expect(alone.get_by_role("rowheader", name="Length")).to_be_visible()
    expect(alone.get_by_text("4 of 5")).to_be_visible()


def test_the_archive_opens_from_disk_and_plays_together(alone: Page, source: Source, tmp_path: Path) -> None:
    (tmp_path / "page.zip").write_bytes(archive(source))
    with zipfile.ZipFile(tmp_path / "page.zip") as held:
        held.extractall(tmp_path / "page")
    alone.goto((tmp_path / "page" / "index.html").as_uri())
    plays_together(alone, 3)


# --- ballots -----------------------------------------------------------------------------------------------------


@pytest.fixture
def panel(store: Store, comparison: Comparison, monkeypatch: pytest.MonkeyPatch) -> Callable[[], AppTest]:
    """The panel under AppTest, on this test's store."""
    services = SimpleNamespace(store=store, now=lambda: datetime.now(UTC))
    monkeypatch.setattr(session, "services", lambda: services)

    def drawn() -> AppTest:
        def script() -> None:
            from components import session
            from components.compare.export import hand_on

            hand_on(session.services().store.comparisons.get("c1"), {})

        return AppTest.from_function(script, default_timeout=30).run()

    return drawn


def answer(page: Page, file: Path, *keys: str) -> Mapping[str, object]:
    """Open a blind vote, answer it by keys, and give the saved ballot."""
    page.goto(file.as_uri())
    for number, key in enumerate(keys, start=1):
        expect(page.locator("#count")).to_have_text(f"Question {number} of 6")
        expect(page.locator("video")).to_have_count(2)
        page.keyboard.press(key)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save ballot").click()
    ballot: Mapping[str, object] = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
    return ballot


def test_ballots_go_out_and_come_back_once(
    alone: Page, source: Source, store: Store, panel: Callable[[], AppTest], tmp_path: Path
) -> None:
    services = session.services()
    assert services.store is store
    questions = draw_questions(source, store.comparisons)
    file = tmp_path / "vote.html"
    file.write_text(blind_page(source, questions), encoding="utf-8")
    assert [n for n in ("alpha-1", "beta-2", "gamma-3") if n.encode() in file.read_bytes()] == []
    assert list(store.comparisons.votes("c1")) == list(questions), "they are kept before anybody sees them"

    keys = ("a", "b", "t", "x", "a", "b")
    first = answer(alone, file, *keys)
    expect(alone.get_by_text("All 6 answered.")).to_be_visible()
    said = {"a": "left", "b": "right", "t": "tie", "x": "bad"}
    assert [a["outcome"] for a in first["answers"]] == [said[key] for key in keys]
    assert [a["question"] for a in first["answers"]] == [q.id for q in questions]
    second = answer(alone, file, "a")
    assert second["ballot"] != first["ballot"], "the same file serves several people"

    app = panel()
    for ballot, words, counts in (
        (first, "6 answers counted", 6),
        (first, "imported before", 6),
        (second, "1 answer counted", 7),
    ):
        app.file_uploader[0].set_value(("ballot.json", json.dumps(ballot).encode(), "application/json")).run()
        next(b for b in app.button if b.label == "Count these ballots").click().run()
        shown = [*app.success, *app.error]
        assert [words in message.value for message in shown] == [True], [m.value for m in shown]
        assert len(counted(store.comparisons.votes("c1"))) == counts
    votes = {v.id: v for v in questions}
    first_votes = [v for v in counted(store.comparisons.votes("c1")) if v.ballot == first["ballot"]]
    sides = sorted((v.criterion, v.left, v.right, v.left_name) for v in first_votes)
    assert sides == sorted((v.criterion, v.left, v.right, v.left_name) for v in votes.values())


def test_neither_a_name_nor_the_key_for_play_is_an_answer(
    alone: Page, source: Source, store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "vote.html"
    file.write_text(blind_page(source, draw_questions(source, store.comparisons)), encoding="utf-8")
    alone.goto(file.as_uri())
    alone.get_by_label("Your name, if you like").fill("")
    alone.get_by_label("Your name, if you like").press_sequentially("Beata X")
    expect(alone.locator("#count")).to_have_text("Question 1 of 6")
    alone.get_by_role("button", name="Equally good").click()
    expect(alone.locator("#count")).to_have_text("Question 2 of 6")
    alone.keyboard.press("Space")
    until(alone, "videos.length === 2 && videos.every(v => !v.paused)")
    expect(alone.locator("#count")).to_have_text("Question 2 of 6")
    with alone.expect_download() as saved:
        alone.get_by_role("button", name="Save ballot").click()
    ballot = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
    assert (ballot["voter"], len(ballot["answers"])) == ("Beata X", 1)


# --- the panel ---------------------------------------------------------------------------------------------------


def test_the_panel_offers_what_there_is(panel: Callable[[], AppTest]) -> None:
    app = panel()
    assert not app.exception
    assert [button.label for button in app.download_button] == ["HTML", "ZIP", "MP4", "JSON", "CSV"]
    app.toggle[0].set_value(True).run()
    assert [button.label for button in app.download_button] == ["HTML", "ZIP", "MP4"], "data would name the models"
    assert not app.exception


def test_the_panel_says_which_clip_is_gone(panel: Callable[[], AppTest], store: Store) -> None:
    (store.files.clips / "b.mp4").unlink()
    app = panel()
    assert "The clip of B is no longer on disk." in app.warning[0].value
    assert [b.disabled for b in app.download_button if b.label in ("HTML", "ZIP", "MP4")] == [True] * 3


# --- presenting --------------------------------------------------------------------------------------------------


@contextmanager
def serving(application: Starlette) -> Iterator[str]:
    """The application on the loopback, from when it listens until the end of the block."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(application, log_level="critical", lifespan="off", ws="none", timeout_graceful_shutdown=1)
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    running.should_exit = True
    thread.join(timeout=10)
    listener.close()


@pytest.fixture
def server(store: Store, comparison: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    settings = Settings(tmp_path / "home")
    monkeypatch.setattr(
        "components.html.present.open_services", lambda: SimpleNamespace(store=store, settings=settings)
    )

    async def clip(request: Request) -> Response:
        return FileResponse(store.files.clip_path(settings.signer.clip_of(request.path_params["token"])))

    with serving(Starlette(routes=[Route("/present", present), Route("/clips/{token}", clip)])) as address:
        yield address


def test_present_steps_through_a_playlist(page: Page, server: str) -> None:
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto(f"{server}/present?c=c1&list=c1,c2,c3&title=1&prompt=1")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Boats")
    plays_together(page, 3)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"
    expect(page.get_by_text("beta-2")).to_be_hidden()
    page.keyboard.press("n")
    expect(page.get_by_text("beta-2")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(heading).to_have_text("Two boats")
    expect(page.get_by_text("beta-2")).to_be_hidden()
    plays_together(page, 2)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("No clip of this comparison is finished yet.")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(heading).to_have_text("Two boats")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(heading).to_have_text("No boats")
    assert wrong == []


def test_present_alone_leaves_the_arrows_to_the_player(page: Page, server: str) -> None:
    page.goto(f"{server}/present?c=c2")
    expect(page.locator("video")).to_have_count(2)
    expect(page.get_by_role("heading")).to_have_count(0)
    before = page.evaluate("document.querySelector('video').currentTime")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    until(page, f"videos[0].currentTime > {before}")


def test_the_app_itself_serves_present(page: Page, app: App) -> None:
    store = Store(app.home)
    fill(store)
    store.close()
    page.goto(f"{app.url}/present?c=c1")
    plays_together(page, 3)
