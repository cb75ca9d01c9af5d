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
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from dailies.domain import Run
from dailies.settings import Keyring, Settings
from dailies.store import Store
from dailies.vocabulary import RunState
from dailies.work.worker import Worker
from tests.conformance.conftest import ROOT

WITHIN = 120.0


class Proxy(http.server.ThreadingHTTPServer):
    """Passes requests on to the sandbox, but holds back the answers to one method about videos until released."""

    daemon_threads = True

    def __init__(self, upstream: str, withheld: str) -> None:
        super().__init__(("127.0.0.1", 0), _Pass)
        self.upstream = urlsplit(upstream).netloc
        self.withheld = withheld
        self.arrived = threading.Event()
        self.released = threading.Event()


class _Pass(http.server.BaseHTTPRequestHandler):
    server: Proxy

    def do_GET(self) -> None:
        self.forward()

    def do_POST(self) -> None:
        self.forward()

    def forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        onward = http.client.HTTPConnection(self.server.upstream)
        onward.request(self.command, self.path, body, dict(self.headers))
        answer = onward.getresponse()
        content = answer.read()
        onward.close()
        if self.command == self.server.withheld and self.path.startswith("/v1/videos"):
            self.server.arrived.set()
            self.server.released.wait(WITHIN)
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@contextmanager
def withholding(upstream: str, method: str) -> Iterator[Proxy]:
    """A proxy in a thread; while the block runs it answers no `method` about videos."""
    with Proxy(upstream, method) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.released.set()
            proxy.shutdown()
            thread.join()


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
    """A time at which the killed process's lease of 10 s has run out."""
    return datetime.now(UTC) + timedelta(minutes=1)


def restarted(home: Path, sandbox_url: str, *states: RunState) -> Run:
    """The run after a new process has taken the home over and brought it to one of these states."""
    settings = Settings(home, sandbox_url=sandbox_url)
    store = Store(home)
    worker = Worker(store, settings, Keyring(settings), clock=after_the_lease)
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
    with withholding(sandbox, "GET") as proxy:
        process = start_generate(home, f"http://127.0.0.1:{proxy.server_port}", prompt)
        try:
            assert proxy.arrived.wait(WITHIN)
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
    with withholding(sandbox, "POST") as proxy:
        process = start_generate(home, f"http://127.0.0.1:{proxy.server_port}", prompt)
        try:
            assert proxy.arrived.wait(WITHIN)
        finally:
            kill(process)
    unsure = restarted(home, sandbox, RunState.UNSURE, RunState.DONE, RunState.FAILED)
    assert unsure.state is RunState.UNSURE
    assert unsure.failure is not None
    assert creates(sandbox, prompt) == 1
