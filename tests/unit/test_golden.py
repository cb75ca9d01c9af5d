"""Every cell against its golden call: what goes over the wire changes only where somebody has read the difference."""

from __future__ import annotations

from pathlib import Path

import pytest

from dailies.domain import Cell
from tests.unit import golden

ADVICE = "run `make golden` and read the diff of tests/golden/ before you keep it"


@pytest.mark.parametrize("family", golden.catalog().families)
def test_the_calls_are_the_golden_ones(family: str) -> None:
    for cell in golden.open_cells():
        if cell.family == family:
            assert_golden(cell)


def assert_golden(cell: Cell) -> None:
    kept = golden.kept(cell.family).get(cell.entry.id, {}).get(cell.model.id, {}).get(cell.mode.value)
    assert kept is not None, f"there is no golden call for {golden.name_of(cell)}: {ADVICE}"
    made = golden.facts_of(golden.call_of(golden.full_draft(cell), cell))
    assert made == kept, f"the call of {golden.name_of(cell)} has changed: {ADVICE}"


def test_no_golden_is_superfluous() -> None:
    wanted = {golden.name_of(cell) for cell in golden.open_cells()}
    found = {
        f"{path.stem} / {entry} / {model} / {mode}"
        for path in golden.FOLDER.glob("*.json")
        for entry, models in golden.kept(path.stem).items()
        for model, modes in models.items()
        for mode in modes
    }
    assert found <= wanted, f"golden calls of cells that do not exist, {sorted(found - wanted)}: {ADVICE}"
    assert {path.stem for path in golden.FOLDER.iterdir()} == set(golden.catalog().families), ADVICE


def test_writing_removes_what_no_family_owns_and_repeats_itself(tmp_path: Path) -> None:
    (tmp_path / "gone.json").write_text("{}")
    golden.write(golden.made(), tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"{family}.json" for family in golden.catalog().families}
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (golden.FOLDER / path.name).read_bytes(), f"{path.name}: {ADVICE}"
