"""The choice of the chat model that rewrites prompts in this browser; none until somebody chooses one."""

from __future__ import annotations

import streamlit as st

from components import faults, session
from components.gateway import list_unknown_models
from components.words import escape
from dailies.gateways import SANDBOX, SANDBOX_CHAT
from dailies.text import NAME_CHARS


def draw_chat_model() -> None:
    """Draw the choice; the models offered are those of the gateway that the catalog of video models does not know."""
    gateway, current = session.gateway(), session.chat_model()
    st.subheader("Prompt help", anchor=False)
    name = f"settings/chat/{gateway.name}"
    offered = [SANDBOX_CHAT] if gateway.name == SANDBOX else list_unknown_models()
    options = list(dict.fromkeys(filter(None, (current, *offered))))
    if name not in st.session_state:
        st.session_state[name] = current or None
    st.selectbox(
        "Chat model for Improve and Translate",
        options,
        index=None,
        key=name,
        accept_new_options=True,
        placeholder="Off: choose a model or type its id",
        help="Clear the field to switch Improve and Translate off.",
        on_change=faults.guard(_choose),
        args=(name,),
    )
    pays = "The sandbox has a plain one, at no cost." if gateway.name == SANDBOX else "Each press may cost."
    st.caption(
        f"A press of *Improve* or *Translate* sends the prompt to this model at {escape(gateway.title)}, with the key "
        f"that pays for your runs. {pays} You see both texts before anything changes. Another gateway starts without."
    )


def _choose(name: str) -> None:
    session.use_chat_model(session.read_text(name, NAME_CHARS).strip())
