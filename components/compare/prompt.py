"""The prompt of a comparison: one for every lane, with earlier prompts to take. Its braces are sent as they are."""

from __future__ import annotations

import streamlit as st

from components import session
from components.form.idea import draw_return
from components.form.prompts import draw_prompts
from components.frontend import keep_prompt
from components.session import key
from dailies.request import expand
from dailies.vocabulary import Mode


def read_prompt(scope: str) -> str:
    """Read the prompt as every lane gets it."""
    return expand.read_literal(session.read_text(key(scope, "prompt")))


def draw_prompt(scope: str, placeholder: str, mode: Mode) -> None:
    """Draw the field, which is saved on the server while it is typed, and what is said of it."""
    st.text_area(
        "Prompt",
        key=key(scope, "prompt"),
        height=120,
        placeholder=placeholder,
        on_change="ignore",
        persist_state="session",
    )
    keep_prompt(key(scope, "prompt"), scope, None)
    with st.container(horizontal=True, vertical_alignment="center"):
        draw_prompts(scope, mode)
        draw_return(scope)
    many = expand.count(session.read_text(key(scope, "prompt")))
    if many > 1:
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            said = "Every lane gets the same prompt, braces included. Plan makes a prompt of each choice."
            st.markdown(f":small[:material/info: {said}]", width="content")
            st.page_link(session.page("plan"), label="Open Plan", icon=":material/table_view:")
