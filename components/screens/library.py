"""The library: every run, newest first, with search and a filter by state and family."""

from __future__ import annotations

import streamlit as st

from components import session
from components.frontend import listen
from components.heading import draw_heading
from components.runs.cards import draw_run
from dailies.vocabulary import RunState

_PER_PAGE = 12
_GROUPS = {
    "Done": (RunState.DONE,),
    "Under way": (RunState.READY, RunState.SENDING, RunState.QUEUED, RunState.RUNNING, RunState.FETCHING),
    "Needs a look": (RunState.FAILED, RunState.UNSURE, RunState.UNATTENDED),
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
        group = st.segmented_control("State", list(_GROUPS), key="library/state")
    _runs(search.strip() or None, family, _GROUPS[group] if group else None)


@st.fragment
def _runs(search: str | None, family: str | None, states: tuple[RunState, ...] | None) -> None:
    store = session.services().store
    total = store.runs.count(session.OWNER, family=family, states=states, search=search)
    page = 0
    if total > _PER_PAGE:
        page = (st.pagination(-(-total // _PER_PAGE), key="library/page") or 1) - 1
    found = store.runs.list(
        session.OWNER, family=family, states=states, search=search, limit=_PER_PAGE, offset=page * _PER_PAGE
    )
    listen(found, every=page == 0, key="library/live")
    if not found:
        st.info("Nothing matches." if search or family or states else "No run yet. Open a model and press Generate.")
        return
    st.caption(f"{total} run{'s' if total != 1 else ''}")
    for start in range(0, len(found), 2):
        for column, run in zip(st.columns(2), found[start : start + 2], strict=False):
            with column:
                draw_run(run)
