"""The background check of a gateway: no caller waits for it, it runs once, and its end is published."""

from __future__ import annotations

import threading

from dailies.errors import DailiesError
from dailies.gateway.client import Check
from dailies.gateway.health import Health

ANSWER = Check(True, 0.01, "It answers.", ("a", "b"))


def test_the_first_question_returns_at_once_and_the_answer_is_told() -> None:
    release, told, asked = threading.Event(), threading.Event(), threading.Semaphore(0)

    def look(gateway: str, credential: str) -> Check:
        asked.release()
        assert release.wait(10)
        return ANSWER

    health = Health(look, told.set)
    assert health.latest("g") is None
    assert health.latest("g") is None  # already under way: not asked again
    release.set()
    assert told.wait(10)
    assert health.latest("g") == ANSWER
    assert asked.acquire(timeout=10)
    assert not asked.acquire(blocking=False)


def test_a_fresh_answer_is_not_asked_for_again() -> None:
    asked: list[tuple[str, str]] = []

    def look(gateway: str, credential: str) -> Check:
        asked.append((gateway, credential))
        return ANSWER

    health = Health(look, lambda: None)
    assert health.refresh("g", "key") == ANSWER
    assert health.latest("g", "key") == ANSWER
    assert asked == [("g", "key")]


def test_another_key_is_another_question() -> None:
    told = threading.Event()
    health = Health(lambda gateway, credential: Check(True, 0.0, credential), told.set)
    health.refresh("g", "one")
    assert health.latest("g", "two") is None
    assert told.wait(10)
    assert health.latest("g", "two").words == "two"


def test_trouble_is_an_answer_in_words() -> None:
    def look(gateway: str, credential: str) -> Check:
        raise DailiesError("The sandbox is not running.")

    assert Health(look, lambda: None).refresh("sandbox") == Check(False, 0.0, "The sandbox is not running.")


def test_a_check_is_refreshed_after_a_minute_and_the_old_one_returned_meanwhile() -> None:
    now, told, count = [0.0], threading.Semaphore(0), [0]

    def look(gateway: str, credential: str) -> Check:
        count[0] += 1
        return Check(True, 0.0, f"check {count[0]}")

    health = Health(look, told.release, lambda: now[0])
    assert health.refresh("g").words == "check 1"
    now[0] = 60.0
    assert health.latest("g").words == "check 1"
    assert not told.acquire(blocking=False)
    now[0] = 60.1
    assert health.latest("g").words == "check 1"
    assert told.acquire(timeout=10)
    assert health.latest("g").words == "check 2"
