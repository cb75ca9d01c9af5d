"""What would mend a failed run: its own request without the one thing that was refused. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from dailies.catalog.load import Catalog
from dailies.compare.carry import carry
from dailies.domain import Cell, Draft, Notice, Reference, Request, Run
from dailies.request import wire
from dailies.request.draft import check
from dailies.vocabulary import Kinship, MediaKind, Mode, RunState, Stage, Value
from dailies.work.life import create_run

_OF_SOUND = re.compile(r"\b(audio|sound|voice|music)", re.IGNORECASE)
"""How a gateway speaks of the sound that it refuses."""


@dataclass(frozen=True, slots=True)
class Mend:
    """A request that may pass where a run's did not. `label` is the button, `about` what it does, for people.

    `notices` list what else differs from the run's request.
    """

    label: str
    about: str
    silent: bool  # the sound is left out; else the media are
    request: Request
    cell: Cell
    notices: tuple[Notice, ...] = ()


def find_mend(run: Run, catalog: Catalog) -> Mend | None:
    """Find what would mend a run; None where nothing is known, or where what remains cannot be sent."""
    failure, request = run.failure, run.request
    family = catalog.families.get(request.family)
    if failure is None or run.state is not RunState.FAILED or family is None or request.sent_as:
        return None
    if family.model(request.model, request.entry) is None:
        return None
    cell = family.cell(request.model, request.mode, request.entry)
    if cell is None:
        return None
    if _OF_SOUND.search(failure.what) and request.values.get("audio") == "on":
        return _silence(request, cell)
    plain = family.cell(request.model, Mode.TEXT, request.entry)
    if failure.stage is Stage.REVIEW and any(request.references.values()) and plain and not request.source:
        return _leave_out_media(request, cell, plain)
    return None


def _silence(request: Request, cell: Cell) -> Mend | None:
    quiet = _check(request, {**request.values, "audio": "off"}, request.references, cell)
    if quiet is None:
        return None
    about = "Makes a new task of the same request with the sound off."
    return Mend("Turn sound off and send again", about, True, quiet, cell)


def _leave_out_media(request: Request, cell: Cell, plain: Cell) -> Mend | None:
    carried = carry(request.values, cell, plain)
    bare = _check(request, carried.values, {}, plain)
    if bare is None:
        return None
    what = _name_media(request.references)
    about = f"Makes a new task of the words alone. This run keeps {what}."
    return Mend(f"Send again without {what}", about, False, bare, plain, carried.notices)


def _check(
    request: Request, values: Mapping[str, Value], references: Mapping[str, tuple[Reference, ...]], cell: Cell
) -> Request | None:
    return check(Draft(request.prompt, values, references, request.metadata, request.source), cell).request


def _name_media(references: Mapping[str, tuple[Reference, ...]]) -> str:
    held = [reference for media in references.values() for reference in media]
    if any(reference.kind is not MediaKind.IMAGE for reference in held):
        return "the file" if len(held) == 1 else "the files"
    return "the picture" if len(held) == 1 else "the pictures"


def send_mended(run: Run, mend: Mend, now: datetime, token: str = "") -> Run:
    """Make a new run of a mended request, which is charged anew; `run` is its parent and stays as it is."""
    call = wire.encode(mend.request, mend.cell)
    made = create_run(mend.request, call, mend.cell.route, run.gateway, now, owner=run.owner, token=token)
    rewrite = run.rewrite if mend.request.prompt == run.request.prompt else None
    return replace(made, parent=run.id, kinship=Kinship.USED_AGAIN, rewrite=rewrite)
