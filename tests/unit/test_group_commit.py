"""Saves of many threads in one transaction: what they share, and what stays each one's own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from dailies.errors import StoreError
from dailies.store import Store
from dailies.store.group_commit import GroupCommit
from dailies.store.runs import Lease
from dailies.vocabulary import RunState
from tests.unit.test_statements import counting

R = RunState


@dataclass
class Transactions:
    """A database that notes what each transaction was opened for; `refuse` is raised at the commits."""

    durable: list[bool] = field(default_factory=list)
    refuse: Exception | None = None

    @contextmanager
    def writing(self, *, durable: bool = False) -> Iterator[str]:
        self.durable.append(durable)
        yield "connection"
        if self.refuse:
            raise self.refuse


@dataclass
class Scene:
    """A group whose first transaction lasts until `go` is set, and what it wrote together."""

    eventually: Callable[..., Any]
    pool: ThreadPoolExecutor
    database: Transactions = field(default_factory=Transactions)
    written: list[list[str]] = field(default_factory=list)
    go: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.group = GroupCommit[str, str](self.database, self.write_all)  # type: ignore[arg-type]

    def write_all(self, _: object, items: Sequence[str]) -> list[str]:
        self.written.append(list(items))
        if items == ["first"]:
            assert self.go.wait(10)
        if "bad" in items:
            raise ValueError("bad")
        if "interrupted" in items and len(self.written) == 2:
            raise KeyboardInterrupt
        return [item.upper() for item in items]

    def write(self, *items: str, durable: Sequence[str] = ()) -> list[Future[str]]:
        """Bring items, each on a thread, while the first one is written; then let that end."""
        begun = self.pool.submit(self.group.write, "first", durable=False)
        self.eventually(lambda: self.written)
        brought = [begun]
        for item in items:
            brought.append(self.pool.submit(self.group.write, item, durable=item in durable))
            self.eventually(lambda: len(self.group._waiting) == len(brought) - 1)
        self.go.set()
        return brought


@pytest.fixture
def scene(eventually) -> Iterator[Scene]:
    with ThreadPoolExecutor(8) as pool:
        yield Scene(eventually, pool)


def test_what_comes_during_a_transaction_is_written_in_the_next_one_together(scene):
    futures = scene.write("a", "b", "c", durable=["b"])
    assert [future.result(10) for future in futures] == ["FIRST", "A", "B", "C"]
    assert scene.written == [["first"], ["a", "b", "c"]]
    assert scene.database.durable == [False, True], "one that has to last makes all of its transaction last"
    assert scene.group.write("later", durable=False) == "LATER"


def test_what_cannot_be_written_is_its_own_threads_trouble_alone(scene):
    first, a, bad, b = scene.write("a", "bad", "b", durable=["a", "bad", "b"])
    assert [future.result(10) for future in (first, a, b)] == ["FIRST", "A", "B"]
    with pytest.raises(ValueError, match="bad"):
        bad.result(10)
    assert scene.written[1:] == [["a", "bad", "b"], ["a"], ["bad"], ["b"]]


def test_a_database_that_cannot_be_used_is_said_to_all_at_once(scene):
    scene.database.refuse = StoreError("locked")
    for future in scene.write("a", "b"):
        with pytest.raises(StoreError, match="locked"):
            future.result(10)
    assert scene.written == [["first"], ["a", "b"]], "each alone would wait as long again"
    scene.database.refuse = None
    assert scene.group.write("later", durable=False) == "LATER"


def test_an_interrupted_thread_leaves_the_others_to_themselves(scene):
    first, stopped, a, b = scene.write("interrupted", "a", "b")
    with pytest.raises(KeyboardInterrupt):
        stopped.result(10)
    assert [future.result(10) for future in (first, a, b)] == ["FIRST", "A", "B"]
    assert scene.written[2:] == [["a", "b"]]


# --- runs --------------------------------------------------------------------------------------------------------


@pytest.fixture
def save_together(eventually) -> Iterator[Callable[..., list[Future[Any]]]]:
    """Call functions that each save a run, on threads of their own, in one transaction."""
    with ThreadPoolExecutor(8) as pool:

        def save(store: Store, *saves: Callable[[], Any]) -> list[Future[Any]]:
            group = store.runs._changes
            group._busy = True  # as while a thread writes
            begun = [pool.submit(each) for each in saves]
            eventually(lambda: len(group._waiting) == len(saves))
            group._waiting[0].called.set()  # as when it has ended
            return begun

        yield save


def test_runs_saved_together_cost_one_transaction_and_have_revisions_of_their_own(store, make_run, save_together):
    runs = store.runs.add_all([make_run() for _ in range(4)])
    since = store.revision()
    with counting(store) as counts:
        futures = save_together(
            store, *(partial(store.runs.save, replace(run, state=R.SENDING), durable=True, before=run) for run in runs)
        )
        saved = [future.result(10) for future in futures]
    assert counts["transactions"] == 1
    assert sorted(run.revision for run in saved) == list(range(since + 1, since + 5))
    assert store.changed_since(since)[1] == {run.id: run.revision for run in saved}
    assert [store.runs.get(run.id) for run in runs] == saved


def test_a_run_that_moved_on_meanwhile_holds_up_none_of_those_saved_with_it(store, make_run, save_together):
    moved, other = store.runs.add_all([make_run(), make_run()])
    newer = store.runs.save(replace(moved, percent=7))
    stale, fine = save_together(
        store, partial(store.runs.save, replace(moved, percent=1)), partial(store.runs.save, replace(other, percent=2))
    )
    assert stale.result(10) is None
    assert store.runs.get(other.id) == fine.result(10)
    assert store.runs.get(moved.id) == newer


def test_an_answer_is_saved_though_the_one_saved_with_it_cannot_be(store, make_run, save_together):
    taken, bad, answered = store.runs.add_all([make_run(press="p"), make_run(), make_run(state=R.SENDING)])
    broken, fine = save_together(
        store,
        partial(store.runs.save, replace(bad, press=taken.press)),
        partial(store.runs.save, replace(answered, state=R.QUEUED, task="t1"), durable=True, before=answered),
    )
    assert fine.result(10).task == store.runs.get(answered.id).task == "t1"
    with pytest.raises(IntegrityError):
        broken.result(10)
    assert store.runs.get(bad.id) == bad


def test_what_is_sent_is_stored_again_only_where_it_changed(store, make_run):
    run = store.runs.add(make_run())
    words = list[str]()
    sa.event.listen(store._database._engine, "before_cursor_execute", lambda *all_: words.append(all_[2]))
    marked = store.runs.save(replace(run, state=R.SENDING), before=run)
    assert not [each for each in words if "UPDATE runs" in each and "call" in each]
    changed = store.runs.save(replace(marked, call=replace(run.call, path="/other")), before=marked)
    assert store.runs.get(run.id) == changed
    assert changed.call.path == "/other"


def test_runs_marked_together_by_a_worker_that_died_are_unsure_and_not_sent(
    make_worker, gateway, fresh, reach, save_together
):
    """It dies between the commit and the first byte: nobody can tell that from one after it."""
    worker = make_worker()
    store, dead = worker._store, Lease("dead", worker.clock() - timedelta(seconds=1))
    runs = store.runs.add_all([fresh(), fresh(), fresh()])
    marks = [replace(run, state=R.SENDING, sent=run.created, due=None) for run in runs]
    for future in save_together(store, *(partial(store.runs.save, mark, dead, durable=True) for mark in marks)):
        assert future.result(10)
    worker.start()
    assert [reach(worker, run, R.UNSURE, R.QUEUED).state for run in runs] == 3 * [R.UNSURE]
    assert gateway.count("POST") == 0
