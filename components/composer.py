"""The composer: a form that is the cell drawn out. What the model cannot do is not shown; nothing typed is lost.

Holds no rule of its own: what is offered comes from the cell, what is wrong from `dailies.draft`, what will be sent
from `dailies.wire`.
"""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from components import session
from components.references import held, keep_all, reference_slots
from components.session import key
from components.wire_view import wire_view
from components.words import SUPPORT_MEANING, support_badge
from dailies import draft, wire
from dailies.catalog import Family
from dailies.domain import Cell, Draft, Mode, Notice, Parameter, Problem, Support, Value
from dailies.runs import new_run

_MAIN = ("seconds", "aspect_ratio", "resolution", "audio", "motion_level", "template_name")
_FEW = 6  # up to here choices stay visible as segments, beyond they fold into a list


def composer(family: Family) -> None:
    """Draw the form of one family and send what it says."""
    _enter(family)
    entry = _entry(family)
    model = _model(family, entry)
    mode = _mode(family, model, entry)
    cell = family.cell(model, mode, entry) if mode else None
    if cell is None:
        st.warning(f"{model} is not a model of this family. Choose one from the list.", icon=":material/help:")
        return
    _carry_over(family, cell)
    _about(cell)
    reference_slots(family, cell)
    wire_open = bool(st.session_state.get(key(family.id, "wire")))
    st.text_area(
        "Prompt",
        key=key(family.id, "prompt"),
        height=120,
        placeholder="What happens in the clip?",
        # Without a rerun at blur a click on Generate never misses a button that moved; an open request view follows.
        on_change="rerun" if wire_open else "ignore",
        persist_state="session",
    )
    _parameters(family, cell)
    asked = _draft(family, cell)
    checked = draft.check(asked, cell)
    for notice in _notices(family, checked.notices):
        st.caption(f":material/info: **{notice.where}** {notice.what}")
    pressed = st.button(
        "Generate", type="primary", icon=":material/movie:", width="stretch", shortcut="Ctrl+Enter",
        key=key(family.id, "generate"),
    )  # fmt: skip
    if pressed:
        if checked.request is None:
            show_problems(checked.problems)
        else:
            _send(family, cell, asked)
    wire_view(family.id, cell, asked)


def show_problems(problems: tuple[Problem, ...]) -> None:
    """Every reason why a draft cannot be sent, with the next step."""
    lines = "\n".join(f"- **{p.where}** {p.what}. {p.fix}" for p in problems)
    st.error(lines, title="Not sent yet", icon=":material/edit:")


def _enter(family: Family) -> None:
    """Arriving on a page: the address decides, then what was asked again, then what was here before."""
    again = session.asked_again(family.id)
    if again is not None:
        st.session_state["model"], st.session_state["mode"] = again.model, again.mode.value
        st.session_state[key(family.id, "entry")] = again.entry
        st.session_state[key(family.id, "prompt")] = again.prompt
        st.session_state[key(family.id, "metadata")] = json.dumps(again.metadata, indent=2) if again.metadata else ""
        keep_all(family.id, again.references)
        cell = family.cell(again.model, again.mode, again.entry)
        st.session_state[key(family.id, "cell")] = (again.entry, again.model, again.mode)
        for parameter in cell.parameters if cell else ():
            _set(family, parameter, again.values.get(parameter.id))
    elif st.session_state.get("session/family") != family.id:
        entry = st.session_state.get(key(family.id, "entry"), family.entries[0].id)
        asked = st.query_params.get("model", "")
        if asked and family.model(asked, entry) is None and (found := session.catalog().find(asked)):
            st.session_state["session/elsewhere"] = (asked, found[0].id)
        if not asked or family.model(asked, entry) is None:
            remembered = st.session_state.get(key(family.id, "model"), family.models[entry][0].id)
            st.session_state["model"] = remembered
            if "mode" not in st.query_params and (before := st.session_state.get(key(family.id, "mode"))):
                st.session_state["mode"] = before
    st.session_state["session/family"] = family.id


def _entry(family: Family) -> str:
    if len(family.entries) == 1:
        return family.entries[0].id
    titles = {entry.id: entry.title for entry in family.entries}
    return str(
        st.selectbox(
            "Entry point", list(titles), format_func=lambda e: titles.get(e, e), key=key(family.id, "entry"),
            persist_state="session",
        )
    )  # fmt: skip


def _model(family: Family, entry: str) -> str:
    rows = family.models[entry]
    ids = [row.id for row in rows]
    notes = {row.id: row.note for row in rows}
    few = len(ids) <= 3 and not family.patterns
    if few:
        chosen = st.segmented_control("Model", ids, key="model", required=True, default=ids[0], bind="query-params")
    else:
        pattern = f" Any {' or '.join(f'`{p}`' for p in family.patterns)} may be typed." if family.patterns else ""
        chosen = st.selectbox(
            "Model", ids, key="model", bind="query-params", accept_new_options=bool(family.patterns),
            help=f"The id the gateway is sent.{pattern}",
        )  # fmt: skip
    model = str(chosen or ids[0])
    st.session_state[key(family.id, "model")] = model
    if note := notes.get(model):
        st.caption(note)
    return model


def _mode(family: Family, model: str, entry: str) -> Mode | None:
    cells = {mode: family.cell(model, mode, entry) for mode in family.modes(model, entry)}
    folded = [mode for mode, cell in cells.items() if cell and cell.support.support is Support.DISCOURAGED]
    offered = list(cells)
    if folded:
        shown = key(family.id, "discouraged")
        if st.session_state.get("mode", st.query_params.get("mode")) in folded:
            st.session_state[shown] = True
        if not st.session_state.get(shown):
            offered = [mode for mode in cells if mode not in folded]
    if not offered:
        return None
    if st.session_state.get("mode") not in (None, *offered):
        # The model cannot do what was chosen before: say so instead of sliding to another mode unseen.
        was = st.session_state["mode"]
        st.session_state["mode"] = offered[0].value
        if was in list(Mode):
            lost = Notice("Mode", f"{Mode(was).label} → {offered[0].label}: {model} does not offer the first.")
            st.session_state[key(family.id, "mode lost")] = lost
    chosen = st.segmented_control(
        "Mode", [mode.value for mode in offered], key="mode", required=True, default=offered[0].value,
        format_func=lambda mode: Mode(mode).label, bind="query-params",
    )  # fmt: skip
    if folded:
        titles = ", ".join(Mode(mode).label.lower() for mode in folded)
        st.toggle(
            f"Show what the gateway advises against: {titles}", key=key(family.id, "discouraged"),
            persist_state="session",
        )  # fmt: skip
    mode = Mode(chosen) if chosen in list(Mode) else offered[0]
    st.session_state[key(family.id, "mode")] = mode.value
    return mode


def _about(cell: Cell) -> None:
    support = cell.support
    about = f"{SUPPORT_MEANING[support.support]} Source: {support.origin.source}, checked {support.origin.checked}."
    st.markdown(f"{support_badge(support.support)} :small[{support.note}]", help=about)
    if cell.refused:
        st.warning(cell.refused, icon=":material/do_not_disturb_on:")


# --- values ------------------------------------------------------------------------------------------------------


def _value_key(family: Family, parameter: Parameter) -> str:
    return key(family.id, f"value/{parameter.id}")


def _set(family: Family, parameter: Parameter, value: Value | None) -> None:
    wanted = parameter.default if value is None else value
    name = _value_key(family, parameter)
    if wanted is None:
        st.session_state.pop(name, None)
    elif _kind(parameter) == "text":
        st.session_state[name] = str(wanted)
    else:
        st.session_state[name] = wanted


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
        kept, changed = draft.adapt(_chosen(family, old), old, cell)
        notices += changed
        used = {slot.id for slot in cell.slots}
        idle = sum(len(references) for slot, references in held(family.id).items() if slot not in used)
        if idle:
            files = "file is" if idle == 1 else "files are"
            notices.append(Notice("References", f"{idle} {files} kept for the modes that use them, not sent in this one."))
    if lost := st.session_state.pop(key(family.id, "mode lost"), None):
        notices.insert(0, lost)
    for parameter in cell.parameters:
        if parameter.fixed is None:
            _set(family, parameter, kept.get(parameter.id))
    st.session_state[key(family.id, "notices")] = tuple(notices)


def _chosen(family: Family, cell: Cell) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for parameter in cell.parameters:
        raw = st.session_state.get(_value_key(family, parameter))
        if parameter.fixed is None and raw is not None and raw != "":
            values[parameter.id] = draft.coerce(parameter, raw)
    return values


def _parameters(family: Family, cell: Cell) -> None:
    main = [p for p in cell.parameters if p.id in _MAIN]
    more = [p for p in cell.parameters if p.id not in _MAIN]
    facts = [p for p in main if p.fixed is not None]
    if facts:
        words = " · ".join(f"**{p.title}** {p.spell(p.fixed)}, set by the model" for p in facts)
        st.markdown(f":material/lock: {words}", help="; ".join(f"{p.title}: {p.origin.source}" for p in facts))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for parameter in main:
            if parameter.fixed is None:
                _widget(family, parameter)
    with st.expander("More settings", icon=":material/tune:", key=key(family.id, "more")):
        for parameter in more:
            if parameter.fixed is None:
                _widget(family, parameter)
            else:
                st.markdown(f":material/lock: **{parameter.title}** {parameter.spell(parameter.fixed)}, set by the model")
        st.text_area(
            "Raw metadata (JSON)", key=key(family.id, "metadata"), persist_state="session", height=96,
            placeholder='{"key": "value"}',
            help="Merged over what the form builds. Where both set the same thing, the notes above Generate say which wins.",
        )  # fmt: skip


def _kind(parameter: Parameter) -> str:
    if parameter.is_range:
        return "number"
    if parameter.choices:
        return "list" if parameter.free or len(parameter.choices) > _FEW else "segments"
    return "text"


def _widget(family: Family, parameter: Parameter) -> None:
    name = _value_key(family, parameter)
    label, about = _label(parameter), _about_parameter(parameter)
    kind = _kind(parameter)
    if kind == "number":
        free = parameter.free
        st.number_input(
            label, key=name, help=about, step=1, width=150, persist_state="session", value=None,
            min_value=None if free else parameter.minimum, max_value=None if free else parameter.maximum,
            placeholder=draft.spell_choices(parameter),
        )  # fmt: skip
    elif kind == "segments":
        st.segmented_control(
            label, list(parameter.choices), key=name, help=about, persist_state="session",
            required=parameter.default is not None,
        )  # fmt: skip
    elif kind == "list":
        st.selectbox(
            label, list(parameter.choices), index=None, key=name, help=about, width=190, persist_state="session",
            accept_new_options=parameter.free, placeholder="Not sent", format_func=str,
            required=parameter.default is not None,
        )  # fmt: skip
    else:
        st.text_input(label, key=name, help=about, on_change="ignore", persist_state="session", placeholder="Not sent")


def _label(parameter: Parameter) -> str:
    unit = f" ({parameter.unit})" if parameter.unit else ""
    unset = f" :gray[:small[unset: {parameter.assumed}]]" if parameter.assumed is not None else ""
    return f"{parameter.title}{unit}{unset}"


def _about_parameter(parameter: Parameter) -> str:
    parts = [parameter.note] if parameter.note else []
    if parameter.support is not Support.SUPPORTED:
        parts.append(SUPPORT_MEANING[parameter.support])
    if not parameter.default:
        parts.append("Not sent unless chosen.")
    if parameter.free:
        parts.append(f"Documented: {draft.spell_choices(parameter)}; other values are sent as asked.")
    parts.append(f"Source: {parameter.origin.source}, checked {parameter.origin.checked}.")
    return " ".join(parts)


# --- sending -----------------------------------------------------------------------------------------------------


def _draft(family: Family, cell: Cell) -> Draft:
    used = {slot.id for slot in cell.slots}
    references = {slot: refs for slot, refs in held(family.id).items() if slot in used and refs}
    prompt = str(st.session_state.get(key(family.id, "prompt")) or "")
    return Draft(prompt, _chosen(family, cell), references, _metadata(family))


def _metadata(family: Family) -> dict[str, Any]:
    text = str(st.session_state.get(key(family.id, "metadata")) or "").strip()
    if not text:
        return {}
    try:
        parsed = json.loads(text)
    except json.JSONDecodeError as error:
        st.error(f"The raw metadata is not JSON: {error.msg} in line {error.lineno}. It is left out until it is mended.")
        return {}
    if isinstance(parsed, dict):
        return parsed
    st.error("The raw metadata is not a JSON object. It is left out until it is mended.")
    return {}


def _notices(family: Family, current: tuple[Notice, ...]) -> list[Notice]:
    carried: tuple[Notice, ...] = st.session_state.get(key(family.id, "notices"), ())
    return list(dict.fromkeys((*carried, *current)))


def _send(family: Family, cell: Cell, asked: Draft) -> None:
    request = draft.check(asked, cell).request
    if request is None:
        return
    services, gateway = session.services(), session.gateway()
    call = wire.encode(request, cell)
    run = new_run(
        request, call, cell.route, gateway.name, services.now(), owner=session.OWNER, credential=session.credential()
    )
    services.worker.submit(run)
    st.session_state.setdefault("session/mine", set()).add(run.id)
    st.session_state.pop(key(family.id, "notices"), None)
