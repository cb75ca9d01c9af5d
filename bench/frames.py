"""From a press to the request and the card, and from the gateway's end of a task to the first frame on the screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from playwright.sync_api import Page

from bench.load import FAMILY
from bench.stand import PEERS, Server, Stand, read_log
from bench.table import CannotRun, Line

TASKS = (2.3, 2.9, 3.1, 3.7, 4.2, 4.5, 5.6, 6.8, 9.1, 14.4)
"""How long the tasks take, in seconds. Their ends lie all over a second: with a few of them, luck would decide how soon
after each the next look of a client comes."""

PRESSES = 8

# Seconds since 1970 at which a text was drawn outside a field. It looks at each text once a frame, which costs little
# beside the drawing.
SEEN = """(text) => new Promise((resolve) => {
  const isThere = () => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
      const { data, parentElement } = texts.currentNode
      if (data.includes(text) && parentElement.tagName !== "TEXTAREA") return true
    }
    const locked = document.querySelectorAll("textarea[disabled], input[disabled]")
    return [...locked].some((each) => each.value.includes(text))
  }
  const look = () => {
    if (isThere()) requestAnimationFrame(() => resolve((performance.timeOrigin + performance.now()) / 1000))
    else requestAnimationFrame(look)
  }
  setTimeout(() => resolve(null), 15000)
  look()
})"""

# The moments of a press and of what it showed. Told by the page: to find a button by its role takes 20 ms of its time.
PRESS = f"""async (button, text) => {{
  const began = (performance.timeOrigin + performance.now()) / 1000
  button.click()
  return [began, await ({SEEN})(text)]
}}"""

# The moment of the first frame of a clip that was not on the page before, at or after a moment.
NEW_FRAME = """([earlier, ends]) =>
  (window.firstFrames.find(([clip, moment]) => moment >= ends && !earlier.includes(clip)) ?? [])[1]"""


def measure_first_frame(stand: Stand) -> Iterator[Line]:
    gateway = stand.gateway()
    app = stand.app(gateway)
    peers: dict[str, tuple[str, Callable[[Page, str], None]]] = {
        "plain Streamlit": (stand.plain(gateway).url, _press_plain)
    }
    if PEERS.exists():
        peers["Gradio, asks each second"] = (stand.gradio(gateway).url, _press_gradio)
    ours = _wait_for_frames(stand, gateway, f"{app.url}/{FAMILY}?mode=text", _press_ours)
    others = {name: _wait_for_frames(stand, gateway, url, press) for name, (url, press) in peers.items()}
    what = f"gateway finished to first frame on screen, tasks of {TASKS[0]} to {TASKS[-1]} s"
    yield Line(what, "s", ours, others, "median at most 0.7 s, worst 1.2 s, no later than Gradio")


def _wait_for_frames(stand: Stand, gateway: Server, url: str, press: Callable[[Page, str], None]) -> list[float]:
    """Seconds from the end of each task at the gateway to the first frame of its clip; earlier clips do not count."""
    found = []
    for seconds in TASKS:
        page = stand.page()
        page.goto(url)
        press(page, f"{seconds} s: a boat")
        earlier = page.evaluate("[...document.querySelectorAll('video')].map((each) => each.currentSrc)")
        page.wait_for_timeout(seconds * 1000 - 500)  # the task is at the gateway, and not over
        ends = read_log(gateway)[-1]["ends"]
        page.wait_for_function(NEW_FRAME, arg=[earlier, ends])
        found.append(page.evaluate(NEW_FRAME, [earlier, ends]) - ends)
        page.context.close()
    return found


def _press_ours(page: Page, prompt: str) -> None:
    page.get_by_label("Prompt", exact=True).fill(prompt)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.get_by_role("button", name="Generate").first.click()


def _press_plain(page: Page, prompt: str) -> None:
    page.get_by_label("Prompt", exact=True).fill(prompt)
    page.get_by_role("button", name="Generate").click()


def _press_gradio(page: Page, prompt: str) -> None:
    page.get_by_label("Prompt", exact=True).fill(prompt)
    page.get_by_role("button", name="Generate").click()


def measure_press(stand: Stand) -> Iterator[Line]:
    gateway = stand.gateway(seconds=600)
    app, plain = stand.app(gateway), stand.plain(gateway)
    ours = _press_often(stand, gateway, f"{app.url}/{FAMILY}?mode=text", "{prompt}")
    other = _press_often(stand, gateway, plain.url, "Task t")
    yield Line("press to the request at the gateway", "s", ours[0], {"plain Streamlit": other[0]}, "at most 0.05 s")
    yield Line("press to the card on screen", "s", ours[1], {"plain Streamlit": other[1]}, "at most 0.2 s")


def _press_often(stand: Stand, gateway: Server, url: str, seen: str) -> tuple[list[float], list[float]]:
    requests, cards = [], []
    for number in range(PRESSES):
        prompt = f"Pebble {number}{time.monotonic_ns() % 100_000}"
        page = stand.page()
        page.goto(url)
        page.get_by_label("Prompt", exact=True).first.fill(prompt)
        page.get_by_label("Prompt", exact=True).first.blur()
        page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        page.wait_for_timeout(700)  # the prompt is on the server
        button = page.get_by_role("button", name="Generate").first
        before = len(read_log(gateway))
        began, shown = button.evaluate(PRESS, seen.format(prompt=prompt))
        deadline = time.monotonic() + 20
        while len(read_log(gateway)) == before and time.monotonic() < deadline:
            time.sleep(0.01)
        if shown is None:
            raise CannotRun("a press showed nothing within 15 s")
        requests.append(read_log(gateway)[-1]["arrived"] - began)
        cards.append(shown - began)
        page.context.close()
    return requests, cards
