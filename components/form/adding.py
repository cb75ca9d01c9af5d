"""The ways into a slot: drop, browse, paste, a link, an asset, an earlier upload, a frame of a clip.

The upload widget is only a way in: it is replaced by an empty one after each use.
"""

from __future__ import annotations

import streamlit as st

from components import hosting
from components.form.assets import draw_asset_choice
from components.form.earlier import draw_earlier
from components.form.held import error_key, explain, get_references, import_media
from components.session import key
from components.words import escape
from dailies.domain import Reference, Slot
from dailies.errors import MediaError
from dailies.media.references import link
from dailies.vocabulary import SLOTS, MediaKind, SendAs

UPLOADS = {
    MediaKind.IMAGE: ["image", "heic", "heif", "avif"],
    MediaKind.VIDEO: ["video", "mkv", "ts"],
    MediaKind.AUDIO: ["audio", "mp4", "webm", "mov", "mkv"],
}
"""What the upload widget lets through; browsers do not know every ending. The bytes decide later."""


def draw_inputs(scope: str, slot: Slot) -> None:
    """Draw the ways into a slot."""
    turn = st.session_state.setdefault(_turn_key(scope, slot.id), 0)
    ways = {form.send_as for form in slot.forms}
    uploads = takes_uploads(slot)
    if (replaced := find_replaced(scope, slot.id)) is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":small[The next one replaces {escape(replaced.name)}.]", width="content")
            name = key(scope, f"keep/{slot.id}")
            st.button("Keep it", key=name, type="tertiary", on_click=keep, args=(scope, slot.id))
    if uploads:
        st.file_uploader(
            f"Upload: {slot.title.lower()}",
            key=_upload_key(scope, slot.id, turn),
            accept_multiple_files=slot.maximum != 1,
            label_visibility="collapsed",
            type=UPLOADS[slot.kind],
            on_change=_take_uploads,
            args=(scope, slot.id, turn),
        )
        draw_earlier(scope, slot, _take_earlier)
    if SendAs.ASSET in ways:
        draw_asset_choice(slot.kind, _asset_key(scope, slot.id, turn), _take_asset, (scope, slot.id, turn))
    if ways & {SendAs.URL, SendAs.ASSET}:
        placeholder = f"Paste a link: https://…{' or asset://…' if SendAs.ASSET in ways else ''}"
        st.text_input(
            f"Link: {slot.title.lower()}",
            key=_link_key(scope, slot.id, turn),
            label_visibility="collapsed",
            icon=":material/link:",
            placeholder=placeholder,
            on_change=_take_link,
            args=(scope, slot.id, turn),
        )


def takes_uploads(slot: Slot) -> bool:
    """Whether the gateway takes bytes here, or links that this app can make of uploads."""
    linked = SendAs.URL in {form.send_as for form in slot.forms}
    return slot.takes_files or (linked and bool(hosting.find_base(slot)))


def _take_uploads(scope: str, slot_id: str, turn: int) -> None:
    if _is_over(scope, slot_id, turn):
        return
    files = st.session_state[_upload_key(scope, slot_id, turn)] or []
    taken, errors = [], []
    for file in files if isinstance(files, list) else [files]:
        try:
            taken.append(import_media(file.name, file.getvalue()))
        except MediaError as error:
            errors.append(explain(error))
    _add(scope, slot_id, taken, errors)


def _take_link(scope: str, slot_id: str, turn: int) -> None:
    text = str(st.session_state[_link_key(scope, slot_id, turn)] or "")
    if not text.strip() or _is_over(scope, slot_id, turn):
        return
    try:
        _add(scope, slot_id, [link(text, SLOTS[slot_id].kind)], [])
    except MediaError as error:
        # No new turn: the field keeps what was typed, so that it can be corrected.
        st.session_state[error_key(scope, slot_id)] = explain(error)


def _take_asset(scope: str, slot_id: str, turn: int) -> None:
    picked = st.session_state[_asset_key(scope, slot_id, turn)]
    if picked and not _is_over(scope, slot_id, turn):
        _add(scope, slot_id, [Reference(f"asset://{picked}", SLOTS[slot_id].kind, asset=picked)], [])


def _take_earlier(scope: str, slot_id: str, reference: Reference) -> None:
    _add(scope, slot_id, [reference], [])


def find_replaced(scope: str, slot_id: str) -> Reference | None:
    """Find the reference of a slot that the next one will replace."""
    at, held = st.session_state.get(_replaced_key(scope, slot_id)), get_references(scope).get(slot_id, ())
    return held[at] if at is not None and at < len(held) else None


def begin_replacing(scope: str, slot_id: str, index: int) -> None:
    """Have the next thing that is added to a slot replace the reference at `index`."""
    st.session_state[_replaced_key(scope, slot_id)] = index


def keep(scope: str, slot_id: str) -> None:
    """Have the next thing that is added to a slot replace nothing."""
    st.session_state.pop(_replaced_key(scope, slot_id), None)


def _replaced_key(scope: str, slot_id: str) -> str:
    return key(scope, f"replaced/{slot_id}")


def _add(scope: str, slot_id: str, taken: list[Reference], errors: list[str]) -> None:
    """Put references into a slot and begin a new turn, whose widgets are empty."""
    references, at = get_references(scope), st.session_state.pop(_replaced_key(scope, slot_id), None)
    held = references.get(slot_id, ())
    if at is not None and taken and at < len(held):
        references[slot_id] = (*held[:at], *taken, *held[at + 1 :])
    else:
        references[slot_id] = (*held, *taken)
    st.session_state[_turn_key(scope, slot_id)] += 1
    if errors:
        st.session_state[error_key(scope, slot_id)] = " ".join(errors)


def _is_over(scope: str, slot_id: str, turn: int) -> bool:
    """Whether a turn has passed. Streamlit repeats a callback if the run that took its value was interrupted."""
    now: int = st.session_state[_turn_key(scope, slot_id)]
    return now != turn


def _turn_key(scope: str, slot_id: str) -> str:
    return key(scope, f"turn/{slot_id}")


def _upload_key(scope: str, slot_id: str, turn: int) -> str:
    return key(scope, f"upload/{slot_id}/{turn}")


def _asset_key(scope: str, slot_id: str, turn: int) -> str:
    return key(scope, f"asset/{slot_id}/{turn}")


def _link_key(scope: str, slot_id: str, turn: int) -> str:
    return key(scope, f"link/{slot_id}/{turn}")
