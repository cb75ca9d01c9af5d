"""The asset library: what is asked, what is answered, what is kept, and who follows it until it is decided."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dailies.errors import (
    BadRequest,
    DailiesError,
    GatewayError,
    TooFast,
    Unauthorized,
    Unreachable,
    Unreadable,
    Unsure,
)
from dailies.gateway import asset_life, assets
from dailies.gateway.addresses import Reach
from dailies.gateway.asset_life import Rhythm
from dailies.gateway.assets import Asset, AssetGroup, AssetState, Made, Seen
from dailies.gateway.client import Client
from dailies.gateway.deadline import Timeouts
from dailies.keyring import Keyring
from dailies.settings import Settings
from dailies.store import Store
from dailies.vocabulary import MediaKind
from dailies.work.asset_watch import AssetWatch
from dailies.work.worker import Worker

S = timedelta(seconds=1)
A = AssetState
QUICK = Rhythm(shortest=timedelta(milliseconds=10), longest=timedelta(milliseconds=20))
USUAL = Timeouts()
HTTPS = "https://media.example/a.png"
GROUP_MADE = {"state": 1, "data": {"Id": "group-1"}, "error": None}
ASSET_MADE = {"state": 1, "data": {"Id": "asset-1", "task_id": "task_1"}, "error": None}


def state_of(word: str, **more: object) -> dict[str, object]:
    """An answer of GetAsset."""
    data = {"Id": "asset-1", "Name": "Dancer", "Status": word, "Error": None} | more
    return {"state": 1, "data": data, "error": None}


@pytest.fixture
def make_asset(now) -> Callable[..., Asset]:
    def make(**changes) -> Asset:
        fresh = asset_life.create_asset(
            "http://gateway.test", "group-1", MediaKind.IMAGE, HTTPS, "Dancer", now, owner="me"
        )
        return replace(fresh, **changes)

    return make


@pytest.fixture
def make_group(now) -> Callable[..., AssetGroup]:
    def make(**changes) -> AssetGroup:
        return replace(asset_life.create_group("http://gateway.test", "Cast", "", now, owner="me"), **changes)

    return make


# --- what is asked -----------------------------------------------------------------------------------------------


def test_the_bodies_are_the_documented_ones(make_asset):
    assert assets.build_group_body("Cast") == {"Name": "Cast"}
    assert assets.build_group_body("Cast", "Who plays") == {"Name": "Cast", "Description": "Who plays"}
    body = {"GroupId": "group-1", "URL": HTTPS, "AssetType": "Audio", "Name": "Dancer"}
    assert assets.build_asset_body(make_asset(kind=MediaKind.AUDIO)) == body
    known = make_asset(task="task_1", asset_id="asset-1")
    assert assets.build_look_bodies(known) == ({"task_id": "task_1"}, {"Id": "asset-1"})
    assert assets.build_look_bodies(known, by_id=True) == ({"Id": "asset-1"}, {"task_id": "task_1"})
    assert assets.build_look_bodies(make_asset(asset_id="asset-1")) == ({"Id": "asset-1"},)
    assert known.address == "asset://asset-1"
    assert make_asset().address == ""


@pytest.mark.parametrize(
    ("url", "what"),
    [
        (HTTPS, ""),
        ("https://media.example:8443/a.png?sig=x%20y", ""),
        ("", "is empty"),
        ("media.example/a.png", "is not a web address"),
        ("ftp://media.example/a.png", "is not a web address"),
        ("https://media.example/a b.png", "is not a web address"),
        ("https://[bad/a.png", "is not a web address"),
        ("https://me:secret@media.example/a.png", "holds a user name or password"),
        ("http://media.example/a.png", "begins with http://"),
        ("https://localhost/a.png", "leads to localhost, which the gateway cannot reach"),
        ("https://192.168.1.4/a.png", "leads to 192.168.1.4, which the gateway cannot reach"),
        ("https://[::1]/a.png", "leads to ::1, which the gateway cannot reach"),
        ("https://nas/a.png", "leads to nas, which the gateway cannot reach"),
        ("https://nas.local/a.png", "leads to nas.local, which the gateway cannot reach"),
    ],
)
def test_a_link_must_be_public_https(url, what):
    found = assets.check_asset("group-1", url, "Dancer", "https://gateway.example")
    assert [(p.where, p.what) for p in found] == ([("Link", what)] if what else [])


@pytest.mark.parametrize("base", ["http://127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9"])
def test_a_gateway_on_this_machine_reaches_what_we_reach(base):
    assert assets.check_asset("group-1", "http://127.0.0.1:8000/a.png", "Dancer", base) == ()


def test_names_have_their_lengths():
    assert assets.check_group("n" * 64, "d" * 300) == ()
    long = assets.check_group("n" * 65, "d" * 301)
    assert [(p.where, p.what) for p in long] == [
        ("Name", "has 65 characters of at most 64"),
        ("Description", "has 301 characters of at most 300"),
    ]
    empty = assets.check_asset("", "", "", "https://gateway.example")
    assert [p.where for p in empty] == ["Group", "Link", "Name"]
    assert all(p.fix for p in (*long, *empty))


# --- what is answered --------------------------------------------------------------------------------------------


def test_ids_are_read_from_the_envelope():
    assert assets.read_created(ASSET_MADE) == Made("asset-1", "task_1")
    assert assets.read_created(GROUP_MADE, by_task=False) == Made("group-1")
    assert assets.read_created({"state": 1, "data": {"task_id": "task_1"}}) == Made("", "task_1")
    with pytest.raises(Unreadable, match="names no id"):
        assets.read_created({"state": 1, "data": {"task_id": "task_1"}}, by_task=False)
    with pytest.raises(Unreadable, match="names no id"):
        assets.read_created({"state": 1, "data": None, "error": None})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            {"state": 1, "data": {"Code": "QuotaExceeded", "Message": "Too many assets", "Data": None}},
            "Too many assets",
        ),
        ({"state": 0, "data": None, "error": {"message": "no such group", "code": "bad"}}, "no such group"),
        ({"state": 1, "data": {"Id": "asset-1", "Status": "Active"}, "error": "broken"}, "broken"),
        ({"state": 2, "data": None, "error": None}, "failed and gives no reason"),
        ({"error": {"message": "not yours", "type": "new_api_error", "code": "access_denied"}}, "not yours"),
    ],
)
@pytest.mark.parametrize("read", [assets.read_created, assets.read_state])
def test_a_refusal_is_found_wherever_it_hides(read, body, words):
    with pytest.raises(BadRequest, match=words):
        read(body)


def test_states_are_read():
    assert assets.read_state(state_of("Processing")) == Seen(A.PROCESSING, "Processing", "asset-1")
    assert assets.read_state(state_of("Active")) == Seen(A.ACTIVE, "Active", "asset-1")
    assert assets.read_state(state_of("Reviewing")).state is A.PROCESSING
    error = {"Code": "TooLarge", "Message": "30 MB at most"}
    assert assets.read_state(state_of("Failed", Error=error)) == Seen(
        A.FAILED, "Failed", "asset-1", "30 MB at most", "TooLarge"
    )
    assert assets.read_state(state_of("Failed", Error="gone")).error == "gone"
    with pytest.raises(Unreadable, match="names no state"):
        assets.read_state({"state": 1, "data": {"Id": "asset-1"}})


def test_a_body_comes_out_of_an_error_only_where_the_answer_was_a_success():
    assert assets.extract_body(BadRequest("x", status=200, raw='{"state": 1}')) == {"state": 1}
    assert assets.extract_body(BadRequest("x", status=400, raw='{"state": 1}')) is None
    assert assets.extract_body(BadRequest("x", status=200, raw="[1]")) is None
    assert assets.extract_body(BadRequest("x", status=200, raw="{cut off")) is None
    assert assets.extract_body(Unreachable("x")) is None


# --- the life ----------------------------------------------------------------------------------------------------


def test_a_group_is_active_at_once_and_an_asset_after_a_look(make_group, make_asset, now):
    group = asset_life.record_created(make_group(), Made("group-1"), now + S)
    assert (group.state, group.group_id, group.due, group.updated) == (A.ACTIVE, "group-1", None, now + S)
    asset = asset_life.record_created(make_asset(), Made("asset-1", "task_1"), now)
    assert (asset.state, asset.task, asset.due) == (A.PROCESSING, "task_1", now)
    asset = asset_life.record_state(asset, Seen(A.PROCESSING, "Processing"), now, Rhythm())
    assert asset.due == now + 2 * S
    late = asset_life.record_state(asset, Seen(A.PROCESSING, "Processing"), now + 60 * S, Rhythm())
    assert late.due == now + 65 * S
    done = asset_life.record_state(late, Seen(A.ACTIVE, "Active"), now + 65 * S, Rhythm())
    assert (done.state, done.due, done.error) == (A.ACTIVE, None, "")


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Unreachable("no connection"), A.FAILED),
        (Unauthorized("There is no key."), A.FAILED),
        (BadRequest("no", status=400), A.FAILED),
        (TooFast("slow down", status=429), A.FAILED),
        (Unsure("lost"), A.UNSURE),
        (Unreadable("a page", status=502), A.UNSURE),
        (Unreadable("no id"), A.UNSURE),
    ],
)
def test_only_a_certain_refusal_is_a_failure(make_asset, make_group, now, error, state):
    for item in (make_asset(), make_group()):
        after = asset_life.record_create_failure(item, error, now)
        assert (after.state, after.due) == (state, None)
        assert error.message.lower() in after.error.lower()
        assert after.fix


def test_a_failed_import_says_why_and_what_to_do(make_asset, now):
    asset = make_asset(state=A.PROCESSING, watched=now)
    failed = asset_life.record_state(asset, Seen(A.FAILED, "Failed", "", "30 MB at most", "TooLarge"), now, Rhythm())
    assert (failed.state, failed.error) == (A.FAILED, "30 MB at most (TooLarge)")
    assert "within the limits" in failed.fix
    unsafe = asset_life.record_state(asset, Seen(A.FAILED, "Failed", "", "sensitive content"), now, Rhythm())
    assert "review rejected" in unsafe.fix
    assert "gives no reason" in asset_life.record_state(asset, Seen(A.FAILED, "Failed"), now, Rhythm()).error


def test_the_asking_ends_after_half_an_hour_and_a_person_may_begin_it_again(make_asset, now):
    asset = make_asset(state=A.PROCESSING, watched=now, task="task_1")
    end = now + timedelta(minutes=30)
    assert not asset_life.record_state(asset, Seen(A.PROCESSING, "Processing"), end - S, Rhythm()).given_up
    over = asset_life.record_state(asset, Seen(A.PROCESSING, "Processing"), end, Rhythm())
    assert over.given_up
    assert "within 30 minutes" in over.error
    again = asset_life.look_again(over, end)
    assert (again.due, again.watched, again.error, again.given_up) == (end, end, "", False)
    assert asset_life.look_again(asset, end) is not None
    # A process that was down for hours has one look before it gives up.
    assert (
        asset_life.record_state(asset, Seen(A.ACTIVE, "Active", "asset-1"), end + 9999 * S, Rhythm()).state is A.ACTIVE
    )


def test_trouble_with_the_asking_is_no_failure_of_the_asset(make_asset, now):
    asset = make_asset(state=A.PROCESSING, watched=now, asset_id="asset-1")
    once = asset_life.record_no_answer(asset, Unreachable("no connection"), now, Rhythm())
    twice = asset_life.record_no_answer(once, Unreachable("no connection"), now, Rhythm())
    assert (once.state, once.due, twice.due) == (A.PROCESSING, now + 4 * S, now + 6 * S)
    assert "no connection" in once.error
    slow = asset_life.record_no_answer(asset, TooFast("slow down", status=429, retry_after=40), now, Rhythm())
    assert slow.due == now + 40 * S
    well = asset_life.record_state(twice, Seen(A.PROCESSING, "Processing"), now, Rhythm())
    assert (well.error, well.misses) == ("", 0)
    refused = asset
    for _ in range(asset_life.REFUSALS):
        assert not refused.given_up
        refused = asset_life.record_no_answer(
            refused, BadRequest("not yours", status=403, code="access_denied"), now, Rhythm()
        )
    assert refused.given_up
    assert "another account" in refused.fix


@pytest.mark.parametrize(
    "error",
    [
        *(kind("x") for kind in (GatewayError, Unauthorized, TooFast, Unreachable, Unsure, Unreadable)),
        *(BadRequest("x", status=status) for status in (400, 404)),
        BadRequest("sensitive words", status=400),
    ],
)
def test_every_error_has_a_next_step(error):
    assert asset_life.advise(error).endswith(".")


# --- what is kept ------------------------------------------------------------------------------------------------


def test_groups_and_assets_come_back_exactly(store, make_group, make_asset, now):
    kept = store.assets
    group = kept.add(make_group(description="ü" * 300, error="e", fix="f", group_id="group-1"))
    assert kept.group(group.id) == group
    full = replace(
        make_asset(kind=MediaKind.VIDEO, task="t", asset_id="a", word="Odd", error="e", fix="f", misses=3),
        watched=now + timedelta(microseconds=123456),
        due=None,
    )
    asset = kept.add(full)
    assert kept.get(asset.id) == asset == replace(full, revision=asset.revision)
    assert kept.get("none") is None
    assert kept.group("none") is None
    assert asset.created.tzinfo is UTC


def test_lists_are_of_one_gateway_and_owner_newest_first(store, make_group, make_asset, now):
    kept = store.assets
    first = kept.add(make_asset())
    second = kept.add(make_asset(created=now + S, kind=MediaKind.AUDIO, state=A.ACTIVE, due=None))
    kept.add(make_asset(owner="you"))
    kept.add(make_asset(gateway="http://other.test"))
    group = kept.add(make_group())
    kept.add(make_group(owner="you"))
    at = "http://gateway.test"
    assert list(kept.list(at, "me")) == [second, first]
    assert list(kept.list(at, "me", limit=1, offset=1)) == [first]
    assert list(kept.list(at, "me", kind=MediaKind.AUDIO)) == [second]
    assert list(kept.list(at, "me", states=[A.ACTIVE])) == [second]
    assert list(kept.groups(at, "me")) == [group]
    assert (kept.count(at, "me"), kept.count(at, "me", kind=MediaKind.VIDEO)) == (2, 0)


def test_a_save_on_an_old_revision_changes_nothing(store, make_asset, make_run, now):
    kept = store.assets
    asset = kept.add(make_asset())
    newer = kept.save(replace(asset, word="person"))
    assert kept.save(replace(asset, word="watch")) is None
    assert not kept.put_off(asset, now)
    assert kept.get(asset.id) == newer
    assert kept.forget(newer)
    assert not kept.forget(newer)
    assert kept.save(newer) is None


def test_runs_and_assets_share_one_sequence_of_revisions(store, make_asset, make_group, make_run, now):
    run, asset, group = store.runs.add(make_run()), store.assets.add(make_asset()), store.assets.add(make_group())
    assert store.changed_since(run.revision) == (
        group.revision,
        {asset.id: asset.revision, group.id: group.revision},
    )
    assert store.assets.put_off(asset, now + S, 2)  # no change for anybody to be told of
    assert store.changed_since(group.revision) == (group.revision, {})
    assert store.assets.get(asset.id) == replace(asset, due=now + S, misses=2)


def test_what_is_due_is_claimed_once(store, make_asset, make_group, now):
    kept = store.assets
    assert kept.next_due() is None
    asset = kept.add(make_asset(due=now))
    group = kept.add(make_group(due=now + S))
    kept.add(make_asset(due=None))
    assert kept.next_due() == now
    assert kept.claim_due(now - S, now, 9) == []
    assert [item.id for item in kept.claim_due(now, now + 9 * S, 9)] == [asset.id]
    assert kept.claim_due(now, now + 9 * S, 9) == []
    assert kept.claim_due(now + 9 * S, now + 20 * S, 9, [asset.id, group.id]) == []
    assert [item.id for item in kept.claim_due(now + 9 * S, now + 20 * S, 1)] == [asset.id]
    assert [item.id for item in kept.claim_due(now + 9 * S, now + 20 * S, 9)] == [group.id]


# --- who follows -------------------------------------------------------------------------------------------------


class Library:
    """A store, a worker and a watch on one home, and the gateway they talk to."""

    def __init__(
        self, home: Path, url: str, key: str | None, database: str | None, rhythm: Rhythm, timeouts: Timeouts
    ) -> None:
        settings = Settings(home, base_url=url)
        keyring = Keyring({url: key} if key else {})
        self.url = url
        self.store = Store(home, database)

        def connect(base: str, keys: Callable[[str], str | None], read: Callable[[str], bytes], reach: Reach) -> Client:
            return Client(base, keys, read, reach, timeouts)

        self.worker = Worker(self.store, settings, keyring, connect=connect)
        self.watch = AssetWatch(self.store.assets, self.worker, rhythm=rhythm)
        self.told: list[str] = []
        self.worker.feed.subscribe(lambda names, _: self.told.extend(sorted(names)))

    def start(self) -> Library:
        self.worker.start()
        self.watch.start()
        return self

    def close(self) -> None:
        self.watch.stop()
        self.worker.stop()
        self.store.close()

    def bring_in(self, **changes: object) -> Asset:
        now = datetime.now(UTC)
        asset = asset_life.create_asset(self.url, "group-1", MediaKind.IMAGE, HTTPS, "Dancer", now)
        return self.watch.import_asset(replace(asset, **changes))

    def found(self, asset: Asset) -> Asset:
        found = self.store.assets.get(asset.id)
        assert found is not None
        return found


@pytest.fixture
def make_library(tmp_path, gateway, key) -> Iterator[Callable[..., Library]]:
    opened: list[Library] = []

    def make(
        *, known: bool = True, database: str | None = None, rhythm: Rhythm = QUICK, timeouts: Timeouts = USUAL
    ) -> Library:
        opened.append(Library(tmp_path / "home", gateway.url, key if known else None, database, rhythm, timeouts))
        return opened[-1]

    yield make
    gateway.let_go()
    for library in opened:
        library.close()


@pytest.fixture
def settle(eventually) -> Callable[..., Asset]:
    """Wait until an asset is in one of these states."""

    def wait(library: Library, asset: Asset, *states: AssetState) -> Asset:
        return eventually(lambda: (now := library.found(asset)).state in states and now)

    return wait


@pytest.fixture
def takes_in(gateway, answer) -> None:
    gateway.answer("POST", assets.CREATE_ASSET, answer(ASSET_MADE))


def asked(gateway, path: str = assets.GET_ASSET) -> list[dict[str, object]]:
    return [json.loads(seen.body) for seen in gateway.seen if seen.path == path]


def test_from_import_to_active(make_library, takes_in, gateway, answer, settle, eventually, key, database):
    gateway.answer("POST", assets.GET_ASSET, *(answer(state_of(w)) for w in ("Processing", "Processing", "Active")))
    library = make_library(database=database).start()
    asset = settle(library, library.bring_in(), A.ACTIVE, A.FAILED)
    assert (asset.state, asset.address, asset.word, asset.error) == (A.ACTIVE, "asset://asset-1", "Active", "")
    assert asked(gateway, assets.CREATE_ASSET) == [assets.build_asset_body(asset)]
    assert asked(gateway) == [{"task_id": "task_1"}] * 3
    assert {seen.headers["authorization"] for seen in gateway.seen} == {f"Bearer {key}"}
    eventually(lambda: asset.id in library.told)
    assert asset.id.startswith("asset-")


def test_a_group_is_made(make_library, gateway, answer, eventually):
    gateway.answer("POST", assets.CREATE_GROUP, answer(GROUP_MADE))
    library = make_library().start()
    group = library.watch.create_group(asset_life.create_group(library.url, "Cast", "Who plays", datetime.now(UTC)))
    found = eventually(lambda: (now := library.store.assets.group(group.id)) and now.state is A.ACTIVE and now)
    assert found.group_id == "group-1"
    assert asked(gateway, assets.CREATE_GROUP) == [{"Name": "Cast", "Description": "Who plays"}]
    eventually(lambda: group.id in library.told)


def test_a_failed_asset_keeps_the_gateways_words(make_library, takes_in, gateway, answer, settle):
    error = {"Code": "InvalidImage", "Message": "a side is shorter than 300 px"}
    gateway.answer("POST", assets.GET_ASSET, answer(state_of("Failed", Error=error)))
    library = make_library().start()
    asset = settle(library, library.bring_in(), A.ACTIVE, A.FAILED)
    assert (asset.state, asset.error) == (A.FAILED, "a side is shorter than 300 px (InvalidImage)")


@pytest.mark.parametrize(
    "complaint",
    [
        ({"error": {"message": "Id is required", "type": "new_api_error", "code": "invalid_request"}}, 400),
        ({"state": 1, "data": {"Code": "MissingParameter", "Message": "Id", "Data": None}, "error": None}, 200),
    ],
)
def test_a_gateway_that_wants_the_other_id_gets_it(make_library, takes_in, gateway, answer, settle, complaint):
    answers = [answer(*complaint), answer(state_of("Processing")), answer(state_of("Active"))]
    gateway.answer("POST", assets.GET_ASSET, *answers)
    library = make_library().start()
    asset = settle(library, library.bring_in(), A.ACTIVE, A.FAILED)
    assert asset.state is A.ACTIVE
    assert asked(gateway) == [{"task_id": "task_1"}, {"Id": "asset-1"}, {"Id": "asset-1"}]


def test_where_both_ids_are_refused_the_first_complaint_stands(make_library, takes_in, gateway, answer, eventually):
    def refused(words: str):
        return answer({"error": {"message": words, "type": "new_api_error", "code": "c"}}, 400)

    gateway.answer("POST", assets.GET_ASSET, refused("first"), *(refused(w) for w in ("second", "first") * 3))
    library = make_library().start()
    asset = library.bring_in()
    over = eventually(lambda: (now := library.found(asset)).given_up and now)
    assert "first" in over.error
    assert len(asked(gateway)) == 2 * asset_life.REFUSALS


def test_a_gateway_that_is_gone_and_comes_back_is_asked_on(make_library, takes_in, gateway, answer, settle, eventually):
    gateway.answer("POST", assets.GET_ASSET, answer("<html>bad gateway</html>", 502))
    library = make_library().start()
    asset = library.bring_in()
    trouble = eventually(lambda: (now := library.found(asset)).error and now)
    assert trouble.state is A.PROCESSING
    gateway.wait_for("POST", assets.GET_ASSET, 3)
    revision = library.found(asset).revision
    assert revision == trouble.revision, "the same trouble again is no news"
    gateway.answer("POST", assets.GET_ASSET, answer(state_of("Active")))
    active = settle(library, asset, A.ACTIVE)
    assert (active.error, active.misses) == ("", 0)
    assert gateway.count("POST", assets.CREATE_ASSET) == 1


def test_a_page_that_shows_it_is_not_told_of_every_look(make_library, takes_in, gateway, answer):
    gateway.answer("POST", assets.GET_ASSET, answer(state_of("Processing")))
    library = make_library().start()
    asset = library.bring_in()
    gateway.wait_for("POST", assets.GET_ASSET, 3)
    before = library.found(asset).revision
    gateway.wait_for("POST", assets.GET_ASSET, 6)
    assert library.found(asset).revision == before


def test_a_new_process_follows_what_an_old_one_left(make_library, takes_in, gateway, answer, settle, database):
    gateway.answer("POST", assets.GET_ASSET, answer(state_of("Processing")))
    old = make_library(database=database).start()
    asset = settle(old, old.bring_in(), A.PROCESSING)
    gateway.wait_for("POST", assets.GET_ASSET)
    old.watch.stop()
    old.worker.stop()
    gateway.answer("POST", assets.GET_ASSET, answer(state_of("Active")))
    new = make_library(database=database).start()
    assert settle(new, asset, A.ACTIVE).asset_id == "asset-1"
    assert gateway.count("POST", assets.CREATE_ASSET) == 1


def test_a_create_whose_sender_died_is_unsure_and_never_sent_again(make_library, gateway, eventually, settle):
    library = make_library()
    now = datetime.now(UTC)
    asset = asset_life.create_asset(library.url, "group-1", MediaKind.IMAGE, HTTPS, "Dancer", now)
    group = asset_life.create_group(library.url, "Cast", "", now)
    asset = library.store.assets.add(replace(asset, due=now))
    group = library.store.assets.add(replace(group, due=now))
    library.start()
    assert "The program stopped" in settle(library, asset, A.UNSURE).error
    eventually(lambda: library.store.assets.group(group.id).state is A.UNSURE)
    assert gateway.seen == []


def test_a_create_that_another_process_took_for_abandoned_is_not_sent(make_library, takes_in, gateway, settle):
    library = make_library()
    asset = asset_life.create_asset(library.url, "group-1", MediaKind.IMAGE, HTTPS, "Dancer", datetime.now(UTC))
    asset = library.store.assets.add(asset)
    library.store.assets.save(asset_life.abandon(asset, datetime.now(UTC)))
    library.watch._send(asset)
    assert gateway.seen == []
    assert library.found(asset).state is A.UNSURE


def test_a_lost_create_is_unsure_and_sent_once(make_library, gateway, answer, settle):
    gateway.answer("POST", assets.CREATE_ASSET, answer(ASSET_MADE, hold=threading.Event()))
    library = make_library(timeouts=Timeouts(create=0.2)).start()
    asset = settle(library, library.bring_in(), A.UNSURE)
    assert "outcome is unknown" in asset.error
    assert gateway.count("POST", assets.CREATE_ASSET) == 1


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (
            {"state": 1, "data": {"Code": "LimitExceeded", "Message": "50 assets at most", "Data": None}},
            200,
            "50 assets",
        ),
        ({"error": {"message": "not your group", "type": "new_api_error", "code": "access_denied"}}, 403, "not your"),
    ],
)
def test_a_refused_import_says_so(make_library, gateway, answer, settle, body, status, words):
    gateway.answer("POST", assets.CREATE_ASSET, answer(body, status))
    library = make_library().start()
    asset = settle(library, library.bring_in(), A.FAILED)
    assert words in asset.error
    assert asset.fix


def test_without_a_key_or_a_sandbox_nothing_is_sent(make_library, gateway, settle):
    library = make_library(known=False).start()
    assert "no key" in settle(library, library.bring_in(), A.FAILED).error
    no_sandbox = settle(library, library.bring_in(gateway="sandbox"), A.FAILED)
    assert "The sandbox is not running." in no_sandbox.error
    assert gateway.seen == []


def test_after_the_limit_a_person_may_ask_again(make_library, takes_in, gateway, answer, settle, eventually):
    gateway.answer("POST", assets.GET_ASSET, answer(state_of("Processing")), answer(state_of("Active")))
    library = make_library(rhythm=Rhythm(limit=timedelta(0))).start()
    asset = library.bring_in()
    eventually(lambda: library.found(asset).given_up)
    library.watch.ask_again(asset.id)
    assert settle(library, asset, A.ACTIVE).error == ""
    library.watch.ask_again("gone")


def test_forgetting_is_for_what_is_not_on_its_way(make_library, gateway, answer, settle, eventually):
    gateway.answer("POST", assets.CREATE_ASSET, answer({"state": 0, "error": {"message": "no"}}))
    library = make_library().start()
    sending = library.bring_in()
    with pytest.raises(DailiesError, match="being sent"):
        library.watch.forget(sending)
    library.watch.forget(settle(library, sending, A.FAILED))
    assert library.store.assets.get(sending.id) is None
    eventually(lambda: sending.id in library.told)


def test_a_second_start_and_a_stop_before_any_start_do_nothing(make_library):
    library = make_library()
    library.watch.stop()
    library.start().watch.start()
