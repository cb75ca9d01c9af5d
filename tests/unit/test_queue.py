"""The queue of a gateway, on SQLite and on PostgreSQL: its order, what is on hold, and how much is in flight."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dailies.domain import Run
from dailies.errors import DailiesError
from dailies.gateways import Concurrency
from dailies.keyring import Keyring
from dailies.settings import Settings
from dailies.store import Store
from dailies.store.queue import Move
from dailies.store.runs import Lease
from dailies.vocabulary import RunState
from dailies.work import actions, life
from dailies.work.worker import Worker

S = timedelta(seconds=1)
R = RunState
HERE, ELSEWHERE = "http://gateway.test", "http://elsewhere.test"


@pytest.fixture
def line(store, make_run) -> Callable[..., list[Run]]:
    """Store so many waiting runs of one gateway."""
    return lambda number, **changes: [store.runs.add(make_run(**changes)) for _ in range(number)]


def order(store: Store, gateway: str = HERE) -> list[str]:
    queue = next(queue for queue in store.queue.list("me") if queue.gateway == gateway)
    assert [place.position for _, place in queue.waiting] == list(range(1, len(queue.waiting) + 1))
    return [run.id for run, _ in queue.waiting]


def claim(store: Store, now: datetime, limit: int = 99, bound: Concurrency = Concurrency(None)) -> list[str]:
    return [run.id for run in store.runs.claim_due("w", now, 60 * S, limit, (), lambda _: bound).runs]


# --- order -------------------------------------------------------------------------------------------------------


def test_the_first_in_leaves_first_whenever_it_fell_due(store, make_run, now):
    runs = [store.runs.add(make_run(due=now - number * S)) for number in range(4)]
    assert claim(store, now, 3) == [run.id for run in runs[:3]]


def test_moves_change_the_order_of_one_queue_alone(store, line):
    a, b, c, d = [run.id for run in line(4)]
    others = [run.id for run in line(3, gateway=ELSEWHERE)]
    for run_id, move, expected in (
        (c, Move.UP, [a, c, b, d]),
        (d, Move.FRONT, [d, a, c, b]),
        (d, Move.FRONT, [d, a, c, b]),
        (d, Move.UP, [d, a, c, b]),
        (a, Move.DOWN, [d, c, a, b]),
        (b, Move.DOWN, [d, c, a, b]),
        (b, Move.FRONT, [b, d, c, a]),
    ):
        assert store.queue.move(run_id, move)
        assert order(store) == expected
    assert order(store, ELSEWHERE) == others


def test_a_moved_run_leaves_in_its_new_place_and_its_page_learns_of_it(store, line, now):
    first, second = line(2)
    assert store.queue.move(second.id, Move.UP)
    _, changed = store.changed_since(second.revision)
    assert set(changed) == {first.id, second.id}
    assert store.runs.save(replace(first, state=R.SENDING)) is None  # whoever read it before has to look again
    assert claim(store, now) == [second.id, first.id]


def test_what_has_left_can_no_longer_be_moved(store, make_run):
    run = store.runs.add(make_run(state=R.SENDING))
    assert not store.queue.move(run.id, Move.FRONT)
    assert not store.queue.move("nobody", Move.UP)


def test_moves_at_one_time_lose_no_place(store, line):
    runs = line(6)
    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(lambda run: store.queue.move(run.id, Move.DOWN), runs))
        assert all(pool.map(lambda run: store.queue.move(run.id, Move.FRONT), runs))
    assert sorted(order(store)) == sorted(run.id for run in runs)
    assert len({store.runs.get(run.id).place for run in runs}) == 6


def test_places_count_everything_that_waits_at_the_gateway(store, line, make_run):
    runs = line(3)
    line(2, gateway=ELSEWHERE)
    sent = store.runs.add(make_run(state=R.RUNNING))
    places = store.queue.places([runs[0].id, runs[2].id, sent.id])
    assert {run_id: (place.position, place.total, place.held) for run_id, place in places.items()} == {
        runs[0].id: (1, 3, False),
        runs[2].id: (3, 3, False),
    }
    assert store.queue.places([]) == {}


def test_a_list_shows_the_first_and_counts_all(store, line):
    runs = line(5)
    line(2, state=R.RUNNING)
    line(1, state=R.FETCHING)
    line(1, owner="you")
    line(1, owner="you", gateway=ELSEWHERE)
    (queue,) = store.queue.list("me", limit=2)
    assert [(run.id, place.first, place.last) for run, place in queue.waiting] == [
        (runs[0].id, True, False),
        (runs[1].id, False, False),
    ]
    assert (queue.waiting_count, queue.in_flight_count, queue.held_count, queue.held) == (6, 2, 0, False)
    assert len(queue.in_flight) == 2
    elsewhere, queue = store.queue.list("you", limit=1)
    assert (elsewhere.gateway, queue.gateway) == (ELSEWHERE, HERE)
    assert [(place.position, place.first, place.last) for _, place in queue.waiting] == [(6, True, True)]
    assert queue.in_flight == []


def test_a_person_moves_only_their_own(store, line):
    a, theirs, b, c = (line(1, owner=owner)[0].id for owner in ("me", "you", "me", "me"))
    assert store.queue.move(c, Move.FRONT)
    places = store.queue.places([a, b, c, theirs])
    assert sorted(places, key=lambda run_id: places[run_id].position) == [c, theirs, a, b]
    assert [(places[run_id].first, places[run_id].last) for run_id in (c, a, b, theirs)] == [
        (True, False),
        (False, False),
        (False, True),
        (True, True),
    ]


# --- on hold -----------------------------------------------------------------------------------------------------


def test_a_run_on_hold_keeps_its_place_and_lets_others_pass(store, line, now):
    first, second = line(2)
    held = store.runs.save(actions.hold(first, now))
    assert claim(store, now) == [second.id]
    assert store.runs.outlook(now - S).next_due() is None  # neither the one on hold nor the claimed one
    assert order(store)[0] == first.id
    store.runs.save(actions.release(held, now))
    assert claim(store, now) == [first.id]


def test_a_queue_on_hold_keeps_what_comes_later_too(store, line, now):
    (before,) = line(1)
    (other,) = line(1, gateway=ELSEWHERE)
    store.queue.hold(HERE)
    store.queue.hold(HERE)
    (later,) = line(1)
    assert claim(store, now) == [other.id]
    assert store.queue.places([later.id])[later.id].held
    assert store.runs.get(before.id).revision > other.revision
    store.runs.save(actions.hold(store.runs.get(later.id), now))
    assert next(queue for queue in store.queue.list("me") if queue.held).held_count == 1
    store.queue.release(HERE)
    assert claim(store, now) == [before.id, later.id]


def test_only_a_waiting_run_can_be_held(make_run, now):
    for state in set(RunState) - {R.READY}:
        for action in (actions.hold, actions.release):
            with pytest.raises(DailiesError, match="not possible"):
                action(make_run(state=state), now)
    assert isinstance(life.choose_step(actions.hold(make_run(), now), now), life.Rest)


# --- in flight ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "counts"),
    [(state, state in (R.SENDING, R.QUEUED, R.RUNNING)) for state in RunState if state is not R.READY],
)
def test_what_is_in_flight_takes_a_slot(store, make_run, line, now, state, counts):
    flying = store.runs.add(make_run(state=state, due=now + 60 * S))
    store.runs.save(flying, Lease("other", now + 60 * S))
    first, second = line(2)
    assert claim(store, now, bound=Concurrency(2)) == [first.id, second.id][: 1 if counts else 2]


def test_a_claimed_run_takes_a_slot_until_its_lease_is_returned(store, line, now):
    first, second = line(2)
    assert claim(store, now, bound=Concurrency(1)) == [first.id]
    assert claim(store, now, bound=Concurrency(1)) == []
    store.runs.release(first.id, "w", now + 5 * S)  # it could not be sent, for want of a key
    assert claim(store, now, bound=Concurrency(1)) == [second.id]


def test_a_models_own_bound_lets_others_pass(store, make_run, now):
    def add(model: str) -> str:
        run = make_run()
        return store.runs.add(replace(run, request=replace(run.request, model=model))).id

    slow = [add("slow") for _ in range(3)]
    fast = [add("fast") for _ in range(3)]
    bound = Concurrency(3, {"slow": 1})
    assert claim(store, now, bound=bound) == [slow[0], fast[0], fast[1]]
    store.runs.release(fast[0], "w")
    store.runs.save(replace(store.runs.get(fast[0]), state=R.DONE))
    assert claim(store, now, bound=bound) == [fast[2]]


def test_a_full_gateway_holds_up_no_other_and_no_sent_run(store, line, now):
    first, _ = line(2)
    other, _ = line(2, gateway=ELSEWHERE)
    (sent,) = line(1, state=R.RUNNING, gateway="http://third.test")
    assert claim(store, now, bound=Concurrency(1)) == [first.id, other.id, sent.id]
    assert store.runs.outlook(now).next_due() is None  # those that wait for a slot do not keep the loop busy


def test_claims_at_one_time_keep_the_bound(store, line, now):
    runs = line(40)
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda _: claim(store, now, 8, Concurrency(5)), range(8)))
    assert sorted(run_id for claimed in claims for run_id in claimed) == sorted(run.id for run in runs[:5])


def test_what_the_caller_has_under_way_takes_no_others_turn(store, line, now):
    first, second = line(2)
    assert claim(store, now, 1) == [first.id]
    later = now + 61 * S  # its lease has run out
    assert [run.id for run in store.runs.claim_due("w", later, 60 * S, 1, [first.id]).runs] == [second.id]


def test_those_leased_ahead_come_with_those_that_wait_and_no_others_do(store, line, now):
    waiting, asked = line(3), line(3, state=R.RUNNING)
    claimed = store.runs.claim_due("w", now, 60 * S, 1, ahead=1).runs
    assert [run.id for run in claimed] == [run.id for run in waiting[:2]]
    claimed = store.runs.claim_due("w", now, 60 * S, 2, ahead=0).runs
    assert [run.id for run in claimed] == [waiting[2].id, asked[0].id]


def test_a_run_that_waits_for_a_thread_still_obeys_its_queue(tmp_path, gateway, key, answer, fresh, eventually):
    hold = threading.Event()
    for number in range(3):
        task = {"id": f"t{number}", "status": "failed", "error": "no"}
        gateway.answer("POST", f"/v1/videos?n={number}", answer(task, hold=hold))
    store = Store(tmp_path / "home")
    settings = Settings(tmp_path / "home", base_url=gateway.url, concurrency=Concurrency(None))
    worker = Worker(store, settings, Keyring({gateway.url: key}), threads=1)
    runs = worker.submit_all([fresh(number) for number in range(3)])
    worker.start()
    eventually(lambda: gateway.seen and worker._loop.queued == 1)
    worker.hold_queue(gateway.url)
    hold.set()
    eventually(lambda: not worker._loop.under_way)
    assert [store.runs.get(run.id).state for run in runs] == [R.FAILED, R.READY, R.READY]
    worker.release_queue(gateway.url)
    eventually(lambda: store.runs.count(states=[R.FAILED]) == 3)
    worker.stop()
    store.close()


# --- two workers -------------------------------------------------------------------------------------------------


@pytest.fixture
def two_workers(tmp_path, gateway, key, database) -> Iterator[Callable[[int], tuple[Worker, Worker]]]:
    opened: list[tuple[Worker, Store]] = []

    def make(at_once: int) -> tuple[Worker, Worker]:
        for _ in range(2):
            settings = Settings(tmp_path / "home", base_url=gateway.url, concurrency=Concurrency(at_once))
            store = Store(tmp_path / "home", database)
            opened.append((Worker(store, settings, Keyring({gateway.url: key})), store))
        return opened[0][0], opened[1][0]

    yield make
    gateway.let_go()
    for worker, store in opened:
        worker.stop()
        store.close()


@pytest.fixture
def fresh(make_run, plain_call, gateway) -> Callable[[int], Run]:
    def make(number: int) -> Run:
        now = datetime.now(UTC)
        call = replace(plain_call, path=f"/v1/videos?n={number}")
        return make_run(call=call, gateway=gateway.url, credential="", created=now, updated=now, due=now)

    return make


def test_answers_that_are_held_back_keep_their_slots(two_workers, gateway, answer, fresh, eventually, monkeypatch):
    hold = threading.Event()
    for number in range(9):
        task = {"id": f"t{number}", "status": "failed", "error": "no"}
        gateway.answer("POST", f"/v1/videos?n={number}", answer(task, hold=hold))
    workers = two_workers(3)
    runs = [workers[0].submit(fresh(number)) for number in range(9)]
    looks = [0, 0]
    for index, worker in enumerate(workers):
        claim_due = worker._store.runs.claim_due

        def counted(*arguments, claim_due=claim_due, index=index):
            found = claim_due(*arguments)
            looks[index] += 1
            return found

        monkeypatch.setattr(worker._store.runs, "claim_due", counted)
        worker.start()
    eventually(lambda: len(gateway.seen) >= 3)
    for index, worker in enumerate(workers):
        before = looks[index]
        worker.wake()
        eventually(lambda index=index, before=before: looks[index] > before)
    assert sorted(seen.path for seen in gateway.seen) == [f"/v1/videos?n={number}" for number in range(3)]
    hold.set()
    eventually(lambda: all(workers[0]._store.runs.get(run.id).state is R.FAILED for run in runs))


def test_one_slot_sends_in_the_order_of_the_queue(two_workers, gateway, answer, fresh, eventually):
    for number in range(6):
        gateway.answer(
            "POST", f"/v1/videos?n={number}", answer({"id": f"t{number}", "status": "failed", "error": "no"})
        )
    workers = two_workers(1)
    runs = [workers[number % 2].submit(fresh(number)) for number in range(6)]
    workers[0].move(runs[4].id, Move.FRONT)
    workers[1].move(runs[1].id, Move.DOWN)
    workers[0].act(runs[3].id, lambda run: actions.cancel(run, datetime.now(UTC)))
    with pytest.raises(DailiesError, match="no longer waits"):
        workers[0].move(runs[3].id, Move.UP)
    for worker in workers:
        worker.start()
    eventually(lambda: workers[0]._store.runs.count(states=[R.FAILED]) == 5)
    assert [int(seen.path.partition("=")[2]) for seen in gateway.seen] == [4, 0, 2, 1, 5]


def test_a_queue_on_hold_is_released_by_another_worker(two_workers, gateway, answer, fresh, eventually):
    gateway.answer("POST", "/v1/videos?n=0", answer({"id": "t0", "status": "failed", "error": "no"}))
    first, second = two_workers(1)
    first.hold_queue(gateway.url)
    run = first.submit(fresh(0))
    first.start()
    told = threading.Event()
    first.feed.subscribe(lambda changed, _: told.set() if run.id in changed else None)
    second.release_queue(gateway.url)
    eventually(lambda: first._store.runs.get(run.id).state is R.FAILED)
    assert told.wait(60)


@pytest.mark.parametrize("number_of_runs", [36, pytest.param(300, marks=pytest.mark.thorough)])
def test_of_many_at_once_never_more_than_allowed_are_in_flight(
    two_workers, gateway, answer, fresh, eventually, number_of_runs
):
    at_once = 12
    for number in range(number_of_runs):
        task = f"t{number}"
        queued = answer({"id": task, "status": "queued"}, headers={"openai-poll-after-ms": "200"})
        gateway.answer("POST", f"/v1/videos?n={number}", queued)
        gateway.answer("GET", f"/v1/videos/{task}", answer({"id": task, "status": "failed", "error": "no"}))
    workers = two_workers(at_once)
    for number in range(number_of_runs):
        workers[number % 2].submit(fresh(number))
    for worker in workers:
        worker.start()
    store = workers[0]._store
    eventually(lambda: store.runs.count(states=[R.FAILED]) == number_of_runs)
    flying = most = 0
    for seen in list(gateway.seen):  # a task is in flight from its create to the look that finds it ended
        flying += 1 if seen.method == "POST" else -1
        most = max(most, flying)
    assert (len(gateway.seen), flying) == (2 * number_of_runs, 0)
    assert at_once / 2 < most <= at_once
