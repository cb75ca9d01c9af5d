"""The page of one family: the form on the left, its runs on the right."""

from __future__ import annotations

import streamlit as st

from components import faults, session
from components.form.composer import draw_composer
from components.heading import draw_heading
from components.runs.cards import draw_family_runs
from dailies.catalog.load import Family


def draw_family(file: str) -> None:
    """Draw the page of the family that the script `file` is named after."""
    family = session.family_of(file)
    remarks = [f"[Documentation]({family.docs})"] if family.docs else []
    draw_heading(family.title, *remarks, f"Checked {family.checked:%Y-%m}")
    _draw_body(family)


@faults.fragment
def _draw_body(family: Family) -> None:
    """Draw form and runs, by themselves at every change of the form: the list of pages and the heading stay.

    The runs come first, so that the card of a press is on its way while the form is drawn.
    """
    if not faults.draws_whole() and session.is_changed_elsewhere():
        st.rerun()
    left, right = st.columns([5, 7], gap="large")
    with right:
        draw_family_runs(family.id)
    with left:
        draw_composer(family)
