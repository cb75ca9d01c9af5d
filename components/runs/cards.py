"""Runs as cards: the stage while a run is under way, then its clip, or why there is none and what to do next.

The list is a fragment that listens for changes: nothing reruns while nothing changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from urllib.parse import quote

import streamlit as st

from components import faults, press, session
from components.address import base_path
from components.form.continuation import draw_continuations
from components.frontend import announce, draw_clip, listen
from components.runs.actions import act
from components.runs.details import draw_details
from components.runs.empty import draw_empty
from components.runs.keeping import draw_keeping
from components.runs.onward import draw_continue, draw_next_step, draw_same_idea, draw_use_again, pick_frame
from components.runs.outcome import contain_failure, draw_ending, draw_measured, draw_stage, list_usual_durations
from components.runs.resending import draw_resending, report
from components.runs.waiting import draw_waiting, list_places
from components.words import STATE_LOOK, escape, format_time
from dailies.archive.records import name_run
from dailies.catalog.load import Catalog
from dailies.domain import Clip, Run
from dailies.store.queue import Place
from dailies.text import NAME_CHARS, clean
from dailies.vocabulary import RunState
from dailies.work import actions

_SHOWN = 6
_PROMPT_CHARS = 160


@faults.named_fragment(press.MADE)
def draw_family_runs(family: str) -> None:
    """Draw the newest runs of a family, the one named in the address first."""
    store = session.services().store
    since = store.revision()
    shown = st.session_state.get(session.key(family, "shown"), _SHOWN)
    found = store.runs.list(family=family, limit=shown + 1)
    opened = store.runs.get(str(st.query_params.get("run", "")))
    listed = [run for run in found[:shown] if opened is None or run.id != opened.id]
    runs = [*((opened,) if opened else ()), *listed]
    follow(runs, since=since, key=session.key(family, "live"))
    if not runs:
        draw_empty(family)
    usual, places = list_usual_durations(runs), list_places(runs)
    for index, run in enumerate(runs):
        draw_run(run, usual, places, first=index == 0)
    announce_own(runs, key=session.key(family, "announce"))
    if len(found) > shown and st.button(
        "Show more", icon=":material/expand_more:", key=session.key(family, "more runs")
    ):
        st.session_state[session.key(family, "shown")] = shown + _SHOWN
        st.rerun(scope="fragment")


def announce_own(runs: Sequence[Run], *, key: str) -> None:
    """Say what becomes of the runs that this session has started, and bring a new one's card into view."""
    mine = session.mine()
    said = [
        {
            "id": run.id,
            "state": run.state.value,
            "words": f"{STATE_LOOK[run.state].word}: {run.request.model}, {run.request.prompt[:60]}",
            "ended": not run.state.open,
        }
        for run in runs
        if run.id in mine
    ]
    announce(said, key=key)


def follow(runs: Sequence[Run], *, since: int, every: bool = False, key: str) -> None:
    """Rerun the surrounding fragment when one of these runs changes, or its place in the queue; see `listen`."""
    listen(runs, since=since, every=every or any(run.state is RunState.READY for run in runs), key=key)


def draw_run(
    run: Run, usual: Mapping[str, float], places: Mapping[str, Place], *, first: bool = False, inside: bool = False
) -> None:
    """Draw one run in any state; `first`: load its clip at once; `inside`: in a dialog, which can open no other.

    `usual` comes from `list_usual_durations`, `places` from `list_places`.
    """
    with st.container(border=True, key=f"run-{run.id}"), contain_failure(run):
        _draw_head(run)
        if run.state is RunState.DONE and run.clip:
            _draw_done(run, run.clip, first, inside)
        elif run.state is RunState.READY:
            draw_waiting(run, places.get(run.id))
        elif run.state.open:
            _draw_working(run, usual)
        else:
            _draw_ended(run)


def _draw_head(run: Run) -> None:
    values = run.request.values
    asked = [f"{values['seconds']} s"] if "seconds" in values else []
    asked += [str(values[name]) for name in ("resolution", "size", "aspect_ratio") if name in values]
    line = " · ".join([escape(run.request.model), run.request.mode.label.lower(), *map(escape, asked)])
    st.markdown(f"###### {line} :gray[· {format_time(run.created, st.context.timezone_offset)}]")
    prompt = run.request.prompt
    if prompt:
        st.caption(escape(prompt if len(prompt) < _PROMPT_CHARS else f"{prompt[: _PROMPT_CHARS - 2]}…"))
    if run.request.source:
        st.markdown(f":small[:material/step: Continues task {escape(run.request.source)}]")


# --- done --------------------------------------------------------------------------------------------------------


def _draw_done(run: Run, clip: Clip, first: bool, inside: bool) -> None:
    if not session.services().store.files.has_clip(clip.file):
        _draw_gone(run)
        return
    # Asked for at every drawing, because a drawing may be interrupted: the player starts only once.
    play = first and run.id in session.mine()
    picked = draw_clip(
        clip,
        session.clip_address(clip.played),
        session.clip_address(clip.poster),
        f"Clip of {run.request.model}: {run.request.prompt[:80]}",
        name_run(run),
        eager=first,
        play=play,
        key=f"clip-{run.id}",
    )
    pick_frame(run, clip, picked)
    draw_measured(run, clip)
    with st.container(horizontal=True):
        draw_continue(run, clip)
        draw_continuations(run, inside=inside)
        _draw_compare(run)
        st.link_button(
            "Present",
            f"{base_path()}/present?r={run.id}",
            icon=":material/fullscreen:",
            help="Shows this clip alone, edge to edge, in a tab of its own.",
        )
        _draw_menu(run, clip)


def _draw_gone(run: Run) -> None:
    """Draw a finished run whose file was deleted, or went with its disk; gateways keep clips for some hours."""
    st.warning("The file of this clip is no longer on this server.", icon=":material/draft:")
    with st.container(horizontal=True):
        if actions.can_fetch_again(run, gone=True):
            _draw_fetch_again(run, gone=True)
        draw_use_again(run)
        _draw_menu(run)


def _draw_compare(run: Run) -> None:
    picked = session.picked()
    if run.id in picked:
        if st.button("Picked", icon=":material/check:", key=f"compare-{run.id}", help="Open Compare with this clip."):
            st.switch_page(session.page("compare"))
    elif st.button(
        "Compare", icon=":material/compare:", key=f"compare-{run.id}", help="Pick this clip for a comparison."
    ):
        picked.append(run.id)
        st.toast("Picked. Pick more clips, then open Compare.", icon=":material/compare:")
        st.rerun(scope="fragment")


# --- under way ---------------------------------------------------------------------------------------------------


def _draw_working(run: Run, usual: Mapping[str, float]) -> None:
    draw_stage(run, usual, key=f"progress-{run.id}")
    if run.state in (RunState.QUEUED, RunState.RUNNING):
        with st.container(horizontal=True):
            if st.button(
                "Stop watching",
                icon=":material/visibility_off:",
                key=f"stop-{run.id}",
                help="The gateway goes on with the task and charges for it. You can look again at any time.",
            ):
                act(run, actions.stop_watching)
            _draw_menu(run)


# --- ended without a clip ----------------------------------------------------------------------------------------


def _draw_ended(run: Run) -> None:
    draw_ending(run)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        draw_next_step(run)
        draw_use_again(run)
        if actions.can_fetch_again(run):
            _draw_fetch_again(run)
        elif run.state is RunState.UNATTENDED:
            _draw_look_again(run)
        elif run.state is RunState.UNSURE:
            _draw_follow_task(run)
        presses = draw_resending(run)
        _draw_menu(run)
    report(run, presses)


def _draw_fetch_again(run: Run, *, gone: bool = False) -> None:
    if st.button("Fetch again", icon=":material/download:", key=f"fetch-{run.id}", help="The clip is already made."):
        act(run, partial(actions.fetch_again, gone=gone))


def _draw_look_again(run: Run) -> None:
    if st.button("Look again", icon=":material/visibility:", key=f"look-{run.id}", help="Ask the gateway once more."):
        act(run, actions.watch_again)


def _draw_follow_task(run: Run) -> None:
    """Draw a field for the task id that the gateway made of an unclear request, if it made one."""
    task = st.text_input("Task id", key=f"task-{run.id}", placeholder="If you know it", width=200)
    task = clean(task.strip(), NAME_CHARS)
    if st.button(
        "Follow this task",
        icon=":material/link:",
        key=f"adopt-{run.id}",
        help="Watch the task with this id instead of sending the request again.",
    ):
        if task:
            act(run, lambda current, now: actions.adopt(current, task, now))
        else:
            st.warning("Enter the task id first. The gateway's own log shows it.")


# --- shared by all states ----------------------------------------------------------------------------------------


def _draw_menu(run: Run, clip: Clip | None = None) -> None:
    """Draw a menu of what is done more rarely; its content is drawn when it is opened."""
    box = st.popover("More", icon=":material/more_horiz:", key=f"menu-{run.id}", on_change="rerun")
    if not box.open:
        return
    with box:
        with st.container(horizontal=True, gap="xsmall"):
            if clip is not None:
                draw_use_again(run)
                address = f"{session.clip_address(clip.file)}?download={quote(name_run(run) + clip.suffix)}"
                st.link_button("Download", address, icon=":material/download:")
            st.link_button(
                "Record",
                f"{base_path()}/records/{run.id}",
                icon=":material/data_object:",
                help="A JSON file: the request, the call, the gateway's answer and the clip's facts. It holds no key.",
            )
            st.link_button(
                "Link",
                f"{base_path()}/{run.request.family}?run={run.id}",
                icon=":material/link:",
                help="Opens this run in a tab of its own. Copy its address to come back to it.",
            )
        if item := session.services().store.library.items([run.id]).get(run.id):
            draw_keeping(item, "card")
        draw_same_idea(run)
        draw_details(run)


def get_family_title(catalog: Catalog, run: Run) -> str:
    """Return the title of a run's family; its id if the catalog no longer has it."""
    family = catalog.families.get(run.request.family)
    return family.title if family else run.request.family
