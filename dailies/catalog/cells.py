"""Resolution: an entry file and the shared forms become cells, once, at load.

The levels are merged here and nowhere else, in this order: the family's parameter, the model's, the family's for the
mode, the model's for the mode; a later level narrows or replaces by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from dailies.catalog.files import (
    ROUTES,
    EntryFile,
    FormModeSpec,
    ModelModeSpec,
    ModelSpec,
    ModeSpec,
    ParameterSpec,
    RoutesFile,
    SlotSpec,
    origin_of,
)
from dailies.domain import Cell, Entry, MediaForm, MediaLimits, Model, Precedence, Route, Rule, Slot, SupportClaim
from dailies.errors import CatalogError
from dailies.origin import Citation, Origin
from dailies.parameter import Parameter, Placement
from dailies.vocabulary import PARAMETERS, SLOTS, MediaKind, Mode

_FILLED = "filled"  # the condition of a rule that a slot holds media
_MANY = ("references", "reference_videos", "reference_audios")


class Resolver:
    """Turns one entry file into cells. Holds the file's name for its errors."""

    def __init__(self, family: str, name: str, file: EntryFile, shared: RoutesFile, *, typed: bool) -> None:
        self.family, self.name, self.file, self.typed = family, name, file, typed
        if file.entry.form not in shared.forms:
            raise CatalogError(name, "entry.form", f"{file.entry.form} is not in {ROUTES}")
        self.shared = shared
        route = self._route(file.entry.route, name, "entry.route")
        self.entry = Entry(file.entry.id, file.entry.title, route, tuple(file.entry.after))
        self.form = shared.forms[file.entry.form]
        self.shared_checked = shared.checked

    def _route(self, route_id: str, file: str, key: str) -> Route:
        route = self.shared.routes.get(route_id)
        if route is None:
            raise CatalogError(file, key, f"{route_id} is not in {ROUTES}")
        return Route(route_id, route.create, route.query, route.content, route.sdk)

    def models(self) -> tuple[Model, ...]:
        seen: set[str] = set()
        rows = []
        for row in self.file.models:
            if row.id in seen:
                raise CatalogError(self.name, f"models.{row.id}", "is named twice")
            seen.add(row.id)
            origin = origin_of(row, self.file.checked, self.name, f"models.{row.id}")
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
            any_model = Model("", "typed", Origin((), self.file.checked))
            for mode in self.file.modes:
                yield (self.entry.id, "", mode), self._cell(ModelSpec(id=""), any_model, mode)

    def _cell(self, spec: ModelSpec, model: Model, mode: Mode) -> Cell:
        family_mode = self.file.modes[mode]
        model_mode = spec.modes.get(mode, ModelModeSpec())
        origin = origin_of(family_mode, self.file.checked, self.name, f"modes.{mode}")
        support = SupportClaim(model_mode.support or family_mode.support, model_mode.note or family_mode.note, origin)
        form_mode = self.form.modes.get(mode, FormModeSpec())
        parameters = self._parameters(spec, family_mode, model_mode, mode)
        slots = tuple(self._slots(form_mode, family_mode, model_mode, mode))
        refused = model_mode.refused or family_mode.refused
        if mode in spec.modes and not model_mode.parameters:
            plain = tuple(self._slots(form_mode, family_mode, ModelModeSpec(), mode))
            stated = (family_mode.support, family_mode.note, family_mode.refused, plain)
            if (support.support, support.note, refused, slots) == stated:
                raise CatalogError(self.name, f"models.{spec.id}.modes.{mode}", "changes nothing")
        if mode is not Mode.TEXT and not slots and not refused:
            raise CatalogError(self.name, f"modes.{mode}", f"form {self.file.entry.form} has no place for its media")
        cell = Cell(
            family=self.family,
            entry=self.entry,
            route=self._route(form_mode.route, ROUTES, f"modes.{mode}.route") if form_mode.route else self.entry.route,
            model=model,
            mode=mode,
            support=support,
            body=self.form.body,
            model_to=self.form.model.resolve(),
            prompt_to=self.form.prompt.resolve(),
            prompt_required=self.file.prompt.required and not family_mode.prompt_optional,
            prompt_max=self.file.prompt.max_chars,
            parameters=parameters,
            slots=slots,
            rules=tuple(self._rules(parameters, slots, model.id, mode)),
            precedence=tuple(
                Precedence(p.value, tuple(p.order), origin_of(p, self.shared_checked, ROUTES, "precedence"))
                for p in self.form.precedence
            ),
            send=form_mode.send,
            raw_to=self.form.raw,
            continues_to=self.form.continues.resolve() if self.form.continues else None,
            refused=refused,
        )
        self._no_collisions(cell)
        return cell

    def _parameters(
        self, spec: ModelSpec, family_mode: ModeSpec, model_mode: ModelModeSpec, mode: Mode
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
                own = spec.source if level.startswith("models.") else ()
                after = self._patched(before, parameter_id, patch, own, key)
                if after == before:
                    raise CatalogError(self.name, key, "changes nothing")
                _check_values(self.name, key, after)
                found[parameter_id] = after
        order = list(PARAMETERS)
        return tuple(sorted(found.values(), key=lambda p: order.index(p.id)))

    def _patched(
        self,
        before: Parameter | None,
        parameter_id: str,
        patch: ParameterSpec,
        fallback: tuple[Citation, ...],
        key: str,
    ) -> Parameter:
        if sum((patch.fixed is not None, patch.choices is not None, (patch.min, patch.max) != (None, None))) > 1:
            raise CatalogError(self.name, key, "mixes fixed, choices and a range")
        if before is None:
            placement = self.form.parameters.get(parameter_id)
            if placement is None and patch.fixed is None:
                raise CatalogError(self.name, key, f"form {self.file.entry.form} has no place for {parameter_id}")
            origin = origin_of(patch, self.file.checked, self.name, key, fallback)
            before = Parameter(parameter_id, origin, placement.resolve() if placement else None)
        elif patch.source:
            before = replace(before, origin=origin_of(patch, self.file.checked, self.name, key))
        changes: dict[str, Any] = {
            ours: value
            for ours, value in (
                ("default", patch.default),
                ("assumed", patch.assumed),
                ("free", patch.free),
                ("required", patch.required),
                ("max_chars", patch.max_chars),
                ("refused", patch.refused),
                ("support", patch.support),
                ("note", patch.note),
            )
            if value is not None
        }
        if patch.fixed is not None:
            # A fact leaves no room for choices, for a default of its own, or for other values.
            changes |= {"fixed": patch.fixed, "choices": (), "minimum": None, "maximum": None}
            changes |= {"default": None, "assumed": None, "free": False, "required": False}
        elif patch.choices is not None:
            changes |= {"choices": tuple(patch.choices), "minimum": None, "maximum": None, "fixed": None}
        elif patch.min is not None or patch.max is not None:
            changes |= {
                "choices": (),
                "fixed": None,
                "minimum": before.minimum if patch.min is None else patch.min,
                "maximum": before.maximum if patch.max is None else patch.max,
            }
        return replace(before, **changes)

    def _slots(
        self, form_mode: FormModeSpec, family_mode: ModeSpec, model_mode: ModelModeSpec, mode: Mode
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
            patch = patch or SlotSpec()
            minimum = 1 if patch.min is None else patch.min
            maximum = patch.max if many or patch.max is not None else 1
            if maximum is not None and maximum < minimum:
                raise CatalogError(self.name, f"modes.{mode}.slots.{slot_id}", f"max {maximum} is below min {minimum}")
            yield Slot(
                slot_id,
                tuple(MediaForm(f.send_as, Placement(f.to, template=f.template), f.body, f.note) for f in forms),
                minimum,
                maximum,
                self._limits(SLOTS[slot_id].kind),
                patch.note,
            )

    def _limits(self, kind: MediaKind) -> MediaLimits:
        spec = self.file.media.get(kind)
        if spec is None:
            return MediaLimits()
        return MediaLimits(
            tuple(spec.types),
            None if spec.max_mb is None else int(spec.max_mb * 1_000_000),
            spec.min_side,
            spec.max_side,
            spec.min_ratio,
            spec.max_ratio,
            spec.min_seconds,
            spec.max_seconds,
            origin_of(spec, self.file.checked, self.name, f"media.{kind}"),
        )

    def _rules(
        self, parameters: tuple[Parameter, ...], slots: tuple[Slot, ...], model_id: str, mode: Mode
    ) -> Iterator[Rule]:
        """The rules whose every parameter and slot this cell has."""
        known = {p.id for p in parameters}
        named = {row.id for row in self.file.models}
        held = {s.id for s in slots}
        for number, spec in enumerate(self.file.rules):
            key = f"rules[{number}]"
            filled = [name for name, wanted in spec.when.items() if wanted == [_FILLED]]
            when = {name: tuple(wanted) for name, wanted in spec.when.items() if name not in filled}
            for name in (*when, *spec.then):
                if name not in PARAMETERS:
                    raise CatalogError(self.name, key, f"{name} is not a parameter")
            for name in (*filled, *spec.needs):
                if name not in SLOTS:
                    raise CatalogError(self.name, key, f"{name} is not a slot")
            for name in spec.models:
                if name not in named:
                    raise CatalogError(self.name, key, f"{name} is not a model of this file")
            here = (not spec.modes or mode in spec.modes) and (not spec.models or model_id in spec.models)
            if here and {*when, *spec.then} <= known and {*filled, *spec.needs} <= held:
                yield Rule(
                    when,
                    tuple(filled),
                    {name: tuple(allowed) for name, allowed in spec.then.items()},
                    tuple(spec.needs),
                    spec.note,
                    origin_of(spec, self.file.checked, self.name, key),
                )

    def _no_collisions(self, cell: Cell) -> None:
        """No two things may be written to one place, nor one inside a place that holds a plain value."""
        where = f"{cell.model.id} {cell.mode}"
        places = [("model", cell.model_to.to), ("prompt", cell.prompt_to.to)]
        places += [(p.id, to) for p in cell.parameters if p.placement for to in _covered(p.placement)]
        places += [("send", to) for to in cell.send]
        places += [("continues", cell.continues_to.to)] if cell.continues_to else []
        places += [(s.id, to) for s in cell.slots for to in {f.placement.to for f in s.forms}]
        for index, (name, to) in enumerate(places):
            for other, elsewhere in places[index + 1 :]:
                if name == other or (to.endswith("[]") and elsewhere == to):
                    continue
                one, two = f"{to.removesuffix('[]')}.", f"{elsewhere.removesuffix('[]')}."
                if one.startswith(two) or two.startswith(one):
                    raise CatalogError(self.name, where, f"{name} and {other} collide at {to}")
        for slot in cell.slots:
            if slot.maximum != 1 and any(not form.placement.to.endswith("[]") for form in slot.forms):
                raise CatalogError(self.name, where, f"{slot.id} may hold several, and has a place for one")


def _covered(placement: Placement) -> tuple[str, ...]:
    """The places a parameter is written to: its own, or the template's keys where it goes into the body itself."""
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
