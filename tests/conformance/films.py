"""Finished runs of cells: the real worker sends each once, the sandbox renders it."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from dailies.domain import Cell, Run
from dailies.gateways import SANDBOX
from dailies.keyring import Keyring
from dailies.request import draft, wire
from dailies.settings import Settings
from dailies.store import Store
from dailies.vocabulary import Mode, RunState
from dailies.work.life import create_run
from dailies.work.worker import Worker
from tests.conformance.drafts import Samples, quick_draft
from tests.thorough import covering
from tests.unit.golden import name_of, open_cells

AHEAD = 4
"""How many cells are sent at once: the sandbox renders while the client polls and downloads."""

WITHIN = 300.0
"""Seconds before a wait for one film fails: long enough for a busy machine."""


def filmed_cells(*, every: bool) -> list[Cell]:
    """Return the cells to render: all open ones, or those that show each entry point, and each way to ask for a clip.

    A way is a mode, a body and a route. The create of every cell is sent anyhow.
    """
    if every:
        return open_cells()
    return covering(
        open_cells(),
        lambda cell: (cell.family, cell.entry.id),
        lambda cell: (cell.mode, cell.body, cell.route),
    )


class Films:
    """Runs by cell. `cells` are in the order in which tests need them."""

    def __init__(self, sandbox: str, home: Path, folder: Path, media_url: str, cells: Sequence[Cell]) -> None:
        settings = Settings(home, sandbox_url=sandbox)
        self.store = Store(home)
        self.worker = Worker(self.store, settings, Keyring(settings.operators_keys()))
        self.samples = Samples(folder, media_url, self.store.files.keep)
        self._cells = list(cells)
        self._runs: dict[str, str] = {}
        self._changed = threading.Event()
        self._unsubscribe = self.worker.feed.subscribe(lambda *_: self._changed.set())
        self.worker.start()

    def close(self) -> None:
        self._unsubscribe()
        self.worker.stop()
        self.store.close()

    def run(self, cell: Cell) -> Run:
        """Return the finished run of a cell, and send the next few cells meanwhile."""
        self._send(cell)
        names = [name_of(each) for each in self._cells]
        if name_of(cell) in names:
            here = names.index(name_of(cell))
            for following in self._cells[here + 1 : here + AHEAD]:
                if not following.continues:
                    self._send(following)
        return self._ended(self._runs[name_of(cell)])

    def task_before(self, cell: Cell) -> str:
        """Return the task of a finished clip that this cell can continue."""
        before = (
            each
            for each in open_cells()
            if each.family == cell.family and each.entry.id in cell.entry.after and each.mode is Mode.TEXT
        )
        parent = self.run(next(before))
        assert parent.state is RunState.DONE, parent.failure
        return parent.task

    def _send(self, cell: Cell) -> None:
        if name_of(cell) in self._runs:
            return
        source = self.task_before(cell) if cell.continues else ""
        checked = draft.check(replace(quick_draft(cell, self.samples), source=source), cell)
        assert checked.request is not None, f"{name_of(cell)}: {checked.problems}"
        call = wire.encode(checked.request, cell)
        run = create_run(checked.request, call, cell.route, SANDBOX, datetime.now(UTC))
        self._runs[name_of(cell)] = run.id
        self.worker.submit(run)

    def _ended(self, run_id: str) -> Run:
        deadline = time.monotonic() + WITHIN
        while time.monotonic() < deadline:
            self._changed.clear()
            run = self.store.runs.get(run_id)
            assert run is not None
            if not run.state.open:
                return run
            self._changed.wait(timeout=5)
        raise AssertionError(f"{run_id} did not end within {WITHIN} s")
