"""A process killed while its run is queued or being sent: no paid task is lost, and none is sent twice."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from dailies.domain import Run
from dailies.keyring import Keyring
from dailies.settings import Settings
from dailies.store import Store
from dailies.vocabulary import RunState
from dailies.work.worker import Worker
from tests.conformance.conftest import ROOT
from tests.conformance.proxy import proxied

WITHIN = 120.0


def start_generate(home: Path, sandbox_url: str, prompt: str) -> subprocess.Popen[bytes]:
    environ = os.environ | {"DAILIES_HOME": str(home), "DAILIES_SANDBOX_URL": sandbox_url}
    command = [sys.executable, "-m", "dailies", "generate", "sora-2", "--prompt", prompt, "-o", str(home / "clip.mp4")]
    return subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def wait_for(store: Store, *states: RunState) -> Run:
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        for run in store.runs.list():
            if run.state in states:
                return run
        threading.Event().wait(0.02)
    raise AssertionError([run.state for run in store.runs.list()])


def after_the_lease() -> datetime:
    """Return a time at which the killed process's lease of 10 s has expired."""
    return datetime.now(UTC) + timedelta(minutes=1)


def restarted(home: Path, sandbox_url: str, *states: RunState) -> Run:
    """Return the run after another worker on the same home has brought it to one of these states."""
    settings = Settings(home, sandbox_url=sandbox_url)
    store = Store(home)
    worker = Worker(store, settings, Keyring(settings.operators_keys()), clock=after_the_lease)
    worker.start()
    try:
        return wait_for(store, *states)
    finally:
        worker.stop()
        store.close()


def creates(sandbox_url: str, prompt: str) -> int:
    received = httpx.get(f"{sandbox_url}/sandbox/creates").json()
    return sum(create["prompt"] == prompt for create in received)


def test_killed_while_queued_the_run_finishes_after_the_restart(sandbox: str, tmp_path: Path) -> None:
    home, prompt = tmp_path / "home", "A boat whose sender is killed while it is queued"
    with proxied(sandbox, queued=True) as proxy:
        process = start_generate(home, proxy.url, prompt)
        try:
            assert proxy.looked.wait(WITHIN)
        finally:
            kill(process)
    store = Store(home)
    (queued,) = store.runs.list()
    store.close()
    assert queued.state is RunState.QUEUED
    done = restarted(home, sandbox, RunState.DONE, RunState.FAILED, RunState.UNSURE)
    assert (done.id, done.task, done.state) == (queued.id, queued.task, RunState.DONE)
    assert creates(sandbox, prompt) == 1


def test_killed_while_sending_the_run_is_unsure_and_never_sent_again(sandbox: str, tmp_path: Path) -> None:
    home, prompt = tmp_path / "home", "A boat whose sender is killed while it is sent"
    with proxied(sandbox, silent=True) as proxy:
        process = start_generate(home, proxy.url, prompt)
        try:
            assert proxy.created.wait(WITHIN)
        finally:
            kill(process)
    unsure = restarted(home, sandbox, RunState.UNSURE, RunState.DONE, RunState.FAILED)
    assert unsure.state is RunState.UNSURE
    assert unsure.failure is not None
    assert creates(sandbox, prompt) == 1
