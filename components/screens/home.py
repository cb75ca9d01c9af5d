"""Home: try an idea, see the newest takes, and the support matrix of every family."""

from __future__ import annotations

from typing import Any

import streamlit as st

from components import faults, session
from components.frontend import draw_matrix, listen
from components.gateway import draw_gateway_models, draw_gateway_state
from components.heading import draw_heading
from components.life import explain_life, is_served, label_model
from components.runs.cards import get_family_title
from components.runs.outcome import contain_failure
from components.words import LIFE_LOOK, STATE_LOOK, SUPPORT_MEANING, cite, escape, format_time, link_source
from dailies.catalog.load import Catalog, Family
from dailies.domain import Run, SupportClaim
from dailies.lifecycle import Lifecycle
from dailies.media.pictures import letterbox
from dailies.vocabulary import Mode, RunState, SourceKind

COLUMNS = (Mode.TEXT, Mode.FIRST_FRAME, Mode.FIRST_LAST, Mode.REFERENCES)
"""The modes that are columns of the matrix; sound is the last column."""

_RECENT = 6
_WIDTH, _HEIGHT = 152, 86  # px of a take: six side by side on a wide screen, two on a phone
_GLYPHS = tuple(zip(SUPPORT_MEANING, "●◐○◇⊘", strict=True))


def draw_home() -> None:
    """Draw the page."""
    catalog = session.catalog()
    draw_heading("Dailies")
    _draw_try_it(catalog)
    draw_gateway_state()
    draw_recent_takes(catalog)
    _draw_matrix(catalog)
    draw_gateway_models()


# --- an idea at once ---------------------------------------------------------------------------------------------


def _draw_try_it(catalog: Catalog) -> None:
    """Draw a prompt and a choice of model that open the model's page with the prompt filled in."""
    named = [family for family in catalog.families.values() if not family.generic]
    firsts = [(family.models[family.entries[0].id][0], family) for family in named]
    choices = {model.id: family for model, family in firsts}
    labels = {model.id: label_model(model, f"{family.title}: {model.id}") for model, family in firsts}
    served = [number for number, (model, _) in enumerate(firsts) if is_served(model)]
    with st.form("home/try", border=False):
        words, where, go = st.columns([6, 3, 2], vertical_alignment="bottom")
        prompt = words.text_input("What do you want to see?", placeholder="A paper boat crosses a rain puddle at dusk")
        model = where.selectbox(
            "Model", list(choices), index=served[0] if served else 0, format_func=labels.__getitem__
        )
        pressed = go.form_submit_button("Try it", icon=":material/arrow_forward:", type="primary", width="stretch")
    if pressed and model:
        st.session_state[session.key(choices[model].id, "prompt")] = prompt
        st.switch_page(session.page_of(choices[model]), query_params={"model": model})


# --- the newest takes --------------------------------------------------------------------------------------------


@faults.fragment
def draw_recent_takes(catalog: Catalog) -> None:
    """Draw the newest runs as a strip of posters."""
    store = session.services().store
    since, found = store.revision(), store.runs.list(limit=_RECENT)
    listen(found, since=since, every=True, key="home/live")
    if not found:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.subheader("Recent takes", anchor=False, width="content")
        if st.button("Library", icon=":material/video_library:", type="tertiary"):
            st.switch_page(session.page("library"))
    with st.container(horizontal=True):
        for run in found:
            with st.container(width=_WIDTH, gap="small"), contain_failure(run):
                _draw_take(catalog, run)


def _draw_take(catalog: Catalog, run: Run) -> None:
    look = STATE_LOOK[run.state]
    percent = f" {run.percent} %" if run.state is RunState.RUNNING and run.percent is not None else ""
    if run.clip:
        st.image(
            _poster(run.clip.poster), width=_WIDTH, alt=f"Poster of {run.request.model}: {run.request.prompt[:60]}"
        )
    else:
        with st.container(height=_HEIGHT, horizontal_alignment="center", vertical_alignment="center"):
            st.markdown(f"## :{look.colour}[{look.icon}]", width="content")
    moment = format_time(run.created, st.context.timezone_offset)
    title = escape(get_family_title(catalog, run))
    st.markdown(f":small[:{look.colour}[{look.icon} {look.word}{percent}]]  \n:small[{title} · {moment}]")
    about = escape(run.request.prompt[:120] or run.request.model)
    if st.button("Open", key=f"open-{run.id}", help=about, width="stretch"):
        st.switch_page(session.page_of(run.request.family), query_params={"run": run.id, "model": run.request.model})


@st.cache_data(max_entries=200, show_spinner=False)
def _poster(name: str) -> bytes:
    """Return a poster as a picture of one shape for every take, twice as large as it is shown."""
    return letterbox(session.services().store.files.bring_clip(name).read_bytes(), 2 * _WIDTH, 2 * _HEIGHT)


# --- the matrix --------------------------------------------------------------------------------------------------


def _draw_matrix(catalog: Catalog) -> None:
    st.subheader("What each family can do", anchor=False)
    legend = " · ".join(
        f"{glyph} {support.label}: {SUPPORT_MEANING[support].rstrip('.').lower()}" for support, glyph in _GLYPHS
    )
    st.markdown(f":small[{legend}]")
    chosen = draw_matrix([mode.label for mode in COLUMNS] + ["Sound"], list_matrix_rows(catalog), key="home/matrix")
    st.markdown(f":small[{_format_sources(catalog)}]")
    if chosen:
        family = catalog.families[chosen["family"]]
        mode = chosen["mode"]
        model = _find_model(family, Mode(mode)) if mode else family.models[family.entries[0].id][0].id
        st.switch_page(session.page_of(family), query_params={"model": model, **({"mode": mode} if mode else {})})


def list_matrix_rows(catalog: Catalog) -> list[dict[str, Any]]:
    """Return the matrix as plain data for the table: one row per family, one cell per column."""
    return [
        {
            "family": family.id,
            "title": family.title,
            "life": _make_badge(family.life),
            "cells": [_make_cell(family.support.get(mode), mode) for mode in COLUMNS]
            + [_make_cell(family.audio, None)],
            "models": _format_models(family),
            "allModels": ", ".join(label_model(row) for row in family.models[family.entries[0].id]),
        }
        for family in catalog.families.values()
        if not family.generic
    ]


def _make_badge(life: Lifecycle | None) -> dict[str, str] | None:
    if life is None:
        return None
    about = f"{explain_life(life)} {cite(life.origin, links=False)}"
    return {"state": life.state.value, "word": LIFE_LOOK[life.state].word, "about": about}


def _make_cell(claim: SupportClaim | None, mode: Mode | None) -> dict[str, Any] | None:
    if claim is None:
        return None
    return {
        "support": claim.support.value,
        "word": claim.support.label,
        "about": f"{claim.note.removesuffix('.')}. {cite(claim.origin, links=False)}",
        "mode": mode.value if mode else None,
        "column": mode.label if mode else "Sound",
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
    return f"From {' and '.join(founding)}. Each family's page links the sources of every fact."
