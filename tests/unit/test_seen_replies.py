"""Runs against a server that answers as others were seen to: each ends as it must, and says why."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from dailies.domain import Run
from dailies.keyring import Keyring
from dailies.settings import Settings
from dailies.store import Store
from dailies.work.worker import Worker
from tests.thorough import first_of_each
from tests.unit.conftest import KEY, Clock
from tests.unit.neighbour_replies import NEIGHBOURS
from tests.unit.seen_replies import SEEN, Case, Reply

Played = tuple[Run, list[Run], "Scripted"]
"""The run at its end, the run after every step, and what the server did."""

LEASE = timedelta(minutes=5)
STEPS = 200
"""More than a run takes until its watch limit of three minutes."""


class Scripted:
    """The answers of a case, by method and path; keeps what the looks said."""

    def __init__(self, case: Case, url: str, clip: bytes) -> None:
        self._case, self._url, self._clip = case, url, clip
        self._polls = list(case.polls)
        self.creates = 0

    def __call__(self, method: str, path: str) -> Reply:
        if method == "POST":
            self.creates += 1
            return self._case.create
        if path.startswith("/f/"):
            return self._case.files
        if path.startswith("/g/"):
            return Reply(clip=True)
        if path.startswith("/x/"):
            return Reply(text="", status=404)
        if path.endswith("/content"):
            return self._case.content
        named = next((reply for task, reply in (self._case.by_task or {}).items() if path.endswith(f"/{task}")), None)
        if named is not None:
            return named
        return self._polls.pop(0) if len(self._polls) > 1 else self._polls[0]

    def write(self, reply: Reply) -> tuple[bytes, str]:
        """Return (body, content type)."""
        if reply.clip:
            return self._clip, reply.type or "video/mp4"
        if reply.data is not None:
            return reply.data, reply.type or "application/json"
        text = json.dumps(reply.json) if reply.text is None else reply.text
        encoded = base64.b64encode(self._clip).decode()
        return text.replace("{B}", self._url).replace("{CLIP}", encoded).encode(), reply.type or "application/json"


@pytest.fixture(scope="module")
def moving() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def worker(tmp_path_factory, _servers, moving) -> Iterator[Worker]:
    """A worker that nobody started, for the server of the whole session."""
    home = tmp_path_factory.mktemp("home")
    with _servers[0].scripted() as script:
        url = script.url
    store = Store(home)
    made = Worker(
        store, Settings(home, base_url=url, watch_limit=timedelta(minutes=3)), Keyring({url: KEY}), clock=moving
    )
    yield made
    made.stop()
    store.close()


@pytest.fixture
def play(worker, moving, gateway, answer, make_run, plain_call, clip_bytes) -> Callable[[Case], Played]:
    """Take a run through a case step by step, without waiting: the clock jumps to what is due next."""
    store, clock = worker._store, moving

    def take_through(case: Case) -> Played:
        script = Scripted(case, gateway.url, clip_bytes)

        def respond(method: str, path: str) -> Any:
            reply = script(method, path)
            body, kind = script.write(reply)
            headers = {name: value.replace("{B}", gateway.url) for name, value in (reply.headers or {}).items()}
            return answer(body, reply.status, {"content-type": kind} | headers)

        gateway.otherwise = respond
        moments = {"created": clock(), "updated": clock(), "due": clock()}
        run = store.runs.add(make_run(call=plain_call, gateway=gateway.url, credential="", **moments))
        seen = [run]
        for _ in range(STEPS):
            if run.due is not None and run.due > clock():
                clock.advance((run.due - clock()).total_seconds() + 0.001)
            for claimed in store.runs.claim_due(worker.id, clock(), LEASE, 1).runs:
                worker._step(claimed)
            worker._agenda.settle()
            run = store.runs.get(run.id)
            seen.append(run)
            if run.due is None:
                return run, seen, script
        raise AssertionError(f"{case.id}: still {run.state} after {STEPS} steps: {run.note}")

    return take_through


def spoken(runs: list[Run]) -> str:
    """Everything that a person could read about a run."""
    failures = [failure for run in runs if (failure := run.failure)]
    texts = [text for failure in failures for text in (failure.what, failure.fix, failure.charge)]
    return "\n".join([*texts, *(run.note for run in runs)])


CASES = [*map(pytest.param, SEEN), *first_of_each(NEIGHBOURS, lambda case: (case.kind, case.ends))]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_run_ends_as_it_must_and_says_why(play, case):
    run, seen, script = play(case)
    assert run.state.value == case.ends, (run.failure, run.note)
    assert script.creates == 1
    assert (run.clip is not None) is (case.ends == "done")
    said = spoken(seen if case.ends in ("done", "unattended") else [run])
    for text in case.says:
        assert text in said
    for text in case.never:
        assert text not in said
    if run.failure is not None:
        assert run.failure.what[-1] in ".!?", run.failure.what
        assert not run.failure.what.endswith("..")
        assert run.failure.fix.endswith(".")
    if case.percent is not None:
        assert case.percent in {step.percent for step in seen}
