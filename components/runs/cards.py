"""Runs as cards: stage and time while it works, the clip when it is done, plain words and a next step when it failed.

The list is a fragment that listens for changes; nothing reruns while nothing changes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from statistics import median

import streamlit as st

from components import press, session
from components.form.going_on import draw_continuations
from components.form.references import import_media
from components.form.wire_view import format_call
from components.frontend import draw_clip, draw_progress, listen
from components.press import Press
from components.words import escape, format_duration, format_size, format_state, format_time
from dailies.catalog.load import Catalog
from dailies.domain import Clip, Run
from dailies.media import clips
from dailies.media.delivered import delivered
from dailies.vocabulary import Mode, RunState
from dailies.work import life
from dailies.work.life import send_again

_SHOWN = 6


@st.fragment
def draw_family_runs(family: str) -> None:
    """The newest runs of a family, the one named in the address first."""
    store = session.services().store
    shown = st.session_state.get(session.key(family, "shown"), _SHOWN)
    found = store.runs.list(session.OWNER, family=family, limit=shown + 1)
    opened = store.runs.get(str(st.query_params.get("run", "")))
    listed = [run for run in found[:shown] if opened is None or run.id != opened.id]
    listen([*listed, *((opened,) if opened else ())], key=session.key(family, "live"))
    if opened is None and not listed:
        _empty()
    if opened is not None:
        draw_run(opened, first=True)
    for index, run in enumerate(listed):
        draw_run(run, first=index == 0 and opened is None)
    if len(found) > shown and st.button(
        "Show more", icon=":material/expand_more:", key=session.key(family, "more runs")
    ):
        st.session_state[session.key(family, "shown")] = shown + _SHOWN
        st.rerun(scope="fragment")


def _empty() -> None:
    with st.container(border=True, horizontal_alignment="center", height=260, vertical_alignment="center"):
        st.markdown(":material/movie: Clips appear here.", width="content")
        st.caption("Describe a clip on the left and press Generate.", width="content")


def draw_run(run: Run, *, first: bool = False) -> None:
    """One run, whatever its state. `first`: load its clip at once."""
    with st.container(border=True, key=f"run-{run.id}"):
        _head(run)
        if run.state is RunState.DONE and run.clip:
            _done(run, run.clip, first)
        elif run.state.open:
            _working(run)
        else:
            _stopped(run)


def _head(run: Run) -> None:
    values = run.request.values
    asked = [f"{values['seconds']} s"] if "seconds" in values else []
    asked += [str(values[name]) for name in ("resolution", "size", "aspect_ratio") if name in values]
    line = " · ".join([f"**{run.request.model}**", run.request.mode.label.lower(), *asked])
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        moment = format_time(run.created, st.context.timezone_offset)
        st.markdown(f":gray[{moment}] {line}", width="content")
        st.markdown(format_state(run), width="content")
    prompt = run.request.prompt
    if prompt:
        st.caption(escape(prompt if len(prompt) < 160 else f"{prompt[:158]}…"))
    if run.request.source:
        st.caption(f":material/step: Goes on from task `{run.request.source}`")


# --- done --------------------------------------------------------------------------------------------------------


def _done(run: Run, clip: Clip, first: bool) -> None:
    # Said at every drawing: the player starts only what it has just made, and a drawing may be interrupted.
    play = first and run.id in session.mine()
    draw_clip(
        clip,
        session.clip_address(clip.file),
        session.clip_address(clip.poster),
        f"Clip of {run.request.model}: {run.request.prompt[:80]}",
        eager=first,
        play=play,
        key=f"clip-{run.id}",
    )
    facts = delivered(run, clip)
    st.markdown(f":small[{' · '.join(facts.got)}]")
    for difference in facts.differences:
        st.caption(f":orange[:material/difference: {difference}]")
    with st.container(horizontal=True):
        _use_again(run)
        if st.button(
            "Last frame",
            icon=":material/last_page:",
            key=f"last-{run.id}",
            help="Continue: use the clip's last frame as a first frame",
        ):
            _continue(run, clip)
        draw_continuations(run)
        _compare(run)
        name = f"{run.request.model}-{run.id[:8]}.mp4".replace("/", "-").replace(":", "-").replace("*", "x")
        st.link_button("Download", f"{session.clip_address(clip.file)}?download={name}", icon=":material/download:")
        _details(run)


def _compare(run: Run) -> None:
    picked = session.picked()
    if run.id in picked:
        if st.button(
            "Picked", icon=":material/check:", key=f"compare-{run.id}", help="Open Compare with what is picked"
        ):
            st.switch_page(session.page("compare"))
    elif st.button("Compare", icon=":material/compare:", key=f"compare-{run.id}", help="Pick it for a comparison"):
        picked.append(run.id)
        st.toast("Picked. Pick more clips, then open Compare.", icon=":material/compare:")
        st.rerun(scope="fragment")


def _continue(run: Run, clip: Clip) -> None:
    services = session.services()
    target = services.store.files.clip_path(f"{run.id}.last.png")
    clips.last_frame(services.store.files.clip_path(clip.file), target)
    frame = import_media(f"last-frame-{run.id[:8]}.png", target.read_bytes())
    target.unlink()
    request = run.request
    session.use_again(
        type(request)(
            request.family,
            request.entry,
            request.model,
            Mode.FIRST_FRAME,
            request.prompt,
            request.values,
            {"first_frame": (frame,)},
            request.metadata,
        )
    )
    _open_composer(run)


# --- under way ---------------------------------------------------------------------------------------------------


def _working(run: Run) -> None:
    since = run.sent or run.created
    elapsed = (session.services().now() - since).total_seconds()
    past = session.services().store.runs.durations(run.request.model, limit=20)
    stage = run.word or run.state.value
    if run.note:
        st.caption(f":orange[:material/key: {run.note}]")
    draw_progress(stage, elapsed, median(past) if past else None, run.percent, key=f"progress-{run.id}")
    if run.state in (RunState.QUEUED, RunState.RUNNING):
        with st.container(horizontal=True):
            if st.button(
                "Stop watching",
                icon=":material/visibility_off:",
                key=f"stop-{run.id}",
                help="The gateway goes on; the run can be looked up again at any time.",
            ):
                _act(run, life.stop_watching)
            _details(run)


# --- stopped -----------------------------------------------------------------------------------------------------


def _stopped(run: Run) -> None:
    failure = run.failure
    if failure:
        words = f"{failure.what} {failure.fix}\n\n:small[{failure.charge}]"
        show = st.error if run.state is RunState.FAILED else st.warning
        show(words, title=f"{run.state.value.capitalize()} at {failure.stage}")
    elif run.state is RunState.UNATTENDED:
        st.info(
            "It is no longer watched. The gateway may have finished it meanwhile.", icon=":material/visibility_off:"
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _use_again(run)
        if run.state in (RunState.UNATTENDED, RunState.UNSURE) and run.task:
            if st.button("Look again", icon=":material/visibility:", key=f"look-{run.id}"):
                _act(run, life.watch_again)
        elif life.can_fetch_again(run):
            if st.button("Fetch again", icon=":material/download:", key=f"fetch-{run.id}"):
                _act(run, life.fetch_again)
        elif run.state is RunState.UNSURE:
            task = st.text_input("Task id", key=f"task-{run.id}", placeholder="If you know it", width=200)
            if st.button(
                "Adopt", icon=":material/link:", key=f"adopt-{run.id}", help="Follow this task instead of sending again"
            ):
                if task.strip():
                    session.services().worker.act(
                        run.id, lambda r: life.adopt(r, task.strip(), session.services().now())
                    )
                    st.rerun(scope="fragment")
                st.warning("Type the task's id first; the gateway's own console shows it.")
        again = press.draw_button(
            f"again-{run.id}",
            "Send again",
            lambda taken: _send_again(taken, run),
            icon=":material/replay:",
            help="Makes a new task; if the first one was made after all, both are charged."
            if run.state is RunState.UNSURE
            else "Makes a new task with the same request.",
        )
        _details(run)
    if problem := again.report():
        st.error(f"{problem.where}: {escape(problem.what)}. {problem.fix}", title="Not sent")


def _send_again(taken: Press, run: Run) -> None:
    services, mine = session.services(), session.mine()
    if problem := session.gateway_problem(run.gateway):
        taken.take()
        taken.outcome = problem
        return
    again = replace(send_again(run, "", services.now(), taken.token), credential=session.credential(run.gateway))
    taken.take()
    mine.add(services.worker.submit(again).id)


# --- shared by all -----------------------------------------------------------------------------------------------


def _act(run: Run, action: Callable[[Run, datetime], Run]) -> None:
    services = session.services()
    services.worker.act(run.id, lambda current: action(current, services.now()))
    st.rerun(scope="fragment")


def _use_again(run: Run) -> None:
    if st.button("Use again", icon=":material/edit:", key=f"use-{run.id}", help="Put this request back into the form"):
        session.use_again(run.request)
        _open_composer(run)


def _open_composer(run: Run) -> None:
    st.switch_page(session.page_of(run.request.family))


def _details(run: Run) -> None:
    with st.popover("Details", icon=":material/data_object:"):
        facts = {
            "Run": run.id,
            "Task": run.task or "none yet",
            "Gateway": run.gateway,
            "Status word": run.word or "none",
            "Sent": run.sent.isoformat(timespec="seconds") if run.sent else "not sent",
        }
        if run.sent and run.finished:
            facts["Took"] = format_duration((run.finished - run.sent).total_seconds())
        if run.clip:
            facts["File"] = format_size(run.clip.size)
        st.markdown("\n".join(f"- {name}: `{value}`" for name, value in facts.items()))
        st.markdown(f"**Request** {run.call.method} `{run.call.path}`")
        st.code(format_call(run.call), language="json", height=200, wrap_lines=True)
        if run.raw:
            st.markdown("**Last raw answer**")
            st.code(_pretty(run.raw), language="json", height=200, wrap_lines=True)


def _pretty(raw: str) -> str:
    try:
        return json.dumps(json.loads(raw), ensure_ascii=False, indent=2)
    except json.JSONDecodeError:
        return raw


def get_family_title(catalog: Catalog, run: Run) -> str:
    """The family of a run, for people; its id where the catalog no longer knows it."""
    family = catalog.families.get(run.request.family)
    return family.title if family else run.request.family
