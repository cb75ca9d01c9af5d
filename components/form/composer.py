"""The composer: a form that is the cell drawn out. What the model cannot do is not shown; nothing typed is lost.

Holds no rule of its own: what is offered comes from the cell, what is wrong from `dailies.request.draft`, what will be
sent from `dailies.request.wire`.
"""

from __future__ import annotations

import json

import streamlit as st

from components import session
from components.form import values
from components.form.billing import choose_name
from components.form.references import draw_slots, get_references, set_references
from components.form.sending import draw_generate, read_draft, show_notices
from components.form.wire_view import draw_wire_view
from components.gateway import is_listed, list_unknown_models
from components.session import key
from components.words import SUPPORT_MEANING, cite, format_support
from dailies.catalog.load import Family
from dailies.domain import Cell, Notice, Request
from dailies.request import draft
from dailies.vocabulary import Mode, Support, Value

_ADDRESS = "session/address"
_FEW_MODELS = 4


def draw_composer(family: Family) -> None:
    """Draw the form of one family and send what it says."""
    _enter(family)
    entry = _entry(family)
    model = _model(family, entry)
    _about_model(family, model, entry)
    mode = _mode(family, model, entry)
    cell = family.cell(model, mode, entry) if mode else None
    if cell is None:
        what = f"{model} is not a model of this family: choose one from the list" if model else "Type the id of a model"
        st.info(f"{what}.", icon=":material/help:")
        return
    _leave_address(family, cell)
    _carry_over(family, cell)
    _about(cell)
    draw_slots(family.id, cell.slots)
    _draw_prompt(family.id)
    values.draw_parameters(family.id, cell, lambda: _name_sent(family, cell))
    asked = read_draft(family.id, cell)
    carried = st.session_state.get(key(family.id, "notices"), ())
    show_notices((*carried, *draft.check(asked, cell).notices))
    if draw_generate(family.id, cell, asked):
        st.session_state.pop(key(family.id, "notices"), None)
    draw_wire_view(family.id, cell, asked)
    references = dict(get_references(family.id))  # those kept for other modes as well
    kept = Request(
        *(family.id, cell.entry.id, cell.model.id, cell.mode), asked.prompt, asked.values, references, asked.metadata
    )
    session.save_draft(family.id, kept)


@st.fragment
def _draw_prompt(scope: str) -> None:
    """The prompt, kept on the server as soon as the field is left: by a click on Generate, or on another page.

    A fragment of its own: nothing else is drawn anew, so that a click never misses a button that moved.
    """
    before = st.session_state.get(key(scope, "prompt"))
    text = st.text_area(
        "Prompt",
        key=key(scope, "prompt"),
        height=120,
        placeholder="What happens in the clip?",
        persist_state="session",
    )
    session.save_prompt(scope, text)
    if st.session_state.get(key(scope, "wire")) and text != before:
        st.rerun()  # an open request view follows the prompt


def _enter(family: Family) -> None:
    """Arriving on a page, or going back to it: what was asked again comes first, then the address."""
    again, saved = session.asked_again(family.id), session.saved_draft(family.id)
    if again is not None:
        _fill(family, again)
        return
    if saved is not None:
        before = st.session_state.get(_ADDRESS)
        _fill(family, saved)
        st.session_state[_ADDRESS] = before
    address = (family.id, st.query_params.get("model", ""), st.query_params.get("mode", ""))
    if address == st.session_state.get(_ADDRESS):
        return
    _, model, mode = address
    entry = st.session_state.get(key(family.id, "entry"), family.entries[0].id)
    if model and family.model(model, entry) is not None:
        st.session_state[key(family.id, "model")] = model
    elif model:
        st.toast(f"{model} is not a model of {family.title}.", icon=":material/help:")
    if mode in list(Mode):
        st.session_state[key(family.id, "mode")] = mode


def _leave_address(family: Family, cell: Cell) -> None:
    """Have the address say what is shown, so that it can be shared. Only model, mode and an opened run stand there."""
    st.session_state[_ADDRESS] = (family.id, cell.model.id, cell.mode.value)
    if st.query_params.get("model") != cell.model.id:
        st.query_params["model"] = cell.model.id
    if st.query_params.get("mode") != cell.mode.value:
        st.query_params["mode"] = cell.mode.value


def _fill(family: Family, request: Request) -> None:
    st.session_state[key(family.id, "entry")] = request.entry
    st.session_state[key(family.id, "model")] = request.model
    st.session_state[key(family.id, "mode")] = request.mode.value
    st.session_state[key(family.id, "prompt")] = request.prompt
    st.session_state[key(family.id, "metadata")] = json.dumps(request.metadata, indent=2) if request.metadata else ""
    set_references(family.id, request.references)
    st.session_state[key(family.id, "cell")] = (request.entry, request.model, request.mode)
    st.session_state[key(family.id, "notices")] = ()
    st.session_state[_ADDRESS] = (family.id, st.query_params.get("model", ""), st.query_params.get("mode", ""))
    cell = family.cell(request.model, request.mode, request.entry)
    for parameter in cell.parameters if cell else ():
        if parameter.fixed is None:
            values.set_value(family.id, parameter, request.values.get(parameter.id))


def _entry(family: Family) -> str:
    titles = {entry.id: entry.title for entry in family.entries if not entry.after}
    if len(titles) == 1:
        return family.entries[0].id
    return str(
        st.selectbox(
            "Entry point",
            list(titles),
            format_func=lambda e: titles.get(e, e),
            key=key(family.id, "entry"),
            persist_state="session",
        )
    )


def _model(family: Family, entry: str) -> str:
    """The model chosen or typed; empty where nothing is named yet."""
    ids, name = [row.id for row in family.models[entry]] or list(list_unknown_models()), key(family.id, "model")
    wanted = st.session_state.get(name) or ""
    if family.model(wanted, entry) is None and ids:
        st.session_state[name] = ids[0]
        if wanted:
            what = f"{wanted} → {ids[0]}: this entry point does not take the first."
            st.session_state[key(family.id, "model lost")] = Notice("Model", what)
    if len(ids) <= _FEW_MODELS and not family.patterns:
        return st.pills("Model", ids, key=name, required=True, wrap=True, persist_state="session") or ids[0]
    chosen = st.selectbox(
        "Model",
        ids,
        index=0 if ids else None,
        key=name,
        accept_new_options=bool(family.patterns),
        persist_state="session",
        placeholder="Type or choose a model id",
    )
    if family.patterns and not family.generic:
        st.caption(f"Any {' or '.join(f'`{p}`' for p in family.patterns)} can be typed too.")
    return chosen or ""


def _about_model(family: Family, model: str, entry: str) -> None:
    known = family.model(model, entry)
    if known and known.note:
        st.caption(known.note)
    if not is_listed(model):
        st.caption(":orange[:material/visibility_off: Not in the list of models that the gateway shows this key.]")


def _mode(family: Family, model: str, entry: str) -> Mode | None:
    cells = {mode: family.cell(model, mode, entry) for mode in family.modes(model, entry)}
    if not cells:
        return None
    name, shown = key(family.id, "mode"), key(family.id, "discouraged")
    folded = [mode for mode, cell in cells.items() if cell and cell.support.support is Support.DISCOURAGED]
    wanted = st.session_state.get(name)
    if wanted in folded:
        st.session_state[shown] = True
    offered = [mode for mode in cells if mode not in folded or st.session_state.get(shown)] or list(cells)
    if wanted not in offered:
        st.session_state[name] = offered[0].value
        if wanted in list(Mode):
            # The model cannot do what was chosen before: say so instead of sliding to another mode unseen.
            what = f"{Mode(wanted).label} → {offered[0].label}: {model} does not offer the first."
            st.session_state[key(family.id, "mode lost")] = Notice("Mode", what)
    chosen = st.segmented_control(
        "Mode",
        [mode.value for mode in offered],
        key=name,
        required=True,
        wrap=True,
        persist_state="session",
        format_func=lambda mode: Mode(mode).label,
    )
    if folded:
        titles = ", ".join(Mode(mode).label.lower() for mode in folded)
        st.toggle(
            f"Show discouraged: {titles}",
            key=shown,
            persist_state="session",
            on_change=_fold,
            args=(name, shown, tuple(mode.value for mode in folded)),
        )
    return Mode(chosen) if chosen in list(Mode) else offered[0]


def _fold(mode: str, shown: str, folded: tuple[str, ...]) -> None:
    """Folding away the discouraged modes also leaves the one that was chosen."""
    if not st.session_state[shown] and st.session_state.get(mode) in folded:
        del st.session_state[mode]


def _name_sent(family: Family, cell: Cell) -> None:
    """Combined names are documented for the family's first entry alone."""
    sent = cell.model.id
    if cell.entry.id == family.entries[0].id:
        referenced = any(get_references(family.id).get(slot.id) for slot in cell.slots)
        sent = choose_name(family, cell, values.read_values(family.id, cell.parameters), referenced)
    st.session_state[key(family.id, "sent as")] = "" if sent == cell.model.id else sent


def _about(cell: Cell) -> None:
    support = cell.support
    about = f"{SUPPORT_MEANING[support.support]} {cite(support.origin)}"
    st.markdown(f"{format_support(support.support)} :small[{support.note}]", help=about)
    if cell.refused:
        st.warning(cell.refused, icon=":material/do_not_disturb_on:")


def _carry_over(family: Family, cell: Cell) -> None:
    """When model or mode have changed, carry the values over and remember what had to change, until the next change."""
    name, now = key(family.id, "cell"), (cell.entry.id, cell.model.id, cell.mode)
    before = st.session_state.get(name)
    if before == now:
        return
    st.session_state[name] = now
    old = family.cell(before[1], before[2], before[0]) if before else None
    notices: list[Notice] = []
    kept: dict[str, Value] = {}
    if old is not None:
        kept, changed = draft.adapt(values.read_values(family.id, old.parameters), old, cell)
        notices += changed
        used = {slot.id for slot in cell.slots}
        idle = sum(len(references) for slot, references in get_references(family.id).items() if slot not in used)
        if idle:
            files = "file is" if idle == 1 else "files are"
            notices.append(
                Notice("References", f"{idle} {files} kept for the modes that use them, not sent in this one.")
            )
    for name in ("mode lost", "model lost"):
        if lost := st.session_state.pop(key(family.id, name), None):
            notices.insert(0, lost)
    for parameter in cell.parameters:
        if parameter.fixed is None:
            values.set_value(family.id, parameter, kept.get(parameter.id))
    st.session_state[key(family.id, "notices")] = tuple(notices)
