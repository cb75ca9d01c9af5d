"""A process killed while its run is queued, and while it is being sent: nothing paid is lost, nothing is sent twice."""

from __future__ import annotations

import http.client
import http.server
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from dailies.domain import (
    Run,
)
from dailies.settings import Keyring, Settings
from dailies.store import Store
from dailies.vocabulary import RunState
from dailies.worker import Worker
from tests.conformance.conftest import ROOT, sandbox_process

WITHIN = 60.0


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[str]:
    with sandbox_process(tmp_path / "sandbox", seconds=0.5) as url:
        yield url


class Withholding(http.server.ThreadingHTTPServer):
    """Passes requests on to the sandbox, but keeps the answer to every create for itself."""

    daemon_threads = True

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Pass)
        self.upstream = urlsplit(upstream).netloc
        self.arrived = threading.Event()
        self.released = threading.Event()


class _Pass(http.server.BaseHTTPRequestHandler):
    server: Withholding

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        onward = http.client.HTTPConnection(self.server.upstream)
        onward.request("POST", self.path, body, dict(self.headers))
        onward.getresponse().read()
        onward.close()
        self.server.arrived.set()
        self.server.released.wait(WITHIN)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def start_generate(home: Path, sandbox_url: str, prompt: str) -> subprocess.Popen[bytes]:
    environ = os.environ | {"DAILIES_HOME": str(home), "DAILIES_SANDBOX_URL": sandbox_url}
    command = [sys.executable, "-m", "dailies", "generate", "sora-2", "--prompt", prompt, "-o", str(home / "clip.mp4")]
    return subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait(timeout=10)


def wait_for(store: Store, *states: RunState) -> Run:
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        for run in store.list():
            if run.state in states:
                return run
    raise AssertionError([run.state for run in store.list()])


def restarted(home: Path, sandbox_url: str, *states: RunState) -> Run:
    """The run after a new process has taken the home over and brought it to one of these states."""
    settings = Settings(home, sandbox_url=sandbox_url)
    store = Store(home)
    worker = Worker(store, settings, Keyring(settings))
    worker.start()
    try:
        return wait_for(store, *states)
    finally:
        worker.stop()
        store.close()


def creates(sandbox_url: str) -> int:
    return len(httpx.get(f"{sandbox_url}/sandbox/creates").json())


def test_killed_while_queued_the_run_finishes_after_the_restart(sandbox: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    process = start_generate(home, sandbox, "A boat #slow")
    store = Store(home)
    try:
        under_way = wait_for(store, RunState.QUEUED, RunState.RUNNING)
    finally:
        kill(process)
        store.close()
    done = restarted(home, sandbox, RunState.DONE)
    assert done.id == under_way.id
    assert done.task == under_way.task
    assert creates(sandbox) == 1


def test_killed_while_sending_the_run_is_unsure_and_never_sent_again(sandbox: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Withholding(sandbox) as between:
        threading.Thread(target=between.serve_forever, daemon=True).start()
        process = start_generate(home, f"http://127.0.0.1:{between.server_port}", "A boat")
        assert between.arrived.wait(WITHIN)
        kill(process)
        between.released.set()
        between.shutdown()
    unsure = restarted(home, sandbox, RunState.UNSURE, RunState.DONE, RunState.FAILED)
    assert unsure.state is RunState.UNSURE
    assert unsure.failure is not None
    assert creates(sandbox) == 1
