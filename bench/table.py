"""What a row of `make bench` is, and how the rows become `docs/performance.md`."""

from __future__ import annotations

import platform
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.stand import Stand

SHOWN = ("streamlit", "httpx", "sqlalchemy", "playwright")
"""Packages whose versions matter to a reader of the figures."""


@dataclass(frozen=True, slots=True)
class Line:
    """What was measured, in samples of one unit; `others` are what it is compared with, by name."""

    what: str
    unit: str
    ours: Sequence[float]
    others: Mapping[str, Sequence[float]] = field(default_factory=dict)
    wanted: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row by its name for `ROW=`; `measure` yields its lines, and may take `seconds` at most."""

    name: str
    measure: Callable[[Stand], Iterator[Line]]
    seconds: int


class CannotRun(Exception):  # noqa: N818 - a reason, which the table prints
    """Why a row cannot be measured on this machine, as a sentence."""


def spread(samples: Sequence[float]) -> str:
    """Write the median, and with several samples p10 to p90 and how many there were."""
    middle = statistics.median(samples)
    if len(samples) < 2:
        return f"{middle:.3g}"
    tenths = statistics.quantiles(samples, n=10, method="inclusive")
    return f"{middle:.3g} ({tenths[0]:.3g} to {tenths[-1]:.3g}, n {len(samples)})"


def write_lines(lines: Sequence[Line | tuple[str, str]]) -> str:
    """Write a table; a pair is a row's name and why it has no figures."""
    rows = [
        "| What | dailies | Compared with | Ratio | Wanted |",
        "|---|---|---|---|---|",
    ]
    for line in lines:
        if isinstance(line, tuple):
            rows.append(f"| {line[0]} | not measured: {line[1]} | | | |")
            continue
        ours = f"{spread(line.ours)} {line.unit}"
        compared = "<br>".join(f"{name}: {spread(samples)}" for name, samples in line.others.items())
        ratios = "<br>".join(f"{ratio(line.ours, samples)}" for samples in line.others.values())
        rows.append(f"| {line.what} | {ours} | {compared} | {ratios} | {line.wanted} |")
    return "\n".join(rows) + "\n"


def ratio(ours: Sequence[float], other: Sequence[float]) -> str:
    base = statistics.median(other)
    return f"{statistics.median(ours) / base:.2f}" if base else "-"


def write_document(lines: Sequence[Line | tuple[str, str]], peers: Mapping[str, str]) -> str:
    """Write the whole page. `peers`: versions of what the peers run on."""
    versions = ", ".join(f"{name} {version(name)}" for name in SHOWN)
    versions += "".join(f", {name} {number} (peer)" for name, number in peers.items())
    cores, model = _read_processor()
    return (
        "# Performance\n\n"
        "Written by `make bench`; `make bench ROW=name` measures one row and prints it. Every line is from one run on "
        "one machine, so the ratios mean more than the figures. Spread: median (p10 to p90, number of samples).\n\n"
        f"- {datetime.now(UTC):%d %B %Y}, {cores} cores, {model}, {platform.system()}, "
        f"Python {platform.python_version()}\n"
        f"- {versions}\n"
        "- The peers are in `bench/peers/`: the same job as their documentation would write it.\n\n"
        f"{write_lines(lines)}"
    )


def _read_processor() -> tuple[int, str]:
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0, platform.machine()
    models = [line.split(":", 1)[1].strip() for line in told if line.startswith("model name")]
    return len(models), models[0] if models else platform.machine()
