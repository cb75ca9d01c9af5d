"""The name a model is sent under: its base name, or the combined billing name that says the same as the form.

Also the way back: a combined name read into the form. What such a name says is `dailies.catalog.billing`.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from components import session
from components.form import values
from components.session import key
from components.words import cite
from dailies.catalog import billing
from dailies.catalog.billing import BillingError
from dailies.catalog.load import Family
from dailies.domain import Cell
from dailies.errors import DailiesError
from dailies.request import draft
from dailies.vocabulary import Value

_BASE, _COMBINED = "Base", "Combined"


def choose_name(family: Family, cell: Cell, chosen: Mapping[str, Value], referenced: bool) -> str:
    """Draw the choice of name, and return the model id to send. Nothing is drawn for families without combined names.

    `chosen` by parameter id, as `values.chosen` gives it; `referenced`: whether the form holds media for this cell.
    """
    names, sent = billing.load(), cell.model.id
    if family.id not in names.families:
        return sent
    try:
        combined = names.compose(sent, cell.mode, billing.held(cell, chosen), referenced)
        shown = names.parse(combined or sent)
    except BillingError as error:
        st.caption(f":material/info: The base name is sent, there is no combined one. {error}")
    else:
        if combined:
            name = key(family.id, "name sent")
            kind = st.segmented_control(
                "Model name sent", [_BASE, _COMBINED], default=_BASE, required=True, key=name, persist_state="session"
            )
            st.code(combined, language=None)
            sent = combined if kind == _COMBINED else sent
        if shown:
            st.caption(f"{' · '.join(names.implies(combined or sent))}.", help=cite(shown.origin))
    typed, said = key(family.id, "billing/typed"), key(family.id, "billing/said")
    st.text_input("Read a combined name", key=typed, on_change="ignore", persist_state="session")
    st.button("Fill the form", key=key(family.id, "billing/read"), on_click=_read, args=(family, typed, said))
    if outcome := st.session_state.pop(said, None):
        (st.success if outcome[0] else st.error)(outcome[1])
    return sent


def fill_from_name(family: Family, name: str) -> tuple[str, ...]:
    """Set model, mode and values of a family's form to what a combined name says, and return that in words.

    Everything else in the form stays. Only before the form is drawn, as in a callback. Raises `DailiesError` for a
    name that cannot be read, or is another family's.
    """
    names, name = billing.load(), name.strip()
    found = names.parse(name)
    if found is None:
        begins = ", ".join(f"{prefix}-" for prefix in names.families.values())
        raise DailiesError(f"{name or 'Nothing'} is no combined name: those begin with {begins}.")
    if found.family != family.id:
        raise DailiesError(f"{name} belongs to {session.catalog().families[found.family].title}: read it on that page.")
    before = st.session_state.get(key(family.id, "cell"))
    old = family.cell(before[1], before[2], before[0]) if before else None
    here = (family.cell(found.model, mode, e.id) for e in family.entries if not e.after for mode in found.modes)
    cell = billing.fitting(found, (cell for cell in here if cell), old)
    if cell is None:
        raise DailiesError(f"{name}: no mode of {found.model} in the catalog says the same.")
    held = values.read_values(family.id, old.parameters) if old else {}
    free = {parameter: value for parameter, value in held.items() if parameter not in found.values}
    kept, notices = draft.adapt(free, old, cell) if old else (free, ())
    for parameter in cell.parameters:
        if parameter.fixed is None:
            values.set_value(family.id, parameter, {**kept, **found.values}.get(parameter.id))
    for widget, value in (("entry", cell.entry.id), ("model", cell.model.id), ("mode", cell.mode.value)):
        st.session_state[key(family.id, widget)] = value
    st.session_state[key(family.id, "cell")] = (cell.entry.id, cell.model.id, cell.mode)
    st.session_state[key(family.id, "notices")] = notices
    return names.implies(name)


def _read(family: Family, typed: str, said: str) -> None:
    try:
        words = fill_from_name(family, str(st.session_state.get(typed) or ""))
    except DailiesError as error:
        st.session_state[said] = (False, str(error))
    else:
        st.session_state[said] = (True, f"Read: {' · '.join(words)}.")
