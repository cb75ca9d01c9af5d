"""The operator's overlay: merged over the catalog, as strict as it, written by an acceptance, and out as a patch."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date

import pytest

from dailies.catalog import load as loading
from dailies.catalog.load import FOLDER, accept, load
from dailies.catalog.overlay import VARIABLE, merge, write_patch
from dailies.errors import CatalogError, DailiesError

TODAY = date(2026, 11, 30)
CELL = next(
    cell
    for cell in load().cells()
    if cell.mode == "text"
    and (found := cell.parameter("seconds"))
    and len(found.choices) > 1
    and found.default is not None
)
SECONDS = CELL.parameter("seconds")


@pytest.fixture
def overlay(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "own"))
    load.cache_clear()
    yield tmp_path / "own"
    load.cache_clear()


def find():
    load.cache_clear()
    return load().families[CELL.family].cell(CELL.model.id, CELL.mode, CELL.entry.id)


def test_tables_merge_by_key_and_rows_by_id():
    base = {"a": 1, "t": {"x": 1, "y": [1, 2]}, "rows": [{"id": "1", "v": 1}, {"id": "2"}]}
    over = {"t": {"y": [3]}, "rows": [{"id": "3"}, {"id": "1", "w": 2}]}
    assert merge(base, over) == {
        "a": 1,
        "t": {"x": 1, "y": [3]},
        "rows": [{"id": "1", "v": 1, "w": 2}, {"id": "2"}, {"id": "3"}],
    }


def test_an_acceptance_changes_the_form_and_its_patch_the_catalog(overlay, tmp_path):
    left = [choice for choice in SECONDS.choices if choice != SECONDS.default]
    accept(CELL, SECONDS, {"choices": left}, 'the default was refused 3 times: "no"', TODAY)
    found = find().parameter("seconds")
    assert (list(found.choices), found.default) == (left, left[0])
    assert "was refused 3 times" in str(found.origin)
    accept(find(), found, {"choices": left[:1]}, "others were refused too", TODAY)
    assert list(find().parameter("seconds").choices) == left[:1]
    patch = write_patch(FOLDER, overlay)
    shutil.copytree(FOLDER, tmp_path / "catalog")
    subprocess.run(["patch", "-p1"], input=patch, text=True, cwd=tmp_path, check=True, capture_output=True)
    changed = load(tmp_path / "catalog").families[CELL.family].cell(CELL.model.id, CELL.mode, CELL.entry.id)
    assert changed.parameters == find().parameters


def test_the_limit_of_a_range_is_accepted_and_its_patch_applies(overlay, tmp_path):
    ranged = [
        cell
        for cell in load().cells()
        if cell.mode == "text" and (found := cell.parameter("seconds")) and None not in (found.minimum, found.maximum)
    ]
    assert ranged
    cells = list({cell.family: cell for cell in ranged}.values())
    for number, cell in enumerate(cells):
        seconds = cell.parameter("seconds")
        accept(cell, seconds, {"max": seconds.maximum - 1}, "above it refused 4 times", TODAY)
        if number == 0:  # a second fact joins the first in its row; each is a catalog read whole
            accept(cell, seconds, {"min": seconds.minimum + 1}, "below it refused 4 times", TODAY)
    load.cache_clear()
    for number, cell in enumerate(cells):
        seconds = cell.parameter("seconds")
        most, least = seconds.maximum - 1, seconds.minimum + (number == 0)
        found = load().families[cell.family].cell(cell.model.id, cell.mode, cell.entry.id).parameter("seconds")
        assert (found.minimum, found.maximum) == (least, most)
        assert found.default is None or least <= found.default <= most
    shutil.copytree(FOLDER, tmp_path / "catalog")
    patch = write_patch(FOLDER, overlay)
    subprocess.run(["git", "apply", "--check"], input=patch, text=True, cwd=tmp_path, check=True, capture_output=True)
    subprocess.run(["git", "apply"], input=patch, text=True, cwd=tmp_path, check=True, capture_output=True)
    for cell in cells:
        changed = load(tmp_path / "catalog").families[cell.family].cell(cell.model.id, cell.mode, cell.entry.id)
        own = load().families[cell.family].cell(cell.model.id, cell.mode, cell.entry.id)
        assert changed.parameters == own.parameters


def test_an_overlay_is_as_strict_as_the_catalog(overlay):
    overlay.mkdir()
    (overlay / f"{CELL.family}.toml").write_text("titel = 'x'")
    with pytest.raises(CatalogError, match="titel"):
        find()
    (overlay / f"{CELL.family}.toml").write_text("title = ")
    with pytest.raises(CatalogError, match=VARIABLE):
        find()
    (overlay / f"{CELL.family}.toml").write_text("title = 'Mine'")
    assert find() is not None
    assert load().families[CELL.family].title == "Mine"
    with pytest.raises(DailiesError, match="written by hand"):
        accept(CELL, SECONDS, {"choices": list(SECONDS.choices[:1])}, "seen", TODAY)


def test_what_the_catalog_would_refuse_changes_nothing(overlay, monkeypatch):
    with pytest.raises(CatalogError):
        accept(CELL, SECONDS, {"choices": list(SECONDS.choices[:1])}, "x; no-such-source: y", TODAY)
    assert not list(overlay.glob("*.toml"))
    assert find() == CELL
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(DailiesError, match=VARIABLE):
        accept(CELL, SECONDS, {"choices": list(SECONDS.choices[:1])}, "seen", TODAY)
    assert loading.find_overlay() is None


def test_what_an_unset_form_means_is_dropped_with_the_value_it_names(overlay):
    cell = next(
        cell
        for cell in load().cells()
        if cell.mode == "text" and (found := cell.parameter("seconds")) and found.assumed in found.choices[:1]
    )
    seconds = cell.parameter("seconds")
    accept(cell, seconds, {"choices": list(seconds.choices[1:])}, "refused 3 times", TODAY)
    found = load().families[cell.family].cell(cell.model.id, cell.mode, cell.entry.id).parameter("seconds")
    assert (found.choices, found.assumed) == (seconds.choices[1:], None)
    assert found.default in (None, seconds.choices[1])


def test_a_fact_that_a_mode_overrides_is_refused(overlay):
    cell = next(
        cell
        for cell in load().cells()
        if (found := cell.parameter("camera_zoom")) and None not in (found.minimum, found.maximum)
    )
    with pytest.raises(DailiesError, match="values of its own"):
        accept(cell, cell.parameter("camera_zoom"), {"max": 5}, "refused 4 times", TODAY)
    assert not list(overlay.glob("*.toml"))
