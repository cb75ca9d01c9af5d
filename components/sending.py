"""From a filled form to a run: what the session holds becomes a draft, a checked request, a stored run.

Shared by the composer and by what goes on from a finished run. `scope` names the form in the session.
"""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from components import session, values
from components.references import held
from components.session import key
from dailies import draft, wire
from dailies.domain import Cell, Draft, Notice, Problem
from dailies.runs import new_run


def drafted(scope: str, cell: Cell, *, source: str = "", sent_as: str = "") -> Draft:
    """What a form says, unchecked; media kept for other modes are left out."""
    used = {slot.id for slot in cell.slots}
    references = {slot: session.hosted(refs) for slot, refs in held(scope).items() if slot in used and refs}
    prompt = str(st.session_state.get(key(scope, "prompt")) or "")
    return Draft(prompt, values.chosen(scope, cell.parameters), references, _metadata(scope), source, sent_as)


def show_notices(notices: tuple[Notice, ...]) -> None:
    """What will be other than asked, said before it is sent."""
    for notice in dict.fromkeys(notices):
        st.caption(f":material/info: **{notice.where}** {notice.what}")


def generate_button(scope: str, label: str = "Generate", *, disabled: bool = False) -> bool:
    """The one primary button of a form; True from a press on until it is taken off `presses`.

    A press is noted by a callback: a run that is interrupted by the next touch of the form before it reaches the
    button would lose a press that only the button's own value knows. The note is a plain set, because any look into
    the session's state is a place where the callback itself could be interrupted.
    """
    noted = presses()
    st.button(
        label,
        type="primary",
        icon=":material/movie:",
        width="stretch",
        shortcut="Ctrl+Enter",
        key=key(scope, "generate"),
        disabled=disabled,
        on_click=noted.add,
        args=(scope,),
    )
    return scope in noted


def presses() -> set[str]:
    """The scopes of the forms whose button was pressed and not dealt with yet."""
    noted: set[str] = st.session_state.setdefault("session/presses", set())
    return noted


def send(scope: str, cell: Cell, asked: Draft, *, parent: str = "") -> bool:
    """Store a run and hand it to the worker; False, with every reason on the page, where the draft has problems."""
    checked = draft.check(asked, cell)
    noted = presses()
    if checked.request is None:
        _show_problems(checked.problems)
        noted.discard(scope)
        return False
    services, mine = session.services(), session.mine()
    run = new_run(
        checked.request,
        wire.encode(checked.request, cell),
        cell.route,
        session.gateway().name,
        services.now(),
        owner=session.OWNER,
        credential=session.credential(),
        parent=parent,
    )
    # From here on nothing looks into the session's state: the press is dealt with once, however the run ends.
    noted.discard(scope)
    services.worker.submit(run)
    mine.add(run.id)
    return True


def _show_problems(problems: tuple[Problem, ...]) -> None:
    lines = "\n".join(f"- **{p.where}** {p.what}. {p.fix}" for p in problems)
    st.error(lines, title="Not sent yet", icon=":material/edit:")


def _metadata(scope: str) -> dict[str, Any]:
    text = str(st.session_state.get(key(scope, "metadata")) or "").strip()
    if not text:
        return {}
    try:
        parsed = json.loads(text)
    except json.JSONDecodeError as error:
        what = f"The raw metadata is not JSON: {error.msg} in line {error.lineno}"
    else:
        if isinstance(parsed, dict):
            return parsed
        what = "The raw metadata is not a JSON object"
    st.error(f"{what}. It is left out until it is mended.")
    return {}
