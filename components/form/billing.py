"""The model name on the wire: the base name, or the combined billing name that says the same as the form.

Also fills a form from a combined name. What such a name means is `dailies.catalog.billing`.
"""

from __future__ import annotations

import streamlit as st

from components import session
from components.form import values
from components.form.held import get_references
from components.session import key
from components.words import cite, escape
from dailies.catalog import billing
from dailies.catalog.billing import BillingError
from dailies.catalog.load import Family
from dailies.compare.carry import Carried, carry
from dailies.domain import Cell
from dailies.errors import DailiesError
from dailies.text import NAME_CHARS

_BASE, _COMBINED = "Base", "Combined"


def read_name(scope: str, cell: Cell) -> str:
    """Read the combined name that a form is set to send; empty if the base name is sent.

    Combined names are documented for the first entry point of a family only.
    """
    if st.session_state.get(key(scope, "name sent")) != _COMBINED or not has_names(cell):
        return ""
    try:
        return _compose(scope, cell) or ""
    except BillingError:
        return ""


def has_names(cell: Cell) -> bool:
    """Whether combined names are documented for a cell's family and entry point."""
    first = session.catalog().families[cell.family].entries[0]
    return cell.family in billing.load().families and cell.entry.id == first.id


def draw_names(scope: str, cell: Cell) -> None:
    """Draw the choice between base and combined name, and the field that reads a combined name into the form."""
    names, sent = billing.load(), cell.model.id
    try:
        combined = _compose(scope, cell)
        shown = names.parse(combined or sent)
    except BillingError as error:
        st.caption(f":material/info: Only the base name can be sent. {escape(str(error))}")
    else:
        if combined:
            st.segmented_control(
                "Model name sent",
                [_BASE, _COMBINED],
                default=_BASE,
                required=True,
                key=key(scope, "name sent"),
                persist_state="session",
            )
            st.code(combined, language=None)
        if shown:
            st.caption(f"{' · '.join(names.describe(combined or sent))}.", help=cite(shown.origin))
    typed, outcome = key(scope, "billing/typed"), key(scope, "billing/outcome")
    st.text_input("Read a combined name", key=typed, on_change="ignore", persist_state="session")
    family = session.catalog().families[cell.family]
    st.button("Fill the form", key=key(scope, "billing/read"), on_click=_fill, args=(family, typed, outcome))
    if told := st.session_state.pop(outcome, None):
        succeeded, words = told
        (st.success if succeeded else st.error)(escape(words))


def fill_from_name(family: Family, name: str) -> tuple[str, ...]:
    """Set model, mode and values of a family's form to what a combined name says; return that in words.

    Everything else in the form stays. Call it before the form is drawn, as in a callback. Raises `DailiesError` for a
    name that cannot be read or belongs to another family.
    """
    names, name = billing.load(), name.strip()
    found = names.parse(name)
    if found is None:
        prefixes = ", ".join(f"{prefix}-" for prefix in names.families.values())
        subject = f"{name} is not a combined name" if name else "No name is given"
        raise DailiesError(f"{subject}. Combined names begin with {prefixes}.")
    if found.family != family.id:
        title = session.catalog().families[found.family].title
        raise DailiesError(f"{name} belongs to {title}. Read it on that page.")
    before = st.session_state.get(key(family.id, "cell"))
    old = family.cell(before[1], before[2], before[0]) if before else None
    here = (family.cell(found.model, mode, e.id) for e in family.entries if not e.after for mode in found.modes)
    cell = billing.find_cell(found, (cell for cell in here if cell), old)
    if cell is None:
        raise DailiesError(f"{name}: no mode of {found.model} in the catalog has these values. Choose them by hand.")
    held = values.read_values(family.id, old.parameters) if old else {}
    free = {parameter: value for parameter, value in held.items() if parameter not in found.values}
    carried = carry(free, old, cell) if old else Carried(free, (), {})
    for parameter in cell.parameters:
        if parameter.fixed is None:
            values.set_value(family.id, parameter, {**carried.values, **found.values}.get(parameter.id))
    for widget, value in (("entry", cell.entry.id), ("model", cell.model.id), ("mode", cell.mode.value)):
        st.session_state[key(family.id, widget)] = value
    st.session_state[key(family.id, "cell")] = (cell.entry.id, cell.model.id, cell.mode)
    st.session_state[key(family.id, "notices")] = carried.notices
    return names.describe(name)


def _compose(scope: str, cell: Cell) -> str | None:
    """Compose the combined name of what a form says; None if there is none. Raises `BillingError`."""
    chosen = values.read_values(scope, cell.parameters)
    referenced = any(get_references(scope).get(slot.id) for slot in cell.slots)
    return billing.load().compose(cell.model.id, cell.mode, cell.in_effect(chosen), referenced)


def _fill(family: Family, typed: str, outcome: str) -> None:
    try:
        words = fill_from_name(family, session.read_text(typed, NAME_CHARS))
    except DailiesError as error:
        st.session_state[outcome] = (False, str(error))
    else:
        st.session_state[outcome] = (True, f"Read: {' · '.join(words)}.")
