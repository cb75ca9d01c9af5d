"""A folder of the operator's own, `DAILIES_CATALOG`, whose files are laid over those of the catalog of the same name.

Tables are merged key by key, lists of tables with ids row by row; everything else replaces. The result is read as
strictly as the catalog itself. What a person accepts of what was seen here is written there, and comes out as a patch.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from dailies.errors import CatalogError, DailiesError
from dailies.parameter import Parameter
from dailies.vocabulary import Value

VARIABLE = "DAILIES_CATALOG"
_HEAD = (
    "# What was seen here and accepted. Written by dailies: changes by hand are lost, other files are not touched.\n"
)


def find_overlay() -> Path | None:
    """Find the operator's folder; None if none is set."""
    named = os.environ.get(VARIABLE, "").strip()
    return Path(named).expanduser() if named else None


def lay_over(raw: dict[str, Any], name: str, overlay: Path | None) -> dict[str, Any]:
    """Return the content of a catalog file with the overlay's file of the same name over it.

    Raises `CatalogError` for a file of the overlay that cannot be read.
    """
    path = overlay / name if overlay else None
    return merge(raw, _read(path)) if path and path.is_file() else raw


def merge(base: Any, over: Any) -> Any:
    """Merge two contents of TOML."""
    if isinstance(base, dict) and isinstance(over, dict):
        return base | {key: merge(base[key], value) if key in base else value for key, value in over.items()}
    if _has_ids(base) and _has_ids(over):
        rows = {row["id"]: row for row in over}
        merged = [merge(row, rows.pop(row["id"])) if row["id"] in rows else row for row in base]
        return [*merged, *rows.values()]
    return over


def _has_ids(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) and "id" in row for row in value)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CatalogError(f"{VARIABLE}/{path.name}", "", f"cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogError(f"{VARIABLE}/{path.name}", "", f"is not valid TOML: {error}") from error


def find_file(folder: Path, family: str, entry: str) -> str:
    """Find the name of the file that describes an entry of a family."""
    for path in (folder / f"{family}.toml", *sorted(folder.glob(f"{family}.*.toml"))):
        if _read(path)["entry"]["id"] == entry:
            return path.name
    raise DailiesError(f"No file of the catalog describes the entry {entry} of {family}.")


def accept_fact(
    overlay: Path, name: str, model: str, parameter: Parameter, fact: Mapping[str, Any], seen: str, today: date
) -> str:
    """Write into the overlay's file what a model takes of a parameter; return the file's text before.

    `fact` is `choices`, `min` or `max`, as in the catalog. A default that is no longer taken moves to the first choice
    or to the limit. `seen` says in words what was seen. Raises `DailiesError` for a file that a person has written.
    """
    path = overlay / name
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    if before and not before.startswith(_HEAD):
        (what,) = fact
        raise DailiesError(f"{path} was written by hand. Add `parameters.{parameter.id}.{what}` to its row of {model}.")
    drops = [name for name, value in _list_unset(parameter) if not _keeps(fact, value)]
    told = {**fact, **_move_default(parameter, fact), **({"drops": drops} if drops else {})}
    told |= {"source": f"inferred: {seen}", "checked": today}
    row = {"id": model, "parameters": {parameter.id: told}}
    merged = merge(tomllib.loads(before) or {"models": [row]}, {"models": [row]})
    rows = "".join(f"  {_spell(each)},\n" for each in merged["models"])
    write(path, f"{_HEAD}models = [\n{rows}]\n")
    return before


def _list_unset(parameter: Parameter) -> Sequence[tuple[str, Value]]:
    """What the catalog says of a form that leaves the parameter alone."""
    start = parameter.start.value if parameter.start else None
    return [(name, value) for name, value in (("assumed", parameter.assumed), ("start", start)) if value is not None]


def _keeps(fact: Mapping[str, Any], value: Value) -> bool:
    if "choices" in fact:
        return value in fact["choices"]
    return not isinstance(value, int | float) or fact.get("min", value) <= value <= fact.get("max", value)


def _move_default(parameter: Parameter, fact: Mapping[str, Any]) -> dict[str, Value]:
    if parameter.default is None or _keeps(fact, parameter.default):
        return {}
    (first, *_) = fact.get("choices", fact.values())
    return {"default": first}


def write(path: Path, text: str) -> None:
    """Write a file of the overlay, or delete it if there is nothing to be written. Raises `DailiesError`."""
    try:
        if text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise DailiesError(f"{path} cannot be written: {error.strerror}.") from error


def _spell(value: Any) -> str:
    """Spell a value as inline TOML."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_spell(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(map(_spell, value))}]"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str | bool) else str(value)


def write_patch(folder: Path, overlay: Path) -> str:
    """Write what was accepted as a patch for the catalog's own files. Raises `DailiesError` where it would not fit."""
    pieces: list[str] = []
    for path in sorted(overlay.glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        if not text.startswith(_HEAD):
            continue
        before = (folder / path.name).read_text(encoding="utf-8")
        after, over = before, tomllib.loads(text)
        wanted = merge(tomllib.loads(before), over)
        whole = {row["id"]: row.get("parameters", {}) for row in wanted.get("models", ())}
        for row in over["models"]:
            for parameter in row["parameters"]:
                after = _edit(after, row["id"], parameter, whole[row["id"]][parameter])
        if tomllib.loads(after) != wanted:
            raise DailiesError(f"{path.name} cannot be changed by a patch. Copy the rows of {path} by hand.")
        names = f"a/catalog/{path.name}", f"b/catalog/{path.name}"
        pieces += difflib.unified_diff(before.splitlines(True), after.splitlines(True), *names)
    return "".join(pieces)


def _edit(text: str, model: str, parameter: str, fact: Mapping[str, Any]) -> str:
    """Put a fact into the line of a model's row, in place of the values that stand there."""
    row = re.compile(rf"^(\s*\{{ id = {re.escape(json.dumps(model))}[,\s].*?)( \}},?)$", re.MULTILINE)
    value = r"""(\[[^\]]*\]|"[^"]*"|[^\s,}]+)"""
    old = re.compile(rf", parameters\.{re.escape(parameter)}(\.\w+ = {value}| = \{{[^}}]*\}})")
    added = f", parameters.{parameter} = {_spell(dict(fact))}"
    return row.sub(lambda found: old.sub("", found[1]) + added + found[2], text, count=1)
