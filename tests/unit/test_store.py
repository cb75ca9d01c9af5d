"""The store, on SQLite and on PostgreSQL."""

from __future__ import annotations

import re
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.command import upgrade
from alembic.script import ScriptDirectory

from dailies.domain import Clip, Failure
from dailies.errors import DailiesError, MediaError, StoreError
from dailies.exchange import (
    Blob,
)
from dailies.money import Money
from dailies.people import Browser
from dailies.store import Store
from dailies.store import upgrade as migrations
from dailies.store.database import Database, find_newest
from dailies.store.queue import Move
from dailies.store.records import to_row, to_run
from dailies.store.run_table import runs as _runs
from dailies.store.runs import Lease, _Change
from dailies.store.shelf import _LAID, _lies_alike, _to_row, shelf
from dailies.vocabulary import RunState, Trouble

S = timedelta(seconds=1)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Store]:
    """A store for what concerns files alone."""
    opened = Store(tmp_path / "home")
    yield opened
    opened.close()


def clip(**changes) -> Clip:
    facts = Clip("c.mp4", "c.jpg", 10, 5.0, 64, 48, 24.0, "h264", "aac")
    return replace(facts, **changes)


def test_a_clip_from_before_there_were_previews_comes_back(make_run):
    row = to_row(make_run(state=RunState.DONE, clip=clip()))
    del row["clip"]["preview"], row["clip"]["unplayable"]
    found = to_run(row).clip
    assert found == clip()
    assert found.played == "c.mp4"


@pytest.mark.parametrize("known", [False, True], ids=["unknown before", "known before"])
def test_a_run_comes_back_exactly(store, make_run, now, known):
    run = store.runs.add(make_run())
    assert store.runs.get(run.id) == run
    assert run.revision > 0
    full = replace(
        run,
        state=RunState.FAILED,
        task="t:1",
        other_tasks=("t:2", "ü"),
        usage="total_tokens 7, cost 0.35 USD",
        word="odd",
        percent=42,
        link="https://x.test/v.mp4",
        sent=now.astimezone(timezone(timedelta(hours=8))),
        finished=now + timedelta(microseconds=123456),
        due=None,
        watched=now,
        attempts=3,
        misses=2,
        trouble=Trouble.DENIED,
        note="n",
        raw='{"a": "ü"}',
        failure=Failure("sending", "w", "f", "c", "k"),
        clip=clip(),
        parent="p",
        estimate=Money(Decimal("0.35"), "USD"),
    )
    saved = store.runs.save(full, before=run if known else None)
    assert saved is not None
    with store._database.reading() as connection:
        (laid,) = connection.execute(sa.select(shelf)).mappings()
    assert {name: laid[name] for name in _to_row(full)} == _to_row(full)
    back = store.runs.get(run.id)
    assert back == saved == replace(full, revision=saved.revision)
    assert isinstance(back.call.json["images"][0], Blob)
    assert back.call.json["pair"] == (1, (True,))
    assert back.request.metadata == {"nested": {"pair": (1, 2.0, None)}, "$blob": "not one"}
    assert type(back.request.values["offpeak"]) is bool
    assert type(back.request.values["seed"]) is int
    assert back.sent.tzinfo is UTC


def test_only_the_columns_of_what_has_changed_are_written(store, make_run, now):
    run, written = store.runs.add(make_run()), list[str]()
    listen = partial(sa.event.listen, store._database._engine, "before_cursor_execute")
    listen(lambda _connection, _cursor, statement, *_: written.append(statement))
    store.runs.save(replace(run, state=RunState.SENDING, updated=now + S), before=run)
    of_runs, of_shelf = (sql for sql in written if sql.startswith(("UPDATE runs", "UPDATE shelf")))
    assert set(re.findall(r"(\w+)=", of_runs.partition(" WHERE ")[0])) == {"state", "updated", "revision"}
    assert set(re.findall(r"(\w+)=", of_shelf.partition(" WHERE ")[0])) == {"state"}


def test_a_form_comes_back_exactly(store, make_run, form_call):
    run = store.runs.add(make_run(call=form_call))
    assert store.runs.get(run.id).call == form_call


def test_a_time_without_zone_is_refused(store, make_run):
    with pytest.raises(ValueError, match="zone"):
        store.runs.add(make_run(due=datetime(2026, 1, 1)))


def test_a_save_on_an_old_revision_changes_nothing(store, make_run):
    run = store.runs.add(make_run())
    newer = store.runs.save(replace(run, note="person"))
    assert store.runs.save(replace(run, note="worker")) is None
    assert store.runs.get(run.id) == newer
    assert store.runs.save(replace(newer, note="worker")) is not None


def test_revisions_are_one_sequence_over_all_runs(store, make_run):
    first, second = store.runs.add(make_run()), store.runs.add(make_run())
    third = store.runs.save(replace(first, note="x"))
    assert first.revision < second.revision < third.revision
    latest, changed = store.changed_since(second.revision)
    assert (latest, changed) == (third.revision, {first.id: third.revision})
    assert store.changed_since(latest) == (latest, {})


def test_no_change_is_ever_missed_under_concurrent_saves(store, make_run):
    seen, stop = set(), threading.Event()

    def watch() -> None:
        revision = 0
        while True:
            last_round = stop.is_set()
            revision, changed = store.changed_since(revision)
            seen.update((run_id, number) for run_id, number in changed.items())
            if last_round:
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    with ThreadPoolExecutor(6) as pool:
        added = list(pool.map(lambda _: store.runs.add(make_run()), range(60)))
    stop.set()
    watcher.join()
    assert seen == {(run.id, run.revision) for run in added}


def test_claims_are_exclusive_and_expire(store, make_run, now):
    run = store.runs.add(make_run())
    assert store.runs.claim_due("a", now - S, 10 * S, 9).runs == []  # not due yet
    assert [r.id for r in store.runs.claim_due("a", now, 10 * S, 9).runs] == [run.id]
    assert store.runs.claim_due("b", now + 9 * S, 10 * S, 9).runs == []
    store.runs.extend(Lease("a", now + 20 * S), [run.id])
    assert store.runs.claim_due("b", now + 11 * S, 10 * S, 9).runs == []
    assert store.runs.outlook(now).next_due() is None
    assert [r.id for r in store.runs.claim_due("b", now + 20 * S, 10 * S, 9).runs] == [run.id]
    store.runs.extend(Lease("a", now + 99 * S), [run.id])  # taken over: no longer a's to renew
    store.runs.release(run.id, "a")  # nor to give back
    assert store.runs.claim_due("c", now + 21 * S, S, 9).runs == []
    store.runs.release(run.id, "b", now + 60 * S)
    assert store.runs.outlook(now).next_due() == now + 60 * S
    assert store.runs.claim_due("c", now + 59 * S, S, 9).runs == []
    assert store.runs.get(run.id).revision == run.revision
    assert len(store.runs.claim_due("c", now + 60 * S, S, 9).runs) == 1


def test_what_was_put_off_is_as_its_look_left_it_unless_somebody_else_has_it_now(store, make_run, now):
    names = {"taken": now - 2 * S, "saved": now - S, "alone": now}
    runs = [store.runs.add(make_run(id=name, state=RunState.RUNNING, due=due)) for name, due in names.items()]
    assert len(store.runs.claim_due("a", now, S, 9).runs) == 3
    assert [run.id for run in store.runs.claim_due("b", now + S, 60 * S, 1).runs] == ["taken"]
    saved = store.runs.save(replace(runs[1], note="by a person"))
    revision = store.revision()
    unseen = {"attempts": 4, "misses": 1, "raw": "{}", "usage": "3", "updated": now, "due": now + 9 * S}
    looked = [replace(run, **unseen) for run in runs]
    assert store.runs.outlook(now, "a", looked).asked == saved.due, "the lease ended with it"
    assert store.runs.get("alone") == replace(runs[2], **unseen)
    assert store.runs.get("saved") == saved
    assert store.runs.get("taken") == runs[0]
    assert store.revision() == revision, "nobody is told"
    found = store.runs.claim_due("c", now + 8 * S, S, 9, looked=[])
    assert [run.id for run in found.runs] == ["saved"], "the other two are leased, and not due"
    assert found.outlook.asked == now + 9 * S


def test_what_the_caller_has_under_way_is_not_claimed_again(store, make_run, now):
    busy, idle = store.runs.add(make_run()), store.runs.add(make_run())
    assert [r.id for r in store.runs.claim_due("a", now, S, 9, [busy.id]).runs] == [idle.id]
    assert {r.id for r in store.runs.claim_due("a", now + 9 * S, S, 9).runs} == {busy.id, idle.id}


def test_a_saved_lease_holds(store, make_run, now):
    run = store.runs.add(make_run())
    store.runs.save(replace(run, note="x"), Lease("a", now + 5 * S))
    assert store.runs.claim_due("b", now + 4 * S, S, 9).runs == []


def test_only_runs_with_work_are_claimed(store, make_run, now):
    for state in RunState:
        store.runs.add(make_run(state=state))
    claimed = {run.state for run in store.runs.claim_due("a", now, S, 99).runs}
    assert claimed == {state for state in RunState if state.open}


def test_the_longest_due_come_first_up_to_the_limit(store, make_run, now):
    runs = [store.runs.add(make_run(state=RunState.RUNNING, due=now - number * S)) for number in range(5)]
    assert [r.id for r in store.runs.claim_due("a", now, S, 2).runs] == [runs[4].id, runs[3].id]


def test_concurrent_claims_never_share_a_run(store, make_run, now):
    for _ in range(40):
        store.runs.add(make_run())
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda n: store.runs.claim_due(f"w{n}", now, 60 * S, 8).runs, range(8)))
    claimed = [run.id for claim in claims for run in claim]
    assert len(claimed) == len(set(claimed))
    assert len(claimed) + len(store.runs.claim_due("rest", now, 60 * S, 99).runs) == 40


def test_list_filters_and_orders(store, make_run, now):
    old = store.runs.add(make_run(created=now - S))
    new = store.runs.add(make_run(task="task_100%"))
    other = store.runs.add(make_run(owner="you", state=RunState.DONE))
    assert [r.id for r in store.runs.list("me")] == [new.id, old.id]
    assert [r.id for r in store.runs.list("me", limit=1, offset=1)] == [old.id]
    assert {r.id for r in store.runs.list()} == {old.id, new.id, other.id}
    assert [r.id for r in store.runs.list(states=[RunState.DONE])] == [other.id]
    assert store.runs.list(states=[]) == []
    assert store.runs.list("me", family="none") == []
    assert len(store.runs.list("me", family="fam")) == 2
    assert [r.id for r in store.runs.list(search="100%")] == [new.id]
    assert len(store.runs.list(search="über PAPER")) == 3
    assert store.runs.list(search="p_per") == []
    assert (store.runs.count("me"), store.runs.count(), store.runs.count("me", search="100%")) == (2, 3, 1)


def test_the_history_of_the_last_finished_runs(store, make_run, now):
    for number in range(4):
        done = {"state": RunState.DONE, "sent": now, "finished": now + (number + 1) * 10 * S}
        store.runs.add(make_run(**done))
    store.runs.add(make_run(state=RunState.FAILED, sent=now, finished=now))
    assert [seconds for seconds, _ in store.runs.history("fam-1", 3)] == [40.0, 30.0, 20.0]
    assert store.runs.history("other") == []


def test_delete_removes_row_and_files(store, make_run):
    run = store.runs.add(make_run(clip=clip()))
    for name in ("c.mp4", "c.jpg", "c.last.png", "d.mp4"):
        store.files.clip_path(name).write_bytes(b"x")
    assert store.runs.delete(run.id)
    assert store.runs.get(run.id) is None
    assert [p.name for p in store.files.clips.iterdir()] == ["d.mp4"]
    assert not store.runs.delete(run.id)
    assert store.runs.save(run) is None


def test_references_are_kept_once(folder):
    digest = folder.files.keep(b"abc")
    kept = folder.files.path(digest).stat()
    assert digest == folder.files.keep(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert folder.files.path(digest).stat() == kept  # not written again
    assert folder.files.read(digest) == b"abc"
    assert folder.files.path(digest) == folder.home / "references" / "ba" / digest
    assert [p.name for p in folder.files.path(digest).parent.iterdir()] == [digest]
    with pytest.raises(MediaError, match="are gone"):
        folder.files.read("0" * 64)
    with pytest.raises(MediaError, match="not a digest"):
        folder.files.path("../../etc/passwd")


@pytest.mark.parametrize("name", ["", ".hidden", "..", "../x", "a/b", "a\\b", "/etc/passwd"])
def test_clip_names_lead_nowhere_else(folder, name):
    with pytest.raises(MediaError):
        folder.files.clip_path(name)


def test_the_home_is_private(folder):
    assert stat.S_IMODE(folder.home.stat().st_mode) == 0o700


def test_many_open_the_same_store_at_once(tmp_path, database, make_run):
    with ThreadPoolExecutor(6) as pool:
        stores = list(pool.map(lambda _: Store(tmp_path / "home", database), range(6)))
    try:
        run = stores[0].runs.add(make_run())
        assert all(store.runs.get(run.id) == run for store in stores)
    finally:
        for store in stores:
            store.close()


def test_a_store_opens_again(tmp_path, database, make_run):
    first = Store(tmp_path / "home", database)
    run = first.runs.add(make_run())
    first.close()
    second = Store(tmp_path / "home", database)
    assert second.runs.get(run.id) == run
    second.close()


@pytest.mark.parametrize("url", ["nonsense", "mysql://root@host/x", "postgresql://u:secret@127.0.0.1:1/x"])
def test_a_wrong_database_is_named_without_its_password(tmp_path, url):
    with pytest.raises(DailiesError) as caught:
        Store(tmp_path, url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "writer",
    [
        *("a save of several", "a look put off", "a lease renewed", "times mended"),
        *("a queue held", "a move", "a clip judged", "a star"),
    ],
)
def test_rows_are_locked_in_one_order(postgres, tmp_path, make_run, clock, writer):
    """Who waits for the first row holds none of the later ones: two that wait for each other are a deadlock."""
    store = Store(tmp_path, postgres())
    database, lease = store.runs._database, Lease("w", clock() + 60 * S)
    watched = clock() + timedelta(days=1)  # by a clock that was set back since
    new = [make_run(watched=watched, clip=clip()) for _ in range(2)]
    late, early = store.runs.add_all(sorted(new, key=lambda run: run.id, reverse=True))
    if writer not in ("a clip judged", "a star", "a move"):
        late, early = (store.runs.save(run, lease) for run in (late, early))
    with database.writing() as connection:  # as the library of an earlier version is
        connection.execute(shelf.update().values(differs=None))

    def save() -> None:
        with database.writing() as connection:
            store.runs._save_all(connection, [_Change(run, None, None) for run in (late, early)])

    write = {
        "a save of several": save,
        "a look put off": lambda: store.runs.outlook(late.created, "w", [late, early]),
        "a lease renewed": lambda: store.runs.extend(lease, [late.id, early.id]),
        "times mended": lambda: store.runs.mend_times(clock(), 60 * S),
        "a queue held": lambda: store.queue.hold(early.gateway),
        "a move": lambda: store.queue.move(early.id, Move.FRONT),
        "a clip judged": store.library.judge_earlier,
        "a star": lambda: store.library.star(late.owner, [late.id, early.id], True),
    }[writer]
    with ThreadPoolExecutor(1) as other, database.writing() as first, database.writing() as second:
        first.execute(sa.select(_runs).where(_runs.c.id == early.id).with_for_update())
        written = other.submit(write)
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        while not first.execute(sa.text(waits)).scalar_one() and not written.done():
            time.sleep(0.01)
        assert not written.done()
        second.execute(sa.select(_runs).where(_runs.c.id == late.id).with_for_update(nowait=True))
        second.execute(sa.select(shelf).where(shelf.c.run.in_([late.id, early.id])).with_for_update(nowait=True))
        second.rollback()
        first.rollback()
        written.result(30)
    store.close()


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("25006", "name its primary server"),
        ("40P01", "try again"),
        ("42501", "all rights"),
        ("53100", "Free space"),
        ("57014", "statement_timeout"),
        ("XX001", "log of PostgreSQL"),
        ("57P01", "Start PostgreSQL"),
    ],
)
def test_what_postgresql_reports_says_what_to_do(postgres, tmp_path, code, advice):
    store = Store(tmp_path, postgres())
    with pytest.raises(StoreError, match=advice), store.runs._database.writing() as connection:
        connection.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{code}'; END $$")
    store.close()


def test_a_library_of_a_newer_version_is_refused_in_words(tmp_path):
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / "dailies.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    with pytest.raises(DailiesError, match=r"dailies\.db was written by a newer.*Update dailies, or name another"):
        Store(tmp_path)


def test_a_library_of_this_version_is_opened_without_alembic(tmp_path, database):
    Store(tmp_path, database).close()
    program = (
        "import sys; from dailies.store.database import Database as D; D(sys.argv[1]); print('alembic' in sys.modules)"
    )
    url = database or f"sqlite:///{tmp_path / 'dailies.db'}"
    told = subprocess.run([sys.executable, "-c", program, url], capture_output=True, text=True, timeout=60, check=True)
    assert told.stdout.strip() == "False"
    folder = ScriptDirectory(str(Path(migrations.__file__).parent / "migrations"))
    assert folder.get_current_head() == find_newest()


@pytest.mark.parametrize("revision", ["0001", pytest.param("0004", marks=pytest.mark.thorough), "0009"])
def test_an_old_library_opens_and_its_runs_go_on(tmp_path, unmigrated, make_run, monkeypatch, revision):
    run = make_run(state=RunState.RUNNING, note="held up")
    older = make_run(created=run.created - S)
    monkeypatch.setattr(migrations.command, "upgrade", lambda config, _: upgrade(config, revision))
    old = Database(unmigrated or f"sqlite:///{tmp_path / 'dailies.db'}")
    with old.writing() as connection:
        table = sa.Table("runs", sa.MetaData(), autoload_with=connection)
        for made in (run, older):
            row = {name: value for name, value in to_row(made).items() if name in table.c}
            row |= {"revision": old.next_revision(connection), "words": "as it was written then"}
            connection.execute(table.insert().values(row))
    old.close()
    monkeypatch.undo()
    store = Store(tmp_path, unmigrated)
    places = (2, 1) if revision < "0008" else (run.place, older.place)  # in the order in which they were made
    assert store.runs.get(run.id) == replace(run, place=places[0], revision=1)
    assert store.runs.get(older.id) == replace(older, place=places[1], revision=2)
    assert [found.id for found in store.runs.list(search="über papER")] == [run.id, older.id]
    assert store.runs.add(make_run()).place > places[0]
    changed = replace(store.runs.get(run.id), trouble=Trouble.NO_KEY, other_tasks=("t2",))
    saved = store.runs.save(changed)
    assert store.runs.get(run.id) == saved == replace(changed, revision=saved.revision)
    store.close()


def test_a_browser_keeps_its_gateway_and_the_form_of_each_page(folder, make_run, now):
    browsers, request = folder.browsers, make_run().request
    assert browsers.get("b1") is None
    browsers.save(Browser("b1", "team"), now)
    browsers.save(Browser("b1", "https://other.test", keyed=True), now)
    browsers.save_draft("b1", "fam", replace(request, prompt="before"), now)
    browsers.save_draft("b1", "fam", request, now)
    assert browsers.get("b1") == Browser("b1", "https://other.test", keyed=True)
    assert browsers.draft("b1", "fam") == request
    assert (browsers.draft("b1", "other"), browsers.draft("b2", "fam")) == (None, None)


def test_a_prompt_typed_while_the_page_is_drawn_is_kept(folder, make_run, now):
    browsers, request = folder.browsers, make_run().request
    browsers.save_prompt("b1", "fam", "typed early", now)
    early = browsers.draft("b1", "fam")
    assert (early.family, early.entry, early.prompt) == ("fam", "", "typed early")
    browsers.save_draft("b1", "fam", replace(request, prompt=""), now, keeps_prompt=True)
    assert browsers.draft("b1", "fam") == replace(request, prompt="typed early")
    browsers.save_prompt("b1", "fam", "typed on", now)
    browsers.save_draft("b1", "fam", replace(request, prompt="changed"), now)
    assert browsers.draft("b1", "fam").prompt == "changed"
    browsers.save_prompt("b1", "fam", "typed late", now + timedelta(seconds=1))
    assert browsers.prompt_since("b1", "fam", now) == "typed late"
    assert browsers.prompt_since("b1", "fam", now + timedelta(seconds=1)) is None
    assert browsers.prompt_since("b1", "other", now) is None


def test_the_same_press_makes_one_run(folder, make_run):
    first = folder.runs.add(make_run(id="r1", press="token:digest"))
    assert folder.runs.add(make_run(id="r2", press="token:digest")) == first
    assert folder.runs.add(make_run(id="r3", press="token:other")).id == "r3"
    assert folder.runs.add(make_run(id="r4")).press == ""
    assert folder.runs.add(make_run(id="r5")).id == "r5", "runs of no press do not collide"
    assert folder.runs.get("r2") is None


def test_many_threads_with_one_press_make_one_run(folder, make_run):
    with ThreadPoolExecutor(8) as pool:
        kept = {run.id for run in pool.map(lambda n: folder.runs.add(make_run(id=f"r{n}", press="p")), range(16))}
    assert len(kept) == folder.runs.count() == 1


def test_a_change_that_a_shelf_does_not_show_is_told_from_one_that_it_does(make_run, now):
    seen: set[str] = set()

    class Watched:
        def __getattr__(self, name: str) -> object:
            seen.add(name)
            return getattr(run, name)

    run = make_run(state=RunState.DONE, clip=clip(), sent=now, finished=now)
    _to_row(Watched())
    assert seen - {"id"} == set(_LAID)
    assert _lies_alike(run, replace(run, percent=70, raw="{}"))
    assert not _lies_alike(run, replace(run, task="t9"))


def test_only_a_durable_write_waits_for_the_disk(folder):
    told = []
    for durable in (True, False, False, True, True, False):
        with folder._database.writing(durable=durable) as connection:
            told.append(connection.exec_driver_sql("PRAGMA synchronous").scalar())
    assert told == [2, 1, 1, 2, 2, 1]
