"""The page of one family: composer on the left, its runs on the right."""

from __future__ import annotations

import streamlit as st

from components import session
from components.composer import composer
from components.run_cards import family_runs
from components.settings_page import gateway_line


def studio(file: str) -> None:
    """Draw the page of the family that the script `file` is named after."""
    family = session.family_of(file)
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.title(family.title, anchor=False, width="content")
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            gateway_line()
            if family.docs:
                st.markdown(f"[Documentation]({family.docs})", width="content")
            st.caption(f"checked {family.checked:%Y-%m}", width="content")
    left, right = st.columns([5, 7], gap="large")
    with left:
        composer(family)
    with right:
        family_runs(family.id)
