"""When two presses of a paying button are one."""

from __future__ import annotations

from components.press import PAUSE, Press


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_pause_begins_when_the_outcome_is_shown() -> None:
    clock, tokens = Clock(), []

    def deal(press: Press) -> None:
        tokens.append(press.take())
        clock.now += 5 * PAUSE  # a busy machine stores slowly
        press.outcome = "sent"

    press = Press(deal, clock=clock)
    press.note()
    clock.now += PAUSE / 2
    press.note()
    clock.now += 5 * PAUSE  # and draws slowly
    press.note()
    clock.now += 5 * PAUSE
    assert press.report() == "sent"
    clock.now += PAUSE / 2
    press.note()
    assert len(set(tokens)) == 1
    assert press.report() == "sent"
    clock.now += PAUSE + 0.1
    press.note()
    assert len(tokens) == 5
    assert len(set(tokens)) == 2
