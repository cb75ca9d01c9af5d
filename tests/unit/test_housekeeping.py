"""What is swept from a home folder, and what is not."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from time import time

import pytest

from dailies.compare.nouns import Comparison, Lane
from dailies.domain import Clip
from dailies.store import Store
from dailies.work.housekeeping import REST, sweep

CLIP = Clip("kept.mp4", "kept.jpg", 10, 5.0, 64, 48, 24.0, "h264", "")


@pytest.fixture
def store(tmp_path: Path):
    opened = Store(tmp_path / "home")
    yield opened
    opened.close()


def lay(path: Path, age: float = REST + 60) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    os.utime(path, (time() - age, time() - age))
    return path


def test_only_what_nothing_names_goes_and_only_when_it_is_old(store, make_run, now):
    store.runs.add(make_run(clip=CLIP))
    lane = Lane("one", title="elsewhere", clip=replace(CLIP, file="lane.webm", poster="lane.jpg"))
    store.comparisons.add(Comparison("c", "", now, now, lanes=(lane,)))
    clips, references = store.files.clips, store.home / "references" / "ab"
    kept = ["kept.mp4", "kept.jpg", "kept.preview.mp4", "lane.webm", "lane.jpg"]
    young = [lay(clips / name, age=60) for name in (".young.part", "young.mp4")]
    stay = [lay(clips / name) for name in kept] + young + [lay(references / ("ab" * 32))]
    leftovers = ("orphan.mp4", "orphan.jpg", ".dead.part", ".dead.jpg", "run.last.png")
    gone = [lay(clips / name) for name in leftovers] + [lay(references / ".dead.part")]
    assert sweep(store) == sorted(path.name for path in gone)
    assert all(path.exists() for path in stay)
    assert not any(path.exists() for path in gone)
    assert sweep(store) == []


def test_a_worker_sweeps_when_it_starts(make_worker, eventually):
    worker = make_worker()
    left = lay(worker._store.files.clips / ".left.part")
    worker.start()
    eventually(lambda: not left.exists())
