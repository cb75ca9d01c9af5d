"""The form of the Plan page, and the plan that it asks for.

Nothing typed is lost: values that the chosen models do not take stay in the form, and the plan lists what changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil, floor

import streamlit as st

from components import session
from components.form.prompts import draw_prompts
from components.life import label_model
from components.words import format_sentence
from dailies.catalog.load import Catalog
from dailies.catalog.prices import Cost, Unpriced
from dailies.compare.lanes import merge_parameters
from dailies.compare.nouns import MAX_LANES, Idea
from dailies.compare.plan import Candidate, Matrix, lay_out, split_prompts
from dailies.domain import Cell, Request
from dailies.errors import DailiesError
from dailies.request.expand import expand_all
from dailies.text import NAME_CHARS, clean
from dailies.vocabulary import PARAMETERS, Mode, Value

_LINE, _PARAGRAPH = "Line", "Paragraph"
_SHARED = ("aspect_ratio", "resolution", "audio")
_MOST_ROWS = 400  # of the table: nobody reads more, and the browser slows down

_MODELS, _PROMPTS, _PER = "plan/models", "plan/prompts", "plan/per"
_DURATIONS, _TAKES = "plan/durations", "plan/takes"


def draw(catalog: Catalog) -> None:
    """Draw the form."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.text_area(
            "Prompts",
            key=_PROMPTS,
            height=196,
            persist_state="session",
            placeholder="What happens in the clip?",
            help="`{red|blue}` stands for each word, `{1..3}` for each number: the table shows every prompt. Other "
            "braces are sent as they are. A plan is made of words alone; Compare takes pictures too.",
        )
        draw_prompts("plan/earlier", Mode.TEXT, _add_prompt, "Adds this prompt to the plan.")
        st.session_state.setdefault(_PER, _LINE)
        st.segmented_control(
            "One prompt per",
            [_LINE, _PARAGRAPH],
            key=_PER,
            required=True,
            persist_state="session",
            help="With paragraphs, empty lines separate the prompts, and a prompt can have several lines.",
        )
    with right:
        titles = {
            m.id: label_model(m, f"{f.title}: {m.id}")
            for f in catalog.families.values()
            for m in f.models[f.entries[0].id]
        }
        st.multiselect(
            "Models",
            list(titles),
            key=_MODELS,
            format_func=lambda model: titles.get(model, model),
            accept_new_options=True,
            select_all=False,
            wrap=True,
            persist_state="session",
            placeholder="Choose models, or type an id",
        )
        st.multiselect(
            "Durations (s)",
            _list_durations(catalog),
            key=_DURATIONS,
            accept_new_options=True,
            select_all=False,
            format_func=str,
            persist_state="session",
            placeholder="Each model's own",
            help="A model that does not take a duration gets the nearest one it takes; the table shows it.",
        )
        with st.container(horizontal=True):
            st.session_state.setdefault(_TAKES, 1)
            st.number_input("Takes", 1, MAX_LANES, step=1, key=_TAKES, width=130, persist_state="session")
        _draw_values()
    prompts, text = _read_prompts(), session.read_text(_PROMPTS)
    if len(set(prompts)) < len(prompts):
        st.caption(":material/info: A repeated prompt is used once. Takes send a prompt several times.")
    if st.session_state.get(_PER) != _PARAGRAPH and "\n\n" in text.strip():
        st.caption(":material/info: Every line is a prompt. Choose Paragraph for prompts of several lines.")


@st.cache_data(show_spinner=False)
def _list_durations(_catalog: Catalog) -> list[int]:
    """List every duration, in whole seconds, that some model takes for a text."""
    found: set[int] = set()
    for cell in _catalog.cells():
        parameter = cell.parameter("seconds") if cell.mode is Mode.TEXT and not cell.continues else None
        if parameter is not None:
            found |= {v for v in (*parameter.choices, parameter.fixed) if isinstance(v, int)}
            if parameter.minimum is not None and parameter.maximum is not None:
                found |= set(range(ceil(parameter.minimum), floor(parameter.maximum) + 1))
    return sorted(value for value in found if value > 0)


def _draw_values() -> None:
    """Draw the values for all models, as far as the chosen ones take any."""
    cells = [(candidate.model, candidate.cell) for candidate in _find_candidates()]
    offered = {shared.parameter.id: shared for shared in merge_parameters(cells)}
    with st.container(horizontal=True):
        for name in _SHARED:
            key = _value_key(name)
            held = st.session_state.get(key)
            shared = offered.get(name)
            options: list[Value] = list(shared.parameter.choices) if shared else []
            if held is not None and held not in options:
                options.append(held)  # chosen for models that were removed: it stays, and the table says so
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
                    help=format_sentence(shared.reason) if shared and shared.reason else None,
                )


def _value_key(name: str) -> str:
    return f"plan/value/{name}"


def read() -> Matrix | None:
    """Read the plan that the form asks for; None while it asks for nothing.

    Raises `DailiesError` for a plan that is too large, for a wrong duration, and for a mistake in the price file.
    """
    state = st.session_state
    prompts = tuple(dict.fromkeys(_read_prompts()))
    durations = _parse_durations(state.get(_DURATIONS) or ())
    candidates = _find_candidates()
    if not prompts or not candidates:
        return None
    rows = len(candidates) * len(prompts) * max(1, len(durations))
    if rows > _MOST_ROWS:
        raise DailiesError(
            f"A plan has at most {_MOST_ROWS} rows, this one {rows}{' or more' if len(prompts) > _MOST_ROWS else ''}. "
            "Remove models, prompts or durations."
        )
    services = session.services()
    timed = [replace(candidate, past=tuple(services.store.runs.history(candidate.model))) for candidate in candidates]
    gate, gateway = services.gate, session.gateway().name

    def price(request: Request, cell: Cell) -> Cost | Unpriced:
        return gate.price(request, cell, gateway)

    values = {name: state[_value_key(name)] for name in _SHARED if state.get(_value_key(name)) is not None}
    return lay_out(Idea(values=values), timed, prompts, durations, int(state.get(_TAKES) or 1), price)


def _read_prompts() -> tuple[str, ...]:
    """Read the prompts, with what their braces stand for; one more than a plan can hold where there are more."""
    text = session.read_text(_PROMPTS)
    return expand_all(split_prompts(text, paragraphs=st.session_state.get(_PER) == _PARAGRAPH), _MOST_ROWS)


def _add_prompt(_: str, prompt: str) -> None:
    """Add a prompt below what is written."""
    written, paragraphs = session.read_text(_PROMPTS).rstrip(), st.session_state.get(_PER) == _PARAGRAPH
    added = prompt if paragraphs else " ".join(prompt.split())
    between = "\n\n" if paragraphs else "\n"
    st.session_state[_PROMPTS] = f"{written}{between if written else ''}{added}"


def _parse_durations(chosen: Sequence[int | str]) -> tuple[int, ...]:
    found: set[int] = set()
    for value in chosen:
        text = str(value).strip().removesuffix("s").strip()
        if not text.isascii() or not text.isdecimal() or not int(text):
            raise DailiesError(f"{clean(text, NAME_CHARS)!r} is not a duration: write whole seconds, such as 5.")
        found.add(int(text))
    return tuple(sorted(found))


def _find_candidates() -> list[Candidate]:
    """Find the chosen models in the catalog; an id it does not list belongs to the family that accepts it."""
    catalog, found = session.catalog(), []
    for model in dict.fromkeys(clean(str(name).strip(), NAME_CHARS) for name in st.session_state.get(_MODELS) or ()):
        known = catalog.find(model)
        if known is None:
            found.append(Candidate("", "", model, None))
            continue
        family, _ = known
        rows = {e.id: row for e in family.entries if not e.after and (row := family.model(model, e.id))}
        entries = [entry for entry, row in rows.items() if row.status != "typed"] or list(rows)
        entries = entries or [family.entries[0].id]
        entry = next((entry for entry in entries if family.cell(model, Mode.TEXT, entry)), entries[0])
        cell = family.cell(model, Mode.TEXT, entry)
        found.append(Candidate(family.id, entry, model, cell, family.modes(model, entry)))
    return found
