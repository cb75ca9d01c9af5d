"""The library: every run, newest first, with search and filters by family and state."""

from __future__ import annotations

import streamlit as st

from components import faults, session
from components.heading import draw_heading
from components.runs.cards import draw_run, follow
from components.runs.outcome import list_usual_durations
from components.runs.waiting import list_places
from components.words import count
from dailies.vocabulary import RunState

_PER_PAGE = 12
_GROUPS = {
    "Done": (RunState.DONE,),
    "Under way": (RunState.READY, RunState.SENDING, RunState.QUEUED, RunState.RUNNING, RunState.FETCHING),
    "Needs attention": (RunState.FAILED, RunState.UNSURE, RunState.UNATTENDED),
    "Ended": (RunState.CANCELLED, RunState.EXPIRED),
}


def draw_library() -> None:
    """Draw the page."""
    draw_heading("Library")
    catalog = session.catalog()
    with st.container(horizontal=True):
        search = st.text_input(
            "Search", placeholder="Words of the prompt, a model, a task id", key="library/search", width=320
        )
        family = st.selectbox(
            "Family",
            list(catalog.families),
            index=None,
            placeholder="All",
            key="library/family",
            width=220,
            format_func=lambda name: catalog.families[name].title,
        )
        group = st.segmented_control("State", list(_GROUPS), key="library/state", wrap=True)
    _draw_runs(search.strip() or None, family, _GROUPS[group] if group else None)


@faults.fragment
def _draw_runs(search: str | None, family: str | None, states: tuple[RunState, ...] | None) -> None:
    store = session.services().store
    since = store.revision()
    total = store.runs.count(family=family, states=states, search=search)
    page = 0
    if total > _PER_PAGE:
        page = (st.pagination(-(-total // _PER_PAGE), key="library/page") or 1) - 1
    found = store.runs.list(family=family, states=states, search=search, limit=_PER_PAGE, offset=page * _PER_PAGE)
    follow(found, since=since, every=page == 0, key="library/live")
    if not found:
        _draw_empty(filtered=bool(search or family or states))
        return
    st.markdown(f":small[{count(total, 'run')}]")
    usual, places = list_usual_durations(found), list_places(found)
    for start in range(0, len(found), 2):
        for column, run in zip(st.columns(2), found[start : start + 2], strict=False):
            with column:
                draw_run(run, usual, places)


def _draw_empty(*, filtered: bool) -> None:
    if filtered:
        st.info("No run matches. Change the search or the filters.", icon=":material/search_off:")
    else:
        st.info("There is no run yet. Open a model's page and press Generate.", icon=":material/movie:")
