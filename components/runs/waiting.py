"""A run that waits in its gateway's queue: its place in words, and the buttons that change it."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from components import session
from components.runs.actions import act, move
from components.runs.outcome import draw_note
from components.words import escape
from dailies.domain import Run
from dailies.store.queue import Move, Place
from dailies.vocabulary import RunState
from dailies.work import life


def list_places(runs: Iterable[Run]) -> dict[str, Place]:
    """Return {id: place} of those runs that wait."""
    waiting = [run.id for run in runs if run.state is RunState.READY]
    return session.services().store.queue.places(waiting)


def format_place(run: Run, place: Place | None) -> str:
    """Format where a run waits: `Waiting, place 3 of 12 at Team gateway`, as Markdown."""
    title = escape(session.name_gateway(run.gateway))
    word = "On hold" if run.held or (place and place.held) else "Waiting"
    return f"{word}, place {place.position} of {place.total} at {title}" if place else f"{word} at {title}"


def draw_waiting(run: Run, place: Place | None) -> None:
    """Draw the place of a waiting run, what holds it up, and its buttons."""
    st.markdown(f":material/schedule: {format_place(run, place)}")
    if place and place.held:
        st.caption("The whole queue of this gateway is on hold. Release it on the Queue page.")
    draw_note(run)
    with st.container(horizontal=True, gap="xsmall"):
        draw_moves(run, place)


def draw_moves(run: Run, place: Place | None) -> None:
    """Draw the buttons of a waiting run into the surrounding container."""
    first = place is not None and place.position == 1
    last = place is not None and place.position == place.total
    for where, label, icon, stays in (
        (Move.UP, "Move up", "arrow_upward", first),
        (Move.DOWN, "Move down", "arrow_downward", last),
        (Move.FRONT, "To the front", "vertical_align_top", first),
    ):
        if st.button(label, icon=f":material/{icon}:", key=f"{where}-{run.id}", disabled=stays):
            move(run, where)
    if run.held:
        if st.button("Release", icon=":material/play_arrow:", key=f"release-{run.id}", help="Send it in its turn."):
            act(run, life.release)
    elif st.button(
        "Hold", icon=":material/pause:", key=f"hold-{run.id}", help="Keep it from being sent; it keeps its place."
    ):
        act(run, life.hold)
    if st.button(
        "Remove", icon=":material/close:", key=f"remove-{run.id}", help="Cancel it. It is not sent, nothing is charged."
    ):
        act(run, life.cancel)
