"""`python -m bench.memory`: what the server's memory does while ten browsers play the same eight clips of 20 MB."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np
from playwright.sync_api import Page, sync_playwright

from dailies.compare.nouns import Comparison, Lane
from dailies.media import clips
from dailies.store import Store
from tests.browser.chromium import ARGUMENTS, executable
from tests.browser.conftest import free_port, start_app

BROWSERS, CLIPS, SIZE = 10, 8, 20_000_000
SECONDS, RATE = 4, 24

PLAYED = """(count) => {
  const deep = (root) => [...root.querySelectorAll("*")].flatMap((e) =>
    [...(e.tagName === "VIDEO" ? [e] : []), ...(e.shadowRoot ? deep(e.shadowRoot) : [])])
  const clips = deep(document)
  return clips.length === count && clips.every((clip) => clip.currentTime > 0)
}"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder) / "home"
        comparison = _comparison(home)
        app = start_app(home, free_port())
        browser = playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
        try:
            pages: list[Page] = []
            for number in range(BROWSERS):
                page = browser.new_context(viewport={"width": 1000, "height": 800}).new_page()
                page.goto(f"{app.url}/compare?c={comparison}")
                page.locator("video").nth(CLIPS - 1).wait_for(state="attached", timeout=60_000)
                pages.append(page)
                if number == 0:
                    first = _resident(app.process.pid)
            opened = peak = _resident(app.process.pid)
            for page in pages:
                page.get_by_role("button", name="Play (Space)").click()
            for page in pages:
                page.wait_for_function(PLAYED, arg=CLIPS, timeout=300_000)
                peak = max(peak, _resident(app.process.pid))
            print(f"server memory, {BROWSERS} browsers with {CLIPS} clips of {SIZE / 1e6:.0f} MB:")
            print(f"  {first:.0f} MB with one page open, {opened:.0f} MB with all open,")
            print(f"  {peak:.0f} MB at most while all play: playing adds {peak - opened:.1f} MB")
        finally:
            browser.close()
            app.kill()


def _comparison(home: Path) -> str:
    """A comparison of clips made elsewhere, kept in a store; its id."""
    store = Store(home)
    noise = home / "noise.mp4"
    write_noise(noise)
    lanes = []
    for number in range(CLIPS):
        part = store.files.clips / f".{number}.part"
        shutil.copy(noise, part)
        lanes.append(Lane(secrets.token_hex(4), title=f"Noise {number}", clip=clips.take_in(part, store.files.clips)))
    now = datetime.now(UTC)
    kept = store.comparisons.add(Comparison(secrets.token_hex(16), "", now, now, title="Noise", lanes=tuple(lanes)))
    store.close()
    return kept.id


def write_noise(path: Path) -> None:
    """A clip that cannot be made small, filled up to `SIZE` bytes with a box that players skip."""
    chance = np.random.default_rng(1)
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "crf": "18"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number in range(SECONDS * RATE):
            picture = chance.integers(0, 255, (360, 640, 3), dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    rest = SIZE - path.stat().st_size
    if rest > 8:
        with path.open("ab") as file:
            file.write(rest.to_bytes(4) + b"free" + bytes(rest - 8))


def _resident(pid: int) -> float:
    """The resident memory of a process, in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1000


if __name__ == "__main__":
    main()
