"""Import on the Library page: a downloaded ZIP of runs becomes part of a person's library, and what differs is said."""

from __future__ import annotations

from contextlib import closing
from typing import BinaryIO

import streamlit as st

from components import faults, session
from components.words import count, escape, format_code
from dailies.archive.source import ZipSource
from dailies.archive.unpack import Taken
from dailies.errors import DailiesError, StoreError

_KEY, _TAKEN, _REFUSED = "library/import", "library/taken", "library/refused"
_LARGEST = 500
"""Megabytes of a ZIP that a browser sends; the command line takes any."""

_SAID = 20  # differences that are listed; the others are counted


def draw_import() -> None:
    """Draw the button that opens the form for a ZIP."""
    box = st.popover("Import", icon=":material/upload:", key=_KEY, on_change="rerun", width="content")
    if not box.open:
        return
    with box:
        st.markdown(
            ":small[Takes in a ZIP that the Library or `dailies export` has written. What is here already stays as it "
            "is, and nothing that comes in is sent by itself.]"
        )
        given = st.file_uploader(
            "ZIP of runs",
            type="zip",
            key=f"{_KEY}/file",
            max_upload_size=_LARGEST,
            help=f"At most {_LARGEST} MB here; `dailies import` on the server takes any size.",
        )
        st.button(
            "Take in",
            icon=":material/download_done:",
            key=f"{_KEY}/go",
            type="primary",
            disabled=given is None,
            help="Choose a ZIP first." if given is None else "Everything comes in, or nothing.",
            on_click=faults.guard(_take_in),
            args=(given,),
        )
        if refused := st.session_state.pop(_REFUSED, ""):
            st.error(escape(refused), title="Nothing was imported", icon=":material/error:")


def _take_in(given: BinaryIO) -> None:
    try:
        with closing(ZipSource(given)) as source:
            st.session_state[_TAKEN] = session.services().take_in(source)
    except StoreError:
        raise
    except DailiesError as error:
        st.session_state[_REFUSED] = str(error)
        return
    st.session_state[_KEY] = False  # what came in stands below


def draw_taken() -> None:
    """Draw what came in last, until it is put away."""
    taken: Taken | None = st.session_state.get(_TAKEN)
    if taken is None:
        return
    with st.container(border=True):
        parts = [f"{count(taken.runs, 'run')} came in"]
        if taken.comparisons:
            parts.append(count(taken.comparisons, "comparison"))
        if taken.here:
            parts.append(f"{taken.here} here already")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/download_done: {', '.join(parts)}.", width="content")
            st.space("stretch")
            st.button("Close", key="library/taken/close", type="tertiary", on_click=_put_away)
        lines = []
        if taken.catalogs:
            lines.append(f"Made with another version of the catalog: {format_code(', '.join(taken.catalogs))}.")
        if taken.lost:
            lines.append(f"The archive does not hold {count(len(taken.lost), 'file')} that it names.")
        lines += [
            f"Run {format_code(run[:8])} cannot be sent here as it is: {escape(' '.join(reasons))}"
            for run, reasons in list(taken.differs.items())[:_SAID]
        ]
        if len(taken.differs) > _SAID:
            lines.append(f"{len(taken.differs) - _SAID} more cannot be sent here as they are.")
        if lines:
            st.markdown("\n".join(f"- {line}" for line in lines))


def _put_away() -> None:
    st.session_state.pop(_TAKEN, None)
