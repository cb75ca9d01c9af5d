"""A sandbox as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@contextmanager
def sandbox_process(data: Path, seconds: float, *more: str) -> Iterator[str]:
    """Start `python -m sandbox` on a free port; gives its address, ends it by closing its standard input."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--announce", "--until-stdin-closes"]
    with subprocess.Popen(
        [*command, "--seconds", str(seconds), "--data", str(data), *more],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        yield json.loads(child.stdout.readline())["url"]
        child.stdin.close()
