"""Going on from a run: with the same or any other model, from where its clip ends or with the same idea.

The lists of models are drawn when they are opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from components import session
from components.form import idea
from components.form.references import import_media
from components.life import label_model
from components.words import escape, format_sentence
from dailies.domain import Cell, Clip, Reference, Request, Run
from dailies.errors import MediaError
from dailies.library import Lineage
from dailies.media import clips
from dailies.vocabulary import Kinship, Mode, Stage


def draw_continue(run: Run, clip: Clip) -> None:
    """Draw a popover that starts the next clip from the last frame of this one, with any model."""
    box = st.popover("Continue", icon=":material/step:", key=f"continue-{run.id}", on_change="rerun")
    if not box.open:
        return
    with box:
        st.markdown(":small[The last frame of this clip becomes the first frame of the next one, made by:]")
        cells = [cell for cell in idea.list_targets(Mode.FIRST_FRAME) if cell.mode is Mode.FIRST_FRAME]
        chosen = _choose_cell(run, cells, Mode.FIRST_FRAME, "continue")
        if chosen is not None:
            _continue_with(run, clip, chosen)


def draw_same_idea(run: Run) -> None:
    """Draw the models that can be given the request of a run."""
    st.markdown(":small[**Same idea with**]")
    chosen = _choose_cell(run, idea.list_targets(run.request.mode), run.request.mode, "idea")
    if chosen is not None:
        session.come_of(Lineage(run.id, Kinship.USED_AGAIN))
        idea.send_to(run.request, chosen)


def draw_use_again(run: Run) -> None:
    """Draw the button that puts a run's request back into the form."""
    if st.button("Use again", icon=":material/edit:", key=f"use-{run.id}", help="Put this request back into the form."):
        session.come_of(Lineage(run.id, Kinship.USED_AGAIN))
        session.use_again(run.request)
        st.switch_page(session.page_of(run.request.family))


def draw_next_step(run: Run) -> None:
    """Draw the next step of a run without a clip as a button, where it is one that this app can take."""
    failure, request = run.failure, run.request
    if failure is None:
        return
    if "Settings" in failure.fix:
        if st.button("Open Settings", icon=":material/settings:", key=f"settings-{run.id}"):
            st.switch_page(session.page("settings"))
    elif failure.stage is Stage.REVIEW and any(request.references.values()):
        family = session.catalog().families.get(request.family)
        known = family is not None and family.model(request.model, request.entry) is not None
        cell = family.cell(request.model, Mode.TEXT, request.entry) if family and known else None
        what = "Fills the form for words alone. The files are kept, and not sent."
        if cell and st.button("Try without the files", icon=":material/hide_image:", key=f"plain-{run.id}", help=what):
            idea.send_to(replace(request, mode=Mode.TEXT), cell)


def _choose_cell(run: Run, cells: list[Cell], mode: Mode, name: str) -> Cell | None:
    """Draw the run's own model, one model of each other family, and a list of all; return the one just chosen."""
    families, chosen = session.catalog().families, None
    same = [cell for cell in cells if (cell.family, cell.model.id) == (run.request.family, run.request.model)]
    others = [cell for cell in idea.pick_starts(cells, mode) if cell.family != run.request.family]
    with st.container(horizontal=True, gap="xsmall"):
        for cell in (*same, *others):
            label = cell.model.id if cell in same else families[cell.family].title
            key, about = f"{name}-{run.id}/{cell.family}", f"{cell.model.id}: {cell.mode.label.lower()}"
            if st.button(escape(label), key=key, help=escape(about)):
                chosen = cell
    number = st.selectbox(
        "Any model",
        range(len(cells)),
        index=None,
        placeholder="Any other model",
        label_visibility="collapsed",
        key=f"{name}-any-{run.id}",
        format_func=lambda at: _label(cells[at]),
    )
    return cells[number] if number is not None else chosen


def _label(cell: Cell) -> str:
    return label_model(cell.model, f"{session.catalog().families[cell.family].title}: {cell.model.id}")


def _continue_with(run: Run, clip: Clip, cell: Cell) -> None:
    """Open the form of a model with this run's idea, from the last frame of its clip."""
    try:
        frame = _take_last_frame(run, clip)
    except MediaError as error:
        what = f"{format_sentence(error.what)} {escape(error.fix)}"
        st.error(what, title="No last frame", icon=":material/last_page:")
        return
    held = {"first_frame": (frame,)}
    session.come_of(Lineage(run.id, Kinship.FRAME, clip.seconds, frame.digest))
    if (cell.family, cell.model.id) == (run.request.family, run.request.model):
        request = replace(run.request, mode=Mode.FIRST_FRAME, references=held, source="", sent_as="")
        session.use_again(request)
        st.switch_page(session.page_of(cell.family))
    idea.send_to(_as_first_frame(run.request, held), cell)


def _as_first_frame(request: Request, held: Mapping[str, tuple[Reference, ...]]) -> Request:
    """The idea of a request with a first frame, in the mode that the frame means where its model has it."""
    changed = replace(request, references=held)
    meant = replace(changed, mode=Mode.FIRST_FRAME)
    return meant if idea.find_cell(meant) else changed


def _take_last_frame(run: Run, clip: Clip) -> Reference:
    """Keep the last frame of a clip as a reference. Raises `MediaError`."""
    files = session.services().store.files
    target = files.clip_path(f"{run.id}.last.png")
    try:
        clips.last_frame(files.bring_clip(clip.file), target)
        return import_media(f"last-frame-{run.id[:8]}.png", target.read_bytes())
    finally:
        target.unlink(missing_ok=True)
