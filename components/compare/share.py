"""With whom a comparison is shared inside the installation, where people sign in."""

from __future__ import annotations

from urllib.parse import quote

import streamlit as st

from components import session
from components.address import base_path
from components.providers import home_url
from components.words import escape
from dailies.compare.nouns import Comparison
from dailies.store.comparisons import EVERYBODY


def draw_share(comparison: Comparison) -> None:
    """Draw the popover of one's own comparison; nothing where nobody signs in."""
    store = session.services().store.comparisons
    if not session.owner() or not store.is_own(comparison):
        return
    popover = st.popover("Share", icon=":material/group_add:", key="compare/share", on_change="rerun")
    if not popover.open:
        return
    shared = store.list_shares(comparison.id)
    known = [person.email for person in session.services().store.list_people() if person.email]
    with popover:
        everybody = st.toggle(
            "Everybody who signs in here", value=EVERYBODY in shared, key=f"share/everybody/{comparison.id}"
        )
        given = sorted(shared - {EVERYBODY})
        chosen = st.multiselect(
            "Chosen people",
            sorted({*known, *given} - {session.user()}),
            default=given,
            accept_new_options=True,
            placeholder="E-mail addresses",
            key=f"share/people/{comparison.id}",
            disabled=everybody,
        )
        wrong = [address for address in chosen if "@" not in address]
        if wrong:
            st.error(f"{escape(wrong[0])} is no e-mail address.", icon=":material/error:")
        st.caption("They see the idea, the clips and the fairness sheet, and may vote. They change nothing.")
        st.code(f"{home_url()}{base_path()}/compare?c={quote(comparison.id, safe='')}", language=None)
    addresses = {address.strip().casefold() for address in chosen if "@" in address}
    wanted = addresses | ({EVERYBODY} if everybody else set())
    if wanted != shared:
        store.share(comparison.id, wanted)


def draw_shared_by(comparison: Comparison) -> None:
    """Say whose comparison this is, if it is another's."""
    store = session.services().store
    if store.comparisons.is_own(comparison):
        return
    owner = next((person.title for person in store.list_people() if person.id == comparison.owner), "somebody")
    st.caption(f":material/group: Shared by {escape(owner)}. You can watch, vote, export, and use it again.")
