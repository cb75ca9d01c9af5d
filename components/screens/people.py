"""People on the Settings page, for an operator: who has signed in, and what they asked for where that may be seen."""

from __future__ import annotations

import streamlit as st

from components import session
from components.words import escape, format_time

_LATEST = 50


def draw_people() -> None:
    """Draw the section; nothing for anybody but an operator."""
    person = session.person()
    if not person.operator:
        return
    st.subheader("People", anchor=False)
    people = session.services().store.list_people()
    st.table(
        {"Name": [escape(each.title) for each in people], "E-mail": [escape(each.email) for each in people]},
        border="horizontal",
        width="content",
        hide_index=True,
        alt="Who has signed in here",
    )
    if not person.sees_prompts:
        st.caption("What others ask for is theirs. DAILIES_OPERATORS_SEE_PROMPTS=1 shows it to operators.")
        return
    box = st.expander(
        "Latest requests of everybody", icon=":material/visibility:", key="people/requests", on_change="rerun"
    )
    if box.open:
        with box:
            _draw_requests({each.id: each.title for each in people})


def _draw_requests(names: dict[str, str]) -> None:
    runs = session.services().store.runs.list_of_everybody(limit=_LATEST)
    if not runs:
        st.info("Nobody has sent anything yet.", icon=":material/inbox:")
        return
    rows = [
        (
            format_time(run.created, st.context.timezone_offset),
            names.get(run.owner, "somebody"),
            run.request.model,
            " ".join(run.request.prompt.split()),
        )
        for run in runs
    ]
    columns = zip(("Sent", "Person", "Model", "Prompt"), zip(*rows, strict=True), strict=True)
    st.table(
        {name: [escape(value) for value in values] for name, values in columns},
        border="horizontal",
        hide_index=True,
        height=420 if len(rows) > 8 else "content",
        alt="The latest requests of everybody",
    )
