"""The WebSocket by which pages learn of changes: what a page missed comes first, then every change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from components.server import routes
from dailies.store import Store
from dailies.work.worker import Feed


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def feed() -> Feed:
    return Feed()


@pytest.fixture
def browser(store: Store, feed: Feed, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    services = SimpleNamespace(store=store, worker=SimpleNamespace(feed=feed))
    monkeypatch.setattr(routes, "open_services", lambda: services)
    with TestClient(Starlette(routes=routes.ROUTES)) as client:
        yield client


def test_a_page_is_told_what_changed_since_its_revision(browser, store, feed, make_run, eventually):
    old, new = store.runs.add(make_run()), store.runs.add(make_run())
    old = store.runs.save(replace(old, note="changed"))
    for since, missed in ((new.revision, {old.id}), (0, {old.id, new.id}), (old.revision, set())):
        with browser.websocket_connect(f"/live?since={since}") as socket:
            eventually(lambda: feed._subscribers)
            feed.publish({"last"})
            told: set[str] = set()
            while "last" not in told:
                told |= set(socket.receive_json()["runs"])
        assert told == missed | {"last"}


def test_a_change_while_the_page_catches_up_is_told_too(browser, store, feed, make_run, monkeypatch):
    run, read = store.runs.add(make_run()), store.changed_since

    def read_while_a_run_changes(revision: int) -> tuple[int, dict[str, int]]:
        missed = read(revision)
        feed.publish({"changed meanwhile"})
        return missed

    monkeypatch.setattr(store, "changed_since", read_while_a_run_changes)
    told: set[str] = set()
    with browser.websocket_connect("/live?since=0") as socket:
        while run.id not in told:
            told |= set(socket.receive_json()["runs"])
        feed.publish({"last"})
        while "last" not in told:
            told |= set(socket.receive_json()["runs"])
    assert told == {run.id, "changed meanwhile", "last"}


@pytest.mark.parametrize("query", ["", "?since=", "?since=junk", "?since=-1"])
def test_without_a_revision_only_what_changes_from_now_on_is_told(browser, store, feed, make_run, eventually, query):
    store.runs.add(make_run())
    with browser.websocket_connect(f"/live{query}") as socket:
        eventually(lambda: feed._subscribers)
        feed.publish({"now"})
        assert socket.receive_json() == {"runs": ["now"]}
    eventually(lambda: not feed._subscribers)
