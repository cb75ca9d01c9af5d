"""Every cell of the catalog with our client and the real sandbox over HTTP.

Each cell's create is sent and its task polled. One cell of each entry point, and of each mode with each body and route,
is rendered and measured; with `--all` every cell is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dailies.domain import Cell, Clip, Draft, Run
from dailies.gateways import SANDBOX
from dailies.media.delivered import delivered
from dailies.request import draft, wire
from dailies.steps import Accepted, Poll, Polled, Send, Started
from dailies.vocabulary import RunState, TaskState
from dailies.work import life
from tests.conformance.drafts import quick_draft
from tests.conformance.films import Films, filmed_cells
from tests.thorough import speaking_of
from tests.unit.golden import catalog, name_of, open_cells

NOWHERE = Path("/nowhere/clip")
"""No answer of a create is a clip here."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "filmed" in metafunc.fixturenames:
        cells = filmed_cells(every=metafunc.config.getoption("--all"))
        metafunc.parametrize("filmed", cells, ids=name_of)


@pytest.fixture(scope="session")
def films(
    sandbox: str, files: Path, media_url: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Films]:
    cells = filmed_cells(every=request.config.getoption("--all"))
    opened = Films(sandbox, tmp_path_factory.mktemp("home"), files, media_url, cells)
    yield opened
    opened.close()


@pytest.mark.parametrize(("family", "entry"), sorted({(cell.family, cell.entry.id) for cell in open_cells()}))
def test_the_creates_are_accepted_and_their_tasks_are_found(family: str, entry: str, films: Films) -> None:
    for cell in open_cells():
        if (cell.family, cell.entry.id) == (family, entry):
            with speaking_of(name_of(cell)):
                assert_accepted(cell, films)


def assert_accepted(cell: Cell, films: Films) -> None:
    now = datetime.now(UTC)
    source = films.task_before(cell) if cell.continues else ""
    # Staged to fail, so that no film is rendered for it.
    checked = draft.check(replace(quick_draft(cell, films.samples, "#fail"), source=source), cell)
    assert checked.request is not None, checked.problems
    run = life.create_run(checked.request, wire.encode(checked.request, cell), cell.route, SANDBOX, now)
    sending = life.apply(run, Started(), now, 0)
    client = films.worker.client(SANDBOX)
    accepted = client.perform(sending, Send(), NOWHERE)
    assert isinstance(accepted, Accepted), accepted
    assert accepted.progress.task
    assert accepted.progress.state in (TaskState.QUEUED, TaskState.RUNNING)
    assert accepted.progress.ask_again is not None
    found = client.perform(life.apply(sending, accepted, now, 0), Poll(), NOWHERE)
    assert isinstance(found, Polled), found
    assert found.progress.state is TaskState.FAILED
    assert "failed upstream" in found.progress.reason


def test_a_clip_comes_back_as_asked(filmed: Cell, films: Films) -> None:
    run = films.run(filmed)
    assert run.state is RunState.DONE, run.failure
    assert run.clip is not None
    assert delivered(run, run.clip).differences == ()
    _assert_length(run, run.clip)
    _assert_size(filmed, run, run.clip)


@pytest.mark.parametrize("cell", [cell for cell in catalog().cells() if cell.refused], ids=name_of)
def test_a_refused_cell_is_not_sent(cell: Cell) -> None:
    checked = draft.check(Draft("A boat"), cell)
    assert checked.request is None
    assert cell.refused.removesuffix(".") in [problem.what for problem in checked.problems]


def _assert_length(run: Run, clip: Clip) -> None:
    asked = run.request.values.get("seconds")
    if asked is not None:
        assert abs(clip.seconds - float(asked)) <= 0.2


def _assert_size(cell: Cell, run: Run, clip: Clip) -> None:
    resolution = cell.parameter("resolution")
    baked = str(resolution.fixed or "") if resolution else ""
    if "*" in baked:
        assert sorted((clip.width, clip.height)) == sorted(int(side) for side in baked.split("*"))
    asked = str(run.request.values.get("resolution", ""))
    if asked[:-1].isdecimal():
        assert min(clip.width, clip.height) == int(asked[:-1])
    if "audio" in run.request.values:
        assert bool(clip.audio_codec) == (run.request.values["audio"] == "on")
