"""What one process saves, another hears of; its own it does not."""

from __future__ import annotations

import queue
import time
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dailies.store import Store
from dailies.store.runs import Lease

AT_ONCE = 0.5
"""Seconds within which a page elsewhere has to know."""


@pytest.fixture
def pair(tmp_path, postgres):
    url = postgres()
    stores = [Store(tmp_path / name, url) for name in "ab"]
    yield stores
    for store in stores:
        store.close()


@pytest.fixture
def heard(pair):
    """What the second store hears, after the look with which every listener begins."""
    told: queue.Queue[bool] = queue.Queue()
    stop = pair[1].listen(told.put)
    assert told.get(timeout=30) is True
    yield told
    stop()


def test_another_process_hears_at_once_whether_something_may_be_due(pair, heard, make_run, now):
    first, second = pair
    began = time.monotonic()
    run = first.runs.add(make_run())
    assert heard.get(timeout=30) is True
    assert time.monotonic() - began < AT_ONCE
    run = first.runs.save(replace(run, word="news of a worker"), Lease("w", now + timedelta(hours=1)))
    assert heard.get(timeout=30) is False
    first.runs.save(replace(run, word="a person's doing"))
    assert heard.get(timeout=30) is True
    second.runs.add(make_run(id="b" * 32))
    first.runs.save(replace(run, word="never saved: another revision"))
    first.queue.hold("http://gateway.test")
    assert heard.get(timeout=30) is True
    assert heard.empty()


def test_a_lost_connection_is_opened_anew_and_nothing_is_missed(pair, heard, make_run, postgres_cut):
    first, second = pair
    postgres_cut(second)
    first.runs.add(make_run())
    assert heard.get(timeout=30) is True


@pytest.fixture
def postgres_cut():
    """Cut every connection of others to a store's database."""

    def cut(store) -> None:
        text = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
        with store._database.writing() as connection:
            connection.execute(sa.text(text))

    return cut


def test_sqlite_tells_nobody(tmp_path, make_run):
    store = Store(tmp_path)
    stop = store.listen(lambda _: pytest.fail("nobody tells"))
    store.runs.add(make_run())
    stop()
    store.close()
