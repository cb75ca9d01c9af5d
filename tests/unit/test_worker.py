"""The worker with a real store, real connections and a scripted gateway."""

from __future__ import annotations

import gc
import logging
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dailies.domain import Run
from dailies.errors import DailiesError
from dailies.gateway.client import Client
from dailies.gateway.deadline import Timeouts
from dailies.media.measure import probe
from dailies.store.runs import Lease
from dailies.vocabulary import RunState
from dailies.work import actions, life
from dailies.work.feed import Feed
from tests.unit.odd_clips import write
from tests.unit.workers import LEASE, PROGRAM, ROOT, SOON

IMPATIENT = Timeouts(create=0.2)
LATER = 10.0
"""Seconds: more than the pause after a failed fetch or without a key, less than a lease."""
R = RunState


# --- a whole life ------------------------------------------------------------------------------------------------


def test_a_submitted_run_ends_with_a_clip(make_worker, good, gateway, fresh, reach):
    worker = make_worker()
    worker.start()
    run = reach(worker, worker.submit(fresh()), R.DONE, R.FAILED)
    assert run.state is R.DONE, run.failure
    assert (run.task, run.percent, run.note) == ("t1", 100, "")
    clip = run.clip
    assert (clip.width, clip.height, clip.video_codec, clip.audio_codec) == (64, 48, "h264", "aac")
    store = worker._store
    assert store.files.clip_path(clip.file).stat().st_size == clip.size
    assert sorted(p.name for p in store.files.clips.iterdir()) == sorted([clip.file, clip.poster])
    assert run.id not in clip.file
    assert gateway.count("POST") == 1
    assert run.sent <= run.finished
    assert len(store.runs.history("fam-1")) == 1


def test_sending_is_committed_before_the_call_leaves(make_worker, gateway, answer, fresh, reach):
    hold = threading.Event()
    gateway.answer("POST", "/v1/videos", answer({"id": "t1", "status": "failed", "error": "no"}, hold=hold))
    worker = make_worker()
    worker.start()
    run = worker.submit(fresh())
    gateway.wait_for("POST")
    assert worker._store.runs.get(run.id).state is R.SENDING
    hold.set()
    assert reach(worker, run, R.FAILED).task == "t1"


def test_a_timeout_is_unsure_and_never_sent_again(make_worker, gateway, answer, fresh, reach):
    gateway.answer("POST", "/v1/videos", answer({"id": "t1"}, hold=threading.Event()))
    worker = make_worker(timeouts=IMPATIENT)
    worker.start()
    run = reach(worker, worker.submit(fresh()), R.UNSURE)
    second = worker.submit(fresh())
    reach(worker, second, R.UNSURE)  # the loop went round since
    assert gateway.count("POST") == 2
    assert worker._store.runs.get(run.id).state is R.UNSURE


def test_fetching_falls_back_to_the_content_route(make_worker, good, gateway, answer, fresh, reach, clip_bytes):
    gateway.answer("GET", "/v.mp4", answer("gone", 404))
    gateway.answer("GET", "/v1/videos/t1/content", answer(clip_bytes))
    worker = make_worker()
    worker.start()
    assert reach(worker, worker.submit(fresh()), R.DONE).clip.size == len(clip_bytes)
    assert gateway.count("GET", "/v.mp4") == 1


def test_a_file_that_is_no_video_is_not_taken(make_worker, good, gateway, answer, fresh, reach, clip_bytes):
    gateway.answer("GET", "/v.mp4", answer(b"\x00\x00not a film"))
    gateway.answer("GET", "/v1/videos/t1/content", answer(clip_bytes))
    worker = make_worker()
    worker.start()
    assert reach(worker, worker.submit(fresh()), R.DONE).clip is not None
    assert len(list(worker._store.files.clips.iterdir())) == 2


def test_a_dead_link_makes_the_run_ask_for_a_new_one(
    make_worker, gateway, answer, fresh, reach, clip_bytes, clock, eventually
):
    gateway.answer("POST", "/v1/videos", answer({"id": "t1", "status": "queued"}, headers=SOON))
    links = (
        {"id": "t1", "status": "completed", "video_url": f"{gateway.url}/{name}"} for name in ("old", "old", "new")
    )
    gateway.answer("GET", "/v1/videos/t1", *map(answer, links))
    gateway.answer("GET", "/old", answer("gone", 410))
    gateway.answer("GET", "/new", answer(clip_bytes))
    worker = make_worker()
    worker.start()
    run = worker.submit(fresh())
    waiting = eventually(lambda: (found := worker._store.runs.get(run.id)).attempts == 1 and found)
    assert waiting.state is R.FETCHING
    assert "The link to the clip has expired." in waiting.note
    clock.advance(LATER)
    worker.wake()
    done = reach(worker, run, R.DONE, R.FAILED)
    assert (done.state, done.link) == (R.DONE, f"{gateway.url}/new")


def test_half_a_clip_is_fetched_again_until_it_is_whole(
    make_worker, gateway, answer, fresh, reach, clip_bytes, clock, eventually
):
    gateway.answer("POST", "/v1/videos", answer({"id": "t1", "status": "queued"}, headers=SOON))
    done = {"id": "t1", "status": "completed", "video_url": f"{gateway.url}/v.mp4"}
    gateway.answer("GET", "/v1/videos/t1", answer(done))
    gateway.answer("GET", "/v.mp4", answer(clip_bytes[: len(clip_bytes) // 2]), answer(clip_bytes))
    worker = make_worker()
    worker.start()
    run = worker.submit(fresh())
    waiting = eventually(lambda: (found := worker._store.runs.get(run.id)).attempts == 1 and found)
    assert waiting.state is R.FETCHING
    assert "Only a part of the clip came." in waiting.note
    clock.advance(LATER)
    worker.wake()
    assert reach(worker, run, R.DONE, R.FAILED).clip.size == len(clip_bytes)


def test_a_clip_that_browsers_do_not_play_is_done_with_a_preview(
    make_worker, good, gateway, answer, fresh, reach, tmp_path
):
    film = write(tmp_path / "a.mov", "prores_ks", "yuv422p10le", sound="pcm_s16le").read_bytes()
    gateway.answer("GET", "/v.mp4", answer(film))
    worker = make_worker()
    worker.start()
    run = reach(worker, worker.submit(fresh()), R.DONE, R.FAILED)
    files = worker._store.files
    assert (run.clip.suffix, run.clip.unplayable, run.clip.played) == (".mov", "ProRes", run.clip.preview)
    assert files.clip_path(run.clip.file).read_bytes() == film
    assert not probe(files.clip_path(run.clip.preview)).unplayable
    worker._store.runs.delete(run.id)
    assert list(files.clips.iterdir()) == []


def test_a_create_that_is_answered_with_the_clip_is_done(make_worker, gateway, answer, fresh, reach, clip_bytes):
    gateway.answer("POST", "/v1/videos", answer(clip_bytes, headers={"content-type": "application/json"}))
    worker = make_worker()
    worker.start()
    run = reach(worker, worker.submit(fresh()), R.DONE, R.UNSURE, R.FAILED)
    assert (run.state, run.clip.size, run.task) == (R.DONE, len(clip_bytes), "")
    assert sorted(p.name for p in worker._store.files.clips.iterdir()) == sorted([run.clip.file, run.clip.poster])


def test_an_answer_that_begins_as_a_clip_and_is_none_is_unsure(make_worker, gateway, answer, fresh, reach, clip_bytes):
    gateway.answer("POST", "/v1/videos", answer(clip_bytes[:64]))
    worker = make_worker()
    worker.start()
    run = reach(worker, worker.submit(fresh()), R.DONE, R.UNSURE, R.FAILED)
    assert run.state is R.UNSURE
    assert "clip that cannot be used" in run.failure.what
    assert list(worker._store.files.clips.iterdir()) == []


def test_many_runs_at_once(make_worker, good, gateway, fresh, reach):
    worker = make_worker()
    worker.start()
    for run in [worker.submit(fresh()) for _ in range(25)]:
        assert reach(worker, run, R.DONE, R.FAILED).state is R.DONE
    assert gateway.count("POST") == 25


def test_a_hint_of_a_fifth_of_a_second_is_honoured(make_worker, gateway, answer, fresh, eventually):
    gateway.answer("POST", "/v1/videos", answer({"id": "t1", "status": "queued"}, headers=SOON))
    gateway.answer("GET", "/v1/videos/t1", answer({"id": "t1", "status": "queued"}, headers=SOON))
    worker = make_worker()
    worker.start()
    run = worker.submit(fresh())
    gateway.wait_for("GET", "/v1/videos/t1", times=3)
    queued = eventually(lambda: (found := worker._store.runs.get(run.id)).attempts >= 3 and found)
    assert queued.due - queued.updated == timedelta(seconds=0.2)


# --- keys --------------------------------------------------------------------------------------------------------


def test_a_run_without_a_key_waits_and_goes_on_when_there_is_one(
    make_worker, good, gateway, fresh, reach, eventually, key, clock
):
    worker = make_worker(known=False)
    worker.start()
    run = worker.submit(fresh(credential="lost"))
    assert "Open Settings" in eventually(lambda: worker._store.runs.get(run.id).note)
    assert gateway.seen == []
    waiting = worker._store.runs.get(run.id)
    clock.advance(LATER)
    worker.wake()
    again = eventually(lambda: (found := worker._store.runs.get(run.id)).due != waiting.due and found)
    assert again.revision == waiting.revision  # waiting on is no news
    worker._clients._keyring.put("lost", gateway.url, key)
    clock.advance(LATER)
    worker.wake()
    assert reach(worker, run, R.DONE).note == ""


def test_a_waiting_run_can_be_cancelled(make_worker, fresh, eventually):
    worker = make_worker(known=False)
    worker.start()
    run = worker.submit(fresh())
    eventually(lambda: worker._store.runs.get(run.id).note)
    worker.act(run.id, lambda r: actions.cancel(r, datetime.now(UTC)))
    assert worker._store.runs.get(run.id).state is R.CANCELLED


def test_the_key_is_in_no_file_log_or_repr(make_worker, gateway, answer, fresh, reach, home, key, caplog):
    caplog.set_level(logging.DEBUG)
    gateway.answer("POST", "/v1/videos", answer({"error": {"message": f"bad key {key}", "code": ""}}, 401))
    worker = make_worker()
    worker.start()
    run = reach(worker, worker.submit(fresh()), R.FAILED)
    worker.stop()
    bare = key.removeprefix("sk-")
    assert bare not in repr(run) + repr(worker) + repr(worker._clients._keyring) + repr(worker._settings) + caplog.text
    written = [path for path in home.rglob("*") if path.is_file()]
    assert any(path.name == "dailies.db" for path in written)
    assert not [path for path in written if bare.encode() in path.read_bytes()]


# --- what a person does meanwhile --------------------------------------------------------------------------------


def test_an_action_during_a_poll_is_kept(make_worker, gateway, answer, fresh, eventually):
    hold = threading.Event()
    gateway.answer("POST", "/v1/videos", answer({"id": "t1", "status": "queued"}, headers=SOON))
    gateway.answer("GET", "/v1/videos/t1", answer({"id": "t1", "status": "processing"}, hold=hold))
    worker = make_worker()
    worker.start()
    run = worker.submit(fresh())
    gateway.wait_for("GET", "/v1/videos/t1")
    worker.act(run.id, lambda r: actions.stop_watching(r, datetime.now(UTC)))
    hold.set()
    eventually(lambda: not worker._loop.under_way)
    assert worker._store.runs.get(run.id).state is R.UNATTENDED


def test_watch_again_polls_at_once(make_worker, good, fresh, reach):
    worker = make_worker()
    worker.start()
    run = worker.submit(fresh(state=R.UNATTENDED, task="t1", due=None))
    worker.act(run.id, lambda r: actions.watch_again(r, datetime.now(UTC)))
    assert reach(worker, run, R.DONE).task == "t1"


def test_adopting_a_task_of_an_unsure_run(make_worker, good, gateway, fresh, reach):
    worker = make_worker()
    worker.start()
    run = worker.submit(fresh(state=R.UNSURE, due=None))
    worker.act(run.id, lambda r: actions.adopt(r, "t1", datetime.now(UTC)))
    assert reach(worker, run, R.DONE).clip
    assert gateway.count("POST") == 0


def test_impossible_actions_are_refused(make_worker, fresh):
    worker = make_worker()
    with pytest.raises(DailiesError, match="deleted"):
        worker.act("nobody", lambda run: run)
    run = worker.submit(fresh(state=R.RUNNING, task="t1"))
    with pytest.raises(DailiesError, match="under way"):
        worker.delete(run.id)
    worker.act(run.id, lambda r: actions.stop_watching(r, datetime.now(UTC)))
    worker.delete(run.id)
    assert worker._store.runs.get(run.id) is None


def test_an_action_is_applied_to_the_newest_state(make_worker, fresh):
    worker = make_worker()
    run = worker.submit(fresh(state=R.RUNNING, task="t1"))
    calls = []

    def change(current: Run) -> Run:
        calls.append(current.percent)
        if len(calls) == 1:  # the worker saves between the reading and the saving of the action
            worker._store.runs.save(replace(current, percent=77))
        return actions.stop_watching(current, datetime.now(UTC))

    saved = worker.act(run.id, change)
    assert calls == [None, 77]
    assert (saved.state, saved.percent) == (R.UNATTENDED, 77)


# --- the feed ----------------------------------------------------------------------------------------------------


def test_a_look_between_a_save_and_its_news_tells_it_once(make_worker, fresh):
    worker = make_worker()
    told: list[frozenset[str]] = []
    worker.feed.subscribe(lambda ids, _: told.append(ids))
    run = worker._store.runs.add(fresh())
    worker.changes.look()
    worker.changes.tell(run)
    assert told == [{run.id}]
    again = worker._store.runs.save(replace(run, percent=7))
    worker.changes.tell(again)
    worker.changes.look()
    assert told == [{run.id}] * 2


def test_the_feed_reports_each_save_once(make_worker, good, fresh, reach):
    worker = make_worker()
    told: list[frozenset[str]] = []
    unsubscribe = worker.feed.subscribe(lambda ids, _: told.append(ids))
    worker.start()
    run = reach(worker, worker.submit(fresh()), R.DONE)
    worker.stop()
    assert set(told) == {frozenset({run.id})}
    assert len(told) == run.revision == 6  # submitted, sending, queued, running, fetching, done
    unsubscribe()
    worker.act(run.id, lambda r: r)
    assert len(told) == 6


def test_a_look_that_changes_nothing_tells_nobody(make_worker, gateway, answer, fresh, reach, eventually):
    gateway.answer("POST", "/v1/videos", answer({"id": "t1", "status": "processing", "progress": 50}, headers=SOON))
    gateway.answer(
        "GET",
        "/v1/videos/t1",
        *[answer({"id": "t1", "status": "processing", "progress": 50, "at": n}, headers=SOON) for n in range(6)],
        answer({"id": "t1", "status": "processing", "progress": 60}, headers=SOON),
    )
    told: list[int | None] = []
    worker = make_worker()
    run = worker.submit(fresh())
    worker.feed.subscribe(lambda ids, _: told.append(worker._store.runs.get(run.id).percent))
    worker.start()
    eventually(lambda: 60 in told)
    assert gateway.count("GET", "/v1/videos/t1") >= 7
    assert told == [None, 50, 60], "sending, accepted, and the only look that saw something new"
    assert worker._store.runs.get(run.id).attempts >= 7, "what nobody sees is kept all the same"


def test_clips_that_drip_hold_up_no_call(make_worker, gateway, answer, fresh, reach, clip_bytes, eventually):
    """More slow clips than the worker has threads of any kind, and then a paid call."""
    hold = threading.Event()
    link = f"{gateway.url}/v.mp4"
    gateway.answer("POST", "/v1/videos", answer({"id": "t1", "status": "completed", "video_url": link}))
    gateway.answer("GET", "/v1/videos/t1", answer({"id": "t1", "status": "completed", "video_url": link}))
    gateway.answer("GET", "/v.mp4", answer(clip_bytes, hold=hold))
    worker = make_worker()
    worker.start()
    runs = [worker.submit(fresh()) for _ in range(30)]
    eventually(lambda: worker._store.runs.count(states=[R.FETCHING]) == 30)
    gateway.wait_for("GET", "/v.mp4", times=8)
    late = worker.submit(fresh())
    gateway.wait_for("POST", times=31)
    assert worker._store.runs.count(states=[R.DONE]) == 0
    hold.set()
    assert reach(worker, late, R.DONE)
    for run in runs:
        reach(worker, run, R.DONE)


def test_the_feed_reports_saves_of_other_processes(make_worker, fresh, eventually):
    idle, busy = make_worker(known=False), make_worker()
    told = threading.Event()
    idle.start()
    run = fresh(state=R.DONE, due=None)
    idle.feed.subscribe(lambda ids, _: told.set() if run.id in ids else None)
    busy.submit(run)
    eventually(told.is_set)


def test_a_closed_subscriber_is_dropped():
    feed, told = Feed(), []

    def gone(*_: object) -> None:
        told.append("gone")
        raise RuntimeError("Event loop is closed")

    feed.subscribe(gone)
    feed.subscribe(lambda *published: told.append(published))
    feed.publish({"a"})
    feed.publish({"b"}, "ann")
    feed.publish(set())
    assert told == ["gone", (frozenset({"a"}), None), (frozenset({"b"}), "ann")]


# --- several workers ---------------------------------------------------------------------------------------------


def test_two_workers_share_the_runs_of_one_database(make_worker, good, gateway, fresh, reach, database):
    first, second = make_worker(database), make_worker(database)
    submitted = [first.submit(fresh()) for _ in range(12)]
    first.start()
    second.start()
    for run in submitted:
        assert reach(first, run, R.DONE, R.FAILED).state is R.DONE
    assert gateway.count("POST") == 12


def test_only_expired_leases_are_taken_over(make_worker, good, gateway, fresh, reach, database):
    worker = make_worker(database)
    store = worker._store
    now = datetime.now(UTC)
    alive = store.runs.add(fresh(state=R.SENDING, due=None))
    assert len(store.runs.claim_due("alive", now, timedelta(seconds=LEASE), 9).runs) == 1
    dead, dying = (
        store.runs.add(fresh(state=R.QUEUED, task="t1", due=now)),
        store.runs.add(fresh(state=R.SENDING, due=None)),
    )
    assert len(store.runs.claim_due("dead", now, timedelta(0), 9).runs) == 2
    worker.start()
    reach(worker, dead, R.DONE)
    assert "ended before" in reach(worker, dying, R.UNSURE).failure.what
    assert store.runs.get(alive.id).state is R.SENDING
    assert gateway.count("POST") == 0


def test_a_long_step_keeps_its_lease(make_worker, gateway, answer, fresh, reach, clock, eventually, monkeypatch):
    hold = threading.Event()
    gateway.answer("POST", "/v1/videos", answer({"id": "t1", "status": "queued"}, hold=hold))
    busy, other = make_worker(), make_worker()
    renewed, looked = (
        counted(monkeypatch, busy._store.runs, "extend"),
        counted(monkeypatch, other._store.runs, "outlook"),
    )
    busy.start()
    run = busy.submit(fresh())
    gateway.wait_for("POST")
    other.start()
    for _ in range(4):  # twice the lease in all
        before = len(renewed)
        clock.advance(LEASE / 2)
        busy.wake()
        eventually(lambda before=before: len(renewed) > before)
        for _ in range(2):  # the first look may have begun before the renewal
            before = len(looked)
            other.wake()
            eventually(lambda before=before: len(looked) > before)
    assert other._store.runs.get(run.id).state is R.SENDING
    hold.set()
    assert reach(busy, run, R.QUEUED).task == "t1"


def test_a_run_claimed_while_its_step_ends_continues(make_worker, good, fresh, reach, eventually, monkeypatch):
    worker = make_worker()
    looked = counted(monkeypatch, worker._store.runs, "outlook")
    save, over = worker._store.runs.save, threading.Event()

    def save_slowly(run: Run, lease: Lease | None = None, **how: object) -> Run | None:
        saved = save(run, lease, **how)
        for _ in range(2 if lease is not None and lease.until is None else 0):
            before = len(looked)
            worker.wake()
            eventually(lambda before=before: len(looked) > before or over.is_set())
        return saved

    monkeypatch.setattr(worker._store.runs, "save", save_slowly)
    worker.start()
    run = reach(worker, worker.submit(fresh()), R.DONE, R.FAILED)
    over.set()
    assert run.state is R.DONE


def test_a_step_under_way_is_not_started_again_when_its_own_lease_ran_out(
    make_worker, gateway, answer, fresh, reach, clock, eventually, monkeypatch
):
    """As after a suspended laptop; a second start would find it `sending` and call it `unsure`."""
    hold = threading.Event()
    gateway.answer("POST", "/v1/videos", answer({"id": "t1", "status": "queued"}, hold=hold))
    worker = make_worker()
    monkeypatch.setattr(worker._store.runs, "extend", lambda *_: None)
    looked = counted(monkeypatch, worker._store.runs, "outlook")
    worker.start()
    run = worker.submit(fresh())
    gateway.wait_for("POST")
    clock.advance(2 * LEASE)
    for _ in range(2):  # the first look may have begun before the clock moved
        before = len(looked)
        worker.wake()
        eventually(lambda before=before: len(looked) > before)
    assert worker._store.runs.get(run.id).state is R.SENDING
    hold.set()
    assert reach(worker, run, R.QUEUED, R.UNSURE).task == "t1"


def counted(monkeypatch: pytest.MonkeyPatch, target: object, name: str) -> list[str]:
    """Return a list that grows with every finished call of a method."""
    calls: list[str] = []
    method = getattr(target, name)

    def call(*args: object, **options: object) -> object:
        result = method(*args, **options)
        calls.append(name)
        return result

    monkeypatch.setattr(target, name, call)
    return calls


def test_a_late_answer_reaches_a_run_that_was_given_up(make_worker, gateway, answer, fresh, reach):
    hold = threading.Event()
    gateway.answer("POST", "/v1/videos", answer({"id": "t1", "status": "queued"}, hold=hold))
    worker = make_worker()
    worker.start()
    run = worker.submit(fresh())
    gateway.wait_for("POST")
    stalled = worker._store.runs.get(run.id)
    assert worker._store.runs.save(life.recover(stalled, datetime.now(UTC))).state is R.UNSURE
    hold.set()
    assert reach(worker, run, R.QUEUED).task == "t1"


# --- faults of our own -------------------------------------------------------------------------------------------


def test_a_fault_while_sending_leaves_the_run_unsure(make_worker, gateway, fresh, reach, monkeypatch):
    def broken(*_) -> None:
        raise ValueError("a fault")

    monkeypatch.setattr(Client, "perform", broken)
    worker = make_worker()
    worker.start()
    assert reach(worker, worker.submit(fresh()), R.UNSURE)
    monkeypatch.undo()


def test_a_worker_stops_and_starts_again(make_worker, good, fresh, reach):
    worker = make_worker()
    worker.start()
    worker.start()
    worker.stop()
    worker.stop()
    run = worker.submit(fresh())
    worker.start()
    assert reach(worker, run, R.DONE)
    worker.stop()
    gc.collect()  # an unclosed connection would be a warning, which is an error here


def test_a_worker_that_stops_keeps_no_run_that_it_has_looked_at(make_worker, gateway, answer, fresh):
    gateway.answer("GET", "/v1/videos/t1", answer({"id": "t1", "status": "processing"}, headers=SOON))
    worker, other = make_worker(), make_worker()
    worker._store.runs.add(fresh(state=R.RUNNING, task="t1", word="processing"))
    (run,) = worker._store.runs.claim_due(worker.id, worker.clock(), timedelta(seconds=9), 1).runs
    worker._step(run)
    assert other._store.runs.outlook(worker.clock()).asked is None
    worker.stop()
    assert other._store.runs.outlook(worker.clock()).asked > run.due


# --- a process that dies -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [R.QUEUED, R.SENDING])
def test_a_run_of_a_killed_process_continues_where_it_was(
    make_worker, good, gateway, answer, home, fresh, reach, clock, state
):
    if state is R.SENDING:
        gateway.answer("POST", "/v1/videos", answer({"id": "t1"}, hold=threading.Event()))
    else:
        gateway.answer("GET", "/v1/videos/t1", answer({"id": "t1", "status": "queued"}, headers=SOON))
    worker = make_worker()
    run = worker.submit(fresh())
    command = [sys.executable, "-c", PROGRAM, str(home), gateway.url]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            gateway.wait_for("POST")
            if state is R.QUEUED:
                gateway.wait_for("GET", "/v1/videos/t1", times=2)
            assert reach(worker, run, state)
        finally:
            process.send_signal(signal.SIGKILL)
    if state is R.QUEUED:
        done = {"id": "t1", "status": "completed", "video_url": f"{gateway.url}/v.mp4"}
        gateway.answer("GET", "/v1/videos/t1", answer(done))
    clock.advance(LEASE)  # the dead process's own lease, of 10 s, has run out
    worker.start()
    after = reach(worker, run, R.DONE, R.UNSURE, R.FAILED)
    assert after.state is (R.DONE if state is R.QUEUED else R.UNSURE)
    assert gateway.count("POST") == 1
