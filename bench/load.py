"""A worker under load: thousands of open tasks, a hundred creates at once, and fifty pages on which nothing changes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx

from bench.stand import Server, Stand, count_tasks, cpu_seconds, read_log
from bench.table import CannotRun, Line
from dailies.catalog.load import load
from dailies.domain import Request, Route, Run
from dailies.exchange import Call
from dailies.gateways import Concurrency
from dailies.keyring import Keyring
from dailies.settings import Settings
from dailies.store import Store
from dailies.vocabulary import Body, Mode, RunState
from dailies.work.life import create_run
from dailies.work.worker import Worker

ROUTE = Route("openai", "/v1/videos", "/v1/videos/{task}", "/v1/videos/{task}/content", sdk=True)
FAMILY = next(cell.family for cell in load().cells() if cell.route.create == "/v1/videos" and cell.mode is Mode.TEXT)
"""A family whose calls `bench.gateway` understands."""

KEY = "sk-bench-0123456789"
CREATES, THREADS = 100, 16
PAGES, WATCHED = 50, 20.0

WORKER = """
import sys
from pathlib import Path
from dailies.keyring import Keyring
from dailies.settings import Settings
from dailies.store import Store
from dailies.work.worker import Worker

home, url, key = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
worker = Worker(Store(home), Settings(home, base_url=url), Keyring({url: key}))
worker.start()
print("started", flush=True)
sys.stdin.read()
"""


def make_run(gateway: str, prompt: str) -> Run:
    request = Request("any", "first", "any-1", Mode.TEXT, prompt, {}, {}, {})
    call = Call("POST", "/v1/videos", Body.JSON, json={"model": "any-1", "prompt": prompt})
    return create_run(request, call, ROUTE, gateway, datetime.now(UTC))


def measure_tasks(stand: Stand) -> Iterator[Line]:
    yield from _measure_open(stand, 1000, 12.0, "p95 under 0.1 s, under 0.3 of a core")


def measure_more_tasks(stand: Stand) -> Iterator[Line]:
    yield from _measure_open(stand, 5000, 60.0, "p95 under 1 s, under 1 core")


def _measure_open(stand: Stand, number: int, interval: float, wanted: str) -> Iterator[Line]:
    """Ask for each of `number` tasks once within `interval` seconds, each at its own moment."""
    gateway, home = stand.gateway(seconds=3600), stand.folder / "home"
    httpx.post(f"{gateway.url}/fill", params={"count": number}, timeout=30).raise_for_status()
    store = Store(home)
    first = datetime.now(UTC) + timedelta(seconds=4 + number / 1000)
    due: dict[str, float] = {}
    for start in range(0, number, 500):
        runs = []
        for place in range(start, min(number, start + 500)):
            moment = first + timedelta(seconds=interval * place / number)
            run = replace(make_run(gateway.url, f"Task {place}"), due=moment, task=f"f{place}", state=RunState.RUNNING)
            runs.append(replace(run, sent=run.created, watched=run.created))
            due[run.task] = moment.timestamp()
        store.runs.add_all(runs)
    store.close()
    command = [sys.executable, "-c", WORKER, str(home), gateway.url, KEY]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    stand.rest.callback(process.wait)
    stand.rest.callback(process.kill)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(max(0.0, first.timestamp() - time.time()))
    used = cpu_seconds(process.pid)
    time.sleep(interval)
    used = (cpu_seconds(process.pid) - used) / interval
    time.sleep(1)
    now = time.time()
    late = [
        (each["first"] or now) - due[each["id"]] for each in read_log(gateway) if due.get(each["id"], now) <= now - 1
    ]
    ninety_fifth = sorted(late)[int(0.95 * len(late))]
    yield Line(f"{number} open tasks: how late each is asked for", "s", late)
    yield Line(f"{number} open tasks: 95th percentile of that", "s", [ninety_fifth], {}, wanted)
    yield Line(f"{number} open tasks: cores in use", "", [used])


def measure_creates(stand: Stand) -> Iterator[Line]:
    """A hundred creates by a worker that has sent one before, as one of an app that has run for a minute has."""
    for delay, wanted in ((0.0, "ratio at most 3"), (0.2, "ratio at most 1.15")):
        gateway = stand.gateway(seconds=3600, delay=delay)
        ours, bare = [], []
        for round_ in range(5):
            home = stand.folder / f"home-{delay}-{round_}"
            store = Store(home)
            worker = Worker(
                store, Settings(home, base_url=gateway.url, concurrency=Concurrency(None)), Keyring({gateway.url: KEY})
            )
            worker.start()
            before = len(read_log(gateway))
            worker.submit(make_run(gateway.url, "The first"))
            _wait_for(gateway, before + 1)
            runs = [make_run(gateway.url, f"Create {number}") for number in range(CREATES)]
            began = time.time()
            worker.submit_all(runs)
            ours.append(_wait_for(gateway, before + 1 + CREATES) - began)
            worker.stop()
            store.close()
            before, began = len(read_log(gateway)), time.time()
            _create_bare(gateway)
            bare.append(_wait_for(gateway, before + CREATES) - began)
        what = f"{CREATES} creates at a gateway that answers in {delay * 1000:.0f} ms"
        yield Line(what, "s", ours, {f"bare httpx, {THREADS} threads": bare}, wanted)


def _create_bare(gateway: Server) -> None:
    body = {"model": "any-1", "prompt": "Create"}
    with httpx.Client(timeout=60) as client, ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda _: client.post(f"{gateway.url}/v1/videos", json=body), range(CREATES)))


def _wait_for(gateway: Server, count: int) -> float:
    """When the last of so many creates was answered."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if (found := count_tasks(gateway)) >= count:  # the whole log would take time from the worker, in this process
            return max(each["answered"] for each in read_log(gateway))
        time.sleep(0.05)
    raise CannotRun(f"after a minute only {found} creates had arrived")


def measure_quiet(stand: Stand) -> Iterator[Line]:
    """Fifty pages with a run under way each; a redraw is a frame that Streamlit sends."""
    gateway = stand.gateway(seconds=3600)
    app = stand.app(gateway, DAILIES_CONCURRENCY="100")
    context, frames = stand.context(), list[int]()
    for number in range(PAGES):
        page = context.new_page()
        page.on(
            "websocket",
            lambda socket: (
                socket.on("framereceived", lambda data: frames.append(len(data))) if "_stcore" in socket.url else None
            ),
        )
        page.goto(f"{app.url}/{FAMILY}?mode=text")
        page.get_by_label("Prompt", exact=True).wait_for()
        if number == 0:
            with_runs = Store(app.home)
            runs = [make_run(gateway.url, f"Quiet {each}") for each in range(PAGES)]
            runs = [replace(run, request=replace(run.request, family=FAMILY)) for run in runs]
            with_runs.runs.add_all(runs)
            with_runs.close()
    pages = context.pages
    pages[-1].wait_for_timeout(15_000)  # until every run is under way and has been drawn as that
    before, looks = len(frames), sum(each["asked"] for each in read_log(gateway))
    used, began = cpu_seconds(app.process.pid), time.monotonic()
    pages[-1].wait_for_timeout(WATCHED * 1000)
    taken = time.monotonic() - began
    used = (cpu_seconds(app.process.pid) - used) / taken
    looks = sum(each["asked"] for each in read_log(gateway)) - looks
    context.close()
    what = f"{PAGES} open pages, {PAGES} runs under way, {looks} looks in {taken:.0f} s that change nothing"
    yield Line(f"{what}: messages to the pages", "", [len(frames) - before], {}, "0")
    yield Line(f"{what}: cores in use", "", [used], {}, "under 0.02")
