"""When a task is asked for: around its likely end, less often elsewhere, and never past what its gateway bears."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from datetime import timedelta
from statistics import median
from time import monotonic

import pytest

from dailies.errors import TooFast, Unreachable
from dailies.steps import PollFailed
from dailies.store import Store
from dailies.vocabulary import RunState
from dailies.work.feed import Feed
from dailies.work.forecast import FEW, LOOKS, UNFORESEEN, Forecast
from dailies.work.rhythm import TOGETHER, Pace, Window, choose_delay, find_window

S = timedelta(seconds=1)
USUAL = Window(54, 69)
WATCHED, UNWATCHED, NEW = Pace(USUAL, True), Pace(USUAL), Pace(None, True)


@pytest.mark.parametrize(
    ("elapsed", "asked", "pace", "least", "most"),
    [
        (0, 0, Pace(), 2, 2),
        (5, 2, Pace(), 5, 5),
        (20, 5, Pace(), 5, 10),
        (0, 0, UNWATCHED, 2, 2),
        (20, 5, UNWATCHED, 5, 10),
        (60, 9, UNWATCHED, 5, 10),
        (20, 5, WATCHED, 5, 10),
        (51, 9, WATCHED, 3, 3),
        (53.9, 9, WATCHED, 1, 1.5),
        (60, 9, WATCHED, 1, 2),
        (72, 12, WATCHED, 1, 2),
        (600, 40, WATCHED, 5, 10),
        (3, 1, NEW, 0.5, 0.6),
        (30, 9, NEW, 1, 1.4),
        (100, 20, NEW, 4, 4),
        (900, 90, NEW, 5, 10),
        (60, 9, Pace(USUAL, True, 7), 7, 7),
        (20, 9, Pace(None, True, 0, 3), 2.4, 3),
        (20, 9, Pace(None, True, 0, 60), 8, 10),
        (400, 9, Pace(None, True, 0, 60), 8, 10),
        (60, 9, Pace(USUAL, True, 0, 60), 1, 2),
    ],
)
def test_the_pause_before_a_look(elapsed, asked, pace, least, most):
    assert least <= choose_delay(elapsed, asked, pace, 0) <= choose_delay(elapsed, asked, pace, 1) <= most


def test_a_window_is_what_most_took():
    assert find_window([]) is None
    assert find_window([60.0]) == Window(36, 90)
    assert find_window([60.0] * 9 + [600.0, 1.0]) == Window(54, 69)


@pytest.mark.parametrize(("usual", "looks"), [(2, 4), (20, 10), (120, 40)])
def test_a_watched_end_is_seen_within_a_second_with_few_looks(usual, looks):
    chance = random.Random(1)
    window = find_window([usual * chance.uniform(0.9, 1.1) for _ in range(20)])
    late, asked = [], []
    for _ in range(200):
        ends, moment, count = usual * chance.uniform(0.9, 1.1), 0.0, 0
        while moment < ends:
            moment += choose_delay(moment, count, Pace(window, True), chance.random())
            count += 1
        late.append(moment - ends)
        asked.append(count)
    assert median(late) < 0.7
    assert max(late) < 1.2
    assert median(asked) <= looks


@pytest.fixture
def forecast(tmp_path, clock):
    store = Store(tmp_path)
    yield Forecast(store, Feed(), clock)
    store.close()


def test_the_history_is_that_of_the_same_length_and_size_if_there_is_enough(forecast, make_run, now):
    numbers = itertools.count()

    def asked(values, **more):
        run = make_run(id=f"r{next(numbers)}", **more)
        return replace(run, request=replace(run.request, values=values))

    def finished(values, seconds):
        done = {"state": RunState.DONE, "sent": now, "finished": now + seconds * S}
        forecast._store.runs.add(asked(values, **done))

    for _ in range(3):
        finished({"seconds": "5"}, 60)
        finished({"seconds": "10"}, 120)
    finished({"seconds": "5", "resolution": "1080p"}, 500)
    assert forecast.pace(asked({"seconds": "5", "seed": 3})).window == Window(54, 69)
    assert forecast.pace(asked({"seconds": "10"})).window == Window(108, 138)
    assert forecast.pace(asked({"seconds": "8"})).window == Window(54, 1.15 * 500)


def test_who_watches_and_the_share_of_the_gateway(forecast, make_run):
    run = make_run(state=RunState.RUNNING, owner="ann")
    for number in range(8):
        forecast._store.runs.add(make_run(id=str(number), state=RunState.RUNNING))
    pace = forecast.pace(run)
    assert pace == Pace(None, False, 8 / LOOKS, 8 / UNFORESEEN, pace.beat)
    assert 0 <= pace.beat <= TOGETHER
    stop = forecast._feed.subscribe(lambda *_: None, watches="ben")
    assert not forecast.pace(run).watched
    forecast._feed.subscribe(lambda *_: None, watches="ann")
    assert forecast.pace(run).watched
    stop()


@pytest.mark.parametrize("pace", [Pace(), Pace(None, True, 0, 60), Pace(None, True, 0, 4), Pace(USUAL, True)])
def test_looks_that_are_far_apart_are_made_together(pace):
    chance, now = random.Random(1), 1_800_000_000.0
    for elapsed in (20, 30.3):
        alone = [choose_delay(elapsed, 9, pace, jitter / 50, now) for jitter in range(51)]
        joined = [choose_delay(elapsed, 9, replace(pace, beat=0.2), jitter / 50, now) for jitter in range(51)]
        assert all(0 <= own - delay < TOGETHER for own, delay in zip(alone, joined, strict=True))
        assert {round((now + delay - 0.2) % TOGETHER, 3) % TOGETHER for delay in joined} == {0}
    near = replace(NEW, beat=0.2)
    assert choose_delay(3, 9, near, 0.5, now + chance.random()) == choose_delay(3, 9, NEW, 0.5), "not what comes soon"


def test_the_looks_of_many_tasks_are_spread(forecast, make_run):
    forecast._open = monotonic(), {make_run().gateway: FEW + 1}
    assert forecast.pace(make_run()).beat is None


def test_a_gateway_that_asks_one_run_for_fewer_calls_is_left_alone_by_all(forecast, make_run, clock):
    run = make_run()
    forecast.note(run, PollFailed(Unreachable("gone")))
    assert forecast.silence(run.gateway) is None
    forecast.note(run, PollFailed(TooFast("slow down", retry_after=30)))
    assert forecast.silence("http://other.test") is None
    assert (forecast.silence(run.gateway) - clock()) / S == pytest.approx(30, abs=1)
    clock.advance(31)
    assert forecast.silence(run.gateway) is None


def test_a_look_waits_while_its_gateway_wants_silence(make_worker, gateway, answer, fresh):
    slow = answer({"error": {"message": "Slow down."}}, 429, {"retry-after": "40"})
    gateway.answer("GET", "/v1/videos/t1", slow)
    worker = make_worker()
    for name in ("first", "second"):
        worker._store.runs.add(fresh(id=name, state=RunState.RUNNING, task="t1"))
    for run in worker._store.runs.claim_due(worker.id, worker.clock(), 60 * S, 2).runs:
        worker._step(run)
    for name in ("first", "second"):
        assert 39 < (worker._store.runs.get(name).due - worker.clock()) / S < 42
    assert gateway.count("GET", "/v1/videos/t1") == 1
