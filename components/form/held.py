"""The media that a form holds: kept in the session by slot, their bytes in the store; how they look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from components import session
from components.session import key
from components.words import escape, format_sentence
from dailies.domain import Reference
from dailies.errors import MediaError
from dailies.media.pictures import thumbnail
from dailies.media.references import renamed, take
from dailies.vocabulary import MediaKind

THUMBNAIL = 112  # px
_ICONS = {MediaKind.IMAGE: "image", MediaKind.VIDEO: "movie", MediaKind.AUDIO: "graphic_eq"}


def get_references(scope: str) -> dict[str, tuple[Reference, ...]]:
    """Return the references that this session holds for a form, by slot id. Changes to the result are kept."""
    kept: dict[str, tuple[Reference, ...]] = st.session_state.setdefault(key(scope, "references"), {})
    return kept


def set_references(scope: str, references: Mapping[str, tuple[Reference, ...]]) -> None:
    """Replace every reference of a form."""
    st.session_state[key(scope, "references")] = dict(references)


def import_media(name: str, data: bytes) -> Reference:
    """Read, clean, store and measure uploaded bytes. Raises `MediaError`."""
    item = take(name, data)
    session.services().store.files.keep(item.data)
    return replace(item.reference, name=renamed(item.reference))


def replace_reference(scope: str, slot_id: str, index: int, new: tuple[Reference, ...]) -> None:
    """Put `new` in the place of the reference at `index` of a slot."""
    references = get_references(scope)
    before = references.get(slot_id, ())
    references[slot_id] = (*before[:index], *new, *before[index + 1 :])


def error_key(scope: str, slot_id: str) -> str:
    """The session key of what went wrong when something was added to a slot."""
    return key(scope, f"error/{slot_id}")


def explain(error: MediaError) -> str:
    """Explain in Markdown why media cannot be used, and what to do."""
    return f"{format_sentence(error.what, named=True)} {escape(error.fix)}"


def draw_picture(reference: Reference, width: int = THUMBNAIL, *, ratio: float | None = None) -> None:
    """Draw a reference `width` pixels wide: the picture, a frame of a film, or an icon; with a name if it is a file.

    What a picture loses if its middle is cut to `ratio`, width to height, is dimmed.
    """
    if reference.digest and reference.kind is MediaKind.IMAGE:
        edges = "; its edges are dimmed" if ratio else ""
        st.image(_thumbnail(reference.digest, ratio), width=width, alt=f"Thumbnail of {reference.name}{edges}")
        return
    if reference.digest and reference.kind is MediaKind.VIDEO and (frame := _frame(reference.digest)):
        st.image(frame, width=width, alt=f"A frame of {reference.name}")
    st.markdown(f":material/{_ICONS[reference.kind]}: {escape(reference.name)}")


@st.cache_data(max_entries=200, show_spinner=False)
def _thumbnail(digest: str, ratio: float | None) -> bytes:
    return thumbnail(session.services().store.files.read(digest), ratio=ratio)


@st.cache_data(max_entries=50, show_spinner=False)
def _frame(digest: str) -> bytes | None:
    """Return a picture of a film, None if it has none that can be shown."""
    from dailies.media.clips import poster  # PyAV: a form that holds no film does not wait for it

    with TemporaryDirectory() as folder:
        picture = Path(folder) / "frame.jpg"
        try:
            poster(session.services().store.files.bring_reference(digest), picture)
        except MediaError:
            return None
        return picture.read_bytes()
