"""Reference slots: drop, browse or link; a thumbnail, its size, and what the model will say about it.

The bytes go into the store at once and the session keeps the records, so that a change of model, mode or page loses
no file. The upload widget itself is only a way in and is emptied after each use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from components import session
from components.form.assets import pick_asset
from components.session import key
from components.words import cite, format_size
from dailies.domain import Reference, Slot
from dailies.errors import MediaError
from dailies.media import clips
from dailies.media.references import fix_for, link, read, renamed, thumbnail
from dailies.request.draft import limit_problems
from dailies.vocabulary import SLOTS, MediaKind, SendAs

_SHOWN = 112  # px, a thumbnail's width


def get_references(scope: str) -> dict[str, tuple[Reference, ...]]:
    """What this session holds for a form, by slot."""
    kept: dict[str, tuple[Reference, ...]] = st.session_state.setdefault(key(scope, "references"), {})
    return kept


def set_references(scope: str, references: Mapping[str, tuple[Reference, ...]]) -> None:
    """Replace everything held for a form."""
    st.session_state[key(scope, "references")] = dict(references)


def import_media(name: str, data: bytes) -> Reference:
    """Read, clean, store and measure uploaded bytes. Raises `MediaError`."""
    item = read(name, data)
    store = session.services().store
    digest = store.files.keep(item.data)
    reference = replace(item.reference, name=renamed(item.reference))
    if reference.kind is MediaKind.IMAGE:
        return reference
    return clips.measured(reference, store.files.path(digest))


def draw_slots(scope: str, slots: Sequence[Slot]) -> None:
    """Draw every slot of a form."""
    if len(slots) == 2 and all(slot.maximum == 1 for slot in slots):
        for column, slot in zip(st.columns(2), slots, strict=True):
            with column:
                _slot(scope, slot)
        return
    for slot in slots:
        _slot(scope, slot)


def _slot(scope: str, slot: Slot) -> None:
    references = get_references(scope).get(slot.id, ())
    how_many = _how_many(slot)
    st.markdown(f"**{slot.title}** :small[:gray[{how_many}]]", help=_about(slot))
    if references:
        with st.container(horizontal=True):
            for index, reference in enumerate(references):
                _held(scope, slot, index, reference)
    if slot.maximum is None or len(references) < slot.maximum:
        _way_in(scope, slot)
    if error := st.session_state.pop(key(scope, f"error/{slot.id}"), None):
        st.error(error, icon=":material/broken_image:")


def _how_many(slot: Slot) -> str:
    if slot.maximum == 1:
        return "" if slot.minimum else "optional"
    if slot.maximum is None:
        return f"{slot.minimum} or more" if slot.minimum else "optional"
    if slot.minimum == slot.maximum:
        return f"exactly {slot.minimum}"
    return f"{slot.minimum} to {slot.maximum}" if slot.minimum else f"up to {slot.maximum}"


def _about(slot: Slot) -> str:
    limits, parts = slot.limits, [slot.note] if slot.note else []
    if limits.types:
        parts.append(f"Formats: {', '.join(kind.split('/')[-1] for kind in limits.types)}.")
    if limits.max_bytes:
        parts.append(f"At most {limits.max_bytes / 1e6:g} MB.")
    if limits.min_side:
        parts.append(f"Each side at least {limits.min_side} px.")
    ways = {SendAs.URL: "links", SendAs.ASSET: "assets"}
    parts.append(f"Takes {' and '.join(dict.fromkeys(ways.get(form.send_as, 'uploads') for form in slot.forms))}.")
    if limits.origin:
        parts.append(cite(limits.origin))
    return " ".join(parts)


def _held(scope: str, slot: Slot, index: int, reference: Reference) -> None:
    name = key(scope, f"{slot.id}/{index}/{reference.digest or reference.url or reference.asset}")
    problems = [f"{what}. {fix}" for what, fix in limit_problems(slot, reference)]
    if slot.form_for(session.hosted((reference,))[0]) is None:
        problems.append(
            "The gateway takes a link here: paste one, or set `DAILIES_PUBLIC_URL` to have uploads served from here."
        )
    with st.container(width=_SHOWN if reference.digest else 180, gap="small"):
        _picture(reference)
        size = f"{reference.width}×{reference.height}" if reference.width else ""
        if reference.seconds is not None:
            size = f"{size} {reference.seconds:.1f} s"
        weight = format_size(reference.size) if reference.size else "link" if reference.url else "asset"
        st.caption(f"{size or reference.name} {weight}".strip(), help="; ".join((reference.name, *reference.done)))
        for problem in problems:
            st.caption(f":red[:material/error: {problem}]")
        fix = fix_for(reference, slot.limits)
        if fix and st.button(fix.title, key=f"{name}/fix", icon=":material/auto_fix_high:", width="stretch"):
            store = session.services().store
            _replace(scope, slot, index, (import_media(reference.name, fix.apply(store.files.read(reference.digest))),))
            st.rerun()
        if st.button(
            "Remove", key=f"{name}/remove", icon=":material/close:", type="tertiary", help=f"Take out {reference.name}"
        ):
            _replace(scope, slot, index, ())
            st.rerun()


def _picture(reference: Reference) -> None:
    if reference.digest and reference.kind is MediaKind.IMAGE:
        data = _thumbnail(reference.digest)
        st.image(data, width=_SHOWN, alt=f"Thumbnail of {reference.name}")
        return
    icon = {MediaKind.IMAGE: "image", MediaKind.VIDEO: "movie", MediaKind.AUDIO: "graphic_eq"}[reference.kind]
    st.markdown(f":material/{icon}: {reference.name}")


@st.cache_data(max_entries=200, show_spinner=False)
def _thumbnail(digest: str) -> bytes:
    return thumbnail(session.services().store.files.read(digest))


def _replace(scope: str, slot: Slot, index: int, new: tuple[Reference, ...]) -> None:
    references = get_references(scope)
    before = references.get(slot.id, ())
    references[slot.id] = (*before[:index], *new, *before[index + 1 :])


def _way_in(scope: str, slot: Slot) -> None:
    turn = st.session_state.setdefault(key(scope, f"turn/{slot.id}"), 0)
    upload, address = key(scope, f"upload/{slot.id}/{turn}"), key(scope, f"link/{slot.id}/{turn}")
    many = slot.maximum != 1
    takes_uploads = _takes_uploads(slot)
    if takes_uploads:
        st.file_uploader(
            f"Upload: {slot.title.lower()}",
            key=upload,
            accept_multiple_files=many,
            label_visibility="collapsed",
            type=slot.kind.value,
            on_change=_uploaded,
            args=(scope, slot.id, turn),
        )
    if any(form.send_as in (SendAs.URL, SendAs.ASSET) for form in slot.forms):
        assets = any(form.send_as is SendAs.ASSET for form in slot.forms)
        if assets and (picked := pick_asset(slot.kind, key(scope, f"asset/{slot.id}/{turn}"))):
            _add(scope, slot.id, [Reference(f"asset://{picked}", slot.kind, asset=picked)], [])
            st.rerun()
        placeholder = f"Paste a link: https://…{' or asset://…' if assets else ''}"
        st.text_input(
            f"Link: {slot.title.lower()}",
            key=address,
            label_visibility="collapsed",
            icon=":material/link:",
            placeholder=placeholder if takes_uploads else f"{placeholder} (no uploads)",
            on_change=_linked,
            args=(scope, slot.id, turn),
        )


def _takes_uploads(slot: Slot) -> bool:
    """Whether the gateway takes bytes here, or links that we can make of uploads ourselves."""
    forms = {form.send_as for form in slot.forms}
    by_value = forms & {SendAs.FILE, SendAs.DATA_URL, SendAs.BASE64}
    return bool(by_value) or (SendAs.URL in forms and bool(session.services().settings.public_url))


def _is_over(scope: str, slot_id: str, turn: int) -> bool:
    """Whether a widget's turn has passed: Streamlit calls again when the run that took its value was interrupted."""
    now: int = st.session_state[key(scope, f"turn/{slot_id}")]
    return now != turn


def _uploaded(scope: str, slot_id: str, turn: int) -> None:
    if _is_over(scope, slot_id, turn):
        return
    files = st.session_state[key(scope, f"upload/{slot_id}/{turn}")] or []
    taken, errors = [], []
    for file in files if isinstance(files, list) else [files]:
        try:
            taken.append(import_media(file.name, file.getvalue()))
        except MediaError as error:
            errors.append(f"{error.what}. {error.fix}")
    _add(scope, slot_id, taken, errors)


def _linked(scope: str, slot_id: str, turn: int) -> None:
    text = str(st.session_state[key(scope, f"link/{slot_id}/{turn}")] or "")
    if not text.strip() or _is_over(scope, slot_id, turn):
        return
    try:
        _add(scope, slot_id, [link(text, SLOTS[slot_id].kind)], [])
    except MediaError as error:
        # The widget keeps what was typed, so that it can be mended.
        st.session_state[key(scope, f"error/{slot_id}")] = f"{error.what}. {error.fix}"


def _add(scope: str, slot_id: str, taken: list[Reference], errors: list[str]) -> None:
    references = get_references(scope)
    references[slot_id] = (*references.get(slot_id, ()), *taken)
    st.session_state[key(scope, f"turn/{slot_id}")] += 1
    if errors:
        st.session_state[key(scope, f"error/{slot_id}")] = " ".join(errors)
