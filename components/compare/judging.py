"""What a person says of a comparison: its title and notes; stars, tags and a comment for each lane.

Everything is stored by callbacks as soon as it changes, so that what was typed last comes in while a popover closes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from components import faults, session
from components.words import escape
from dailies.compare.nouns import Comparison, Lane
from dailies.text import NAME_CHARS, clean


def draw_notes(comparison: Comparison) -> None:
    """Draw title and notes."""
    title, notes = (f"compare/{field}/{comparison.id}" for field in ("title", "notes"))
    _show(title, comparison.title)
    _show(notes, comparison.notes)

    def store_title() -> None:
        text = session.read_text(title, NAME_CHARS).strip()
        store_change(comparison, lambda now: replace(now, title=text))

    def store_notes() -> None:
        text = session.read_text(notes)
        store_change(comparison, lambda now: replace(now, notes=text))

    st.text_input("Title", key=title, on_change=faults.guard(store_title))
    st.text_area("Notes", key=notes, height=100, on_change=faults.guard(store_notes))


def draw_judging(comparison: Comparison, letter: str, lane: Lane) -> None:
    """Draw the stars of a lane, a popover with its tags and comment, and what it holds."""
    if not session.services().store.comparisons.is_own(comparison):
        _draw_judged(lane)
        return
    key = f"compare/stars/{lane.id}"
    _show(key, lane.stars - 1 if lane.stars else None)
    with st.container(horizontal=True, vertical_alignment="center"):
        given = st.feedback("stars", key=key)
        # Another label would make it another popover, which is closed.
        box = st.popover("Note", icon=":material/edit_note:", key=f"compare/note/{lane.id}", on_change="rerun")
        if box.open:
            with box:
                _draw_note(comparison, letter, lane)
    _draw_judged(replace(lane, stars=0))
    _judge(comparison, lane, stars=0 if given is None else int(given) + 1)


def _draw_note(comparison: Comparison, letter: str, lane: Lane) -> None:
    tags, comment = (f"compare/{field}/{lane.id}" for field in ("tags", "comment"))
    _show(tags, list(lane.tags))
    _show(comment, lane.comment)

    def store_tags() -> None:
        _judge(comparison, lane, tags=tuple(clean(str(tag), NAME_CHARS) for tag in st.session_state[tags]))

    st.multiselect(
        f"Tags of {letter}",
        sorted({tag for other in comparison.lanes for tag in other.tags}),
        accept_new_options=True,
        key=tags,
        placeholder="Type a word and press Enter",
        on_change=faults.guard(store_tags),
    )
    st.text_area(
        f"Comment on {letter}",
        key=comment,
        height=90,
        on_change=faults.guard(lambda: _judge(comparison, lane, comment=session.read_text(comment))),
    )


def _judge(comparison: Comparison, lane: Lane, **judged: Any) -> None:
    """Store what a person says of a lane; what others say meanwhile of the rest of it stays."""

    def judge(now: Comparison) -> Comparison:
        present = now.lane(lane.id)
        return now.with_lane(replace(present, **judged)) if present else now

    store_change(comparison, judge)


def _draw_judged(lane: Lane) -> None:
    if lane.stars:
        st.caption(f"{lane.stars} of 5 stars")
    if lane.tags:
        st.markdown(" ".join(f":gray-badge[{escape(tag)}]" for tag in lane.tags))
    if lane.comment:
        st.caption(escape(lane.comment))


def store_change(comparison: Comparison, change: Callable[[Comparison], Comparison]) -> None:
    """Store a change, if it changes anything."""
    if change(comparison) != comparison:
        services = session.services()
        services.store.comparisons.change(comparison.id, change, services.now())


def _show(field: str, stored: Any) -> None:
    """Set a widget to the stored value once somebody else has changed it; text typed here is not touched.

    Call it before the widget is drawn: a different value after that was entered in this browser.
    """
    seen = f"{field}/seen"
    if field not in st.session_state or seen not in st.session_state or st.session_state[seen] != stored:
        st.session_state[field] = stored
        st.session_state[seen] = stored
