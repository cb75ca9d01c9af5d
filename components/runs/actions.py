"""What a person does with a run from its card: applied to its latest state, then the list is drawn anew."""

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
    services = session.services()
    try:
        services.worker.act(run.id, lambda current: action(current, services.now()))
    except DailiesError as error:
        st.toast(escape(str(error)), icon=":material/info:")
    else:
        st.rerun(scope="fragment")


def move(run: Run, where: Move) -> None:
    """Change the place of a waiting run and redraw the list; say so if it has been sent meanwhile."""
    try:
        session.services().worker.move(run.id, where)
    except DailiesError as error:
        st.toast(escape(str(error)), icon=":material/info:")
    else:
        st.rerun(scope="fragment")
