"""What a gateway makes of a documented range is disputed at Home and in the form; accepted, it leaves the form."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dailies.catalog.load import FOLDER, load
from dailies.catalog.overlay import write_patch
from dailies.domain import Clip, Request
from dailies.request import wire
from dailies.services import Services
from dailies.vocabulary import Mode, RunState
from dailies.work.life import create_run
from tests.pages.conftest import Open, press, texts

CLIP = Clip("c.mp4", "c.jpg", 9, 6.0, 1280, 720, 24.0, "h264", "")
CELL = next(
    cell
    for cell in load().cells()
    if (cell.mode, cell.entry.id) == (Mode.TEXT, "openai")
    and (found := cell.parameter("seconds"))
    and (found.minimum or 9) < 6 < (found.maximum or 0)
)


def test_the_limit_of_a_range_is_seen_disputed_and_accepted(
    open_page: Open, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = services.now()
    for number, asked in enumerate((10, 10, 11)):
        request = Request(CELL.family, CELL.entry.id, CELL.model.id, Mode.TEXT, "A kite", {"seconds": asked}, {}, {})
        run = create_run(request, wire.encode(request, CELL), CELL.route, "sandbox", now + timedelta(seconds=number))
        ended = {"state": RunState.DONE, "due": None, "sent": now, "finished": now, "clip": CLIP}
        services.store.runs.add(replace(run, **ended))

    (matrix,) = [p.proto for p in open_page("home").get("bidi_component") if p.proto.component_name == "dailies_matrix"]
    row = next(row for row in json.loads(matrix.json)["rows"] if row["family"] == CELL.family)
    seen = next(each["seen"] for each in row["cells"] if each["seen"])
    assert (seen["mark"], seen["disputed"]) == ("✓ 3", "disputed")
    assert "Duration above 6 s is documented; delivered as 6 s 3 times here." in seen["about"]

    monkeypatch.setenv("DAILIES_CATALOG", str(tmp_path / "own"))
    page = open_page("seen")
    page.session_state[f"seen/0/{CELL.model.id}/{CELL.mode}"] = True
    press(page.run(), "Offer no Duration above 6 s")
    left = load().families[CELL.family].cell(CELL.model.id, CELL.mode, CELL.entry.id).parameter("seconds")
    assert (left.minimum, left.maximum) == (CELL.parameter("seconds").minimum, 6)
    form = open_page(CELL.family, model=CELL.model.id, mode="text")
    (field,) = [field for field in form.number_input if field.label.startswith("Duration")]
    assert field.max == 6
    assert "disputed" not in texts(form)
    shutil.copytree(FOLDER, tmp_path / "catalog")
    patch = write_patch(FOLDER, tmp_path / "own")
    subprocess.run(["git", "apply", "--check"], input=patch, text=True, cwd=tmp_path, check=True, capture_output=True)
    monkeypatch.undo()
    load.cache_clear()
