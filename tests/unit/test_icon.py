"""The picture in the tab comes by itself, and changes nothing else of the page."""

from __future__ import annotations

import pytest
import streamlit as st
from streamlit.commands import page_config
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from components import icon


class Context:
    """A run of a script that keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[ForwardMsg] = []

    def enqueue(self, message: ForwardMsg) -> None:
        self.sent.append(message)


@pytest.fixture
def sent(monkeypatch):
    context = Context()
    for module in (icon, page_config):
        monkeypatch.setattr(module, "get_script_run_ctx", lambda: context)
    return context.sent


def test_it_is_what_streamlit_would_say_of_it(sent):
    icon.draw_icon()
    st.set_page_config(page_icon=icon._read_icon())
    ours, theirs = sent
    assert ours == theirs
    assert ours.page_config_changed.favicon.startswith("data:image/png;base64,")


def test_nothing_is_said_outside_a_run(monkeypatch):
    monkeypatch.setattr(icon, "get_script_run_ctx", lambda: None)
    icon.draw_icon()
