"""Home: an idea and Generate in place, the newest takes as pictures, and the support matrix of every family."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import streamlit as st

from components import faults, session
from components.form.seen import list_seen_modes
from components.form.short import draw_short_form
from components.frontend import draw_matrix, draw_wall, listen
from components.gateway import draw_gateway_models
from components.heading import draw_heading
from components.life import explain_life, label_model
from components.runs.cards import announce_own, draw_run, get_family_title
from components.runs.outcome import list_usual_durations
from components.runs.waiting import list_places
from components.screens.showcase import draw_showcase
from components.words import LIFE_LOOK, STATE_LOOK, SUPPORT_MEANING, cite, format_time, link_source
from dailies.catalog.load import Catalog, Family
from dailies.domain import Run, SupportClaim
from dailies.lifecycle import Lifecycle
from dailies.text import join_and
from dailies.vocabulary import Mode, RunState, SourceKind, Support

COLUMNS = (Mode.TEXT, Mode.FIRST_FRAME, Mode.FIRST_LAST, Mode.REFERENCES)
"""The modes that are columns of the matrix; sound is the last column."""

_RECENT = 12
_GLYPHS = tuple(zip(SUPPORT_MEANING, "●◐○◇⊘", strict=True))


def draw_home() -> None:
    """Draw the page."""
    catalog = session.catalog()
    draw_heading("Dailies")
    draw_short_form(catalog)
    draw_recent_takes(catalog)
    _draw_matrix(catalog)
    draw_gateway_models()


# --- the newest takes --------------------------------------------------------------------------------------------


@faults.fragment
def draw_recent_takes(catalog: Catalog) -> None:
    """Draw the newest runs as a wall of pictures, and large the one that was just asked for here."""
    store = session.services().store
    since, found = store.revision(), store.runs.list(limit=_RECENT)
    listen(found, since=since, every=True, key="home/live")
    if not found:
        draw_showcase()
        return
    if found[0].id in session.mine():
        with st.container(key="home-newest"):
            draw_run(found[0], list_usual_durations(found[:1]), list_places(found[:1]), first=True)
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.subheader("Recent takes", anchor=False, width="content")
        if st.button("Library", icon=":material/video_library:", type="tertiary"):
            st.switch_page(session.page("library"))
    announce_own(found[:1], key="home/announce")
    chosen = draw_wall([_make_take(catalog, run) for run in found], key="home/wall")
    if run := next((run for run in found if run.id == chosen), None):
        st.switch_page(session.page_of(run.request.family), query_params={"run": run.id, "model": run.request.model})


def _make_take(catalog: Catalog, run: Run) -> dict[str, Any]:
    state = STATE_LOOK[run.state].word
    percent = f" {run.percent} %" if run.state is RunState.RUNNING and run.percent is not None else ""
    return {
        "id": run.id,
        "poster": session.clip_address(run.clip.poster) if run.clip else "",
        "clip": session.clip_address(run.clip.played) if run.clip else "",
        "label": f"Open {run.request.model}, {state.lower()}: {run.request.prompt[:100] or 'no prompt'}",
        "model": get_family_title(catalog, run),
        "facts": format_time(run.created, st.context.timezone_offset),
        "state": f"{state}{percent}",
        "open": run.state.open,
    }


# --- the matrix --------------------------------------------------------------------------------------------------


def _draw_matrix(catalog: Catalog) -> None:
    st.subheader("What each family can do", anchor=False)
    legend = " · ".join(
        f"{glyph} {support.label}: {SUPPORT_MEANING[support].rstrip('.').lower()}" for support, glyph in _GLYPHS
    )
    st.markdown(f":small[Documented: {legend}. Seen here, below it: ✓ clips, ✗ failures of your own runs.]")
    rows = list_matrix_rows(catalog, list_seen_modes())
    chosen = draw_matrix([mode.label for mode in COLUMNS] + ["Sound"], rows, key="home/matrix")
    st.markdown(f":small[{_format_sources(catalog)}]")
    if chosen:
        family = catalog.families[chosen["family"]]
        mode = chosen["mode"]
        model = _find_model(family, Mode(mode)) if mode else family.models[family.entries[0].id][0].id
        st.switch_page(session.page_of(family), query_params={"model": model, **({"mode": mode} if mode else {})})


def list_matrix_rows(
    catalog: Catalog, seen: Mapping[tuple[str, Mode], Mapping[str, str]] = MappingProxyType({})
) -> list[dict[str, Any]]:
    """Return the matrix as plain data for the table: one row per family, one cell per column; `seen` beside it."""
    return [
        {
            "family": family.id,
            "title": family.title,
            "life": _make_badge(family.life),
            "cells": [_make_cell(family.support.get(mode), mode, seen.get((family.id, mode))) for mode in COLUMNS]
            + [_make_cell(family.audio, None)],
            "models": _format_models(family),
            "folded": _is_only_named(family),
            "allModels": ", ".join(label_model(row) for row in family.models[family.entries[0].id]),
        }
        for family in catalog.families.values()
        if not family.generic
    ]


def _is_only_named(family: Family) -> bool:
    """Whether everything that is documented of a family is documented of its group alone."""
    return all(claim.support is Support.GROUP for claim in (*family.support.values(), family.audio))


def _make_badge(life: Lifecycle | None) -> dict[str, str] | None:
    if life is None:
        return None
    about = f"{explain_life(life)} {cite(life.origin, links=False)}"
    return {"state": life.state.value, "word": LIFE_LOOK[life.state].word, "about": about}


def _make_cell(
    claim: SupportClaim | None, mode: Mode | None, seen: Mapping[str, str] | None = None
) -> dict[str, Any] | None:
    if claim is None:
        return None
    return {
        "support": claim.support.value,
        "word": claim.support.label,
        "about": f"{claim.note.removesuffix('.')}. {cite(claim.origin, links=False)}",
        "mode": mode.value if mode else None,
        "column": mode.label if mode else "Sound",
        "seen": dict(seen) if seen else None,
    }


def _format_models(family: Family) -> str:
    rows = family.models[family.entries[0].id]
    shown = ", ".join(row.id for row in rows[:2])
    return f"{shown} and {len(rows) - 2} more" if len(rows) > 2 else shown


def _find_model(family: Family, mode: Mode) -> str:
    """Return the first model of a family that offers a mode; the family's first model if none does."""
    rows = family.models[family.entries[0].id]
    return next((row.id for row in rows if family.cell(row.id, mode)), rows[0].id)


def _format_sources(catalog: Catalog) -> str:
    """Link the founding documents behind the matrix. All other sources are linked on the families' pages."""
    families = [family for family in catalog.families.values() if not family.generic]
    facts = [fact for family in families for fact in (*family.support.values(), family.audio)]
    sources = dict.fromkeys(citation.source for fact in facts for citation in fact.origin.citations)
    founding = [link_source(source) for source in sources if source.kind is SourceKind.FOUNDING]
    return f"From {join_and(founding)}. Each family's page links the sources of every fact."
