"""Home: the support matrix, live, a way to try an idea at once, and the newest runs."""

from __future__ import annotations

from typing import Any

import streamlit as st

from components import session
from components.frontend import draw_matrix, listen
from components.gateway import draw_gateway_state
from components.heading import draw_heading
from components.runs.cards import get_family_title
from components.words import STATE_LOOK, SUPPORT_MEANING, cite, format_time, link_source
from dailies.catalog.load import Catalog, Family
from dailies.domain import Run, SupportClaim
from dailies.vocabulary import Mode, RunState, SourceKind

COLUMNS = (Mode.TEXT, Mode.FIRST_FRAME, Mode.FIRST_LAST, Mode.REFERENCES)
_RECENT = 6
_TAKE = 158  # px: six takes abreast on a wide screen, two on a phone


def draw_home() -> None:
    """Draw the page."""
    catalog = session.catalog()
    draw_heading("Dailies")
    draw_gateway_state()
    _try_it(catalog)
    st.subheader("What each family can do", anchor=False)
    legend = " · ".join(
        f"{glyph} {support.label}: {SUPPORT_MEANING[support].rstrip('.').lower()}" for support, glyph in _GLYPHS
    )
    st.caption(legend)
    chosen = draw_matrix([mode.label for mode in COLUMNS] + ["Sound"], list_matrix_rows(catalog), key="home/matrix")
    st.markdown(f":small[{_sources(catalog)}]")  # a caption would fade the links below a readable contrast
    draw_recent_takes(catalog)
    if chosen:
        family = catalog.families[chosen["family"]]
        mode = chosen["mode"]
        model = _model_with(family, Mode(mode)) if mode else family.models[family.entries[0].id][0].id
        st.switch_page(session.page_of(family), query_params={"model": model, **({"mode": mode} if mode else {})})


_GLYPHS = tuple(zip(SUPPORT_MEANING, "●◐◇⊘", strict=True))


def list_matrix_rows(catalog: Catalog) -> list[dict[str, Any]]:
    """One row a family, one cell a column; plain data for the table."""
    return [
        {
            "family": family.id,
            "title": family.title,
            "cells": [_cell(family.support.get(mode), mode) for mode in COLUMNS] + [_cell(family.audio, None)],
            "models": _models(family),
            "allModels": ", ".join(row.id for row in family.models[family.entries[0].id]),
        }
        for family in catalog.families.values()
        if not family.generic
    ]


def _sources(catalog: Catalog) -> str:
    """The founding documents behind the table, linked; the rest is named where it is used."""
    families = [family for family in catalog.families.values() if not family.generic]
    facts = [fact for family in families for fact in (*family.support.values(), family.audio)]
    sources = dict.fromkeys(citation.source for fact in facts for citation in fact.origin.citations)
    founding = [link_source(source) for source in sources if source.kind is SourceKind.FOUNDING]
    return f"From {' and '.join(founding)}. Each family's page links the sources of every fact."


def _cell(support: SupportClaim | None, mode: Mode | None) -> dict[str, Any] | None:
    if support is None:
        return None
    return {
        "support": support.support.value,
        "word": support.support.label,
        "about": f"{support.note.removesuffix('.')}. {cite(support.origin, links=False)}",
        "mode": mode.value if mode else None,
        "column": mode.label if mode else "Sound",
    }


def _models(family: Family) -> str:
    rows = family.models[family.entries[0].id]
    shown = ", ".join(row.id for row in rows[:2])
    return f"{shown} and {len(rows) - 2} more" if len(rows) > 2 else shown


def _model_with(family: Family, mode: Mode) -> str:
    rows = family.models[family.entries[0].id]
    return next((row.id for row in rows if family.cell(row.id, mode)), rows[0].id)


def _try_it(catalog: Catalog) -> None:
    named = [family for family in catalog.families.values() if not family.generic]
    choices = {family.models[family.entries[0].id][0].id: family for family in named}
    with st.form("home/try", border=False):
        words, where, go = st.columns([6, 3, 2], vertical_alignment="bottom")
        prompt = words.text_input("What do you want to see?", placeholder="A paper boat crosses a rain puddle at dusk")
        model = where.selectbox("Model", list(choices), format_func=lambda m: f"{choices[m].title}: {m}")
        pressed = go.form_submit_button("Try it", icon=":material/arrow_forward:", type="primary", width="stretch")
    if pressed and model:
        st.session_state[session.key(choices[model].id, "prompt")] = prompt
        st.switch_page(session.page_of(choices[model]), query_params={"model": model})


@st.fragment
def draw_recent_takes(catalog: Catalog) -> None:
    """The newest runs as a strip of posters."""
    found = session.services().store.runs.list(session.OWNER, limit=_RECENT)
    listen(found, every=True, key="home/live")
    if not found:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.subheader("Recent takes", anchor=False, width="content")
        if st.button("Library", icon=":material/video_library:", type="tertiary"):
            st.switch_page(session.page("library"))
    with st.container(horizontal=True):
        for run in found:
            with st.container(width=_TAKE, gap="small"):
                _take(catalog, run)


def _take(catalog: Catalog, run: Run) -> None:
    if run.clip:
        alt = f"Poster of {run.request.model}: {run.request.prompt[:60]}"
        st.image(_poster(run.clip.poster), width="stretch", alt=alt)
    colour, icon, word = STATE_LOOK[run.state]
    percent = f" {run.percent} %" if run.state is RunState.RUNNING and run.percent is not None else ""
    label = f"{get_family_title(catalog, run)} · {format_time(run.created, st.context.timezone_offset)}"
    st.caption(f":{colour}[{icon} {word}{percent}] {label}")
    about = run.request.prompt[:120] or run.request.model
    if st.button("Open", key=f"open-{run.id}", help=about, width="stretch"):
        st.switch_page(session.page_of(run.request.family), query_params={"run": run.id, "model": run.request.model})


@st.cache_data(max_entries=200, show_spinner=False)
def _poster(name: str) -> bytes:
    return session.services().store.files.clip_path(name).read_bytes()
