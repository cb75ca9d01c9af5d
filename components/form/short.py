"""The short form of Home: a prompt, a model and Generate in place. Everything else stands on the model's page.

It holds the same idea as every other form: a prompt from another page is here, and what is typed here is there.
"""

from __future__ import annotations

import streamlit as st

from components import session
from components.form import idea, values
from components.form.composer import draw_prompt
from components.form.held import get_references, set_references
from components.form.rewriting import draw_rewriting
from components.form.sending import check_shown, draw_generate, read_draft, show_notices
from components.life import is_current, is_served, label_model
from components.session import key
from components.words import escape
from dailies.catalog.load import Catalog
from dailies.compare.carry import begin
from dailies.domain import Cell, Request
from dailies.vocabulary import Mode

SCOPE = "home"
EXAMPLES = {
    "Paper boat": "A paper boat crosses a rain puddle at dusk, street lights mirrored in the water, slow push-in",
    "Mountain dawn": "Mist lifts from a mountain valley at dawn, birds cross the sun, wide shot, calm wind",
    "Neon city": "A neon city street at night after rain, people with umbrellas, reflections, handheld camera",
}
"""Ideas to begin with, by the words on their buttons."""


def draw_short_form(catalog: Catalog) -> None:
    """Draw the form, and send it when Generate is pressed."""
    _restore()
    draw_prompt(SCOPE, None, height=84)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(":small[Try]", width="content")
        for name, prompt in EXAMPLES.items():
            st.button(name, key=key(SCOPE, name), type="tertiary", on_click=_write, args=(prompt,))
    left, right = st.columns([4, 5])
    with left:
        cell = _choose_cell(catalog)
    draw_rewriting(SCOPE, cell.prompt_max)
    begun = begin({}, None, cell)
    for parameter in cell.parameters:
        if parameter.fixed is None:
            values.set_value(SCOPE, parameter, begun.get(parameter.id))
    asked = read_draft(SCOPE, cell)
    checked = check_shown(asked, cell)
    show_notices(
        (*values.list_starts(SCOPE, cell), *checked.notices, *idea.note_idle(get_references(SCOPE), cell.slots))
    )
    with right:
        draw_generate(SCOPE, cell, asked, checked)
    facts = [cell.mode.label, *(p.spell(v) for p in cell.parameters if (v := p.effective(asked.values)) is not None)]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f":small[{escape(' · '.join(facts))}]", width="content")
        if st.button("References and settings", key=key(SCOPE, "open"), icon=":material/tune:", type="tertiary"):
            query = {"model": cell.model.id, "mode": cell.mode.value}
            st.switch_page(session.page_of(cell.family), query_params=query)
    ids = (cell.family, cell.entry.id, cell.model.id, cell.mode)
    session.save_draft(SCOPE, Request(*ids, asked.prompt, asked.values, dict(get_references(SCOPE)), {}))


def _restore() -> None:
    """Take up the idea of whichever form was changed last, when the page is entered."""
    own = session.saved_draft(SCOPE)
    if (entered := session.entrance()) is None:
        return
    newest = idea.find_foreign(own) or own
    if newest is not None:
        st.session_state[key(SCOPE, "prompt")] = newest.prompt
        set_references(SCOPE, newest.references)
    session.leave_entrance(entered)


def _write(prompt: str) -> None:
    st.session_state[key(SCOPE, "prompt")] = prompt


def _choose_cell(catalog: Catalog) -> Cell:
    """Draw the choice of model; return its cell for words, or for the first thing that it can do."""
    named = [family for family in catalog.families.values() if not family.generic]
    firsts = {family.models[family.entries[0].id][0].id: family for family in named}
    models = {model: family.models[family.entries[0].id][0] for model, family in firsts.items()}
    rows = list(models.values())
    starts = [number for number, model in enumerate(rows) if is_served(model)]
    starts.sort(key=lambda number: not is_current(rows[number]))
    chosen = st.selectbox(
        "Model",
        list(firsts),
        index=starts[0] if starts else 0,
        key=key(SCOPE, "model"),
        format_func=lambda model: label_model(models[model], f"{firsts[model].title}: {model}"),
        label_visibility="collapsed",
        persist_state="session",
    )
    family = firsts[chosen or next(iter(firsts))]
    cells = (family.cell(chosen, mode) for mode in (Mode.TEXT, *family.modes(chosen)))
    return next(cell for cell in cells if cell is not None)
