"""The top line of every page: its title, the gateway in use and whether it answers, and the page's own remarks."""

from __future__ import annotations

import streamlit as st

from components import faults
from components.gateway import draw_badge, draw_trouble, follow_state


@faults.fragment
def draw_heading(title: str, *remarks: str) -> None:
    """Draw the line, and below it what keeps the gateway from working. `remarks` are short Markdown texts."""
    follow_state()
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.title(title, anchor=False, width="content")
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            draw_badge()
            for remark in remarks:
                st.markdown(f":small[{remark}]", width="content")
    draw_trouble()
