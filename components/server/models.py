"""What the search in the sidebar looks through: every model of the catalog, and the words that it is found by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from components.words import LIFE_LOOK
from dailies.catalog.load import Catalog, Family, load
from dailies.domain import Cell, Model


async def models(_: Request) -> Response:
    """Answer `/models` with the list; it changes only with the catalog."""
    found = await anyio.to_thread.run_sync(lambda: list_models(load()))
    return JSONResponse(found, headers={"Cache-Control": "private, max-age=300"})


def list_models(catalog: Catalog) -> list[dict[str, Any]]:
    """List the models of every family as they are reached first; models with a known successor come last."""
    found = []
    for family in catalog.families.values():
        for row in family.models[family.entries[0].id]:
            cells = [cell for mode in family.modes(row.id) if (cell := family.cell(row.id, mode))]
            if cells and not family.generic:
                found.append((bool(row.life and not row.life.state.alive), _describe(family, row, cells)))
    return [entry for _, entry in sorted(found, key=lambda each: each[0])]


def _describe(family: Family, row: Model, cells: Iterable[Cell]) -> dict[str, Any]:
    modes = [{"id": cell.mode.value, "text": _spell_mode(cell)} for cell in cells]
    about = ", ".join(cell.mode.label for cell in cells)
    life = f" {LIFE_LOOK[row.life.state].word}" if row.life else ""
    said = " ".join([family.title, row.id, family.summary, row.note, life, *(mode["text"] for mode in modes)])
    return {
        "family": family.id,
        "title": family.title,
        "model": row.id,
        "about": about,
        "text": said.lower(),
        "modes": modes,
    }


def _spell_mode(cell: Cell) -> str:
    """Spell a mode and what can be set in it: `text duration 5 s 10 s sound on off`, in small letters."""
    words = [cell.mode.label, cell.mode.value]
    for parameter in cell.parameters:
        known = [parameter.fixed] if parameter.fixed is not None else parameter.choices
        words += [parameter.title, *(parameter.spell(value) for value in known)]
    words += [slot.title for slot in cell.slots]
    return " ".join(words).lower()
