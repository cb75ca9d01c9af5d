"""The agenda of a worker: when it reads the library, and when it knows by itself what is due."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from dailies.domain import Run
from dailies.errors import StoreError
from dailies.gateways import Concurrency
from dailies.store.due import NOTHING, Outlook
from dailies.store.runs import Claim
from dailies.work.agenda import Agenda

S = timedelta(seconds=1)


@dataclass
class Library:
    """What is due in a library, and what it was asked for."""

    due: Outlook = NOTHING
    left: Outlook = NOTHING
    asked: list[str] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)
    fault: Exception | None = None
    meanwhile: Callable[[], Any] = lambda: None

    def outlook(self, _: datetime, worker: str, looked: Sequence[Run]) -> Outlook:
        self.asked.append("outlook")
        self.meanwhile()
        self._store(looked)
        return self.due

    def claim_due(self, *given: Any) -> Claim:
        self.asked.append("claim")
        self._store(given[-1])
        return Claim((), self.left)

    def _store(self, looked: Sequence[Run]) -> None:
        if self.fault is not None:
            raise self.fault
        self.stored += [run.id for run in looked]

    def release(self, *_: object) -> None:
        self.asked.append("release")


@pytest.fixture
def library() -> Library:
    return Library()


@pytest.fixture
def agenda(library, clock) -> Agenda:
    return Agenda(library, "w", 10 * S, clock, lambda _: Concurrency(None))


def test_the_library_is_read_once_until_something_may_have_changed(agenda, library):
    for _ in range(3):
        assert agenda.claim(4, 4, ()) == ()
    assert library.asked == ["outlook"]
    agenda.doubt()
    agenda.claim(4, 4, ())
    assert library.asked == ["outlook", "outlook"]


def test_a_run_that_was_put_off_is_claimed_when_it_is_due_without_reading_the_library(agenda, library, clock, make_run):
    now = clock()
    agenda.claim(4, 4, ())
    agenda.put_off(make_run(id="late", due=now + 5 * S))
    agenda.put_off(make_run(id="soon", due=now + 3 * S))
    agenda.claim(4, 4, ())
    assert agenda.next_due(fetches=True) == now + 3 * S
    assert library.stored == [], "a claim will take it along"
    library.left = replace(NOTHING, asked=now + 5 * S)
    clock.advance(3)
    agenda.claim(4, 4, ())
    assert library.asked == ["outlook", "claim"]
    assert library.stored == ["late", "soon"]
    assert agenda.next_due(fetches=True) == now + 5 * S, "what a claim leaves is known with it"


def test_what_was_put_off_is_stored_once_with_the_next_look_at_the_library(agenda, library, clock, make_run):
    agenda.put_off(make_run(id="r", due=clock() + 60 * S))
    library.fault = StoreError("locked")
    with pytest.raises(StoreError):
        agenda.claim(4, 4, ())
    library.fault = None
    for _ in range(2):
        agenda.doubt()
        agenda.claim(0, 0, ())
    agenda.settle()
    assert library.stored == ["r"]
    assert library.asked == ["outlook"] * 3


def test_what_was_put_off_is_stored_at_the_end_if_that_is_possible(agenda, library, clock, make_run, caplog):
    agenda.put_off(make_run(id="r", due=clock() + 60 * S))
    library.fault = StoreError("locked")
    agenda.settle()
    assert "run out by themselves" in caplog.text
    library.fault = None
    agenda.settle()
    assert library.stored == ["r"]


def test_a_full_worker_claims_nothing(agenda, library, clock):
    library.due = replace(NOTHING, asked=clock() - S, waiting=True)
    assert agenda.claim(0, 0, ()) == ()
    assert library.asked == ["outlook"]


def test_a_doubt_while_the_library_is_read_stands(agenda, library):
    library.meanwhile = agenda.doubt
    agenda.claim(4, 4, ())
    library.meanwhile = lambda: None
    agenda.claim(4, 4, ())
    assert library.asked == ["outlook", "outlook"]


def test_runs_that_wait_for_their_turn_are_claimed_without_another_look(agenda, library):
    library.left = replace(NOTHING, waiting=True)
    library.due = library.left
    agenda.claim(4, 4, ())
    for _ in range(2):
        agenda.doubt()
        agenda.claim(4, 4, ())
    assert library.asked == ["outlook", "claim", "claim", "claim"]
    assert agenda.waiting


def test_a_lease_that_was_given_back_may_have_left_something_due(agenda, library):
    agenda.claim(4, 4, ())
    agenda.let_go("r")
    agenda.claim(4, 4, ())
    assert library.asked == ["outlook", "release", "outlook"]


def test_clips_are_no_work_for_a_worker_whose_threads_for_them_are_busy(agenda, library, clock):
    library.due = replace(NOTHING, fetched=clock() - S)
    agenda.claim(4, 0, ())
    assert library.asked == ["outlook"]
    agenda.claim(4, 1, ())
    assert library.asked == ["outlook", "claim"]
