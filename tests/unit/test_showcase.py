"""The samples of Home's first start: what is shipped, and what is served."""

from __future__ import annotations

import pytest

from components.samples import SHOWCASE, find_file, list_samples
from tools.showcase import MOST_BYTES


def test_every_sample_has_its_files_and_nothing_else_is_shipped() -> None:
    named = {f"{sample.name}{ending}" for sample in list_samples() for ending in (".mp4", ".jpg")}
    assert {path.name for path in SHOWCASE.iterdir()} == named | {"samples.toml"}
    assert len(list_samples()) >= 8
    assert sum(path.stat().st_size for path in SHOWCASE.iterdir()) <= MOST_BYTES


@pytest.mark.parametrize("name", ["samples.toml", "../draft.js", "none.mp4", "", "bay"])
def test_nothing_but_a_sample_is_served(name: str) -> None:
    assert find_file(name) is None
    path = find_file("bay.mp4")
    assert path is not None and path.is_file()
