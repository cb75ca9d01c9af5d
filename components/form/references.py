"""Reference slots: drop, browse or paste a link; then a thumbnail, its size, and what the model says about it.

Uploaded bytes go into the store at once and the session keeps the records, so that no change of model, mode or page
loses a file. The upload widget is only a way in: it is replaced by an empty one after each use.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial

import streamlit as st

from components import hosting, session
from components.form.adding import begin_replacing, draw_inputs, find_replaced, keep, takes_uploads
from components.form.held import (
    THUMBNAIL,
    draw_picture,
    error_key,
    explain,
    get_references,
    import_media,
    replace_reference,
)
from components.frontend import order_by_drag
from components.session import key
from components.words import cite, escape, format_limits, format_sentence, format_size
from dailies.domain import MediaLimits, Reference, Slot
from dailies.errors import MediaError
from dailies.media.fixes import fix_for
from dailies.media.pictures import Way, fit, thumbnail
from dailies.media.references import read
from dailies.request.draft import check_limits
from dailies.text import begin, join_and
from dailies.vocabulary import MediaKind, SendAs

_NAME_CHARS = 14
_FRAMES = ("first_frame", "last_frame")  # what the clip itself shows
_ROUNDING = 0.02
_CAPTION, _WIDE = 180, 320  # px: the width of a picture with words, and with a fix
NO_UPLOADS = ":material/link: Uploads need `DAILIES_PUBLIC_URL`: the address at which the gateway reaches this app."
"""Said under the slots of a form if one of them takes no upload."""


def draw_slots(
    scope: str,
    slots: Sequence[Slot],
    draw_way: Callable[[], None] | None = None,
    shape: Fraction | None = None,
) -> None:
    """Draw every slot of a form. `draw_way` draws another way to use a file, for a slot that takes no upload.

    `shape` is the ratio of the clip that the form asks for: a frame's thumbnail shows what of it fits.
    """
    if len(slots) == 2 and all(slot.maximum == 1 for slot in slots):
        for column, slot in zip(st.columns(2), slots, strict=True):
            with column:
                _draw_slot(scope, slot, shape)
    else:
        for slot in slots:
            _draw_slot(scope, slot, shape)
    if not all(takes_uploads(slot) for slot in slots):
        st.markdown(f":small[{NO_UPLOADS}]")
        if draw_way is not None:
            draw_way()


def _draw_slot(scope: str, slot: Slot, shape: Fraction | None) -> None:
    references = get_references(scope).get(slot.id, ())
    st.markdown(f"**{slot.title}** :small[:gray[{_format_count(slot)}]]", help=_help(slot))
    if references:
        with st.container(horizontal=True):
            for index, reference in enumerate(references):
                _draw_reference(scope, slot, index, reference, shape if slot.id in _FRAMES else None)
    if len(references) > 1:
        cards = [(_card_key(scope, slot, n), _identify(each), each.name) for n, each in enumerate(references)]
        order_by_drag(cards, partial(_take_drag, scope, slot.id), key=key(scope, f"{slot.id}/order"))
    if slot.maximum is None or len(references) < slot.maximum or find_replaced(scope, slot.id) is not None:
        draw_inputs(scope, slot)
    if error := st.session_state.pop(error_key(scope, slot.id), None):
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
    taken = join_and(dict.fromkeys(ways.get(form.send_as, "uploads") for form in slot.forms))
    limits = format_limits(slot.limits)
    parts = [slot.note] if slot.note else []
    parts.append(f"Takes {taken}: {limits}." if limits else f"Takes {taken}.")
    if slot.limits.origin:
        parts.append(cite(slot.limits.origin))
    return " ".join(parts)


# --- a reference in its slot -------------------------------------------------------------------------------------


def _draw_reference(scope: str, slot: Slot, index: int, reference: Reference, shape: Fraction | None) -> None:
    name = key(scope, f"{slot.id}/{index}/{_identify(reference)}")
    broken = reference.digest and _list_problems(slot, reference)
    plain = reference.digest and not reference.done
    width = _WIDE if broken else THUMBNAIL if plain else _CAPTION
    with st.container(width=width, gap="small", key=_card_key(scope, slot, index) if slot.maximum != 1 else None):
        cut = shape is not None and _is_cut(reference, shape)
        draw_picture(reference, ratio=float(shape) if shape and cut else None)
        if shape and cut:
            st.markdown(f":small[:material/crop: {shape.numerator}:{shape.denominator} may cut the dimmed edges.]")
        if slot.maximum != 1:
            st.markdown(f":small[**{index + 1}** {escape(_shorten(reference.name))}]")
        st.caption(_describe(reference), help=escape("; ".join((reference.name, *reference.done))))
        for done in reference.done:
            st.markdown(f":small[:material/info: {format_sentence(begin(done))}]")
        for problem in _list_problems(slot, reference):
            st.markdown(f":small[:red[:material/error: {problem}]]")
        _draw_fix(scope, slot, index, reference, name)
        if slot.maximum != 1:
            _draw_order(scope, slot, index, reference, name)
        with st.container(horizontal=True):
            _draw_undo(scope, slot, index, reference, name)
            st.button(
                "Replace",
                key=f"{name}/replace",
                icon=":material/swap_horiz:",
                type="tertiary",
                help=f"The next file, link or asset takes the place of {escape(reference.name)}.",
                on_click=begin_replacing,
                args=(scope, slot.id, index),
            )
            remove = f"Remove {escape(reference.name)}"
            if st.button("Remove", key=f"{name}/remove", icon=":material/close:", type="tertiary", help=remove):
                keep(scope, slot.id)
                replace_reference(scope, slot.id, index, ())
                st.rerun()


def _is_cut(reference: Reference, shape: Fraction) -> bool:
    """Whether a picture has another shape than the clip that is asked for, by more than rounding."""
    if not reference.digest or reference.kind is not MediaKind.IMAGE or not reference.width or not reference.height:
        return False
    return not 1 - _ROUNDING < reference.width / reference.height / float(shape) < 1 + _ROUNDING


def _shorten(name: str) -> str:
    return name if len(name) <= _NAME_CHARS else f"{name[: _NAME_CHARS - 1]}…"


def _draw_order(scope: str, slot: Slot, index: int, reference: Reference, name: str) -> None:
    """Draw what moves a reference among those of its slot, and puts its name into the prompt if the model knows it."""
    last = len(get_references(scope).get(slot.id, ())) - 1
    with st.container(horizontal=True, gap="xsmall"):
        for words, icon, to in (("earlier", "chevron_left", index - 1), ("later", "chevron_right", index + 1)):
            st.button(
                f":material/{icon}:",
                key=f"{name}/{words}",
                type="tertiary",
                disabled=not 0 <= to <= last,
                help=f"Move {escape(reference.name)} one place {words}."
                if 0 <= to <= last
                else f"It is the {'first' if to < 0 else 'last'} one already.",
                on_click=_move,
                args=(scope, slot.id, index, to),
            )
        if slot.token:
            token = slot.token.format(index + 1)
            st.button(
                escape(token),
                key=f"{name}/token",
                type="tertiary",
                help=f"Put {escape(token)} at the end of the prompt: the model then knows that this one is meant.",
                on_click=_insert,
                args=(scope, token),
            )


def _move(scope: str, slot_id: str, index: int, to: int) -> None:
    held = list(get_references(scope).get(slot_id, ()))
    if index in range(len(held)) and to in range(len(held)):
        held.insert(to, held.pop(index))
        get_references(scope)[slot_id] = tuple(held)
    keep(scope, slot_id)


def _take_drag(scope: str, slot_id: str, moved: str, index: int, to: int) -> None:
    """Move the reference that was dragged, unless another one has come into its place since it was drawn."""
    held = get_references(scope).get(slot_id, ())
    if index in range(len(held)) and _identify(held[index]) == moved:
        _move(scope, slot_id, index, to)


def _identify(reference: Reference) -> str:
    return reference.digest or reference.url or reference.asset


def _card_key(scope: str, slot: Slot, index: int) -> str:
    return key(scope, f"reorder/{slot.id}/{index}")


def _insert(scope: str, token: str) -> None:
    prompt = session.read_text(key(scope, "prompt"))
    st.session_state[key(scope, "prompt")] = f"{prompt.rstrip()} {token} ".lstrip()


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
        replace_reference(scope, slot.id, index, (changed,))
        st.rerun()


def _draw_preview(reference: Reference, slot: Slot, way: Way) -> None:
    """Draw what the model would receive of a picture after its fix."""
    try:
        picture, words = _preview(reference.digest, way, repr(replace(slot.limits, origin=None)), slot.limits)
    except MediaError as error:
        st.markdown(f":small[{format_sentence(error.what, named=True)}]")
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
        replace_reference(scope, slot.id, index, (original,))
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


def _describe(reference: Reference) -> str:
    """Describe a reference in a few words: its pixels, seconds and bytes as far as they are known."""
    size = f"{reference.width}×{reference.height}" if reference.width else ""
    if reference.seconds is not None:
        size = f"{size} {reference.seconds:.1f} s"
    weight = format_size(reference.size) if reference.size else "link" if reference.url else "asset"
    return f"{size or escape(reference.name)} {weight}".strip()


def _list_problems(slot: Slot, reference: Reference) -> list[str]:
    problems = [f"{format_sentence(what, named=True)} {fix}" for what, fix in check_limits(slot, reference)]
    if slot.form_for(hosting.host((reference,), slot)[0]) is None:
        problems.append(_name_ways(slot))
    return problems


def _name_ways(slot: Slot) -> str:
    """What to do about a reference that cannot be sent in any form that the slot takes."""
    ways = {form.send_as for form in slot.forms}
    if SendAs.URL in ways:
        return "The gateway takes a link here. Paste one."
    return "The gateway takes a file here. Upload it." if slot.takes_files else "The gateway takes an asset here."
