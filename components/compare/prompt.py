"""The prompt of a comparison: one for every lane, with earlier prompts to take. Its braces are sent as they are."""

from __future__ import annotations

import streamlit as st

from components import session
from components.form.prompts import draw_prompts
from components.session import key
from components.words import escape
from dailies.request import expand
from dailies.vocabulary import Mode


def read_prompt(scope: str) -> str:
    """Read the prompt as every lane gets it."""
    return expand.read_literal(session.read_text(key(scope, "prompt")))


def draw_prompt(scope: str, placeholder: str, mode: Mode) -> None:
    """Draw the field, and what is said of it."""
    st.text_area(
        "Prompt",
        key=key(scope, "prompt"),
        height=120,
        placeholder=placeholder,
        on_change="ignore",
        persist_state="session",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        draw_prompts(scope, mode, _replace, "Puts this prompt into the form.")
        _offer_return(scope)
    many = expand.count(session.read_text(key(scope, "prompt")))
    if many > 1:
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            said = "Every lane gets the same prompt, braces included. Plan makes a prompt of each choice."
            st.markdown(f":small[:material/info: {said}]", width="content")
            st.page_link(session.page("plan"), label="Open Plan", icon=":material/table_view:")


def _replace(scope: str, prompt: str) -> None:
    before = session.read_text(key(scope, "prompt"))
    if before.strip() and before != prompt:
        st.session_state[key(scope, "replaced")] = before
    st.session_state[key(scope, "prompt")] = expand.read_literal(prompt)


def _offer_return(scope: str) -> None:
    """Offer the prompt that an earlier one has replaced."""
    before = st.session_state.get(key(scope, "replaced"))
    if before:
        st.button(
            "Bring back the prompt before",
            icon=":material/undo:",
            type="tertiary",
            key=key(scope, "back"),
            help=f"Puts this back: {escape(before[:120])}",
            on_click=_replace,
            args=(scope, expand.make_literal(before)),
        )
