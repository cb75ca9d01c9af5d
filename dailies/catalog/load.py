"""Loads the catalog: every family, model and mode as immutable cells, read once from `catalog/*.toml`.

Names no family and no model: those are data. `dailies.catalog.files` is the format of a file, `dailies.catalog.cells`
the merging of its levels.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any

from dailies.catalog.billing import NamesFile
from dailies.catalog.cells import Resolver
from dailies.catalog.files import (
    ROUTES,
    SOURCES,
    EntryFile,
    FamilyFile,
    ModeSpec,
    RoutesFile,
    SupportSpec,
    make_origin,
    read,
    read_sources,
    resolve_origin,
)
from dailies.catalog.overlay import VARIABLE, accept_fact, find_file, find_overlay, write
from dailies.domain import Cell, Entry, Model, Notice, SupportClaim
from dailies.errors import CatalogError, DailiesError
from dailies.lifecycle import Lifecycle
from dailies.origin import Origin
from dailies.parameter import Parameter
from dailies.tree import TREE
from dailies.vocabulary import PARAMETERS, LifeState, Mode, Support

FOLDER = TREE / "catalog"
_MOST_NEAR = 3


@dataclass(frozen=True, slots=True)
class Family:
    """Models that share a form, a page and a wire shape."""

    id: str
    title: str
    icon: str
    order: int
    summary: str
    docs: str
    checked: date
    patterns: tuple[str, ...]
    pattern_origin: Origin | None
    support: Mapping[Mode, SupportClaim]
    audio: SupportClaim
    entries: tuple[Entry, ...]
    models: Mapping[str, tuple[Model, ...]]  # entry id -> models, in the file's order
    cells: Mapping[tuple[str, str, Mode], Cell]  # (entry id, model id, mode); model id "" stands for a typed one

    @property
    def generic(self) -> bool:
        """Whether it takes any model that no other family knows."""
        return "*" in self.patterns

    def fits(self, model_id: str) -> bool:
        """Whether a model id matches a pattern of this family, with at least one character in place of the `*`."""
        return any(fnmatchcase(model_id, pattern) and len(model_id) >= len(pattern) for pattern in self.patterns)

    def model(self, model_id: str, entry: str = "") -> Model | None:
        """The named model, else a typed one if the id fits; `entry` "" means the family's first."""
        rows = self.models[entry or self.entries[0].id]
        for row in rows:
            if row.id == model_id:
                return row
        if self.pattern_origin and self.fits(model_id):
            note = "Not in the catalog; the name fits the family's pattern."
            return Model(model_id, "typed", self.pattern_origin, note)
        return None

    def cell(self, model_id: str, mode: Mode, entry: str = "") -> Cell | None:
        """The cell of a named or typed model; None if the model does not offer the mode on this entry."""
        entry = entry or self.entries[0].id
        model = self.model(model_id, entry)
        if model is None or model.status != "typed":
            return self.cells.get((entry, model_id, mode))
        template = self.cells.get((entry, "", mode))
        return replace(template, model=model) if template else None

    def continuations(self, entry: str) -> tuple[Entry, ...]:
        """The entries that continue a finished run of `entry`."""
        return tuple(candidate for candidate in self.entries if entry in candidate.after)

    def entry_for_files(self, cell: Cell) -> Entry | None:
        """The first entry that takes files in every slot of a cell, for the same model and mode; None if none does."""
        for entry in self.entries:
            other = None if entry.after else self.cell(cell.model.id, cell.mode, entry.id)
            if other is None or other.refused:
                continue
            taken = {slot.id for slot in other.slots if slot.takes_files}
            if all(slot.id in taken for slot in cell.slots):
                return entry
        return None

    @property
    def life(self) -> Lifecycle | None:
        """Where the family's first model stands in its life."""
        return next((model.life for model in self.models[self.entries[0].id]), None)

    def modes(self, model_id: str, entry: str = "") -> tuple[Mode, ...]:
        """The modes a model offers, in the vocabulary's order."""
        return tuple(mode for mode in Mode if self.cell(model_id, mode, entry) is not None)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every family, by id, in the order of the pages."""

    families: Mapping[str, Family]
    version: str = ""
    """The day of its newest source and the beginning of a digest of its files: `2026-11-28.1f0c22ab`."""

    def find(self, model_id: str, entry: str = "") -> tuple[Family, Model] | None:
        """Find the family of a model id: by name first, then by the families' patterns."""
        found = [
            (family, model)
            for family in self.families.values()
            for candidate in family.entries
            if entry in ("", candidate.id) and (model := family.model(model_id, candidate.id))
        ]
        named = (pair for pair in found if pair[1].status != "typed")
        return next(named, found[0] if found else None)

    def name_unknown(self, model_id: str) -> Notice | None:
        """Return a notice that no family knows a model, with the nearest ids of the catalog; None for a known one."""
        found = self.find(model_id)
        if not model_id or (found is not None and not found[0].generic):
            return None
        known = {
            row.id.lower(): row.id
            for family in self.families.values()
            for rows in family.models.values()
            for row in rows
        }
        near = [known[name] for name in get_close_matches(model_id.lower(), known, n=_MOST_NEAR)]
        meant = f" Did you mean {' or '.join(near)}?" if near else ""
        return Notice("Model", f"No family of the catalog knows {model_id}; it is sent as typed.{meant}")

    def list_alive(self, mode: Mode) -> list[Cell]:
        """The cells of a mode on main entries that are known to be served and not advised against.

        Models of the founding documents come first; among them those that no newer one has replaced, then the order of
        the pages.
        """
        found = [
            cell
            for cell in self.cells()
            if cell.mode is mode
            and cell.entry.id == self.families[cell.family].entries[0].id
            and cell.support.support is not Support.DISCOURAGED
            and cell.model.life
            and cell.model.life.state.alive
        ]

        def rank(cell: Cell) -> tuple[bool, bool]:
            life = cell.model.life
            return cell.model.status != "current", life is None or life.state is not LifeState.CURRENT

        return sorted(found, key=rank)

    def cells(self) -> Iterator[Cell]:
        """Every cell of every named model."""
        for family in self.families.values():
            yield from (cell for (_, model_id, _), cell in family.cells.items() if model_id)


@lru_cache(maxsize=4)
def load(folder: Path = FOLDER) -> Catalog:
    """Read and resolve every file of a folder.

    Raises `CatalogError` naming file and key for anything unknown, duplicate, colliding, outside its choices or without
    effect, and for a source that is unknown or cited nowhere. Over the program's own catalog lies the operator's, see
    `dailies.catalog.overlay`.
    """
    overlay = find_overlay() if folder == FOLDER else None
    sources = read_sources(folder, overlay)
    shared = read(folder / ROUTES, RoutesFile, sources, overlay)
    _check_shared(shared)
    found: list[_Files] = []
    for path in sorted(folder.glob("*.toml")):
        if path.name not in (ROUTES, SOURCES) and "." not in path.stem:
            file = read(path, FamilyFile, sources, overlay)
            extra = [(p, read(p, EntryFile, sources, overlay)) for p in sorted(folder.glob(f"{path.stem}.*.toml"))]
            found.append((path, file, extra))
        elif not (home := folder / f"{path.stem.split('.')[0]}.toml").exists():
            raise CatalogError(path.name, "", f"is a further entry of {home.name}, which does not exist")
    for path in sorted((folder / "names").glob("*.toml")):
        read(path, NamesFile, sources)  # `dailies.catalog.billing` loads them; here their citations count
    sources.refuse_unused()
    lives = _lives(found)
    families = [_family(files, shared, lives) for files in found]
    owners: dict[tuple[str, str], str] = {}
    for family in families:
        for entry_id, models in family.models.items():
            for model in models:
                if other := owners.get((entry_id, model.id)):
                    raise CatalogError(f"{family.id}.toml", f"models.{model.id}", f"also named by {other}.toml")
                owners[entry_id, model.id] = family.id
    newest = max((source.checked for source in sources.known.values() if source.checked), default=date.min)
    version = f"{newest}.{_digest(folder, overlay)}"
    return Catalog({family.id: family for family in sorted(families, key=lambda f: f.order)}, version)


def _digest(folder: Path, overlay: Path | None) -> str:
    """Return the first digits of the digest of all files that a catalog is read from."""
    found = hashlib.sha256()
    for place in filter(None, (folder, overlay)):
        for path in sorted(place.rglob("*.toml")):
            found.update(path.read_bytes())
    return found.hexdigest()[:8]


def accept(cell: Cell, parameter: Parameter, fact: Mapping[str, Any], seen: str, today: date) -> None:
    """Accept into the operator's overlay what a model takes of a parameter, and read the catalog anew.

    `fact` is `{"choices": [...]}`, `{"min": ...}` or `{"max": ...}`. Raises `DailiesError` without an overlay, and for
    what the catalog would refuse; then nothing has changed.
    """
    overlay = find_overlay()
    if overlay is None:
        raise DailiesError(f"Name a folder in {VARIABLE} first: what is accepted is written there.")
    name = find_file(FOLDER, cell.family, cell.entry.id)
    before = accept_fact(overlay, name, cell.model.id, parameter, fact, seen, today)
    load.cache_clear()
    try:
        _check_effect(cell, parameter, fact)
    except DailiesError:
        write(overlay / name, before)
        load.cache_clear()
        raise


def _check_effect(cell: Cell, parameter: Parameter, fact: Mapping[str, Any]) -> None:
    found = load().families[cell.family].cell(cell.model.id, cell.mode, cell.entry.id)
    after = found.parameter(parameter.id) if found else None
    if after is None or not all(_read_fact(after, name) == value for name, value in fact.items()):
        raise DailiesError(
            f"The mode {cell.mode.label} has values of its own for {parameter.title}, which come after those of the "
            f"model. Change {cell.family}.toml in {VARIABLE} by hand."
        )


def _read_fact(parameter: Parameter, name: str) -> object:
    return {"min": parameter.minimum, "max": parameter.maximum, "choices": list(parameter.choices)}[name]


def _check_shared(shared: RoutesFile) -> None:
    for name, route in shared.routes.items():
        resolve_origin(route, shared.checked, ROUTES, f"routes.{name}")
    for name, form in shared.forms.items():
        resolve_origin(form, shared.checked, ROUTES, f"forms.{name}")
        for parameter_id, placement in form.parameters.items():
            key = f"forms.{name}.parameters.{parameter_id}"
            if parameter_id not in PARAMETERS:
                raise CatalogError(ROUTES, key, "is not a parameter id")
            if not placement.to and not isinstance(placement.template, dict):
                raise CatalogError(ROUTES, key, "goes into the body itself, which needs a template with keys")


_Files = tuple[Path, FamilyFile, list[tuple[Path, EntryFile]]]
"""A family's file and its further entries, each with its path."""


def _family(files: _Files, shared: RoutesFile, lives: Mapping[str, Lifecycle]) -> Family:
    path, file, extra = files
    entries: list[Entry] = []
    models: dict[str, tuple[Model, ...]] = {}
    cells: dict[tuple[str, str, Mode], Cell] = {}
    for entry_path, entry_file in [(path, file), *extra]:
        resolver = Resolver(path.stem, entry_path.name, entry_file, shared, typed=bool(file.patterns), lives=lives)
        if entry_file.prompt.max_chars is not None:
            resolve_origin(entry_file.prompt, entry_file.checked, entry_path.name, "prompt")
        if resolver.entry.id in models:
            raise CatalogError(entry_path.name, "entry.id", f"{resolver.entry.id} is named twice")
        entries.append(resolver.entry)
        models[resolver.entry.id] = resolver.models()
        cells.update(resolver.cells())
    if bool(file.patterns) != bool(file.pattern_source):
        raise CatalogError(path.name, "pattern_source", "goes with patterns: give both or neither")
    pattern_origin = None
    if file.patterns:
        pattern_origin = make_origin(file.pattern_source, file.checked, path.name, "pattern_source")
    return Family(
        id=path.stem,
        title=file.title,
        icon=file.icon,
        order=file.order,
        summary=file.summary,
        docs=file.docs,
        checked=file.checked,
        patterns=tuple(file.patterns),
        pattern_origin=pattern_origin,
        support={mode: _claim(path, f"modes.{mode}", spec, file.checked) for mode, spec in file.modes.items()},
        audio=_claim(path, "audio", file.audio, file.checked),
        entries=tuple(entries),
        models=models,
        cells=cells,
    )


def _lives(found: Iterable[_Files]) -> dict[str, Lifecycle]:
    """The lives of models by id. Raises `CatalogError` for one that its family does not have, or named twice."""
    lives: dict[str, Lifecycle] = {}
    for path, file, extra in found:
        known = {row.id for each in (file, *(more for _, more in extra)) for row in each.models}
        for number, spec in enumerate(file.life):
            key = f"life.{number}"
            origin = resolve_origin(spec, file.checked, path.name, key)
            for model in spec.models:
                if model not in known or model in lives:
                    what = "is named twice" if model in lives else "is not a model of this family"
                    raise CatalogError(path.name, key, f"{model} {what}")
                lives[model] = Lifecycle(spec.state, spec.since, spec.successor, spec.note, origin)
    return lives


def _claim(path: Path, key: str, spec: ModeSpec | SupportSpec, checked: date) -> SupportClaim:
    return SupportClaim(spec.support, spec.note, resolve_origin(spec, checked, path.name, key))
