"""The catalog: reads `catalog/*.toml`, checks it strictly, and resolves it once into cells.

Owns the file format and its errors. Knows no family and no model: those are data. The three levels (family, model,
mode) are merged here and nowhere else, in this order: the family's parameter, the model's, the family's for the mode,
the model's for the mode; a later level narrows or replaces by name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dailies.domain import (
    PARAMETERS,
    SLOTS,
    Body,
    Cell,
    Entry,
    MediaForm,
    MediaKind,
    MediaLimits,
    Mode,
    Model,
    ModeSupport,
    Origin,
    Parameter,
    Placement,
    Precedence,
    Route,
    Rule,
    SendAs,
    Slot,
    Support,
    Value,
)
from dailies.errors import CatalogError

FOLDER = Path(__file__).resolve().parent.parent / "catalog"
ROUTES = "routes.toml"
_MANY = ("references", "reference_videos", "reference_audios")


# --- the file format ---------------------------------------------------------------------------------------------


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class _Stated(_Strict):
    """A claim: `source` names where it stands, `checked` when it was read (inherited from the file if absent)."""

    source: str = ""
    checked: date | None = None


class _PlacementSpec(_Strict):
    to: str
    cast: Literal["plain", "text", "integer", "json"] = Field(default="plain", alias="as")
    values: dict[str, Any] = {}
    template: Any = None

    def resolve(self) -> Placement:
        return Placement(self.to, self.cast, self.values, self.template)


class _MediaFormSpec(_Strict):
    send_as: SendAs = Field(alias="as")
    to: str
    template: Any = None
    body: Body | None = None
    note: str = ""


class _FormModeSpec(_Strict):
    slots: dict[str, list[_MediaFormSpec]] = {}
    send: dict[str, Any] = {}


class _PrecedenceSpec(_Stated):
    value: str
    order: list[str]


class _FormSpec(_Stated):
    """How one wire dialect writes a request: the kind of body, and a place for every parameter and slot."""

    body: Body
    model: _PlacementSpec = _PlacementSpec(to="model")
    prompt: _PlacementSpec = _PlacementSpec(to="prompt")
    parameters: dict[str, _PlacementSpec] = {}
    modes: dict[Mode, _FormModeSpec] = {}
    precedence: list[_PrecedenceSpec] = []


class _RouteSpec(_Stated):
    create: str
    query: str
    content: str
    sdk: bool = False


class _RoutesFile(_Strict):
    checked: date
    routes: dict[str, _RouteSpec]
    forms: dict[str, _FormSpec]


class _ParameterSpec(_Stated):
    choices: list[Value] | None = None
    min: int | None = None
    max: int | None = None
    default: Value | None = None
    assumed: Value | None = None
    fixed: Value | None = None
    free: bool | None = None
    required: bool | None = None
    max_chars: int | None = None
    support: Support | None = None
    note: str | None = None
    absent: bool = False


class _SlotSpec(_Strict):
    min: int | None = None
    max: int | None = None
    note: str = ""


class _ModeSpec(_Stated):
    support: Support
    note: str
    refused: str = ""
    slots: dict[str, _SlotSpec] = {}
    parameters: dict[str, _ParameterSpec] = {}


class _ModelModeSpec(_Stated):
    support: Support | None = None
    note: str = ""
    refused: str = ""
    slots: dict[str, _SlotSpec] = {}
    parameters: dict[str, _ParameterSpec] = {}


class _ModelSpec(_Stated):
    id: str
    status: Literal["current", "listed", "billing", "retired"] = "current"
    note: str = ""
    sunset: date | None = None
    offers: list[Mode] | None = None
    parameters: dict[str, _ParameterSpec] = {}
    modes: dict[Mode, _ModelModeSpec] = {}


class _LimitsSpec(_Stated):
    types: list[str] = []
    max_mb: float | None = None
    min_side: int | None = None
    max_side: int | None = None
    min_ratio: float | None = None
    max_ratio: float | None = None
    min_seconds: float | None = None
    max_seconds: float | None = None


class _RuleSpec(_Stated):
    modes: list[Mode] = []
    when: dict[str, list[Value]] = {}
    then: dict[str, list[Value]] = {}
    needs: list[str] = []
    note: str


class _SupportSpec(_Stated):
    support: Support
    note: str


class _EntrySpec(_Strict):
    id: str
    title: str
    route: str
    form: str


class _PromptSpec(_Stated):
    max_chars: int | None = None
    required: bool = True


class _EntryFile(_Strict):
    """What one entry of a family can do. A family's main entry stands in the family's own file."""

    checked: date
    entry: _EntrySpec
    prompt: _PromptSpec = _PromptSpec()
    modes: dict[Mode, _ModeSpec]
    media: dict[MediaKind, _LimitsSpec] = {}
    parameters: dict[str, _ParameterSpec] = {}
    rules: list[_RuleSpec] = []
    models: list[_ModelSpec]


class _FamilyFile(_EntryFile):
    title: str
    icon: str
    order: int
    summary: str
    docs: str = ""
    patterns: list[str] = []
    pattern_source: str = ""
    audio: _SupportSpec


_File = TypeVar("_File", bound=BaseModel)


# --- what the rest of the program sees ---------------------------------------------------------------------------


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
    support: Mapping[Mode, ModeSupport]
    audio: ModeSupport
    entries: tuple[Entry, ...]
    models: Mapping[str, tuple[Model, ...]]  # entry id -> models, in the file's order
    cells: Mapping[tuple[str, str, Mode], Cell]  # (entry id, model id, mode); model id "" stands for a typed one

    def typed(self, model_id: str) -> bool:
        """Whether a model id that no row names belongs here by its pattern."""
        return any(fnmatchcase(model_id, pattern) and len(model_id) > len(pattern) - 1 for pattern in self.patterns)

    def model(self, model_id: str, entry: str = "") -> Model | None:
        rows = self.models[entry or self.entries[0].id]
        for row in rows:
            if row.id == model_id:
                return row
        if self.pattern_origin and self.typed(model_id):
            return Model(model_id, "typed", self.pattern_origin, "Not a row of the catalog; it fits the family's pattern.")
        return None

    def cell(self, model_id: str, mode: Mode, entry: str = "") -> Cell | None:
        """The cell of a named or typed model; None where the model does not offer the mode on this entry."""
        entry = entry or self.entries[0].id
        cell = self.cells.get((entry, model_id, mode))
        if cell is None and self.typed(model_id) and not self._named(model_id, entry):
            template = self.cells.get((entry, "", mode))
            model = self.model(model_id, entry)
            return replace(template, model=model) if template and model else None
        return cell

    def modes(self, model_id: str, entry: str = "") -> tuple[Mode, ...]:
        """The modes a model offers, in the vocabulary's order."""
        return tuple(mode for mode in Mode if self.cell(model_id, mode, entry) is not None)

    def _named(self, model_id: str, entry: str) -> bool:
        return any(row.id == model_id for row in self.models[entry])


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every family, by id, in the order of the pages."""

    families: Mapping[str, Family]

    def find(self, model_id: str, entry: str = "") -> tuple[Family, Model] | None:
        """The family a model id belongs to: a named row first, then the families' patterns."""
        for by_name in (True, False):
            for family in self.families.values():
                for candidate in family.entries:
                    if entry and candidate.id != entry:
                        continue
                    model = family.model(model_id, candidate.id)
                    if model and (model.status != "typed") == by_name:
                        return family, model
        return None

    def cells(self) -> Iterator[Cell]:
        """Every cell of every named model."""
        for family in self.families.values():
            yield from (cell for (_, model_id, _), cell in family.cells.items() if model_id)


@lru_cache(maxsize=4)
def load(folder: Path = FOLDER) -> Catalog:
    """Read and resolve every file of `folder`.

    Raises `CatalogError` naming the file and the key for anything unknown, duplicate, colliding, outside its choices
    or without effect.
    """
    shared = _read(folder / ROUTES, _RoutesFile)
    families: list[Family] = []
    for path in sorted(folder.glob("*.toml")):
        if path.name != ROUTES and "." not in path.stem:
            file = _read(path, _FamilyFile)
            extra = [(p, _read(p, _EntryFile)) for p in sorted(folder.glob(f"{path.stem}.*.toml"))]
            families.append(_family(path, file, extra, shared))
    owners: dict[tuple[str, str], str] = {}
    for family in families:
        for entry_id, models in family.models.items():
            for model in models:
                if other := owners.get((entry_id, model.id)):
                    raise CatalogError(f"{family.id}.toml", f"models.{model.id}", f"also named by {other}.toml")
                owners[entry_id, model.id] = family.id
    return Catalog({family.id: family for family in sorted(families, key=lambda f: f.order)})


def _read(path: Path, shape: type[_File]) -> _File:
    try:
        return shape.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(path.name, "", f"is not valid TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise CatalogError(path.name, key, first["msg"]) from error


# --- resolution --------------------------------------------------------------------------------------------------


def _family(path: Path, file: _FamilyFile, extra: Iterable[tuple[Path, _EntryFile]], shared: _RoutesFile) -> Family:
    support = {mode: _mode_support(path, mode, spec, file.checked) for mode, spec in file.modes.items()}
    entries: list[Entry] = []
    models: dict[str, tuple[Model, ...]] = {}
    cells: dict[tuple[str, str, Mode], Cell] = {}
    for entry_path, entry_file in [(path, file), *extra]:
        resolver = _Resolver(path.stem, entry_path.name, entry_file, shared, typed=bool(file.patterns))
        if resolver.entry.id in models:
            raise CatalogError(entry_path.name, "entry.id", f"{resolver.entry.id} is named twice")
        entries.append(resolver.entry)
        models[resolver.entry.id] = resolver.models()
        cells.update(resolver.cells())
    if bool(file.patterns) != bool(file.pattern_source):
        raise CatalogError(path.name, "pattern_source", "goes with patterns, and patterns with it")
    pattern_origin = Origin(file.pattern_source, file.checked) if file.patterns else None
    audio = ModeSupport(Mode.TEXT, file.audio.support, file.audio.note, _origin(file.audio, file.checked, path, "audio"))
    return Family(
        path.stem, file.title, file.icon, file.order, file.summary, file.docs, file.checked, tuple(file.patterns),
        pattern_origin, support, audio, tuple(entries), models, cells,
    )  # fmt: skip


def _origin(stated: _Stated, checked: date, path: Path | str, key: str, fallback: str = "") -> Origin:
    source = stated.source or fallback
    if not source:
        raise CatalogError(str(getattr(path, "name", path)), key, "states a fact without a source")
    return Origin(source, stated.checked or checked)


def _mode_support(path: Path, mode: Mode, spec: _ModeSpec, checked: date) -> ModeSupport:
    return ModeSupport(mode, spec.support, spec.note, _origin(spec, checked, path, f"modes.{mode}"))


class _Resolver:
    """Turns one entry file into cells. Holds the file's name for its errors."""

    def __init__(self, family: str, name: str, file: _EntryFile, shared: _RoutesFile, *, typed: bool) -> None:
        self.family, self.name, self.file, self.typed = family, name, file, typed
        if file.entry.route not in shared.routes:
            raise CatalogError(name, "entry.route", f"{file.entry.route} is not in {ROUTES}")
        if file.entry.form not in shared.forms:
            raise CatalogError(name, "entry.form", f"{file.entry.form} is not in {ROUTES}")
        route = shared.routes[file.entry.route]
        self.entry = Entry(
            file.entry.id,
            file.entry.title,
            Route(file.entry.route, route.create, route.query, route.content, route.sdk),
        )
        self.form = shared.forms[file.entry.form]
        self.shared_checked = shared.checked

    def models(self) -> tuple[Model, ...]:
        seen: set[str] = set()
        rows = []
        for row in self.file.models:
            if row.id in seen:
                raise CatalogError(self.name, f"models.{row.id}", "is named twice")
            seen.add(row.id)
            origin = _origin(row, self.file.checked, self.name, f"models.{row.id}")
            rows.append(Model(row.id, row.status, origin, row.note, row.sunset))
        return tuple(rows)

    def cells(self) -> Iterator[tuple[tuple[str, str, Mode], Cell]]:
        rows = list(zip(self.file.models, self.models(), strict=True))
        for spec, model in rows:
            for mode in spec.offers or self.file.modes:
                if mode not in self.file.modes:
                    raise CatalogError(self.name, f"models.{spec.id}.offers", f"{mode} is not a mode of this file")
                yield (self.entry.id, model.id, mode), self._cell(spec, model, mode)
            for mode in spec.modes:
                if mode not in (spec.offers or self.file.modes):
                    raise CatalogError(self.name, f"models.{spec.id}.modes.{mode}", "is not offered by the model")
        if self.typed:
            any_model = Model("", "typed", Origin("typed by hand", self.file.checked))
            for mode in self.file.modes:
                yield (self.entry.id, "", mode), self._cell(_ModelSpec(id=""), any_model, mode)

    def _cell(self, spec: _ModelSpec, model: Model, mode: Mode) -> Cell:
        family_mode = self.file.modes[mode]
        model_mode = spec.modes.get(mode, _ModelModeSpec())
        origin = _origin(family_mode, self.file.checked, self.name, f"modes.{mode}")
        support = ModeSupport(
            mode, model_mode.support or family_mode.support, model_mode.note or family_mode.note, origin
        )
        form_mode = self.form.modes.get(mode, _FormModeSpec())
        parameters = self._parameters(spec, family_mode, model_mode, mode)
        slots = tuple(self._slots(form_mode, family_mode, model_mode, mode))
        refused = model_mode.refused or family_mode.refused
        if mode is not Mode.TEXT and not slots and not refused:
            raise CatalogError(self.name, f"modes.{mode}", f"form {self.file.entry.form} has no place for its media")
        cell = Cell(
            family=self.family, entry=self.entry, model=model, mode=mode, support=support, body=self.form.body,
            model_to=self.form.model.resolve(), prompt_to=self.form.prompt.resolve(),
            prompt_required=self.file.prompt.required, prompt_max=self.file.prompt.max_chars,
            parameters=parameters, slots=slots,
            rules=tuple(self._rules(parameters, slots, mode)),
            precedence=tuple(
                Precedence(p.value, tuple(p.order), _origin(p, self.shared_checked, ROUTES, "precedence"))
                for p in self.form.precedence
            ),
            send=form_mode.send, refused=refused,
        )  # fmt: skip
        self._no_collisions(cell)
        return cell

    def _parameters(
        self, spec: _ModelSpec, family_mode: _ModeSpec, model_mode: _ModelModeSpec, mode: Mode
    ) -> tuple[Parameter, ...]:
        levels = (
            ("parameters", self.file.parameters),
            (f"models.{spec.id}.parameters", spec.parameters),
            (f"modes.{mode}.parameters", family_mode.parameters),
            (f"models.{spec.id}.modes.{mode}.parameters", model_mode.parameters),
        )
        found: dict[str, Parameter] = {}
        for level, patches in levels:
            for parameter_id, patch in patches.items():
                key = f"{level}.{parameter_id}"
                if parameter_id not in PARAMETERS:
                    raise CatalogError(self.name, key, f"is not a parameter id; known: {', '.join(PARAMETERS)}")
                before = found.get(parameter_id)
                if patch.absent:
                    if before is None:
                        raise CatalogError(self.name, key, "changes nothing: there is no such parameter to remove")
                    del found[parameter_id]
                    continue
                after = self._patched(before, parameter_id, patch, spec, key)
                if after == before:
                    raise CatalogError(self.name, key, "changes nothing")
                _check_values(self.name, key, after)
                found[parameter_id] = after
        order = list(PARAMETERS)
        return tuple(sorted(found.values(), key=lambda p: order.index(p.id)))

    def _patched(
        self, before: Parameter | None, parameter_id: str, patch: _ParameterSpec, spec: _ModelSpec, key: str
    ) -> Parameter:
        if before is None:
            placement = self.form.parameters.get(parameter_id)
            if placement is None and patch.fixed is None:
                raise CatalogError(self.name, key, f"form {self.file.entry.form} has no place for {parameter_id}")
            origin = _origin(patch, self.file.checked, self.name, key, fallback=spec.source)
            before = Parameter(parameter_id, origin, placement.resolve() if placement else None)
        elif patch.source:
            before = replace(before, origin=_origin(patch, self.file.checked, self.name, key))
        changes: dict[str, Any] = {
            ours: value
            for ours, value in (
                ("default", patch.default), ("assumed", patch.assumed), ("free", patch.free),
                ("required", patch.required), ("max_chars", patch.max_chars), ("support", patch.support),
                ("note", patch.note),
            )
            if value is not None
        }  # fmt: skip
        if patch.fixed is not None:
            # A fact leaves no room for choices, for a default of its own, or for other values.
            changes |= {"fixed": patch.fixed, "choices": (), "minimum": None, "maximum": None}
            changes |= {"default": None, "assumed": None, "free": False, "required": False}
            changes.setdefault("note", "")
        elif patch.choices is not None:
            changes |= {"choices": tuple(patch.choices), "minimum": None, "maximum": None, "fixed": None}
        elif patch.min is not None or patch.max is not None:
            changes |= {
                "choices": (), "fixed": None,
                "minimum": before.minimum if patch.min is None else patch.min,
                "maximum": before.maximum if patch.max is None else patch.max,
            }  # fmt: skip
        return replace(before, **changes)

    def _slots(
        self, form_mode: _FormModeSpec, family_mode: _ModeSpec, model_mode: _ModelModeSpec, mode: Mode
    ) -> Iterator[Slot]:
        patches = family_mode.slots | model_mode.slots
        for slot_id in patches:
            if slot_id not in form_mode.slots:
                raise CatalogError(self.name, f"modes.{mode}.slots.{slot_id}", "has no place on the wire in this form")
        for slot_id, forms in form_mode.slots.items():
            if slot_id not in SLOTS:
                raise CatalogError(ROUTES, f"modes.{mode}.slots.{slot_id}", f"is not a slot id; known: {list(SLOTS)}")
            patch = patches.get(slot_id)
            many = slot_id in _MANY
            if patch is None and many:
                continue  # a slot for several media exists only where the family says how many it takes
            patch = patch or _SlotSpec()
            minimum = 1 if patch.min is None else patch.min
            maximum = patch.max if many or patch.max is not None else 1
            if maximum is not None and maximum < minimum:
                raise CatalogError(self.name, f"modes.{mode}.slots.{slot_id}", f"max {maximum} is below min {minimum}")
            yield Slot(
                slot_id,
                tuple(
                    MediaForm(f.send_as, Placement(f.to, template=f.template), f.body, f.note) for f in forms
                ),
                minimum, maximum, self._limits(SLOTS[slot_id][1]), patch.note,
            )  # fmt: skip

    def _limits(self, kind: MediaKind) -> MediaLimits:
        spec = self.file.media.get(kind)
        if spec is None:
            return MediaLimits()
        return MediaLimits(
            tuple(spec.types), None if spec.max_mb is None else int(spec.max_mb * 1_000_000),
            spec.min_side, spec.max_side, spec.min_ratio, spec.max_ratio, spec.min_seconds, spec.max_seconds,
            _origin(spec, self.file.checked, self.name, f"media.{kind}"),
        )  # fmt: skip

    def _rules(self, parameters: tuple[Parameter, ...], slots: tuple[Slot, ...], mode: Mode) -> Iterator[Rule]:
        known = {p.id for p in parameters}
        held = {s.id for s in slots}
        for number, spec in enumerate(self.file.rules):
            key = f"rules[{number}]"
            for name in (*spec.when, *spec.then, *spec.needs):
                if name not in PARAMETERS and name not in SLOTS:
                    raise CatalogError(self.name, key, f"{name} is neither a parameter nor a slot")
            applies = not spec.modes or mode in spec.modes
            if applies and set(spec.when) <= known | held and set(spec.then) <= known and set(spec.needs) <= held:
                yield Rule(
                    {k: tuple(v) for k, v in spec.when.items()},
                    {k: tuple(v) for k, v in spec.then.items()},
                    tuple(spec.needs), spec.note, _origin(spec, self.file.checked, self.name, key),
                )  # fmt: skip

    def _no_collisions(self, cell: Cell) -> None:
        """No two things may be written to one place, nor one inside a place that holds a plain value."""
        places = [("model", cell.model_to.to), ("prompt", cell.prompt_to.to)]
        places += [(p.id, p.placement.to) for p in cell.parameters if p.placement]
        places += [("send", to) for to in cell.send]
        places += [(s.id, to) for s in cell.slots for to in {f.placement.to for f in s.forms}]
        for index, (name, to) in enumerate(places):
            for other, elsewhere in places[index + 1 :]:
                if name == other or (to.endswith("[]") and elsewhere == to):
                    continue
                if to == elsewhere or f"{to}.".startswith(f"{elsewhere}.") or f"{elsewhere}.".startswith(f"{to}."):
                    where = f"{cell.model.id} {cell.mode}"
                    raise CatalogError(self.name, where, f"{name} and {other} collide at {to}")


def _check_values(file: str, key: str, parameter: Parameter) -> None:
    shapes = sum((bool(parameter.choices), parameter.is_range, parameter.fixed is not None))
    if shapes > 1:
        raise CatalogError(file, key, "mixes fixed, choices and a range")
    for name, value in (("default", parameter.default), ("assumed", parameter.assumed)):
        if value is None or parameter.free:
            continue
        inside = value in parameter.choices if parameter.choices else _in_range(parameter, value)
        if not inside and parameter.fixed is None:
            raise CatalogError(file, key, f"{name} {value!r} is not among its own choices")


def _in_range(parameter: Parameter, value: Value) -> bool:
    if not parameter.is_range:
        return True
    low = parameter.minimum is None or (isinstance(value, int) and value >= parameter.minimum)
    high = parameter.maximum is None or (isinstance(value, int) and value <= parameter.maximum)
    return low and high
