"""The Library page: its address is the view, the grid shows it, and one run opens over it."""

from __future__ import annotations

import itertools
import json
import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dailies.archive.pack import stream_runs
from dailies.catalog.load import load
from dailies.domain import Clip, Failure, Request, Run
from dailies.library import View
from dailies.services import Services
from dailies.vocabulary import Kinship, RunState, Stage
from tests.pages.conftest import FAMILY, MakeRun, Open, plain, press, texts

Add = Callable[..., Run]


@pytest.fixture
def add(services: Services, make_run: MakeRun) -> Add:
    """`add(prompt, seconds=…)` stores a finished run, an hour after the one before; it is deleted after the test."""
    first, hours = services.now() - timedelta(days=2), itertools.count()

    def stored(prompt: str, seconds: float = 5.0, **changes: Any) -> Run:
        now = first + next(hours) * timedelta(hours=1)
        name = secrets.token_hex(16)
        clip = Clip(f"{name}.mp4", f"{name}.jpg", 9, seconds, 1280, 720, 24.0, "h264", "")
        services.store.files.clip_path(clip.file).touch()
        return make_run(prompt, now, "sandbox", **{"state": RunState.DONE, "finished": now, "clip": clip} | changes)

    return stored


def tiles(app: AppTest) -> list[dict[str, Any]]:
    """The tiles that the grid was given."""
    parts = [part.proto for part in app.get("bidi_component")]
    found = [json.loads(part.json)["tiles"] for part in parts if part.component_name == "dailies_shelf"]
    return found[0] if found else []


def prompts(app: AppTest) -> list[str]:
    return [tile["prompt"] for tile in tiles(app)]


def test_an_address_is_a_view(add: Add, open_page: Open, services: Services) -> None:
    long, short = add("A long boat", 5.0), add("A short boat", 2.0)
    services.store.library.star("", [long.id], True)
    services.store.library.tag("", [short.id], "reel *1*")
    assert prompts(open_page("library")) == ["A short boat", "A long boat"]
    assert prompts(open_page("library", q="long boa")) == ["A long boat"]
    assert prompts(open_page("library", star="1")) == ["A long boat"]
    assert prompts(open_page("library", tag="reel *1*", sort="longest")) == ["A short boat"]
    assert prompts(open_page("library", sort="longest")) == ["A long boat", "A short boat"]
    shown = open_page("library", delivered="length", mode="nonsense", state="x", sort="y", after="z", size="q")
    assert not shown.exception
    assert [tile["differs"] for tile in tiles(open_page("library", delivered="length"))] == ["length"]
    assert tiles(shown) == []
    assert "No run matches" in texts(shown)
    day = f"{long.created:%Y-%m-%d}"
    assert len(tiles(open_page("library", **{"from": day}))) == 2
    assert tiles(open_page("library", until="2001-01-01")) == []


def test_a_choice_changes_the_address_and_begins_at_the_first_page(add: Add, open_page: Open) -> None:
    add("A boat")
    add("A car")
    app = open_page("library", after="2999-01-01T00:00:00~999999")
    app.text_input(key="library/search").set_value("boat").run()
    assert prompts(app) == ["A boat"]
    assert app.query_params["q"] == "boat"
    assert "after" not in app.query_params
    app.segmented_control(key="library/state").set_value("attention").run()
    assert "No run matches" in texts(app)


def test_working_sessions_are_told_apart_and_pages_turn(add: Add, open_page: Open) -> None:
    for number in range(61):
        add(f"Leaf {number}")
    app = open_page("library")
    assert len(tiles(app)) == 60
    assert all(tile["session"] for tile in tiles(app))
    next(button for button in app.button if button.key == "library/last/above").click().run()
    last = prompts(app)
    assert (len(last), last[-1]) == (60, "Leaf 0")
    assert app.query_params["before"] == "last"
    next(button for button in app.button if button.key == "library/first/above").click().run()
    assert prompts(app)[0] == "Leaf 60"


def test_one_run_opens_over_the_page_and_the_next_one_follows(add: Add, open_page: Open, services: Services) -> None:
    first, second = add("The first", 2.0), add("The second")
    app = open_page("library", run=first.id)
    assert not app.exception
    assert "Asked 5 s, got 2.0 s." in texts(app)
    assert next(button for button in app.button if button.key == "library/opened/Right").disabled
    next(button for button in app.button if button.label == "Star").click().run()
    app.multiselect(key=f"library/tags/{first.id}").set_value(["fresh  one"]).run()
    app.text_area(key=f"library/note/{first.id}").set_value("Keep: _this_").run()
    item = services.store.library.items("", [first.id])[first.id]
    assert (item.starred, item.tags, item.note) == (True, ("fresh one",), "Keep: _this_")
    next(button for button in app.button if button.key == "library/opened/Left").click().run()
    assert app.query_params["run"] == second.id
    assert "The second" in texts(app)
    assert "no such run" in texts(open_page("library", run="unknown-run"))


def test_undo_brings_back_what_was_deleted_last(add: Add, open_page: Open, services: Services) -> None:
    run = add("A boat")
    services.store.library.delete("", [run.id], services.now())
    app = open_page("library")
    assert tiles(app) == []
    app.session_state["library/deleted"] = [run.id]
    app.run()
    assert "1 run deleted" in plain(texts(app))
    next(button for button in app.button if button.label == "Undo").click().run()
    assert prompts(app) == ["A boat"]
    assert services.store.library.find("", View(deleted=True), limit=9).total == 0


def test_a_chain_is_a_tree_and_offers_its_film(add: Add, open_page: Open) -> None:
    root = add("The first shot")
    child = add("The second shot", parent=root.id, kinship=Kinship.FRAME, frame=4.96)
    app = open_page("library", run=child.id)
    assert not app.exception
    parts = [part.proto for part in app.get("bidi_component") if part.proto.component_name == "dailies_lineage"]
    shown = json.loads(parts[0].json)
    assert [(node["id"], node["parent"]) for node in shown["nodes"]] == [(root.id, ""), (child.id, root.id)]
    assert shown["nodes"][1]["words"] == f"From a frame at 5.0 s: {child.request.model}"
    assert {button.proto.label for button in app.get("download_button")} >= {"One MP4", "Contact sheet"}
    alone = open_page("library", run=add("Alone").id)
    assert not [part for part in alone.get("bidi_component") if part.proto.component_name == "dailies_lineage"]


def test_what_was_seen_stands_beside_what_is_documented(add: Add, open_page: Open) -> None:
    failure = Failure(Stage.SENDING, "Duration *5* is not taken", "", "")
    for _ in range(3):
        run = add("Refused", state=RunState.FAILED, clip=None, failure=failure)
    page = open_page("seen")
    assert not page.exception
    assert {row["Seen"] for row in page.dataframe[0].value.to_dict("records")} == {"disputed"}
    key = f"seen/0/{run.request.model}/{run.request.mode}"
    page.session_state[key] = True
    assert "refused 3 times" in texts(page.run())
    form = open_page(FAMILY, model=run.request.model, mode="text")
    assert "Seen here: 3 runs only, 3 failed" in texts(form)
    assert "5 was refused here 3 times" in texts(form)


def test_an_accepted_observation_leaves_the_form(
    add: Add, open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = next(cell for cell in load().cells() if (found := cell.parameter("seconds")) and len(found.choices) > 1)
    value = cell.parameter("seconds").choices[-1]
    failure = Failure(Stage.SENDING, "seconds is too large", "", "")
    for _ in range(3):
        request = Request(cell.family, cell.entry.id, cell.model.id, cell.mode, "Refused", {"seconds": value}, {}, {})
        add("Refused", state=RunState.FAILED, clip=None, failure=failure, request=request)
    monkeypatch.setenv("DAILIES_CATALOG", str(tmp_path))
    page = open_page("seen")
    page.session_state[f"seen/0/{cell.model.id}/{cell.mode}"] = True
    page.run()
    press(page, f"Offer Duration {value} no more")
    changed = load().families[cell.family].cell(cell.model.id, cell.mode, cell.entry.id)
    assert value not in changed.parameter("seconds").choices
    monkeypatch.undo()
    load.cache_clear()


def test_a_card_keeps_a_star_too(add: Add, open_page: Open, services: Services) -> None:
    run = add("A boat")
    app = open_page(FAMILY)
    app.session_state[f"menu-{run.id}"] = True
    press(app.run(), "Star")
    assert services.store.library.items("", [run.id])[run.id].starred


def test_a_question_stays_open_while_the_page_follows_changes(add: Add, open_page: Open, services: Services) -> None:
    run = add("A boat")
    services.store.library.tag("", [add("Another").id], "reel")
    app = open_page("library")
    app.session_state["library/asked"] = ("tag", (run.id,))
    app.run()
    app.selectbox(key="library/tag/name").set_value("reel").run()
    press(app, "Add")
    assert services.store.library.items("", [run.id])[run.id].tags == ("reel",)
    assert "library/asked" not in app.session_state


def test_a_zip_of_runs_is_taken_in_on_the_page(add: Add, open_page: Open, services: Services) -> None:
    run, library = add("A travelling boat"), services.store.library
    data = b"".join(stream_runs(services.store.moving.read_runs("", [run.id]), services.store.files, "then"))
    services.store.runs.delete(run.id)
    app = open_page("library")
    app.session_state["library/import"] = True
    app.run()
    app.file_uploader(key="library/import/file").upload("takes.zip", data[:99], "application/zip").run()
    assert "only a part of one" in texts(press(app, "Take in"))
    assert library.find("", View(search="travelling"), limit=9).total == 0
    app.file_uploader(key="library/import/file").upload("takes.zip", data, "application/zip").run()
    assert "1 run came in." in texts(press(app, "Take in"))
    assert "another version of the catalog: `then`" in texts(app)
    assert prompts(app) == ["A travelling boat"]
