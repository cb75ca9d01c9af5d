"""`python -m bench.player`: how closely eight different clips keep to one clock, in a real Chromium.

For every rule of unequal lengths, with and without a heard clip: 30 seconds with loops and three scrubs. The spread is
the distance between the clip that is furthest ahead and the one furthest behind, each measured against its own place.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import ARGUMENTS, executable
from tests.browser.player.films import COLOURS, clip_spec, served, spec_of, write_clip, write_page

SECONDS = 30
ROUNDS = 3
CALM = 300
"""Milliseconds after a start, seek or loop in which the clips may still come together."""
FRAME = 1000 / 24
APART = 1500
"""Milliseconds after which a spread is no longer a matter of the last change; it still counts among the calm ones."""

CLIPS = (  # frames a second, seconds, size, sound
    (12, 6.0, (640, 360), True),
    (15, 4.0, (640, 360), False),
    (24, 5.0, (1280, 720), True),
    (25, 10.0, (640, 360), False),
    (30, 8.0, (640, 360), True),
    (50, 3.0, (640, 360), False),
    (60, 7.0, (640, 360), False),
    (24, 8.0, (1280, 720), True),
)

# One sample per drawn frame: the time, whether all wait for each other, and how far each moving clip is ahead in ms.
WATCH = """
window.samples = []
const look = () => {
  const ahead = player.probe().filter((one) => one.moving).map((one) => [one.id, one.drift * 1000])
  samples.push([performance.now(), player.settled(), ahead])
  requestAnimationFrame(look)
}
requestAnimationFrame(look)
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """In milliseconds: the spread where all is calm, how long it stays above a frame after a change, and the waits."""

    middle: float
    p99: float
    together: float
    waited: float
    samples: int


def figures(samples: list[tuple[float, bool, list[tuple[str, float]]]]) -> Figures:
    """What the samples of one round say. A change is the end of a common wait, or a clip that begins anew by itself."""
    calm: list[float] = []
    together: list[float] = []
    waits: list[float] = []
    changed, waiting, before = samples[0][0], samples[0][0], set[str]()
    for time, settled, ahead in samples:
        if not settled:
            waiting = waiting or time
            before = set()
            continue
        if waiting:
            waits.append(time - waiting)
            changed, waiting = time, 0.0
            together.append(0.0)
        moving = {clip for clip, _ in ahead}
        if moving - before:
            changed = time
            together.append(0.0)
        before = moving
        if len(ahead) < 2:
            continue
        spread = max(drift for _, drift in ahead) - min(drift for _, drift in ahead)
        if spread > FRAME and time - changed < APART:
            together[-1] = time - changed
        if time - changed > CALM:
            calm.append(spread)
    return Figures(median(calm), quantiles(calm, n=100)[98], max(together), max(waits, default=0.0), len(calm))


def measure(browser: Browser, url: str) -> Figures:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(url)
    page.locator(".stage").click()
    page.keyboard.press("Space")
    page.wait_for_function("player.settled() && player.now() > 0.5", timeout=60_000)
    page.evaluate(WATCH)
    for part in (0.15, 0.7, 0.4):
        page.wait_for_timeout(SECONDS * 250)
        page.evaluate("(part) => { player.seek(part * Number(document.querySelector('.line input').max)) }", part)
    page.wait_for_timeout(SECONDS * 250)
    found = figures(page.evaluate("samples"))
    context.close()
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright, served(Path(name)) as url:
        folder, clips = Path(name), []
        for index, (rate, seconds, size, sound) in enumerate(CLIPS):
            path = folder / f"clip{index}.mp4"
            write_clip(path, seconds=seconds, rate=rate, size=size, sound=sound, colour=COLOURS[index % len(COLOURS)])
            clips.append(clip_spec(path, "ABCDEFGH"[index], f"{rate} frames a second"))
        browser = playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
        print("spread in ms: median and 99th percentile when calm; longest above a frame after a change; longest wait")
        for rule in ("hold", "loop", "stretch"):
            for heard in ("", clips[0]["id"]):
                write_page(folder, spec_of(clips, unequal=rule, heard=heard), "sync.html")
                rounds = sorted((measure(browser, f"{url}/sync.html") for _ in range(ROUNDS)), key=lambda one: one.p99)
                for word, one in (("median", rounds[len(rounds) // 2]), ("best", rounds[0])):
                    print(
                        f"{rule:8}{'heard' if heard else 'silent':7}{word:7} {one.middle:6.2f} {one.p99:6.2f} "
                        f"{one.together:6.0f} {one.waited:6.0f}  ({one.samples} samples)",
                        flush=True,
                    )
        browser.close()


if __name__ == "__main__":
    main()
