"""Every page draws, and the composer keeps its promises."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from dailies.catalog.load import load
from dailies.services import Services
from dailies.vocabulary import Mode, RunState
from tests.pages.conftest import Open

FAMILIES = list(load().families)


def texts(app: AppTest) -> str:
    """Everything a page says, as one text; signs that are kept from meaning Markdown stand for themselves."""
    kinds = (app.markdown, app.caption, app.error, app.warning, app.info, app.title, app.subheader)
    said = "\n".join(str(element.value) for kind in kinds for element in kind)
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", said)


def widget(app: AppTest, kind: str, label: str) -> Any:
    return next(element for element in app.get(kind) if element.label.split(" :")[0] == label)


def png(size: tuple[int, int] = (1280, 720)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (90, 120, 60)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("page", ["home", "compare", "plan", "leaderboard", "vote", "library", "settings", *FAMILIES])
def test_the_page_draws(page: str, open_page: Open) -> None:
    app = open_page(page)
    assert not app.exception
    assert app.title[0].value


@pytest.mark.parametrize("family", FAMILIES)
def test_every_mode_of_every_model_draws(family: str, open_page: Open) -> None:
    known = load().families[family]
    app = open_page(family)
    for toggle in [toggle for toggle in app.toggle if toggle.label.startswith("Show discouraged")]:
        toggle.set_value(True).run()
    for model in known.models[known.entries[0].id]:
        for mode in known.modes(model.id):
            app.session_state[f"{family}/model"] = model.id
            app.session_state[f"{family}/mode"] = mode.value
            app.run()
            assert not app.exception, (model.id, mode)
            assert app.session_state[f"{family}/cell"] == (known.entries[0].id, model.id, mode)


def test_a_deep_link_opens_model_and_mode(open_page: Open) -> None:
    app = open_page("kling", model="Kling-2.6", mode="first_frame")
    assert app.session_state["kling/cell"] == ("openai", "Kling-2.6", Mode.FIRST_FRAME)


def test_a_typed_model_of_a_pattern_gets_the_form(open_page: Open) -> None:
    app = open_page("kling", model="Kling-9.9", mode="text")
    assert not app.exception
    assert app.session_state["kling/cell"] == ("openai", "Kling-9.9", Mode.TEXT)


def test_a_range_of_decimals_is_a_number_field_that_sends_what_is_typed(open_page: Open) -> None:
    app = open_page("kling")
    widget(app, "selectbox", "Entry point").set_value("official").run()
    widget(app, "selectbox", "Model").set_value("kling-v1-6").run()
    strength = widget(app, "number_input", "Prompt strength")
    assert (strength.min, strength.max, strength.step, strength.value) == (0.0, 1.0, 0.1, None)
    widget(app, "text_area", "Prompt").set_value("Mist")
    strength.set_value(0.35).run()
    app.session_state["kling/wire"] = True
    assert not app.run().exception
    assert '"cfg_scale": 0.35' in "\n".join(str(block.value) for block in app.code)


def test_switching_the_model_keeps_what_was_given_and_says_what_changed(open_page: Open) -> None:
    app = open_page("grok", mode="references")
    app.file_uploader[0].set_value([(f"{n}.png", png(), "image/png") for n in range(3)]).run()
    widget(app, "text_area", "Prompt").set_value("Three of them").run()
    app.session_state["grok/model"] = "grok-video-3-max"
    app.run()
    assert widget(app, "text_area", "Prompt").value == "Three of them"
    assert len(app.session_state["grok/references"]["references"]) == 3
    assert "**Duration** 15 s, set by the model" in texts(app)
    assert "**Duration** 6 s → 15 s: set by grok-video-3-max." in texts(app)


def test_an_empty_prompt_is_named_and_nothing_is_sent(open_page: Open, services: Services) -> None:
    before = services.store.runs.count()
    app = open_page("sora")
    next(button for button in app.button if button.label == "Generate").click().run()
    assert "**Prompt** is empty. Describe the clip in a sentence or two." in app.error[0].value
    assert services.store.runs.count() == before


def test_generate_stores_a_run_and_keeps_the_form(open_page: Open, services: Services) -> None:
    app = open_page("veo", mode="text")
    widget(app, "text_area", "Prompt").set_value("Mist over a lake")
    next(button for button in app.button if button.label == "Generate").click().run()
    newest = services.store.runs.list("", family="veo")[0]
    assert newest.request.prompt == "Mist over a lake"
    assert newest.state in (RunState.READY, RunState.SENDING, RunState.QUEUED, RunState.RUNNING, RunState.DONE)
    assert widget(app, "text_area", "Prompt").value == "Mist over a lake"


def test_discouraged_modes_are_folded_until_asked_for(open_page: Open) -> None:
    app = open_page("kling")
    mode = widget(app, "button_group", "Mode")
    assert "First + last" not in list(mode.options)
    next(toggle for toggle in app.toggle if toggle.label.startswith("Show discouraged")).set_value(True).run()
    mode = widget(app, "button_group", "Mode")
    assert "First + last" in list(mode.options)


def test_a_mode_links_the_pages_it_is_taken_from(open_page: Open) -> None:
    app = open_page("kling", model="Kling-3.0-Omni", mode="motion_control")
    about = next(element.help for element in app.markdown if "Named as a key capability" in str(element.value))
    assert "[Domestic Video Models](https://docs.octopusx.ai/en/videos/aigc/overview)" in about
    assert "Checked 2026-11-21." in about


def test_the_sources_of_a_form_are_links_of_the_page_itself(open_page: Open) -> None:
    app = open_page("wan")
    app.session_state["wan/wire"] = True
    said = texts(app.run())
    assert "[Video Model Support Matrix](https://docs.octopusx.ai/en/videos/model-matrix)" in said
    assert "[new-api source code](https://github.com/QuantumNous/new-api)" in said


def test_home_links_the_documents_behind_its_table(open_page: Open) -> None:
    said = texts(open_page("home"))
    assert "[Video Model Support Matrix](https://docs.octopusx.ai/en/videos/model-matrix)" in said
    assert "[Domestic Video Models](https://docs.octopusx.ai/en/videos/aigc/overview)" in said


def test_a_mode_the_wire_cannot_say_explains_itself(open_page: Open) -> None:
    app = open_page("doubao-seedance", mode="references")
    cell = load().families["doubao-seedance"].cell("doubao-seedance-1-5-pro_480p", Mode.REFERENCES)
    assert cell is not None
    assert cell.refused
    assert cell.refused in texts(app)


def test_a_text_file_called_png_is_refused_in_words(open_page: Open) -> None:
    app = open_page("sora", mode="first_frame")
    app.file_uploader[0].set_value(("notes.png", b"just text", "image/png")).run()
    assert "notes.png is not a picture, video or sound that can be read" in app.error[0].value


def test_a_link_that_is_none_is_refused_and_stays_in_its_field(open_page: Open) -> None:
    app = open_page("sora", mode="first_frame")
    widget(app, "text_input", "Link: first frame").set_value("not a link").run()
    assert "is not a web address" in app.error[0].value
    assert widget(app, "text_input", "Link: first frame").value == "not a link"


def test_a_key_is_kept_in_memory_and_shown_nowhere(open_page: Open, services: Services) -> None:
    key = "sk-very-secret-1234567890"
    app = open_page("settings")
    app.radio[0].set_value("another address").run()
    widget(app, "text_input", "Base URL").set_value("http://127.0.0.1:9")
    widget(app, "text_input", "Key").set_value(key)
    next(button for button in app.button if button.label == "Use this gateway").click().run()
    assert not app.exception
    assert key not in texts(app)
    assert key not in repr(app.session_state)
    assert "127.0.0.1:9" in texts(app)


def test_a_press_outlives_a_run_that_never_reached_the_button(open_page: Open, services: Services) -> None:
    app = open_page("sora")
    widget(app, "text_area", "Prompt").set_value("A press that was noted by its callback alone")
    app.run()
    app.session_state["session/presses"]["sora"].noted = True
    app.run()
    app.run()
    assert len(services.store.runs.list("", search="noted by its callback alone")) == 1
