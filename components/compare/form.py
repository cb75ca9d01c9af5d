"""The composing side of a comparison: one idea, its lanes, and what each lane will do differently, before it is sent.

Holds no rule: what lanes share and what becomes of the idea in each is `dailies.compare.lanes`. Nothing typed is lost:
the idea lives in the session's widgets, the lanes in one value beside them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from components import session
from components.compare.launch import cell_of, launch, new_comparison, new_lane, planned, worth
from components.form import values
from components.form.references import draw_slots, get_references, set_references
from components.session import key
from components.words import escape
from dailies.compare.lanes import Planned, planned_count, shared_parameters
from dailies.compare.nouns import LETTERS, MAX_LANES, Comparison, Idea, Lane, View
from dailies.compare.plan import Verdict, spell_cost
from dailies.domain import Cell, MediaLimits, Slot
from dailies.vocabulary import Mode, Value

SCOPE = "compare"
_DESK = "compare/desk"


@dataclass(frozen=True, slots=True)
class Desk:
    """The lanes on the table. One value, so that an interrupted run leaves no half of a change behind."""

    lanes: tuple[Lane, ...] = ()
    turn: int = 0  # grows with every lane that was picked: the picker begins anew
    parent: str = ""  # the comparison this one was made from


def desk() -> Desk:
    found: Desk = st.session_state.get(_DESK, Desk())
    return found


def lay_out(comparison: Comparison) -> None:
    """Put a stored comparison's idea and lanes back on the table, nothing of it sent."""
    idea = comparison.idea
    st.session_state[key(SCOPE, "mode")] = idea.mode.value
    st.session_state[key(SCOPE, "prompt")] = idea.prompt
    st.session_state[key(SCOPE, "title")] = comparison.title
    st.session_state[key(SCOPE, "criteria")] = "\n".join(comparison.criteria)
    set_references(SCOPE, idea.references)
    lanes = tuple(new_lane(lane.family, lane.entry, lane.model) for lane in comparison.lanes if lane.model)
    for lane, old in zip(lanes, (lane for lane in comparison.lanes if lane.model), strict=True):
        _put(_scope(lane), cell_of(lane, idea.mode), old.overrides)
    for shared in shared_parameters([(lane.name, cell_of(lane, idea.mode)) for lane in lanes]):
        values.set_value(SCOPE, shared.parameter, idea.values.get(shared.parameter.id))
    st.session_state[_DESK] = Desk(lanes, desk().turn + 1, comparison.id)


def _put(scope: str, cell: Cell | None, chosen: Mapping[str, Value]) -> None:
    for parameter in cell.parameters if cell else ():
        if parameter.id in chosen:
            values.set_value(scope, parameter, chosen[parameter.id])


def compare_form() -> None:
    """Draw the form and send what it says; then the address is that of the new comparison."""
    left, right = st.columns([5, 7], gap="large")
    with right:
        lanes = _pick_lanes()
    with left:
        idea = _idea(lanes)
        criteria, names, title = _judging()
    with right:
        plans = [_lane_card(place, idea, lane) for place, lane in enumerate(lanes)]
    with left:
        _send(idea, lanes, plans, criteria, names, title)


# --- the idea ----------------------------------------------------------------------------------------------------


def _idea(lanes: Sequence[Lane]) -> Idea:
    modes = _modes(lanes)
    name = key(SCOPE, "mode")
    if st.session_state.get(name) not in [mode.value for mode in modes]:
        st.session_state[name] = modes[0].value
    mode = Mode(
        st.segmented_control(
            "Mode",
            [mode.value for mode in modes],
            key=name,
            required=True,
            wrap=True,
            persist_state="session",
            format_func=lambda value: Mode(value).label,
        )
        or modes[0]
    )
    cells = [(lane.name, cell_of(lane, mode)) for lane in lanes]
    slots = _shared_slots(cell for _, cell in cells if cell)
    draw_slots(SCOPE, slots)
    st.text_area(
        "Prompt",
        key=key(SCOPE, "prompt"),
        height=120,
        placeholder="One idea for every lane",
        on_change="ignore",
        persist_state="session",
    )
    shared = shared_parameters(cells)
    main = [each for each in shared if each.parameter.id in values.MAIN]
    more = [each for each in shared if each.parameter.id not in values.MAIN]
    with st.container(horizontal=True):
        for each in main:
            values.draw_widget(SCOPE, each.parameter)
    for each in main:
        if each.reason:
            st.caption(f":material/info: **{each.parameter.title}** {each.reason}")
    if more:
        with st.expander("More settings", icon=":material/tune:"):
            for each in more:
                values.draw_widget(SCOPE, each.parameter)
                if each.reason:
                    st.caption(each.reason)
    references = {slot.id: get_references(SCOPE)[slot.id] for slot in slots if get_references(SCOPE).get(slot.id)}
    prompt = str(st.session_state.get(key(SCOPE, "prompt")) or "")
    return Idea(mode, prompt, values.read_values(SCOPE, [each.parameter for each in shared]), references)


def _modes(lanes: Sequence[Lane]) -> list[Mode]:
    """What at least one lane offers; before there is a lane, what needs no explanation."""
    families = session.catalog().families
    offered = {mode for lane in lanes for mode in families[lane.family].modes(lane.model, lane.entry)}
    return [mode for mode in Mode if mode in offered] or [Mode.TEXT, Mode.FIRST_FRAME, Mode.FIRST_LAST, Mode.REFERENCES]


def _shared_slots(cells: Iterable[Cell]) -> list[Slot]:
    """The slots of at least one lane, open as far as any of them; each lane says what it makes of them."""
    found: dict[str, Slot] = {}
    for cell in cells:
        for slot in cell.slots:
            known = found.get(slot.id, replace(slot, limits=MediaLimits(), note=""))
            most = max(known.maximum or math.inf, slot.maximum or math.inf)
            found[slot.id] = replace(
                known,
                forms=(*known.forms, *(form for form in slot.forms if form not in known.forms)),
                minimum=min(known.minimum, slot.minimum),
                maximum=None if math.isinf(most) else int(most),
            )
    return list(found.values())


def _judging() -> tuple[tuple[str, ...], bool, str]:
    with st.expander("Title and judging", icon=":material/gavel:"):
        title = st.text_input(
            "Title",
            key=key(SCOPE, "title"),
            on_change="ignore",
            persist_state="session",
            placeholder="Shown when it is presented",
        )
        written = st.text_area(
            "Criteria, one a line",
            key=key(SCOPE, "criteria"),
            height=80,
            on_change="ignore",
            persist_state="session",
            placeholder="Follows the prompt\nMotion\nFaces",
            help="Written down before the run, so that nobody fits them to the result. Votes are counted by criterion.",
        )
        hidden = st.toggle(
            "Hide the names until they are asked for",
            key=key(SCOPE, "hidden"),
            persist_state="session",
            help="The lanes are shuffled and shown as letters, so that you can vote yourself without having seen them.",
        )
    criteria = tuple(line.strip() for line in written.splitlines() if line.strip())
    return tuple(dict.fromkeys(criteria)), not hidden, title.strip()


# --- the lanes ---------------------------------------------------------------------------------------------------


def _pick_lanes() -> tuple[Lane, ...]:
    """The picker, and the lanes as they are after it."""
    now = desk()
    free = MAX_LANES - len(now.lanes)
    options = _options()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = st.selectbox(
            f"Lanes ({len(now.lanes)} of {MAX_LANES})",
            list(options),
            index=None,
            key=key(SCOPE, f"pick/{now.turn}"),
            placeholder="Add a model" if free else "No more lanes",
            accept_new_options=True,
            disabled=not free,
            width=320,
        )
        if not now.lanes and st.button("One of each family", icon=":material/auto_awesome_motion:", key="compare/fill"):
            firsts = [options[label] for label in _first_of_each(options)]
            _keep(replace(now, lanes=tuple(new_lane(*found) for found in firsts[:MAX_LANES])))
        if now.lanes and st.button("Clear", icon=":material/clear_all:", key="compare/clear"):
            _keep(Desk(turn=now.turn + 1))
    if picked:
        found = options.get(picked) or _typed(picked)
        if found:
            _keep(replace(now, lanes=(*now.lanes, new_lane(*found)), turn=now.turn + 1))
        st.warning(f"No family knows a model named {picked}.", icon=":material/help:")
    if not now.lanes:
        st.info("Add the models to compare: any family, any entry point, several takes of one.", icon=":material/add:")
    return now.lanes


def _keep(changed: Desk) -> None:
    st.session_state[_DESK] = changed
    st.rerun()


def _options() -> dict[str, tuple[str, str, str]]:
    """What can be added: words for people -> (family, entry, model)."""
    found: dict[str, tuple[str, str, str]] = {}
    for family in session.catalog().families.values():
        for place, entry in enumerate(entry for entry in family.entries if not entry.after):
            aside = f" · {entry.title}" if place else ""
            for row in family.models[entry.id]:
                found[f"{family.title} · {row.id}{aside}"] = (family.id, entry.id, row.id)
    return found


def _first_of_each(options: dict[str, tuple[str, str, str]]) -> list[str]:
    first: dict[str, str] = {}
    for label, (family, _, _) in options.items():
        first.setdefault(family, label)
    return list(first.values())


def _typed(model: str) -> tuple[str, str, str] | None:
    found = session.catalog().find(model.strip())
    if found is None:
        return None
    family, row = found
    entry = next(e.id for e in family.entries if not e.after and family.model(row.id, e.id))
    return family.id, entry, row.id


def _scope(lane: Lane) -> str:
    return key(SCOPE, lane.id)


def _lane_card(place: int, idea: Idea, lane: Lane) -> tuple[Lane, Planned]:
    """Draw one lane; what it will send, and how that differs from the idea."""
    cell = cell_of(lane, idea.mode)
    # Nothing of the lane's own is chosen until somebody does: it begins with the idea's values.
    own = [replace(p, default=None, required=False) for p in cell.parameters if p.settable] if cell else []
    lane = replace(lane, overrides=values.read_values(_scope(lane), own))
    plan = planned(idea, lane)
    family = session.catalog().families[lane.family]
    with st.container(border=True, key=f"lane-{lane.id}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{LETTERS[place]}** {escape(lane.model)} :small[:gray[{family.title}]]", width="stretch")
            if own:
                popover = st.popover(
                    "Own values",
                    icon=":material/tune:",
                    type="tertiary",
                    key=key(_scope(lane), "own"),
                    on_change="rerun",
                )
                with popover:
                    if popover.open:
                        st.caption("What is set here holds for this lane alone.")
                        for parameter in own:
                            values.draw_widget(_scope(lane), parameter)
            if _small_button("add", "take", lane, "Another take of this model"):
                _another(lane)
            if _small_button("close", "out", lane, f"Take out {lane.model}"):
                _keep(replace(desk(), lanes=tuple(other for other in desk().lanes if other.id != lane.id)))
        if plan.refused:
            st.markdown(f":red[:material/do_not_disturb_on:] :small[{escape(_unless_empty(plan, idea))}]")
        for notice in plan.differences:
            st.caption(f":material/difference: **{notice.where}** {escape(notice.what)}")
        if not plan.refused and not plan.differences:
            st.caption(":material/check: As asked.")
    return lane, plan


def _small_button(icon: str, name: str, lane: Lane, about: str) -> bool:
    return st.button("", icon=f":material/{icon}:", type="tertiary", key=key(_scope(lane), name), help=about)


def _unless_empty(plan: Planned, idea: Idea) -> str:
    """A prompt that is not written yet is no fault of the lane."""
    if not idea.prompt.strip() and plan.checked and [p.where for p in plan.checked.problems] == ["Prompt"]:
        return "Waiting for the prompt."
    return plan.refused


def _another(lane: Lane) -> None:
    now = desk()
    if len(now.lanes) >= MAX_LANES:
        st.toast(f"{MAX_LANES} lanes are the most.", icon=":material/info:")
        return
    _keep(replace(now, lanes=(*now.lanes, new_lane(lane.family, lane.entry, lane.model))))


# --- sending -----------------------------------------------------------------------------------------------------


def _send(
    idea: Idea,
    lanes: Sequence[Lane],
    planned_lanes: Sequence[tuple[Lane, Planned]],
    criteria: tuple[str, ...],
    names: bool,
    title: str,
) -> None:
    count = planned_count(plan for _, plan in planned_lanes)
    noted: set[str] = st.session_state.setdefault(key(SCOPE, "presses"), set())
    verdict = Verdict()
    if planned_lanes:
        found, verdict = worth(idea, planned_lanes)
        st.caption(f"{found.runs} of {len(lanes)} lanes can be sent · cost {spell_cost(found)}")
    agreed = not verdict.confirm or st.checkbox(f"Send it: {verdict.confirm}", key=key(SCOPE, "agreed"))
    st.button(
        f"Generate {count}" if count else "Generate",
        type="primary",
        icon=":material/movie:",
        width="stretch",
        shortcut="Ctrl+Enter",
        key=key(SCOPE, "generate"),
        on_click=noted.add,
        args=(SCOPE,),
    )
    if SCOPE not in noted:
        return
    if problem := _hindrance(bool(lanes), count, verdict, agreed):
        st.error(problem, title="Not sent yet", icon=":material/edit:")
        noted.discard(SCOPE)
        return
    comparison = new_comparison(idea, [lane for lane, _ in planned_lanes], title=title, parent=desk().parent)
    kept = launch(replace(comparison, criteria=criteria, view=View(names=names)))
    noted.discard(SCOPE)
    st.query_params["c"] = kept.id
    st.rerun()


def _hindrance(any_lane: bool, count: int, verdict: Verdict, agreed: bool) -> str:
    if not any_lane:
        return "Add a model first."
    if not count:
        return "No lane can be sent: each says why."
    return verdict.blocked or ("" if agreed else "Tick the box above Generate to agree.")
