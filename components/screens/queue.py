"""The queue: for each gateway what waits, in its order, and what is in flight."""

from __future__ import annotations

import streamlit as st

from components import faults, session
from components.frontend import listen
from components.heading import draw_heading
from components.runs.outcome import draw_note
from components.runs.waiting import draw_moves
from components.words import escape, format_duration, format_state
from dailies.domain import Run
from dailies.store.queue import Place, Queue

_STEP = 10
_PROMPT_CHARS = 100
_SHOWN = "queue/shown"


def draw_queue() -> None:
    """Draw the page."""
    draw_heading("Queue")
    _draw_queues()


@faults.fragment
def _draw_queues() -> None:
    shown = st.session_state.get(_SHOWN, _STEP)
    store = session.services().store
    since, queues = store.revision(), store.queue.list(limit=shown)
    queues = [queue for queue in queues if queue.waiting or queue.in_flight or _may_hold()]
    listed = [run for queue in queues for run in (*queue.in_flight, *(run for run, _ in queue.waiting))]
    listen(listed, since=since, every=True, key="queue/live")
    if not queues:
        said = "Nothing waits and nothing is in flight. What you send stands here until its clip is there."
        st.info(said, icon=":material/done_all:")
    for queue in queues:
        _draw_queue(queue)
    hidden = any(shown in (len(queue.waiting), len(queue.in_flight)) for queue in queues)
    if hidden and st.button("Show more", icon=":material/expand_more:", key="queue/more"):
        st.session_state[_SHOWN] = shown + _STEP
        st.rerun(scope="fragment")


def _draw_queue(queue: Queue) -> None:
    bound = session.services().settings.concurrency(queue.gateway).total
    with st.container(border=True, key=f"queue-of-{queue.gateway}"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.subheader(escape(session.name_gateway(queue.gateway)), width="content", anchor=False)
            if _may_hold():
                with st.container(horizontal=True, width="content"):
                    _draw_holds(queue)
        parts = [f"{queue.in_flight_count} of {bound} in flight", f"{queue.waiting_count} waiting"]
        if queue.held_count:
            parts.append(f"{queue.held_count} on hold")
        st.markdown(f":small[{' · '.join(parts)}]")
        if queue.held:
            st.warning("On hold: nothing more is sent until it is released.", icon=":material/pause:")
        if queue.in_flight:
            st.markdown("**In flight**")
        for run in queue.in_flight:
            _draw_in_flight(run)
        if queue.waiting:
            st.markdown("**Waiting**")
        for run, place in queue.waiting:
            _draw_waiting(run, place)


def _may_hold() -> bool:
    """Whether this person decides for everybody: nobody signs in here, or they are an operator."""
    person = session.person()
    return person.operator or not person.id


def _draw_holds(queue: Queue) -> None:
    worker = session.services().worker
    if not queue.held:
        st.button(
            "Hold all",
            icon=":material/pause:",
            key=f"hold-all-{queue.gateway}",
            help="Send nothing more to this gateway, for everybody who uses it. What is in flight goes on.",
            on_click=faults.guard(worker.hold_queue),
            args=(queue.gateway,),
        )
    if queue.held or queue.held_count:
        st.button(
            "Release all",
            icon=":material/play_arrow:",
            key=f"release-all-{queue.gateway}",
            help="Go on sending, the runs on hold included.",
            on_click=faults.guard(worker.release_queue),
            args=(queue.gateway,),
        )


def _draw_waiting(run: Run, place: Place) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"waiting-{run.id}"):
        st.markdown(f"**{place.position}** {_describe(run)}", width="stretch")
        if run.held:
            st.markdown(":gray-badge[:material/pause: On hold]", width="content")
        with st.container(horizontal=True, width="content", gap="xsmall"):
            draw_moves(run, place)
    draw_note(run)


def _draw_in_flight(run: Run) -> None:
    elapsed = (session.services().now() - (run.sent or run.created)).total_seconds()
    with st.container(horizontal=True, vertical_alignment="center", key=f"in-flight-{run.id}"):
        st.markdown(_describe(run), width="stretch")
        st.markdown(f"{format_state(run)} :gray[:small[{format_duration(elapsed)}]]", width="content")


def _describe(run: Run) -> str:
    prompt = run.request.prompt
    short = prompt if len(prompt) < _PROMPT_CHARS else f"{prompt[: _PROMPT_CHARS - 2]}…"
    return f"**{escape(run.request.model)}** :gray[{escape(' '.join(short.split()))}]"
