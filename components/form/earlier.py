"""Media that are here already: what one's own runs were given, and any frame of one's clips."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from components import session
from components.form.held import draw_picture, error_key, explain, import_media
from components.session import key
from components.words import escape, format_time
from dailies.domain import Reference, Run, Slot
from dailies.errors import MediaError
from dailies.vocabulary import MediaKind, RunState

_SHOWN = 8
_THUMBNAIL = 88  # px

Take = Callable[[str, str, Reference], None]
"""Puts a reference into the slot of a form: scope, slot id, reference."""


def draw_earlier(scope: str, slot: Slot, take: Take) -> None:
    """Draw a popover of what is here already; its content is drawn when it is opened. `take` is the form's way in."""
    box = st.popover(
        "Earlier",
        icon=":material/history:",
        key=key(scope, f"earlier/{slot.id}"),
        on_change="rerun",
        help="Your earlier uploads, and frames of your clips."
        if slot.kind is MediaKind.IMAGE
        else "Your earlier uploads.",
    )
    if not box.open:
        return
    with box:
        found = session.services().store.library.references(slot.kind, limit=_SHOWN)
        st.markdown(":small[**Used in your runs**]")
        if not found:
            st.markdown(f":small[No {slot.kind.noun} yet. What your runs are given appears here.]")
        with st.container(horizontal=True):
            for reference in found:
                _draw_upload(scope, slot, reference, take)
        if slot.kind is MediaKind.IMAGE:
            _draw_frames(scope, slot, take)


def _draw_upload(scope: str, slot: Slot, reference: Reference, take: Take) -> None:
    with st.container(width=_THUMBNAIL + 24, gap="xsmall"):
        try:
            draw_picture(reference, _THUMBNAIL)
        except MediaError:  # the file is gone: nothing that could be used
            st.markdown(":small[:material/draft: gone]")
            return
        st.button(
            "Use",
            key=key(scope, f"earlier/{slot.id}/{reference.digest}"),
            type="tertiary",
            help=f"Use {escape(reference.name)}.",
            on_click=take,
            args=(scope, slot.id, reference),
        )


def _draw_frames(scope: str, slot: Slot, take: Take) -> None:
    """Draw the choice of a clip and a moment, and the frame that is shown then."""
    runs = {run.id: run for run in session.services().store.runs.list(states=[RunState.DONE], limit=50) if run.clip}
    st.markdown(":small[**A frame of a clip**]")
    if not runs:
        st.markdown(":small[No clip yet.]")
        return
    offset = st.context.timezone_offset

    def name(run_id: str) -> str:
        run = runs[run_id]
        return f"{format_time(run.created, offset)} {run.request.model}: {run.request.prompt[:60]}"

    chosen = st.selectbox("Clip", list(runs), key=key(scope, f"frame-of/{slot.id}"), format_func=name)
    run = runs.get(chosen or "")
    if run is None or run.clip is None:
        return
    at = key(scope, f"frame-at/{slot.id}")
    st.number_input(
        "Seconds into it",
        min_value=0.0,
        step=0.1,
        key=at,
        help="The frame that is shown at this moment; past the end, the last one.",
    )
    st.button(
        "Use this frame",
        key=key(scope, f"frame/{slot.id}"),
        icon=":material/photo_camera:",
        on_click=_use_frame,
        args=(scope, slot.id, run, at, take),
    )


def _use_frame(scope: str, slot_id: str, run: Run, at: str, take: Take) -> None:
    try:
        taken, _ = take_frame(run, float(st.session_state.get(at) or 0.0))
    except MediaError as error:
        st.session_state[error_key(scope, slot_id)] = explain(error)
        return
    take(scope, slot_id, taken)


def take_frame(run: Run, seconds: float) -> tuple[Reference, float]:
    """Keep the frame of a run's clip that is shown at a moment, and say when it begins. Raises `MediaError`."""
    if run.clip is None:
        raise MediaError("This run has no clip.", "Choose another one.")
    from dailies.media import clips  # PyAV: a form that holds no film does not wait for it

    with TemporaryDirectory() as folder:
        target = Path(folder) / "frame.png"
        files = session.services().store.files
        played = files.bring_clip(run.clip.played)
        at = clips.write_frame(files.bring_clip(run.clip.file), target, seconds, played)
        return import_media(f"frame-{at:.2f}s-{run.id[:8]}.png", target.read_bytes()), at
