"""A request as the command line describes it: its arguments, the checked request, and the problems that stop it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import click

from dailies.catalog.load import Catalog, load
from dailies.domain import Cell, Draft, Problem, Reference
from dailies.encodings import read_object
from dailies.errors import MediaError
from dailies.exchange import Call
from dailies.media.references import link, take
from dailies.request import draft, wire
from dailies.text import clean
from dailies.vocabulary import SLOTS, Body, Mode

_ARGUMENTS = [
    click.argument("model"),
    click.option("--mode", default="text", show_default=True, help=f"One of {', '.join(Mode)}."),
    click.option("--entry", default="", help="The entry point, if the family has several."),
    click.option("--prompt", default="", help="What happens in the clip."),
    click.option("--param", "params", multiple=True, metavar="NAME=VALUE", help="A parameter, for example seconds=8."),
    click.option(
        "--ref",
        "refs",
        multiple=True,
        metavar="SLOT=PATH|URL|asset://ID",
        help="Media for a slot: a file, a link or an asset.",
    ),
    click.option("--source", default="", metavar="TASK", help="The task to continue, for remix and extend."),
    click.option("--metadata", default="", metavar="JSON", help="Raw metadata, merged over everything else."),
]


def take_arguments(command: Any) -> Any:
    """Give a command the options that describe a request."""
    for decorate in reversed(_ARGUMENTS):
        command = decorate(command)
    return command


class _RefusedError(Exception):
    """The arguments do not make a valid request. Carries the problems to print."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems


def prepare(arguments: Mapping[str, Any]) -> Prepared:
    """Check the arguments of a command. If they make no valid request, print every problem and exit with 2."""
    try:
        return Prepared(**arguments)
    except _RefusedError as refused:
        _print_problems(refused.problems)


class Prepared:
    """A checked request and its call, made from the cleaned arguments. Raises `_RefusedError` with every problem."""

    def __init__(
        self,
        model: str,
        mode: str,
        entry: str,
        prompt: str,
        params: tuple[str, ...],
        refs: tuple[str, ...],
        source: str,
        metadata: str,
    ) -> None:
        self.held: dict[str, bytes] = {}
        model, mode, entry, prompt, source = (clean(text) for text in (model, mode, entry, prompt, source))
        catalog = load()
        self.cell = _find_cell(catalog, model, mode, entry)
        asked = Draft(
            prompt,
            _read_params([clean(pair) for pair in params]),
            self._read_references(refs),
            _read_metadata(metadata),
            source,
        )
        checked = draft.check(asked, self.cell)
        if checked.request is None:
            raise _RefusedError(*checked.problems)
        self.request = checked.request
        self.call: Call = wire.encode(checked.request, self.cell)
        overlaps = wire.find_overlaps(checked.request, self.cell)
        unknown = catalog.name_unknown(model)
        notices = (*((unknown,) if unknown else ()), *checked.notices, *overlaps)
        self.notices = [{"where": n.where, "what": n.what} for n in notices]

    def describe(self) -> dict[str, Any]:
        """Describe the call and its notices as plain JSON, with every data URL in full."""
        call = self.call
        body = call.body or self.cell.body
        shown: dict[str, Any] = {"method": call.method, "path": call.path, "content_type": body.content_type}
        if body is Body.FORM:
            shown["form"] = [wire.describe_part(part) for part in call.form]
        else:
            shown["json"] = wire.materialise(call.json, self.held.__getitem__)
        return shown | {"notices": self.notices}

    def _read_references(self, refs: tuple[str, ...]) -> dict[str, tuple[Reference, ...]]:
        found: dict[str, tuple[Reference, ...]] = {}
        for pair in refs:
            slot, separator, value = pair.partition("=")
            if not separator or slot not in SLOTS:
                raise _RefusedError(
                    Problem(f"--ref {clean(pair)}", "names no slot", f"Write SLOT=FILE. Slots: {', '.join(SLOTS)}.")
                )
            found[slot] = (*found.get(slot, ()), self._read_reference(slot, value))
        return found

    def _read_reference(self, slot: str, value: str) -> Reference:
        try:
            if "://" in value:
                return link(value, SLOTS[slot].kind)
            path = Path(value)
            held = take(path.name, path.read_bytes())
            self.held[held.reference.digest] = held.data
            return held.reference
        except MediaError as error:
            raise _RefusedError(Problem(f"--ref {slot}", error.what, error.fix)) from error
        except OSError as error:
            what = f"{clean(value)} cannot be read: {error.strerror}"
            raise _RefusedError(Problem(f"--ref {slot}", what, "Give an existing file or a link.")) from error


def _find_cell(catalog: Catalog, model: str, mode: str, entry: str) -> Cell:
    if mode not in list(Mode):
        raise _RefusedError(Problem("--mode", f"{mode} is not a mode", f"Choose one of {', '.join(Mode)}."))
    found = catalog.find(model, entry)
    if found is None:
        at = f" at entry {entry}" if entry else ""
        raise _RefusedError(Problem("model", f"{model} is unknown{at}", "See `dailies models`."))
    family, row = found
    # Without --entry a run starts from nothing: an entry that continues another run has to be named. A model named by
    # some entry is not a typed model of the others.
    rows = [(e, family.model(model, e.id)) for e in family.entries if not e.after]
    starting = [e.id for e, known in rows if known and (known.status == "typed") == (row.status == "typed")]
    entries = [entry] if entry else starting
    for candidate in entries:
        cell = family.cell(model, Mode(mode), candidate)
        if cell is not None:
            return cell
    offered = ", ".join(dict.fromkeys(mode for e in entries for mode in family.modes(model, e)))
    raise _RefusedError(Problem("--mode", f"{model} has no mode {mode}", f"Choose one of {offered}."))


def _read_params(pairs: Iterable[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator or not name:
            fix = "Write NAME=VALUE, for example seconds=8."
            raise _RefusedError(Problem(f"--param {pair}", "is not a parameter", fix))
        if name in values:
            raise _RefusedError(Problem(f"--param {pair}", "is given twice", "Leave one out."))
        values[name] = value
    return values


def _read_metadata(text: str) -> dict[str, Any]:
    try:
        return read_object(text)
    except ValueError as error:
        what, fix = f"cannot be read: {error}", 'Write a JSON object, for example {"offpeak": true}.'
        raise _RefusedError(Problem("--metadata", what, fix)) from error


def _print_problems(problems: tuple[Problem, ...]) -> NoReturn:
    rows = [{"where": p.where, "what": p.what, "fix": p.fix} for p in problems]
    click.echo(json.dumps({"problems": rows}, ensure_ascii=False, indent=2), err=True)
    sys.exit(2)
