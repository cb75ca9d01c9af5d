"""The export panel of a comparison: an HTML page, a ZIP, a film, data, and blind votes with their ballots.

Files are made when a person asks for one, outside the script run. Their content is `components.html.exported`,
`dailies.compare.export` and `dailies.compare.film`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from random import SystemRandom
from tempfile import TemporaryDirectory
from urllib.parse import quote

import streamlit as st

from components import session
from components.address import base_path
from components.compare.times import frame_times
from components.html import exported
from components.html.exported import Source
from components.words import escape, format_size
from dailies.compare.ballots import MOST_BYTES, make_votes, new_file_voter, read_ballot
from dailies.compare.export import write_csv, write_json
from dailies.compare.film import Shot, render_side_by_side
from dailies.compare.nouns import Comparison, Vote
from dailies.compare.ratings import draw_round
from dailies.domain import Cell, Run
from dailies.errors import DailiesError
from dailies.store.personal import PersonalComparisons
from dailies.text import clean_file_name, join_and

LARGE = 100_000_000
"""From this many bytes of clips on, one page with all of them inside opens slowly: the panel recommends the ZIP."""


def draw(comparison: Comparison, runs: Mapping[str, Run], cells: Mapping[str, Cell]) -> None:
    """Draw the panel. `runs` by id, `cells` by lane id; those of the comparison are enough."""
    store = session.services().store
    source = Source(comparison, runs, store.comparisons.votes(comparison.id), store.files.bring_clip, cells)
    ready = _check_clips(source)
    blind = st.toggle(
        "As a blind vote",
        key=f"export/blind/{comparison.id}",
        disabled=not ready or len(source.finished) < 2,
        help="A page that asks which clip is better and names no model. Answers come back as small files, the ballots.",
    )
    with st.container(horizontal=True):
        make_page, make_zip = _choose_makers(source, blind)
        name = _make_file_name(comparison, blind)
        _offer("HTML", ":material/web:", make_page, f"{name}.html", "text/html", "Everything in one file", ready)
        _offer("ZIP", ":material/folder_zip:", make_zip, f"{name}.zip", "application/zip", "Page and clips", ready)
        _offer("MP4", ":material/movie:", lambda: render_film(source, blind), f"{name}.mp4", "video/mp4", _FILM, ready)
        if not blind:
            _offer("JSON", ":material/data_object:", lambda: _make_json(source), f"{name}.json", "application/json")
            _offer("CSV", ":material/table:", lambda: f"\ufeff{write_csv(comparison, runs)}", f"{name}.csv", "text/csv")
    size = sum(each.clip.size for each in source.finished)
    if ready and size >= LARGE:
        st.warning(
            f"The clips have {format_size(size)} together; one HTML file would have {format_size(size * 4 // 3)}. "
            "Choose ZIP: it contains the same page with the clips beside it, and opens faster.",
            icon=":material/folder_zip:",
        )
    elif ready:
        st.caption(f"{len(source.finished)} clips, {format_size(size)} together.")
    if blind:
        st.caption(
            "Pairs and sides are drawn at random when you press HTML or ZIP. One file can go to many people; each of "
            "them sends back a ballot."
        )
    if store.comparisons.is_own(comparison):
        _draw_import(comparison)


_FILM = "One film with all clips side by side, labelled, with the sound of the heard clip"


def present_address(comparison_id: str, playlist: tuple[str, ...] = ()) -> str:
    """Return the address of the Present page, for one comparison or within a playlist of comparison ids."""
    listed = f"&list={','.join(quote(each, safe='') for each in playlist)}" if playlist else ""
    return f"{base_path()}/present?c={quote(comparison_id, safe='')}{listed}"


def _check_clips(source: Source) -> bool:
    """Return whether there are clips to export and all of them are on disk; else tell the person why not."""
    if not source.finished:
        st.caption("Nothing to export yet: no clip is finished.")
        return False
    gone = [each.letter for each in source.finished if not source.path(each.clip.file).is_file()]
    if gone:
        st.warning(f"No longer on disk: the clip of {join_and(gone)}. Send the lane again, or compare the others.")
        return False
    broken = [each.letter for each in source.finished if frame_times(each.clip.file) is None]
    if broken:
        st.warning(f"Cannot be read: the clip of {join_and(broken)}. Send the lane again, or compare the others.")
    for each in source.finished:
        if each.clip.unplayable and not each.clip.preview:
            st.caption(f"{each.letter} is {escape(each.clip.unplayable)}, which browsers may not play.")
    return not broken


def _offer(
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
        key=f"export/{name}",
        icon=icon,
        help=words,
        disabled=not ready,
        on_click="ignore",
    )


def _make_json(source: Source) -> str:
    return write_json(source.comparison, source.runs, source.votes)


def _choose_makers(source: Source, blind: bool) -> tuple[Callable[[], str], Callable[[], bytes]]:
    if not blind:
        return lambda: exported.build_page(source), lambda: exported.build_archive(source)
    services = session.services()

    def questions() -> tuple[Vote, ...]:
        return draw_questions(source, services.store.comparisons, services.now())

    return (
        lambda: exported.build_blind_page(source, questions()),
        lambda: exported.build_blind_archive(source, questions()),
    )


def draw_questions(source: Source, store: PersonalComparisons, now: datetime) -> tuple[Vote, ...]:
    """Draw and store the questions of one blind file: ballots are checked against them, nobody answers them here."""
    lanes = [each.lane for each in source.finished]
    questions = draw_round(source.comparison, lanes, new_file_voter(), now, SystemRandom())
    store.ask(questions)
    return questions


def render_film(source: Source, blind: bool) -> bytes:
    """Make the MP4 with all clips side by side, labelled with letters only where names are hidden."""
    view = source.comparison.view
    named = view.names and not blind
    shots = [
        Shot(source.path(e.clip.file), f"{e.letter}  {e.lane.name}" if named else e.letter, e.lane.offset)
        for e in source.finished
    ]
    heard = next((at for at, e in enumerate(source.finished) if e.lane.id == view.heard and e.clip.audio_codec), None)
    with TemporaryDirectory() as folder:
        target = Path(folder) / "film.mp4"
        render_side_by_side(shots, target, unequal=view.unequal, heard=heard)
        return target.read_bytes()


def _make_file_name(comparison: Comparison, blind: bool) -> str:
    """Make a file name from the title; a blind one leaves it out, since it may name a model."""
    title = "" if blind else re.sub(r"[^\w-]+", "-", comparison.title).strip("-")[:60]
    return f"{title or ('blind-vote' if blind else 'comparison')}-{comparison.id[:8]}"


# --- the import of ballots -----------------------------------------------------------------------------------------


def _draw_import(comparison: Comparison) -> None:
    turn_key, said_key = f"export/turn/{comparison.id}", f"export/said/{comparison.id}"
    turn = st.session_state.setdefault(turn_key, 0)
    files = st.file_uploader(
        "Import ballots",
        type="json",
        accept_multiple_files=True,
        max_upload_size=1,
        key=f"export/ballots/{comparison.id}/{turn}",
        help="The files that “Save ballot” made in a blind vote on this comparison.",
    )
    if files and st.button("Count these ballots", icon=":material/how_to_vote:", key=f"export/count/{comparison.id}"):
        said = []
        for file in files:
            try:
                data = file.read(MOST_BYTES + 1)
                said.append((True, f"{clean_file_name(file.name)}: {import_ballot(comparison.id, data)}"))
            except DailiesError as error:
                said.append((False, f"{clean_file_name(file.name)}: {error}"))
        st.session_state[said_key] = said
        st.session_state[turn_key] = turn + 1
        st.rerun()
    for well, words in st.session_state.get(said_key, ()):
        if well:
            st.success(escape(words), icon=":material/check:")
        else:
            st.error(escape(words), icon=":material/error:")


def import_ballot(comparison_id: str, data: bytes) -> str:
    """Count one ballot and say what was counted. Raises `DailiesError` for a ballot that cannot be counted."""
    services = session.services()
    ballot = read_ballot(data)
    now = services.now()
    votes = make_votes(ballot, comparison_id, services.store.comparisons.votes(comparison_id), now)
    count = services.store.comparisons.import_ballot(ballot.ballot, comparison_id, votes, now)
    return f"{count} {'answer' if count == 1 else 'answers'} counted{f' from {ballot.voter}' if ballot.voter else ''}."
