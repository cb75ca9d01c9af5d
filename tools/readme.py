"""Writes the generated blocks of README.md from the catalog: `python -m tools.readme [--check]`.

A block is between `<!-- generated: NAME -->` and `<!-- end -->`. `--check` writes nothing, and exits with 1 if a block
is out of date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

from dailies.catalog.load import load
from dailies.domain import Model, SupportClaim
from dailies.vocabulary import LifeState, Mode

README = Path(__file__).resolve().parent.parent / "README.md"
_COLUMNS = (Mode.TEXT, Mode.FIRST_FRAME, Mode.FIRST_LAST, Mode.REFERENCES)


def build_matrix() -> str:
    """Build the support matrix as a Markdown table."""
    rows = [
        "| Family | " + " | ".join(mode.label for mode in _COLUMNS) + " | Sound | Models |",
        "| --- |" + " --- |" * (len(_COLUMNS) + 2),
    ]
    for family in [family for family in load().families.values() if not family.generic]:
        models = family.models[family.entries[0].id]
        cells = [_word(family.support.get(mode)) for mode in _COLUMNS]
        named = ", ".join(map(_name, models[:3])) + (" …" if len(models) > 3 else "")
        rows.append(f"| {family.title} | {' | '.join(cells)} | {_word(family.audio)} | {named} |")
    return "\n".join(rows)


def build_routes() -> str:
    """Build a Markdown table of every create path with the entries that use it."""
    used: dict[tuple[str, str], dict[str, None]] = {}
    for family in load().families.values():
        for cell in (cell for (_, model_id, _), cell in family.cells.items() if model_id or family.generic):
            paths = (cell.route.create, cell.route.query)
            used.setdefault(paths, {})[f"{family.title}: {cell.entry.title}"] = None
    rows = ["| Create | Query | Used by |", "| --- | --- | --- |"]
    rows += [
        f"| `POST {create}` | `GET {query}` | {', '.join(names)} |" for (create, query), names in sorted(used.items())
    ]
    return "\n".join(rows)


BLOCKS: dict[str, Callable[[], str]] = {"matrix": build_matrix, "routes": build_routes}


def renew(text: str) -> str:
    """Write every generated block of a text anew."""

    def block(match: re.Match[str]) -> str:
        return f"{match[1]}\n{BLOCKS[match[2]]()}\n{match[4]}"

    return re.sub(r"(<!-- generated: (\w+) -->)\n(.*?)(<!-- end -->)", block, text, flags=re.DOTALL)


def main(arguments: list[str]) -> int:
    before = README.read_text(encoding="utf-8")
    after = renew(before)
    if after == before:
        return 0
    if "--check" in arguments:
        sys.stderr.write("README.md: a generated block is out of date; run `make fix`.\n")
        return 1
    README.write_text(after, encoding="utf-8")
    return 0


def _name(model: Model) -> str:
    """The id of a model, and its state if its vendor does not serve it as its newest any more."""
    life = model.life
    if life is None or life.state not in (LifeState.SUPERSEDED, LifeState.REMOVED):
        return f"`{model.id}`"
    return f"`{model.id}` ({life.state}{f' {life.since}' if life.since else ''})"


def _word(support: SupportClaim | None) -> str:
    return support.support.label if support else "–"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
