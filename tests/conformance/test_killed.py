"""A process killed while it sends, asks, fetches and stores: no paid run is lost, sent twice or left half."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.conformance.conftest import ROOT


@pytest.mark.parametrize(
    "where",
    [
        ["--every", "5"],
        *(
            pytest.param(more, marks=pytest.mark.thorough)
            for more in (["--every", "3"], ["--every", "3", "--power-cut"], ["--every", "7", "--postgresql"])
        ),
    ],
    ids=" ".join,
)
def test_a_kill_loses_nothing_and_leaves_nothing(where):
    """A part of the points; `python -m bench.kills 200` takes all of them and random moments."""
    command = [sys.executable, "-m", "bench.kills", *where]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    counts = json.loads(done.stdout)
    assert counts["kills"] >= 4, done.stderr
    assert (counts["lost"], counts["double"], counts["half"], counts["leftovers"], counts["wrong"]) == (0, 0, 0, 0, [])
