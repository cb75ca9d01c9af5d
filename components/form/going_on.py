"""Going on from a finished run: remix, extend and whatever else its family offers, in a dialog of its own."""

from __future__ import annotations

import streamlit as st

from components import session
from components.form import values
from components.form.references import draw_slots
from components.form.sending import draw_generate, read_draft, show_notices
from components.form.wire_view import draw_wire_view
from components.session import key
from components.words import cite
from dailies.catalog.load import Family
from dailies.domain import Entry, Run
from dailies.request import draft
from dailies.vocabulary import Mode


def draw_continuations(run: Run) -> None:
    """A button for each way on that the run's family has from the run's entry."""
    family = session.catalog().families.get(run.request.family)
    if family is None or not run.task:
        return
    for entry in family.ways_on(run.request.entry):
        if st.button(entry.title, icon=":material/step:", key=f"{entry.id}-{run.id}"):
            _dialog(family, entry, run)


def _dialog(family: Family, entry: Entry, run: Run) -> None:
    @st.dialog(f"{entry.title}: {run.request.model}", width="medium")
    def opened() -> None:
        _form(family, entry, run)

    opened()


def _form(family: Family, entry: Entry, run: Run) -> None:
    scope = key(family.id, entry.id)
    st.caption(f"Goes on from the run of {run.created:%H:%M} UTC: {run.request.prompt[:120]}")
    models = [row.id for row in family.models[entry.id]]
    if st.session_state.get(key(scope, "model")) not in models:
        same = run.request.model in models
        st.session_state[key(scope, "model")] = run.request.model if same else models[0]
    model = st.selectbox("Model", models, key=key(scope, "model"))
    cell = family.cell(model or models[0], Mode.TEXT, entry.id)
    if cell is None:
        return
    st.markdown(f":small[{cell.support.note}]", help=cite(cell.support.origin))
    for parameter in cell.parameters:
        values.set_default(scope, parameter)
    draw_slots(scope, cell.slots)
    st.text_area("Prompt", key=key(scope, "prompt"), height=100, on_change="ignore")
    values.draw_parameters(scope, cell)
    asked = read_draft(scope, cell, source=run.task)
    show_notices(draft.check(asked, cell).notices)
    if draw_generate(scope, cell, asked, parent=run.id):
        st.rerun(scope="app")
    draw_wire_view(scope, cell, asked)
