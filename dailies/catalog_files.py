"""The format of `catalog/*.toml`: what may stand in a file, strictly, and the reading of one.

Owns no meaning: `dailies.cells` resolves what stands here, `dailies.catalog` is what the program sees.
"""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dailies.domain import (
    Origin,
    Placement,
)
from dailies.errors import CatalogError
from dailies.vocabulary import (
    Body,
    MediaKind,
    Mode,
    SendAs,
    Support,
    Value,
)

ROUTES = "routes.toml"


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Stated(Strict):
    """A claim: `source` names where it stands, `checked` when it was read (inherited from the file if absent)."""

    source: str = ""
    checked: date | None = None


class PlacementSpec(Strict):
    to: str
    cast: Literal["plain", "text", "integer", "number", "json"] = Field(default="plain", alias="as")
    values: dict[str, Any] = {}
    template: Any = None
    read: Literal["", "json", "shots"] = ""

    def resolve(self) -> Placement:
        return Placement(self.to, self.cast, self.values, self.template, self.read)


class MediaFormSpec(Strict):
    send_as: SendAs = Field(alias="as")
    to: str
    template: Any = None
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
    """How one wire dialect writes a request: the kind of body, and a place for every parameter and slot."""

    body: Body
    model: PlacementSpec = PlacementSpec(to="model")
    prompt: PlacementSpec = PlacementSpec(to="prompt")
    continues: PlacementSpec | None = None
    raw: str = "metadata"
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


class ParameterSpec(Stated):
    choices: list[Value] | None = None
    min: int | None = None
    max: int | None = None
    default: Value | None = None
    assumed: Value | None = None
    fixed: Value | None = None
    free: bool | None = None
    required: bool | None = None
    max_chars: int | None = None
    refused: str | None = None
    support: Support | None = None
    note: str | None = None
    absent: bool = False


class SlotSpec(Strict):
    min: int | None = None
    max: int | None = None
    note: str = ""


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
    status: Literal["current", "listed", "billing", "retired"] = "current"
    note: str = ""
    sunset: date | None = None
    offers: list[Mode] | None = None
    parameters: dict[str, ParameterSpec] = {}
    modes: dict[Mode, ModelModeSpec] = {}


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
    """What one entry of a family can do. A family's main entry stands in the family's own file."""

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
    pattern_source: str = ""
    audio: SupportSpec


_File = TypeVar("_File", bound=BaseModel)


def read(path: Path, shape: type[_File]) -> _File:
    try:
        return shape.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise CatalogError(path.name, "", f"cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogError(path.name, "", f"is not valid TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise CatalogError(path.name, key, first["msg"]) from error


def origin_of(stated: Stated, checked: date, path: Path | str, key: str, fallback: str = "") -> Origin:
    source = stated.source or fallback
    if not source:
        raise CatalogError(str(getattr(path, "name", path)), key, "states a fact without a source")
    return Origin(source, stated.checked or checked)
