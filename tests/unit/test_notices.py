"""What one process saves, another hears of; its own it does not."""

from __future__ import annotations

import queue
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dailies.store import Store
from dailies.store.runs import Lease


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


def test_another_process_hears_whether_something_may_be_due(pair, heard, make_run, now):
    first, second = pair
    lease = Lease("w", now + timedelta(hours=1))
    run = first.runs.add(make_run())
    assert heard.get(timeout=30) is True
    run = first.runs.save(replace(run, word="news of a worker"), lease)
    assert heard.get(timeout=30) is False
    run = first.runs.save(replace(run, word="a person's doing"))
    assert heard.get(timeout=30) is True
    second.runs.add(make_run(id="b" * 32))  # told, it would be heard before the next, or make one True with it
    first.runs.save(replace(run, word="news again"), lease)
    assert heard.get(timeout=30) is False
    first.queue.hold("http://gateway.test")
    assert heard.get(timeout=30) is True


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
