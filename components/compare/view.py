"""An opened comparison: its lanes while they work, the clips on one clock, the fairness sheet, and the judging.

Everything shown comes from the store, so that a reload, another browser and a restart show the same. How this browser
looks at it begins as it was kept and stays its own: two people who watch at once do not fight over the controls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from statistics import median
from typing import Any

import streamlit as st

from components import session
from components.compare.export import hand_on, present_address
from components.compare.form import lay_out
from components.compare.launch import cell_of, launch, planned, repeated, send_lane_again, worth
from components.compare.vote import names_seen
from components.frontend import draw_progress, listen
from components.heading import draw_heading
from components.html.player import player
from components.html.specs import player_spec
from components.words import escape, format_state
from dailies.compare import fairness
from dailies.compare.nouns import LETTERS, Arrangement, Comparison, Lane, Unequal, View
from dailies.compare.plan import spell_cost
from dailies.domain import Clip, Run
from dailies.media.delivered import delivered
from dailies.vocabulary import RunState

_PER_ROW = 4


def opened(comparison: Comparison) -> None:
    """Draw the page of one comparison."""
    draw_heading(escape(_title(comparison)))
    _actions(comparison)
    _body(comparison.id)


def _title(comparison: Comparison) -> str:
    words = comparison.title or comparison.idea.prompt or "Clips beside each other"
    return words if len(words) <= 60 else f"{words[:58]}…"


def _actions(comparison: Comparison) -> None:
    with st.container(horizontal=True):
        if st.button("New comparison", icon=":material/add:", key="compare/new"):
            _go()
        if st.button(
            "Change it",
            icon=":material/edit:",
            key="compare/change",
            help="Put idea and lanes back into the form; this comparison stays as it is",
        ):
            lay_out(comparison)
            _go()
        if any(lane.model for lane in comparison.lanes):
            with st.popover("Run it again", icon=":material/replay:"):
                _again(comparison)
        st.link_button(
            "Present",
            f"{present_address(comparison.id)}&title=1",
            icon=":material/slideshow:",
            help="Full screen, names on the key N. Whoever opens it here counts as having seen the names.",
            on_click=names_seen().add,
            args=(comparison.id,),
        )
        if st.button("Blind vote", icon=":material/how_to_vote:", key="compare/vote"):
            st.switch_page(session.page("vote"), query_params={"c": comparison.id})
        with st.popover("More", icon=":material/more_horiz:"):
            _notes(comparison)
            st.caption("Its clips stay in the library.")
            if st.button("Delete the comparison", icon=":material/delete:", key="compare/delete"):
                session.services().store.comparisons.delete(comparison.id)
                _go()


def _again(comparison: Comparison) -> None:
    """The same once more, under the same limits as the first time."""
    again = repeated(comparison)
    again = replace(again, lanes=tuple(lane for lane in again.lanes if lane.model))
    found, verdict = worth(again.idea, [(lane, planned(again.idea, lane)) for lane in again.lanes])
    st.markdown(f"{found.runs} of {len(again.lanes)} lanes are made and paid for anew, cost {spell_cost(found)}.")
    if verdict.blocked:
        st.error(verdict.blocked, icon=":material/block:")
    elif st.button(f"Generate {found.runs}", icon=":material/movie:", key="compare/again", disabled=not found.runs):
        _go(launch(again).id)


def _go(comparison_id: str = "") -> None:
    if comparison_id:
        st.query_params["c"] = comparison_id
    else:
        st.query_params.pop("c", None)
    st.rerun()


def _notes(comparison: Comparison) -> None:
    keys = [f"compare/{name}/{comparison.id}" for name in ("title", "notes")]
    for name, stored in zip(keys, (comparison.title, comparison.notes), strict=True):
        _show(name, stored)
    title = st.text_input("Title", key=keys[0]).strip()
    notes = st.text_area("Notes", key=keys[1], height=100)
    _keep(comparison, lambda now: replace(now, title=title, notes=notes))


def _keep(comparison: Comparison, change: Callable[[Comparison], Comparison]) -> None:
    """Store a change where it is one."""
    if change(comparison) != comparison:
        services = session.services()
        services.store.comparisons.change(comparison.id, change, services.now())


def _show(name: str, stored: Any) -> None:
    """Have a widget show what is stored where somebody else has changed it; what was typed here is not touched.

    Called before the widget is drawn: a value that is not the stored one after this was given by this browser.
    """
    seen = f"{name}/seen"
    if seen not in st.session_state or st.session_state[seen] != stored:
        st.session_state[name] = stored
        st.session_state[seen] = stored


@st.fragment
def _body(comparison_id: str) -> None:
    store = session.services().store
    comparison = store.comparisons.get(comparison_id)
    if comparison is None:
        st.info("This comparison has been deleted.", icon=":material/delete:")
        return
    runs = {run.id: run for lane in comparison.lanes if lane.run and (run := store.runs.get(lane.run))}
    listen([comparison, *runs.values()], key=f"compare/live/{comparison.id}")
    view = _own_view(comparison)
    finished = [lane for lane in comparison.lanes if _clip(lane, runs)]
    if view.names and finished:
        names_seen().add(comparison.id)
    if finished:
        _player(comparison, runs, view)
    _lanes(comparison, runs, view)
    if not finished:
        return
    _fairness(comparison, runs, view)
    st.subheader("Hand it on", anchor=False)
    hand_on(comparison, runs)


def _clip(lane: Lane, runs: Mapping[str, Run]) -> Clip | None:
    run = runs.get(lane.run)
    return (run.clip if run else None) or lane.clip


# --- the player --------------------------------------------------------------------------------------------------


def _own_view(comparison: Comparison) -> View:
    kept: View = st.session_state.setdefault(f"compare/view/{comparison.id}", comparison.view)
    return kept


def _player(comparison: Comparison, runs: Mapping[str, Run], view: View) -> None:
    spec = player_spec(replace(comparison, view=view), runs, session.clip_address, times=session.frame_times)
    chosen = player(spec, key=f"compare/player/{comparison.id}")
    handled = f"compare/chosen/{comparison.id}"
    if chosen is None or chosen == st.session_state.get(handled):
        return  # what was chosen earlier here is no answer to what somebody else has changed since
    now = _to_view(chosen)
    offsets: Mapping[str, float] = chosen.get("offsets", {})
    _keep(comparison, lambda c: _looked_at(c, now, offsets))
    st.session_state[handled] = chosen
    st.session_state[f"compare/view/{comparison.id}"] = now
    if now.names != view.names:
        st.rerun(scope="fragment")


def _looked_at(comparison: Comparison, view: View, offsets: Mapping[str, float]) -> Comparison:
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


def _lanes(comparison: Comparison, runs: Mapping[str, Run], view: View) -> None:
    lanes = list(enumerate(comparison.lanes))
    for start in range(0, len(lanes), _PER_ROW):
        row = lanes[start : start + _PER_ROW]
        for column, (place, lane) in zip(st.columns(max(2, min(_PER_ROW, len(lanes)))), row, strict=False):
            with column, st.container(border=True, key=f"seen-{lane.id}", gap="small"):
                _lane(comparison, LETTERS[place], lane, runs.get(lane.run), view.names)


def _lane(comparison: Comparison, letter: str, lane: Lane, run: Run | None, names: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{letter}** {escape(lane.name) if names else ''}", width="content")
        if run:
            st.markdown(format_state(run), width="content")
        elif lane.refused:
            st.markdown(":red-badge[:material/do_not_disturb_on: not sent]", width="content")
        elif lane.clip:
            st.markdown(":gray-badge[:material/upload_file: made elsewhere]", width="content")
    if lane.refused:
        st.caption(escape(lane.refused) if names else "This lane could not be sent.")
    if run and run.state.open:
        since = run.sent or run.created
        elapsed = (session.services().now() - since).total_seconds()
        past = session.services().store.runs.durations(run.request.model, limit=20)
        stage = run.word if run.word and names else run.state.value
        usual = median(past) if past and names else None
        draw_progress(stage, elapsed, usual, run.percent, key=f"lane-progress-{lane.id}")
        if run.note:
            st.caption(f":orange[:material/key: {run.note}]")
    elif run and run.state is not RunState.DONE:
        failure = run.failure
        st.caption(
            f":red[{escape(failure.what)}] {failure.fix}" if failure and names else ":red[It ended without a clip.]"
        )
    if names:
        for said in lane.said:
            where, _, what = said.partition(": ")
            st.caption(f":material/difference: **{where}** {escape(what)}")
    if run and run.clip:
        facts = delivered(run, run.clip)
        st.markdown(f":small[{' · '.join(facts.got[:4])}]")
        for difference in facts.differences if names else ():
            st.caption(f":orange[:material/difference: {difference}]")
    _lane_again(comparison, lane, run)
    if run is None or not run.state.open:
        _judge(comparison, letter, lane)


def _lane_again(comparison: Comparison, lane: Lane, run: Run | None) -> None:
    stopped = run is not None and not run.state.open and run.state is not RunState.DONE
    lost = run is None and lane.clip is None
    if (stopped or lost) and st.button(
        "Send again",
        icon=":material/replay:",
        key=f"compare/send/{lane.id}",
        help="Makes a new task for this lane; if the first one was made after all, both are charged."
        if run and run.state is RunState.UNSURE
        else "Makes a new task for this lane alone.",
    ):
        send_lane_again(comparison.id, lane.id)
        st.rerun(scope="fragment")


def _judge(comparison: Comparison, letter: str, lane: Lane) -> None:
    keys = [f"compare/{name}/{lane.id}" for name in ("stars", "tags", "comment")]
    given_before = lane.stars - 1 if lane.stars else None
    for name, stored in zip(keys, (given_before, list(lane.tags), lane.comment), strict=True):
        _show(name, stored)
    with st.container(horizontal=True, vertical_alignment="center"):
        given = st.feedback("stars", key=keys[0])
        noted = " ".join(f":gray-badge[{escape(tag)}]" for tag in lane.tags)
        with st.popover("Note" if not lane.comment else "Noted", icon=":material/edit_note:"):
            tags = st.multiselect(
                f"Tags of {letter}",
                sorted({tag for other in comparison.lanes for tag in other.tags}),
                accept_new_options=True,
                key=keys[1],
                placeholder="Type a word and press Enter",
            )
            comment = st.text_area(f"Comment on {letter}", key=keys[2], height=90)
    if noted:
        st.markdown(noted)
    if lane.comment:
        st.caption(escape(lane.comment))
    stars = 0 if given is None else int(given) + 1

    def judged(now: Comparison) -> Comparison:
        present = now.lane(lane.id)
        return now.with_lane(replace(present, stars=stars, tags=tuple(tags), comment=comment)) if present else now

    _keep(comparison, judged)


# --- fairness ----------------------------------------------------------------------------------------------------


def _fairness(comparison: Comparison, runs: Mapping[str, Run], view: View) -> None:
    cells = {lane.id: cell for lane in comparison.lanes if lane.model and (cell := cell_of(lane, comparison.idea.mode))}
    found = fairness.sheet(comparison, runs, cells=cells)
    st.subheader("Fairness", anchor=False, help="Computed from what was sent and what was measured.")
    if not view.names:
        st.caption("Shown with the names: what was sent would give them away.")
        return
    st.markdown(escape(found.summary()))
    _table(found.columns, found.differing)
    if found.equal:
        with st.expander(f"Equal for all: {len(found.equal)}", icon=":material/equal:"):
            _table(found.columns, found.equal)
    if comparison.criteria:
        st.caption(f"Criteria, written down before the run: {escape(', '.join(comparison.criteria))}.")


def _table(columns: Sequence[tuple[str, str]], rows: Sequence[fairness.Row]) -> None:
    if not rows:
        st.caption("Nothing differs.")
        return
    heads = [f"{letter} {name}".strip() for letter, name in columns]
    st.dataframe(
        [{"": row.name, **dict(zip(heads, row.values, strict=True))} for row in rows],
        hide_index=True,
        width="stretch",
        column_config={"": st.column_config.TextColumn(pinned=True)},
    )
