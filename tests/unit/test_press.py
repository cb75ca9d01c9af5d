"""A press that pays: noted, carried out once, kept through an interruption, dropped by an error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from components.press import PAUSE, Press


@dataclass
class Clock:
    """A clock that stands until a test moves it."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


class Interruption(BaseException):
    """What Streamlit raises to end a script run early: no `Exception`."""


@dataclass
class Till:
    """What carries presses out: it counts the tokens that were paid for."""

    paid: list[str]
    before: Callable[[], None] = lambda: None  # happens before the press is taken
    after: Callable[[], None] = lambda: None  # happens once it is taken
    shows: bool = True  # whether there is an outcome for the page

    def deal(self, press: Press) -> None:
        self.before()
        token = press.take()
        self.after()
        self.paid.append(token)
        press.outcome = f"paid {len(self.paid)}" if self.shows else None


def raises(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def till() -> Till:
    return Till([])


@pytest.fixture
def press(till: Till, clock: Clock) -> Press:
    return Press(till.deal, clock=clock)


def test_a_press_is_carried_out_once_and_at_once(press: Press, till: Till) -> None:
    press.note()
    assert till.paid == [press.token]
    assert not press.noted
    press.settle()
    press.settle()
    assert len(till.paid) == 1


def test_nothing_is_carried_out_that_was_not_pressed(press: Press, till: Till) -> None:
    press.settle()
    assert till.paid == []


@pytest.mark.parametrize("pause", [0.0, 0.1, PAUSE])
def test_presses_in_quick_succession_carry_one_token(press: Press, till: Till, clock: Clock, pause: float) -> None:
    press.note()
    press.report()
    clock.now += pause
    press.note()
    assert len(set(till.paid)) == 1
    assert len(till.paid[0]) == 16


def test_a_held_key_carries_one_token_however_long_it_is_held(press: Press, till: Till, clock: Clock) -> None:
    for _ in range(10):
        press.note()
        press.report()
        clock.now += PAUSE / 2
    assert len(set(till.paid)) == 1


def test_a_press_after_the_pause_is_another_one(press: Press, till: Till, clock: Clock) -> None:
    press.note()
    press.report()
    press.show()
    clock.now += PAUSE + 0.01
    press.note()
    assert len(set(till.paid)) == 2


def test_the_pause_begins_when_the_outcome_is_shown(press: Press, till: Till, clock: Clock) -> None:
    """A busy server may see a double click as two presses with seconds of storing and drawing between them."""

    def store_slowly() -> None:
        clock.now += 5 * PAUSE

    till.after = store_slowly
    press.note()
    clock.now += PAUSE / 2
    press.note()
    clock.now += 5 * PAUSE
    press.note()
    clock.now += 5 * PAUSE
    assert press.report() == "paid 3"
    clock.now += PAUSE / 2
    press.note()
    assert len(set(till.paid)) == 1
    assert press.report() == "paid 4"
    clock.now += 5 * PAUSE  # the page is still being drawn: the third click of a triple one interrupts it here
    press.note()
    assert len(set(till.paid)) == 1
    press.report()
    clock.now += 5 * PAUSE
    press.show()
    clock.now += PAUSE / 2  # since the page is drawn whole
    press.note()
    assert len(set(till.paid)) == 1
    press.report()
    press.show()
    clock.now += PAUSE + 0.01
    press.note()
    assert (len(till.paid), len(set(till.paid))) == (7, 2)


def test_storing_slowly_is_no_pause_even_where_nothing_is_shown(press: Press, till: Till, clock: Clock) -> None:
    def store_slowly() -> None:
        clock.now += 5 * PAUSE

    till.after, till.shows = store_slowly, False
    press.note()
    clock.now += PAUSE / 2
    press.note()
    assert len(set(till.paid)) == 1


def test_an_interruption_before_the_press_is_taken_keeps_it_with_its_token(press: Press, till: Till) -> None:
    till.before = raises(Interruption())
    with pytest.raises(Interruption):
        press.note()
    assert press.noted
    assert till.paid == []
    token, till.before = press.token, lambda: None
    press.settle()
    assert till.paid == [token]


def test_pressing_again_after_an_interruption_is_the_same_press(press: Press, till: Till, clock: Clock) -> None:
    till.before = raises(Interruption())
    with pytest.raises(Interruption):
        press.note()
    token, till.before = press.token, lambda: None
    clock.now += PAUSE
    press.note()
    assert till.paid == [token]


def test_an_interruption_after_the_press_is_taken_does_not_repeat_it(press: Press, till: Till) -> None:
    till.after = raises(Interruption())
    with pytest.raises(Interruption):
        press.note()
    till.after = lambda: None
    press.settle()
    assert not press.noted
    assert till.paid == []


def test_an_error_drops_the_press(press: Press, till: Till) -> None:
    till.before = raises(ValueError("the store is away"))
    with pytest.raises(ValueError, match="the store is away"):
        press.note()
    assert not press.noted
    till.before = lambda: None
    press.settle()
    assert till.paid == []


def test_an_outcome_is_reported_once(press: Press) -> None:
    press.note()
    assert press.report() == "paid 1"
    assert press.report() is None
