"""Reference slots: drop, browse or paste a link; then a thumbnail, its size, and what the model says about it.

Uploaded bytes go into the store at once and the session keeps the records, so that no change of model, mode or page
loses a file. The upload widget is only a way in: it is replaced by an empty one after each use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from components import session
from components.form.assets import draw_asset_choice
from components.session import key
from components.words import cite, escape, format_limits, format_sentence, format_size
from dailies.domain import MediaLimits, Reference, Slot
from dailies.errors import MediaError
from dailies.media.clips import poster
from dailies.media.fixes import fix_for
from dailies.media.pictures import Way, fit, thumbnail
from dailies.media.references import link, read, renamed, take
from dailies.request.draft import check_limits
from dailies.vocabulary import SLOTS, MediaKind, SendAs

_THUMBNAIL, _CAPTION, _WIDE = 112, 180, 320  # px: the width of a picture, of one with words, of one with a fix
NOUPLOADS = ":material/link: Uploads need `DAILIES_PUBLIC_URL`: the address at which the gateway reaches this app."
"""Said under the slots of a form if one of them takes no upload."""
_ICONS = {MediaKind.IMAGE: "image", MediaKind.VIDEO: "movie", MediaKind.AUDIO: "graphic_eq"}


UPLOADS = {
    MediaKind.IMAGE: ["image", "heic", "heif", "avif"],
    MediaKind.VIDEO: ["video", "mkv", "ts"],
    MediaKind.AUDIO: ["audio", "mp4", "webm", "mov", "mkv"],
}
"""What the upload widget lets through; browsers do not know every ending. The bytes decide later."""


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


def draw_slots(scope: str, slots: Sequence[Slot], draw_way: Callable[[], None] | None = None) -> None:
    """Draw every slot of a form. `draw_way` draws another way to use a file, for a slot that takes no upload."""
    if len(slots) == 2 and all(slot.maximum == 1 for slot in slots):
        for column, slot in zip(st.columns(2), slots, strict=True):
            with column:
                _draw_slot(scope, slot)
    else:
        for slot in slots:
            _draw_slot(scope, slot)
    if not all(takes_uploads(slot) for slot in slots):
        st.markdown(f":small[{NOUPLOADS}]")
        if draw_way is not None:
            draw_way()


def _draw_slot(scope: str, slot: Slot) -> None:
    references = get_references(scope).get(slot.id, ())
    st.markdown(f"**{slot.title}** :small[:gray[{_format_count(slot)}]]", help=_help(slot))
    if references:
        with st.container(horizontal=True):
            for index, reference in enumerate(references):
                _draw_reference(scope, slot, index, reference)
    if slot.maximum is None or len(references) < slot.maximum:
        _draw_inputs(scope, slot)
    if error := st.session_state.pop(_error_key(scope, slot.id), None):
        st.error(error, icon=":material/broken_image:")


def _format_count(slot: Slot) -> str:
    if slot.maximum == 1:
        return "" if slot.minimum else "optional"
    if slot.maximum is None:
        return f"{slot.minimum} or more" if slot.minimum else "optional"
    if slot.minimum == slot.maximum:
        return f"exactly {slot.minimum}"
    return f"{slot.minimum} to {slot.maximum}" if slot.minimum else f"up to {slot.maximum}"


def _help(slot: Slot) -> str:
    ways = {SendAs.URL: "links", SendAs.ASSET: "assets"}
    taken = " and ".join(dict.fromkeys(ways.get(form.send_as, "uploads") for form in slot.forms))
    limits = format_limits(slot.limits)
    parts = [slot.note] if slot.note else []
    parts.append(f"Takes {taken}: {limits}." if limits else f"Takes {taken}.")
    if slot.limits.origin:
        parts.append(cite(slot.limits.origin))
    return " ".join(parts)


# --- a reference in its slot -------------------------------------------------------------------------------------


def _draw_reference(scope: str, slot: Slot, index: int, reference: Reference) -> None:
    name = key(scope, f"{slot.id}/{index}/{reference.digest or reference.url or reference.asset}")
    broken = reference.digest and _list_problems(slot, reference)
    plain = reference.digest and not reference.done
    with st.container(width=_WIDE if broken else _THUMBNAIL if plain else _CAPTION, gap="small"):
        draw_picture(reference)
        st.caption(_describe(reference), help=escape("; ".join((reference.name, *reference.done))))
        for done in reference.done:
            st.markdown(f":small[:material/info: {format_sentence(done[0].upper() + done[1:])}]")
        for problem in _list_problems(slot, reference):
            st.markdown(f":small[:red[:material/error: {problem}]]")
        _draw_fix(scope, slot, index, reference, name)
        with st.container(horizontal=True):
            _draw_undo(scope, slot, index, reference, name)
            remove = f"Remove {escape(reference.name)}"
            if st.button("Remove", key=f"{name}/remove", icon=":material/close:", type="tertiary", help=remove):
                _replace(scope, slot, index, ())
                st.rerun()


_WAYS = {
    Way.MIDDLE: ("Crop: keep the middle", "Crop: keep the middle"),
    Way.START: ("Crop: keep the left", "Crop: keep the top"),
    Way.END: ("Crop: keep the right", "Crop: keep the bottom"),
    Way.PAD: ("Pad: keep everything, add bars", "Pad: keep everything, add bars"),
}
"""What each way is called for a picture that is too wide, and for one that is too tall."""


def _draw_fix(scope: str, slot: Slot, index: int, reference: Reference, name: str) -> None:
    """Draw the one change that makes a reference acceptable, with what the model would receive of a picture."""
    fix = fix_for(reference, slot.limits)
    if fix is None:
        return
    if fix.ways:
        tall = (reference.height or 0) > (reference.width or 0)
        way = st.selectbox(
            f"How {reference.name} gets its shape",
            fix.ways,
            key=f"{name}/way",
            format_func=lambda each: _WAYS[each][tall],
            label_visibility="collapsed",
        )
        fix = fix_for(reference, slot.limits, way) or fix
    else:
        way = Way.MIDDLE
    if reference.kind is MediaKind.IMAGE:
        _draw_preview(reference, slot, way)
    if st.button(fix.title, key=f"{name}/fix", icon=":material/auto_fix_high:", width="stretch"):
        try:
            with st.spinner("Working on it …"):
                made = fix.apply(session.services().store.files.read(reference.digest))
                changed = import_media(reference.name, made.data)
        except MediaError as error:
            st.error(explain(error), icon=":material/broken_image:")
            return
        changed = replace(changed, done=(*reference.done, *made.done))
        _originals(scope)[changed.digest] = reference
        _replace(scope, slot, index, (changed,))
        st.rerun()


def _draw_preview(reference: Reference, slot: Slot, way: Way) -> None:
    """Draw what the model would receive of a picture after its fix."""
    try:
        picture, words = _preview(reference.digest, way, repr(replace(slot.limits, origin=None)), slot.limits)
    except MediaError as error:
        st.markdown(f":small[{format_sentence(error.what)}]")
        return
    st.image(picture, alt=f"What the model would receive of {reference.name}")
    st.caption(f"After the fix: {escape(words)}")


def _draw_undo(scope: str, slot: Slot, index: int, reference: Reference, name: str) -> None:
    original = _originals(scope).get(reference.digest)
    if original and st.button(
        "Undo",
        key=f"{name}/undo",
        icon=":material/undo:",
        type="tertiary",
        help=f"Put {escape(original.name)} back as it was.",
    ):
        _replace(scope, slot, index, (original,))
        st.rerun()


def _originals(scope: str) -> dict[str, Reference]:
    """Return the references that were changed by a fix, by the digest of what became of them."""
    kept: dict[str, Reference] = st.session_state.setdefault(key(scope, "originals"), {})
    return kept


@st.cache_data(max_entries=200, show_spinner=False)
def _preview(digest: str, way: Way, limits: str, _limits: MediaLimits) -> tuple[bytes, str]:
    """Return a thumbnail of a picture after its fix, and its facts in words. `limits` names `_limits` for the cache."""
    made = fit(session.services().store.files.read(digest), _limits, way)
    after = read("picture", made.data).reference
    facts = (f"{after.width}×{after.height} {format_size(after.size)}", *made.done)
    said = [words for words in facts if not words.startswith(("cropped to", "shrunk to"))]  # the size says it
    return thumbnail(made.data, _WIDE), ", ".join(said)


def draw_picture(reference: Reference, width: int = _THUMBNAIL) -> None:
    """Draw a reference `width` pixels wide: the picture, a frame of a film, or an icon; with a name if it is a file."""
    if reference.digest and reference.kind is MediaKind.IMAGE:
        st.image(_thumbnail(reference.digest), width=width, alt=f"Thumbnail of {reference.name}")
        return
    if reference.digest and reference.kind is MediaKind.VIDEO and (frame := _frame(reference.digest)):
        st.image(frame, width=width, alt=f"A frame of {reference.name}")
    st.markdown(f":material/{_ICONS[reference.kind]}: {escape(reference.name)}")


def _describe(reference: Reference) -> str:
    """Describe a reference in a few words: its pixels, seconds and bytes as far as they are known."""
    size = f"{reference.width}×{reference.height}" if reference.width else ""
    if reference.seconds is not None:
        size = f"{size} {reference.seconds:.1f} s"
    weight = format_size(reference.size) if reference.size else "link" if reference.url else "asset"
    return f"{size or escape(reference.name)} {weight}".strip()


def _list_problems(slot: Slot, reference: Reference) -> list[str]:
    problems = [f"{format_sentence(what)} {fix}" for what, fix in check_limits(slot, reference)]
    if slot.form_for(session.hosted((reference,), slot)[0]) is None:
        problems.append(_name_ways(slot))
    return problems


def _name_ways(slot: Slot) -> str:
    """What to do about a reference that cannot be sent in any form that the slot takes."""
    ways = {form.send_as for form in slot.forms}
    if SendAs.URL in ways:
        return "The gateway takes a link here. Paste one."
    return "The gateway takes a file here. Upload it." if slot.takes_files else "The gateway takes an asset here."


@st.cache_data(max_entries=200, show_spinner=False)
def _thumbnail(digest: str) -> bytes:
    return thumbnail(session.services().store.files.read(digest))


@st.cache_data(max_entries=50, show_spinner=False)
def _frame(digest: str) -> bytes | None:
    """Return a picture of a film, None if it has none that can be shown."""
    with TemporaryDirectory() as folder:
        picture = Path(folder) / "frame.jpg"
        try:
            poster(session.services().store.files.bring_reference(digest), picture)
        except MediaError:
            return None
        return picture.read_bytes()


def _replace(scope: str, slot: Slot, index: int, new: tuple[Reference, ...]) -> None:
    references = get_references(scope)
    before = references.get(slot.id, ())
    references[slot.id] = (*before[:index], *new, *before[index + 1 :])


# --- the ways in -------------------------------------------------------------------------------------------------


def _draw_inputs(scope: str, slot: Slot) -> None:
    turn = st.session_state.setdefault(_turn_key(scope, slot.id), 0)
    ways = {form.send_as for form in slot.forms}
    uploads = takes_uploads(slot)
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
    return slot.takes_files or (linked and bool(session.upload_address(slot)))


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
        st.session_state[_error_key(scope, slot_id)] = explain(error)


def _take_asset(scope: str, slot_id: str, turn: int) -> None:
    picked = st.session_state[_asset_key(scope, slot_id, turn)]
    if picked and not _is_over(scope, slot_id, turn):
        _add(scope, slot_id, [Reference(f"asset://{picked}", SLOTS[slot_id].kind, asset=picked)], [])


def _add(scope: str, slot_id: str, taken: list[Reference], errors: list[str]) -> None:
    """Put references into a slot and begin a new turn, whose widgets are empty."""
    references = get_references(scope)
    references[slot_id] = (*references.get(slot_id, ()), *taken)
    st.session_state[_turn_key(scope, slot_id)] += 1
    if errors:
        st.session_state[_error_key(scope, slot_id)] = " ".join(errors)


def _is_over(scope: str, slot_id: str, turn: int) -> bool:
    """Whether a turn has passed. Streamlit repeats a callback if the run that took its value was interrupted."""
    now: int = st.session_state[_turn_key(scope, slot_id)]
    return now != turn


def explain(error: MediaError) -> str:
    """Explain in Markdown why media cannot be used, and what to do."""
    return f"{format_sentence(error.what)} {escape(error.fix)}"


def _turn_key(scope: str, slot_id: str) -> str:
    return key(scope, f"turn/{slot_id}")


def _error_key(scope: str, slot_id: str) -> str:
    return key(scope, f"error/{slot_id}")


def _upload_key(scope: str, slot_id: str, turn: int) -> str:
    return key(scope, f"upload/{slot_id}/{turn}")


def _asset_key(scope: str, slot_id: str, turn: int) -> str:
    return key(scope, f"asset/{slot_id}/{turn}")


def _link_key(scope: str, slot_id: str, turn: int) -> str:
    return key(scope, f"link/{slot_id}/{turn}")
