"""How long pages take, cold, reloaded, switched and from the start of the server, beside bare pages as large."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator

from playwright.sync_api import Page

from bench.stand import ROOT, Stand
from bench.table import CannotRun, Line
from dailies.catalog.load import load

ROUNDS = 7
BARE = "[data-testid=stMain] [data-testid=stButtonGroup]"
"""What the bare page begins with."""

COUNT = """() => {
  const counts = {}
  for (const each of document.querySelectorAll("[data-testid=stMain] [data-testid=stElementContainer]")) {
    const kind = each.querySelector("[data-testid^=st]")?.dataset.testid ?? "stMarkdown"
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}"""

LISTED = """() => [...document.querySelectorAll("[data-testid=stSidebar] a")].map((each) => each.textContent.trim())"""

# Seconds from a click until the script has run and its elements are drawn; null if it did not run. The page alone would
# not tell: where the browser is late, it draws the beginning and the end of a run at once.
SWITCH = """(element) => new Promise((resolve) => {
  const app = document.querySelector("[data-testid=stApp]"), before = window.runs, began = performance.now()
  const look = () => {
    const drawn = window.runs > before && app.dataset.testScriptState === "notRunning"
    requestAnimationFrame(drawn ? () => resolve((performance.now() - began) / 1000) : look)
  }
  setTimeout(() => resolve(null), 8000)
  element.click()
  requestAnimationFrame(look)
})"""

# Milliseconds from the navigation until an element is visible and no script runs. Measured inside the page: Playwright
# polls at growing intervals, up to half a second.
USABLE = """
const look = () => {
  const drawn = document.querySelector(sight)?.getClientRects().length
  if (drawn && document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]")) {
    window.usable = performance.now()
  } else requestAnimationFrame(look)
}
look()
"""

REST = "[data-testid=stApp][data-test-script-state=notRunning]"


def measure_family(stand: Stand) -> Iterator[Line]:
    family = next(iter(load().families))
    yield from _measure_page(stand, "a family's page", family, "textarea", switch=True)


def measure_compare(stand: Stand) -> Iterator[Line]:
    yield from _measure_page(stand, "Compare", "compare", "textarea")


def measure_home(stand: Stand) -> Iterator[Line]:
    yield from _measure_page(stand, "Home", "", "textarea")


def _measure_page(stand: Stand, name: str, path: str, sight: str, *, switch: bool = False) -> Iterator[Line]:
    app = stand.app()
    ours = f"{app.url}/{path}"
    page = _open(stand, ours, sight)
    page.locator(REST).wait_for()
    page.wait_for_timeout(1000)  # elements that come in a fragment of their own
    counts, listed = page.evaluate(COUNT), page.evaluate(LISTED)
    page.context.close()
    bare = stand.bare("bare.py", ELEMENTS=json.dumps(counts)).url
    listing = stand.bare("bare.py", ELEMENTS=json.dumps(counts), PAGES=json.dumps(listed)).url
    number, last = sum(counts.values()), "[data-testid=stElementContainer] >> nth=-1"
    for url in (bare, listing):
        _open(stand, url, last).context.close()
    pages = ((ours, sight), (bare, BARE), (listing, BARE))
    cold: tuple[list[float], ...] = tuple([] for _ in pages)
    warm: tuple[list[float], ...] = tuple([] for _ in pages)
    for _ in range(ROUNDS):
        for (url, look), first, again in zip(pages, cold, warm, strict=True):
            page = stand.page()
            first.append(_time_load(page, url, look))
            page.wait_for_timeout(500)  # what the first one still draws below its end would count for the second
            again.append(_time_load(page, url, look))
            page.context.close()
    others = "bare Streamlit", f"bare Streamlit that lists {len(listed)} pages"
    for what, samples in (("cold", cold), ("reload", warm)):
        peers = dict(zip(others, samples[1:], strict=True))
        yield Line(f"{name}, {number} elements: {what}", "s", samples[0], peers, "ratio at most 1.15")
    if switch:
        bare_switch = _switch_modes(_open(stand, bare, "text=Mode"))
        ours_switch = _switch_modes(_open(stand, ours, sight))
        yield Line("mode switch", "s", ours_switch, {"bare Streamlit": bare_switch}, "at most 0.12 s")
        yield Line("model switch", "s", _switch_models(_open(stand, ours, sight)), {}, "at most 0.12 s")


def _open(stand: Stand, url: str, sight: str) -> Page:
    page = stand.page()
    page.goto(url)
    page.locator(sight).first.wait_for()
    return page


def _time_load(page: Page, url: str, sight: str) -> float:
    """Seconds from the navigation until the sight is there and the script has run through, by the page's own clock."""
    return _load(page, url, sight)[1]


def _load(page: Page, url: str, sight: str) -> tuple[float, float]:
    """Open a page; return when it could be used, in seconds since 1970, and how many seconds that took."""
    page.add_init_script(f"const sight = {json.dumps(sight)}; {USABLE}")
    page.goto(url)
    page.wait_for_function("window.usable")
    moment, taken = page.evaluate("[performance.timeOrigin + window.usable, window.usable]")
    return moment / 1000, taken / 1000


def _switch_modes(page: Page) -> list[float]:
    page.locator(REST).wait_for()
    group = page.locator("[data-testid=stMain] [data-testid=stButtonGroup]").filter(visible=True).first
    if group.locator("button").count() < 2:
        raise CannotRun("the page has one mode only")
    return _click_in_turn(page, lambda number: group.locator("button").nth(1 - number % 2))


def _switch_models(page: Page) -> list[float]:
    page.locator(REST).wait_for()

    def choose(number: int):  # type: ignore[no-untyped-def]
        page.locator("[data-testid=stMain] [data-testid=stSelectbox] input").first.click()
        return page.get_by_role("option").nth(1 - number % 2)

    return _click_in_turn(page, choose)


def _click_in_turn(page: Page, choose) -> list[float]:  # type: ignore[no-untyped-def]
    samples = []
    for number in range(2 * ROUNDS):
        taken = choose(number).evaluate(SWITCH)
        if taken is None:
            raise CannotRun("a click on the control ran no script")
        samples.append(taken)
        page.locator(REST).wait_for()
        page.wait_for_timeout(300)  # what a switch asks for once more belongs to it, not to the next
    page.context.close()
    return samples


def measure_start(stand: Stand) -> Iterator[Line]:
    """From the start of the process to a page that can be used, with a home that has been used before."""
    family = next(iter(load().families))
    ours, bare = [], []
    for _ in range(4):
        page, began = stand.page(), time.time()
        app = stand.app()
        ours.append(_load(page, f"{app.url}/{family}", "textarea")[0] - began)
        page.context.close()
        app.kill()
        page, began = stand.page(), time.time()
        server = stand.bare("bare.py")
        bare.append(_load(page, server.url, BARE)[0] - began)
        page.context.close()
        server.process.kill()
    yield Line("start of the server to the first usable page", "s", ours[1:], {"bare Streamlit": bare[1:]}, "1.5")


def measure_models(stand: Stand) -> Iterator[Line]:
    """`dailies models` as a command: processor time, so that a busy machine counts less."""
    ours, python = [], []
    for _ in range(ROUNDS):
        for command, samples in (
            ([sys.executable, "-m", "dailies", "models"], ours),
            ([sys.executable, "-c", ""], python),
        ):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True, timeout=60)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            samples.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    yield Line("`dailies models`, processor time", "s", ours, {"an empty Python": python}, "at most 0.4 s")
