"""What was received is kept: a database that is locked or gone, a full disk, a process killed meanwhile."""

from __future__ import annotations

import errno
import itertools
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from dailies.errors import StoreError
from dailies.gateway import download
from dailies.gateway.client import Client
from dailies.store import Store, database
from dailies.store.journal import Journal
from dailies.vocabulary import RunState as R
from dailies.vocabulary import Trouble
from dailies.work import life
from dailies.work.due_loop import DueLoop
from dailies.work.worker import Worker
from tests.unit.conftest import start_postgres
from tests.unit.workers import PROGRAM, ROOT, SOON


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database gives up waiting for a lock at once, as it otherwise does after half a minute."""
    monkeypatch.setattr(database, "_LOCK_SECONDS", 0.05)


@pytest.fixture
def lock(home: Path) -> Iterator[Callable[[], Callable[[], None]]]:
    """`unlock = lock()`: another program writes to the library's file until `unlock()`."""
    opened: list[sqlite3.Connection] = []

    def begin() -> Callable[[], None]:
        connection = sqlite3.connect(home / "dailies.db", isolation_level=None, check_same_thread=False)
        opened.append(connection)
        connection.execute("PRAGMA busy_timeout = 20000")
        connection.execute("BEGIN IMMEDIATE")
        return lambda: connection.execute("ROLLBACK")

    yield begin
    for connection in opened:
        connection.close()


def entries(home: Path) -> list[dict[str, Any]]:
    files = sorted((home / "journal").glob("*.jsonl"))
    return [json.loads(line) for path in files for line in path.read_text().splitlines()]


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Callable[[], None]]]:
    """`free = full()`: SQLite may not make its file larger until `free()`, as on a full disk."""
    limits: list[int] = []

    def limit(connection: Any) -> None:
        if limits and connection.dialect.name == "sqlite":  # it takes the size of the file where that is more
            connection.exec_driver_sql(f"PRAGMA max_page_count = {limits[-1]}")

    def begin() -> Callable[[], None]:
        limits.append(1)
        return lambda: limits.append(4_294_967_294)

    sa.event.listen(sa.engine.Engine, "begin", limit)
    yield begin
    sa.event.remove(sa.engine.Engine, "begin", limit)


@pytest.fixture
def briefly_locked(home: Path, lock: Any) -> Iterator[Callable[[], Callable[[], None]]]:
    """`unlock = briefly_locked()`: as `lock`, and from then on nobody waits long for a lock."""
    locked: list[bool] = []

    def give_up(connection: Any) -> None:
        if locked and connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA busy_timeout = 50")

    def begin() -> Callable[[], None]:
        locked.append(True)
        return lock()

    sa.event.listen(sa.engine.Engine, "begin", give_up)
    yield begin
    sa.event.remove(sa.engine.Engine, "begin", give_up)


@pytest.fixture
def stop_server(postgres_server: Any) -> Callable[[], Callable[[], None]]:
    """`start = stop_server()`: PostgreSQL is stopped until `start()`."""

    def begin() -> Callable[[], None]:
        postgres_server.stop()
        return lambda: start_postgres(postgres_server)

    return begin


@pytest.mark.parametrize("fault", ["briefly_locked", "full", "stop_server"])
def test_every_answer_waits_for_a_database_that_cannot_be_used(
    request, make_worker, gateway, answer, fresh, reach, home, eventually, caplog, clip_bytes, fault
):
    hold = threading.Event()
    posts = itertools.count()

    def respond(method: str, path: str) -> Any:
        task = f"t{next(posts)}" if method == "POST" else path.rsplit("/", 1)[-1]
        if method == "POST":
            long = "x" * 7_000  # needs new pages of the database
            return answer({"id": task, "status": "queued", "message": long}, headers=SOON, hold=hold)
        if path == "/v.mp4":
            return answer(clip_bytes)
        return answer({"id": task, "status": "completed", "video_url": f"{gateway.url}/v.mp4"})

    gateway.otherwise = respond
    worker: Worker = make_worker(request.getfixturevalue("postgres")() if fault == "stop_server" else None)
    worker.start()
    runs = [worker.submit(fresh(id=f"r{number}")) for number in range(4)]
    gateway.wait_for("POST", times=len(runs))
    end = request.getfixturevalue(fault)()
    hold.set()
    try:
        eventually(lambda: caplog.text.count("not stored yet") >= len(runs))
        assert {entry["item"] for entry in entries(home)} == {run.id for run in runs}
    finally:
        end()
    done = [reach(worker, run, R.DONE) for run in runs]
    assert {run.task for run in done} == {"t0", "t1", "t2", "t3"}
    eventually(lambda: not entries(home))
    assert gateway.count("POST") == len(runs)


def test_an_answer_outlives_a_process_that_is_killed_before_it_could_store_it(
    make_worker,
    good,
    gateway,
    answer,
    fresh,
    reach,
    home,
    lock,
    eventually,
    clock,
):
    hold = threading.Event()
    gateway.answer("POST", "/v1/videos", answer({"id": "t1", "status": "queued"}, headers=SOON, hold=hold))
    worker: Worker = make_worker()
    run = worker.submit(fresh())
    with subprocess.Popen([sys.executable, "-c", PROGRAM, str(home), gateway.url], cwd=ROOT) as process:
        try:
            gateway.wait_for("POST")
            unlock = lock()
            hold.set()
            eventually(lambda: entries(home))
        finally:
            process.kill()
    unlock()
    assert worker._store.runs.get(run.id).state is R.SENDING
    clock.advance(15)  # the lease of the process that is no more has ended
    worker.start()
    done = reach(worker, run, R.DONE)
    assert (done.task, gateway.count("POST")) == ("t1", 1)


def test_connections_that_the_server_cuts_lose_nothing(
    make_worker,
    gateway,
    answer,
    fresh,
    reach,
    database,
):
    if not database:
        pytest.skip("SQLite has no server")
    hold = threading.Event()
    gateway.answer("POST", "/v1/videos", answer({"id": "t1", "status": "queued"}, headers=SOON, hold=hold))
    gateway.answer("GET", "/v1/videos/t1", answer({"id": "t1", "status": "queued"}, headers=SOON))
    worker: Worker = make_worker(database)
    worker.start()
    run = worker.submit(fresh())
    gateway.wait_for("POST")
    engine = sa.create_engine(database.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
        connection.execute(sa.text(f"{cut} pg_backend_pid()"))
    engine.dispose()
    hold.set()
    assert reach(worker, run, R.QUEUED, R.RUNNING).task == "t1"


@pytest.mark.parametrize("refused", ["before", "while it comes in", "by the disk"])
def test_a_clip_waits_for_room_as_long_as_it_takes(
    make_worker, good, gateway, fresh, monkeypatch, clock, clip_bytes, refused
):
    free = {"before": itertools.repeat(1_000), "while it comes in": itertools.cycle([10**12, 1_000])}

    def measure(folder: Path) -> Any:
        return SimpleNamespace(free=next(free[refused]))

    def fail(*arguments: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        if refused == "by the disk":
            patch.setattr(Client, "fetch", fail)
        else:
            patch.setattr(shutil, "disk_usage", measure)
            patch.setattr(download, "_LOOK_AFTER", 100)
        worker: Worker = make_worker()
        store = worker._store
        run = store.runs.add(fresh(state=R.FETCHING, task="t1", link=f"{gateway.url}/v.mp4"))
        for _ in range(4 * life.FETCHES):
            worker._step(run)
            run = store.runs.get(run.id)
            assert (run.state, run.trouble) == (R.FETCHING, Trouble.NO_ROOM)
            assert run.note.endswith("Free some space: the clip is then fetched by itself.")
            clock.advance(life.LONGEST)
    assert list(store.files.clips.iterdir()) == []
    worker._step(run)
    assert store.runs.get(run.id).clip.size == len(clip_bytes)


def test_a_clip_is_on_the_disk_before_its_run_is_done(make_worker, good, fresh, reach, monkeypatch):
    seen: list[str] = []
    worker: Worker = make_worker()
    files, save = worker._store.files, worker._store.runs.save
    sync = files.sync

    def synced(*names: str) -> None:
        sync(*names)
        seen.append("synced")

    def saved(run: Any, *arguments: Any, **options: Any) -> Any:
        if run.state is R.DONE:
            seen.append(f"done, durable: {options['durable']}")
        return save(run, *arguments, **options)

    monkeypatch.setattr(files, "sync", synced)
    monkeypatch.setattr(worker._store.runs, "save", saved)
    worker.start()
    reach(worker, worker.submit(fresh()), R.DONE)
    assert seen == ["synced", "done, durable: True"]


@pytest.mark.parametrize(("durable", "level"), [(True, 2), (False, 1)])
def test_only_what_is_durable_waits_for_the_disk(tmp_path: Path, durable: bool, level: int) -> None:
    store = Store(tmp_path)
    with store._database.writing(durable=durable) as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == level
    store.close()


def test_patience_ends_with_the_grace_of_a_stop(eventually) -> None:
    tried = threading.Event()
    loop = DueLoop("test", lambda: 1.0, threads=1, longest=1.0)
    ended: list[BaseException] = []

    def refuse() -> None:
        tried.set()
        raise StoreError("The database is locked.")

    def task() -> None:
        try:
            loop.persist(refuse)
        except StoreError as error:
            ended.append(error)

    loop.start()
    assert loop.run("one", task)
    assert tried.wait(timeout=60)
    loop.stop(grace=0.0)
    eventually(lambda: ended)
    assert isinstance(ended[0], StoreError)


def test_a_journal_keeps_what_is_open_and_drops_a_line_cut_short(tmp_path: Path) -> None:
    mine, other = Journal(tmp_path, "one"), Journal(tmp_path, "two")
    mine.note("r1", {"task": "ü"})
    mine.note("r2", {"task": "t2"})
    mine.settle("r1")
    with (tmp_path / "one.jsonl").open("a") as file:
        file.write('{"item": "r3", "fa')
    assert [(entry.item, entry.facts["task"]) for entry in other.read()] == [("r1", "ü"), ("r2", "t2")]
    assert mine.read() == []
    other.cut()
    assert other.read(), "its writer may be about to save"
    mine.settle("r2")
    assert other.read() == []
