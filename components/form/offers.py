"""What added media mean: the modes of the model that use them, one press away, and why some exclude each other.

A form without slots takes media too. What this mode does not send is kept, named, and offered to the modes that do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from components.form.adding import UPLOADS, takes_uploads
from components.form.held import draw_picture, explain, get_references, import_media
from components.form.idea import note_idle
from components.form.sending import show_notices
from components.session import key
from components.words import count, escape
from dailies.catalog.load import Family
from dailies.domain import Cell, Reference
from dailies.errors import MediaError
from dailies.text import join_or
from dailies.vocabulary import SLOTS, MediaKind, Mode

Held = Mapping[str, tuple[Reference, ...]]
"""Slot id -> the media in it."""

_FRAMES = ("first_frame", "last_frame")
_PICTURES = ("first_frame", "references")  # where a picture goes first if nobody has said where
_THUMBNAIL = 72  # px


@dataclass(frozen=True, slots=True)
class Offer:
    """A mode that uses media which the present one does not, and where all media would stand in it."""

    cell: Cell
    held: dict[str, tuple[Reference, ...]]
    idle: int  # how many media it would still not use


def list_offers(held: Held, cell: Cell, others: Sequence[Cell]) -> list[Offer]:
    """List the modes that use something which `cell` leaves idle and that need nothing more, the best first."""
    used = {slot.id for slot in cell.slots}
    loose = [(slot, item) for slot, items in held.items() if slot not in used for item in items]
    offers: list[Offer] = []
    for other in others:
        slots = {slot.id: slot for slot in other.slots}
        if other.mode is cell.mode or other.refused or not slots:
            continue
        placed = {slot: tuple(items) for slot, items in held.items()}
        taken = 0
        for origin, item in loose:
            home = [slots[origin]] if origin in slots else [slot for slot in other.slots if slot.kind is item.kind]
            for slot in home:
                there = placed.get(slot.id, ())
                if slot.id != origin and slot.maximum is not None and len(there) >= slot.maximum:
                    continue
                if slot.id != origin:
                    placed[origin] = tuple(each for each in placed[origin] if each is not item)
                    placed[slot.id] = (*there, item)
                taken += 1
                break
        enough = all(len(placed.get(slot.id, ())) >= slot.minimum for slot in other.slots)
        fits = all(slot.maximum is None or len(placed.get(slot.id, ())) <= slot.maximum for slot in other.slots)
        if taken and enough and fits:
            idle = sum(len(items) for slot, items in placed.items() if slot not in slots)
            offers.append(Offer(other, placed, idle))
    return sorted(offers, key=lambda offer: offer.idle)  # stable: the order of the modes otherwise


def explain_exclusion(held: Held, cell: Cell, others: Sequence[Cell]) -> str:
    """Explain why a first frame and references do not go together with this model; empty where that is no question."""
    used = {slot.id for slot in cell.slots}
    full = [slot for slot, items in held.items() if items]
    frames, references = any(slot in _FRAMES for slot in full), any(slot not in _FRAMES for slot in full)
    both = any(other.mode is Mode.FIRST_FRAME_REFERENCES and not other.refused for other in others)
    if not (frames and references) or both or not used:
        return ""
    return (
        f"A frame and references exclude each other with {cell.model.id}: the clip begins with a frame itself, while "
        "references only show what things look like. Both are kept, and the mode says which of them is sent."
    )


def draw_offers(family: Family, cell: Cell) -> None:
    """Draw the way in for media of a form without slots, and what this mode does not send with where it would be."""
    others = [found for mode in family.modes(cell.model.id, cell.entry.id) if (found := _find(family, cell, mode))]
    if not cell.slots:
        _draw_way_in(family.id, others)
    held = get_references(family.id)
    used = {slot.id for slot in cell.slots}
    idle = [(slot, index, item) for slot, items in held.items() if slot not in used for index, item in enumerate(items)]
    if not idle:
        return
    show_notices(note_idle(held, cell.slots))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for slot, index, item in idle:
            with st.container(width=_THUMBNAIL + 16, gap="xsmall"):
                draw_picture(item, _THUMBNAIL)
                st.button(
                    "Remove",
                    key=key(family.id, f"idle/{slot}/{index}/{item.digest or item.url or item.asset}"),
                    icon=":material/close:",
                    type="tertiary",
                    help=f"Remove {escape(item.name)}, kept as {SLOTS[slot].title.lower()}.",
                    on_click=_remove,
                    args=(family.id, slot, item),
                )
    offers = list_offers(held, cell, others)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        if offers:
            st.markdown(":small[Use it as]" if len(idle) == 1 else ":small[Use them as]", width="content")
        for offer in offers:
            left = f" {count(offer.idle, 'file')} would still be kept unused." if offer.idle else ""
            st.button(
                offer.cell.mode.label,
                key=key(family.id, f"offer/{offer.cell.mode}"),
                icon=":material/swap_horiz:",
                help=f"Switches to this mode with the media in place. The prompt and the values stay.{left}",
                on_click=_accept,
                args=(family.id, offer),
            )
    if not offers:
        st.caption(f"No mode of {escape(cell.model.id)} sends it as it is. Another model may: what is here goes along.")
    if words := explain_exclusion(held, cell, others):
        st.caption(f":material/info: {escape(words)}")


def _find(family: Family, cell: Cell, mode: Mode) -> Cell | None:
    return family.cell(cell.model.id, mode, cell.entry.id)


def _accept(scope: str, offer: Offer) -> None:
    get_references(scope).update(offer.held)
    st.session_state[key(scope, "mode")] = offer.cell.mode.value


def _remove(scope: str, slot: str, item: Reference) -> None:
    references = get_references(scope)
    references[slot] = tuple(each for each in references.get(slot, ()) if each != item)


# --- media for a form without slots ------------------------------------------------------------------------------


def find_places(others: Sequence[Cell]) -> dict[MediaKind, str]:
    """Find the slot in which media of each kind first stand, out of those that some mode of the model uploads to."""
    able = [slot for other in others if not other.refused for slot in other.slots if takes_uploads(slot)]
    ranked = sorted(able, key=lambda slot: _PICTURES.index(slot.id) if slot.id in _PICTURES else len(_PICTURES))
    return {slot.kind: slot.id for slot in reversed(ranked)}


def _draw_way_in(scope: str, others: Sequence[Cell]) -> None:
    places = find_places(others)
    if not places:
        return
    turn = st.session_state.setdefault(key(scope, "turn/any"), 0)
    kinds = join_or(kind.a_noun for kind in MediaKind if kind in places)
    error = st.session_state.pop(key(scope, "error/any"), None)
    st.file_uploader(
        f"Add {kinds}",
        key=key(scope, f"upload/any/{turn}"),
        accept_multiple_files=True,
        type=[ending for kind in places for ending in UPLOADS[kind]],
        help="The form then offers the modes of this model that use it.",
        on_change=_take,
        args=(scope, turn, places),
    )
    if error:
        st.error(error, icon=":material/broken_image:")


def _take(scope: str, turn: int, places: Mapping[MediaKind, str]) -> None:
    name = key(scope, "turn/any")
    if st.session_state[name] != turn:  # Streamlit repeats a callback if the run that took its value was interrupted
        return
    references, errors = get_references(scope), []
    for file in st.session_state[key(scope, f"upload/any/{turn}")] or []:
        try:
            taken = import_media(file.name, file.getvalue())
        except MediaError as error:
            errors.append(explain(error))
            continue
        if taken.kind not in places:
            errors.append(f"{escape(taken.name)} is {taken.kind.a_noun}, which no mode of this model takes.")
            continue
        place = places[taken.kind]
        if not SLOTS[place].many and references.get(place):  # a second picture is no second first frame
            place = next((slot for slot, about in SLOTS.items() if about.many and about.kind is taken.kind), place)
        references[place] = (*references.get(place, ()), taken)
    st.session_state[name] = turn + 1
    if errors:
        st.session_state[key(scope, "error/any")] = " ".join(errors)
