"""A press of a button that pays: noted once, carried out once, never twice.

Every press carries a token. A press that comes before the last one's outcome has been drawn whole and shown for `PAUSE`
seconds carries the same token. Together with a digest of the request the token makes the run's `press`, which the store
keeps unique: a double click makes one run, two different requests pressed quickly make two.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import streamlit as st

from components import faults
from dailies.errors import DailiesError
from dailies.work.gate import NotAdmitted

PAUSE = 2.0
"""Seconds until the next press means another take of the same request.

They count from the moment the outcome of a press is shown: a busy server may see a double click as two presses with
seconds of work between them.
"""

MADE = "made"
"""The name of a fragment that shows what presses on its page have made: it is drawn with each, before anything else."""

_END = "/press"  # of a button's key
_BUTTONS = "session/presses"
_PAGE = "session/pressed on"


@dataclass(slots=True)
class Press:
    """The presses of one button.

    A plain object, because Streamlit may interrupt code that reads its session state, and the press would be lost.
    `deal` carries a press out. It calls `take` after it has read everything it needs and before it stores anything.
    """

    deal: Callable[[Press], None] = field(repr=False)
    token: str = ""
    noted: bool = False
    asked: str = ""  # the token of the press that was answered with a question; the next press says yes
    last: float = float("-inf")  # seconds on `clock`
    outcome: Any = None  # what `deal` leaves for the page to show
    drawing: bool = False  # what came of the press is being drawn: nobody has seen it yet
    clock: Callable[[], float] = monotonic

    def note(self) -> None:
        """Note a press and carry it out at once. The button's callback."""
        now = self.clock()
        if now - self.last > PAUSE and self.outcome is None and not self.drawing:
            self.token = secrets.token_hex(8)
        self.last, self.noted = now, True
        self.settle()

    def settle(self) -> None:
        """Carry out a noted press. It stays noted if Streamlit interrupts it, but not if it raises an error."""
        if self.noted:
            try:
                self.deal(self)
            except Exception:
                self.noted = False
                raise
            self.last, self.drawing = self.clock(), True

    @property
    def agreed(self) -> bool:
        """Whether this press says yes to a question: a later one than that which was asked, not its double click."""
        return bool(self.asked) and self.asked != self.token

    def take(self) -> str:
        """Consume the press and return its token."""
        self.noted = False
        return self.token

    def carry_out(self, prepare: Callable[[], Callable[[], Any]]) -> None:
        """Deal with the press in the one safe order: prepare, consume the press, send.

        `prepare` may read the session. It returns what sends, which must not. The outcome is what sending returns, or
        the words of a `DailiesError` that either raises.
        """
        try:
            send = prepare()
            self.take()
            self.outcome, self.asked = send(), ""
        except DailiesError as error:
            self.take()
            self.asked = self.token if isinstance(error, NotAdmitted) and error.confirm else ""
            self.outcome = f"{error} Press again to confirm." if self.asked else str(error)

    def report(self) -> Any:
        """Return the outcome of the last press, once."""
        outcome, self.outcome = self.outcome, None
        return outcome

    def show(self) -> None:
        """Count from now on how long the outcome has been shown; its drawing has ended."""
        if self.drawing:
            self.drawing, self.last = False, self.clock()


def draw_button(scope: str, label: str, deal: Callable[[Press], None], **look: Any) -> Press:
    """Draw a button that pays. `scope` names it on its page; `look` holds arguments of `st.button`."""
    buttons = _get_buttons()
    press = buttons.setdefault(scope, Press(deal))
    press.deal = deal
    press.settle()
    st.button(label, key=f"{scope}{_END}", on_click=faults.guard(press.note), **look)
    return press


def is_press(widget_id: str) -> bool:
    """Whether Streamlit's id of a widget is that of a button which `draw_button` draws."""
    return widget_id.endswith(_END)


def find(scope: str) -> Press | None:
    """Find the presses of a button that this page has drawn before; None if it has not."""
    return _get_buttons().get(scope)


def show() -> None:
    """Say that what has been drawn is shown."""
    for press in _get_buttons().values():
        press.show()


def settle(page: str) -> None:
    """Carry out presses whose callback was interrupted, also by leaving the page. Call it first in every full run.

    `page` is the address of the page that is about to be drawn; another page starts without buttons.
    """
    buttons = _get_buttons()
    for press in list(buttons.values()):
        press.settle()
    if st.session_state.get(_PAGE) != page:
        st.session_state[_PAGE] = page
        buttons.clear()


def _get_buttons() -> dict[str, Press]:
    found: dict[str, Press] = st.session_state.setdefault(_BUTTONS, {})
    return found


faults.at_end(show)
