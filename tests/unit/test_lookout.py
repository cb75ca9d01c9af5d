"""The background look at a gateway: never waited for, asked once, told when it is in."""

from __future__ import annotations

import threading

from dailies.errors import DailiesError
from dailies.gateway.client import Check
from dailies.gateway.health import Lookout

ANSWER = Check(True, 0.01, "It answers.", ("a", "b"))


def test_the_first_question_returns_at_once_and_the_answer_is_told() -> None:
    release, told = threading.Event(), threading.Event()

    def look(gateway: str, credential: str) -> Check:
        assert release.wait(10)
        return ANSWER

    lookout = Lookout(look, told.set)
    assert lookout.latest("g") is None
    assert lookout.latest("g") is None  # already under way: not asked again
    release.set()
    assert told.wait(10)
    assert lookout.latest("g") == ANSWER


def test_a_fresh_answer_is_not_asked_for_again() -> None:
    asked: list[tuple[str, str]] = []

    def look(gateway: str, credential: str) -> Check:
        asked.append((gateway, credential))
        return ANSWER

    lookout = Lookout(look, lambda: None)
    assert lookout.now("g", "key") == ANSWER
    assert lookout.latest("g", "key") == ANSWER
    assert asked == [("g", "key")]


def test_another_key_is_another_question() -> None:
    told = threading.Event()
    lookout = Lookout(lambda gateway, credential: Check(True, 0.0, credential), told.set)
    lookout.now("g", "one")
    assert lookout.latest("g", "two") is None
    assert told.wait(10)
    found = lookout.latest("g", "two")
    assert found is not None
    assert found.words == "two"


def test_trouble_is_an_answer_in_words() -> None:
    def look(gateway: str, credential: str) -> Check:
        raise DailiesError("The sandbox is not running.")

    assert Lookout(look, lambda: None).now("sandbox") == Check(False, 0.0, "The sandbox is not running.")
