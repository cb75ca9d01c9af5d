"""One time for all work, which nobody can set. What the time is decides who may take a run over, and when it is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dailies.errors import StoreError
from dailies.store import Store
from dailies.store.clock import Clock
from dailies.store.runs import Lease
from dailies.vocabulary import RunState as R
from tests.unit.workers import SOON

HOUR = timedelta(hours=1)
DAY = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
NEAR = timedelta(seconds=5)


class Server:
    """A database whose clock is ahead of this machine's."""

    shared = True

    def __init__(self, hands: Machine) -> None:
        self._hands = hands
        self.ahead, self.asked, self.gone = HOUR, 0, False

    def read_clock(self) -> datetime:
        self.asked += 1
        if self.gone:
            raise StoreError("The database cannot be used now.")
        return self._hands.true + self.ahead


class File:
    """A database that only this machine has."""

    shared = False


class Machine:
    """A machine whose clock can be set, and which can sleep; in place of the module `time`."""

    CLOCK_BOOTTIME = 7

    def __init__(self) -> None:
        self.true, self.set_by, self.slept = DAY, 0.0, 0.0

    def pass_time(self, seconds: float, *, asleep: bool = False) -> None:
        self.true += timedelta(seconds=seconds)
        self.slept += seconds if asleep else 0

    def time(self) -> float:
        return self.true.timestamp() + self.set_by

    def clock_gettime(self, which: int) -> float:
        assert which == self.CLOCK_BOOTTIME
        return (self.true - DAY).total_seconds() + 100

    def monotonic(self) -> float:
        return self.clock_gettime(7) - self.slept


@pytest.fixture
def hands(monkeypatch) -> Machine:
    found = Machine()
    monkeypatch.setattr("dailies.store.clock.time", found)
    return found


@pytest.mark.parametrize("counts_sleep", [True, False])
def test_setting_the_clock_back_moves_nothing_and_sleep_passes(hands, counts_sleep):
    clock = Clock(File(), counts_sleep=counts_sleep)
    hands.pass_time(10)
    assert clock() == hands.true
    hands.pass_time(3600, asleep=True)
    assert clock() == hands.true
    hands.set_by = -5 * 3600.0
    hands.pass_time(10)
    assert clock() == hands.true


def test_setting_the_clock_forward_moves_nothing(hands):
    clock = Clock(File(), counts_sleep=True)
    hands.set_by = 5 * 3600.0
    hands.pass_time(10)
    assert clock() == hands.true


def test_the_database_is_asked_once_a_minute(hands):
    server = Server(hands)
    clock = Clock(server)
    for _ in range(3):
        assert clock() == hands.true + HOUR
    assert server.asked == 1
    hands.pass_time(61)
    server.ahead = -HOUR
    assert clock() == hands.true - HOUR
    assert server.asked == 2


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
def test_a_machine_that_was_set_asks_at_once(hands, jump):
    server = Server(hands)
    clock = Clock(server)
    hands.set_by = jump
    assert clock() == hands.true + HOUR
    clock()
    assert server.asked == 2


def test_a_machine_that_slept_asks_at_once(hands):
    server = Server(hands)
    clock = Clock(server, counts_sleep=False)
    hands.pass_time(30, asleep=True)
    assert clock() == hands.true + HOUR
    assert server.asked == 2


def test_a_database_that_is_gone_leaves_the_time_as_it_was(hands):
    server = Server(hands)
    clock = Clock(server)
    server.gone = True
    hands.pass_time(61)
    assert clock() == hands.true + HOUR


def test_a_real_server_tells_the_time_with_its_zone_and_a_file_is_not_asked(tmp_path, postgres):
    shared, alone = Store(tmp_path / "shared", postgres()), Store(tmp_path / "alone")
    for store in (shared, alone):
        assert abs(store.clock() - datetime.now(UTC)) < NEAR
        assert store.clock().utcoffset() == timedelta()
        store.close()


def test_a_run_of_a_clock_that_was_ahead_is_taken_over_and_not_given_up(make_worker, good, fresh, reach, clock):
    clock.advance(7200)  # the clock as it was wrong
    then = clock()
    worker = make_worker()
    late = {"updated": then, "due": then + HOUR / 2, "watched": then - HOUR / 2}
    run = worker._store.runs.add(fresh(state=R.RUNNING, task="t1", **late))
    assert worker._store.runs.save(run, Lease("somebody dead", then + HOUR)) is not None
    clock.advance(-7200)  # put right while nobody worked
    worker.start()
    done = reach(worker, run, R.DONE, R.UNATTENDED)
    assert done.state is R.DONE
    assert abs(done.watched - clock()) < timedelta(minutes=1)


def test_times_that_are_sound_stay(make_worker, fresh, clock):
    store = make_worker()._store
    run = store.runs.add(fresh(state=R.RUNNING, task="t1", due=clock() + HOUR, watched=clock() - HOUR))
    store.runs.mend_times(clock(), timedelta(seconds=30))
    assert store.runs.get(run.id) == run


def test_a_suspended_machine_asks_first_and_gives_up_afterwards(make_worker, gateway, answer, fresh, clock):
    queued = answer({"id": "t1", "status": "queued"}, headers=SOON)
    gateway.answer("GET", "/v1/videos/t1", queued)
    worker = make_worker()
    store = worker._store
    slept = store.runs.add(fresh(state=R.RUNNING, task="t1", watched=clock()))
    clock.advance(5 * 3600)
    worker._step(slept)
    assert store.runs.get(slept.id).state is R.UNATTENDED
    assert gateway.count("GET", "/v1/videos/t1") == 1
