"""The times of a clip's frames, read from its file once and kept."""

from __future__ import annotations

import streamlit as st

from components import session
from dailies.errors import MediaError
from dailies.media import measure


@st.cache_data(max_entries=400, show_spinner=False)
def frame_times(file: str) -> tuple[float, ...] | None:
    """The start of every frame of a clip of the store, in seconds; None where its file is gone."""
    try:
        return measure.frame_times(session.services().store.files.bring_clip(file))
    except MediaError:
        return None
