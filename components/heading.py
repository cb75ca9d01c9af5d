"""The top line of every page: its title, the gateway in use, and the page's own remarks."""

from __future__ import annotations

import streamlit as st

from components import session
from components.words import escape
from dailies.gateways import SANDBOX


def draw_heading(title: str, *remarks: str) -> None:
    """Draw the line. `remarks` are short Markdown texts."""
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.title(title, anchor=False, width="content")
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            _draw_gateway()
            for remark in remarks:
                st.markdown(f":small[{remark}]", width="content")


def _draw_gateway() -> None:
    gateway = session.gateway()
    if gateway.name == SANDBOX:
        st.markdown(
            ":gray-badge[:material/science: Sandbox (built in)]",
            width="content",
            help="The built-in sandbox renders each clip from your request. Nothing leaves this machine and nothing is "
            "charged. Choose a real gateway on the Settings page.",
        )
    else:
        st.markdown(f":blue-badge[:material/dns: {escape(gateway.title)}]", width="content", help="The gateway in use.")
