"""From a filled form to a run: reads the draft from the session, checks it, stores the run.

Shared by the composer and the continuation dialog. `scope` is the prefix of a form's keys in the session.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from components import hosting, press, session
from components.form import billing, values
from components.form.held import get_references
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
from dailies.request import draft, expand, wire
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
    references = {slot.id: hosting.host(held[slot.id], slot) for slot in cell.slots if held.get(slot.id)}
    return Draft(
        session.read_text(key(scope, "prompt")),
        values.read_values(scope, cell.parameters),
        references,
        _read_metadata(scope)[0],
        source,
        billing.read_name(scope, cell),
    )


def check_shown(asked: Draft, cell: Cell) -> Checked:
    """Check the first request that the draft on the page makes, with `NO_PROMPT` in place of an empty prompt.

    A press checks every one.
    """
    return draft.check(replace(asked, prompt=expand.expand(asked.prompt, 1)[0].strip() or NO_PROMPT), cell)


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
    counted: bool = False  # it makes more takes than the page had said, and waits for another press


def draw_generate(scope: str, cell: Cell, asked: Draft, checked: Checked, *, parent: str = "") -> bool:
    """Draw the Generate button; return True once after a press that made a run.

    A press sends what the form says at that moment. If the draft has problems they stay on the page until the form
    changes. `asked` and `checked` are the draft on the page; `parent` is the id of the run that is continued.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", key=key(scope, "generate-row")):
        places = st.container(), st.container(width=_TAKES_WIDTH)
    with places[1]:
        prompts = expand.count(asked.prompt)
        takes = _draw_takes(scope) * prompts
    st.session_state[key(scope, "counted")] = prompts
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
    if prompts > 1:
        _draw_prompts(asked.prompt, takes)
    if checked.request is not None and takes <= MOST_TAKES:
        _draw_cost(scope, cell, checked.request, takes)
    outcome: _Outcome | None = pressed.report()
    if outcome is None:
        return False
    if outcome.problems:
        if outcome.asked == asked:
            st.error(format_problems(outcome.problems), title="Not sent yet", icon=":material/edit:")
            pressed.outcome = outcome
        return False
    if outcome.counted:
        what = f"The braces in the prompt make {count(takes, 'take')}. See what they cost, then press again."
        st.info(f"{what} {_HOW}", icon=":material/call_split:")
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


_HOW = r"Write `\{red|blue}` to send braces as they are."


def _draw_prompts(prompt: str, takes: int) -> None:
    """Draw what the braces of a prompt make of it, before anything is sent."""
    if takes > MOST_TAKES:
        many = f"{expand.MANY:,} or more" if takes >= expand.MANY else f"{takes:,}"
        words = f"This makes {many} takes. One press makes at most {MOST_TAKES}: take words or takes away."
        st.caption(f":red[:material/call_split: {words}] {_HOW}")
        return
    made = expand.expand(prompt, MOST_TAKES)
    box = st.expander(f"{len(made)} prompts from one", icon=":material/call_split:")
    with box:
        st.markdown("\n".join(f"{number}. {escape(' '.join(each.split()))}" for number, each in enumerate(made, 1)))
        st.caption(_HOW)


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
    each = int(st.session_state.get(key(scope, "takes")) or 1)
    takes = expand.count(asked.prompt) * each
    first = [draft.check(replace(asked, prompt=made), cell) for made in expand.expand(asked.prompt, MOST_TAKES)]
    problem = session.gateway_problem()
    problems = (*((problem,) if problem else ()), *_read_metadata(scope)[1], *_list_problems(first, takes))
    requests = [checked.request for checked in first if checked.request is not None for _ in range(each)]
    if problems:
        taken.take()
        taken.outcome = _Outcome(asked, problems)
        return
    counted = st.session_state.get(key(scope, "counted"))
    if takes > each and (counted != takes // each or taken.asked == taken.token):  # a double click has seen nothing
        taken.asked = taken.take()
        taken.outcome = _Outcome(asked, counted=True)
        return
    services, mine = session.services(), session.mine()
    agreed = bool(st.session_state.get(_name_tick(scope, takes, requests[0])))
    runs = [
        create_run(
            request,
            wire.encode(request, cell),
            cell.route,
            session.gateway().name,
            services.now(),
            owner=session.owner(),
            credential=session.credential(),
            token=taken.token if takes == 1 else f"{taken.token}/{number} of {takes}",
        )
        for number, request in enumerate(requests, start=1)
    ]
    lineage = Lineage(parent, Kinship.CONTINUED) if parent else session.find_lineage(scope, requests[0])
    if lineage:
        runs = [lineage.mark(run) for run in runs]
    else:  # takes of one press are a family too
        runs = [runs[0], *(Lineage(runs[0].id, Kinship.TAKE).mark(run) for run in runs[1:])]
    rewrite = services.rewrites.find_used(session.browser_id(), asked.prompt)
    runs = [replace(run, rewrite=rewrite) for run in runs] if rewrite else runs
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


def _list_problems(checked: Iterable[Checked], takes: int) -> list[Problem]:
    """List each problem of the requests of a press once, and that there are too many."""
    found = list(dict.fromkeys(problem for each in checked for problem in each.problems))
    if takes > MOST_TAKES:
        what = f"makes {'far too many' if takes >= expand.MANY else takes} takes of at most {MOST_TAKES}"
        found.append(Problem("Prompt", what, "Take words out of the braces, or make fewer takes of each."))
    return found


def _read_metadata(scope: str) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Read the raw metadata; empty with a problem if the text is not a JSON object."""
    try:
        return read_object(str(st.session_state.get(key(scope, "metadata")) or "")), ()
    except ValueError as error:
        return {}, (Problem("Raw JSON", f"cannot be read: {error}", "Correct it or clear the field."),)
