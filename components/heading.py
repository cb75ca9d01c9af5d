"""The top line of every page: its title, the gateway in use, and what else a page has to say there."""

from __future__ import annotations

import streamlit as st

from components import session
from dailies.gateways import SANDBOX


def draw_heading(title: str, *remarks: str) -> None:
    """Draw the line. `remarks` are short Markdown texts."""
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.title(title, anchor=False, width="content")
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            _gateway()
            for remark in remarks:
                st.caption(remark, width="content")


def _gateway() -> None:
    gateway = session.gateway()
    if gateway.name == SANDBOX:
        st.markdown(
            ":gray-badge[:material/science: sandbox (built in)]",
            width="content",
            help="Clips are drawn by the embedded sandbox from your request. Nothing is sent outside and nothing is "
            "charged. A real gateway is set on the Settings page.",
        )
    else:
        st.markdown(f":blue-badge[:material/dns: {gateway.title}]", width="content", help="The gateway in use.")
