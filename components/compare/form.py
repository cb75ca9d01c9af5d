"""The form of a comparison: one idea, its lanes, and what each lane would do differently, before anything is sent.

Contains no rule: `dailies.compare.lanes` says what lanes share and what the idea becomes in each. Nothing typed is
lost: the idea lives in the session's widgets, the lanes in one value beside them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

import streamlit as st

from components import press, session
from components.compare.desk import (
    SCOPE,
    Desk,
    get_desk,
    list_modes,
    list_notices,
    read_mode,
    restore,
    save,
    scope_lane,
    set_desk,
    settle_mode,
    settle_values,
)
from components.compare.equal import draw_equal
from components.compare.lane_gateway import draw_gateway, read_gateway
from components.compare.launch import check_gateways, estimate, find_cell, new_comparison, new_lane, plan_lane, prepare
from components.compare.limits import check_agreed, draw_limits, draw_problem
from components.compare.prompt import draw_prompt, read_prompt
from components.form import values
from components.form.held import get_references
from components.form.references import draw_slots
from components.form.sending import show_notices
from components.frontend import take_pastes
from components.life import format_life, is_gone, label_model
from components.session import key
from components.words import escape
from dailies.compare.lanes import Planned, Shared, count_sendable, merge_parameters
from dailies.compare.nouns import LETTERS, MAX_LANES, Comparison, Idea, Lane, View
from dailies.compare.plan import Verdict, spell_cost
from dailies.domain import Cell, MediaLimits, Slot
from dailies.errors import DailiesError
from dailies.text import NAME_CHARS, clean
from dailies.vocabulary import Mode


def draw() -> None:
    """Draw the form."""
    restore()
    left, right = st.columns([5, 7], gap="large")
    with right:
        lanes = _pick_lanes()
    with left:
        settle_mode(lanes)
        shared, slots = _share(lanes, read_mode(lanes))
        _draw_idea(lanes, shared, slots)
        _draw_judging()
        asked = _read(lanes, shared, slots)
    plans = [plan_lane(asked.idea, lane) for lane in asked.lanes]
    with right:
        for letter, lane, plan in zip(LETTERS, asked.lanes, plans, strict=False):
            _draw_lane(letter, asked.idea, lane, plan)
    with left:
        _draw_generate(asked, plans)
    save(asked.lanes, shared)


# --- what the form says ------------------------------------------------------------------------------------------


def read(lanes: Iterable[Lane]) -> Comparison:
    """Read the comparison that the form asks for; it is not stored yet."""
    lanes = tuple(lanes)
    return _read(lanes, *_share(lanes, read_mode(lanes)))


def _read(lanes: tuple[Lane, ...], shared: tuple[Shared, ...], slots: list[Slot]) -> Comparison:
    idea = _read_idea(read_mode(lanes), shared, slots)
    written = session.read_text(key(SCOPE, "criteria")).splitlines()
    made = new_comparison(
        idea,
        [_complete(lane, idea.mode) for lane in lanes],
        title=session.read_text(key(SCOPE, "title"), NAME_CHARS).strip(),
        parent=get_desk().parent,
    )
    hidden = bool(st.session_state.get(key(SCOPE, "hidden")))
    criteria = dict.fromkeys(clean(line.strip(), NAME_CHARS) for line in written if line.strip())
    return replace(made, criteria=tuple(criteria), view=View(names=not hidden))


def _read_idea(mode: Mode, shared: tuple[Shared, ...], slots: list[Slot]) -> Idea:
    references = {slot.id: get_references(SCOPE)[slot.id] for slot in slots if get_references(SCOPE).get(slot.id)}
    prompt = read_prompt(SCOPE)
    return Idea(mode, prompt, values.read_values(SCOPE, [each.parameter for each in shared]), references)


def _share(lanes: tuple[Lane, ...], mode: Mode) -> tuple[tuple[Shared, ...], list[Slot]]:
    """Return the parameters and the slots that the lanes share."""
    cells = [(lane.name, find_cell(lane, mode)) for lane in lanes]
    return merge_parameters(cells), _merge_slots(cell for _, cell in cells if cell)


def _merge_slots(cells: Iterable[Cell]) -> list[Slot]:
    """Merge the slots of all lanes, each with the widest limits; each lane says which references it takes."""
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


def _complete(lane: Lane, mode: Mode) -> Lane:
    cell, scope = find_cell(lane, mode), scope_lane(lane)
    own = values.read_values(scope, cell.parameters) if cell else {}
    return replace(lane, overrides=own, gateway=read_gateway(scope))


# --- the idea ----------------------------------------------------------------------------------------------------


def _draw_idea(lanes: tuple[Lane, ...], shared: tuple[Shared, ...], slots: list[Slot]) -> None:
    _draw_mode(lanes)
    settle_values(shared)
    draw_slots(SCOPE, slots)
    if slots:
        take_pastes(key=key(SCOPE, "paste"))
    draw_prompt(SCOPE, "One idea for every lane", read_mode(lanes))
    main = [each for each in shared if each.parameter.id in values.MAIN]
    more = [each for each in shared if each.parameter.id not in values.MAIN]
    with st.container(horizontal=True):
        for each in main:
            values.draw_widget(SCOPE, each.parameter)
    cells = [(scope_lane(lane), lane.name, find_cell(lane, read_mode(lanes))) for lane in lanes]
    show_notices(list_notices(lanes, slots))
    draw_equal(SCOPE, cells, shared, values.read_values(SCOPE, [each.parameter for each in shared]))
    for each in main:
        if each.reason:
            st.caption(f":material/info: **{each.parameter.title}**: {escape(each.reason)}")
    if more:
        with st.expander("More settings", icon=":material/tune:"):
            for each in more:
                values.draw_widget(SCOPE, each.parameter)
                if each.reason:
                    st.caption(escape(each.reason))


def _draw_mode(lanes: tuple[Lane, ...]) -> None:
    st.segmented_control(
        "Mode",
        [mode.value for mode in list_modes(lanes)],
        key=key(SCOPE, "mode"),
        required=True,
        wrap=True,
        persist_state="session",
        format_func=lambda value: Mode(value).label,
    )


def _draw_judging() -> None:
    with st.expander("Title and criteria", icon=":material/gavel:"):
        st.text_input(
            "Title",
            key=key(SCOPE, "title"),
            on_change="ignore",
            persist_state="session",
            placeholder="Shown when you present the comparison",
        )
        st.text_area(
            "Criteria, one per line",
            key=key(SCOPE, "criteria"),
            height=80,
            on_change="ignore",
            persist_state="session",
            placeholder="Follows the prompt\nMotion\nFaces",
            help="Write them before the run, so that nobody fits them to the results. Votes are counted by criterion.",
        )
        st.toggle(
            "Hide names until revealed",
            key=key(SCOPE, "hidden"),
            persist_state="session",
            help="Lanes are shuffled and shown as letters, so that you can vote blind yourself.",
        )


# --- the lanes ---------------------------------------------------------------------------------------------------


def _pick_lanes() -> tuple[Lane, ...]:
    """Draw the picker; returns the lanes."""
    desk = get_desk()
    free = MAX_LANES - len(desk.lanes)
    options = _list_options()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = st.selectbox(
            f"Lanes ({len(desk.lanes)} of {MAX_LANES})",
            list(options),
            index=None,
            key=key(SCOPE, f"pick/{desk.turn}"),
            placeholder="Add a model" if free else "No free lane",
            accept_new_options=True,
            disabled=not free,
            width=320,
        )
        filling = not desk.lanes and st.button(
            "One of each family", icon=":material/auto_awesome_motion:", key="compare/fill"
        )
        if filling:
            firsts: dict[str, tuple[str, str, str]] = {}
            for option in options.values():
                if not is_gone(session.catalog().families[option[0]].model(option[2], option[1])):
                    firsts.setdefault(option[0], option)
            set_desk(replace(desk, lanes=tuple(new_lane(*found) for found in list(firsts.values())[:MAX_LANES])))
        if desk.lanes and st.button("Clear", icon=":material/clear_all:", key="compare/clear"):
            set_desk(Desk(turn=desk.turn + 1))
    if picked:
        found = options.get(picked) or _find_typed(picked)
        if found:
            set_desk(replace(desk, lanes=(*desk.lanes, new_lane(*found)), turn=desk.turn + 1))
        st.warning(f"No family has a model named {escape(picked)}.", icon=":material/help:")
    if not desk.lanes:
        st.info(
            "Add models to compare: of any family, through any entry point, or several takes of one model.",
            icon=":material/add:",
        )
    return desk.lanes


def _list_options() -> dict[str, tuple[str, str, str]]:
    """List what can be added: {label: (family, entry, model)}."""
    found: dict[str, tuple[str, str, str]] = {}
    for family in session.catalog().families.values():
        for place, entry in enumerate(entry for entry in family.entries if not entry.after):
            aside = f" · {entry.title}" if place else ""
            for row in family.models[entry.id]:
                found[label_model(row, f"{family.title} · {row.id}{aside}")] = (family.id, entry.id, row.id)
    return found


def _find_typed(model: str) -> tuple[str, str, str] | None:
    found = session.catalog().find(clean(model.strip(), NAME_CHARS))
    if found is None:
        return None
    family, row = found
    entry = next(e.id for e in family.entries if not e.after and family.model(row.id, e.id))
    return family.id, entry, row.id


def _draw_lane(letter: str, idea: Idea, lane: Lane, plan: Planned) -> None:
    """Draw one lane: its own values, and how what it would send differs from the idea."""
    with st.container(border=True, key=f"lane-{lane.id}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            family = session.catalog().families[lane.family]
            badge = format_life(family.model(lane.model, lane.entry))
            about = f":small[:gray[{escape(family.title)}] {badge}".rstrip() + "]"
            st.markdown(f"**{letter}** {escape(lane.model)}  \n{about}", width="stretch")
            with st.container(horizontal=True, vertical_alignment="center", width="content"):
                _draw_own_values(lane, idea.mode)
                if _draw_icon("add", "take", lane, f"Add another take of {lane.model}"):
                    _add_take(lane)
                if _draw_icon("close", "out", lane, f"Remove {lane.model}"):
                    desk = get_desk()
                    set_desk(replace(desk, lanes=tuple(other for other in desk.lanes if other.id != lane.id)))
        if plan.refused:
            st.markdown(f":red[:material/do_not_disturb_on:] :small[{escape(_word_refusal(plan, idea))}]")
        for notice in plan.differences:
            st.caption(f":material/difference: **{escape(notice.where)}**: {escape(notice.what)}")
        if not plan.refused and not plan.differences:
            st.caption(":material/check: Same as the idea.")


def _draw_own_values(lane: Lane, mode: Mode) -> None:
    cell = find_cell(lane, mode)
    # The lane starts from the idea's values: none of its own is set until somebody sets it.
    own = [replace(p, default=None, required=False) for p in cell.parameters if p.settable] if cell else []
    if not own:
        return
    popover = st.popover(
        "Own values", icon=":material/tune:", type="tertiary", key=key(scope_lane(lane), "own"), on_change="rerun"
    )
    with popover:
        if popover.open:
            st.caption("These values apply to this lane only.")
            draw_gateway(scope_lane(lane))
            for parameter in own:
                values.draw_widget(scope_lane(lane), parameter)


def _draw_icon(icon: str, name: str, lane: Lane, about: str) -> bool:
    return st.button(
        "", icon=f":material/{icon}:", type="tertiary", key=key(scope_lane(lane), name), help=escape(about)
    )


def _word_refusal(plan: Planned, idea: Idea) -> str:
    """Return why a lane cannot be sent; a prompt that is not written yet is not the lane's fault."""
    if not idea.prompt.strip() and plan.checked and [p.where for p in plan.checked.problems] == ["Prompt"]:
        return "Waiting for the prompt."
    return plan.refused


def _add_take(lane: Lane) -> None:
    desk = get_desk()
    if len(desk.lanes) >= MAX_LANES:
        st.toast(f"A comparison has at most {MAX_LANES} lanes.", icon=":material/info:")
        return
    set_desk(replace(desk, lanes=(*desk.lanes, new_lane(lane.family, lane.entry, lane.model))))


# --- sending -----------------------------------------------------------------------------------------------------


def _draw_generate(asked: Comparison, plans: list[Planned]) -> None:
    """Draw the button that sends the comparison, and above it what it costs."""
    count, verdict = count_sendable(plans), Verdict()
    if plans:
        bill, verdict = estimate(asked.idea, zip(asked.lanes, plans, strict=True))
        st.caption(f"{bill.runs} of {len(plans)} lanes can be sent · cost {escape(spell_cost(bill))}")
    draw_limits(SCOPE, [plan.draft for plan in plans], verdict)
    pressed = press.draw_button(
        SCOPE,
        f"Generate {count}" if count else "Generate",
        lambda taken: taken.carry_out(lambda: _prepare(taken.token)),
        type="primary",
        icon=":material/movie:",
        width="stretch",
        shortcut="Ctrl+Enter",
    )
    draw_problem(pressed)


def _prepare(token: str) -> Callable[[], list[Comparison]]:
    """Prepare to send what the form says at this moment. Raises `DailiesError` if it cannot be sent."""
    asked = read(get_desk().lanes)
    plans = [plan_lane(asked.idea, lane) for lane in asked.lanes]
    if not plans:
        raise DailiesError("Add a model first.")
    if not count_sendable(plans):
        raise DailiesError("No lane can be sent. Each lane says why.")
    check_gateways(asked.lanes)
    _, verdict = estimate(asked.idea, zip(asked.lanes, plans, strict=True))
    agreed = check_agreed(SCOPE, [plan.draft for plan in plans], verdict)
    return prepare([asked], token, agreed=agreed).send
