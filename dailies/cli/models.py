"""`dailies models`: what the catalog knows, as text or as JSON."""

from __future__ import annotations

import json
from typing import Any

import click

from dailies.catalog.load import Catalog, load
from dailies.domain import Cell
from dailies.lifecycle import Lifecycle
from dailies.origin import Origin
from dailies.vocabulary import LifeState


@click.command()
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
