"""How many statements and transactions a look costs, so that they cannot grow back unseen."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from time import monotonic
from typing import Any

import sqlalchemy as sa

from dailies.domain import Run
from dailies.library import Sort, View
from dailies.store import Store
from dailies.store.due import ASKED
from dailies.store.library import LAST
from dailies.store.run_table import runs
from dailies.vocabulary import RunState

OFTEN = {"openai-poll-after-ms": "100"}


@contextmanager
def counting(store: Store) -> Iterator[Counter[str]]:
    """Count the transactions, and the statements by their first word, of a store."""
    counts, engine = Counter[str](), store._database._engine

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        counts[statement.split(maxsplit=1)[0]] += 1

    def begin(_connection: object) -> None:
        counts["transactions"] += 1

    sa.event.listen(engine, "before_cursor_execute", note)
    sa.event.listen(engine, "begin", begin)
    try:
        yield counts
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
        sa.event.remove(engine, "begin", begin)


def test_a_look_that_changes_nothing_costs_one_transaction_and_tells_nobody(make_worker, gateway, answer, fresh):
    looks, told = threading.Semaphore(0), list[frozenset[str]]()
    running = answer({"id": "t1", "status": "processing", "progress": 50}, headers=OFTEN)
    gateway.answer("POST", "/v1/videos", answer({"id": "t1", "status": "queued"}, headers=OFTEN))
    gateway.answer("GET", "/v1/videos/t1", running)
    worker = make_worker()
    store, put_off = worker._store, worker._agenda.put_off

    def note(run: Run) -> None:
        put_off(run)
        looks.release()

    worker._agenda.put_off = note
    worker.start()
    run = worker.submit(fresh())
    for _ in range(2):  # by then the history and the count of open tasks are known
        assert looks.acquire(timeout=10)
    worker.feed.subscribe(lambda ids, _: told.append(ids))
    before, revision = store.runs.get(run.id), store.revision()
    with counting(store) as counts:
        began = monotonic()
        for _ in range(5):
            assert looks.acquire(timeout=10)
        ticks = 2 * (1 + int(monotonic() - began))  # once a second changes are looked for, and what is due is read anew
    assert store.revision() == revision == before.revision
    assert store.runs.get(run.id).state is RunState.RUNNING
    assert told == []
    most = 6  # the first or last look counts in part
    assert counts["UPDATE"] <= 2 * most, counts
    assert counts["transactions"] <= most + ticks, counts
    assert counts["SELECT"] <= 2 * most + ticks + 5, counts  # the first tick finds what is new and asks what it is


def test_the_index_of_what_is_asked_for_serves_the_outlook_and_the_claim(make_worker, fresh):
    """SQLite takes it only where the words of the index and the query are the same."""
    store, plans = make_worker()._store, list[str]()
    run = store.runs.add(fresh())
    store.runs.save(replace(run, state=RunState.RUNNING))

    def explain(connection: sa.Connection, cursor: Any, statement: str, values: Any, *_: object) -> None:
        if statement.startswith("SELECT") and "NOT IN ('ready'" in statement:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            plans.append(" ".join(row[-1] for row in cursor.fetchall()))

    sa.event.listen(store._database._engine, "before_cursor_execute", explain)
    assert store.runs.claim_due("w", run.due, timedelta(seconds=10), 4).runs
    assert len(plans) == 3, "the outlook before and after, and the claim"
    assert all("INDEX runs_asked" in plan for plan in plans), plans


def test_the_states_that_are_not_asked_for_are_all_but_two(make_worker, fresh):
    store = make_worker()._store
    for state in RunState:
        store.runs.save(replace(store.runs.add(fresh()), state=state))
    with store._database.reading() as connection:
        found = connection.execute(sa.select(runs.c.state).where(ASKED)).scalars()
        assert set(found) == {RunState.QUEUED.value, RunState.RUNNING.value}


def test_every_order_of_the_library_is_read_from_an_index(store, fresh):
    """A page costs the same in a library of any size: nothing is sorted, and no row is read that is not shown."""
    store.runs.add(fresh())
    plans = list[str]()
    server = store._database._engine.dialect.name == "postgresql"

    def explain(_connection: sa.Connection, cursor: Any, statement: str, values: Any, *_: object) -> None:
        if "shelf.number DESC" in statement or "shelf.number ASC" in statement:
            if server:  # as it plans for many rows
                cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
            cursor.execute(f"EXPLAIN {'' if server else 'QUERY PLAN'} {statement}", values)
            plans.append(" ".join(str(row[-1]) for row in cursor.fetchall()))

    sa.event.listen(store._database._engine, "before_cursor_execute", explain)
    views = [*(View(sort=sort) for sort in Sort), View(family="f"), View(model="m"), View(starred=True)]
    for view in views:
        store.library.find("", view, limit=2)
        store.library.find("", view, limit=2, before=LAST)
    assert len(plans) == 2 * len(views)
    assert not [plan for plan in plans if "TEMP B-TREE" in plan or "Sort" in plan], plans
