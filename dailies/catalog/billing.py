"""Combined billing names: one model name that also says scene, resolution, reference, sound and off-peak.

Owns reading and writing such names, both pure; which families have them and with which words is data in
`catalog/names/billing.toml`, read by `load`. Does not decide which name is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from dailies.catalog.files import Stated, Strict, origin_of, read, read_sources
from dailies.domain import Cell
from dailies.errors import CatalogError, DailiesError
from dailies.origin import Origin
from dailies.vocabulary import PARAMETERS, Mode, Support, Value

FILE = Path(__file__).resolve().parents[2] / "catalog" / "names" / "billing.toml"
_LEAD = ("family", "version", "scene")  # these choose the form; the other parts follow in the order of the file


class BillingError(DailiesError):
    """A combined name that cannot be read or made: of what, which part, what is wrong with it, what is allowed."""

    def __init__(self, of: str, part: str, what: str, allowed: Iterable[str]) -> None:
        self.part, self.allowed = part, tuple(allowed)
        options = f"Allowed here: {', '.join(self.allowed)}." if self.allowed else "Nothing more is allowed here."
        super().__init__(f"{of}: {part}: {what}. {options}")


@dataclass(frozen=True, slots=True)
class Billing:
    """What a combined name says. `values` by parameter id; `referenced` is None where the name does not say."""

    family: str
    model: str  # the base model; the catalog's choice where the name has no version
    modes: tuple[Mode, ...]  # the modes such a name is for
    values: Mapping[str, Value]
    referenced: bool | None
    versioned: bool
    note: str
    origin: Origin

    @property
    def mode(self) -> Mode | None:
        """The mode where the name leaves no choice."""
        return self.modes[0] if len(self.modes) == 1 else None


# --- the format of the file ----------------------------------------------------------------------------------------


class PartSpec(Stated):
    parameter: str = ""  # empty: whether there is a reference, `yes` or `no`
    words: dict[str, str]

    @property
    def silent(self) -> str | None:
        """The value that is said by leaving the part out."""
        return next((value for value, word in self.words.items() if not word), None)

    @property
    def spoken(self) -> list[str]:
        return [word for word in self.words.values() if word]


class VersionSpec(Stated):
    model: str
    word: str


class NameFormSpec(Stated):
    scene: str = ""
    modes: list[Mode]
    parts: list[str]
    models: list[str]
    note: str = ""

    @property
    def versioned(self) -> bool:
        return "version" in self.parts


class FamilyNamesSpec(Strict):
    prefix: str
    versions: list[VersionSpec]
    forms: list[NameFormSpec]

    def word(self, model: str) -> str:
        return next(version.word for version in self.versions if version.model == model)


class NamesFile(Stated):
    checked: date
    order: list[str]
    parts: dict[str, PartSpec]
    families: dict[str, FamilyNamesSpec]


# --- reading and writing names -------------------------------------------------------------------------------------


class Names:
    """The combined names of every family that has them."""

    def __init__(self, file: NamesFile) -> None:
        self._file = file

    @property
    def families(self) -> Mapping[str, str]:
        """Family id -> the prefix its combined names begin with."""
        return {family: spec.prefix for family, spec in self._file.families.items()}

    def compose(self, model: str, mode: Mode, values: Mapping[str, Value], referenced: bool) -> str | None:
        """The combined name of a base model; None where none is known for the model in this mode.

        `values` by parameter id. Raises `BillingError` for a value that is missing or that no word says.
        """
        for family in self._file.families.values():
            for form in family.forms:
                if model in form.models and mode in form.modes:
                    return self._write(family, form, model, values, referenced)
        return None

    def parse(self, name: str) -> Billing | None:
        """What a combined name says; None where the name begins like none of them.

        Raises `BillingError` that names the part that cannot be read, and what is allowed in its place.
        """
        for family_id, family in self._file.families.items():
            if name.startswith(f"{family.prefix}-"):
                return self._read(name, family_id, family)
        return None

    def implies(self, name: str) -> tuple[str, ...]:
        """What a combined name says, in words; nothing for any other name. Raises `BillingError` as `parse` does."""
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
        self, family: FamilyNamesSpec, form: NameFormSpec, model: str, values: Mapping[str, Value], referenced: bool
    ) -> str:
        said = {"family": family.prefix, "scene": form.scene, "version": family.word(model) if form.versioned else ""}
        for part, spec in self._file.parts.items():
            asked = values.get(spec.parameter) if spec.parameter else ("yes" if referenced else "no")
            value = spec.silent if asked is None else str(asked)
            title = _title(part, spec)
            if part in form.parts:
                if value is None:
                    raise BillingError(model, title, "nothing is chosen", spec.words)
                if value not in spec.words:
                    raise BillingError(model, title, f"{value} has no word in such a name", spec.words)
                said[part] = spec.words[value]
            elif spec.silent is not None and value != spec.silent:
                raise BillingError(model, title, f"{value} has no word in its names", [spec.silent])
        return "-".join(said[part] for part in self._file.order if said.get(part))

    def _read(self, name: str, family_id: str, family: FamilyNamesSpec) -> Billing:
        by_word = {version.word: version.model for version in family.versions}
        word, rest = _take(name.removeprefix(f"{family.prefix}-"), by_word)
        scenes = list(dict.fromkeys(form.scene for form in family.forms if form.scene and form.versioned == bool(word)))
        scene, rest = _take(rest, scenes)
        if not word and not scene:
            raise BillingError(name, "Version", f"{rest} cannot be read", [*by_word, *scenes])
        of_scene = [form for form in family.forms if form.scene == scene and form.versioned == bool(word)]
        form = next((form for form in of_scene if not word or by_word[word] in form.models), None)
        if form is None:
            able = [f"{family.word(model)}-{scene}" for form in of_scene for model in form.models]
            raise BillingError(name, "Scene", f"{scene or 'none'} does not go with {word}", able)
        values: dict[str, Value] = {}
        referenced: bool | None = None
        left_out: list[str] = []
        first = not scene
        for part in self._file.order[len(_LEAD) :]:
            if part not in form.parts:
                continue
            spec = self._file.parts[part]
            said, rest = _take(rest, spec.spoken)
            if not said and spec.silent is None:
                title = f"Scene or {_title(part, spec).lower()}" if first else _title(part, spec)
                what = f"{rest} cannot be read" if rest else "is missing"
                raise BillingError(name, title, what, [*(scenes if first else ()), *spec.spoken])
            first, left_out = False, [] if said else spec.spoken
            value = next(value for value, spelled in spec.words.items() if spelled == said)
            if spec.parameter:
                values[spec.parameter] = value
            else:
                referenced = value == "yes"
        if rest:
            raise BillingError(name, "End", f"{rest} cannot be read", left_out)
        model = by_word[word] if word else form.models[0]
        origin = origin_of(form, self._file.checked, FILE, "forms")
        return Billing(family_id, model, tuple(form.modes), values, referenced, bool(word), form.note, origin)


def _take(text: str, words: Iterable[str]) -> tuple[str, str]:
    """The longest of the words that a text begins with, whole, and what follows it; "" where there is none."""
    for word in sorted(words, key=len, reverse=True):
        if text == word or text.startswith(f"{word}-"):
            return word, text[len(word) + 1 :]
    return "", text


def _title(part: str, spec: PartSpec) -> str:
    return PARAMETERS[spec.parameter].title if spec.parameter else part.capitalize()


# --- names and cells -----------------------------------------------------------------------------------------------


def held(cell: Cell, chosen: Mapping[str, Value]) -> dict[str, Value]:
    """What will hold for each parameter of a cell: the value sent, else the one the gateway is known to take."""
    values = {p.id: p.assumed if (value := p.effective(chosen)) is None else value for p in cell.parameters}
    return {parameter: value for parameter, value in values.items() if value is not None}


def fitting(found: Billing, cells: Iterable[Cell], now: Cell | None) -> Cell | None:
    """The cell a name is read into, of those of its model and modes: one that can say what the name says.

    In the entry and mode of `now` if there is one, else in the best supported mode.
    """
    able = [cell for cell in cells if _says(cell, found)]
    present = [cell for cell in able if now and (cell.entry.id, cell.mode) == (now.entry.id, now.mode)]
    ranked = sorted(able, key=lambda cell: list(Support).index(cell.support.support))
    return next(iter((*present, *ranked)), None)


def _says(cell: Cell, found: Billing) -> bool:
    fixed = {p.id: p.fixed for p in cell.parameters}
    return found.referenced in (None, bool(cell.slots)) and all(
        parameter in fixed and fixed[parameter] in (None, value) for parameter, value in found.values.items()
    )


# --- loading -------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def load(path: Path = FILE) -> Names:
    """Read the names. Raises `CatalogError` naming file and key for anything unknown, double or without a source."""
    file = read(path, NamesFile, read_sources(FILE.parent.parent))
    _check(path, file)
    return Names(file)


def _check(path: Path, file: NamesFile) -> None:
    origin_of(file, file.checked, path, "order")
    if tuple(file.order[: len(_LEAD)]) != _LEAD or sorted(file.order[len(_LEAD) :]) != sorted(file.parts):
        raise CatalogError(path.name, "order", f"begins with {', '.join(_LEAD)}, then lists each part once")
    for part, spec in file.parts.items():
        origin_of(spec, file.checked, path, f"parts.{part}")
        if spec.parameter and spec.parameter not in PARAMETERS:
            raise CatalogError(path.name, f"parts.{part}.parameter", f"{spec.parameter} is not a parameter id")
        if not spec.parameter and set(spec.words) != {"yes", "no"}:
            raise CatalogError(path.name, f"parts.{part}.words", "without a parameter the words are for yes and no")
        if len(set(spec.words.values())) < len(spec.words):
            raise CatalogError(path.name, f"parts.{part}.words", "has one word for two values")
    for family_id, family in file.families.items():
        _check_family(path, f"families.{family_id}", file, family)


def _check_family(path: Path, key: str, file: NamesFile, family: FamilyNamesSpec) -> None:
    models = [version.model for version in family.versions]
    for version in family.versions:
        origin_of(version, file.checked, path, f"{key}.versions.{version.model}")
    if len(set(models)) < len(models) or len({version.word for version in family.versions}) < len(models):
        raise CatalogError(path.name, f"{key}.versions", "names a model or a word twice")
    taken: set[tuple[str, Mode]] = set()
    for number, form in enumerate(family.forms):
        where = f"{key}.forms[{number}]"
        origin_of(form, file.checked, path, where)
        for part in form.parts:
            if part != "version" and part not in file.parts:
                raise CatalogError(path.name, where, f"{part} is not a part; known: version, {', '.join(file.parts)}")
        for model in form.models:
            if model not in models:
                raise CatalogError(path.name, where, f"{model} has no version word")
        if not form.versioned and (len(form.models) != 1 or not form.scene):
            raise CatalogError(path.name, where, "without a version it needs a scene and exactly one model")
        pairs = {(model, mode) for model in form.models for mode in form.modes}
        if pairs & taken:
            raise CatalogError(path.name, where, "a model and mode of it already have a form")
        taken |= pairs
