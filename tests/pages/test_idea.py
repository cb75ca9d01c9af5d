"""One idea on every page: it follows to another family, what does not fit is kept, and nothing is lost for good."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from dailies.services import Services
from dailies.vocabulary import Mode
from tests.pages.conftest import Open, plain, png, press, texts, widget


def begin(open_page: Open) -> AppTest:
    """An idea with a first frame, a length and a shape."""
    app = open_page("hailuo", mode="first_frame")
    app.file_uploader[0].set_value(("street.png", png(), "image/png")).run()
    widget(app, "text_area", "Prompt").set_value("A boat in the rain")
    widget(app, "button_group", "Duration (s)").set_value(10)
    return app.run()


def go_to(app: AppTest, page: str) -> AppTest:
    """Open a page from the sidebar: without a query."""
    app.query_params.clear()
    return app.switch_page(f"../pages/{page}.py").run()


def test_prompt_references_mode_and_values_follow_to_another_family(open_page: Open) -> None:
    app = go_to(begin(open_page), "vidu")
    assert not app.exception
    assert widget(app, "text_area", "Prompt").value == "A boat in the rain"
    assert app.session_state["vidu/cell"][2] is Mode.FIRST_FRAME
    assert [held.name for held in app.session_state["vidu/references"]["first_frame"]] == ["street.png"]
    assert app.session_state["vidu/value/seconds"] == 10


def test_what_does_not_fit_is_named_and_comes_back(open_page: Open) -> None:
    app = go_to(begin(open_page), "os")
    assert "**Duration** 10 s → 12 s: not offered by OS-2.0." in plain(texts(app))
    assert app.session_state["os/value/seconds"] == 12
    app = go_to(app, "vidu")
    assert app.session_state["vidu/value/seconds"] == 10


def test_an_idea_that_was_changed_elsewhere_comes_back_changed(open_page: Open) -> None:
    app = go_to(begin(open_page), "vidu")
    widget(app, "text_area", "Prompt").set_value("A ship in the rain").run()
    app = go_to(app, "hailuo")
    assert widget(app, "text_area", "Prompt").value == "A ship in the rain"
    assert app.session_state["hailuo/value/seconds"] == 10


def test_the_mode_of_an_address_wins_over_that_of_the_idea(open_page: Open) -> None:
    app = begin(open_page)
    app.query_params.clear()
    app.query_params["mode"] = "text"
    app = app.switch_page("../pages/vidu.py").run()
    assert app.session_state["vidu/cell"][2] is Mode.TEXT
    assert "1 file is kept for the modes that use them" in plain(texts(app))
    assert widget(app, "text_area", "Prompt").value == "A boat in the rain"


def test_a_form_without_an_idea_changes_no_other(open_page: Open) -> None:
    app = go_to(open_page("hailuo"), "vidu")
    assert app.session_state["vidu/value/seconds"] == 5
    assert "→" not in texts(app)


def test_what_came_with_the_press_that_leaves_the_page_is_there(open_page: Open) -> None:
    app = open_page("home")
    widget(app, "text_area", "Prompt").set_value("A gull over the harbour")
    app = press(app, "References and settings")
    assert not app.exception
    assert widget(app, "text_area", "Prompt").value == "A gull over the harbour"


def test_what_was_saved_after_the_next_page_was_drawn_is_taken_up_by_its_next_run(
    open_page: Open, services: Services
) -> None:
    """As by the browser's Back, which waits for no save."""
    app = go_to(begin(open_page), "vidu")
    browser = app.session_state["session/no cookie"]
    services.store.browsers.save_prompt(browser, "hailuo", "A boat in the storm", services.now())
    assert widget(app.run(), "text_area", "Prompt").value == "A boat in the storm"
    widget(app, "text_area", "Prompt").set_value("Typed on the next page").run()
    assert widget(app.run(), "text_area", "Prompt").value == "Typed on the next page"
