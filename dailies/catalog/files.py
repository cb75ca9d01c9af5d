"""The strict format of `catalog/*.toml`, and the reading of one file.

Gives the files no meaning: `dailies.catalog.cells` resolves them, `dailies.catalog.load` is what the program sees.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from dailies.catalog.overlay import lay_over
from dailies.encodings import CASTS, READINGS
from dailies.errors import CatalogError
from dailies.origin import Citation, Origin, Source
from dailies.parameter import Placement
from dailies.vocabulary import (
    Body,
    LifeState,
    MediaKind,
    Mode,
    SendAs,
    SourceKind,
    Support,
    Value,
)

ROUTES = "routes.toml"
SOURCES = "sources.toml"


class Strict(BaseModel):
    """A table that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources of a catalog by id, and the ids that have been cited so far."""

    known: dict[str, Source]
    cited: set[str] = field(default_factory=set)

    def cite(self, text: str) -> tuple[Citation, ...]:
        """Parse `id; id: where`. Raises `ValueError` for an unknown, repeated or empty id, or an empty place."""
        citations: list[Citation] = []
        for part in text.split(";"):
            name, colon, where = (piece.strip() for piece in part.partition(":"))
            if name not in self.known:
                raise ValueError(f"{name or 'an empty id'} is not an id of {SOURCES}")
            if colon and not where:
                raise ValueError(f"{name} has nothing after its colon")
            if any(citation.source.id == name for citation in citations):
                raise ValueError(f"{name} is cited twice")
            citations.append(Citation(self.known[name], where))
        self.cited.update(citation.source.id for citation in citations)
        return tuple(citations)

    def refuse_unused(self) -> None:
        """Raise `CatalogError` for the first source that is cited nowhere."""
        for name in self.known:
            if name not in self.cited:
                raise CatalogError(SOURCES, f"sources.{name}", "is cited nowhere")


def _cited(value: object, info: ValidationInfo) -> tuple[Citation, ...]:
    if not isinstance(value, str) or not isinstance(info.context, Sources):
        raise ValueError(f"must be ids of {SOURCES}, each with its place after a colon, separated by semicolons")
    return info.context.cite(value) if value else ()


Cited = Annotated[tuple[Citation, ...], PlainValidator(_cited)]


class Stated(Strict):
    """A claim. `source` cites where it is stated; `checked` is the day it was read, by default the file's."""

    source: Cited = ()
    checked: date | None = None


class SourceSpec(Strict):
    title: str = Field(min_length=1)
    publisher: str = ""
    kind: SourceKind
    address: str = Field(default="", pattern=r"^(https://[^\s()<>\[\]\\]+)?$")
    checked: date | None = None


class SourcesFile(Strict):
    checked: date
    sources: dict[str, SourceSpec]


def _known(names: Iterable[str]) -> AfterValidator:
    def check(name: str) -> str:
        if name not in names:
            raise ValueError(f"{name} is unknown; known: {', '.join(names)}")
        return name

    return AfterValidator(check)


class PlacementSpec(Strict):
    to: str
    cast: Annotated[str, _known(CASTS)] = Field(default="plain", alias="as")
    values: dict[str, Any] = {}
    template: Any = None
    read: Annotated[str, _known(READINGS)] = ""

    def resolve(self) -> Placement:
        return Placement(self.to, self.cast, self.values, self.template, self.read)


class MediaFormSpec(Strict):
    send_as: SendAs = Field(alias="as")
    to: str
    template: Any = None
    alone: bool = False
    body: Body | None = None
    note: str = ""


class FormModeSpec(Strict):
    route: str = ""  # where this mode has paths of its own
    slots: dict[str, list[MediaFormSpec]] = {}
    send: dict[str, Any] = {}


class PrecedenceSpec(Stated):
    value: str
    order: list[str]


class FormSpec(Stated):
    """One wire dialect: the kind of body, and a place for every parameter and slot."""

    body: Body
    model: PlacementSpec = PlacementSpec(to="model")
    prompt: PlacementSpec = PlacementSpec(to="prompt")
    continues: PlacementSpec | None = None
    raw: str = "metadata"
    order: list[str] = []
    parameters: dict[str, PlacementSpec] = {}
    modes: dict[Mode, FormModeSpec] = {}
    precedence: list[PrecedenceSpec] = []


class RouteSpec(Stated):
    create: str
    query: str
    content: str
    sdk: bool = False


class RoutesFile(Strict):
    checked: date
    routes: dict[str, RouteSpec]
    forms: dict[str, FormSpec]


def plain_number(value: object) -> int | float:
    """A finite number as TOML writes it. Raises `ValueError` for text and for a switch."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
        raise ValueError("must be a finite number, without quotes, a unit or a currency sign")
    return value


Number = Annotated[int | float, PlainValidator(plain_number)]


class StartSpec(Stated):
    """What a form starts with, and the sentence that announces it."""

    value: Value
    note: str = Field(min_length=1)


class ParameterSpec(Stated):
    choices: list[Value] | None = None
    min: Number | None = None
    max: Number | None = None
    default: Value | None = None
    assumed: Value | None = None
    start: StartSpec | None = None
    fixed: Value | None = None
    free: bool | None = None
    required: bool | None = None
    max_chars: int | None = None
    refused: str | None = None
    support: Support | None = None
    note: str | None = None
    absent: bool = False
    drops: list[Literal["assumed", "start"]] = []  # what an earlier level says and narrower values make untrue

    @model_validator(mode="after")
    def _has_one_shape(self) -> Self:
        ranged = (self.min, self.max) != (None, None)
        if sum((self.fixed is not None, self.choices is not None, ranged)) > 1:
            raise ValueError("mixes fixed, choices and a range")
        if self.absent and self.model_fields_set - {"absent", "source", "checked"}:
            raise ValueError("is absent and says more")
        return self


class SlotSpec(Strict):
    min: int | None = None
    max: int | None = None
    note: str = ""
    token: str = ""  # how the prompt names the media of the slot; `{}` stands for the number


class ModeSpec(Stated):
    support: Support
    note: str
    refused: str = ""
    prompt_optional: bool = False
    slots: dict[str, SlotSpec] = {}
    parameters: dict[str, ParameterSpec] = {}


class ModelModeSpec(Stated):
    support: Support | None = None
    note: str = ""
    refused: str = ""
    slots: dict[str, SlotSpec] = {}
    parameters: dict[str, ParameterSpec] = {}


class ModelSpec(Stated):
    id: str
    status: Literal["current", "listed", "billing"] = "current"
    note: str = ""
    offers: list[Mode] | None = None
    parameters: dict[str, ParameterSpec] = {}
    modes: dict[Mode, ModelModeSpec] = {}


class LifeSpec(Stated):
    """Where some models of a family stand in their life, whatever entry point names them."""

    models: list[str] = Field(min_length=1)
    state: LifeState
    since: date | None = None
    successor: str = ""
    note: str = ""


class LimitsSpec(Stated):
    types: list[str] = []
    max_mb: float | None = None
    min_side: int | None = None
    max_side: int | None = None
    min_ratio: float | None = None
    max_ratio: float | None = None
    min_seconds: float | None = None
    max_seconds: float | None = None


class RuleSpec(Stated):
    models: list[str] = []
    modes: list[Mode] = []
    when: dict[str, list[Value]] = {}
    then: dict[str, list[Value]] = {}
    needs: list[str] = []
    note: str


class SupportSpec(Stated):
    support: Support
    note: str


class EntrySpec(Strict):
    id: str
    title: str
    route: str
    form: str
    after: list[str] = []


class PromptSpec(Stated):
    max_chars: int | None = None
    required: bool = True


class EntryFile(Strict):
    """One entry point of a family. The main one is in the family's own file."""

    checked: date
    entry: EntrySpec
    prompt: PromptSpec = PromptSpec()
    modes: dict[Mode, ModeSpec]
    media: dict[MediaKind, LimitsSpec] = {}
    parameters: dict[str, ParameterSpec] = {}
    rules: list[RuleSpec] = []
    models: list[ModelSpec]


class FamilyFile(EntryFile):
    title: str
    icon: str
    order: int
    summary: str
    docs: str = ""
    patterns: list[str] = []
    pattern_source: Cited = ()
    audio: SupportSpec
    life: list[LifeSpec] = []


_File = TypeVar("_File", bound=BaseModel)


def read(path: Path, shape: type[_File], sources: Sources | None = None, overlay: Path | None = None) -> _File:
    """Read one file, whose claims may cite `sources`, with the overlay's file of the same name over it.

    Raises `CatalogError` that names file and key.
    """
    try:
        raw = lay_over(tomllib.loads(path.read_text(encoding="utf-8")), path.name, overlay)
        return shape.model_validate(raw, context=sources)
    except OSError as error:
        raise CatalogError(path.name, "", f"cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogError(path.name, "", f"is not valid TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"] if part != "[key]")
        raise CatalogError(path.name, key, first["msg"].removeprefix("Value error, ")) from error


def read_sources(folder: Path, overlay: Path | None = None) -> Sources:
    """Read the sources of a catalog folder. Only an inferred source has no address and no date."""
    file = read(folder / SOURCES, SourcesFile, overlay=overlay)
    known: dict[str, Source] = {}
    for name, spec in file.sources.items():
        key, inferred = f"sources.{name}", spec.kind is SourceKind.INFERRED
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
            raise CatalogError(SOURCES, key, "is not an id: use lower-case words and digits joined by hyphens")
        if inferred == bool(spec.address):
            raise CatalogError(
                SOURCES, f"{key}.address", "must be empty for an inferred source and given for any other"
            )
        read_on = None if inferred else spec.checked or file.checked
        known[name] = Source(name, spec.title, spec.publisher, spec.kind, spec.address, read_on)
    return Sources(known)


def resolve_origin(stated: Stated, checked: date, file: str, key: str, fallback: tuple[Citation, ...] = ()) -> Origin:
    """Resolve the origin of a claim. Raises `CatalogError` if it has none or is newer than one of its sources.

    `checked` is the date of the file, `fallback` is cited if the claim cites nothing, `file` and `key` are for errors.
    """
    return make_origin(stated.source or fallback, stated.checked or checked, file, key)


def make_origin(citations: tuple[Citation, ...], checked: date, file: str, key: str) -> Origin:
    """Make an origin. Raises `CatalogError` if nothing is cited or a source was last read before `checked`."""
    if not citations:
        raise CatalogError(file, key, "states a fact without a source")
    for source in (citation.source for citation in citations):
        if source.checked and source.checked < checked:
            what = f"was checked on {checked}, but {source.id} was last read on {source.checked}"
            raise CatalogError(file, key, what)
    return Origin(citations, checked)
