"""What is done with several picked runs at once: a tag, a collection, a download, a film, Compare."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from components import session
from components.address import base_path
from components.library.lineage import offer_film
from components.runs.keeping import clean_tag
from components.words import count
from dailies.compare.nouns import MAX_LANES

_ASKED = "library/asked"  # what is asked for picked runs: it stays open while the page below follows changes


def ask(name: str, runs: Sequence[str]) -> None:
    """Have the dialog of an action drawn until it is closed."""
    st.session_state[_ASKED] = name, tuple(runs)


def close() -> None:
    """Draw no dialog any more."""
    st.session_state.pop(_ASKED, None)


def draw_asked() -> bool:
    """Draw the dialog that was asked for; False if none was."""
    name, runs = st.session_state.get(_ASKED, ("", ()))
    draw = {"tag": tag, "collect": collect, "download": download, "film": join}.get(name)
    if draw is not None:
        draw(runs)
    return draw is not None


def tag(runs: Sequence[str]) -> None:
    """Ask for a tag and put it on the runs."""

    @st.dialog("Tag", on_dismiss=close)
    def draw() -> None:
        _draw_name(
            f"Put a tag on {count(len(runs), 'run')}",
            list(session.services().store.library.choices().tags),
            "tag",
            lambda name: session.services().store.library.tag(runs, name),
        )

    draw()


def collect(runs: Sequence[str]) -> None:
    """Ask for a collection and put the runs into it."""
    services = session.services()

    @st.dialog("Collect", on_dismiss=close)
    def draw() -> None:
        _draw_name(
            f"Put {count(len(runs), 'run')} into a collection",
            [each.name for each in services.store.library.collections()],
            "collection",
            lambda name: services.store.library.collect(name, runs, services.now()),
        )

    draw()


def _draw_name(label: str, known: list[str], what: str, act: Callable[[str], object]) -> None:
    chosen = st.selectbox(
        label,
        known,
        index=None,
        accept_new_options=True,
        placeholder=f"Choose or type a {what}",
        key=f"library/{what}/name",
    )
    name = clean_tag(chosen or "")
    if st.button("Add", icon=":material/add:", type="primary", disabled=not name, key=f"library/{what}/add"):
        act(name)
        close()
        st.rerun()


def download(runs: Sequence[str]) -> None:
    """Offer a ZIP of the runs: clips, records and a table."""
    items = session.services().store.library.items(runs)

    @st.dialog("Download", on_dismiss=close)
    def draw() -> None:
        st.markdown(
            f"{count(len(items), 'run')} in one ZIP: each clip beside a record of its request and outcome, a table. "
            "`dailies import` takes it into another library."
        )
        address = f"{base_path()}/takes?runs={','.join(items)}"
        st.link_button("Download ZIP", address, icon=":material/folder_zip:", type="primary")

    draw()


def join(runs: Sequence[str]) -> None:
    """Offer one film of the clips of the runs, in the order in which they were picked."""
    items = session.services().store.library.items(runs)
    clips = [items[run].clip for run in runs if run in items and items[run].clip]

    @st.dialog("Join clips", on_dismiss=close)
    def draw() -> None:
        if len(clips) < 2:
            st.info("Pick two or more runs with a clip.", icon=":material/info:")
            return
        st.markdown(f"{count(len(clips), 'clip')}, in the order in which they were picked.")
        offer_film(clips, f"film-{runs[0][:8]}", f"A film of {count(len(clips), 'clip')}")

    draw()


def compare(runs: Sequence[str]) -> None:
    """Pick the finished clips among the runs and open Compare."""
    items = session.services().store.library.items(runs)
    finished = [run for run in runs if run in items and items[run].clip]
    if not finished:
        st.toast("None of these runs has a clip.", icon=":material/info:")
        return
    if len(finished) > MAX_LANES:
        st.toast(f"A comparison has at most {MAX_LANES} clips: the first ones are picked.", icon=":material/info:")
    session.picked()[:] = finished[:MAX_LANES]
    st.session_state.pop("compare/picked", None)
    st.switch_page(session.page("compare"))
