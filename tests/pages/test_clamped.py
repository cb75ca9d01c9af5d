"""What the gateway clamps is measured, found, exported and seen at Home; accepted, it leaves the form, as a patch."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import time
import zipfile
from pathlib import Path

import pytest

from dailies.archive.pack import stream_runs
from dailies.catalog.load import FOLDER, load
from dailies.catalog.overlay import write_patch
from dailies.domain import Request, Run
from dailies.library import View
from dailies.request import wire
from dailies.services import Services
from dailies.vocabulary import Mode, RunState
from dailies.work.life import create_run
from tests.pages.conftest import TIMEOUT, Open, press, texts
from tests.pages.test_library_page import tiles


def wait_for_clip(services: Services, run: Run) -> Run:
    deadline = time.monotonic() + TIMEOUT
    while (found := services.store.runs.get(run.id)) and found.state.open:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def test_a_clamped_length_is_noticed_everywhere_and_can_be_accepted(
    open_page: Open, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = (cell for cell in load().cells() if cell.mode is Mode.TEXT and cell.entry.id == "openai")
    cell = next(cell for cell in cells if (found := cell.parameter("seconds")) and len(found.choices) > 1)
    value = cell.parameter("seconds").choices[0]
    request = Request(cell.family, cell.entry.id, cell.model.id, Mode.TEXT, "A kite #clamp", {"seconds": value}, {}, {})
    call, now = wire.encode(request, cell), services.now()
    made = [create_run(request, call, cell.route, "sandbox", now) for _ in range(3)]
    sent = services.send(made)
    done = [wait_for_clip(services, run) for run in sent]
    assert {run.state for run in done} == {RunState.DONE}

    assert all("length" in tile["differs"] for tile in tiles(open_page("library", delivered="length")))  # card, filter
    assert services.store.library.find("", View(delivered="length"), limit=9).total == 3
    data = b"".join(stream_runs(services.store.moving.read_runs(), services.store.files, ""))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        records = [json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")]
    assert all(record["differs"][0].startswith(f"Asked {value} s, got") for record in records)
    (matrix,) = [p.proto for p in open_page("home").get("bidi_component") if p.proto.component_name == "dailies_matrix"]
    row = next(row for row in json.loads(matrix.json)["rows"] if row["family"] == cell.family)
    seen = row["cells"][0]["seen"]
    assert (seen["mark"], seen["disputed"]) == ("✓ 3", "disputed")
    assert seen["about"].startswith("Seen here: 3 runs, 0 failed.")

    monkeypatch.setenv("DAILIES_CATALOG", str(tmp_path / "own"))
    page = open_page("seen")
    page.session_state[f"seen/0/{cell.model.id}/{cell.mode}"] = True
    press(page.run(), f"Offer Duration {value} no more")
    left = load().families[cell.family].cell(cell.model.id, cell.mode, cell.entry.id).parameter("seconds")
    assert value not in left.choices
    form = open_page(cell.family, model=cell.model.id, mode="text")
    assert "Seen here: 3 runs only" in texts(form)
    shutil.copytree(FOLDER, tmp_path / "catalog")
    patch = write_patch(FOLDER, tmp_path / "own")
    subprocess.run(["patch", "-p1"], input=patch, text=True, cwd=tmp_path, check=True, capture_output=True)
    changed = load(tmp_path / "catalog").families[cell.family].cell(cell.model.id, cell.mode, cell.entry.id)
    assert changed.parameter("seconds").choices == left.choices
    monkeypatch.undo()
    load.cache_clear()
    for run in done:
        services.store.runs.delete(run.id)
