"""What the rows of `make bench` are measured with: the app, bare pages, peers, a gateway, a browser, and clocks.

Everything that is started here ends with the row. Processes are watched through /proc.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, executable
from tests.browser.conftest import App, free_port, start_app

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "build" / "peers" / "bin" / "python"
"""The environment of the peers, which `make bench` makes."""

_HTTP = httpx.Client(timeout=30)  # one for all: to make one reads the machine's certificates, which takes 30 ms of CPU

PATIENCE = 60_000
"""Milliseconds after which a wait in the browser fails."""

# Notes when the first frame of each video is on screen, in seconds since 1970, with the address of its clip.
WATCH = """
window.firstFrames = []
new MutationObserver(() => {
  for (const video of document.querySelectorAll("video")) {
    if (video.dataset.watched) continue
    video.dataset.watched = "1"
    video.requestVideoFrameCallback(() => {
      window.firstFrames.push([video.currentSrc, (performance.timeOrigin + performance.now()) / 1000])
    })
  }
}).observe(document, { childList: true, subtree: true })
"""

# Counts the runs of Streamlit's script that have ended: the server then sends two bytes, a status that says nothing.
COUNT_RUNS = """
window.runs = 0
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given)
    this.addEventListener("message", ({ data }) => { if (data.byteLength === 2) window.runs += 1 })
  }
}
"""


@dataclass
class Server:
    """A process that answers at an address."""

    url: str
    process: subprocess.Popen[bytes]


class Stand:
    """One row's own processes and files; closed at its end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rest = ExitStack()
        self._browser: Browser | None = None

    def close(self) -> None:
        self.rest.close()

    @property
    def browser(self) -> Browser:
        if self._browser is None:
            playwright = self.rest.enter_context(sync_playwright())
            self._browser = playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
            self.rest.callback(self._browser.close)
        return self._browser

    def context(self) -> BrowserContext:
        context = self.browser.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=True)
        context.set_default_timeout(PATIENCE)
        context.add_init_script(WATCH)
        context.add_init_script(COUNT_RUNS)
        return context

    def page(self) -> Page:
        return self.context().new_page()

    def app(self, gateway: Server | None = None, home: Path | None = None, **environ: str) -> App:
        """Start dailies, on the sandbox or on a gateway of `bench.gateway`."""
        if gateway is not None:
            environ |= {"DAILIES_BASE_URL": gateway.url, "DAILIES_API_KEY": "sk-bench-0123456789"}
        app = start_app(home or self.folder / "home", free_port(), **environ)
        self.rest.callback(app.kill)
        return app

    def gateway(self, *, seconds: float = 2.0, delay: float = 0.0) -> Server:
        """Start a gateway whose tasks take `seconds`, and whose creates are answered after `delay`."""
        port = free_port()
        command = [sys.executable, "-m", "bench.gateway", str(port), str(seconds), str(delay)]
        return self.start(command, f"http://127.0.0.1:{port}", "/log")

    def bare(self, name: str, **environ: str) -> Server:
        """Start a page of bare Streamlit: a script in this folder."""
        port = free_port()
        command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "bench" / name), "--server.port", str(port)]
        command += ["--server.headless", "true", "--server.address", "127.0.0.1"]
        return self.start(command, f"http://127.0.0.1:{port}", "/_stcore/health", environ)

    def gradio(self, gateway: Server) -> Server:
        """Start the Gradio peer in its own environment."""
        port = free_port()
        own = {"GRADIO_ANALYTICS_ENABLED": "False", "GATEWAY": gateway.url, "GRADIO_SERVER_PORT": str(port)}
        command = [str(PEERS), str(ROOT / "bench" / "peers" / "gradio_app.py")]
        return self.start(command, f"http://127.0.0.1:{port}", "/", own)

    def plain(self, gateway: Server) -> Server:
        """Start the plain Streamlit peer."""
        return self.bare("peers/plain.py", GATEWAY=gateway.url)

    def start(self, command: Sequence[str], url: str, path: str, environ: Mapping[str, str] | None = None) -> Server:
        """Start a process and wait until it answers at `path`."""
        variables = {name: value for name, value in os.environ.items() if not name.startswith("DAILIES_")}
        process = subprocess.Popen(
            command, cwd=ROOT, env=variables | dict(environ or {}), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.rest.callback(_end, process)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise RuntimeError(f"{Path(command[-1]).name} ended with {process.returncode} before it answered")
            try:
                if httpx.get(url + path, timeout=5).status_code == 200:
                    return Server(url, process)
            except httpx.HTTPError:
                time.sleep(0.02)
        raise RuntimeError(f"{Path(command[-1]).name} did not answer within a minute")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def cpu_seconds(pid: int) -> float:
    """The user and system time of a process and of its children under way."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = 0.0
    for each in (pid, *children(pid)):
        fields = Path(f"/proc/{each}/stat").read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / ticks
    return total


def children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text(encoding="ascii").split()]
    return found


def resident(pid: int) -> float:
    """The resident memory of a process, in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1000


def read_log(gateway: Server) -> list[dict[str, Any]]:
    """What a gateway of `bench.gateway` saw: a record of each task with its moments, in seconds since 1970."""
    told: list[dict[str, Any]] = _HTTP.get(f"{gateway.url}/log").json()
    return told


def count_tasks(gateway: Server) -> int:
    """How many tasks a gateway of `bench.gateway` has."""
    return int(_HTTP.get(f"{gateway.url}/count").text)
