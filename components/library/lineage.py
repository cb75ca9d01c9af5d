"""Where a run comes from and what came of it: its family tree, its chain as one film, and extracts of its clip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from components import session
from components.frontend import draw_lineage, draw_strip
from components.library import address
from components.words import count
from dailies.domain import Run
from dailies.library import Item, Lineage
from dailies.media.sheets import animate, make_contact_sheet
from dailies.store.files import Files
from dailies.vocabulary import Kinship

FADE = 0.5
"""Seconds of a fade between two clips of a film."""


def draw_family_tree(run: Run, found: Sequence[tuple[Item, Lineage | None]]) -> None:
    """Draw the tree of a run and its relatives, if it has any."""
    if len(found) < 2:
        return
    st.markdown("**Lineage**")
    chosen = draw_lineage([_make_node(item, lineage) for item, lineage in found], run.id, key="library/lineage")
    if chosen and chosen != run.id and any(item.run == chosen for item, _ in found):
        address.write("run", chosen)
        st.rerun(scope="fragment")


def draw_chain(run: Run, found: Sequence[tuple[Item, Lineage | None]]) -> None:
    """Draw the chain from the first ancestor to a run: as a strip that plays in place, and as one film."""
    items = {item.run: (item, lineage) for item, lineage in found}
    chain = [item for item in _list_chain(items, run.id) if item.clip]
    if len(chain) < 2:
        return
    words = f"chain of {count(len(chain), 'clip')}"
    if st.toggle(
        f"Play the {words}",
        key=f"library/strip/{run.id}",
        help="Plays the clips that led to this one, and this one, one after another.",
    ):
        draw_strip([_make_shot(item) for item in chain], key=f"library/shots/{run.id}")
    offer_film([item.clip for item in chain], f"chain-{run.id[:8]}", f"The {words}")


def _make_shot(item: Item) -> dict[str, str]:
    return {
        "id": item.run,
        "clip": session.clip_address(item.played),
        "poster": session.clip_address(item.poster) if item.poster else "",
        "label": f"{item.model}, {item.prompt[:80]}",
        "words": item.model,
    }


def _make_node(item: Item, lineage: Lineage | None) -> dict[str, str]:
    words = item.model
    if lineage:
        at = f" at {lineage.frame:.1f} s" if lineage.kinship is Kinship.FRAME and lineage.frame is not None else ""
        words = f"{lineage.kinship.label}{at}: {item.model}"
    return {
        "id": item.run,
        "parent": lineage.parent if lineage else "",
        "poster": session.clip_address(item.poster) if item.poster else "",
        "label": f"{words}, {item.prompt[:80]}",
        "words": words,
    }


def _list_chain(items: Mapping[str, tuple[Item, Lineage | None]], run_id: str) -> Sequence[Item]:
    """List a run's ancestors from the first one, and the run itself."""
    chain: list[Item] = []
    while run_id in items:
        item, lineage = items[run_id]
        chain.insert(0, item)
        run_id = lineage.parent if lineage and len(chain) <= len(items) else ""
    return chain


def offer_film(clips: Sequence[str], name: str, words: str) -> None:
    """Offer a film of clips in their order; it is made when it is asked for."""
    files = session.services().store.files
    gone = sum(not files.has_clip(clip) for clip in clips)
    if gone:
        st.caption(f"{count(gone, 'clip')} no longer on this server: no film can be made.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        fade = st.toggle("Fade over", key=f"library/fade/{name}", help=f"Each clip fades into the next for {FADE} s.")
        st.download_button(
            "One MP4",
            lambda: _render(files, clips, FADE if fade else 0.0),
            f"{name}.mp4",
            "video/mp4",
            key=f"library/film/{name}",
            icon=":material/movie:",
            help=f"{words}, one after another.",
            on_click="ignore",
        )


def _render(files: Files, clips: Sequence[str], fade: float) -> bytes:
    from dailies.compare.joined import join_clips  # numpy: only who joins clips waits for it

    paths = [files.bring_clip(clip) for clip in clips]
    with TemporaryDirectory() as folder:
        target = Path(folder) / "film.mp4"
        join_clips(paths, target, fade=fade)
        return target.read_bytes()


def draw_extracts(run: Run) -> None:
    """Offer the contact sheet and the animated preview of a run's clip."""
    files, clip = session.services().store.files, run.clip
    if clip is None or not files.has_clip(clip.file):
        return
    name = run.id[:8]
    with st.container(horizontal=True):
        st.download_button(
            "Contact sheet",
            lambda: make_contact_sheet(files.bring_clip(clip.file)),
            f"sheet-{name}.jpg",
            "image/jpeg",
            key=f"library/sheet/{name}",
            icon=":material/grid_on:",
            on_click="ignore",
        )
        st.download_button(
            "Animated preview",
            lambda: animate(files.bring_clip(clip.file)),
            f"preview-{name}.webp",
            "image/webp",
            key=f"library/preview/{name}",
            icon=":material/animated_images:",
            help="An animated WebP for places that show no video.",
            on_click="ignore",
        )
