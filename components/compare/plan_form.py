"""The form of the plan page, and the plan that it asks for.

Nothing typed is lost: what the chosen models do not take stays in the form, and the plan says what becomes of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil, floor
from statistics import median

import streamlit as st

from components import session
from dailies.catalog.load import Catalog
from dailies.catalog.prices import Prices, load_prices
from dailies.compare.lanes import shared_parameters
from dailies.compare.nouns import MAX_LANES, Idea
from dailies.compare.plan import Candidate, Matrix, matrix, split_prompts
from dailies.errors import DailiesError
from dailies.vocabulary import PARAMETERS, Mode, Value

_LINE, _PARAGRAPH = "Line", "Paragraph"
_SHARED = ("aspect_ratio", "resolution", "audio")
_AT_ONCE = 4  # clips that a gateway is taken to work on at once, until the person says otherwise
_MOST_ROWS = 400  # of the table: beyond, nobody reads it and the browser labours

_MODELS, _PROMPTS, _PER = "plan/models", "plan/prompts", "plan/per"
_LENGTHS, _TAKES, _CONCURRENCY = "plan/lengths", "plan/takes", "plan/at once"


def plan_form(catalog: Catalog) -> None:
    """Draw the form."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.text_area(
            "Prompts", key=_PROMPTS, height=196, persist_state="session", placeholder="What happens in the clip?"
        )
        st.session_state.setdefault(_PER, _LINE)
        st.segmented_control(
            "A prompt is a",
            [_LINE, _PARAGRAPH],
            key=_PER,
            required=True,
            persist_state="session",
            help="Paragraphs are separated by empty lines; a prompt can then have several lines.",
        )
    with right:
        titles = {m.id: f.title for f in catalog.families.values() for m in f.models[f.entries[0].id]}
        st.multiselect(
            "Models",
            list(titles),
            key=_MODELS,
            format_func=lambda model: f"{titles[model]}: {model}" if model in titles else model,
            accept_new_options=True,
            select_all=False,
            wrap=True,
            persist_state="session",
            placeholder="Choose, or type an id",
        )
        st.multiselect(
            "Lengths (s)",
            _usual_lengths(catalog),
            key=_LENGTHS,
            accept_new_options=True,
            select_all=False,
            format_func=str,
            persist_state="session",
            placeholder="Each model's own",
            help="A model that does not take a length takes the nearest one it has, and the table says so.",
        )
        with st.container(horizontal=True):
            st.session_state.setdefault(_TAKES, 1)
            st.number_input("Takes", 1, MAX_LANES, step=1, key=_TAKES, width=130, persist_state="session")
            st.session_state.setdefault(_CONCURRENCY, _AT_ONCE)
            st.number_input(
                "Clips at once",
                1,
                100,
                step=1,
                key=_CONCURRENCY,
                width=130,
                persist_state="session",
                help="How many clips the gateway works on at the same time, as far as you know. It changes the "
                "estimate of the wait and nothing else: all are sent at once, and the gateway queues them.",
            )
        _shared_form()
    prompts, text = _prompts(), str(st.session_state.get(_PROMPTS) or "")
    if len(set(prompts)) < len(prompts):
        st.caption(":material/info: A repeated prompt is laid out once: takes send a prompt several times.")
    if st.session_state.get(_PER) != _PARAGRAPH and "\n\n" in text.strip():
        st.caption(":material/info: Every line is a prompt of its own; choose Paragraph for prompts of several lines.")


@st.cache_data(show_spinner=False)
def _usual_lengths(_catalog: Catalog) -> list[int]:
    """Every length, in whole seconds, that some model takes from a text."""
    found: set[int] = set()
    for cell in _catalog.cells():
        parameter = cell.parameter("seconds") if cell.mode is Mode.TEXT and not cell.continues else None
        if parameter is not None:
            found |= {v for v in (*parameter.choices, parameter.fixed) if isinstance(v, int)}
            if parameter.minimum is not None and parameter.maximum is not None:
                found |= set(range(ceil(parameter.minimum), floor(parameter.maximum) + 1))
    return sorted(value for value in found if value > 0)


def _shared_form() -> None:
    """The values that all models are asked for, as far as the chosen ones take any."""
    cells = [(candidate.model, candidate.cell) for candidate in _candidates()]
    offered = {shared.parameter.id: shared for shared in shared_parameters(cells)}
    with st.container(horizontal=True):
        for name in _SHARED:
            key = _value_key(name)
            held = st.session_state.get(key)
            shared = offered.get(name)
            options: list[Value] = list(shared.parameter.choices) if shared else []
            if held is not None and held not in options:
                options.append(held)  # chosen for models that have been taken out: it stays, and the table says so
            if options:
                st.selectbox(
                    PARAMETERS[name].title,
                    options,
                    index=None,
                    key=key,
                    format_func=str,
                    width=150,
                    persist_state="session",
                    placeholder="Each its own",
                    help=f"{shared.reason[:1].upper()}{shared.reason[1:]}." if shared and shared.reason else None,
                )


def _value_key(name: str) -> str:
    return f"plan/value/{name}"


def concurrency() -> int:
    """How many clips the gateway is taken to work on at once."""
    return int(st.session_state.get(_CONCURRENCY) or _AT_ONCE)


def asked_plan() -> Matrix | None:
    """The plan that the form asks for; None while it asks for nothing.

    Raises `DailiesError` for what cannot be laid out, and for a price file with a mistake.
    """
    state = st.session_state
    prompts = tuple(dict.fromkeys(_prompts()))
    lengths = _lengths(state.get(_LENGTHS) or ())
    candidates = _candidates()
    if not prompts or not candidates:
        return None
    rows = len(candidates) * len(prompts) * max(1, len(lengths))
    if rows > _MOST_ROWS:
        raise DailiesError(f"This would be a table of {rows} rows; up to {_MOST_ROWS} are laid out. Ask for less.")
    services = session.services()
    timed = [
        replace(candidate, estimate=median(took))
        if (took := services.store.runs.durations(candidate.model))
        else candidate
        for candidate in candidates
    ]
    path = services.settings.spending.prices
    prices = load_prices(path) if path else Prices()
    values = {name: state[_value_key(name)] for name in _SHARED if state.get(_value_key(name)) is not None}
    return matrix(Idea(values=values), timed, prompts, lengths, int(state.get(_TAKES) or 1), prices.cost)


def _prompts() -> tuple[str, ...]:
    text = str(st.session_state.get(_PROMPTS) or "")
    return split_prompts(text, paragraphs=st.session_state.get(_PER) == _PARAGRAPH)


def _lengths(chosen: Sequence[int | str]) -> tuple[int, ...]:
    found: set[int] = set()
    for value in chosen:
        text = str(value).strip().removesuffix("s").strip()
        if not text.isascii() or not text.isdecimal() or not int(text):
            raise DailiesError(f"{value!r} is no length: write whole seconds, such as 5.")
        found.add(int(text))
    return tuple(sorted(found))


def _candidates() -> list[Candidate]:
    """The chosen models as the catalog knows them; an id it does not know belongs to whichever family takes it."""
    catalog, found = session.catalog(), []
    for model in dict.fromkeys(str(name).strip() for name in st.session_state.get(_MODELS) or ()):
        known = catalog.find(model)
        if known is None:
            found.append(Candidate("", "", model, None))
            continue
        family, _ = known
        rows = {e.id: row for e in family.entries if not e.after and (row := family.model(model, e.id))}
        ways = [way for way, row in rows.items() if row.status != "typed"] or list(rows) or [family.entries[0].id]
        entry = next((way for way in ways if family.cell(model, Mode.TEXT, way)), ways[0])
        cell = family.cell(model, Mode.TEXT, entry)
        found.append(Candidate(family.id, entry, model, cell, family.modes(model, entry)))
    return found
