"""Every cell of the catalog through our own client and the real sandbox over HTTP, down to the measured file."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import av
import pytest
from PIL import Image, ImageDraw

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
from dailies.vocabulary import MediaKind, RunState, SendAs, Value
from dailies.worker import Worker
from tests.conformance.conftest import sandbox_process
from tests.unit.golden import catalog, minimal_draft, name_of, open_cells

WITHIN = 400.0  # seconds for all of them together


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with sandbox_process(tmp_path_factory.mktemp("sandbox"), 0.1, "--frame-rate", "6") as url:
        yield url


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a picture, a video of 4 s and a sound of 4 s."""
    folder = tmp_path_factory.mktemp("media")
    picture = Image.new("RGB", (1280, 720), (60, 120, 170))
    ImageDraw.Draw(picture).rectangle((300, 200, 900, 500), fill=(230, 180, 60))
    picture.save(folder / "picture.png")
    _write_video(folder / "video.mp4", picture)
    _write_sound(folder / "sound.mp3")
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
def ended(
    sandbox: str, files: Path, media_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Run]]:
    """Every cell's run, brought to its end by the worker."""
    settings = Settings(tmp_path_factory.mktemp("home"), sandbox_url=sandbox)
    store = Store(settings.home)
    worker = Worker(store, settings, Keyring(settings))
    runs: dict[str, str] = {}
    for cell in open_cells():
        checked = draft.check(_asked(cell, store, files, media_url), cell)
        assert checked.request is not None, f"{name_of(cell)}: {checked.problems}"
        call = wire.encode(checked.request, cell)
        run = new_run(checked.request, call, cell.route, SANDBOX, datetime.now(UTC))
        runs[name_of(cell)] = run.id
        store.add(run)
    changed = threading.Event()
    unsubscribe = worker.feed.subscribe(lambda _: changed.set())
    worker.start()
    deadline = datetime.now(UTC).timestamp() + WITHIN
    open_states = tuple(state for state in RunState if state.open)
    while store.count(states=open_states) and datetime.now(UTC).timestamp() < deadline:
        changed.wait(timeout=5)
        changed.clear()
    unsubscribe()
    worker.stop()
    yield {name: found for name, run_id in runs.items() if (found := store.get(run_id))}
    store.close()


@pytest.mark.parametrize("cell", open_cells(), ids=name_of)
def test_a_clip_comes_back_as_asked(cell: Cell, ended: Mapping[str, Run]) -> None:
    run = ended[name_of(cell)]
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


def _write_video(path: Path, picture: Image.Image) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        frame = av.VideoFrame.from_image(picture)
        for number in range(96):
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _write_sound(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libmp3lame", rate=44100)
        stream.layout = "mono"
        frame = av.AudioFrame(format="s16p", layout="mono", samples=1152)
        frame.sample_rate = 44100
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        for number in range(4 * 44100 // 1152):
            frame.pts = number * 1152
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
