"""Going on from a run: with the same or any other model, from where its clip ends or with the same idea.

The lists of models are drawn when they are opened.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from components import session
from components.form import idea
from components.form.earlier import take_frame
from components.form.held import explain, import_media
from components.life import label_model
from components.words import escape
from dailies.domain import Cell, Clip, Reference, Request, Run
from dailies.errors import MediaError
from dailies.library import Lineage
from dailies.request.expand import make_literal
from dailies.vocabulary import Kinship, Mode


def pick_frame(run: Run, clip: Clip, seconds: object) -> None:
    """Open *Continue* with a frame that was picked on the player; `seconds` is what the browser says, unchecked."""
    if not isinstance(seconds, (int, float)) or not math.isfinite(seconds):
        return
    st.session_state[_picked_key(run)] = min(max(0.0, float(seconds)), clip.seconds)
    st.session_state[f"from-{run.id}"] = _PICKED
    st.session_state[f"continue-{run.id}"] = True


def _picked_key(run: Run) -> str:
    return f"picked-{run.id}"


_LAST, _PICKED, _CLIP = "last", "picked", "clip"


def draw_continue(run: Run, clip: Clip) -> None:
    """Draw a popover that starts the next clip from a frame of this one, or with this one as a reference."""
    box = st.popover("Continue", icon=":material/step:", key=f"continue-{run.id}", on_change="rerun")
    if not box.open:
        return
    with box:
        begin = _choose_beginning(run)
        if begin == _CLIP:
            cells = idea.list_film_takers()
            chosen = _choose_cell(run, cells, Mode.REFERENCES, "film")
            if chosen is not None:
                _give_film(run, clip, chosen)
            return
        cells = [cell for cell in idea.list_targets(Mode.FIRST_FRAME) if cell.mode is Mode.FIRST_FRAME]
        chosen = _choose_cell(run, cells, Mode.FIRST_FRAME, "continue")
        if chosen is not None:
            _continue_with(run, clip, chosen, st.session_state[_picked_key(run)] if begin == _PICKED else None)


def _choose_beginning(run: Run) -> str:
    """Draw what the next clip is given of this one; return the choice."""
    at = st.session_state.get(_picked_key(run))
    titles = {
        _LAST: "Its last frame",
        _PICKED: f"The frame at {at:.2f} s" if at is not None else "",
        _CLIP: "The whole clip",
    }
    chosen = st.segmented_control(
        "The next clip gets",
        [name for name, title in titles.items() if title],
        key=f"from-{run.id}",
        required=True,
        format_func=titles.__getitem__,
        help="A frame becomes the first frame of the next clip. The whole clip is a video reference, for models that "
        "take one. Any other frame: stop the player there, then press “Continue from this frame”.",
    )
    return str(chosen or _LAST)


def draw_same_idea(run: Run) -> None:
    """Draw the models that can be given the request of a run."""
    st.markdown(":small[**Same idea with**]")
    chosen = _choose_cell(run, idea.list_targets(run.request.mode), run.request.mode, "idea")
    if chosen is not None:
        session.come_of(Lineage(run.id, Kinship.USED_AGAIN))
        idea.send_to(_write_again(run.request), chosen)


def draw_use_again(run: Run) -> None:
    """Draw the button that puts a run's request back into the form."""
    if st.button("Use again", icon=":material/edit:", key=f"use-{run.id}", help="Put this request back into the form."):
        session.come_of(Lineage(run.id, Kinship.USED_AGAIN))
        session.use_again(_write_again(run.request))
        st.switch_page(session.page_of(run.request.family))


def _write_again(request: Request) -> Request:
    """The request as it is written in a form: braces in its prompt were sent, and stay what they are."""
    return replace(request, prompt=make_literal(request.prompt))


def draw_next_step(run: Run) -> None:
    """Draw the way to Settings for a run that failed for what is set there."""
    if run.failure is None or "Settings" not in run.failure.fix:
        return
    if st.button("Open Settings", icon=":material/settings:", key=f"settings-{run.id}"):
        st.switch_page(session.page("settings"))


def _choose_cell(run: Run, cells: list[Cell], mode: Mode, name: str) -> Cell | None:
    """Draw a list of all models, then the run's own and one of each other family; return the one just chosen.

    The list comes first: on a phone, what is below it may not fit.
    """
    families, chosen = session.catalog().families, None
    same = [cell for cell in cells if (cell.family, cell.model.id) == (run.request.family, run.request.model)]
    others = [cell for cell in idea.pick_starts(cells, mode) if cell.family != run.request.family]
    number = st.selectbox(
        "Any model",
        range(len(cells)),
        index=None,
        placeholder="Any model",
        label_visibility="collapsed",
        key=f"{name}-any-{run.id}",
        format_func=lambda at: _label(cells[at]),
    )
    with st.container(horizontal=True, gap="xsmall"):
        for cell in (*same, *others):
            label = cell.model.id if cell in same else families[cell.family].title
            key, about = f"{name}-{run.id}/{cell.family}", f"{cell.model.id}: {cell.mode.label.lower()}"
            if st.button(escape(label), key=key, help=escape(about)):
                chosen = cell
    return cells[number] if number is not None else chosen


def _label(cell: Cell) -> str:
    return label_model(cell.model, f"{session.catalog().families[cell.family].title}: {cell.model.id}")


def _continue_with(run: Run, clip: Clip, cell: Cell, seconds: float | None) -> None:
    """Open the form of a model with this run's idea, from a frame of its clip; None: the last one."""
    try:
        frame, at = _take_last_frame(run, clip) if seconds is None else take_frame(run, seconds)
    except MediaError as error:
        _refuse(error, "No last frame" if seconds is None else "No such frame")
        return
    held = {"first_frame": (frame,)}
    session.come_of(Lineage(run.id, Kinship.FRAME, at, frame.digest))
    if (cell.family, cell.model.id) == (run.request.family, run.request.model):
        request = replace(_write_again(run.request), mode=Mode.FIRST_FRAME, references=held, source="", sent_as="")
        session.use_again(request)
        st.switch_page(session.page_of(cell.family))
    idea.send_to(_as_mode(run.request, held, Mode.FIRST_FRAME), cell)


def _give_film(run: Run, clip: Clip, cell: Cell) -> None:
    """Open the form of a model with this run's idea, and its clip as a reference."""
    slot = idea.find_film_slot(cell)
    if slot is None:
        return
    files = session.services().store.files
    try:
        film = import_media(f"clip-{run.id[:8]}{clip.suffix}", files.bring_clip(clip.file).read_bytes())
    except FileNotFoundError:
        _refuse(MediaError("The file of this clip is gone", "Fetch it again."), "No clip")
        return
    except MediaError as error:
        _refuse(error, "No clip")
        return
    session.come_of(Lineage(run.id, Kinship.REFERENCE, None, film.digest))
    idea.send_to(_as_mode(run.request, {slot.id: (film,)}, cell.mode), cell)


def _refuse(error: MediaError, title: str) -> None:
    st.error(explain(error), title=title, icon=":material/broken_image:")


def _as_mode(request: Request, held: Mapping[str, tuple[Reference, ...]], mode: Mode) -> Request:
    """The idea of a request with other media, in the mode that they mean where its model has it."""
    changed = replace(_write_again(request), references=held)
    meant = replace(changed, mode=mode)
    return meant if idea.find_cell(meant) else changed


def _take_last_frame(run: Run, clip: Clip) -> tuple[Reference, float]:
    """Keep the last frame of a clip as a reference, and say when it ends. Raises `MediaError`."""
    from dailies.media import clips  # PyAV: a card whose clip nobody goes on from does not wait for it

    with TemporaryDirectory() as folder:
        target = Path(folder) / "frame.png"
        clips.last_frame(session.services().store.files.bring_clip(clip.file), target)
        return import_media(f"last-frame-{run.id[:8]}.png", target.read_bytes()), clip.seconds
