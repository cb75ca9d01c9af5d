"""The loop below the worker and the asset watch: one task of a name at a time, woken, stopped, started again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

import pytest

from dailies.work.due_loop import DueLoop

WITHIN = 60.0
LONG = 3600.0


@pytest.fixture
def make_loop() -> Iterator[Callable[..., DueLoop]]:
    made: list[DueLoop] = []

    def make(look: Callable[[], float] = lambda: LONG, threads: int = 4, longest: float = LONG, **more) -> DueLoop:
        made.append(DueLoop("loop", look, threads=threads, longest=longest, **more))
        made[-1].start()
        return made[-1]

    yield make
    for loop in made:
        loop.stop(WITHIN)


class Held:
    """A task that waits until it is let go, and counts its starts."""

    def __init__(self) -> None:
        self.starts = 0
        self.started, self.let_go = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.starts += 1
        self.started.set()
        assert self.let_go.wait(WITHIN)


def test_a_task_under_way_is_not_started_again(make_loop, eventually):
    loop, task, other = make_loop(), Held(), Held()
    assert loop.run("a", task)
    assert not loop.run("a", task)
    assert loop.run("b", other)
    assert other.started.wait(WITHIN)
    assert (loop.under_way, loop.free) == (("a", "b"), 2)
    task.let_go.set()
    eventually(lambda: loop.under_way == ("b",))
    assert task.starts == 1
    assert loop.run("a", task)
    other.let_go.set()


def test_a_full_loop_has_no_free_thread_and_queues(make_loop, eventually):
    loop, task = make_loop(threads=1), Held()
    assert loop.run("a", task)
    assert loop.run("b", task)
    assert (loop.free, loop.queued) == (0, 1)
    task.let_go.set()
    eventually(lambda: loop.free == 1)
    assert loop.queued == 0
    assert task.starts == 2


def test_it_looks_at_the_start_when_woken_and_when_a_task_ends(make_loop):
    looks = threading.Semaphore(0)

    def look() -> float:
        looks.release()
        return LONG

    loop = make_loop(look)
    assert looks.acquire(timeout=WITHIN)
    loop.wake()
    assert looks.acquire(timeout=WITHIN)
    loop.run("a", lambda: None)
    assert looks.acquire(timeout=WITHIN)
    assert not looks.acquire(timeout=0.05)


@pytest.mark.parametrize("pause", [0.0, -5.0, LONG])
def test_the_pause_is_the_looks_own_within_bounds(make_loop, pause):
    looks = threading.Semaphore(0)

    def look() -> float:
        looks.release()
        return pause

    make_loop(look, longest=0.01)
    for _ in range(3):
        assert looks.acquire(timeout=WITHIN)


def test_an_exception_is_logged_and_the_loop_goes_on(make_loop, caplog, eventually):
    caplog.set_level(logging.ERROR)
    looks = threading.Semaphore(0)

    def look() -> float:
        looks.release()
        raise ValueError("the look broke")

    def task() -> None:
        raise ValueError("the task broke")

    loop = make_loop(look)
    assert looks.acquire(timeout=WITHIN)
    loop.run("a", task)
    assert looks.acquire(timeout=WITHIN)
    eventually(lambda: not loop.under_way)
    loop.wake()
    assert looks.acquire(timeout=WITHIN)
    assert "the look broke" in caplog.text
    assert "the task broke" in caplog.text
    assert "a failed" in caplog.text


def test_stop_waits_for_what_is_under_way_and_starts_nothing_more(make_loop):
    loop, task = make_loop(), Held()
    loop.run("a", task)
    assert task.started.wait(WITHIN)
    stopper = threading.Thread(target=loop.stop, args=[WITHIN])
    stopper.start()
    task.let_go.set()
    stopper.join(WITHIN)
    assert loop.under_way == ()
    assert not loop.run("b", task)
    loop.start()
    assert loop.run("b", task)


def test_stop_gives_up_after_its_grace_and_drops_what_has_no_thread(make_loop, eventually):
    loop, task, queued = make_loop(threads=1), Held(), Held()
    loop.run("a", task)
    loop.run("b", queued)
    assert task.started.wait(WITHIN)
    loop.stop(0.01)
    assert loop.under_way == ("a",)
    task.let_go.set()
    eventually(lambda: not loop.under_way)
    assert queued.starts == 0


def test_what_waits_for_a_thread_is_not_begun_while_the_loop_stops(make_loop, eventually):
    loop, task, queued = make_loop(threads=1), Held(), Held()
    loop.run("a", task)
    loop.run("b", queued)
    assert task.started.wait(WITHIN)
    stopper = threading.Thread(target=loop.stop, args=[WITHIN])
    stopper.start()
    eventually(lambda: loop.under_way == ("a",))
    task.let_go.set()
    stopper.join(WITHIN)
    assert queued.starts == 0


def test_a_loop_that_never_ran_stops_and_runs_nothing():
    loop = DueLoop("loop", lambda: LONG, threads=1, longest=LONG)
    loop.stop(0)
    assert not loop.run("a", lambda: None)


def test_an_end_of_a_task_waits_for_the_next_look_and_a_wake_does_not(make_loop, eventually):
    looks, rest, task = threading.Semaphore(0), [LONG], Held()

    def look() -> float:
        looks.release()
        return LONG

    loop = make_loop(look, between=lambda: rest[0])
    assert looks.acquire(timeout=WITHIN)
    assert loop.run("a", task)
    task.let_go.set()
    eventually(lambda: not loop.under_way)
    assert not looks.acquire(blocking=False)
    loop.wake()
    assert looks.acquire(timeout=WITHIN)
    rest[0] = 0.0  # there is something that waits for no others
    assert loop.run("b", task)
    assert looks.acquire(timeout=WITHIN)
