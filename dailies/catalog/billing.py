"""Combined billing names: one model name that also states scene, resolution, reference, sound and off-peak.

Reads and writes such names. The families that have them and their words are data in `catalog/names/billing.toml`, read
by `load`. Does not decide which name is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Self

from pydantic import field_validator, model_validator

from dailies.catalog.files import Stated, Strict, read, read_sources, resolve_origin
from dailies.domain import Cell
from dailies.errors import DailiesError
from dailies.origin import Origin
from dailies.tree import TREE
from dailies.vocabulary import PARAMETERS, Mode, Support, Value

FILE = TREE / "catalog" / "names" / "billing.toml"
_LEAD = ("family", "version", "scene")  # these choose the form; the other parts follow in the order of the file


class BillingError(DailiesError):
    """A combined name that cannot be read or composed: the name or model, the part, the reason, what is allowed."""

    def __init__(self, of: str, part: str, what: str, allowed: Iterable[str]) -> None:
        self.part, self.allowed = part, tuple(allowed)
        options = f"Allowed here: {', '.join(self.allowed)}." if self.allowed else "Nothing more is allowed here."
        super().__init__(f"{of}: {part}: {what}. {options}")


@dataclass(frozen=True, slots=True)
class Billing:
    """The meaning of a combined name. `values` by parameter id; `referenced` is None if the name does not say."""

    family: str
    model: str  # the base model; the catalog's choice if the name has no version
    modes: tuple[Mode, ...]  # the modes that use such a name
    values: Mapping[str, Value]
    referenced: bool | None
    versioned: bool
    note: str
    origin: Origin

    @property
    def mode(self) -> Mode | None:
        """The mode, if the name leaves no choice."""
        return self.modes[0] if len(self.modes) == 1 else None


# --- the format of the file ----------------------------------------------------------------------------------------


class PartSpec(Stated):
    """A part of a name: our values and their words. Without a parameter: `yes` and `no`, whether there are media."""

    parameter: str = ""
    words: dict[str, str]

    @model_validator(mode="after")
    def _is_unambiguous(self) -> Self:
        if self.parameter and self.parameter not in PARAMETERS:
            raise ValueError(f"{self.parameter} is not a parameter id")
        if not self.parameter and set(self.words) != {"yes", "no"}:
            raise ValueError("without a parameter the words are for yes and no")
        if len(set(self.words.values())) < len(self.words):
            raise ValueError("has one word for two values")
        return self

    @property
    def silent(self) -> str | None:
        """The value that is stated by leaving the part out."""
        return next((value for value, word in self.words.items() if not word), None)

    @property
    def spoken(self) -> list[str]:
        """The words that stand in a name."""
        return [word for word in self.words.values() if word]


class VersionSpec(Stated):
    model: str
    word: str


class NameFormSpec(Stated):
    """One way to build a name: the modes that use it, its parts, and the base models that have it."""

    scene: str = ""
    modes: list[Mode]
    parts: list[str]
    models: list[str]
    note: str = ""

    @model_validator(mode="after")
    def _leads_to_one_model(self) -> Self:
        if not self.versioned and (len(self.models) != 1 or not self.scene):
            raise ValueError("without a version it needs a scene and exactly one model")
        return self

    @property
    def versioned(self) -> bool:
        return "version" in self.parts


class FamilyNamesSpec(Strict):
    prefix: str
    versions: list[VersionSpec]
    forms: list[NameFormSpec]

    @field_validator("versions")
    @classmethod
    def _are_unique(cls, versions: list[VersionSpec]) -> list[VersionSpec]:
        models, words = {version.model for version in versions}, {version.word for version in versions}
        if len(models) < len(versions) or len(words) < len(versions):
            raise ValueError("name a model or a word twice")
        return versions

    @model_validator(mode="after")
    def _forms_fit_versions(self) -> Self:
        models = {version.model for version in self.versions}
        taken: set[tuple[str, Mode]] = set()
        for form in self.forms:
            if unknown := [model for model in form.models if model not in models]:
                raise ValueError(f"{unknown[0]} has no version word")
            for pair in [(model, mode) for model in form.models for mode in form.modes]:
                if pair in taken:
                    raise ValueError(f"{pair[0]} has two forms in mode {pair[1]}")
                taken.add(pair)
        return self

    def word(self, model: str) -> str:
        """The version word of a base model."""
        return next(version.word for version in self.versions if version.model == model)


class NamesFile(Stated):
    checked: date
    order: list[str]
    parts: dict[str, PartSpec]
    families: dict[str, FamilyNamesSpec]

    @model_validator(mode="after")
    def _knows_every_part(self) -> Self:
        if tuple(self.order[: len(_LEAD)]) != _LEAD or sorted(self.order[len(_LEAD) :]) != sorted(self.parts):
            raise ValueError(f"the order starts with {', '.join(_LEAD)} and then lists each part once")
        for family in self.families.values():
            for part in {part for form in family.forms for part in form.parts} - {"version"}:
                if part not in self.parts:
                    raise ValueError(f"{part} is not a part; known: version, {', '.join(self.parts)}")
        return self

    def claims(self) -> Iterator[tuple[str, Stated]]:
        """Every claim of the file with its key."""
        yield "order", self
        yield from ((f"parts.{part}", spec) for part, spec in self.parts.items())
        for family_id, family in self.families.items():
            yield from ((f"families.{family_id}.versions.{spec.model}", spec) for spec in family.versions)
            yield from ((f"families.{family_id}.forms.{number}", spec) for number, spec in enumerate(family.forms))


# --- reading and writing names -------------------------------------------------------------------------------------


class Names:
    """The combined names of every family that has them."""

    def __init__(self, file: NamesFile) -> None:
        self._file = file

    @property
    def families(self) -> Mapping[str, str]:
        """Family id -> the prefix of its combined names."""
        return {family: spec.prefix for family, spec in self._file.families.items()}

    def compose(self, model: str, mode: Mode, values: Mapping[str, Value | None], referenced: bool) -> str | None:
        """Compose the combined name of a base model; None if the model has none in this mode.

        `values` by parameter id, None for an unknown one. Raises `BillingError` for a value that is missing or has no
        word.
        """
        for family in self._file.families.values():
            for form in family.forms:
                if model in form.models and mode in form.modes:
                    return self._write(family, form, model, values, referenced)
        return None

    def parse(self, name: str) -> Billing | None:
        """Read a combined name; None if it starts with no family's prefix.

        Raises `BillingError` that names the part that cannot be read and what is allowed in its place.
        """
        for family_id, family in self._file.families.items():
            if name.startswith(f"{family.prefix}-"):
                return self._read(name, family_id, family)
        return None

    def describe(self, name: str) -> tuple[str, ...]:
        """Say in words what a combined name states; nothing for any other name. Raises `BillingError` as `parse`."""
        found = self.parse(name)
        if found is None:
            return ()
        words = [f"Model {found.model}" + ("" if found.versioned else " (the name has no version)")]
        if found.mode:
            words.append(f"Mode {found.mode.label}")
        words += [f"{PARAMETERS[parameter].title} {value}" for parameter, value in found.values.items()]
        if found.referenced is not None:
            words.append(f"{'With' if found.referenced else 'Without'} reference media")
        return (*words, found.note.rstrip(".")) if found.note else tuple(words)

    def _write(
        self,
        family: FamilyNamesSpec,
        form: NameFormSpec,
        model: str,
        values: Mapping[str, Value | None],
        referenced: bool,
    ) -> str:
        said = {"family": family.prefix, "scene": form.scene, "version": family.word(model) if form.versioned else ""}
        for part, spec in self._file.parts.items():
            asked = values.get(spec.parameter) if spec.parameter else ("yes" if referenced else "no")
            value = spec.silent if asked is None else str(asked)
            title = _title(part, spec)
            if part in form.parts:
                if value is None:
                    raise BillingError(model, title, "no value is chosen", spec.words)
                if value not in spec.words:
                    raise BillingError(model, title, f"combined names have no word for {value}", spec.words)
                said[part] = spec.words[value]
            elif spec.silent is not None and value != spec.silent:
                raise BillingError(model, title, f"its combined names have no word for {value}", [spec.silent])
        return "-".join(said[part] for part in self._file.order if said.get(part))

    def _read(self, name: str, family_id: str, family: FamilyNamesSpec) -> Billing:
        form, model, scenes, rest = _read_form(name, family)
        values: dict[str, Value] = {}
        referenced: bool | None = None
        lead, instead = ("Scene or ", scenes) if scenes else ("", [])  # what else could stand in the next place
        for part in (part for part in self._file.order if part in self._file.parts and part in form.parts):
            spec = self._file.parts[part]
            word, rest = _take(rest, spec.spoken)
            if not word and spec.silent is None:
                title = _title(part, spec)
                raise BillingError(
                    name, f"{lead}{title.lower()}" if lead else title, _unread(rest), [*instead, *spec.spoken]
                )
            lead, instead = "", [] if word else spec.spoken
            value = next(value for value, spelled in spec.words.items() if spelled == word)
            if spec.parameter:
                values[spec.parameter] = value
            else:
                referenced = value == "yes"
        if rest:
            raise BillingError(name, "End", _unread(rest), instead)
        origin = resolve_origin(form, self._file.checked, FILE.name, "forms")
        return Billing(family_id, model, tuple(form.modes), values, referenced, form.versioned, form.note, origin)


def _read_form(name: str, family: FamilyNamesSpec) -> tuple[NameFormSpec, str, list[str], str]:
    """The form and the base model of a name, the scenes that could have followed, and the rest to read."""
    by_word = {version.word: version.model for version in family.versions}
    word, rest = _take(name.removeprefix(f"{family.prefix}-"), by_word)
    forms = [form for form in family.forms if form.versioned == bool(word)]
    scenes = list(dict.fromkeys(form.scene for form in forms if form.scene))
    scene, rest = _take(rest, scenes)
    if not word and not scene:
        raise BillingError(name, "Version", _unread(rest), [*by_word, *scenes])
    of_scene = [form for form in forms if form.scene == scene]
    form = next((form for form in of_scene if not word or by_word[word] in form.models), None)
    if form is None:
        able = [f"{family.word(model)}-{scene}" for form in of_scene for model in form.models]
        raise BillingError(name, "Scene", f"{scene or 'none'} does not go with {word}", able)
    return form, by_word[word] if word else form.models[0], [] if scene else scenes, rest


def _unread(rest: str) -> str:
    return f"{rest} cannot be read" if rest else "is missing"


def _take(text: str, words: Iterable[str]) -> tuple[str, str]:
    """Take the longest of the words that a text starts with, whole; returns it ("" for none) and the rest."""
    for word in sorted(words, key=len, reverse=True):
        if text == word or text.startswith(f"{word}-"):
            return word, text[len(word) + 1 :]
    return "", text


def _title(part: str, spec: PartSpec) -> str:
    return PARAMETERS[spec.parameter].title if spec.parameter else part.capitalize()


def find_cell(found: Billing, cells: Iterable[Cell], now: Cell | None) -> Cell | None:
    """Find the cell for a name among those of its model and modes: one that allows everything the name states.

    Prefers the entry and mode of `now`, then the best supported mode.
    """
    able = [cell for cell in cells if _allows(cell, found)]
    present = [cell for cell in able if now and (cell.entry.id, cell.mode) == (now.entry.id, now.mode)]
    ranked = sorted(able, key=lambda cell: list(Support).index(cell.support.support))
    return next(iter((*present, *ranked)), None)


def _allows(cell: Cell, found: Billing) -> bool:
    fixed = {p.id: p.fixed for p in cell.parameters}
    return found.referenced in (None, bool(cell.slots)) and all(
        parameter in fixed and fixed[parameter] in (None, value) for parameter, value in found.values.items()
    )


@lru_cache(maxsize=4)
def load(path: Path = FILE) -> Names:
    """Read the names. Raises `CatalogError` naming file and key for anything unknown, ambiguous or without a source."""
    file = read(path, NamesFile, read_sources(FILE.parent.parent))
    for key, claim in file.claims():
        resolve_origin(claim, file.checked, path.name, key)
    return Names(file)
