"""The samples of the sandbox that Home shows before there are takes: their names, ideas and files.

The files are part of the program, so that a first start waits for nothing; `tools/showcase.py` renders them.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SHOWCASE = Path(__file__).parent / "frontend" / "showcase"
"""The folder of the files."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample: the name of its files, a title, and the prompt that it was rendered from."""

    name: str
    title: str
    prompt: str


@cache
def list_samples() -> tuple[Sample, ...]:
    """List the samples in the order of the wall."""
    rows = tomllib.loads((SHOWCASE / "samples.toml").read_text(encoding="utf-8"))["samples"]
    return tuple(Sample(row["name"], row["title"], row["prompt"]) for row in rows)


def find_file(name: str) -> Path | None:
    """Find a clip or poster of the showcase by the name of its file; None for any other name."""
    known = {f"{sample.name}{ending}" for sample in list_samples() for ending in (".mp4", ".jpg")}
    return SHOWCASE / name if name in known else None
