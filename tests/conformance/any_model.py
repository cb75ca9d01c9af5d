"""Runs of the family for any model at any gateway, through the real worker over a store of its own."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dailies.domain import Draft, Run
from dailies.keyring import Keyring
from dailies.media.references import read
from dailies.request import draft, wire
from dailies.settings import Settings
from dailies.store import Store
from dailies.vocabulary import Body, Mode
from dailies.work.life import create_run
from dailies.work.worker import Worker
from tests.unit.golden import catalog

FAMILY = "other"
WITHIN = 300.0
"""Seconds for one run, on a machine of any speed."""
HASTE = 20
"""How much faster than the real time the worker's clock runs: its pauses between two looks at a task are seconds."""
VALUES = {"seconds": 4, "size": "1280x720"}
PROMPT = "A paper boat drifts down a rain gutter"


class AnyModel:
    """One gateway and its key. `close` it, or use it in a `with`."""

    def __init__(self, gateway: str, key: str, home: Path, folder: Path) -> None:
        """`folder` holds `picture.png`, of 1280x720."""
        settings = Settings(home, base_url=gateway, api_key=key)
        self.gateway, self.store = gateway, Store(home)
        self.picture = read("picture.png", (folder / "picture.png").read_bytes())
        self.store.files.keep(self.picture.data)
        self.worker = Worker(self.store, settings, Keyring(settings.operators_keys()), clock=Hurry())
        self._changed = threading.Event()
        self._unsubscribe = self.worker.feed.subscribe(lambda *_: self._changed.set())
        self.worker.start()

    def __enter__(self) -> AnyModel:
        return self

    def __exit__(self, *error: object) -> None:
        self._unsubscribe()
        self.worker.stop()
        self.store.close()

    def run(self, model: str, mode: Mode, body: Body, prompt: str = PROMPT) -> Run:
        """Send a request and return its run at the end; `body` chooses the entry point."""
        family = catalog().families[FAMILY]
        cells = (family.cell(model, mode, entry.id) for entry in family.entries)
        cell = next(cell for cell in cells if cell is not None and cell.body is body)
        references = {"first_frame": (self.picture.reference,)} if mode is Mode.FIRST_FRAME else {}
        checked = draft.check(Draft(prompt, VALUES, references), cell)
        assert checked.request is not None, checked.problems
        call = wire.encode(checked.request, cell)
        run = create_run(checked.request, call, cell.route, self.gateway, datetime.now(UTC))
        self.worker.submit(run)
        return self._end(run.id)

    def _end(self, run_id: str) -> Run:
        deadline = time.monotonic() + WITHIN
        while time.monotonic() < deadline:
            self._changed.clear()
            run = self.store.runs.get(run_id)
            assert run is not None
            if not run.state.open:
                return run
            self._changed.wait(timeout=5)
        raise AssertionError(f"{run_id} did not end within {WITHIN} s")


class Hurry:
    """The time, at `HASTE` times its speed."""

    def __init__(self) -> None:
        self.began, self.now = time.monotonic(), datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now + timedelta(seconds=(time.monotonic() - self.began) * HASTE)
