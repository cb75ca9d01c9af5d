"""The page of what was seen here: waiting and failing by model and gateway, beside what is documented."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from components import session
from components.form.seen import describe_seen, find_cell
from components.heading import draw_heading
from components.screens.board import draw_board
from components.words import count, escape, format_code, format_duration
from dailies.catalog.load import FOLDER, accept
from dailies.catalog.overlay import VARIABLE, find_overlay, write_patch
from dailies.disputes import find_bounds, list_disputes
from dailies.domain import Cell
from dailies.errors import DailiesError
from dailies.parameter import Parameter
from dailies.seen import Seen, Tally, summarise
from dailies.vocabulary import parameter_name

_SPANS = {"7 days": 7, "30 days": 30, "All": 0}
_MOST_REASONS = 5
_COUNTED = 5000  # the latest runs that ended


def draw_seen_page() -> None:
    """Draw the page."""
    draw_heading("Seen here", "How your runs ended, beside what is documented")
    endings = list(session.services().store.library.endings(limit=_COUNTED))
    if not endings:
        st.info("No run has ended yet. What happens to runs is summed up here.", icon=":material/visibility:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        span = st.segmented_control("Time", list(_SPANS), default="All", required=True, key="seen/span")
        gateways = sorted({ending.place.gateway for ending in endings})
        gateway = st.selectbox(
            "Gateway",
            gateways,
            index=None,
            placeholder="All",
            key="seen/gateway",
            width=220,
            format_func=session.name_gateway,
        )
    days = _SPANS[span or "All"]
    since = session.services().now() - timedelta(days=days)
    shown = [
        ending for ending in endings if (not days or ending.ended >= since) and gateway in (None, ending.place.gateway)
    ]
    found = summarise(shown, find_cell)
    if not found:
        st.info("No run ended in this time.", icon=":material/search_off:")
        return
    _draw_table(found)
    if len(endings) == _COUNTED:
        st.caption(f"Of your runs, the latest {_COUNTED:,} that ended are counted.")
    draw_board(shown)
    st.subheader("Details", anchor=False)
    _offer_patch()
    for number, seen in enumerate(found[:40]):
        _draw_details(seen, number)


def _draw_table(found: Sequence[Seen]) -> None:
    st.dataframe([_make_row(seen) for seen in found], hide_index=True, width="stretch")
    st.caption("Waits are from sending to the finished clip: the median, and what nine of ten did not exceed.")


def _make_row(seen: Seen) -> dict[str, Any]:
    cell, place = find_cell(seen.place), seen.place
    disputes = list_disputes(seen, cell)
    return {
        "Model": place.model,
        "Mode": place.mode.label,
        "Gateway": session.name_gateway(place.gateway),
        "Documented": cell.support.support.label if cell else "not in the catalog",
        "Seen": "disputed" if disputes else "–" if cell is None else "few runs" if seen.few else "agrees",
        "Runs": seen.runs,
        "Failed": f"{100 * seen.failed / seen.runs:.0f} %",
        "Usual wait": format_duration(seen.usual) if seen.usual is not None else "–",
        "Nine of ten": format_duration(seen.slowest) if seen.slowest is not None else "–",
        "Last": f"{seen.last:%Y-%m-%d}" if seen.last else "–",
    }


def _draw_details(seen: Seen, number: int) -> None:
    place = seen.place
    title = f"{escape(place.model)} · {place.mode.label} · {escape(session.name_gateway(place.gateway))}"
    box = st.expander(title, key=f"seen/{number}/{place.model}/{place.mode}", on_change="rerun")
    if not box.open:
        return
    with box:
        _draw_words(seen)


def _draw_words(seen: Seen) -> None:
    cell = find_cell(seen.place)
    left, right = st.columns(2)
    with left:
        st.markdown("**Documented**")
        if cell:
            st.markdown(f"{cell.support.support.label.capitalize()}: {escape(cell.support.note)}")
            for parameter in cell.parameters:
                if parameter.choices:
                    said = ", ".join(str(choice) for choice in parameter.choices)
                    st.markdown(f":small[{parameter_name(parameter.id).title}: {escape(said)}]")
        else:
            st.markdown("This model with this mode is not in the catalog.")
    with right:
        st.markdown(f"**Seen** {describe_seen(seen).removeprefix('Seen here: ')}")
        for dispute in list_disputes(seen, cell):
            st.markdown(f":orange-badge[disputed] {escape(dispute)}")
        for bound in find_bounds(seen, cell.parameters) if cell else ():
            _offer_fact(
                cell, bound.parameter, bound.fact, f"Offer no {bound.beyond}", f"{bound.beyond} was {bound.outcome}"
            )
        for (name, value), tally in seen.refused.items():
            if cell and (name, value) in seen.list_refused():
                _offer_acceptance(cell, name, value, tally, "refused")
            about = f"{parameter_name(name).title} {value}: refused {count(tally.number, 'time')}"
            st.markdown(f"{escape(about)}. {format_code(tally.words)}")
        for (name, value), tally in seen.changed.items():
            if cell and (name, value) in seen.list_changed():
                _offer_acceptance(cell, name, value, tally, f"delivered as {tally.words}")
            about = f"{parameter_name(name).title} {value}: delivered as {tally.words}, {count(tally.number, 'time')}"
            st.markdown(f"{escape(about)}.")
        reasons = sorted(seen.reasons.items(), key=lambda each: -each[1].number)
        for words, tally in reasons[:_MOST_REASONS]:
            st.markdown(f"{tally.number} × {format_code(words)}")


def _offer_acceptance(cell: Cell, name: str, value: str, tally: Tally, what: str) -> None:
    """Offer to take one of several documented values, which was never met here, out of the form.

    `what` says how its runs ended: refused, or delivered as another value.
    """
    parameter = cell.parameter(name)
    left = [choice for choice in parameter.choices if str(choice) != value] if parameter else []
    if parameter is not None and left and len(left) < len(parameter.choices):
        words = f"{value} was {what} {count(tally.number, 'time')}, last on {tally.last:%Y-%m-%d}"
        _offer_fact(cell, parameter, {"choices": left}, f"Offer {parameter.title} {value} no more", words)


def _offer_fact(cell: Cell | None, parameter: Parameter, fact: Mapping[str, Any], label: str, words: str) -> None:
    """Offer to write a fact into the operator's catalog, on the operator's word. `words` say what was seen."""
    if cell is None or cell.model.status == "typed":
        return
    if find_overlay() is None or not _may_accept():
        st.caption(f"An operator can accept this, if `{VARIABLE}` names a folder.")
        return
    st.button(
        escape(label),
        icon=":material/check:",
        key=f"seen/accept/{cell.model.id}/{cell.mode}/{label}",
        help="Writes it into the operator's own catalog. It can be exported as a patch, and taken back there.",
        on_click=_accept,
        args=(cell, parameter, fact, words),
    )


def _accept(cell: Cell, parameter: Parameter, fact: Mapping[str, Any], words: str) -> None:
    try:
        accept(cell, parameter, fact, words, session.services().now().date())
    except DailiesError as error:
        st.toast(escape(str(error)), icon=":material/error:", duration="infinite")


def _may_accept() -> bool:
    """Whether this person may change the operator's catalog."""
    return session.person().operator if session.owner() else not session.is_open()


def _offer_patch() -> None:
    """Offer what was accepted as a patch for the catalog."""
    overlay = find_overlay()
    if overlay is None or not _may_accept():
        return
    try:
        patch = write_patch(FOLDER, overlay)
    except DailiesError as error:
        st.caption(f":orange[:material/info: {escape(str(error))}]")
        return
    if patch:
        st.download_button(
            "Patch for the catalog", patch, "seen.patch", "text/x-diff", icon=":material/difference:", on_click="ignore"
        )
