"""Every fault of a gateway that we can make: how its run ends, the sentence a person reads, and the next step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from dailies.domain import Run
from dailies.gateway import deadline, download
from dailies.gateway.addresses import Reach
from dailies.gateway.client import Client
from dailies.gateway.deadline import USUAL, Timeouts, left, within
from dailies.gateway.transport import describe, open_http
from dailies.gateways import Gateway
from dailies.keyring import Keyring
from dailies.settings import Settings
from dailies.store import Store
from dailies.vocabulary import RunState
from dailies.work.worker import Worker
from tests.unit.conftest import KEY, Clock
from tests.unit.fault_rows import CLOSED, CREATED, FINISHED, ROWS, Row
from tests.unit.faulty import MP4, Behaviour, Faulty, breaks_off, drips, faulty, hangs, head, resets, says, sends

HASTY = Timeouts(create=0.2, read=0.2, whole_create=0.5, whole_look=0.5, whole_clip=1.0, least=1e6, span=0.1)
MOST_STEPS = 60
LEASE = timedelta(minutes=5)


@pytest.fixture(scope="module")
def moving() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def server() -> Iterator[Faulty]:
    with faulty() as made:
        yield made


@pytest.fixture(scope="module")
def worker(tmp_path_factory, server, moving) -> Iterator[Worker]:
    """A worker that nobody started, for the misbehaving server, which it may wait for or not, and for a closed port."""
    home = tmp_path_factory.mktemp("home")
    gateways = {"hasty": Gateway("hasty", server.url.replace("127.0.0.1", "localhost"))}
    store = Store(home)
    made = Worker(
        store,
        Settings(home, base_url=server.url, gateways=gateways, watch_limit=timedelta(minutes=1)),
        Keyring(dict.fromkeys((server.url, "hasty", CLOSED), KEY)),
        connect=lambda url, key, read, reach: Client(url, key, read, reach, HASTY if "localhost" in url else USUAL),
        clock=moving,
    )
    yield made
    made.stop()
    store.close()


def clip_behaviour(name: str, clip: bytes) -> Behaviour:
    """The behaviours that need a real clip, by name."""
    half = len(clip) // 2
    whole = head(200, MP4, len(clip), {})
    return {
        "whole": says(clip, kind=MP4),
        "half": breaks_off(clip[:half], len(clip), MP4),
        "half, no length": sends(head(200, MP4, None, {}) + clip[:half]),
        "cut": resets(whole + clip[:half]),
        "stalled": hangs(whole + clip[:half]),
        "slow": drips(whole + clip[:1500]),
        "endless": drips(head(200, MP4, None, {}) + clip, bytes(1_000_000), 0.0001),
        "as text": says(clip, kind="text/plain"),
        "as JSON": says(clip, kind="application/json"),
        "a part": sends(head(206, MP4, half, {"Content-Range": f"bytes 0-{half - 1}/{len(clip)}"}) + clip[:half]),
    }[name]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clip that is too large need not have gigabytes."""
    monkeypatch.setattr(download, "MAX_CLIP", 3_000_000)


@pytest.fixture
def play(worker, moving, server, make_run, plain_call, clip_bytes) -> Callable[[Row], list[Run]]:
    """Take a run through a row step by step, without waiting: the clock jumps to what is due next."""
    store, clock = worker._store, moving

    def take_through(row: Row) -> list[Run]:
        left = {"POST": row.times, "poll": row.times, "clip": row.times}

        def choose(method: str, path: str) -> Behaviour:
            kind = "POST" if method == "POST" else "clip" if path.startswith("/f/") else "poll"
            if path.endswith("/content"):
                return says(b"", 404)
            faulty, fine = {
                "POST": (row.create, CREATED),
                "poll": (row.poll, FINISHED),
                "clip": (row.clip, "whole"),
            }[kind]
            chosen: Any = fine
            if faulty is not None and left[kind]:
                left[kind] -= 1
                chosen = faulty
            return clip_behaviour(chosen, clip_bytes) if isinstance(chosen, str) else chosen

        server.requests.clear()
        clock.advance(3600)  # whatever an earlier row asked the gateway's runs to wait is over
        server.choose = choose
        moments = {"created": clock(), "updated": clock(), "due": clock()}
        url = CLOSED if row.closed else "hasty" if row.hasty else server.url
        run = store.runs.add(make_run(call=plain_call, gateway=url, credential="", **moments))
        seen = [run]
        for _ in range(MOST_STEPS):
            if run.due is not None and run.due > clock():
                clock.advance((run.due - clock()).total_seconds() + 0.001)
            server.deaf = row.deaf == run.state.value
            for claimed in store.runs.claim_due(worker.id, clock(), LEASE, 1).runs:
                worker._step(claimed)
            worker._agenda.settle()
            run = store.runs.get(run.id)
            seen.append(run)
            if run.due is None:
                return seen
        raise AssertionError(f"{row.name}: still {run.state} after {MOST_STEPS} steps: {run.note}")

    return take_through


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_fault_ends_as_it_must_and_is_said_in_a_sentence(play, server, worker, row, eventually):
    seen = play(row)
    run = seen[-1]
    assert run.state.value == row.state, (run.failure, run.note)
    if row.note:
        told = next((step for step in seen if step.note == row.note), None)
        assert told is not None, [step.note for step in seen]
        if row.waits:
            assert (told.due - told.updated).total_seconds() == pytest.approx(row.waits)
    what, fix = (run.failure.what, run.failure.fix) if run.failure else ("", "")
    assert (what, fix) == (row.what, row.fix)
    sent = 0 if row.closed or row.deaf == "ready" else 1

    def count_creates() -> int:
        return sum(method == "POST" for method, _ in server.requests)

    eventually(lambda: count_creates() >= sent)  # a busy server may read a call that we have given up
    assert count_creates() == sent
    assert (run.clip is not None) is (run.state is RunState.DONE)
    assert not list(worker._store.files.clips.glob(".*"))


def test_the_matrix_is_as_large_as_promised():
    assert len(ROWS) >= 90
    assert len({row.name for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_an_exchange_through_a_proxy_has_an_end_too(server, monkeypatch, start):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("http_proxy", server.url)
    clock = [0.0]
    monkeypatch.setattr(deadline, "monotonic", lambda: clock[0])

    def answer_for_ever(method, path):
        clock[0] = 600.0
        return drips(start, b"X-A: b\r\n")

    server.choose = answer_for_ever
    with open_http(Reach(), httpx.Timeout(60)) as http, within(500), pytest.raises(httpx.ReadTimeout) as caught:
        http.get("http://gateway.example/v1/models")
    assert describe(caught.value) == "took too long over its answer"


def test_a_wait_is_never_none_at_all():
    """A socket without any time fails with `[Errno 115] Operation now in progress`, not with a timeout."""
    with within(0):
        assert left(5.0) > 0
