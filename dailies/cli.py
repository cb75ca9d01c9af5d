"""The command line: `python -m dailies models | request | generate | doctor`. The app is `app.py`."""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

import click

from dailies.catalog.load import Catalog, load
from dailies.domain import Cell, Draft, Problem, Reference, Run
from dailies.encodings import read_object
from dailies.errors import DailiesError, MediaError
from dailies.exchange import (
    Call,
)
from dailies.gateway import probes
from dailies.gateway.addresses import Reach, service
from dailies.gateways import normalise
from dailies.keyring import clean_key
from dailies.lifecycle import Lifecycle
from dailies.logs import LEVELS, set_up
from dailies.media.references import link, take
from dailies.origin import Origin
from dailies.request import draft, wire
from dailies.services import Services, open_services
from dailies.text import clean
from dailies.vocabulary import SLOTS, Body, LifeState, Mode
from dailies.work.gate import NotAdmitted
from dailies.work.life import create_run


class RefusedError(Exception):
    """The arguments do not make a valid request. Carries the problems to print."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems


class _Group(click.Group):
    """Ends a command with one line and exit code 1 for whatever dailies has a sentence for."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except NotAdmitted as error:
            how = " Add --yes to send it." if error.confirm else ""
            raise click.ClickException(f"Not sent. {error}{how}") from error
        except DailiesError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Group)
@click.option(
    "--log-level", envvar="DAILIES_LOG_LEVEL", default="warning", show_default=True, type=click.Choice(LEVELS)
)
def main(log_level: str) -> None:
    """Use video-generation models behind one gateway."""
    set_up(log_level)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print all that is known about each model, as JSON.")
def models(as_json: bool) -> None:
    """List every model with its modes."""
    catalog = load()
    if as_json:
        click.echo(json.dumps(list(_model_rows(catalog)), ensure_ascii=False, indent=2))
        return
    for family in catalog.families.values():
        pattern = f"  and any {' or '.join(family.patterns)}" if family.patterns else ""
        click.echo(f"{family.title}{pattern}")
        for entry in family.entries:
            for model in family.models[entry.id]:
                modes = ", ".join(family.modes(model.id, entry.id))
                life = f"  ({model.life.state})" if model.life and model.life.state is not LifeState.CURRENT else ""
                click.echo(f"  {model.id:<42} {entry.id:<12} {modes}{life}")


def _model_rows(catalog: Catalog) -> Any:
    for family in catalog.families.values():
        for entry in family.entries:
            for model in family.models[entry.id]:
                cells = [family.cells[entry.id, model.id, mode] for mode in family.modes(model.id, entry.id)]
                yield {
                    "id": model.id,
                    "family": family.id,
                    "entry": entry.id,
                    "status": model.status,
                    "life": _life_row(model.life) if model.life else None,
                    "note": model.note,
                    "sources": _sources(model.origin),
                    "checked": model.origin.checked.isoformat(),
                    "path": entry.route.create,
                    "modes": [_cell_row(cell) for cell in cells],
                }


def _life_row(life: Lifecycle) -> dict[str, Any]:
    return {
        "state": life.state.value,
        "since": life.since.isoformat() if life.since else None,
        "successor": life.successor,
        "note": life.note,
        "sources": _sources(life.origin),
        "checked": life.origin.checked.isoformat(),
    }


def _sources(origin: Origin) -> list[dict[str, str]]:
    return [
        {
            "id": citation.source.id,
            "title": citation.source.title,
            "publisher": citation.source.publisher,
            "kind": citation.source.kind.value,
            "address": citation.source.address,
            "where": citation.where,
        }
        for citation in origin.citations
    ]


def _cell_row(cell: Cell) -> dict[str, Any]:
    return {
        "mode": cell.mode.value,
        "support": cell.support.support.value,
        "note": cell.support.note,
        "refused": cell.refused,
        "content_type": cell.body.content_type,
        "parameters": [
            {
                "id": p.id,
                "takes": p.takes,
                "choices": list(p.choices),
                "minimum": p.minimum,
                "maximum": p.maximum,
                "fixed": p.fixed,
                "default": p.default,
                "free": p.free,
                "required": p.required,
                "note": p.note,
                "sources": _sources(p.origin),
            }
            for p in cell.parameters
        ],
        "slots": [
            {
                "id": s.id,
                "kind": s.kind.value,
                "minimum": s.minimum,
                "maximum": s.maximum,
                "note": s.note,
                "takes": [form.send_as.value for form in s.forms],
            }
            for s in cell.slots
        ],
    }


_arguments = [
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


def _with_arguments(command: Any) -> Any:
    for decorate in reversed(_arguments):
        command = decorate(command)
    return command


@main.command()
@_with_arguments
def request(**arguments: Any) -> None:
    """Print the exact request without sending it, as one JSON object."""
    try:
        prepared = _Prepared(**arguments)
    except RefusedError as refused:
        _print_problems(refused.problems)
    click.echo(json.dumps(prepared.describe(), ensure_ascii=False, indent=2))


@main.command()
@_with_arguments
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Where to save the clip.")
@click.option("--yes", "agreed", is_flag=True, help="Confirm what the operator's limits want to be confirmed.")
def generate(output: Path, agreed: bool, **arguments: Any) -> None:
    """Send a request, wait for it and save the clip. The run is also kept in the library."""
    try:
        prepared = _Prepared(**arguments)
    except RefusedError as refused:
        _print_problems(refused.problems)
    services = open_services()
    for notice in prepared.notices:
        click.echo(f"{notice['where']}: {notice['what']}", err=True)
    try:
        run = _send_and_wait(services, prepared, agreed)
    finally:
        services.close()
    if run.clip is None:
        failure = run.failure
        at = f" at stage {failure.stage}" if failure else ""
        words = f"{failure.what} {failure.fix} {failure.charge}" if failure else "it is not finished"
        raise click.ClickException(f"Run {run.id} is {run.state}{at}: {words}")
    kept = services.store.files.clip_path(run.clip.file)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kept, output)
    except OSError as error:
        what = f"The clip is made and stands in {kept}. {output} cannot be written: {error.strerror}."
        raise click.ClickException(what) from error
    facts = run.clip
    sound = "with sound" if facts.audio_codec else "silent"
    if output.suffix.lower() != facts.suffix:
        click.echo(f"The clip came as {facts.suffix}: rename {output} if a player refuses it.", err=True)
    click.echo(f"{output}  {facts.seconds:.2f} s  {facts.width}×{facts.height}  {sound}")


@main.command()
@click.option("--base-url", default="", help="The gateway to check.  [default: DAILIES_BASE_URL]")
@click.option("--key-env", default="DAILIES_API_KEY", show_default=True, help="The variable that holds its key.")
def doctor(base_url: str, key_env: str) -> None:
    """Check a gateway with questions that cost nothing: what it is, what will work, what to change.

    Exits with 1 if something keeps it from working.
    """
    given = clean(base_url or os.environ.get("DAILIES_BASE_URL", ""))
    if not given:
        raise click.UsageError("Name the gateway with --base-url, or set DAILIES_BASE_URL.")
    address, key = normalise(given), os.environ.get(key_env, "")
    key = clean_key(key) if key else ""
    expected = probes.expect(load())
    found = probes.examine(address, key, expected, Reach(frozenset({service(address)})), given=given)
    for finding in found.findings:
        click.echo(f"{finding.level:<8} {finding.about:<13} {finding.what} {finding.fix}".rstrip())
    sys.exit(0 if found.ok else 1)


def _send_and_wait(services: Services, prepared: _Prepared, agreed: bool) -> Run:
    for held in prepared.held.values():
        services.store.files.keep(held)
    gateway = services.settings.first_gateway()
    run = create_run(prepared.request, prepared.call, prepared.cell.route, gateway.name, services.now())
    changed = threading.Event()
    unsubscribe = services.worker.feed.subscribe(lambda ids, _: changed.set() if run.id in ids else None)
    try:
        services.send([run], agreed=agreed)
        with click.progressbar(length=100, label="sending", file=sys.stderr) as bar:
            while run.state.open:
                changed.wait(timeout=5)
                changed.clear()
                run = services.store.runs.get(run.id) or run
                bar.label = run.word or run.state.value
                bar.update(max(0, (run.percent or 0) - bar.pos))
    finally:
        unsubscribe()
    return run


class _Prepared:
    """A checked request and its call, made from the cleaned arguments. Raises `RefusedError` with every problem."""

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
            raise RefusedError(*checked.problems)
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
                raise RefusedError(
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
            raise RefusedError(Problem(f"--ref {slot}", error.what, error.fix)) from error
        except OSError as error:
            what = f"{clean(value)} cannot be read: {error.strerror}"
            raise RefusedError(Problem(f"--ref {slot}", what, "Give an existing file or a link.")) from error


def _find_cell(catalog: Catalog, model: str, mode: str, entry: str) -> Cell:
    if mode not in list(Mode):
        raise RefusedError(Problem("--mode", f"{mode} is not a mode", f"Choose one of {', '.join(Mode)}."))
    found = catalog.find(model, entry)
    if found is None:
        at = f" at entry {entry}" if entry else ""
        raise RefusedError(Problem("model", f"{model} is unknown{at}", "See `python -m dailies models`."))
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
    raise RefusedError(Problem("--mode", f"{model} has no mode {mode}", f"Choose one of {offered}."))


def _read_params(pairs: Iterable[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator or not name:
            fix = "Write NAME=VALUE, for example seconds=8."
            raise RefusedError(Problem(f"--param {pair}", "is not a parameter", fix))
        if name in values:
            raise RefusedError(Problem(f"--param {pair}", "is given twice", "Leave one out."))
        values[name] = value
    return values


def _read_metadata(text: str) -> dict[str, Any]:
    try:
        return read_object(text)
    except ValueError as error:
        what, fix = f"cannot be read: {error}", 'Write a JSON object, for example {"offpeak": true}.'
        raise RefusedError(Problem("--metadata", what, fix)) from error


def _print_problems(problems: tuple[Problem, ...]) -> NoReturn:
    rows = [{"where": p.where, "what": p.what, "fix": p.fix} for p in problems]
    click.echo(json.dumps({"problems": rows}, ensure_ascii=False, indent=2), err=True)
    sys.exit(2)
