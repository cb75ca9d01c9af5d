"""The widgets of parameters."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Open, texts, widget


def test_a_range_of_decimals_is_a_number_field_that_sends_what_is_typed(open_page: Open) -> None:
    app = open_page("kling")
    widget(app, "selectbox", "Entry point").set_value("official").run()
    widget(app, "selectbox", "Model").set_value("kling-v1-6").run()
    app.session_state["kling/more"] = True
    strength = widget(app.run(), "number_input", "Prompt strength")
    assert (strength.min, strength.max, strength.step, strength.value) == (0.0, 1.0, 0.1, None)
    widget(app, "text_area", "Prompt").set_value("Mist")
    strength.set_value(0.35).run()
    app.session_state["kling/wire"] = True
    assert not app.run().exception
    assert '"cfg_scale": 0.35' in "\n".join(str(block.value) for block in app.code)


def test_a_closed_panel_draws_nothing_and_its_values_are_still_sent(open_page: Open) -> None:
    app = open_page("kling")
    assert all(area.label == "Prompt" for area in app.text_area)
    app.session_state["kling/more"] = True
    widget(app.run(), "text_area", "Raw metadata (JSON)").set_value('{"seed_of_the_test": 7}').run()
    widget(app, "text_area", "Prompt").set_value("Mist").run()
    app.session_state["kling/more"] = False
    app.session_state["kling/wire"] = True
    app.run()
    assert all(area.label == "Prompt" for area in app.text_area)
    assert '"seed_of_the_test": 7' in "\n".join(str(block.value) for block in app.code)


def form() -> None:
    """A form that sets defaults at every drawing, as the dialog of a continuation does."""
    from components.form import values
    from dailies.catalog.load import load
    from dailies.vocabulary import Mode

    cell = load().families["kling"].cell("Kling-2.6", Mode.TEXT)
    assert cell is not None
    seconds = cell.parameter("seconds")
    assert seconds is not None
    values.set_default("form", seconds)
    values.draw_widget("form", seconds)


def test_a_default_never_replaces_what_was_chosen() -> None:
    app = AppTest.from_function(form, default_timeout=30).run()
    assert app.session_state["form/value/seconds"] == 5
    app.session_state["form/value/seconds"] = 10
    assert app.run().session_state["form/value/seconds"] == 10
    assert app.run().session_state["form/value/seconds"] == 10


def test_a_form_starts_in_landscape_where_the_gateway_would_not_and_says_so(open_page: Open) -> None:
    announced = "this form starts with landscape"
    app = open_page("sora")
    assert app.session_state["sora/value/aspect_ratio"] == "16:9"
    assert announced in texts(app)
    widget(app, "selectbox", "Aspect ratio").set_value(None).run()
    assert announced not in texts(app)
    widget(app, "selectbox", "Model").set_value("sora-2-pro").run()
    assert app.session_state["sora/cell"][1] == "sora-2-pro"
    assert announced not in texts(app)
