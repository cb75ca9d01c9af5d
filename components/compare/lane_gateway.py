"""The gateway of one lane: the same model over two gateways is two lanes."""

from __future__ import annotations

import streamlit as st

from components import session
from components.session import key
from dailies.gateways import Gateway

_IN_USE = ""


def draw_gateway(scope: str) -> None:
    """Draw the choice among the gateways that this person may use, if there is one."""
    choices = {gateway.name: gateway.title for gateway in list_gateways()}
    if len(choices) < 2:
        return
    st.selectbox(
        "Gateway",
        [_IN_USE, *choices],
        format_func=lambda name: choices.get(name, f"The one in use ({session.gateway().title})"),
        key=key(scope, "gateway"),
        persist_state="session",
    )


def read_gateway(scope: str) -> str:
    """Return the name of a lane's own gateway; empty for the one in use when it is sent."""
    chosen = str(st.session_state.get(key(scope, "gateway")) or _IN_USE)
    return chosen if chosen != session.gateway().name else _IN_USE


def list_gateways() -> list[Gateway]:
    """List the gateways that a lane can be sent to now: the operator's for this person, and the one in use."""
    settings = session.services().settings
    own = [gateway for gateway in settings.gateways.values() if gateway.open_to(session.user())]
    in_use = session.gateway()
    return own if any(gateway.name == in_use.name for gateway in own) else [*own, in_use]
