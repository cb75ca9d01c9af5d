"""One time for processes on several machines. What the time is decides who may take a run over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dailies.errors import StoreError
from dailies.store import Store
from dailies.store.clock import Clock

HOUR = timedelta(hours=1)
NEAR = timedelta(seconds=5)


class Server:
    """A database whose clock is ahead of this machine's."""

    shared = True

    def __init__(self) -> None:
        self.ahead, self.asked, self.gone = HOUR, 0, False

    def read_clock(self) -> datetime:
        self.asked += 1
        if self.gone:
            raise StoreError("The database cannot be used now.")
        return datetime.now(UTC) + self.ahead


class Time:
    """This machine's two clocks, in hand."""

    def __init__(self) -> None:
        self.wall = self.steady = 1000.0

    def time(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return self.steady


@pytest.fixture
def hands(monkeypatch) -> Time:
    found = Time()
    monkeypatch.setattr("dailies.store.clock.time", found)
    return found


def test_the_database_is_asked_once_a_minute(hands):
    server = Server()
    clock = Clock(server)
    for _ in range(3):
        assert abs(clock() - datetime.now(UTC) - HOUR) < NEAR
    assert server.asked == 1
    hands.wall, hands.steady, server.ahead = hands.wall + 61, hands.steady + 61, -HOUR
    assert abs(clock() - datetime.now(UTC) + HOUR) < NEAR
    assert server.asked == 2


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
def test_a_machine_that_slept_or_was_set_asks_at_once(hands, jump):
    server = Server()
    clock = Clock(server)
    hands.wall += jump
    clock()
    clock()
    assert server.asked == 2


def test_a_database_that_is_gone_leaves_the_time_as_it_was(hands):
    server = Server()
    clock = Clock(server)
    server.gone = True
    hands.wall, hands.steady = hands.wall + 61, hands.steady + 61
    assert abs(clock() - datetime.now(UTC) - HOUR) < NEAR


def test_a_real_server_tells_the_time_with_its_zone_and_a_file_is_not_asked(tmp_path, postgres):
    shared, alone = Store(tmp_path / "shared", postgres()), Store(tmp_path / "alone")
    for store in (shared, alone):
        assert abs(store.clock() - datetime.now(UTC)) < NEAR
        assert store.clock().utcoffset() == timedelta()
        store.close()
