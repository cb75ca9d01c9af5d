"""The page of one family: the form on the left, its runs on the right."""

from __future__ import annotations

import streamlit as st

from components import session
from components.form.composer import draw_composer
from components.heading import draw_heading
from components.runs.cards import draw_family_runs


def draw_family(file: str) -> None:
    """Draw the page of the family that the script `file` is named after."""
    family = session.family_of(file)
    remarks = [f"[Documentation]({family.docs})"] if family.docs else []
    draw_heading(family.title, *remarks, f"Checked {family.checked:%Y-%m}")
    left, right = st.columns([5, 7], gap="large")
    with right:
        draw_family_runs(family.id)
    with left:
        draw_composer(family)
