"""From a filled form to a stored run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.runtime.scriptrunner_utils.exceptions import StopException

from components.form import sending
from dailies.services import Services
from dailies.vocabulary import RunState
from dailies.work.life import create_run
from tests.pages.conftest import FAMILY, Open, plain, png, press, texts, widget


def test_an_empty_prompt_is_named_and_nothing_is_sent(open_page: Open, services: Services) -> None:
    before = services.store.runs.count()
    app = open_page("sora")
    next(button for button in app.button if button.label == "Generate").click().run()
    assert "**Prompt** is empty. Describe the clip in a sentence or two." in plain(app.error[0].value)
    assert services.store.runs.count() == before


def test_generate_stores_a_run_and_keeps_the_form(open_page: Open, services: Services) -> None:
    app = open_page("veo", mode="text")
    widget(app, "text_area", "Prompt").set_value("Mist over a lake")
    next(button for button in app.button if button.label == "Generate").click().run()
    newest = services.store.runs.list("", family="veo")[0]
    assert newest.request.prompt == "Mist over a lake"
    assert newest.state in (RunState.READY, RunState.SENDING, RunState.QUEUED, RunState.RUNNING, RunState.DONE)
    assert widget(app, "text_area", "Prompt").value == "Mist over a lake"


def test_a_press_outlives_a_run_that_never_reached_the_button(open_page: Open, services: Services) -> None:
    app = open_page("sora")
    widget(app, "text_area", "Prompt").set_value("A press that was noted by its callback alone")
    app.run()
    app.session_state["session/presses"]["sora"].noted = True
    app.run()
    app.run()
    assert len(services.store.runs.list("", search="noted by its callback alone")) == 1


def test_a_press_outlives_an_interruption_up_to_the_moment_its_run_is_made(
    open_page: Open, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streamlit may interrupt whatever reads the session: the press is not consumed before all of it is read."""
    app = open_page("sora")
    widget(app, "text_area", "Prompt").set_value("A press that was interrupted")
    app.run()
    interrupted = []

    def interrupt(*asked: object, **more: object) -> object:
        if not interrupted:
            interrupted.append(asked)
            raise StopException
        return create_run(*asked, **more)  # type: ignore[arg-type]

    button = next(button for button in app.button if button.label == "Generate").click()
    monkeypatch.setattr(sending, "create_run", interrupt)
    button.run()
    assert interrupted
    for _ in range(2):
        app.run()
        assert len(services.store.runs.list(search="that was interrupted")) == 1


def test_problems_stay_until_the_form_changes(open_page: Open) -> None:
    app = press(open_page("sora"), "Generate")
    assert app.error
    assert app.run().error
    widget(app, "text_area", "Prompt").set_value("Mist").run()
    assert not app.error
    assert not app.run().error


def test_media_of_another_mode_are_kept_and_not_sent(open_page: Open, services: Services) -> None:
    app = open_page("sora", mode="first_frame")
    app.file_uploader[0].set_value(("a.png", png((720, 1280)), "image/png")).run()
    app.session_state["sora/mode"] = "text"
    app.run()
    assert "1 file is kept for the modes that use them" in plain(texts(app))
    widget(app, "text_area", "Prompt").set_value("A boat without its picture")
    app = press(app, "Generate")
    assert not app.error
    (run,) = services.store.runs.list(search="boat without its picture")
    assert run.request.references == {}
    assert len(app.session_state["sora/references"]["first_frame"]) == 1


def test_one_press_makes_several_takes_and_its_repetition_makes_none(open_page: Open, services: Services) -> None:
    app = open_page("sora")
    widget(app, "text_area", "Prompt").set_value("Three takes of a boat")
    widget(app, "selectbox", "Takes").set_value(3).run()
    app = press(app, "Generate 3 takes")
    runs = services.store.runs.list(search="takes of a boat")
    assert len(runs) == 3
    assert len({run.press for run in runs}) == 3
    held = app.session_state["session/presses"]["sora"]
    held.noted = True  # the same press again, as a busy server sees a double click
    app.run()
    assert len(services.store.runs.list(search="takes of a boat")) == 3


def test_the_limits_hold_for_all_takes_of_a_press(
    open_page: Open, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = replace(services.settings.spending, max_runs=2)
    monkeypatch.setattr(services.settings, "spending", limits)
    app = open_page("sora")
    widget(app, "text_area", "Prompt").set_value("Too many takes of a boat")
    widget(app, "selectbox", "Takes").set_value(3).run()
    assert "DAILIES_MAX_RUNS" in texts(app)
    app = press(app, "Generate 3 takes")
    assert app.error
    assert services.store.runs.list(search="too many takes") == []


def test_braces_make_takes_that_are_counted_before_the_press(open_page: Open, services: Services) -> None:
    app = open_page(FAMILY)
    widget(app, "text_area", "Prompt").set_value("A {red|blue|<b>} zeppelin {1..2}").run()
    assert "2. A red zeppelin 2" in plain(texts(app))
    app = press(app, "Generate 6 takes")
    runs = services.store.runs.list(search="zeppelin")
    assert sorted(run.request.prompt for run in runs) == sorted(
        f"A {word} zeppelin {number}" for word in ("red", "blue", "<b>") for number in (1, 2)
    )
    assert len({run.parent for run in runs if run.parent}) == 1
    for run in runs:
        services.store.runs.delete(run.id)


def test_takes_that_nobody_has_seen_counted_wait_for_another_press(open_page: Open, services: Services) -> None:
    app = open_page(FAMILY)
    widget(app, "text_area", "Prompt").set_value("A {red|blue} airship")
    app = press(app, "Generate")  # typed and pressed: the page could not count before
    assert services.store.runs.list(search="airship") == []
    assert "The braces in the prompt make 2 takes" in texts(app)
    app = press(app, "Generate 2 takes")  # the second half of a double click
    assert services.store.runs.list(search="airship") == []


def test_more_takes_than_one_press_makes_are_refused(open_page: Open, services: Services) -> None:
    app = open_page(FAMILY)
    widget(app, "text_area", "Prompt").set_value("{1..99999}{1..99999} blimps").run()
    assert "10,000 or more takes. One press makes at most 8" in plain(texts(app))
    app = next(button for button in app.button if button.label.startswith("Generate")).click().run()
    assert "makes far too many takes of at most 8" in plain(app.error[0].value)
    assert services.store.runs.list(search="blimps") == []
