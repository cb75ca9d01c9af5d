"""Around a button that sends: the operator's limits before the press, and the problem that a press left.

A tick belongs to what it was given for: a change of the clips, their cost or the reason needs a new one.
"""

from __future__ import annotations

import hashlib

import streamlit as st

from components.press import Press
from components.words import escape
from dailies.compare.plan import Verdict
from dailies.errors import DailiesError


def draw_limits(scope: str, shown: object, verdict: Verdict) -> bool:
    """Draw the limit that blocks, or the tick that is needed; return whether the press may send.

    `scope` names the button, `shown` is everything the tick is given for.
    """
    if verdict.blocked:
        st.error(escape(verdict.blocked), title="Not sent", icon=":material/block:")
        return False
    if verdict.confirm:
        name = _name_tick(scope, shown, verdict)
        return st.checkbox(f"Send, although {escape(verdict.confirm)}.", key=name, persist_state="session")
    return True


def check_agreed(scope: str, shown: object, verdict: Verdict) -> bool:
    """Return whether the tick was given. Raises `DailiesError` if the limits keep a press from sending now."""
    if verdict.blocked:
        raise DailiesError(verdict.blocked)
    if verdict.confirm and not st.session_state.get(_name_tick(scope, shown, verdict)):
        raise DailiesError(f"Tick the box above the button first: {verdict.confirm}.")
    return bool(verdict.confirm)


def draw_problem(pressed: Press) -> None:
    """Draw the problem that a press left, once. Where it sent something, the page that begins anew shows that."""
    if pressed.outcome is not None and not isinstance(pressed.outcome, str):
        st.rerun()
    if problem := pressed.report():
        st.error(escape(problem), title="Not sent", icon=":material/edit:")


def _name_tick(scope: str, shown: object, verdict: Verdict) -> str:
    digest = hashlib.sha256(repr((shown, verdict.confirm)).encode()).hexdigest()
    return f"{scope}/agreed/{digest[:16]}"
