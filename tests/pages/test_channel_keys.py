"""The helper for channel keys: it checks, masks, composes once, and keeps nothing."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import TIMEOUT, plain
from tests.pages.conftest import press as press_button

ID, SECRET = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
KEY = f"1500012345|{ID}|{SECRET}|ap-guangzhou"


def draw() -> None:
    import streamlit as st

    from components.screens.channel_keys import draw_channel_keys

    draw_channel_keys()
    st.button("Something else")


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_function(draw, default_timeout=TIMEOUT)
    app.session_state["channel/helper"] = True
    app.run()
    assert not app.exception
    return app


def press(app: AppTest, label: str) -> None:
    assert not press_button(app, label).exception


def field(app: AppTest, label: str) -> Any:
    return next(field for field in app.text_input if field.label == label)


def fill(app: AppTest, app_id: str = "1500012345", secret: str = SECRET, region: str = "") -> None:
    for label, value in (("SubAppId", app_id), ("SecretId", ID), ("SecretKey", secret), ("Region (optional)", region)):
        field(app, label).set_value(value)


def in_page(app: AppTest) -> str:
    """Every element and widget of the page, as the browser gets it."""
    return "".join(str(getattr(element, "proto", "")) for element in app._tree)


def in_session(app: AppTest) -> str:
    state = app.session_state._state._state  # past the lock, to the store itself
    kept = {**state._old_state, **state._new_session_state}
    widgets = [state._new_widget_state[widget] for widget in state._new_widget_state]
    return f"{kept} {widgets} {pickle.dumps(state.filtered_state)!r}"


def test_at_first_there_are_empty_fields_and_no_answer(app: AppTest) -> None:
    assert [field.value for field in app.text_input] == [""] * 5
    assert [f.label for f in app.text_input if f.proto.type == f.proto.PASSWORD] == ["Channel key", "SecretKey"]
    assert not app.code
    assert not app.success


def test_a_pasted_key_is_taken_apart_and_dropped(app: AppTest) -> None:
    field(app, "Channel key").set_value(KEY)
    press(app, "Check")
    assert app.success
    assert app.markdown[1].value.splitlines() == [
        "- **SubAppId** `1500012345`",
        "- **SecretId** `AKID… (36 characters)`",
        "- **SecretKey** `Gu5t… (32 characters)`",
        "- **Region** `ap-guangzhou`",
    ]
    assert field(app, "Channel key").value == ""
    for part in (SECRET, ID):
        assert part not in in_page(app)
        assert part not in in_session(app)
    press(app, "Something else")
    assert not app.success


def test_the_search_of_page_and_session_finds_what_is_there(app: AppTest) -> None:
    app.session_state["kept"] = SECRET
    fill(app)
    press(app, "Show once")
    assert SECRET in in_session(app)
    assert SECRET in in_page(app)


def test_what_is_wrong_with_a_pasted_key_is_said_without_it(app: AppTest) -> None:
    field(app, "Channel key").set_value(f"{ID}|{SECRET}|1500012345")
    press(app, "Check")
    assert "**SubAppId** holds something other than digits" in plain(app.error[0].value)
    assert SECRET not in in_page(app) + in_session(app)


def test_a_clients_key_is_told_apart(app: AppTest) -> None:
    field(app, "Channel key").set_value("sk-0123456789abcdef")
    press(app, "Check")
    assert "not a channel key" in app.warning[0].value
    assert "sk-0123456789abcdef" not in in_page(app) + in_session(app)


def test_checked_parts_stay_masked(app: AppTest) -> None:
    fill(app, region="ap-guangzhou")
    press(app, "Check the parts")
    assert app.success
    assert not app.code
    assert SECRET not in in_page(app) + in_session(app)
    assert field(app, "SecretKey").value == ""


def test_the_composed_key_is_shown_once(app: AppTest) -> None:
    fill(app, region="ap-guangzhou")
    press(app, "Show once")
    assert [code.value for code in app.code] == [KEY]
    assert SECRET not in in_session(app)
    press(app, "Hide")
    assert not app.code
    assert SECRET not in in_page(app) + in_session(app)


def test_without_a_region_the_key_has_three_parts(app: AppTest) -> None:
    fill(app)
    press(app, "Show once")
    assert app.code[0].value == f"1500012345|{ID}|{SECRET}"


def test_wrong_parts_are_not_shown(app: AppTest) -> None:
    fill(app, app_id="x", secret=f"{SECRET}|b")
    press(app, "Show once")
    assert not app.code
    assert "**SecretKey** holds a `|`" in plain(app.error[0].value)
    assert SECRET not in in_page(app) + in_session(app)
