"""The queue on pages: a card that waits, the Queue page, and who may hold a whole queue."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from components import session
from dailies.catalog.load import load
from dailies.domain import Request, Run
from dailies.people import Person
from dailies.request import wire
from dailies.services import Services
from dailies.vocabulary import Mode, RunState
from dailies.work.life import create_run
from tests.pages.conftest import MakeRun, Open, texts

FAMILY = "mingmou"
GATEWAY = "http://127.0.0.1:9"
BUTTONS = ["Move up", "Move down", "To the front", "Hold", "Remove"]


@pytest.fixture
def waiting(services: Services) -> Iterator[list[Run]]:
    """Three runs at a gateway that sends nothing, because its queue is on hold."""
    services.worker.hold_queue(GATEWAY)
    family = load().families[FAMILY]
    cell = family.cell(family.models[family.entries[0].id][0].id, Mode.TEXT)
    assert cell is not None
    runs = []
    for prompt in ("Alpha", "Bravo *now*", "Charlie"):
        request = Request(FAMILY, cell.entry.id, cell.model.id, Mode.TEXT, prompt, {"seconds": 5}, {}, {})
        made = create_run(request, wire.encode(request, cell), cell.route, GATEWAY, services.now())
        runs.append(services.store.runs.add(made))
    yield runs
    for run in runs:
        services.store.runs.delete(run.id)
    services.worker.release_queue(GATEWAY)


def labels(app: AppTest, run: Run) -> dict[str, bool]:
    """The buttons of a run, and whether they can be pressed."""
    return {button.label: not button.disabled for button in app.button if (button.key or "").endswith(f"-{run.id}")}


def test_a_waiting_card_says_its_place_and_moves(services: Services, waiting: list[Run], open_page: Open) -> None:
    app = open_page(FAMILY)
    assert not app.exception
    assert "On hold, place 3 of 3 at 127.0.0.1:9" in texts(app)
    first, _, last = waiting
    assert labels(app, first) == dict(zip(BUTTONS, [False, True, False, True, True], strict=True))
    assert labels(app, last) == dict(zip(BUTTONS, [True, False, True, True, True], strict=True))
    next(button for button in app.button if button.key == f"up-{last.id}").click().run()
    assert services.store.queue.places([last.id])[last.id].position == 2


def test_a_held_run_is_released_and_a_removed_one_is_never_sent(
    services: Services, waiting: list[Run], open_page: Open
) -> None:
    run = waiting[1]
    app = open_page("queue")
    next(button for button in app.button if button.key == f"hold-{run.id}").click().run()
    assert services.store.runs.get(run.id).held  # type: ignore[union-attr]
    assert "1 on hold" in texts(app)
    next(button for button in app.button if button.key == f"release-{run.id}").click().run()
    next(button for button in app.button if button.key == f"remove-{run.id}").click().run()
    kept = services.store.runs.get(run.id)
    assert kept is not None
    assert (kept.state, kept.held, kept.sent) == (RunState.CANCELLED, False, None)
    assert "0 of 8 in flight · 2 waiting" in texts(app)


def test_the_page_lists_the_queue_and_releases_it(services: Services, waiting: list[Run], open_page: Open) -> None:
    app = open_page("queue")
    assert "0 of 8 in flight · 3 waiting" in texts(app)
    assert "On hold: nothing more is sent until it is released." in texts(app)
    assert "Bravo *now*" in texts(app)
    assert "Hold all" not in [button.label for button in app.button]
    for run in waiting:
        services.worker.act(run.id, lambda kept: replace(kept, state=RunState.CANCELLED, due=None))
    next(button for button in app.button if button.label == "Release all").click().run()
    assert "Nothing waits and nothing is in flight." in texts(app)


def test_a_whole_queue_is_put_on_hold(services: Services, make_run: MakeRun, open_page: Open) -> None:
    make_run("Golf", services.now(), GATEWAY, state=RunState.RUNNING, task="t", due=None)
    app = open_page("queue")
    assert "1 of 8 in flight · 0 waiting" in texts(app)
    app = app.button(key=f"hold-all-{GATEWAY}").click().run()
    assert "On hold: nothing more is sent until it is released." in texts(app)
    app = app.button(key=f"release-all-{GATEWAY}").click().run()
    assert "On hold" not in texts(app)


def test_what_waits_is_reordered_and_a_run_of_another_process_joins_it(
    services: Services, waiting: list[Run], make_run: MakeRun, open_page: Open
) -> None:
    alpha, bravo, charlie = waiting
    app = open_page("queue")
    for label, run, expected in (
        ("front", charlie, [charlie, alpha, bravo]),
        ("down", alpha, [charlie, bravo, alpha]),
        ("up", alpha, [charlie, alpha, bravo]),
    ):
        app = app.button(key=f"{label}-{run.id}").click().run()
        assert order(app) == [each.id for each in expected]
    # The page hears of every change, including changes to runs that it does not show yet.
    (live,) = [part.proto for part in app.get("bidi_component") if part.proto.id.endswith("-queue/live")]
    assert json.loads(live.json)["all"] is True
    late = make_run("Echo", services.now(), GATEWAY, due=services.now(), sent=None)
    assert order(app.run())[-1] == late.id


def order(app: AppTest) -> list[str]:
    """The ids of the runs that wait, as the page lists them."""
    return [key.removeprefix("front-") for button in app.button if (key := button.key or "").startswith("front-")]


def test_one_of_many_may_not_hold_everybodys_queue(
    services: Services, waiting: list[Run], open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "person", lambda: Person("ann", "ann@example.com"))
    app = open_page("queue")
    assert not app.exception
    assert "127.0.0.1" not in texts(app)
    assert [button for button in app.button if button.label in ("Hold all", "Release all")] == []
