"""One idea for every page: prompt, references and common values follow a person from form to form.

The idea is the form that was changed last, on whichever page. What does not fit another model is kept and named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import streamlit as st

from components import session
from components.form import values
from components.form.held import set_references
from components.life import is_served
from components.session import key
from components.words import escape
from dailies.catalog.load import Family
from dailies.compare.carry import Wanted, begin, carry
from dailies.domain import Cell, Notice, Reference, Request, Slot
from dailies.vocabulary import MediaKind, Mode, Support, Value

_WANTED = "idea/wanted"  # values that a model did not take, for the next one that does


def holds_something(draft: Request) -> bool:
    """Whether somebody has put an idea into a form: words, or media."""
    return bool(draft.prompt.strip() or any(draft.references.values()))


def draw_return(form: str) -> None:
    """Offer the form that *Use again* and its like have replaced, on the page of `form`."""
    replaced = session.replaced()
    if replaced is None:
        return
    about = f"Puts this back: {escape(replaced.prompt[:120]) or 'the references without a prompt'}"
    if st.button(
        "Bring back the earlier form", icon=":material/undo:", type="tertiary", key=key(form, "back"), help=about
    ):
        session.use_again(replaced)
        if replaced.family == form:
            st.rerun()
        st.switch_page(session.page_of(replaced.family))


def find_foreign(own: Request | None) -> Request | None:
    """Find the idea that another form holds, if it is newer than `own`, as which this form was left."""
    newest = session.newest_draft()
    return newest if newest is not None and newest != own and holds_something(newest) else None


def take_up(family: Family, idea: Request) -> None:
    """Put an idea of another form into this family's form; `carry_over` brings its values when the cell is known."""
    st.session_state[key(family.id, "prompt")] = idea.prompt
    if idea.entry:
        set_references(family.id, idea.references)
        st.session_state[key(family.id, "mode")] = idea.mode.value
        st.session_state[key(family.id, "from")] = idea
    entry = st.session_state.get(key(family.id, "entry"), family.entries[0].id)
    wanted = st.session_state.get(key(family.id, "model"), "")
    if idea.family == family.id and family.model(idea.model, idea.entry) is not None:
        st.session_state[key(family.id, "entry")], wanted = idea.entry, idea.model
    elif family.cell(wanted, idea.mode, entry) is None:
        best = find_model(family, idea.mode, entry)
        if wanted and best:
            what = f"{wanted} → {best}: {wanted} does not offer {idea.mode.label.lower()}."
            st.session_state[key(family.id, "model lost")] = Notice("Model", what)
        wanted = best or wanted
    if wanted:
        st.session_state[key(family.id, "model")] = wanted


def find_model(family: Family, mode: Mode, entry: str = "") -> str:
    """Find the model of a family to start a mode with: one that is served and offers it, else any that does."""
    rows = family.models[entry or family.entries[0].id]
    able = [row for row in rows if (cell := family.cell(row.id, mode, entry)) and not cell.refused]
    return next((row.id for row in able if is_served(row)), able[0].id if able else "")


def carry_over(family: Family, cell: Cell) -> None:
    """After a change of page, model or mode, carry the values over and keep a notice of each that had to change."""
    name, now = key(family.id, "cell"), (cell.entry.id, cell.model.id, cell.mode)
    before, idea = st.session_state.get(name), st.session_state.get(key(family.id, "from"))
    if before == now and idea is None:
        return
    lost = (st.session_state.get(key(family.id, kind)) for kind in ("model lost", "mode lost"))
    notices: list[Notice] = [notice for notice in lost if notice]
    kept: dict[str, Value] = {}
    if idea is not None:
        old, held = find_cell(idea), idea.values
        if before == now:  # settings that the other form does not know stay as they were left here
            kept = values.read_values(family.id, cell.parameters)
    else:
        old = family.cell(before[1], before[2], before[0]) if before else None
        held = values.read_values(family.id, old.parameters) if old else {}
    if old is not None or idea is not None:
        carried = carry(held, old, cell, read_wanted())
        set_wanted(carried.wanted)
        kept |= carried.values
        notices += carried.notices
    if before != now:
        kept = begin(kept, old, cell)
    for parameter in cell.parameters:
        if parameter.fixed is None:
            values.set_value(family.id, parameter, kept.get(parameter.id))
    st.session_state[key(family.id, "notices")] = tuple(notices)
    st.session_state[name] = now
    for kind in ("from", "model lost", "mode lost"):
        st.session_state.pop(key(family.id, kind), None)


def set_wanted(wanted: Wanted) -> None:
    """Keep what the present form does not take, for the next one that does."""
    st.session_state[_WANTED] = wanted


def forget_wanted() -> None:
    """Forget what earlier models did not take: another request stands in the form now."""
    st.session_state.pop(_WANTED, None)


def read_wanted() -> Wanted:
    """Read what earlier models did not take."""
    wanted: Wanted = st.session_state.get(_WANTED, {})
    return wanted


def note_idle(references: Mapping[str, tuple[Reference, ...]], slots: Iterable[Slot]) -> list[Notice]:
    """Note the references that are kept although this mode, which has these slots, does not send them."""
    used = {slot.id for slot in slots}
    idle = sum(len(held) for slot, held in references.items() if slot not in used)
    if not idle:
        return []
    files = "file is" if idle == 1 else "files are"
    return [Notice("References", f"{idle} {files} kept for the modes that use them. This mode does not send them.")]


# --- a request for another model ---------------------------------------------------------------------------------


def find_cell(request: Request) -> Cell | None:
    """Find the cell of a request; None if the catalog no longer has it."""
    family = session.catalog().families.get(request.family)
    entry = request.entry
    if family is None or entry not in family.models or family.model(request.model, entry) is None:
        return None
    return family.cell(request.model, request.mode, entry)


def list_targets(mode: Mode) -> list[Cell]:
    """List every named model with its cell for a mode, or else for text: where an idea can go, in the pages' order."""
    found: list[Cell] = []
    for family in session.catalog().families.values():
        for row in family.models[family.entries[0].id]:
            cells = (family.cell(row.id, each) for each in (mode, Mode.TEXT))
            cell = next((cell for cell in cells if cell and not cell.refused), None)
            if cell is not None:
                found.append(cell)
    return found


def find_film_slot(cell: Cell) -> Slot | None:
    """Find the slot of a cell that takes a film as its only media; None if there is none, or other media must come."""
    slot = next((slot for slot in cell.slots if slot.kind is MediaKind.VIDEO), None)
    alone = all(other.minimum == 0 for other in cell.slots if other is not slot)
    return slot if slot is not None and slot.minimum <= 1 and alone else None


def list_film_takers() -> list[Cell]:
    """List every named model that takes a film as a reference, with the cell that does, in the pages' order."""
    found: list[Cell] = []
    for family in session.catalog().families.values():
        for row in family.models[family.entries[0].id]:
            cells = (family.cell(row.id, mode) for mode in family.modes(row.id))
            cell = next((cell for cell in cells if cell and not cell.refused and find_film_slot(cell)), None)
            if cell is not None:
                found.append(cell)
    return found


def pick_starts(targets: list[Cell], mode: Mode) -> list[Cell]:
    """Pick one model of each family to offer first: one that offers the mode, is served and is not advised against."""
    best: dict[str, Cell] = {}

    def rank(cell: Cell) -> tuple[bool, bool, bool]:
        return cell.mode is mode, is_served(cell.model), cell.support.support is not Support.DISCOURAGED

    for cell in targets:
        held = best.get(cell.family)
        if held is None or rank(cell) > rank(held):
            best[cell.family] = cell
    return list(best.values())


def send_to(request: Request, cell: Cell) -> None:
    """Open the page of a cell's model with a request as far as it fits there. Does not return."""
    before = find_cell(request)
    notices: list[Notice] = []
    chosen: Mapping[str, Value] = {}
    if cell.mode is not request.mode:
        lost = request.mode.label
        what = f"{lost} → {cell.mode.label}: {cell.model.id} does not offer {lost.lower()}."
        notices.append(Notice("Mode", what))
    if before is not None:
        carried = carry(request.values, before, cell)
        chosen = begin(carried.values, before, cell)
        notices += carried.notices
    ids = (cell.family, cell.entry.id, cell.model.id, cell.mode)
    session.use_again(Request(*ids, request.prompt, chosen, request.references, {}), tuple(notices))
    st.switch_page(session.page_of(cell.family), query_params={"model": cell.model.id, "mode": cell.mode.value})
