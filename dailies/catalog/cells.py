"""Resolves an entry file and the shared forms into cells, once, at load.

The levels are merged here and nowhere else. A parameter is patched by the family, the model, the family's mode and the
model's mode, in this order. A patch narrows or replaces by name; one that changes nothing is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from dailies.catalog.files import (
    ROUTES,
    EntryFile,
    FormModeSpec,
    ModelModeSpec,
    ModelSpec,
    ParameterSpec,
    RoutesFile,
    SlotSpec,
    resolve_origin,
)
from dailies.domain import (
    Cell,
    Entry,
    MediaForm,
    MediaLimits,
    Model,
    Precedence,
    Route,
    Rule,
    Slot,
    SupportClaim,
)
from dailies.errors import CatalogError
from dailies.lifecycle import Lifecycle
from dailies.origin import Citation, Origin
from dailies.parameter import Parameter, Placement, Start
from dailies.vocabulary import PARAMETERS, SLOTS, MediaKind, Mode, Value

_HELD = {"filled": (1, None), "empty": (0, 0)}  # as a rule's only value, or "2 media", "4 or more"
_UNSHAPED = {"fixed": None, "choices": (), "minimum": None, "maximum": None}
_PLAIN = ("default", "assumed", "free", "required", "max_chars", "refused", "support", "note")

# What a file says nothing of. One of each is enough for all cells: to make one takes as long as to resolve a cell.
_NO_MODE, _NO_FORM_MODE, _NO_SLOT = ModelModeSpec(), FormModeSpec(), SlotSpec()


class Resolver:
    """Resolves one entry file. Every method raises `CatalogError`.

    `name` is the file's name, for errors; `typed` says whether models can be typed; `lives` maps model ids.
    """

    def __init__(
        self,
        family: str,
        name: str,
        file: EntryFile,
        shared: RoutesFile,
        *,
        typed: bool,
        lives: Mapping[str, Lifecycle],
    ) -> None:
        self.family, self.name, self.file, self.shared, self.typed = family, name, file, shared, typed
        self.lives = lives
        if file.entry.form not in shared.forms:
            raise CatalogError(name, "entry.form", f"{file.entry.form} is not in {ROUTES}")
        self.form = shared.forms[file.entry.form]
        route = self._route(file.entry.route, name, "entry.route")
        self.entry = Entry(file.entry.id, file.entry.title, route, tuple(file.entry.after))
        # What cells of one file share is resolved once for all of them.
        self._applied: dict[tuple[str, int], tuple[Parameter | None, Parameter]] = {}
        self._apart: set[tuple[Mode, tuple[str, ...], tuple[str, ...]]] = set()
        self._limits = cache(self._find_limits)
        self._rule = cache(self._resolve_rule)
        self._precedence = tuple(
            Precedence(p.value, tuple(p.order), resolve_origin(p, shared.checked, ROUTES, "precedence"))
            for p in self.form.precedence
        )

    def models(self) -> tuple[Model, ...]:
        """The named models, in the file's order."""
        ids: set[str] = set()
        rows = []
        for row in self.file.models:
            if row.id in ids:
                raise CatalogError(self.name, f"models.{row.id}", "is named twice")
            ids.add(row.id)
            origin = resolve_origin(row, self.file.checked, self.name, f"models.{row.id}")
            rows.append(Model(row.id, row.status, origin, row.note, self.lives.get(row.id)))
        return tuple(rows)

    def cells(self) -> Iterator[tuple[tuple[str, str, Mode], Cell]]:
        """Every cell by (entry id, model id, mode). If the family has patterns, model id "" stands for a typed one."""
        for spec, model in zip(self.file.models, self.models(), strict=True):
            offered = spec.offers or list(self.file.modes)
            for mode in offered:
                if mode not in self.file.modes:
                    raise CatalogError(self.name, f"models.{spec.id}.offers", f"{mode} is not a mode of this file")
                yield (self.entry.id, model.id, mode), self._cell(spec, model, mode)
            for mode in spec.modes:
                if mode not in offered:
                    raise CatalogError(self.name, f"models.{spec.id}.modes.{mode}", "is not offered by the model")
        if self.typed:
            any_model = Model("", "typed", Origin((), self.file.checked))
            for mode in self.file.modes:
                yield (self.entry.id, "", mode), self._cell(ModelSpec(id=""), any_model, mode)

    def _cell(self, spec: ModelSpec, model: Model, mode: Mode) -> Cell:
        family_mode, model_mode = self.file.modes[mode], spec.modes.get(mode, _NO_MODE)
        form_mode = self.form.modes.get(mode, _NO_FORM_MODE)
        refused = model_mode.refused or family_mode.refused
        parameters = self._parameters(spec, mode)
        slots = tuple(self._slots(form_mode, family_mode.slots | model_mode.slots, mode))
        if mode is not Mode.TEXT and not slots and not refused:
            raise CatalogError(self.name, f"modes.{mode}", f"form {self.file.entry.form} has no place for its media")
        cell = Cell(
            family=self.family,
            entry=self.entry,
            route=self._route(form_mode.route, ROUTES, f"modes.{mode}.route") if form_mode.route else self.entry.route,
            model=model,
            mode=mode,
            support=self._support(spec, mode),
            body=self.form.body,
            model_to=self.form.model.resolve(),
            prompt_to=self.form.prompt.resolve(),
            prompt_required=self.file.prompt.required and not family_mode.prompt_optional,
            prompt_max=self.file.prompt.max_chars,
            parameters=parameters,
            slots=slots,
            rules=tuple(self._rules(parameters, slots, model.id, mode)),
            precedence=self._precedence,
            send=form_mode.send,
            order=tuple(self.form.order),
            raw_to=self.form.raw,
            continues_to=self.form.continues.resolve() if self.form.continues else None,
            refused=refused,
        )
        self._refuse_collisions(cell)
        return cell

    def _route(self, route_id: str, file: str, key: str) -> Route:
        route = self.shared.routes.get(route_id)
        if route is None:
            raise CatalogError(file, key, f"{route_id} is not in {ROUTES}")
        return Route(route_id, route.create, route.query, route.content, route.sdk)

    def _support(self, spec: ModelSpec, mode: Mode) -> SupportClaim:
        family_mode, key = self.file.modes[mode], f"modes.{mode}"
        origin = resolve_origin(family_mode, self.file.checked, self.name, key)
        if mode not in spec.modes:
            return SupportClaim(family_mode.support, family_mode.note, origin)
        model_mode, key = spec.modes[mode], f"models.{spec.id}.{key}"
        said: list[tuple[object, object]] = [
            (model_mode.support, family_mode.support),
            (model_mode.note, family_mode.note),
            (model_mode.refused, family_mode.refused),
            *((slot, family_mode.slots.get(slot_id)) for slot_id, slot in model_mode.slots.items()),
        ]
        if not model_mode.parameters and all(not own or own == general for own, general in said):
            raise CatalogError(self.name, key, "changes nothing")
        if model_mode.source:
            origin = resolve_origin(model_mode, self.file.checked, self.name, key)
        return SupportClaim(model_mode.support or family_mode.support, model_mode.note or family_mode.note, origin)

    # --- parameters ----------------------------------------------------------------------------------------------

    def _parameters(self, spec: ModelSpec, mode: Mode) -> tuple[Parameter, ...]:
        model_mode = spec.modes.get(mode, _NO_MODE)
        levels: tuple[tuple[str, Mapping[str, ParameterSpec], tuple[Citation, ...]], ...] = (
            ("parameters", self.file.parameters, ()),
            (f"models.{spec.id}.parameters", spec.parameters, spec.source),
            (f"modes.{mode}.parameters", self.file.modes[mode].parameters, ()),
            (f"models.{spec.id}.modes.{mode}.parameters", model_mode.parameters, spec.source),
        )
        found: dict[str, Parameter] = {}
        for level, patches, fallback in levels:
            for parameter_id, patch in patches.items():
                self._apply(found, parameter_id, patch, fallback, f"{level}.{parameter_id}")
        return tuple(found[name] for name in PARAMETERS if name in found)

    def _apply(
        self,
        found: dict[str, Parameter],
        parameter_id: str,
        patch: ParameterSpec,
        fallback: tuple[Citation, ...],
        key: str,
    ) -> None:
        """Add, change or remove one parameter. `fallback` is cited if the patch adds it and cites nothing."""
        if parameter_id not in PARAMETERS:
            raise CatalogError(self.name, key, f"is not a parameter id; known: {', '.join(PARAMETERS)}")
        before = found.get(parameter_id)
        if patch.absent:
            if before is None:
                raise CatalogError(self.name, key, "changes nothing: there is no such parameter to remove")
            del found[parameter_id]
            return
        shared = key, id(before)
        if shared not in self._applied:  # keeps `before` too, so that its id stays its own
            self._applied[shared] = before, self._patch(before, parameter_id, patch, fallback, key)
        found[parameter_id] = self._applied[shared][1]

    def _patch(
        self,
        before: Parameter | None,
        parameter_id: str,
        patch: ParameterSpec,
        fallback: tuple[Citation, ...],
        key: str,
    ) -> Parameter:
        base = before or self._new_parameter(parameter_id, patch, fallback, key)
        if before and patch.source:
            base = replace(before, origin=resolve_origin(patch, self.file.checked, self.name, key))
        changes = _changes(base, patch) | dict.fromkeys(patch.drops)
        if idle := [name for name in patch.drops if getattr(base, name) is None]:
            raise CatalogError(self.name, f"{key}.drops", f"changes nothing: there is no {idle[0]}")
        if patch.start is not None:
            origin = resolve_origin(patch.start, self.file.checked, self.name, f"{key}.start", base.origin.citations)
            changes["start"] = Start(patch.start.value, patch.start.note, origin)
        after = replace(base, **changes)
        if after == before:
            raise CatalogError(self.name, key, "changes nothing")
        _check_values(self.name, key, after)
        return after

    def _new_parameter(
        self, parameter_id: str, patch: ParameterSpec, fallback: tuple[Citation, ...], key: str
    ) -> Parameter:
        placement = self.form.parameters.get(parameter_id)
        if placement is None and patch.fixed is None:
            raise CatalogError(self.name, key, f"form {self.file.entry.form} has no place for {parameter_id}")
        origin = resolve_origin(patch, self.file.checked, self.name, key, fallback)
        return Parameter(parameter_id, origin, placement.resolve() if placement else None)

    # --- slots and rules -----------------------------------------------------------------------------------------

    def _slots(self, form_mode: FormModeSpec, patches: Mapping[str, SlotSpec], mode: Mode) -> Iterator[Slot]:
        for slot_id in patches:
            if slot_id not in form_mode.slots:
                raise CatalogError(self.name, f"modes.{mode}.slots.{slot_id}", "has no place on the wire in this form")
        for slot_id, forms in form_mode.slots.items():
            if slot_id not in SLOTS:
                raise CatalogError(ROUTES, f"modes.{mode}.slots.{slot_id}", f"is not a slot id; known: {list(SLOTS)}")
            many = SLOTS[slot_id].many
            if many and slot_id not in patches:
                continue  # a slot for several media exists only if the family says how many it takes
            patch = patches.get(slot_id, _NO_SLOT)
            minimum = 1 if patch.min is None else patch.min
            maximum = patch.max if many or patch.max is not None else 1
            if maximum is not None and maximum < minimum:
                raise CatalogError(self.name, f"modes.{mode}.slots.{slot_id}", f"max {maximum} is below min {minimum}")
            if patch.token and patch.token.count("{}") != 1:
                raise CatalogError(self.name, f"modes.{mode}.slots.{slot_id}.token", "needs one {} for the number")
            media = tuple(
                MediaForm(f.send_as, Placement(f.to, template=f.template, alone=f.alone), f.body, f.note) for f in forms
            )
            yield Slot(slot_id, media, minimum, maximum, self._limits(SLOTS[slot_id].kind), patch.note, patch.token)

    def _find_limits(self, kind: MediaKind) -> MediaLimits:
        spec = self.file.media.get(kind)
        if spec is None:
            return MediaLimits()
        return MediaLimits(
            types=tuple(spec.types),
            max_bytes=None if spec.max_mb is None else round(spec.max_mb * 1_000_000),
            min_side=spec.min_side,
            max_side=spec.max_side,
            min_ratio=spec.min_ratio,
            max_ratio=spec.max_ratio,
            min_seconds=spec.min_seconds,
            max_seconds=spec.max_seconds,
            origin=resolve_origin(spec, self.file.checked, self.name, f"media.{kind}"),
        )

    def _rules(
        self, parameters: tuple[Parameter, ...], slots: tuple[Slot, ...], model_id: str, mode: Mode
    ) -> Iterator[Rule]:
        """The rules that concern this cell: it has every parameter and slot they name."""
        has_parameters, has_slots = {p.id for p in parameters}, {s.id for s in slots}
        for number, spec in enumerate(self.file.rules):
            rule = self._rule(number)
            here = (not spec.modes or mode in spec.modes) and (not spec.models or model_id in spec.models)
            if here and {*rule.when, *rule.then} <= has_parameters and {*rule.held, *rule.needs} <= has_slots:
                yield rule

    def _resolve_rule(self, number: int) -> Rule:
        spec, key = self.file.rules[number], f"rules.{number}"
        held = {name: count for name, wanted in spec.when.items() if (count := _read_count(wanted))}
        when = {name: tuple(wanted) for name, wanted in spec.when.items() if name not in held}
        known = {row.id for row in self.file.models}
        for names, all_names, kind in (
            ((*when, *spec.then), PARAMETERS, "a parameter"),
            ((*held, *spec.needs), SLOTS, "a slot"),
            (spec.models, known, "a model of this file"),
        ):
            for name in names:
                if name not in all_names:
                    raise CatalogError(self.name, key, f"{name} is not {kind}")
        then = {name: tuple(allowed) for name, allowed in spec.then.items()}
        origin = resolve_origin(spec, self.file.checked, self.name, key)
        return Rule(when, held, then, tuple(spec.needs), spec.note, origin)

    def _refuse_collisions(self, cell: Cell) -> None:
        """Refuse two things at one place on the wire, and one thing inside a place that holds a plain value."""
        where = f"{cell.model.id} {cell.mode}"
        # The form says where each of them is: cells of one mode that have the same ones have them at the same places.
        alike = cell.mode, tuple(p.id for p in cell.parameters if p.placement), tuple(s.id for s in cell.slots)
        places = [] if alike in self._apart else _list_places(cell)
        for index, (name, to) in enumerate(places):
            for other, elsewhere in places[index + 1 :]:
                if name == other or (to.endswith("[]") and elsewhere == to):
                    continue
                one, two = f"{to.removesuffix('[]')}.", f"{elsewhere.removesuffix('[]')}."
                if one.startswith(two) or two.startswith(one):
                    raise CatalogError(self.name, where, f"{name} and {other} collide at {to}")
        self._apart.add(alike)
        for slot in cell.slots:
            if slot.maximum != 1 and any(not form.placement.to.endswith("[]") for form in slot.forms):
                raise CatalogError(self.name, where, f"{slot.id} may hold several media but has a place for one")


def _list_places(cell: Cell) -> list[tuple[str, str]]:
    """What a cell sends and where on the wire, by the catalog's names."""
    places = [("model", cell.model_to.to), ("prompt", cell.prompt_to.to)]
    places += [(p.id, to) for p in cell.parameters if p.placement for to in _covered(p.placement)]
    places += [("send", to) for to in cell.send]
    places += [("continues", cell.continues_to.to)] if cell.continues_to else []
    places += [(s.id, to) for s in cell.slots for to in {f.placement.to for f in s.forms}]
    return places


def _read_count(wanted: Sequence[Value]) -> tuple[int, int | None] | None:
    """Read how many media a condition asks for: `filled`, `empty`, `2 media`, `4 or more`; None for anything else."""
    word = str(wanted[0]) if len(wanted) == 1 else ""
    if found := re.fullmatch(r"(\d+) (media|or more)", word):
        return int(found[1]), int(found[1]) if found[2] == "media" else None
    return _HELD.get(word)


def _changes(before: Parameter, patch: ParameterSpec) -> dict[str, Any]:
    """The fields of a parameter that a patch replaces. A new shape clears the old one."""
    changes: dict[str, Any] = {name: value for name in _PLAIN if (value := getattr(patch, name)) is not None}
    if patch.fixed is not None:
        # A fact leaves no room for a default or for other values.
        free = {"default": None, "assumed": None, "start": None, "free": False, "required": False}
        return changes | _UNSHAPED | free | {"fixed": patch.fixed}
    if patch.choices is not None:
        return changes | _UNSHAPED | {"choices": tuple(patch.choices)}
    if patch.min is not None or patch.max is not None:
        minimum = before.minimum if patch.min is None else patch.min
        maximum = before.maximum if patch.max is None else patch.max
        return changes | _UNSHAPED | {"minimum": minimum, "maximum": maximum}
    return changes


def _covered(placement: Placement) -> tuple[str, ...]:
    """The places a parameter is written to: its own, or the template's keys if it goes into the body itself."""
    return (placement.to,) if placement.to else tuple(placement.template)


def _check_values(file: str, key: str, parameter: Parameter) -> None:
    ends = [end for end in (parameter.minimum, parameter.maximum) if end is not None]
    for end in ends:
        if not parameter.counts(end):
            raise CatalogError(file, key, f"{end} is a decimal, and the wire takes whole numbers")
    if ends != sorted(ends):
        raise CatalogError(file, key, f"max {ends[1]} is below min {ends[0]}")
    for name, value in (("default", parameter.default), ("assumed", parameter.assumed)):
        if value is not None and not parameter.accepts(value):
            raise CatalogError(file, key, f"{name} {value!r} is not among its own choices")
    if parameter.start is not None:
        start = parameter.start.value
        if not parameter.settable or not parameter.lists(start):
            raise CatalogError(file, f"{key}.start", f"{start!r} is not among its own choices")
        if parameter.default is not None:
            raise CatalogError(file, f"{key}.start", f"goes without a default, which is {parameter.default!r} here")
        if start == parameter.assumed:
            raise CatalogError(file, f"{key}.start", f"changes nothing: unset means {start!r}")
