"""The check of the gateway in use: asked in the background, shown as a table with a sentence for each thing."""

from __future__ import annotations

import streamlit as st

from components import faults, session
from components.frontend import listen
from components.gateway import draw_unknown_models, draw_unseen_models
from components.words import escape
from dailies.gateway.doctor import Diagnosis, Level

_LOOKS = {Level.OK: ":green[**OK**]", Level.NOTE: ":orange[**Note**]", Level.PROBLEM: ":red[**Problem**]"}


def start_check() -> None:
    """Check the gateway in use. No page waits for it."""
    session.services().examinations.start(session.gateway().name, session.credential(), session.owner())


@faults.fragment
def draw_check() -> None:
    """Draw the button, and what the last check found."""
    listen((), since=session.services().store.revision(), every=True, key="settings/live check")
    found, running = session.services().examinations.latest(session.gateway().name, session.credential())
    pressed = st.button(
        "Check this gateway",
        icon=":material/stethoscope:",
        help="Asks only what costs nothing: the list of models, and tasks and paths that do not exist.",
    )
    if pressed:
        start_check()
        running = True
    if running:
        st.markdown(":small[:material/hourglass_top: Asking the gateway…]")
    if found is not None:
        _draw_diagnosis(found)
        draw_unseen_models()
    draw_unknown_models("settings")


def _draw_diagnosis(found: Diagnosis) -> None:
    rows = [
        f"| {_LOOKS[finding.level]} | **{finding.about}** {_cell(finding.what)} {_cell(finding.fix)} |"
        for finding in found.findings
    ]
    head = "Nothing keeps this gateway from working." if found.ok else "This gateway does not work yet."
    st.markdown("\n".join([f"| | {head} |", "| --- | --- |", *rows]))


def _cell(text: str) -> str:
    """A text for one cell of a table."""
    return escape(" ".join(text.split()))
