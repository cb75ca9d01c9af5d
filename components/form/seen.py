"""What was seen of a cell here, beside what is documented: a line in the form, and warnings before it is sent."""

from __future__ import annotations

import streamlit as st

from components import session
from components.words import count, escape, format_duration
from dailies.disputes import list_disputes, warn
from dailies.domain import Cell, Draft, Notice
from dailies.seen import Place, Seen, summarise
from dailies.vocabulary import Mode


@st.cache_data(ttl=30, max_entries=200, show_spinner=False)
def _read(owner: str, family: str) -> list[Seen]:
    """Sum up a family's runs; `owner` is whose they are. Half a minute old at most: a form is drawn often."""
    return summarise(session.services().store.library.endings(family=family), find_cell)


@st.cache_data(ttl=30, max_entries=50, show_spinner=False)
def _read_all(owner: str) -> list[Seen]:
    """Sum up a person's latest runs of all families; kept as long as `_read`."""
    return summarise(session.services().store.library.endings(limit=1000), find_cell)


def list_seen_modes() -> dict[tuple[str, Mode], dict[str, str]]:
    """Sum up what was seen at the gateway in use, by family and mode, as marks beside what is documented.

    `mark` is short: `✓ 11 ✗ 2`; `about` says it in a sentence; `disputed` is a word or empty.
    """
    gateway, found = session.gateway().name, dict[tuple[str, Mode], list[Seen]]()
    for seen in _read_all(session.owner()):
        if seen.place.gateway == gateway:
            found.setdefault((seen.place.family, seen.place.mode), []).append(seen)
    return {key: _mark(group) for key, group in found.items()}


def _mark(group: list[Seen]) -> dict[str, str]:
    done, failed = sum(seen.done for seen in group), sum(seen.failed for seen in group)
    disputes = [dispute for seen in group for dispute in list_disputes(seen, find_cell(seen.place))]
    marks = [f"{sign} {number}" for sign, number in (("✓", done), ("✗", failed)) if number]
    few = " Few runs say little." if all(seen.few for seen in group) else ""
    about = f"Seen here: {count(done + failed, 'run')}, {failed} failed.{few} {' '.join(disputes[:3])}"
    return {"mark": " ".join(marks), "about": about.strip(), "disputed": "disputed" if disputes else ""}


def find_cell(place: Place) -> Cell | None:
    """Find the cell of a place in the catalog."""
    family = session.catalog().families.get(place.family)
    return family.cell(place.model, place.mode, place.entry) if family else None


def find_seen(cell: Cell) -> Seen | None:
    """Find what was seen of a cell at the gateway in use."""
    place = Place(session.gateway().name, cell.family, cell.entry.id, cell.model.id, cell.mode)
    return next((seen for seen in _read(session.owner(), cell.family) if seen.place == place), None)


def draw_seen(cell: Cell) -> None:
    """Draw in one line what was seen, if anything was, and below it where it contradicts what is documented."""
    seen = find_seen(cell)
    if seen is None:
        return
    st.markdown(f":small[:material/visibility: {describe_seen(seen)}]")
    for dispute in list_disputes(seen, cell):
        st.markdown(f":small[:orange-badge[disputed] {escape(dispute)}]")


def describe_seen(seen: Seen) -> str:
    """Describe what was seen: `Seen here: 14 runs, 2 failed, usually 1 m 50 s, one in ten over 4 m`."""
    parts = [f"Seen here: {count(seen.runs, 'run')}" + (" only" if seen.few else "")]
    if seen.failed:
        parts.append(f"{seen.failed} failed")
    if seen.usual is not None and seen.slowest is not None:
        parts.append(f"usually {format_duration(seen.usual)}")
        if not seen.few and seen.slowest > seen.usual:
            parts.append(f"one in ten {format_duration(seen.slowest)} or more")
    return ", ".join(parts)


def list_warnings(cell: Cell, asked: Draft) -> list[Notice]:
    """Warn of values of the form that were refused here often."""
    seen = find_seen(cell)
    return warn(seen, asked.values, cell) if seen else []
