"""The address of the Library as a view, and back: what is chosen on the page stands in it and can be shared.

Owns the names in the address. A value that nobody could have chosen counts as none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from dailies.library import Sort, View
from dailies.text import NAME_CHARS, clean
from dailies.vocabulary import RunState

GROUPS: Mapping[str, tuple[str, tuple[RunState, ...]]] = {
    "done": ("Done", (RunState.DONE,)),
    "underway": (
        "Under way",
        (RunState.READY, RunState.SENDING, RunState.QUEUED, RunState.RUNNING, RunState.FETCHING),
    ),
    "attention": ("Needs attention", (RunState.FAILED, RunState.UNSURE, RunState.UNATTENDED)),
    "ended": ("Ended", (RunState.CANCELLED, RunState.EXPIRED)),
}
"""Name in the address -> its words and states."""

SIZES = {"s": ("Small", 120), "m": ("Medium", 180), "l": ("Large", 300)}
"""Name in the address -> its words and the least width of a tile in pixels."""

FILTERS = (
    "person",
    "family",
    "model",
    "mode",
    "gateway",
    "delivered",
    "tag",
    "collection",
    "from",
    "until",
    "star",
    "deleted",
)
"""The names of the filters that stand behind the button *Filters*."""

_PLACE = ("after", "before")


def read(name: str) -> str:
    """Read a value of the address, cleaned; empty if it is not there."""
    return clean(str(st.query_params.get(name, "")), NAME_CHARS)


def write(name: str, value: str) -> None:
    """Put a value into the address, or take it out; another view begins at its first page."""
    for each in (name, *(_PLACE if name not in ("size", "run") else ())):
        st.query_params.pop(each, None)
    if value:
        st.query_params[name] = value


def go_to(name: str, cursor: str) -> None:
    """Turn to the page `after` or `before` a cursor; without one, to the first page."""
    for each in _PLACE:
        st.query_params.pop(each, None)
    if cursor:
        st.query_params[name] = cursor


def follow(name: str, key: str, spell: Callable[[object], str] = lambda value: str(value or "")) -> Callable[[], None]:
    """Return the callback of a widget that stands for a value of the address."""
    return lambda: write(name, spell(st.session_state.get(key)))


def show(key: str, value: object) -> None:
    """Have a widget show what the address says."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def read_view(offset: int | None) -> View:
    """Read the view that the address describes. `offset` is in minutes west of UTC, as browsers report it."""
    sort, group = read("sort"), read("state")
    since, until = read_day("from"), read_day("until")
    return View(
        search=read("q"),
        family=read("family"),
        model=read("model"),
        mode=read("mode"),
        gateway=read("gateway"),
        states=GROUPS[group][1] if group in GROUPS else None,
        starred=read("star") == "1",
        tag=read("tag"),
        collection=read("collection"),
        since=_begin(since, offset) if since else None,
        until=_begin(until + timedelta(days=1), offset) if until else None,
        delivered=read("delivered"),
        person=read("person"),
        deleted=read("deleted") == "1",
        sort=Sort(sort) if sort in list(Sort) else Sort.NEWEST,
    )


def read_day(name: str) -> date | None:
    """Read a day of the address."""
    try:
        return date.fromisoformat(read(name))
    except ValueError:
        return None


def _begin(day: date, offset: int | None) -> datetime:
    """The moment at which a day begins for the reader."""
    return datetime.combine(day, time(), UTC) + timedelta(minutes=offset or 0)
