"""Continuing a finished run: remix, extend and whatever else its family offers, in a dialog."""

from __future__ import annotations

import streamlit as st

from components import session
from components.form import values
from components.form.references import draw_slots
from components.form.sending import check_shown, draw_generate, read_draft, show_notices
from components.form.wire_view import draw_wire_view
from components.session import key
from components.words import cite, escape, format_time
from dailies.catalog.load import Family
from dailies.domain import Entry, Run
from dailies.vocabulary import Mode


def draw_continuations(run: Run, *, inside: bool = False) -> None:
    """Draw a button for each entry point that can continue a run; `inside` a dialog its form drops down."""
    family = session.catalog().families.get(run.request.family)
    if family is None or not run.task:
        return
    for entry in family.continuations(run.request.entry):
        if inside:
            box = st.popover(entry.title, icon=":material/step:", key=f"{entry.id}-{run.id}/inside", on_change="rerun")
            if box.open:
                with box:
                    _draw_form(family, entry, run)
        elif st.button(entry.title, icon=":material/step:", key=f"{entry.id}-{run.id}"):
            _open_dialog(family, entry, run)


def _open_dialog(family: Family, entry: Entry, run: Run) -> None:
    @st.dialog(f"{entry.title}: {escape(run.request.model)}", width="medium")
    def draw() -> None:
        _draw_form(family, entry, run)

    draw()


def _draw_form(family: Family, entry: Entry, run: Run) -> None:
    scope = key(family.id, entry.id)
    moment = format_time(run.created, st.context.timezone_offset)
    st.caption(f"Continues the run of {moment}: {escape(run.request.prompt[:120])}")
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
    checked = check_shown(asked, cell)
    show_notices(checked.notices)
    if draw_generate(scope, cell, asked, checked, parent=run.id):
        st.rerun(scope="app")
    draw_wire_view(scope, cell, asked, checked)
