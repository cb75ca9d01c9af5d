"""The choice between the base name and the combined one, and a combined name read into the form."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dailies.vocabulary import Mode
from tests.pages.conftest import TIMEOUT, Open, plain


def draw(family: str, model: str, mode: str, reference: str) -> None:
    """A form of nothing but its parameters, opened, and the name it would send."""
    import streamlit as st

    from components.form import billing, values
    from components.form.held import set_references
    from dailies.catalog.load import load
    from dailies.domain import Reference
    from dailies.vocabulary import MediaKind, Mode

    known = load().families[family]
    now = st.session_state.get(f"{family}/cell") or (known.entries[0].id, model, Mode(mode))
    st.session_state[f"{family}/cell"] = now
    cell = known.cell(now[1], now[2], now[0])
    assert cell is not None
    if reference:
        set_references(family, {reference: (Reference("a.png", MediaKind.IMAGE, url="https://media.example/a.png"),)})
    values.draw_parameters(
        family, cell, (lambda: billing.draw_names(family, cell)) if billing.has_names(cell) else None
    )
    st.text(billing.read_name(family, cell) or cell.model.id)


def opened(family: str, model: str, mode: Mode, reference: str = "") -> AppTest:
    kwargs = {"family": family, "model": model, "mode": mode.value, "reference": reference}
    app = AppTest.from_function(draw, kwargs=kwargs, default_timeout=TIMEOUT)
    app.session_state[f"{family}/more"] = True
    app.run()
    assert not app.exception
    return app


def sent(app: AppTest) -> str:
    return str(app.text[0].value)


def choice(app: AppTest) -> Any:
    return next((group for group in app.segmented_control if group.label == "Model name sent"), None)


def read(app: AppTest, name: str) -> None:
    app.text_input[-1].set_value(name)
    next(button for button in app.button if button.label == "Fill the form").click().run()
    assert not app.exception


def test_the_base_name_is_sent_unless_the_combined_one_is_chosen() -> None:
    app = opened("kling", "Kling-3.0-Omni", Mode.TEXT)
    assert sent(app) == "Kling-3.0-Omni"
    assert app.code[0].value == "kling-3.0-omni-720p-noref-mute"
    assert app.caption[-1].value == "Model Kling-3.0-Omni · Resolution 720P · Sound off · Without reference media."
    choice(app).set_value("Combined").run()
    assert sent(app) == "kling-3.0-omni-720p-noref-mute"


def test_the_name_follows_the_form() -> None:
    app = opened("kling", "Kling-3.0-Omni", Mode.FIRST_FRAME, reference="first_frame")
    choice(app).set_value("Combined").run()
    app.session_state["kling/value/resolution"] = "1080P"
    app.session_state["kling/value/audio"] = "on"
    app.run()
    assert sent(app) == "kling-3.0-omni-1080p-ref-audio"


def test_a_value_that_no_name_says_is_said_and_the_base_name_sent() -> None:
    app = opened("kling", "Kling-3.0-Omni", Mode.TEXT)
    choice(app).set_value("Combined").run()
    app.session_state["kling/value/offpeak"] = "on"
    app.run()
    assert sent(app) == "Kling-3.0-Omni"
    assert choice(app) is None
    assert "Only the base name can be sent. Kling-3.0-Omni: Off-peak: its" in plain(app.caption[-1].value)
    app.session_state["kling/value/offpeak"] = "off"
    app.run()
    assert sent(app) == "kling-3.0-omni-720p-noref-mute"


@pytest.mark.parametrize(
    ("family", "model", "mode"), [("sora", "sora-2", Mode.TEXT), ("wan", "wan2.6-t2v:1280*720", Mode.TEXT)]
)
def test_families_without_combined_names_show_nothing(family: str, model: str, mode: Mode) -> None:
    app = opened(family, model, mode)
    assert sent(app) == model
    assert choice(app) is None
    assert not any(field.label == "Read a combined name" for field in app.text_input)


def test_other_entry_points_have_no_combined_names(open_page: Open) -> None:
    app = open_page("kling")
    app.session_state["kling/more"] = True
    assert any(field.label == "Read a combined name" for field in app.run().text_input)
    app.session_state["kling/entry"] = "official"
    assert not any(field.label == "Read a combined name" for field in app.run().text_input)


def test_a_combined_name_that_is_the_model_is_explained() -> None:
    app = opened("kling", "kling-avatar-720p", Mode.AVATAR)
    assert sent(app) == "kling-avatar-720p"
    assert choice(app) is None
    assert app.caption[-1].value.endswith("Mode Digital human · Resolution 720P.")


def test_a_name_fills_the_form() -> None:
    app = opened("kling", "Kling-3.0", Mode.TEXT)
    app.session_state["kling/value/seconds"] = 10
    app.run()
    read(app, " kling-2.6-motion-pro-1080p ")
    assert app.session_state["kling/model"] == "Kling-2.6"
    assert app.session_state["kling/mode"] == "motion_control"
    assert app.session_state["kling/cell"] == ("openai", "Kling-2.6", Mode.MOTION_CONTROL)
    assert app.session_state["kling/value/motion_level"] == "pro"
    assert app.session_state["kling/value/resolution"] == "1080P"
    assert app.session_state["kling/value/seconds"] == 10
    assert plain(app.success[0].value).startswith("Read: Model Kling-2.6 · Mode Motion control")
    assert app.code[0].value == "kling-2.6-motion-pro-1080p"
    assert not app.run().success


def test_what_had_to_change_on_the_way_is_said() -> None:
    app = opened("kling", "Kling-3.0", Mode.TEXT)
    app.session_state["kling/value/seconds"] = 15
    app.session_state["kling/value/aspect_ratio"] = "1:1"
    app.run()
    read(app, "vidu-q2-720p")
    assert plain(app.error[0].value) == "vidu-q2-720p belongs to Vidu. Read it on that page."
    app.session_state["kling/value/motion_level"] = "pro"
    read(app, "kling-3.0-omni-motion-std-720p")
    assert app.session_state["kling/value/motion_level"] == "std"
    read(app, "kling-3.0-omni-720p-noref-mute")
    notices = app.session_state["kling/notices"]
    assert [(n.where, n.what) for n in notices] == [("Motion level", "std → not sent: text mode has no such setting.")]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "No name is given. Combined names begin with kling-, vidu-, sv-."),
        ("sora-2", "sora-2 is not a combined name. Combined names begin with kling-, vidu-, sv-."),
        ("kling-3.0-omni-900p", "kling-3.0-omni-900p: Scene or resolution: 900p cannot be read."),
        ("sv-1.5-pro-1080p-audio", "sv-1.5-pro-1080p-audio belongs to SV. Read it on that page."),
    ],
)
def test_what_cannot_be_read_changes_nothing(name: str, words: str) -> None:
    app = opened("kling", "Kling-3.0", Mode.TEXT)
    read(app, name)
    assert plain(app.error[0].value).startswith(words)
    assert app.session_state["kling/cell"] == ("openai", "Kling-3.0", Mode.TEXT)
    assert sent(app) == "Kling-3.0"


def page_reading(family: str, name: str) -> None:
    """What the button's callback does, then the whole page of the family."""
    import streamlit as st

    from components.form.billing import fill_from_name
    from components.form.composer import draw_composer
    from dailies.catalog.load import load

    composed = load().families[family]
    st.button("Read", on_click=fill_from_name, args=(composed, name))
    draw_composer(composed)


@pytest.mark.parametrize(
    ("family", "name", "cell"),
    [
        ("kling", "kling-2.6-motion-pro-1080p", ("Kling-2.6", Mode.MOTION_CONTROL)),
        ("kling", "kling-3.0-omni-1080p-ref-audio", ("Kling-3.0-Omni", Mode.FIRST_FRAME)),
        ("kling", "kling-identify-face", ("Kling-3.0-Omni", Mode.LIP_SYNC)),
        ("vidu", "vidu-q2-pro-reference-1080p-offpeak", ("Vidu-q2-pro", Mode.REFERENCES)),
        ("sv", "sv-1.5-pro-1080p-audio", ("SV-1.5-pro", Mode.TEXT)),
    ],
)
@pytest.mark.usefixtures("services")
def test_the_composer_shows_what_was_read(
    family: str, name: str, cell: tuple[str, Mode], open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("components.session.chat_model", lambda: "a-chat-model")  # no link to a page: there is none
    app = AppTest.from_function(page_reading, kwargs={"family": family, "name": name}, default_timeout=TIMEOUT).run()
    app.button[0].click().run()
    assert not app.exception
    assert app.session_state[f"{family}/cell"][1:] == cell
    assert app.session_state[f"{family}/value/resolution"] == "1080P" or name == "kling-identify-face"
    app.run()
    assert app.session_state[f"{family}/cell"][1:] == cell
