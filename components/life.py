"""Where a model stands in its life, as pages say it, and where an idea can go instead.

What the gateway lists for this key comes first: a gateway may reach a model by another way than its vendor's. The facts
are the catalog's.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from components import session
from components.gateway import is_listed
from components.words import LIFE_LOOK, cite, escape
from dailies.catalog.load import Catalog
from dailies.domain import Cell, Model, Reference, Request, Run
from dailies.gateway.failures import speaks_of_model
from dailies.lifecycle import Lifecycle
from dailies.vocabulary import LifeState, Mode, RunState, Stage

_SAID_OF = (LifeState.SUPERSEDED, LifeState.REMOVED)  # the states that a list of models repeats beside a name


def label_model(model: Model | None, name: str = "") -> str:
    """Format a model for a list: its id, and its state unless it is current. `name` stands for the id if given."""
    said = name or (model.id if model else "")
    life = model.life if model else None
    return f"{said} · {LIFE_LOOK[life.state].word}" if life and life.state in _SAID_OF else said


def format_life(model: Model | None) -> str:
    """Format a model's state as a Markdown badge; empty if it is current or nothing is known."""
    life = model.life if model else None
    if life is None or life.state is LifeState.CURRENT:
        return ""
    look = LIFE_LOOK[life.state]
    return f":{look.colour}-badge[{look.icon} {look.word}]"


def explain_life(life: Lifecycle) -> str:
    """Explain a state in plain words: what happened, when, and what came after."""
    then = f" on {life.since}" if life.since else ""
    after = life.successor
    said = {
        LifeState.CURRENT: "Served by its vendor.",
        LifeState.SUPERSEDED: f"Still served; {after or 'a newer model'} came{then}.",
        LifeState.REMOVED: f"Removed by its vendor{then}. Successor: {after or 'none'}.",
        LifeState.UNKNOWN: f"Its vendor's newer model is {after}." if after else "",
    }[life.state]
    return f"{said} {life.note}".strip()


def draw_life(model: Model) -> None:
    """Draw a model's state as a badge with its explanation, and what the gateway lists for this key."""
    listed, life = is_listed(model.id), model.life
    if life is not None:
        look = LIFE_LOOK[life.state]
        text = f":{look.colour}-badge[{look.icon} {look.word}] :small[{escape(explain_life(life))}]"
        st.markdown(text, help=cite(life.origin))
    if listed is False:
        st.markdown(":small[:orange[:material/visibility_off: The gateway does not list this model for this key.]]")
    elif listed and life is not None and not life.state.alive:
        st.markdown(":small[:green[:material/visibility: Your gateway still lists it.]]")


def is_served(model: Model) -> bool:
    """Whether a model is a good start: known to be served, and not missing from the gateway's list."""
    return bool(model.life and model.life.state.alive) and is_listed(model.id) is not False


def is_current(model: Model) -> bool:
    """Whether no newer model has replaced this one."""
    return bool(model.life and model.life.state is LifeState.CURRENT)


def is_gone(model: Model | None) -> bool:
    """Whether a model's vendor has removed it, and the gateway does not list it either."""
    removed = bool(model and model.life and model.life.state is LifeState.REMOVED)
    return removed and model is not None and not is_listed(model.id)


# --- the same idea elsewhere -------------------------------------------------------------------------------------


def find_elsewhere(catalog: Catalog, family: str, mode: Mode) -> Cell | None:
    """Find a living model of another family for a mode, or else for text; those that the gateway lists come first."""
    for wanted in (mode, Mode.TEXT):
        found = [cell for cell in catalog.list_alive(wanted) if cell.family != family]
        if found:
            return min(found, key=lambda cell: is_listed(cell.model.id) is not True)
    return None


def draw_elsewhere(
    family: str, mode: Mode, prompt: str, references: Mapping[str, tuple[Reference, ...]], key: str
) -> None:
    """Draw a button that opens a living model's page with the prompt and the references."""
    catalog = session.catalog()
    cell = find_elsewhere(catalog, family, mode)
    if cell is None:
        return
    label = f"Try it with {catalog.families[cell.family].title}: {cell.model.id}"
    if st.button(escape(label), icon=":material/arrow_forward:", key=key):
        ids = (cell.family, cell.entry.id, cell.model.id, cell.mode)
        session.use_again(Request(*ids, prompt, {}, references, {}))
        st.switch_page(session.page_of(cell.family), query_params={"model": cell.model.id, "mode": cell.mode.value})


def draw_likely_reason(run: Run) -> None:
    """Draw that a failure may come from the model's end, with a way on, if what is known of the model fits."""
    request = run.request
    model = session.catalog().families[request.family].model(request.model, request.entry)
    life, failure = model.life if model else None, run.failure
    if life is None or failure is None or run.state is not RunState.FAILED or life.state is LifeState.CURRENT:
        return
    if failure.stage not in (Stage.SENDING, Stage.GENERATING):
        return
    if is_gone(model) or speaks_of_model(failure):
        st.markdown(
            f":small[:orange[:material/block: A likely reason: {escape(explain_life(life))}]]", help=cite(life.origin)
        )
        draw_elsewhere(request.family, request.mode, request.prompt, request.references, f"elsewhere-{run.id}")
