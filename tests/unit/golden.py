"""The golden calls: one fixed draft for every cell, and the call it becomes, as JSON in `tests/golden/<family>.json`.

`python -m tests.unit.golden --write` writes them. Other tests borrow the sample drafts from here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from dailies.catalog.load import Catalog, load
from dailies.domain import Cell, Draft, Reference, Request, Slot
from dailies.exchange import (
    Call,
)
from dailies.parameter import Parameter
from dailies.request import draft, wire
from dailies.vocabulary import Body, MediaKind, SendAs, Value

FOLDER = Path(__file__).resolve().parent.parent / "golden"
PROMPT = "A paper boat drifts down a rain gutter — “go on!” says the café owner"

_MEDIA = {
    MediaKind.IMAGE: ("png", "image/png"),
    MediaKind.VIDEO: ("mp4", "video/mp4"),
    MediaKind.AUDIO: ("mp3", "audio/mpeg"),
}
_TEXTS = {
    "negative_prompt": ("blur, captions", "noise"),
    "template_name": ("morphlab", "hug"),
    "character_url": ("https://media.example/character.mp4", "https://media.example/other.mp4"),
    "character_timestamps": ("1,3", "2,4"),
    "watermark_link": ("https://media.example/mark.png", "https://media.example/other.png"),
    "static_mask": ("https://media.example/mask.png", "https://media.example/other.png"),
    "callback_url": ("https://hook.example/a", "https://hook.example/b"),
    "provenance": ('{"label": 1}', '{"label": 2}'),
    "dynamic_masks": (
        '[{"mask": "https://media.example/mask.png", "trajectories": [{"x": 1, "y": 2}, {"x": 30, "y": 40}]}]',
        '[{"mask": "https://media.example/mask.png", "trajectories": [{"x": 5, "y": 6}, {"x": 70, "y": 80}]}]',
    ),
    "file_infos": (
        '[{"Type": "Url", "Category": "Image", "Url": "https://media.example/a.png", "Usage": "Reference"}]',
        '[{"Type": "Url", "Category": "Image", "Url": "https://media.example/b.png", "Usage": "Reference"}]',
    ),
    "shots": ("2 s: the boat sets off\n3 s: it turns the corner", "5 s: the boat alone"),
}
SHOT_SECONDS = 5
"""What the shots of the samples add up to."""
TYPED = "sandbox-video"
"""A model that no family of the catalog knows; the sandbox has it."""
SOURCE = "task_source:1"
"""The finished task from which the entries that continue one go on."""

Golden = dict[str, dict[str, dict[str, Any]]]
"""Entry id -> model id -> mode -> the call as plain JSON."""


# --- sample drafts -----------------------------------------------------------------------------------------------


def sample_values(parameter: Parameter) -> tuple[Value, ...]:
    """Valid values of a parameter, different from one another: every choice, both ends of a range, or two texts.

    A range that is open at one end gives that end and its neighbour.
    """
    if parameter.choices:
        return parameter.choices
    if parameter.is_range:
        low, high = parameter.minimum, parameter.maximum
        if low is None or high is None:
            return (low, low + 1) if low is not None else (high, high - 1) if high is not None else ()
        return (low, high)
    return _TEXTS.get(parameter.id, ("one text", "another text"))


def sample_reference(kind: MediaKind, number: int, send_as: SendAs) -> Reference:
    """A reference within every family's limits, for the given form."""
    suffix, media_type = _MEDIA[kind]
    name = f"{kind}-{number}.{suffix}"
    if send_as is SendAs.URL:
        return Reference(name, kind, url=f"https://media.example/{name}")
    if send_as is SendAs.ASSET:
        return Reference(f"asset://asset-{kind}-{number}", kind, asset=f"asset-{kind}-{number}")
    sides = (1280, 720) if kind is MediaKind.IMAGE else (None, None)
    seconds = None if kind is MediaKind.IMAGE else 5.0
    digest = f"{number:02x}" * 32
    width, height = sides
    return Reference(
        name, kind, digest, media_type=media_type, size=200_000 + number, width=width, height=height, seconds=seconds
    )


def filled(slot: Slot, count: int, first: int = 1) -> tuple[Reference, ...]:
    """`count` references for a slot, each in the form that is the slot's first choice."""
    return tuple(sample_reference(slot.kind, first + n, slot.forms[0].send_as) for n in range(count))


def required_values(cell: Cell) -> dict[str, Value]:
    needed = [p for p in cell.parameters if p.required and p.fixed is None and p.default is None]
    return {p.id: sample_values(p)[0] for p in needed}


def source_of(cell: Cell) -> str:
    return SOURCE if cell.continues else ""


def forbidden(cell: Cell, values: Mapping[str, Value], held: Mapping[str, tuple[Reference, ...]]) -> set[str]:
    """The parameters that a rule leaves no value for, given the others."""
    return {
        name for rule in cell.rules if rule.applies(values, held) for name, allowed in rule.then.items() if not allowed
    }


def minimal_draft(cell: Cell) -> Draft:
    """The smallest draft of a cell: every slot at its minimum, and one more or a value if a rule needs it."""
    held = {slot.id: filled(slot, slot.minimum, 10 * n) for n, slot in enumerate(cell.slots)}
    for rule in cell.rules:
        slot = cell.slot(rule.needs[0]) if rule.needs else None
        if slot and rule.applies({}, {}) and not any(held[slot_id] for slot_id in rule.needs):
            held[slot.id] = filled(slot, 1, 50)
    values = required_values(cell)
    for rule in cell.rules:
        for parameter in (p for p in cell.parameters if p.id in rule.then and rule.applies(values, held)):
            if rule.find_conflict(parameter, values) is not None:
                values[parameter.id] = rule.then[parameter.id][0]
    refs = {slot_id: refs for slot_id, refs in held.items() if refs}
    return Draft(PROMPT, values, refs, source=source_of(cell))


def full_draft(cell: Cell) -> Draft:
    """Every slot at its minimum but never empty, and every parameter that is a choice set to its first value.

    What the model refuses, and what a rule excludes beside the rest, is left out.
    """
    held = {slot.id: filled(slot, max(slot.minimum, 1), 10 * n + 1) for n, slot in enumerate(cell.slots)}
    values = {p.id: sample_values(p)[0] for p in cell.parameters if p.settable}
    if "shots" in values and "seconds" in values:
        values["seconds"] = SHOT_SECONDS
    gone = forbidden(cell, values, held)
    return Draft(PROMPT, {k: v for k, v in values.items() if k not in gone}, held, source=source_of(cell))


def request_of(asked: Draft, cell: Cell) -> Request:
    """The checked request of a draft that has no problem."""
    checked = draft.check(asked, cell)
    assert checked.request is not None, f"{name_of(cell)}: {checked.problems}"
    return checked.request


def call_of(asked: Draft, cell: Cell) -> Call:
    return wire.encode(request_of(asked, cell), cell)


# --- cells and their goldens -------------------------------------------------------------------------------------


def catalog() -> Catalog:
    return load()


def open_cells() -> list[Cell]:
    """Every cell of every named model that is not refused, and those of one typed model that no family knows."""
    return [*(cell for cell in catalog().cells() if not cell.refused), *typed_cells()]


def typed_cells() -> list[Cell]:
    """Every cell of `TYPED` in the families for any model."""
    return [
        cell
        for family in catalog().families.values()
        if family.generic
        for entry in family.entries
        for mode in family.modes(TYPED, entry.id)
        if (cell := family.cell(TYPED, mode, entry.id)) is not None
    ]


def name_of(cell: Cell) -> str:
    return f"{cell.family} / {cell.entry.id} / {cell.model.id} / {cell.mode}"


def facts_of(call: Call) -> dict[str, Any]:
    """A call as plain JSON. Bytes are abridged in a JSON body, and given by size and digest in a form."""
    assert call.body is not None
    shown: dict[str, Any] = {"method": call.method, "path": call.path, "content_type": call.body.content_type}
    if call.body is Body.FORM:
        return shown | {"form": [wire.describe_part(part) for part in call.form]}
    return shown | {"json": wire.abridge(call.json)}


def made() -> dict[str, Golden]:
    """The golden calls as the program makes them now, by family."""
    goldens: dict[str, Golden] = {family: {} for family in catalog().families}
    for cell in open_cells():
        models = goldens[cell.family].setdefault(cell.entry.id, {})
        models.setdefault(cell.model.id, {})[cell.mode.value] = facts_of(call_of(full_draft(cell), cell))
    return goldens


@lru_cache(maxsize=32)
def kept(family: str) -> Golden:
    """The golden calls of a family on disk; empty if there is no file."""
    path = FOLDER / f"{family}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def write(goldens: Mapping[str, Golden], folder: Path = FOLDER) -> None:
    """Write exactly these golden calls to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.json"):
        if path.stem not in goldens:
            path.unlink()
    for family, golden in goldens.items():
        text = json.dumps(golden, ensure_ascii=False, indent=2)
        (folder / f"{family}.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python -m tests.unit.golden --write")
    write(made())
