"""Every cell of the catalog through our own client and the real sandbox over HTTP, down to the measured file."""

from __future__ import annotations

import functools
import http.server
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dailies import draft, media, wire
from dailies.domain import (
    Cell,
    Clip,
    Draft,
    Parameter,
    Reference,
    Run,
    Slot,
)
from dailies.facts import delivered
from dailies.runs import new_run
from dailies.settings import SANDBOX, Keyring, Settings
from dailies.store import Store
from dailies.vocabulary import MediaKind, Mode, RunState, SendAs, Value
from dailies.worker import Worker
from tests.conformance.conftest import sandbox_process
from tests.conformance.samples import write_picture, write_sound, write_video
from tests.unit.golden import catalog, minimal_draft, name_of, open_cells

AT_ONCE = 8
WITHIN = 480.0  # seconds for all of them together


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with sandbox_process(tmp_path_factory.mktemp("sandbox"), 0.1, "--frame-rate", "2") as url:
        yield url


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a picture, a video of 4 s and a sound of 4 s."""
    folder = tmp_path_factory.mktemp("media")
    write_picture(folder / "picture.png")
    write_video(folder / "video.mp4")
    write_sound(folder / "sound.mp3")
    return folder


@pytest.fixture(scope="module")
def media_url(files: Path) -> Iterator[str]:
    handler = functools.partial(_Quiet, directory=str(files))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def outcomes(
    sandbox: str, files: Path, media_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Run]]:
    """Every cell's run, brought to its end by the worker."""
    settings = Settings(tmp_path_factory.mktemp("home"), sandbox_url=sandbox)
    store = Store(settings.home)
    worker = Worker(store, settings, Keyring(settings))
    changed = threading.Event()
    unsubscribe = worker.feed.subscribe(lambda _: changed.set())
    worker.start()
    runs: dict[str, str] = {}

    def send(cell: Cell, source: str) -> None:
        asked = replace(_asked(cell, store, files, media_url), source=source)
        checked = draft.check(asked, cell)
        assert checked.request is not None, f"{name_of(cell)}: {checked.problems}"
        call = wire.encode(checked.request, cell)
        run = new_run(checked.request, call, cell.route, SANDBOX, datetime.now(UTC))
        runs[name_of(cell)] = run.id
        worker.submit(run)

    deadline = time.monotonic() + WITHIN
    open_states = tuple(state for state in RunState if state.open)

    def wait(at_most: int) -> None:
        """Until no more than so many runs are under way: a crowd would spend the machine on asking."""
        while store.count(states=open_states) > at_most and time.monotonic() < deadline:
            changed.wait(timeout=5)
            changed.clear()

    def ended() -> dict[str, Run]:
        wait(0)
        return {name: found for name, run_id in runs.items() if (found := store.get(run_id))}

    for cell in (cell for cell in open_cells() if not cell.continues):
        wait(AT_ONCE)
        send(cell, "")
    done = ended()
    for cell in (cell for cell in open_cells() if cell.continues):
        wait(AT_ONCE)
        send(cell, _task_before(cell, done))
    yield ended()
    unsubscribe()
    worker.stop()
    store.close()


def _task_before(cell: Cell, done: Mapping[str, Run]) -> str:
    """The task of a finished run that this cell can go on from."""
    before = (
        run for run in done.values() if run.request.family == cell.family and run.request.entry in cell.entry.after
    )
    return next(run.task for run in before if run.state is RunState.DONE and run.request.mode is Mode.TEXT)


@pytest.mark.parametrize("cell", open_cells(), ids=name_of)
def test_a_clip_comes_back_as_asked(cell: Cell, outcomes: Mapping[str, Run]) -> None:
    run = outcomes[name_of(cell)]
    assert run.state is RunState.DONE, run.failure
    assert run.clip is not None
    assert delivered(run, run.clip).differences == ()
    _assert_length(run, run.clip)
    _assert_size(cell, run, run.clip)


@pytest.mark.parametrize("cell", [cell for cell in catalog().cells() if cell.refused], ids=name_of)
def test_what_cannot_be_said_is_not_sent(cell: Cell) -> None:
    checked = draft.check(Draft("A boat"), cell)
    assert checked.request is None
    assert cell.refused in [problem.what for problem in checked.problems]


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


# --- drafts with real media --------------------------------------------------------------------------------------


def _asked(cell: Cell, store: Store, files: Path, media_url: str) -> Draft:
    sample = minimal_draft(cell)
    values = {p.id: value for p in cell.parameters if (value := _small(p)) is not None}
    values = _inside_rules(cell, dict(sample.values) | values)
    references = {
        slot_id: tuple(_real(cell.slot(slot_id), reference, store, files, media_url) for reference in held)
        for slot_id, held in sample.references.items()
    }
    return Draft(f"{sample.prompt} ({cell.model.id}, {cell.mode})", values, references)


def _small(parameter: Parameter) -> Value | None:
    """The quickest valid value to render of what a viewer can measure; other parameters stay unset."""
    if parameter.fixed is not None:
        return None
    if parameter.id == "seconds":
        return min(v for v in (*parameter.choices, parameter.minimum, parameter.default) if isinstance(v, int))
    if parameter.id == "resolution":
        return min(parameter.choices, key=lambda choice: int(str(choice)[:-1]))
    if parameter.id == "aspect_ratio":
        return "16:9" if "16:9" in parameter.choices else parameter.choices[0]
    if parameter.id == "audio":
        return "on"
    return None


def _inside_rules(cell: Cell, values: dict[str, Value]) -> dict[str, Value]:
    for rule in cell.rules:
        holds = all(values.get(name) in wanted for name, wanted in rule.when.items())
        if rule.when and holds:
            values |= {name: allowed[0] for name, allowed in rule.then.items() if name in values}
    return values


def _real(slot: Slot | None, sample: Reference, store: Store, files: Path, media_url: str) -> Reference:
    assert slot is not None
    name = {MediaKind.IMAGE: "picture.png", MediaKind.VIDEO: "video.mp4", MediaKind.AUDIO: "sound.mp3"}[slot.kind]
    if slot.forms[0].send_as is SendAs.URL:
        return replace(sample, url=f"{media_url}/{name}")
    item = media.read(name, (files / name).read_bytes())
    store.keep(item.data)
    return item.reference
