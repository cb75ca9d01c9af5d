"""`make bench` writes `docs/performance.md`; `make bench ROW=name` measures one row and prints it.

A row that cannot be measured, fails or takes too long says why in the table, and the others go on.
All limits together are half an hour.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import frames, load, media, pages, shelves
from bench.stand import PEERS, ROOT, Stand
from bench.table import CannotRun, Line, Row, write_document, write_lines

ROWS = (
    Row("first-frame", frames.measure_first_frame, 330),
    Row("press", frames.measure_press, 100),
    Row("family", pages.measure_family, 210),
    Row("compare", pages.measure_compare, 140),
    Row("home", pages.measure_home, 140),
    Row("start", pages.measure_start, 90),
    Row("models", pages.measure_models, 30),
    Row("tasks", load.measure_tasks, 40),
    Row("more-tasks", load.measure_more_tasks, 90),
    Row("creates", load.measure_creates, 60),
    Row("quiet", load.measure_quiet, 240),
    Row("memory", media.measure_memory, 200),
    Row("reader", media.measure_reader, 30),
    Row("sandbox", media.measure_sandbox, 100),
    Row("film", media.measure_film, 120),
    Row("library-sqlite", shelves.measure_sqlite, 240),
    Row("library-postgresql", shelves.measure_postgresql, 300),
)

DOCUMENT = ROOT / "docs" / "performance.md"

# Containers often set this, and Python then compiles every module at every start. On a person's machine it does not.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def main(wanted: str = "") -> None:
    """Measure the row `wanted`, or all of them and write the document."""
    chosen = [row for row in ROWS if row.name == wanted] if wanted else list(ROWS)
    if not chosen:
        sys.exit(f"There is no row {wanted}. There are: {', '.join(row.name for row in ROWS)}.")
    lines: list[Line | tuple[str, str]] = []
    for row in chosen:
        found = measure(row)
        lines += found
        print(write_lines(found), flush=True)
    if not wanted:
        DOCUMENT.write_text(write_document(lines, read_versions()), encoding="utf-8")
        print(f"Written to {DOCUMENT.relative_to(ROOT)}.")


def measure(row: Row) -> list[Line | tuple[str, str]]:
    """Measure a row; what it could not measure is a pair of its name and the reason."""
    lines: list[Line | tuple[str, str]] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        stand = Stand(Path(folder))
        try:
            with limited(row.seconds):
                lines.extend(row.measure(stand))
        except CannotRun as reason:
            lines.append((row.name, f"{reason}"))
        except Exception as error:  # noqa: BLE001 - the table says so, and the other rows are measured
            traceback.print_exc()
            first = (str(error).strip().splitlines() or [""])[0][:160].replace("|", "/")
            lines.append((row.name, f"{type(error).__name__}: {first}"))
        finally:
            stand.close()
    return lines


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Raise `CannotRun` in the block once it has taken so long."""

    def ring(*_: object) -> None:
        raise CannotRun(f"it took longer than {seconds} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def read_versions() -> dict[str, str]:
    """The versions that the peers' environment has."""
    if not PEERS.exists():
        return {}
    asked = "from importlib.metadata import version; print(version('gradio'))"
    told = subprocess.run([str(PEERS), "-c", asked], capture_output=True, text=True, timeout=30, check=False)
    return {"gradio": told.stdout.strip()} if told.returncode == 0 else {}


if __name__ == "__main__":
    main(*sys.argv[1:2])
