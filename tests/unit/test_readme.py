"""The generated blocks of the README: the check finds one that is out of date, and only the other command writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import readme


@pytest.fixture
def stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "README.md"
    path.write_text("Before\n<!-- generated: matrix -->\nold\n<!-- end -->\nafter\n", encoding="utf-8")
    monkeypatch.setattr(readme, "README", path)
    return path


def test_the_check_names_the_way_out_and_writes_nothing(stale: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = stale.read_text(encoding="utf-8")
    assert readme.main(["--check"]) == 1
    assert "run `make fix`" in capsys.readouterr().err
    assert stale.read_text(encoding="utf-8") == before


def test_a_block_is_written_anew_and_the_rest_stays(stale: Path) -> None:
    assert readme.main([]) == 0
    text = stale.read_text(encoding="utf-8")
    assert text.startswith("Before\n<!-- generated: matrix -->\n| Family | Text |")
    assert text.endswith("\n<!-- end -->\nafter\n")
    assert "old" not in text.split("|")[0]
    assert readme.main(["--check"]) == 0
