"""The panel by which a comparison is handed on: a page, a ZIP, one film, data, blind ballots out and in.

Files are made when they are asked for, outside the page's run. What stands in them is `components.html.exported`,
`dailies.compare.export` and `dailies.compare.film`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from random import SystemRandom
from tempfile import TemporaryDirectory
from urllib.parse import quote

import streamlit as st

from components import session
from components.html import exported
from components.html.exported import Source
from components.words import format_size
from dailies.compare.ballots import MOST_BYTES, handed_out, read_ballot, votes_of
from dailies.compare.export import as_csv, as_json
from dailies.compare.film import Shot, side_by_side
from dailies.compare.nouns import Comparison, Vote
from dailies.compare.ratings import round_of
from dailies.domain import Run
from dailies.errors import DailiesError
from dailies.store.comparisons import ComparisonStore

LARGE = 100_000_000
"""From this many bytes of clips on, one page with all of them inside opens slowly: the ZIP is recommended."""


def hand_on(comparison: Comparison, runs: Mapping[str, Run]) -> None:
    """Draw the panel. `runs` by id; those of the comparison's lanes are enough."""
    store = session.services().store
    source = Source(comparison, runs, store.comparisons.votes(comparison.id), store.files.clip_path)
    ready = _ready(source)
    blind = st.toggle(
        "As a blind vote",
        key=f"hand-on/blind/{comparison.id}",
        disabled=not ready or len(source.shown) < 2,
        help="A page that asks which clip is better and names no model. Answers come back as small files: ballots.",
    )
    with st.container(horizontal=True):
        make_page, make_zip = _makers(source, blind)
        name = _file_name(comparison, blind)
        _save("HTML", ":material/web:", make_page, f"{name}.html", "text/html", "Everything in one file", ready)
        _save("ZIP", ":material/folder_zip:", make_zip, f"{name}.zip", "application/zip", "The clips beside it", ready)
        _save("MP4", ":material/movie:", lambda: film(source, blind), f"{name}.mp4", "video/mp4", _FILM, ready)
        if not blind:
            _save("JSON", ":material/data_object:", lambda: _json(source), f"{name}.json", "application/json")
            _save("CSV", ":material/table:", lambda: f"\ufeff{as_csv(comparison, runs)}", f"{name}.csv", "text/csv")
    size = sum(each.clip.size for each in source.shown)
    if ready and size >= LARGE:
        st.warning(
            f"The clips are {format_size(size)} together; as one HTML file they would take "
            f"{format_size(size * 4 // 3)}. "
            "Take the ZIP: it holds the same page with the clips beside it, and opens faster.",
            icon=":material/folder_zip:",
        )
    elif ready:
        st.caption(f"{len(source.shown)} clips, {format_size(size)} together.")
    if blind:
        st.caption(
            "Pairs and sides are drawn when you press HTML or ZIP. One file can go to many people; each sends back a "
            "ballot of their own."
        )
    _ballots(comparison)


_FILM = "One film with all clips side by side, labelled; the heard clip's sound"


def present_address(comparison_id: str, playlist: tuple[str, ...] = ()) -> str:
    """The address of the Present page on our own server, alone or within a playlist of comparison ids."""
    listed = f"&list={','.join(quote(each, safe='') for each in playlist)}" if playlist else ""
    return f"{session.base_path()}/present?c={quote(comparison_id, safe='')}{listed}"


def _ready(source: Source) -> bool:
    """Whether there are clips to hand on, all of them still on disk; says why not."""
    if not source.shown:
        st.caption("Clips can be handed on as soon as one is finished.")
        return False
    gone = [each.letter for each in source.shown if not source.path(each.clip.file).is_file()]
    if gone:
        st.warning(f"The clip of {' and '.join(gone)} is no longer on disk. Remove its lane, or generate it again.")
    return not gone


def _save(
    title: str,
    icon: str,
    make: Callable[[], str | bytes],
    name: str,
    kind: str,
    words: str | None = None,
    ready: bool = True,
) -> None:
    st.download_button(
        title,
        make,
        name,
        kind,
        key=f"hand-on/{name}",
        icon=icon,
        help=words,
        disabled=not ready,
        on_click="ignore",
    )


def _json(source: Source) -> str:
    return as_json(source.comparison, source.runs, source.votes)


def _makers(source: Source, blind: bool) -> tuple[Callable[[], str], Callable[[], bytes]]:
    if not blind:
        return lambda: exported.page(source), lambda: exported.archive(source)
    services = session.services()

    def questions() -> tuple[Vote, ...]:
        return draw_questions(source, services.store.comparisons)

    return (
        lambda: exported.blind_page(source, questions()),
        lambda: exported.blind_archive(source, questions()),
    )


def draw_questions(source: Source, store: ComparisonStore) -> tuple[Vote, ...]:
    """Draw and keep the questions of one blind file. Nobody answers these themselves: ballots are made after them."""
    lanes = [each.lane for each in source.shown]
    questions = round_of(source.comparison, lanes, handed_out(), session.services().now(), SystemRandom())
    store.ask(questions)
    return questions


def film(source: Source, blind: bool) -> bytes:
    """The MP4 with all clips side by side, by letters alone where names are hidden."""
    view = source.comparison.view
    named = view.names and not blind
    shots = [
        Shot(source.path(e.clip.file), f"{e.letter}  {e.lane.name}" if named else e.letter, e.lane.offset)
        for e in source.shown
    ]
    heard = next((at for at, e in enumerate(source.shown) if e.lane.id == view.heard and e.clip.audio_codec), None)
    with TemporaryDirectory() as folder:
        target = Path(folder) / "film.mp4"
        side_by_side(shots, target, unequal=view.unequal, heard=heard)
        return target.read_bytes()


def _file_name(comparison: Comparison, blind: bool) -> str:
    """A file name that says what it is; a blind one says nothing of the title, which may name a model."""
    title = "" if blind else re.sub(r"[^\w-]+", "-", comparison.title).strip("-")[:60]
    return f"{title or ('blind-vote' if blind else 'comparison')}-{comparison.id[:8]}"


# --- ballots come back -------------------------------------------------------------------------------------------


def _ballots(comparison: Comparison) -> None:
    turn_key, said_key = f"hand-on/turn/{comparison.id}", f"hand-on/said/{comparison.id}"
    turn = st.session_state.setdefault(turn_key, 0)
    files = st.file_uploader(
        "Import ballots",
        type="json",
        accept_multiple_files=True,
        max_upload_size=1,
        key=f"hand-on/ballots/{comparison.id}/{turn}",
        help="The files that Save ballot made in a blind vote of this comparison.",
    )
    if files and st.button("Count these ballots", icon=":material/how_to_vote:", key=f"hand-on/count/{comparison.id}"):
        said = []
        for file in files:
            try:
                data = file.read(MOST_BYTES + 1)
                said.append((True, f"{file.name}: {import_ballot(comparison.id, data)}"))
            except DailiesError as error:
                said.append((False, f"{file.name}: {error}"))
        st.session_state[said_key] = said
        st.session_state[turn_key] = turn + 1
        st.rerun()
    for well, words in st.session_state.get(said_key, ()):
        if well:
            st.success(words, icon=":material/check:")
        else:
            st.error(words, icon=":material/error:")


def import_ballot(comparison_id: str, data: bytes) -> str:
    """Count one ballot; what was counted, in words. Raises `DailiesError` for a ballot that cannot be counted."""
    services = session.services()
    ballot = read_ballot(data)
    now = services.now()
    votes = votes_of(ballot, comparison_id, services.store.comparisons.votes(comparison_id), now)
    count = services.store.comparisons.import_ballot(ballot.ballot, comparison_id, votes, now)
    return f"{count} {'answer' if count == 1 else 'answers'} counted{f' of {ballot.voter}' if ballot.voter else ''}."
