"""Read request bodies strictly: a value of the wrong type and a field that nobody asked for are refused.

Owns the two body kinds, JSON and multipart. The families decide which fields exist and what they may hold.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from sandbox.refusal import Refusal, invalid

BodyKind = Literal["json", "form"]
NESTED_PART = re.compile(r"(\w+)((?:\[\w*\])+)")
DEEPEST = 8  # levels of objects in a form


@dataclass(frozen=True)
class Body:
    """A parsed body. A value of a form is text or the bytes of an upload, or a list of them for a repeated part."""

    kind: BodyKind
    values: Mapping[str, Any]


async def read_body(request: Request) -> Body:
    """Parse a body by its Content-Type; raises Refusal unless it is a JSON object or a multipart form."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        values: dict[str, Any] = {}
        try:
            async with request.form(max_files=64, max_fields=200) as form:
                for name, part in form.multi_items():
                    add_part(values, name, await part.read() if isinstance(part, UploadFile) else part)
        except HTTPException as error:  # raised by Starlette for a form that it cannot parse
            raise Refusal(400, "invalid_multipart_form", f"the form cannot be parsed: {error.detail}") from None
        return Body("form", values)
    try:
        parsed = json.loads(await request.body())
    except ValueError:
        raise Refusal(400, "invalid_json", "the body is neither JSON nor multipart/form-data") from None
    if not isinstance(parsed, dict):
        raise Refusal(400, "invalid_json", "the body must be a JSON object")
    return Body("json", parsed)


def add_part(values: dict[str, Any], name: str, part: str | bytes) -> None:
    """Add one form part to the values, as OpenAI's packages name nested ones.

    `name[key]` and `name[key][inner]` make objects; `name[]`, `name[0]` and a repeated name make a list.
    """
    nested = NESTED_PART.fullmatch(name)
    keys = re.findall(r"\[(\w*)\]", nested[2]) if nested else []
    here = nested[1] if nested else name
    if keys and (keys[-1] == "" or keys[-1].isdecimal()):
        keys.pop()
    if len(keys) > DEEPEST:
        raise Refusal(400, "invalid_multipart_form", f"{name}: more than {DEEPEST} levels")
    place = values
    for key in keys:
        inner = place.setdefault(here, {})
        if not isinstance(inner, dict) or key == "" or key.isdecimal():
            raise Refusal(400, "invalid_multipart_form", f"{name}: {here} cannot hold an object here")
        place, here = inner, key
    if here not in place:
        place[here] = part
    elif isinstance(place[here], dict):
        raise Refusal(400, "invalid_multipart_form", f"{name}: {here} is also sent as an object")
    elif isinstance(place[here], list):
        place[here].append(part)
    else:
        place[here] = [place[here], part]


@dataclass
class Fields:
    """One object of a body, read field by field.

    A reader returns None for an absent field, unless it says otherwise, and raises Refusal with the field's path for a
    wrong value. `finish` refuses all keys that were not read, here and in inner objects.
    """

    values: Mapping[str, Any]
    path: str = ""
    asked: set[str] = field(default_factory=set)
    inners: list[Fields] = field(default_factory=list)

    def where(self, name: str) -> str:
        """The path of a field from the top of the body."""
        return f"{self.path}.{name}" if self.path else name

    def raw(self, name: str) -> Any:
        """A field of any type."""
        self.asked.add(name)
        return self.values.get(name)

    def text(self, name: str) -> str | None:
        """A text."""
        value = self.raw(name)
        if value is None or isinstance(value, str):
            return value
        raise invalid(self.where(name), f"must be one string, not {describe(value)}")

    def required(self, name: str) -> str:
        """A text that must be there and not blank."""
        value = self.text(name)
        if value is None or not value.strip():
            raise invalid(self.where(name), f"{name} is required")
        return value

    def whole(self, name: str) -> int | None:
        """An integer, also when written as a string: the gateway reads both forms (new-api)."""
        value = self.raw(name)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        if isinstance(value, str) and re.fullmatch(r"-?\d+", value.strip()):
            return int(value)
        raise invalid(self.where(name), f"must be a whole number, not {describe(value)}")

    def flag(self, name: str) -> bool | None:
        """A boolean, also when written as `true` or `false` in a string."""
        value = self.raw(name)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str) and value in ("true", "false"):
            return value == "true"
        raise invalid(self.where(name), f"must be true or false, not {describe(value)}")

    def choice(self, name: str, allowed: Collection[str], *, exact: bool = False) -> str | None:
        """One of the allowed words, in the spelling of `allowed`; case matters only if `exact`."""
        value = self.text(name)
        if value is None:
            return None
        for word in allowed:
            if value == word or (not exact and value.casefold() == word.casefold()):
                return word
        raise invalid(self.where(name), f"{value!r} is not allowed; allowed: {', '.join(allowed)}")

    def inner(self, name: str) -> Fields:
        """An inner object, also as JSON in a string; empty if absent."""
        value = self.raw(name)
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                raise invalid(self.where(name), "must be an object, or JSON text of one") from None
        if value is not None and not isinstance(value, dict):
            raise invalid(self.where(name), f"must be an object, not {describe(value)}")
        reader = Fields(value or {}, self.where(name))
        self.inners.append(reader)
        return reader

    def items(self, name: str) -> list[Any]:
        """A list, also as JSON in a string; empty if absent."""
        value = self.raw(name)
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                raise invalid(self.where(name), "must be a list, or JSON text of one") from None
        if value is None:
            return []
        if not isinstance(value, list):
            raise invalid(self.where(name), f"must be a list, not {describe(value)}")
        return value

    def media(self, name: str, forms: Collection[str]) -> list[str | bytes]:
        """One media value or a list of them, each in one of `forms`: file, url, data, base64, asset."""
        value = self.raw(name)
        if value is None:
            return []
        values = value if isinstance(value, list) else [value]
        return [check_address(item, self.where(name), forms) for item in values]

    def addresses(self, name: str, forms: Collection[str]) -> list[str | bytes]:
        """A list of media values; a single value is refused."""
        if self.values.get(name) is not None and not isinstance(self.values[name], list):
            raise invalid(self.where(name), f"must be a list, not {describe(self.values[name])}")
        return self.media(name, forms)

    def number(self, name: str) -> float | None:
        """A number."""
        value = self.raw(name)
        if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
            return value
        raise invalid(self.where(name), f"must be a number, not {describe(value)}")

    def link(self, name: str, forms: Collection[str] = ("url",)) -> str | bytes | None:
        """One media value; a list is refused."""
        if isinstance(self.values.get(name), list):
            raise invalid(self.where(name), "takes one value, not a list")
        values = self.media(name, forms)
        return values[0] if values else None

    def skip(self, names: Iterable[str]) -> None:
        """Accept fields without reading them: the gateway passes them on to the upstream."""
        self.asked.update(names)

    def finish(self) -> None:
        """Refuse every field that was not read."""
        unknown = sorted(set(self.values) - self.asked)
        if unknown:
            known = ", ".join(sorted(self.asked))
            raise invalid(", ".join(self.where(name) for name in unknown), f"unknown field; known here: {known}")
        for reader in self.inners:
            reader.finish()


def check_address(value: Any, where: str, forms: Collection[str]) -> str | bytes:
    """Check the outer form of a media value; the shelf checks later whether it can be decoded."""
    if isinstance(value, bytes):
        form = "file"
    elif not isinstance(value, str):
        raise invalid(where, f"must be {' or '.join(FORM_WORDS[f] for f in forms)}, not {describe(value)}")
    elif re.match(r"https?://[^/\s]+", value):
        form = "url"
    elif value.startswith("data:"):
        form = "data"
    elif value.startswith("asset://") and len(value) > len("asset://"):
        form = "asset"
    else:
        form = "base64" if is_base64(value) else ""
    if form not in forms:
        shown = "an uploaded file" if form == "file" else repr(value[:60])
        raise invalid(where, f"must be {' or '.join(FORM_WORDS[f] for f in forms)}, not {shown}")
    return cast("str | bytes", value)


FORM_WORDS = {
    "file": "an uploaded file",
    "url": "an http(s) URL",
    "data": "a data URI",
    "base64": "base64",
    "asset": "asset://<id>",
}


def is_base64(value: str) -> bool:
    """Return whether a string can be the base64 of a file."""
    # No picture fits into 16 characters: shorter strings are typing errors.
    if len(value) < 16:
        return False
    try:
        base64.b64decode(value, validate=True)
    except binascii.Error:
        return False
    return True


def describe(value: Any) -> str:
    """Describe a value for an error message, in at most 60 characters and without raw bytes."""
    if isinstance(value, bytes):
        return "an uploaded file"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    return repr(value)[:60]
