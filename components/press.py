"""A press of a button that pays: noted once, dealt with once, never twice.

A button's presses carry a token. Whatever is pressed, held down or clicked again within `PAUSE` seconds carries the
same token; together with a digest of the request it makes the run's `press`, which the store keeps unique. So one press
makes one run, and two different requests pressed quickly make two.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import streamlit as st

PAUSE = 2.0
"""Seconds after which pressing again means another take of the same request.

They count from the moment the press's outcome is shown: a busy server may see a double click as two presses with
seconds of work between them.
"""

_BUTTONS = "session/presses"
_PAGE = "session/pressed on"


@dataclass(slots=True)
class Press:
    """The presses of one button.

    A plain object: code that looks into Streamlit's session state can be interrupted there, and would lose the press.
    `deal` sends what was asked for; it calls `take` once it has looked up everything it needs and before it stores.
    """

    deal: Callable[[Press], None] = field(repr=False)
    token: str = ""
    noted: bool = False
    last: float = float("-inf")
    outcome: Any = None  # what `deal` leaves to be shown where the button stands
    clock: Callable[[], float] = monotonic

    def note(self) -> None:
        """Note a press and deal with it at once; the button's callback."""
        now = self.clock()
        if now - self.last > PAUSE and self.outcome is None:
            self.token = secrets.token_hex(8)
        self.last, self.noted = now, True
        self.settle()

    def settle(self) -> None:
        """Deal with a press that is noted. An interruption by Streamlit leaves it noted, an error does not."""
        if self.noted:
            try:
                self.deal(self)
            except Exception:
                self.noted = False
                raise
            self.last = self.clock()

    def take(self) -> str:
        """Consume the press; returns its token."""
        self.noted, self.last = False, self.clock()
        return self.token

    def report(self) -> Any:
        """What the press came to, once."""
        outcome, self.outcome = self.outcome, None
        if outcome is not None:
            self.last = self.clock()
        return outcome


def draw_button(scope: str, label: str, deal: Callable[[Press], None], **look: Any) -> Press:
    """Draw a button that pays; `look` is what `st.button` takes. `scope` names the button on its page."""
    buttons = _buttons()
    press = buttons.setdefault(scope, Press(deal))
    press.deal = deal
    press.settle()
    st.button(label, key=f"{scope}/press", on_click=press.note, **look)
    return press


def settle(page: str) -> None:
    """Begin a run of the whole script: deal with a press whose callback was interrupted, also by leaving its page."""
    buttons = _buttons()
    for press in list(buttons.values()):
        press.settle()
    if st.session_state.get(_PAGE) != page:
        st.session_state[_PAGE] = page
        buttons.clear()


def _buttons() -> dict[str, Press]:
    found: dict[str, Press] = st.session_state.setdefault(_BUTTONS, {})
    return found
