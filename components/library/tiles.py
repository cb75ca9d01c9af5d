"""Items of the library as the grid's tiles: signed addresses, short facts, and where a working session begins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from components import session
from components.words import STATE_LOOK, format_duration, format_time
from dailies.library import Item, Sort

SESSION = timedelta(minutes=45)
"""A longer pause between two runs ends a working session."""


def make_tiles(items: Sequence[Item], sort: Sort) -> list[dict[str, Any]]:
    """Make the tiles of a page. A view by date names the beginning of each working session."""
    dated = sort in (Sort.NEWEST, Sort.OLDEST)
    tiles: list[dict[str, Any]] = []
    for at, item in enumerate(items):
        begins = dated and (at == 0 or abs(item.created - items[at - 1].created) > SESSION)
        tiles.append(_make_tile(item) | {"session": _format_session(items, at) if begins else ""})
    return tiles


def _make_tile(item: Item) -> dict[str, Any]:
    state = STATE_LOOK[item.state].word
    length = f"{item.seconds:.1f} s" if item.seconds is not None else state
    return {
        "id": item.run,
        "poster": session.clip_address(item.poster) if item.poster else "",
        "clip": session.clip_address(item.played) if item.played else "",
        "label": f"{item.model}, {state.lower()}: {item.prompt[:100] or 'no prompt'}",
        "model": item.model,
        "prompt": item.prompt,
        "facts": length if item.clip else format_time(item.created, st.context.timezone_offset),
        "state": state,
        "differs": ", ".join(item.differs),
        "starred": item.starred,
        "tags": list(item.tags),
    }


def _format_session(items: Sequence[Item], at: int) -> str:
    """Format when a session was, and how long it took: `28 Nov 14:05 · 25 m`."""
    end = at
    while end + 1 < len(items) and abs(items[end + 1].created - items[end].created) <= SESSION:
        end += 1
    first, last = sorted((items[at].created, items[end].created))
    took = (last - first).total_seconds()
    when = format_time(first, st.context.timezone_offset)
    return f"{when} · {format_duration(took)}" if took >= 60 else when
