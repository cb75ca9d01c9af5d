"""What a person keeps about one run: its star, tags, note and collections, stored as soon as they change."""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import faults, session
from components.words import escape
from dailies.library import NOTE_CHARS, TAG_CHARS, Item
from dailies.text import clean


def clean_tag(text: str) -> str:
    """Clean a tag or the name of a collection: one line, without a sign for tags in front."""
    return clean(" ".join(text.split()).lstrip("#").strip(), TAG_CHARS)


def draw_keeping(item: Item, scope: str) -> None:
    """Draw the controls. `scope` is the place where they stand: a run may be shown in two."""
    library = session.services().store.library
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Starred" if item.starred else "Star",
            icon=":material/star:" if item.starred else ":material/star_border:",
            key=f"{scope}/star/{item.run}",
            on_click=faults.guard(partial(library.star, [item.run], not item.starred)),
        )
        if item.deleted:
            st.button(
                "Bring back",
                icon=":material/undo:",
                key=f"{scope}/restore/{item.run}",
                on_click=faults.guard(partial(library.restore, [item.run])),
            )
    key = f"{scope}/tags/{item.run}"
    st.session_state[key] = list(item.tags)
    st.multiselect(
        "Tags",
        sorted({*item.tags, *library.choices().tags}),
        key=key,
        accept_new_options=True,
        placeholder="Add a tag",
        on_change=faults.guard(partial(_retag, item, key)),
    )
    key = f"{scope}/note/{item.run}"
    if key not in st.session_state:
        st.session_state[key] = st.session_state[_begun(key)] = item.note
    st.text_area("Note", key=key, height=80, max_chars=NOTE_CHARS, on_change=faults.guard(partial(_write, item, key)))
    held = [each for each in library.collections() if each.id in library.collections_of(item.run)]
    if held:
        st.markdown(f":small[:material/collections_bookmark: {escape(', '.join(each.name for each in held))}]")


def forget(run: str, scope: str) -> None:
    """Forget the note of a run as it was shown at a place: the next time it is read from the store."""
    st.session_state.pop(f"{scope}/note/{run}", None)


def _retag(item: Item, key: str) -> None:
    library = session.services().store.library
    chosen = {tag for text in st.session_state[key] if (tag := clean_tag(str(text)))}
    for tag in chosen - set(item.tags):
        library.tag([item.run], tag)
    for tag in set(item.tags) - chosen:
        library.untag([item.run], tag)


def _write(item: Item, key: str) -> None:
    """Store the note. What another page has stored since this one was shown it stays in it."""
    text, before = session.read_text(key, NOTE_CHARS), st.session_state.get(_begun(key))
    stored = session.services().store.library.write_note(item.run, text, before)
    st.session_state[key] = st.session_state[_begun(key)] = stored


def _begun(key: str) -> str:
    """The key of the note as it was when this page began to change it."""
    return f"{key}/begun"
