"""From a filled form to a run: reads the draft from the session, checks it, stores the run.

Shared by the composer and the continuation dialog. `scope` is the prefix of a form's keys in the session.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from components import press, session
from components.form import billing, values
from components.form.references import get_references
from components.press import Press
from components.session import key
from components.words import count, escape
from dailies.catalog.prices import Cost
from dailies.compare.plan import spell_amount
from dailies.domain import Cell, Draft, Notice, Problem, Request
from dailies.encodings import read_object
from dailies.errors import DailiesError, StoreError
from dailies.gateways import SANDBOX
from dailies.library import Lineage
from dailies.request import draft, wire
from dailies.request.draft import Checked
from dailies.vocabulary import Kinship
from dailies.work.life import create_run

MOST_TAKES = 8
"""The most clips that one press of a form makes. The Plan page makes more."""

_TAKES_WIDTH = 120  # px

NO_PROMPT = "…"
"""Stands in for an empty prompt, so that the request can be shown before anything is typed."""


def read_draft(scope: str, cell: Cell, *, source: str = "") -> Draft:
    """Read what a form says, unchecked. Media held for other modes are left out.

    `source` is the task id that a continuation starts from.
    """
    held = get_references(scope)
    references = {slot.id: session.hosted(held[slot.id], slot) for slot in cell.slots if held.get(slot.id)}
    return Draft(
        session.read_text(key(scope, "prompt")),
        values.read_values(scope, cell.parameters),
        references,
        _read_metadata(scope)[0],
        source,
        billing.read_name(scope, cell),
    )


def check_shown(asked: Draft, cell: Cell) -> Checked:
    """Check the draft on the page, with `NO_PROMPT` in place of an empty prompt. A press checks the real one."""
    return draft.check(asked if asked.prompt.strip() else replace(asked, prompt=NO_PROMPT), cell)


def show_notices(notices: Iterable[Notice]) -> None:
    """List what will differ from what was asked."""
    for notice in dict.fromkeys(notices):
        st.caption(f":material/info: **{escape(notice.where)}** {escape(notice.what)}")


def format_problems(problems: Iterable[Problem]) -> str:
    """Format problems as a Markdown list: where, what is wrong, what to do."""
    return "\n".join(f"- **{escape(p.where)}** {escape(p.what)}. {escape(p.fix)}" for p in problems)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a press led to: `sent` runs, earlier ones if `repeated`, or the problems of a draft that was not sent."""

    asked: Draft
    problems: tuple[Problem, ...] = ()
    repeated: bool = False
    sent: int = 1


def draw_generate(scope: str, cell: Cell, asked: Draft, checked: Checked, *, parent: str = "") -> bool:
    """Draw the Generate button; return True once after a press that made a run.

    A press sends what the form says at that moment. If the draft has problems they stay on the page until the form
    changes. `asked` and `checked` are the draft on the page; `parent` is the id of the run that is continued.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        places = st.container(), st.container(width=_TAKES_WIDTH)
    with places[1]:
        takes = _draw_takes(scope)
    with places[0]:
        pressed = press.draw_button(
            scope,
            "Generate" if takes == 1 else f"Generate {takes} takes",
            lambda taken: _send(taken, scope, cell, source=asked.source, parent=parent),
            type="primary",
            icon=":material/movie:",
            width="stretch",
            shortcut="Ctrl+Enter",
        )
    if checked.request is not None:
        _draw_cost(scope, cell, checked.request, takes)
    outcome: _Outcome | None = pressed.report()
    if outcome is None:
        return False
    if outcome.problems:
        if outcome.asked == asked:
            st.error(format_problems(outcome.problems), title="Not sent yet", icon=":material/edit:")
            pressed.outcome = outcome
        return False
    if outcome.repeated:
        st.toast("Already sent. Press again in a moment for another take.", icon=":material/info:")
    else:
        st.toast("Sent." if outcome.sent == 1 else f"{outcome.sent} takes sent.", icon=":material/movie:")
    return not outcome.repeated


def _draw_takes(scope: str) -> int:
    """Draw how many clips one press makes; return the number."""
    chosen = st.selectbox(
        "Takes",
        range(1, MOST_TAKES + 1),
        key=key(scope, "takes"),
        persist_state="session",
        format_func=lambda number: count(number, "take"),
        label_visibility="collapsed",
        help="How many clips one press makes of the same request.",
    )
    return chosen or 1


def _draw_cost(scope: str, cell: Cell, request: Request, takes: int) -> None:
    """Draw the price of a press beside Generate, what the operator's limits say, and what has to be confirmed first."""
    gate, gateway = session.services().gate, session.gateway().name
    try:
        price = gate.price(request, cell, gateway)
        verdict = gate.weigh([price] * takes, session.owner())
    except DailiesError as error:
        st.caption(f":red[:material/error: {escape(str(error))}]")
        return
    if isinstance(price, Cost):
        words = f"{spell_amount(price.amount * takes, price.currency)} · price checked {price.checked}"
        if takes > 1:
            words = f"{takes} × {spell_amount(price.amount, price.currency)} = {words}"
    elif gateway == SANDBOX:
        words = "The sandbox is free"
    else:
        words = f"Price unknown: {price.why}" if takes == 1 else f"{takes} takes, price unknown: {price.why}"
    if takes > 1 and "seed" in request.values:
        words += ". Every take has the same seed, so they may look alike"
    st.caption(f":material/payments: {escape(words)}")
    if verdict.blocked:
        st.caption(f":red[:material/block: {escape(verdict.blocked)}]")
    elif verdict.confirm:
        st.checkbox(f"Send it, although {escape(verdict.confirm)}", key=_name_tick(scope, takes, request))


def _name_tick(scope: str, takes: int, request: Request) -> str:
    """Name the tick that confirms a press. It belongs to what it was given for, not to the words of the prompt."""
    asked = sorted(request.values.items()), request.model, request.mode
    return key(scope, f"agreed/{takes}/{hashlib.sha256(repr(asked).encode()).hexdigest()[:16]}")


def _send(taken: Press, scope: str, cell: Cell, *, source: str, parent: str) -> None:
    """Store a run for each take, all or none, and hand them to the worker, unless the draft has problems."""
    asked = read_draft(scope, cell, source=source)
    checked = draft.check(asked, cell)
    problem = session.gateway_problem()
    problems = (*((problem,) if problem else ()), *_read_metadata(scope)[1], *checked.problems)
    if checked.request is None or problems:
        taken.take()
        taken.outcome = _Outcome(asked, problems)
        return
    services, mine = session.services(), session.mine()
    takes = int(st.session_state.get(key(scope, "takes")) or 1)
    agreed = bool(st.session_state.get(_name_tick(scope, takes, checked.request)))
    call = wire.encode(checked.request, cell)
    runs = [
        create_run(
            checked.request,
            call,
            cell.route,
            session.gateway().name,
            services.now(),
            owner=session.owner(),
            credential=session.credential(),
            token=taken.token if takes == 1 else f"{taken.token}/{number} of {takes}",
        )
        for number in range(1, takes + 1)
    ]
    lineage = Lineage(parent, Kinship.CONTINUED) if parent else session.find_lineage(scope, checked.request)
    if lineage:
        runs = [lineage.mark(run) for run in runs]
    else:  # takes of one press are a family too
        runs = [runs[0], *(Lineage(runs[0].id, Kinship.TAKE).mark(run) for run in runs[1:])]
    # Nothing below reads the session's state, where Streamlit may interrupt: a taken press is always carried out.
    taken.take()
    try:
        kept = services.send(runs, agreed=agreed)
    except DailiesError as error:
        where = "Library" if isinstance(error, StoreError) else "Cost"
        taken.outcome = _Outcome(asked, (Problem(where, str(error).rstrip("."), ""),))
        return
    mine.update(run.id for run in kept)
    taken.outcome = _Outcome(asked, repeated=kept[0].id != runs[0].id, sent=takes)


def _read_metadata(scope: str) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Read the raw metadata; empty with a problem if the text is not a JSON object."""
    try:
        return read_object(str(st.session_state.get(key(scope, "metadata")) or "")), ()
    except ValueError as error:
        return {}, (Problem("Raw JSON", f"cannot be read: {error}", "Correct it or clear the field."),)
