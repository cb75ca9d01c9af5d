"""A person's key for a worker on another machine: sealed, found there, gone with the last run that needs it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dailies.gateway.assets import Asset, AssetState
from dailies.keyring import Keyring
from dailies.sealing import Sealer
from dailies.store import Store
from dailies.store.runs import Lease
from dailies.vocabulary import MediaKind, RunState

GATEWAY = "http://gateway.test"


class Place:
    """One process of several: its memory of keys, and its store."""

    def __init__(self, home, url) -> None:
        self.keyring = Keyring()
        self.store = Store(home, url, seal=self.keyring.seal)
        self.keyring.share(self.store.keys, Sealer(bytes(32)))

    def rows(self) -> list[str]:
        with self.store._database.reading() as connection:
            return [str(row) for row in connection.execute(sa.text("SELECT * FROM sealed_keys"))]


@pytest.fixture
def places(tmp_path, postgres):
    url = postgres()
    opened = [Place(tmp_path / name, url) for name in ("app", "worker")]
    yield opened
    for place in opened:
        place.store.close()


@pytest.fixture
def run(make_run):
    return make_run(gateway=GATEWAY, credential="ann")


def test_a_worker_elsewhere_pays_with_the_key_until_the_run_has_ended(places, run, key, now):
    app, worker = places
    app.keyring.put("ann", GATEWAY, key)
    assert (app.rows(), worker.keyring.get("ann", GATEWAY)) == ([], None)  # no run needs it
    kept = app.store.runs.add(run)
    assert worker.keyring.get("ann", GATEWAY) == key
    assert worker.keyring.get("ann", "http://other.test") is None
    assert len(app.rows()) == 1
    assert key not in app.rows()[0]
    lease = Lease("w", now + timedelta(hours=1))
    sent = worker.store.runs.save(replace(kept, state=RunState.SENDING), lease)
    unsure = worker.store.runs.save(replace(sent, state=RunState.UNSURE), lease)
    assert len(app.rows()) == 1  # it may turn out to be a task
    worker.store.runs.save(replace(unsure, state=RunState.FAILED), lease)
    assert app.rows() == []


def test_a_key_stays_while_another_run_needs_it(places, make_run, run, key):
    app, worker = places
    app.keyring.put("ann", GATEWAY, key)
    first, second = (
        app.store.runs.add(each) for each in (run, make_run(id="b" * 32, gateway=GATEWAY, credential="ann"))
    )
    app.store.runs.save(replace(first, state=RunState.CANCELLED))
    assert worker.keyring.get("ann", GATEWAY) == key
    app.store.runs.save(replace(second, state=RunState.CANCELLED))
    assert app.rows() == []


def test_a_key_entered_anew_reaches_the_runs_that_wait_for_it(places, run, key):
    app, worker = places
    app.store.runs.add(run)  # after a restart: its key is in no memory
    assert worker.keyring.get("ann", GATEWAY) is None
    app.keyring.put("ann", GATEWAY, key)
    assert worker.keyring.get("ann", GATEWAY) == key
    app.keyring.forget("ann")
    assert app.rows() == []


def test_the_key_of_a_run_that_stays_unsure_goes_in_time(places, run, key):
    app, _ = places
    app.keyring.put("ann", GATEWAY, key)
    kept = app.store.runs.add(run)
    app.store.keys.sweep(run.updated + timedelta(days=1))
    assert len(app.rows()) == 1
    app.store.runs.save(replace(kept, state=RunState.UNSURE))
    app.store.keys.sweep(run.updated - timedelta(days=1))
    assert len(app.rows()) == 1
    app.store.keys.sweep(run.updated + timedelta(days=1))
    assert app.rows() == []


def test_an_asset_is_followed_by_any_app_until_the_gateway_has_decided(places, key, now):
    app, other = places
    app.keyring.put("ann", GATEWAY, key)
    link = "https://storage.test/cat.png"
    about = {"group_id": "g", "name": "cat", "kind": MediaKind.IMAGE, "url": link, "state": AssetState.PROCESSING}
    asset = Asset("a" * 32, GATEWAY, "me", "ann", **about, created=now, updated=now, due=now)
    kept = app.store.assets.add(asset)
    assert other.keyring.get("ann", GATEWAY) == key
    other.store.assets.save(replace(kept, due=None))
    assert app.rows() == []


def test_one_process_alone_stores_no_key(tmp_path, run, key):
    alone = Place(tmp_path, None)
    alone.keyring.put("ann", GATEWAY, key)
    alone.store.runs.add(run)
    assert alone.rows() == []
    alone.store.close()
