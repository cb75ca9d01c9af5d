"""What a person does with a run from its card, applied to its latest state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import streamlit as st

from components import session
from components.words import escape
from dailies.domain import Run
from dailies.errors import DailiesError
from dailies.store.queue import Move


def act(run: Run, action: Callable[[Run, datetime], Run]) -> None:
    """Apply a person's action and redraw the list; say so if the run has moved on meanwhile."""
    if _change(run, action):
        st.rerun(scope="fragment")


def apply(run: Run, action: Callable[[Run, datetime], Run]) -> None:
    """Apply a person's action, as the callback of a button; say so if the run has moved on meanwhile."""
    _change(run, action)


def move(run: Run, where: Move) -> None:
    """Change the place of a waiting run, as the callback of a button; say so if it has been sent meanwhile."""
    _attempt(lambda: session.services().worker.move(run.id, where))


def _change(run: Run, action: Callable[[Run, datetime], Run]) -> bool:
    services = session.services()
    return _attempt(lambda: services.worker.act(run.id, lambda current: action(current, services.now())))


def _attempt(action: Callable[[], object]) -> bool:
    try:
        action()
    except DailiesError as error:
        st.toast(escape(str(error)), icon=":material/info:")
        return False
    return True
