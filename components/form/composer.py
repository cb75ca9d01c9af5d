"""The composer: the form of a family's page, made from the cell. What the model cannot do is not shown.

Holds no rules: the cell says what is offered, `dailies.request.draft` what is wrong, `dailies.request.wire` what is
sent. Nothing that was typed is lost by another choice of model or mode.
"""

from __future__ import annotations

import json

import streamlit as st

from components import faults, session
from components.form import billing, idea, values
from components.form.held import get_references, set_references
from components.form.offers import draw_offers
from components.form.prompts import draw_prompts
from components.form.references import draw_slots
from components.form.rewriting import draw_invitation, draw_rewriting
from components.form.seen import draw_seen, list_warnings
from components.form.sending import check_shown, draw_generate, read_draft, show_notices
from components.form.wire_view import draw_wire_view
from components.frontend import keep_prompt, take_pastes
from components.gateway import list_unknown_models
from components.life import draw_elsewhere, draw_life, is_gone, label_model
from components.session import key
from components.words import SUPPORT_MEANING, cite, escape, format_support
from dailies.catalog.load import Family
from dailies.compare.carry import find_shape
from dailies.domain import Cell, Draft, Notice, Request
from dailies.text import NAME_CHARS, clean
from dailies.vocabulary import Mode, Support

_ADDRESS = "session/address"
_MOST_PILLS = 4  # more models than this fold into a list


@faults.fragment
def draw_composer(family: Family) -> None:
    """Draw the form of a family, by itself at every change of it, and send it when Generate is pressed."""
    _restore(family)
    idea.draw_return(family.id)
    entry = _choose_entry(family)
    model = _choose_model(family, entry)
    # However much is said here, what stands below keeps its place: a browser makes none of it anew.
    with st.container():
        _describe_model(family, model, entry)
        mode = _choose_mode(family, model, entry)
    cell = family.cell(model, mode, entry) if mode else None
    if cell is None:
        _explain_no_cell(model)
        return
    _update_address(family, cell)
    idea.carry_over(family, cell)
    with st.container():
        _describe_cell(cell)
        draw_seen(cell)
        shape = find_shape(cell, values.read_values(family.id, cell.parameters))
        draw_slots(family.id, cell.slots, lambda: _offer_files(family, cell), shape)
        draw_offers(family, cell)
    take_pastes(key=key(family.id, "paste"))
    draw_prompt(family.id, cell.prompt_max)
    with st.container(horizontal=True, vertical_alignment="center"):
        draw_prompts(family.id, cell.mode)
        draw_invitation()
    draw_rewriting(family.id, cell.prompt_max)
    draw_names = (lambda: billing.draw_names(family.id, cell)) if billing.has_names(cell) else None
    values.draw_parameters(family.id, cell, draw_names)
    _draw_sending(family, cell)


@faults.fragment
def _draw_sending(family: Family, cell: Cell) -> None:
    """Draw what comes of the form: what will differ, Generate with its price, and the request.

    A press draws this alone of the form: the rest has not changed.
    """
    if not faults.draws_whole() and session.is_changed_elsewhere():
        st.rerun()
    asked = read_draft(family.id, cell)
    checked = check_shown(asked, cell)
    carried = st.session_state.get(key(family.id, "notices"), ())
    show_notices((*carried, *values.list_starts(family.id, cell), *checked.notices, *list_warnings(cell, asked)))
    if draw_generate(family.id, cell, asked, checked):
        st.session_state.pop(key(family.id, "notices"), None)
    draw_wire_view(family.id, cell, asked, checked)
    _save(family, cell, asked)


def _offer_files(family: Family, cell: Cell) -> None:
    """Offer the entry point that takes files in every slot of this mode, if the family has one."""
    entry = family.entry_for_files(cell)
    if entry is None:
        return
    st.button(
        f"Use the {entry.title}, which takes files",
        key=key(family.id, "files"),
        icon=":material/upload_file:",
        on_click=_use_entry,
        args=(family.id, entry.id),
    )


def _use_entry(family: str, entry: str) -> None:
    st.session_state[key(family, "entry")] = entry


def _explain_no_cell(model: str) -> None:
    if model:
        st.info(f"{escape(model)} is not a model of this family. Choose one from the list.", icon=":material/help:")
    else:
        st.info("Type or choose the id of a model.", icon=":material/help:")


def draw_prompt(scope: str, most: int | None, *, height: int = 120) -> None:
    """Draw the prompt, which is saved on the server while it is typed; `most` is its limit in characters.

    It starts no run of the script when it loses the focus: a press of Generate or of a link comes at that moment, and
    Streamlit's page breaks if a fragment is drawn anew while another page is opened.
    """
    st.text_area(
        "Prompt",
        key=key(scope, "prompt"),
        height=height,
        placeholder="What happens in the clip?",
        help="Several takes at once: `{red|blue}` stands for each word, `{1..3}` for each number. Other braces are "
        "sent as they are.",
        persist_state="session",
        on_change="ignore",
    )
    keep_prompt(key(scope, "prompt"), scope, most)


def _save(family: Family, cell: Cell, asked: Draft) -> None:
    """Save the form on the server, with the references held for other modes, so that it survives a reload."""
    references = dict(get_references(family.id))
    ids = (family.id, cell.entry.id, cell.model.id, cell.mode)
    session.save_draft(family.id, Request(*ids, asked.prompt, asked.values, references, asked.metadata))


# --- what the form starts from -----------------------------------------------------------------------------------


def _restore(family: Family) -> None:
    """Fill the form when a page is entered.

    With a request to use again; else as it was left, with the idea that another form has taken up since, and with the
    model and mode that the address names.
    """
    own, again = session.saved_draft(family.id), session.asked_again(family.id)
    if again is not None:
        idea.forget_wanted()
        request, notices = again
        _fill(family, request)
        st.session_state[key(family.id, "notices")] = notices
        return
    if entered := session.entrance():
        if own is not None and own.entry:
            before = st.session_state.get(_ADDRESS)
            _fill(family, own)
            st.session_state[_ADDRESS] = before
        elif own is not None:  # typed before the form had been drawn whole
            st.session_state[key(family.id, "prompt")] = own.prompt
        if foreign := idea.find_foreign(own):
            idea.take_up(family, foreign)
        session.leave_entrance(entered)
    address = (family.id, st.query_params.get("model", ""), st.query_params.get("mode", ""))
    if address == st.session_state.get(_ADDRESS):
        return
    _, model, mode = address
    entry = st.session_state.get(key(family.id, "entry"), family.entries[0].id)
    if model and family.model(model, entry) is not None:
        st.session_state[key(family.id, "model")] = model
    elif model:
        st.toast(f"{escape(model)} is not a model of {family.title}.", icon=":material/help:")
    if mode in list(Mode):
        st.session_state[key(family.id, "mode")] = mode


def _update_address(family: Family, cell: Cell) -> None:
    """Write model and mode into the address, so that it can be shared. Nothing else of the form goes there."""
    st.session_state[_ADDRESS] = (family.id, cell.model.id, cell.mode.value)
    wanted = {"model": cell.model.id, "mode": cell.mode.value}
    if any(st.query_params.get(name) != value for name, value in wanted.items()):
        st.query_params.update(wanted)  # one change, one step of the browser's history


def _fill(family: Family, request: Request) -> None:
    """Fill the form with a request that was sent or saved before."""
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


# --- entry point, model and mode ---------------------------------------------------------------------------------


def _choose_entry(family: Family) -> str:
    """Draw the choice of entry point if there are several; return the chosen one's id."""
    titles = {entry.id: entry.title for entry in family.entries if not entry.after}
    if len(titles) == 1:
        return family.entries[0].id
    return str(
        st.selectbox(
            "Entry point",
            list(titles),
            format_func=lambda entry: titles.get(entry, entry),
            key=key(family.id, "entry"),
            persist_state="session",
        )
    )


def _choose_model(family: Family, entry: str) -> str:
    """Draw the choice of model; return its id, empty if there is none yet."""
    ids, name = [row.id for row in family.models[entry]] or list(list_unknown_models()), key(family.id, "model")

    def label(model: str) -> str:
        return label_model(family.model(model, entry), model)

    wanted = st.session_state.get(name) or ""
    if family.model(wanted, entry) is None and ids:
        st.session_state[name] = ids[0]
        if wanted:
            what = f"{wanted} → {ids[0]}: this entry point does not take {wanted}."
            st.session_state[key(family.id, "model lost")] = Notice("Model", what)
    if len(ids) <= _MOST_PILLS and not family.patterns:
        chosen = st.pills("Model", ids, key=name, required=True, wrap=True, persist_state="session", format_func=label)
        return chosen or ids[0]
    chosen = st.selectbox(
        "Model",
        ids,
        index=0 if ids else None,
        key=name,
        accept_new_options=bool(family.patterns),
        persist_state="session",
        placeholder="Type or choose a model id",
        format_func=label,
    )
    if family.patterns and not family.generic:
        st.markdown(f":small[Any {' or '.join(f'`{p}`' for p in family.patterns)} can be typed too.]")
    return clean(chosen or "", NAME_CHARS)


def _describe_model(family: Family, model: str, entry: str) -> None:
    known = family.model(model, entry)
    if unknown := session.catalog().name_unknown(model):
        show_notices([unknown])
    elif known and known.note:
        st.caption(known.note)
    if known is None:
        return
    draw_life(known)
    if is_gone(known):
        chosen, prompt = st.session_state.get(key(family.id, "mode")), session.read_text(key(family.id, "prompt"))
        mode = Mode(chosen) if chosen in list(Mode) else Mode.TEXT
        draw_elsewhere(family.id, mode, prompt, get_references(family.id), key(family.id, "elsewhere"))


def _choose_mode(family: Family, model: str, entry: str) -> Mode | None:
    """Draw the choice of mode, discouraged modes folded away; return the chosen one, None if the model is unknown."""
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
            # The model cannot do what was chosen before. The form says so, because the change would go unnoticed.
            lost = Mode(wanted).label
            what = f"{lost} → {offered[0].label}: {model} does not offer {lost.lower()}."
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
            on_change=_leave_folded,
            args=(name, shown, tuple(mode.value for mode in folded)),
        )
    return Mode(chosen) if chosen in list(Mode) else offered[0]


def _leave_folded(mode: str, shown: str, folded: tuple[str, ...]) -> None:
    """Drop the chosen mode if it is discouraged and the discouraged modes have just been folded away."""
    if not st.session_state[shown] and st.session_state.get(mode) in folded:
        del st.session_state[mode]


def _describe_cell(cell: Cell) -> None:
    support = cell.support
    about = f"{SUPPORT_MEANING[support.support]} {cite(support.origin)}"
    st.markdown(f"{format_support(support.support)} :small[{support.note}]", help=about)
    if cell.refused:
        st.warning(cell.refused, icon=":material/do_not_disturb_on:")
