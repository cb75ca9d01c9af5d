"""A run that waits in its gateway's queue: its place in words, and the buttons that change it."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from components import session
from components.runs.actions import apply, move
from components.runs.outcome import draw_note
from components.words import escape
from dailies.domain import Run
from dailies.store.queue import Move, Place
from dailies.vocabulary import RunState
from dailies.work import actions


def list_places(runs: Iterable[Run]) -> dict[str, Place]:
    """Return {id: place} of those runs that wait."""
    waiting = [run.id for run in runs if run.state is RunState.READY]
    return session.services().store.queue.places(waiting)


def format_place(run: Run, place: Place | None, *, named: bool = True) -> str:
    """Format where a run waits: `Waiting, place 3 of 12 at Team gateway`, as Markdown; the gateway only if `named`."""
    at = f" at {escape(session.name_gateway(run.gateway))}" if named else ""
    word = "On hold" if run.held or (place and place.held) else "Waiting"
    return f"{word}, place {place.position} of {place.total}{at}" if place else f"{word}{at}"


def draw_waiting(run: Run, place: Place | None) -> None:
    """Draw the place of a waiting run, what holds it up, and its buttons."""
    st.markdown(f":material/schedule: {format_place(run, place)}")
    if place and place.held:
        st.caption("The whole queue of this gateway is on hold, see the Queue page.")
    draw_note(run)
    with st.container(horizontal=True, gap="xsmall"):
        draw_moves(run, place)


def draw_moves(run: Run, place: Place | None) -> None:
    """Draw the buttons of a waiting run into the surrounding container."""
    first = place is not None and place.first
    last = place is not None and place.last
    for where, label, icon, stays in (
        (Move.UP, "Move up", "arrow_upward", first),
        (Move.DOWN, "Move down", "arrow_downward", last),
        (Move.FRONT, "To the front", "vertical_align_top", first),
    ):
        key = f"{where}-{run.id}"
        st.button(label, icon=f":material/{icon}:", key=key, disabled=stays, on_click=move, args=(run, where))
    if run.held:
        label, icon, action, what = "Release", "play_arrow", actions.release, "Send it in its turn."
    else:
        label, icon, action, what = "Hold", "pause", actions.hold, "Keep it from being sent; it keeps its place."
    key = f"{label.lower()}-{run.id}"
    st.button(label, icon=f":material/{icon}:", key=key, help=what, on_click=apply, args=(run, action))
    what = "Cancel it. It is not sent, and nothing is charged."
    key = f"remove-{run.id}"
    st.button("Remove", icon=":material/close:", key=key, help=what, on_click=apply, args=(run, actions.cancel))
