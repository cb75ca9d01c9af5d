"""Fixtures around a worker: a home, workers on it, runs for them, and a gateway that does its work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dailies.domain import Run
from dailies.gateway.addresses import Reach
from dailies.gateway.client import Client
from dailies.gateway.deadline import Timeouts
from dailies.keyring import Keyring
from dailies.settings import Settings
from dailies.store import Store
from dailies.vocabulary import RunState
from dailies.work.worker import Worker

ROOT = Path(__file__).resolve().parents[2]
USUAL = Timeouts()
LEASE = 600.0
SOON = {"openai-poll-after-ms": "200"}

PROGRAM = """
import sys
from pathlib import Path
from threading import Event
from dailies.keyring import Keyring
from dailies.settings import Settings
from dailies.store import Store
from dailies.work.worker import Worker

home, url = Path(sys.argv[1]), sys.argv[2]
settings, keyring = Settings(home, base_url=url), Keyring({url: "sk-other-key-012345"})
Worker(Store(home), settings, keyring).start()
Event().wait()
"""
"""A process that works on the runs of a home, whose gateway stands at an address."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def make_worker(home, gateway, key, clock) -> Iterator[Callable[..., Worker]]:
    """Make workers, each with its own store, on one home or database. With `known=False` there is no key."""
    opened: list[tuple[Worker, Store]] = []

    def make(database: str | None = None, *, known: bool = True, timeouts: Timeouts = USUAL) -> Worker:
        settings = Settings(home, base_url=gateway.url)
        keyring = Keyring({gateway.url: key} if known else {})
        store = Store(home, database)

        def connect(url: str, keys: Callable[[str], str | None], read: Callable[[str], bytes], reach: Reach) -> Client:
            return Client(url, keys, read, reach, timeouts)

        worker = Worker(store, settings, keyring, lease=timedelta(seconds=LEASE), connect=connect, clock=clock)
        opened.append((worker, store))
        return worker

    yield make
    for worker, store in opened:
        worker.stop()
        store.close()


@pytest.fixture
def fresh(make_run, plain_call, gateway) -> Callable[..., Run]:
    def make(**changes) -> Run:
        now = datetime.now(UTC)
        moments = {"created": now, "updated": now, "due": now}
        return make_run(**({"call": plain_call, "gateway": gateway.url, "credential": ""} | moments | changes))

    return make


@pytest.fixture
def reach(eventually) -> Callable[..., Run]:
    """Wait until a run is in one of these states."""

    def wait(worker: Worker, run: Run, *states: RunState) -> Run:
        def there() -> Run | None:
            found = worker._store.runs.get(run.id)
            return found if found is not None and found.state in states else None

        return eventually(there)

    return wait


@pytest.fixture
def good(gateway, answer, clip_bytes) -> None:
    """Script a gateway that accepts, reports progress once and delivers a clip."""
    gateway.answer("POST", "/v1/videos", answer({"id": "t1", "status": "queued"}, headers=SOON))
    gateway.answer(
        "GET",
        "/v1/videos/t1",
        answer({"id": "t1", "status": "processing", "progress": 50}, headers=SOON),
        answer({"id": "t1", "status": "completed", "progress": 100, "video_url": f"{gateway.url}/v.mp4"}),
    )
    gateway.answer("GET", "/v.mp4", answer(clip_bytes))
