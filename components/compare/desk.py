"""The desk of Compare: its lanes, and its form as a draft.

The draft survives a reload, and its idea is the one of every page, see `components.form.idea`: the prompt, the
references and the values of another page are taken up here, and what is written here is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from components import session
from components.compare.launch import find_cell, new_lane
from components.form import values
from components.form.held import get_references, set_references
from components.form.idea import find_foreign, note_idle, read_wanted, set_wanted
from components.session import key
from dailies.compare.carry import recall, share_out
from dailies.compare.lanes import Shared, merge_parameters
from dailies.compare.nouns import MAX_LANES, Comparison, Lane
from dailies.compare.values import spell
from dailies.domain import Cell, Notice, Request, Slot
from dailies.request.expand import make_literal
from dailies.vocabulary import Mode, Value, parameter_name

SCOPE = "compare"
_DESK = "compare/desk"
_WAITING = "compare/waiting"  # values of the idea that the lanes have no setting for
_OFFERED = "compare/offered"  # what the settings were that the lanes shared when they were last drawn
_BENT_MODE = "compare/bent mode"
_NOTICES = "compare/notices"
_WRITTEN = ("title", "criteria")
_BEGINNING = (Mode.TEXT, Mode.FIRST_FRAME, Mode.FIRST_LAST, Mode.REFERENCES)  # they need no explanation


@dataclass(frozen=True, slots=True)
class Desk:
    """The lanes of the form. One value, so that an interrupted script run leaves no half of a change behind."""

    lanes: tuple[Lane, ...] = ()
    turn: int = 0  # grows with every lane that is added: the picker starts empty again
    parent: str = ""  # the comparison this one was made from


def get_desk() -> Desk:
    found: Desk = st.session_state.get(_DESK, Desk())
    return found


def set_desk(changed: Desk) -> None:
    """Change the lanes, and draw the page anew. Does not return."""
    st.session_state[_DESK] = changed
    st.rerun()


def scope_lane(lane: Lane) -> str:
    """The scope of a lane's own widgets."""
    return key(SCOPE, lane.id)


def list_modes(lanes: Iterable[Lane]) -> list[Mode]:
    """List the modes that at least one lane offers; without a lane, those to begin with and the chosen one."""
    families = session.catalog().families
    offered = {mode for lane in lanes for mode in families[lane.family].modes(lane.model, lane.entry)}
    begun = (*_BEGINNING, st.session_state.get(key(SCOPE, "mode")))
    return [mode for mode in Mode if mode in offered] or [mode for mode in Mode if mode in begun]


def read_mode(lanes: Iterable[Lane]) -> Mode:
    """Return the chosen mode; the first that the lanes offer where none, or another, was chosen."""
    modes = list_modes(lanes)
    chosen = st.session_state.get(key(SCOPE, "mode"))
    return Mode(chosen) if chosen in modes else modes[0]


# --- the draft ---------------------------------------------------------------------------------------------------


def use_again(comparison: Comparison) -> None:
    """Have the form filled with a stored comparison. What it replaces can be brought back."""
    idea = comparison.idea
    models = [old for old in comparison.lanes if old.model]
    lanes = [
        replace(new_lane(old.family, old.entry, old.model), overrides=old.overrides, gateway=old.gateway)
        for old in models
    ]
    written = {"title": comparison.title, "criteria": "\n".join(comparison.criteria), "hidden": False}
    kept = written | {"parent": comparison.id, "lanes": [_write_lane(lane) for lane in lanes]}
    prompt = make_literal(idea.prompt)
    session.use_again(Request(SCOPE, SCOPE, "", idea.mode, prompt, idea.values, idea.references, kept))


def save(lanes: Sequence[Lane], shared: Sequence[Shared]) -> None:
    """Save the form on the server. `lanes` have their own values; `shared` are the settings that they share."""
    kept: dict[str, Any] = {name: session.read_text(key(SCOPE, name)) for name in _WRITTEN}
    kept |= {"hidden": bool(st.session_state.get(key(SCOPE, "hidden"))), "parent": get_desk().parent}
    kept["lanes"] = [_write_lane(lane) for lane in lanes]
    chosen = _get_waiting() | values.read_values(SCOPE, [each.parameter for each in shared])
    prompt, held = session.read_text(key(SCOPE, "prompt")), dict(get_references(SCOPE))
    bent, mode = _get_bent_mode(), read_mode(lanes)
    wanted = bent[0] if bent and bent[1] is mode else mode
    session.save_draft(SCOPE, Request(SCOPE, SCOPE, "", wanted, prompt, chosen, held, kept))


def _write_lane(lane: Lane) -> dict[str, Any]:
    own = {"overrides": dict(lane.overrides), "gateway": lane.gateway}
    return {"id": lane.id, "family": lane.family, "entry": lane.entry, "model": lane.model} | own


def restore() -> None:
    """Fill the form when the page is entered.

    With a comparison to use again; else as it was left, with the idea that another form has taken up since. The lanes
    are this session's own: another tab may compare other models.
    """
    own, again = session.saved_draft(SCOPE), session.asked_again(SCOPE)
    if again is not None:
        _fill_desk(again[0])
        _fill(again[0])
        return
    if (entered := session.entrance()) is None:
        return
    if own is not None and own.entry:
        if _DESK not in st.session_state:
            _fill_desk(own)
        _fill(own)
    elif own is not None:  # typed before the form had been drawn whole
        st.session_state[key(SCOPE, "prompt")] = own.prompt
    if foreign := find_foreign(own):
        _take_up(foreign)
    st.session_state.setdefault(_DESK, Desk())
    session.leave_entrance(entered)


def _fill_desk(draft: Request) -> None:
    """Put the lanes of a draft on the desk, with their own values, and what is written beside the idea."""
    kept = draft.metadata
    for name in _WRITTEN:
        st.session_state[key(SCOPE, name)] = str(kept.get(name) or "")
    st.session_state[key(SCOPE, "hidden")] = bool(kept.get("hidden"))
    lanes = []
    for each in kept.get("lanes", ())[:MAX_LANES]:
        lane = Lane(str(each["id"]), str(each["family"]), str(each["entry"]), str(each["model"]))
        family = session.catalog().families.get(lane.family)
        if family is None or lane.entry not in family.models or family.model(lane.model, lane.entry) is None:
            continue  # the catalog has changed since
        lanes.append(lane)
        _put(lane, find_cell(lane, draft.mode), each["overrides"])
        st.session_state[key(scope_lane(lane), "gateway")] = each["gateway"]
    st.session_state[_DESK] = Desk(tuple(lanes), get_desk().turn + 1, str(kept.get("parent") or ""))


def _put(lane: Lane, cell: Cell | None, chosen: Mapping[str, Value]) -> None:
    for parameter in cell.parameters if cell else ():
        if parameter.id in chosen:
            values.set_value(scope_lane(lane), parameter, chosen[parameter.id])


def _fill(draft: Request) -> None:
    """Put the idea of a draft of this form into it."""
    st.session_state[key(SCOPE, "mode")] = draft.mode.value
    st.session_state[key(SCOPE, "prompt")] = draft.prompt
    set_references(SCOPE, draft.references)
    cells = [(lane.name, find_cell(lane, draft.mode)) for lane in get_desk().lanes]
    shared = {each.parameter.id: each.parameter for each in merge_parameters(cells)}
    for name, parameter in shared.items():
        values.set_value(SCOPE, parameter, draft.values.get(name))
    st.session_state[_WAITING] = {name: value for name, value in draft.values.items() if name not in shared}
    st.session_state[_NOTICES] = ()


# --- the idea of another page ------------------------------------------------------------------------------------


def _take_up(idea: Request) -> None:
    """Put the idea of another form into this one; its values wait for lanes that have a setting for them.

    What that form only began with is no part of the idea: the length that one model begins with is refused by another.
    """
    st.session_state[key(SCOPE, "prompt")] = idea.prompt
    if not idea.entry:
        return
    set_references(SCOPE, idea.references)
    st.session_state[key(SCOPE, "mode")] = idea.mode.value
    st.session_state[_NOTICES] = ()
    cell = find_cell(Lane("", idea.family, idea.entry, idea.model), idea.mode)
    begun = {p.id: p.start.value if p.start else p.default for p in (cell.parameters if cell else ())}
    chosen = {name: value for name, value in idea.values.items() if value != begun.get(name)}
    st.session_state[_WAITING] = recall(chosen, read_wanted())


def settle_mode(lanes: Sequence[Lane]) -> None:
    """Choose a mode that the lanes offer, before its widget is drawn.

    One that none of them offers is named, and kept in the draft; it returns with a lane that offers it.
    """
    modes, name = list_modes(lanes), key(SCOPE, "mode")
    chosen = st.session_state.get(name)
    bent = _get_bent_mode()
    if bent and (chosen != bent[1] or bent[0] in modes):
        st.session_state.pop(_BENT_MODE)
        st.session_state[_NOTICES] = tuple(each for each in st.session_state[_NOTICES] if each.where != "Mode")
        if chosen == bent[1]:
            chosen = st.session_state[name] = bent[0].value
    if chosen in modes:
        return
    st.session_state[name] = modes[0].value
    if chosen in list(Mode):
        lost = Mode(chosen)
        notice = Notice("Mode", f"{lost.label} → {modes[0].label}: no lane offers {lost.label.lower()}.")
        st.session_state[_NOTICES] = (*st.session_state.get(_NOTICES, ()), notice)
        st.session_state[_BENT_MODE] = lost, modes[0]


def _get_bent_mode() -> tuple[Mode, Mode] | None:
    """The mode that no lane offers, and what stands in its place, until that is changed."""
    bent: tuple[Mode, Mode] | None = st.session_state.get(_BENT_MODE)
    return bent


def settle_values(shared: Sequence[Shared]) -> None:
    """Carry the idea's values into the settings that the lanes share now, before their widgets are drawn.

    Streamlit forgets a value where another lane makes another widget of its setting. One that no lane offers is bent,
    named, and kept; it returns with a lane that offers it.
    """
    parameters = [each.parameter for each in shared]
    offered = {p.id: (p.choices, p.minimum, p.maximum, p.free, p.default) for p in parameters}
    waiting = _get_waiting()
    if offered == st.session_state.get(_OFFERED, {}) and not waiting.keys() & offered.keys():
        return
    st.session_state[_OFFERED] = offered
    chosen = values.read_values(SCOPE, parameters)
    fits = {p.id: chosen[p.id] for p in parameters if p.id in chosen and p.accepts(chosen[p.id])}
    asked = recall(waiting | chosen, read_wanted()) | waiting
    asked = {name: value for name, value in asked.items() if name not in fits or value != fits[name]}
    carried = share_out(asked, parameters)
    for parameter in parameters:
        if parameter.id in carried.values or parameter.id in fits:
            values.set_value(SCOPE, parameter, carried.values.get(parameter.id, fits.get(parameter.id)))
    bent = {name: pair for name, pair in carried.wanted.items() if name in offered}
    set_wanted({name: pair for name, pair in read_wanted().items() if name not in asked} | bent)
    st.session_state[_WAITING] = {name: value for name, (value, _) in carried.wanted.items() if name not in bent}
    settled = {parameter_name(name).title for name in asked}
    before = [notice for notice in st.session_state.get(_NOTICES, ()) if notice.where not in settled]
    st.session_state[_NOTICES] = (*before, *carried.notices)


def list_notices(lanes: Sequence[Lane], slots: Sequence[Slot]) -> list[Notice]:
    """List what changed of an idea as it came here, and what is kept of it without a place in this form."""
    kept = [
        Notice(parameter_name(name).title, f"{spell(name, value)} is kept: no lane has such a setting.")
        for name, value in _get_waiting().items()
        if lanes
    ]
    idle = note_idle(get_references(SCOPE), slots) if lanes else []
    return [*st.session_state.get(_NOTICES, ()), *kept, *idle]


def _get_waiting() -> dict[str, Value]:
    waiting: dict[str, Value] = st.session_state.get(_WAITING, {})
    return waiting
