"""The WebSocket by which pages learn of changes: what a page missed comes first, then every change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from components.server import routes
from components.visitor import set_person
from dailies.errors import StoreError
from dailies.people import Person
from dailies.store import Store
from dailies.store.personal import PersonalStore
from dailies.work.feed import GATEWAY, Feed


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
    worker = SimpleNamespace(feed=feed)
    services = SimpleNamespace(of=lambda who: SimpleNamespace(store=PersonalStore(store, who), worker=worker))
    monkeypatch.setattr(routes, "open_services", lambda: services)
    app = Starlette(routes=routes.list_routes(), middleware=[Middleware(Named)])
    with TestClient(app) as client:
        yield client


class Named:
    """Takes the header `who` for the person's id."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and (who := Headers(scope=scope).get("who")):
            set_person(scope, Person(who))
        await self.app(scope, receive, send)


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
        assert socket.receive_json() == {"runs": ["now"], "since": store.revision(), "checks": 0}
    eventually(lambda: not feed._subscribers)


def test_what_changes_in_quick_succession_is_told_at_once(browser, store, feed, eventually):
    with browser.websocket_connect("/live") as socket:
        eventually(lambda: feed._subscribers)
        for told in ("the task has ended", "its clip is here"):  # nobody waits half a second for the second
            feed.publish({told})
            assert socket.receive_json()["runs"] == [told]
        for number in range(20):
            feed.publish({f"later {number:02}"})
        assert socket.receive_json()["runs"] == [f"later {number:02}" for number in range(20)]


def test_a_socket_outlives_a_library_that_cannot_be_read_for_a_while(
    browser, store, feed, make_run, eventually, monkeypatch
):
    mine, select = store.runs.add(make_run(owner="ann")), store.select_visible
    failed = []

    def select_later(*arguments):
        if not failed:
            failed.append(arguments)
            raise StoreError("Not now.")
        return select(*arguments)

    newest, gone = store.revision, []

    def read_later():
        if not gone:
            gone.append(True)
            raise StoreError("Not now.")
        return newest()

    monkeypatch.setattr(store, "revision", read_later)
    monkeypatch.setattr(store, "select_visible", select_later)
    with browser.websocket_connect("/live", headers={"who": "ann"}) as socket:
        eventually(lambda: feed._subscribers)
        feed.publish({mine.id})
        eventually(lambda: failed)
        feed.publish({mine.id})
        assert socket.receive_json()["runs"] == [mine.id]
    assert gone


def test_a_person_is_told_of_nothing_that_is_anothers(browser, store, feed, make_run, eventually):
    mine, theirs = store.runs.add(make_run(owner="ann")), store.runs.add(make_run(owner="bob"))
    with browser.websocket_connect("/live?since=0", headers={"who": "ann"}) as socket:
        assert socket.receive_json()["runs"] == [mine.id]
        feed.publish({theirs.id}, "bob")
        feed.publish({theirs.id, "gone"})
        feed.publish({theirs.id, mine.id, "gateway"})
        told = socket.receive_json()["runs"]
        while "gateway" not in told:
            told += socket.receive_json()["runs"]
        assert set(told) == {mine.id, "gateway"}
        store.runs.delete(mine.id)
        feed.publish({mine.id}, "ann")
        assert socket.receive_json()["runs"] == [mine.id]


def test_a_check_that_came_in_before_the_page_listened_is_told(browser, feed):
    feed.publish({GATEWAY})
    with browser.websocket_connect("/live?since=0&checks=0") as socket:
        assert socket.receive_json()["runs"] == [GATEWAY]


@pytest.mark.parametrize("checks", ["1", "", "junk"])
def test_a_check_that_the_page_knows_of_is_not_told_again(browser, feed, eventually, checks):
    feed.publish({GATEWAY})
    with browser.websocket_connect(f"/live?since=0&checks={checks}") as socket:
        eventually(lambda: feed._subscribers)
        feed.publish({"last"})
        assert socket.receive_json()["runs"] == ["last"]
