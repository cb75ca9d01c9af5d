"""What was seen of a cell: counts and waits, which value a refusal names, what contradicts the documentation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dailies.catalog.load import load
from dailies.domain import Clip, Failure
from dailies.seen import Ending, Place, Share, divide, find_blamed, summarise
from dailies.store import Store
from dailies.vocabulary import Mode, RunState, Stage

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CELL = next(
    cell
    for cell in load().cells()
    if (found := cell.parameter("seconds")) and len(found.choices) > 1 and cell.support.support == "supported"
)
DOCUMENTED = CELL.parameter("seconds").choices[-1]
PLACE = Place("gateway", CELL.family, CELL.entry.id, CELL.model.id, CELL.mode)
CLIP = Clip("c.mp4", "c.jpg", 9, 4.0, 64, 48, 24.0, "h264", "")


def done(wait: float = 10.0, **changes) -> Ending:
    return replace(Ending(PLACE, {"seconds": DOCUMENTED}, RunState.DONE, NOW, True, wait, clip=CLIP), **changes)


def refused(words: str, days: int = 0, **changes) -> Ending:
    failure = Failure(Stage.SENDING, words, "", "")
    ending = Ending(PLACE, {"seconds": DOCUMENTED}, RunState.FAILED, NOW + timedelta(days=days), False, failure=failure)
    return replace(ending, **changes)


def sum_up(*endings: Ending):
    return summarise(endings, lambda _: CELL)[0]


def test_runs_waits_and_reasons_are_counted():
    seen = sum_up(
        *(done(float(wait)) for wait in range(1, 11)), refused("The model is busy.", 2), refused("The model is busy.")
    )
    assert (seen.runs, seen.failed, seen.few) == (12, 2, False)
    assert (seen.usual, seen.slowest) == (5.5, 9.0)
    assert seen.reasons["The model is busy."].number == 2
    assert (seen.first, seen.last) == (NOW, NOW + timedelta(days=2))
    assert sum_up(done()).few
    assert summarise([done(state=RunState.CANCELLED)], lambda _: CELL) == []


@pytest.mark.parametrize(
    ("words", "blamed"),
    [
        ("seconds must be 5", ["seconds"]),
        ("Duration is not supported", ["seconds"]),
        ("resolution and seconds do not match", ["seconds", "resolution"]),
        ("1080p is too large", ["resolution"]),
        ("milliseconds of waiting; the 1080px screen", []),
        ("Something went wrong", []),
    ],
)
def test_a_refusal_names_its_value(words, blamed):
    assert find_blamed({"seconds": 8, "resolution": "1080p"}, words, None) == blamed


def test_endings_come_from_the_store_and_are_ones_own(tmp_path, make_run):
    store = Store(tmp_path)
    failure = Failure(Stage.SENDING, "seconds is wrong", "", "")
    run = store.runs.add(make_run(state=RunState.FAILED, failure=failure, finished=NOW))
    store.runs.add(make_run(state=RunState.RUNNING))
    store.runs.add(make_run(owner="you", state=RunState.DONE))
    store.library.delete("me", [run.id], NOW)
    (ending,) = store.library.endings("me")
    assert ending.place == Place("http://gateway.test", "fam", "first", "fam-1", Mode.FIRST_FRAME)
    assert (ending.failure, ending.had_task, ending.ended) == (failure, False, NOW)
    assert store.library.endings("me", family="other") == []
    store.close()


def test_runs_are_divided_and_each_part_summed_up():
    endings = [done(10.0), done(30.0, ended=NOW + timedelta(days=1)), refused("no"), done(20.0)]
    found = divide(endings, lambda ending: ending.ended)
    assert found == {NOW: Share(3, 1, 15.0, 20.0), NOW + timedelta(days=1): Share(1, 0, 30.0, 30.0)}
    assert divide([refused("no")], lambda _: 1) == {1: Share(1, 1, None, None)}
