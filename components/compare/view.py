"""An opened comparison: its lanes while they work, the clips on one clock, the fairness sheet, and judgements.

Everything shown comes from the store, so a reload, another browser and a restart show the same. View settings start
from the stored ones and stay local to this browser: two people who watch at once do not fight over the controls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from components import faults, press, session
from components.compare import desk, export
from components.compare.judging import draw_judging, draw_notes, store_change
from components.compare.launch import (
    check_gateways,
    copy_comparison,
    estimate,
    find_cell,
    plan_lane,
    prepare,
    prepare_lane,
)
from components.compare.limits import check_agreed, draw_limits, draw_problem
from components.compare.share import draw_share, draw_shared_by
from components.compare.times import frame_times
from components.compare.vote import names_seen
from components.frontend import listen
from components.heading import draw_heading
from components.html.player import player
from components.html.specs import build_spec
from components.runs.outcome import draw_measured, draw_stage, explain_ending, list_usual_durations
from components.runs.waiting import format_place, list_places
from components.words import escape, format_state
from dailies.compare.fairness import Row, build_sheet
from dailies.compare.nouns import LETTERS, Arrangement, Comparison, Lane, Unequal, View
from dailies.compare.plan import spell_cost
from dailies.domain import Cell, Clip, Run
from dailies.store.queue import Place
from dailies.vocabulary import RunState

_PER_ROW = 4


def draw(comparison: Comparison) -> None:
    """Draw the page of one comparison."""
    draw_heading(escape(name(comparison, 60)))
    draw_shared_by(comparison)
    _draw_actions(comparison)
    _draw_body(comparison.id)


def _is_own(comparison: Comparison) -> bool:
    """Whether the person who looks may change it."""
    return session.services().store.comparisons.is_own(comparison)


def name(comparison: Comparison, most: int) -> str:
    """Return the title of a comparison, or else its prompt, in at most `most` characters."""
    words = " ".join((comparison.title or comparison.idea.prompt or "Clips side by side").split())
    return words if len(words) <= most else f"{words[: most - 1]}…"


def _draw_actions(comparison: Comparison) -> None:
    with st.container(horizontal=True):
        if st.button("New comparison", icon=":material/add:", key="compare/new"):
            _open()
        if st.button(
            "Use again",
            icon=":material/edit:",
            key="compare/use",
            help="Put the idea and the lanes back into the form. This comparison stays as it is.",
        ):
            desk.use_again(comparison)
            _open()
        if any(lane.model for lane in comparison.lanes):
            box = st.popover(
                "Send again", icon=":material/replay:", key=f"{name_again(comparison.id)}/open", on_change="rerun"
            )
            if box.open:
                with box:
                    _draw_again(comparison)
        st.link_button(
            "Present",
            f"{export.present_address(comparison.id)}&title=1",
            icon=":material/slideshow:",
            help="Full screen; the key N shows the names. Opening it counts as having seen the names.",
            on_click=names_seen().add,
            args=(comparison.id,),
        )
        if st.button("Blind vote", icon=":material/how_to_vote:", key="compare/vote"):
            st.switch_page(session.page("vote"), query_params={"c": comparison.id})
        draw_share(comparison)
        if not _is_own(comparison):
            return
        box = st.popover("More", icon=":material/more_horiz:", key=f"compare/more/{comparison.id}", on_change="rerun")
        if box.open:
            with box:
                draw_notes(comparison)
                st.caption("Its clips stay in the library.")
                if st.button("Delete comparison", icon=":material/delete:", key="compare/delete"):
                    session.services().store.comparisons.delete(comparison.id)
                    _open()


def _draw_again(comparison: Comparison) -> None:
    """Offer the same comparison again, under the same limits as the first time."""
    scope, again = name_again(comparison.id), copy_comparison(comparison)
    plans = [plan_lane(again.idea, lane) for lane in again.lanes]
    bill, verdict = estimate(again.idea, zip(again.lanes, plans, strict=True))
    cost = escape(spell_cost(bill))
    st.markdown(f"{bill.runs} of {len(plans)} lanes can be sent again and are charged again. Cost: {cost}.")
    draw_limits(scope, [plan.draft for plan in plans], verdict)
    pressed = press.draw_button(
        scope,
        f"Send {bill.runs} again",
        lambda taken: taken.carry_out(lambda: _prepare_again(comparison, taken.token)),
        icon=":material/movie:",
        disabled=not bill.runs,
    )
    draw_problem(pressed)


def name_again(comparison_id: str) -> str:
    """Name the button that sends a comparison again."""
    return f"compare/again/{comparison_id}"


def _prepare_again(comparison: Comparison, token: str) -> Callable[[], list[Comparison]]:
    again = copy_comparison(comparison)
    plans = [plan_lane(again.idea, lane) for lane in again.lanes]
    check_gateways(again.lanes)
    _, verdict = estimate(again.idea, zip(again.lanes, plans, strict=True))
    agreed = check_agreed(name_again(comparison.id), [plan.draft for plan in plans], verdict)
    return prepare([again], token, agreed=agreed).send


def _open(comparison_id: str = "") -> None:
    """Go to a comparison, or to the form."""
    if comparison_id:
        st.query_params["c"] = comparison_id
    else:
        st.query_params.pop("c", None)
    st.rerun()


@faults.fragment
def _draw_body(comparison_id: str) -> None:
    store = session.services().store
    since = store.revision()
    comparison = store.comparisons.find(comparison_id)
    if comparison is None:
        st.info("This comparison has been deleted.", icon=":material/delete:")
        return
    runs = store.runs_of(comparison)
    listen([comparison, *runs.values()], since=since, key=f"compare/live/{comparison.id}")
    view = _get_view(comparison)
    finished = [lane for lane in comparison.lanes if _get_clip(lane, runs)]
    if view.names and finished:
        names_seen().add(comparison.id)
    if finished:
        _draw_player(comparison, runs, view)
    _draw_lanes(comparison, runs, view)
    if not finished:
        return
    cells = {
        lane.id: cell for lane in comparison.lanes if lane.model and (cell := find_cell(lane, comparison.idea.mode))
    }
    _draw_fairness(comparison, runs, cells, view)
    st.subheader("Export", anchor=False)
    export.draw(comparison, runs, cells)


def _get_clip(lane: Lane, runs: Mapping[str, Run]) -> Clip | None:
    run = runs.get(lane.run)
    return (run.clip if run else None) or lane.clip


# --- the player --------------------------------------------------------------------------------------------------


def _get_view(comparison: Comparison) -> View:
    kept: View = st.session_state.setdefault(f"compare/view/{comparison.id}", comparison.view)
    return kept


def _draw_player(comparison: Comparison, runs: Mapping[str, Run], view: View) -> None:
    spec = build_spec(replace(comparison, view=view), runs, session.clip_address, times=frame_times)
    chosen = player(spec, key=f"compare/player/{comparison.id}")
    handled = f"compare/chosen/{comparison.id}"
    if chosen is None or chosen == st.session_state.get(handled):
        return  # an earlier choice made here does not answer a later change by somebody else
    now = _to_view(chosen)
    offsets: Mapping[str, float] = chosen.get("offsets", {})
    store_change(comparison, lambda c: _with_view(c, now, offsets))
    st.session_state[handled] = chosen
    st.session_state[f"compare/view/{comparison.id}"] = now
    if now.names != view.names:
        st.rerun(scope="fragment")


def _with_view(comparison: Comparison, view: View, offsets: Mapping[str, float]) -> Comparison:
    lanes = tuple(replace(lane, offset=float(offsets.get(lane.id, lane.offset))) for lane in comparison.lanes)
    return replace(comparison, view=view, lanes=lanes)


def _to_view(chosen: Mapping[str, Any]) -> View:
    return View(
        Arrangement(chosen["arrangement"]),
        tuple(chosen["pair"]),
        str(chosen["heard"]),
        Unequal(chosen["unequal"]),
        float(chosen["speed"]),
        bool(chosen["loop"]),
        bool(chosen["names"]),
    )


# --- the lanes ---------------------------------------------------------------------------------------------------


def _draw_lanes(comparison: Comparison, runs: Mapping[str, Run], view: View) -> None:
    places = list_places(runs.values())
    lanes = list(zip(LETTERS, comparison.lanes, strict=False))
    for start in range(0, len(lanes), _PER_ROW):
        columns = st.columns(max(2, min(_PER_ROW, len(lanes))))
        for column, (letter, lane) in zip(columns, lanes[start : start + _PER_ROW], strict=False):
            with column, st.container(border=True, key=f"seen-{lane.id}", gap="small"):
                _draw_lane(comparison, letter, lane, runs.get(lane.run), places, view.names)


def _draw_lane(
    comparison: Comparison, letter: str, lane: Lane, run: Run | None, places: Mapping[str, Place], names: bool
) -> None:
    _draw_head(letter, lane, run, names)
    if lane.refused:
        st.caption(escape(lane.refused) if names else "This lane could not be sent.")
    if run and run.id in places:
        st.markdown(f":material/schedule: {format_place(run, places[run.id], named=names)}")
    elif run and run.state.open:
        # A hidden lane shows neither the usual time of its model nor the gateway's own words.
        usual = list_usual_durations([run]) if names else {}
        draw_stage(run if names else replace(run, word="", note=""), usual, key=f"lane-progress-{lane.id}")
    elif run and run.state is not RunState.DONE:
        st.caption(f":red[{explain_ending(run).words if names else 'This run ended without a clip.'}]")
    if names:
        for said in lane.announced:
            where, _, what = said.partition(": ")
            st.caption(f":material/difference: **{escape(where)}**: {escape(what)}")
    if run and run.clip and names:
        draw_measured(run, run.clip)
    if _is_own(comparison):
        _draw_send_again(comparison, lane, run)
    if run is None or not run.state.open:
        draw_judging(comparison, letter, lane)


def _draw_head(letter: str, lane: Lane, run: Run | None, names: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{letter}** {escape(lane.name) if names else ''}", width="content")
        if run:
            st.markdown(format_state(run), width="content")
        elif lane.refused:
            st.markdown(":red-badge[:material/do_not_disturb_on: not sent]", width="content")
        elif lane.clip:
            st.markdown(":gray-badge[:material/upload_file: made elsewhere]", width="content")


def _draw_send_again(comparison: Comparison, lane: Lane, run: Run | None) -> None:
    stopped = run is not None and not run.state.open and run.state is not RunState.DONE
    lost = run is None and lane.clip is None
    scope = f"compare/lane/{lane.id}"
    if not stopped and not lost:
        if pressed_before := press.find(scope):
            draw_problem(pressed_before)  # of a press that came when the lane had been sent again elsewhere
        return
    pressed = press.draw_button(
        scope,
        "Send again",
        lambda taken: taken.carry_out(
            lambda: prepare_lane(comparison, lane, run, taken.token, agreed=taken.agreed).send
        ),
        icon=":material/replay:",
        help="Makes a new task for this lane. If the first one was made after all, both are charged."
        if run and run.state is RunState.UNSURE
        else "Makes a new task for this lane only.",
    )
    draw_problem(pressed)


# --- fairness ----------------------------------------------------------------------------------------------------


def _draw_fairness(comparison: Comparison, runs: Mapping[str, Run], cells: Mapping[str, Cell], view: View) -> None:
    st.subheader("Fairness", anchor=False, help="Computed from the stored requests and the measured clips.")
    if not view.names:
        st.caption("Hidden until names are shown: the requests would reveal them.")
        return
    sheet = build_sheet(comparison, runs, cells=cells)
    st.markdown(escape(sheet.summarise()))
    if sheet.differing:
        _draw_table(sheet.columns, sheet.differing)
    else:
        st.caption("Nothing differs.")
    if sheet.equal:
        with st.expander(f"Equal for all: {len(sheet.equal)}", icon=":material/equal:"):
            _draw_table(sheet.columns, sheet.equal)
    if comparison.criteria:
        st.caption(f"Criteria, written before the run: {escape(', '.join(comparison.criteria))}.")


def _draw_table(columns: Sequence[tuple[str, str]], rows: Sequence[Row]) -> None:
    heads = [f"{letter} {title}".strip() for letter, title in columns]
    st.dataframe(
        [{"": row.name, **dict(zip(heads, row.values, strict=True))} for row in rows],
        hide_index=True,
        width="stretch",
        column_config={"": st.column_config.TextColumn(pinned=True)},
    )
