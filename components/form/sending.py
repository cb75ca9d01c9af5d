"""From a filled form to a run: what the session holds becomes a draft, a checked request, a stored run.

Shared by the composer and by what goes on from a finished run. `scope` names the form in the session.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import streamlit as st

from components import press, session
from components.form import values
from components.form.references import get_references
from components.press import Press
from components.session import key
from dailies.domain import Cell, Draft, Notice, Problem
from dailies.request import draft, wire
from dailies.work.life import create_run


def read_draft(scope: str, cell: Cell, *, source: str = "") -> Draft:
    """What a form says, unchecked; media kept for other modes are left out."""
    used = {slot.id for slot in cell.slots}
    references = {slot: session.hosted(refs) for slot, refs in get_references(scope).items() if slot in used and refs}
    prompt = str(st.session_state.get(key(scope, "prompt")) or "")
    sent_as = str(st.session_state.get(key(scope, "sent as")) or "")
    return Draft(prompt, values.read_values(scope, cell.parameters), references, _metadata(scope)[0], source, sent_as)


def show_notices(notices: tuple[Notice, ...]) -> None:
    """What will be other than asked, said before it is sent."""
    for notice in dict.fromkeys(notices):
        st.caption(f":material/info: **{notice.where}** {notice.what}")


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a press came to: the run it made, or what stopped it and the draft that was stopped."""

    asked: Draft
    problems: tuple[Problem, ...] = ()
    repeated: bool = False


def draw_generate(scope: str, cell: Cell, asked: Draft, *, parent: str = "") -> bool:
    """Draw the primary button of a form; True once after a press that made a run.

    A press sends what the form says at that moment, or leaves every reason why not on the page until the form changes.
    `asked` is the draft on the page.
    """
    pressed = press.draw_button(
        scope,
        "Generate",
        lambda taken: _send(taken, scope, cell, source=asked.source, parent=parent),
        type="primary",
        icon=":material/movie:",
        width="stretch",
        shortcut="Ctrl+Enter",
    )
    outcome: _Outcome | None = pressed.report()
    if outcome is None:
        return False
    if outcome.problems:
        if outcome.asked == asked:
            _show_problems(outcome.problems)
            pressed.outcome = outcome
        return False
    if outcome.repeated:
        st.toast("Already sent. Press again in a moment for another take.", icon=":material/info:")
    else:
        st.toast("Sent.", icon=":material/movie:")
    return not outcome.repeated


def _send(taken: Press, scope: str, cell: Cell, *, source: str, parent: str) -> None:
    """Store a run and hand it to the worker, unless the draft has problems."""
    asked = read_draft(scope, cell, source=source)
    checked = draft.check(asked, cell)
    hindrance = session.gateway_problem()
    problems = (*((hindrance,) if hindrance else ()), *_metadata(scope)[1], *checked.problems)
    if checked.request is None or problems:
        taken.take()
        taken.outcome = _Outcome(asked, problems)
        return
    services, mine = session.services(), session.mine()
    run = create_run(
        checked.request,
        wire.encode(checked.request, cell),
        cell.route,
        session.gateway().name,
        services.now(),
        owner=session.OWNER,
        credential=session.credential(),
        parent=parent,
        token=taken.token,
    )
    # From here on nothing looks into the session's state: the press is dealt with once, however the script run ends.
    taken.take()
    kept = services.worker.submit(run)
    mine.add(kept.id)
    taken.outcome = _Outcome(asked, repeated=kept.id != run.id)


def _show_problems(problems: tuple[Problem, ...]) -> None:
    lines = "\n".join(f"- **{p.where}** {p.what}. {p.fix}" for p in problems)
    st.error(lines, title="Not sent yet", icon=":material/edit:")


def _metadata(scope: str) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The raw metadata that was typed, or why it cannot be sent."""
    text = str(st.session_state.get(key(scope, "metadata")) or "").strip() or "{}"
    try:
        parsed = json.loads(text)
    except json.JSONDecodeError as error:
        what = f"This is not JSON: {error.msg} in line {error.lineno}"
    else:
        if isinstance(parsed, dict):
            return parsed, ()
        what = "This is not a JSON object"
    return {}, (Problem("Raw metadata", what, "Correct it or empty the field."),)
