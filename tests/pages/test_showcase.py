"""Samples on the first start: a press puts the idea into the form, and own takes stand in their place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import streamlit as st

from components.samples import list_samples
from components.screens import showcase
from tests.pages.conftest import MakeRun, Open, press, texts, widget

PLACED = "Samples from the sandbox"


def draw_buttons(takes: list[dict[str, Any]], *, key: str, on_open: Callable[[str], None]) -> None:
    """Stand in for the wall, which only a browser can press."""
    for take in takes:
        st.button(take["id"], key=f"{key}/{take['id']}", on_click=on_open, args=(take["id"],))


def test_a_sample_puts_its_idea_into_the_form(
    open_page: Open, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dailies.store.personal.PersonalRuns.list", lambda *_, **__: [])
    app = open_page("home")
    assert PLACED in texts(app)
    typed = widget(app, "text_area", "Prompt").set_value("What I had typed")
    assert typed.value == "What I had typed"
    monkeypatch.setattr(showcase, "draw_wall", draw_buttons)
    app = press(app.run(), "valley")
    app = press(app, "bay")
    assert not app.exception
    (bay,) = (sample for sample in list_samples() if sample.name == "bay")
    assert widget(app, "text_area", "Prompt").value == bay.prompt
    monkeypatch.undo()
    make_run("My own take", datetime.now(UTC), "http://127.0.0.1:9")
    assert PLACED not in texts(open_page("home"))
