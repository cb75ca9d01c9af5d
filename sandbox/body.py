"""Reading a request body, strictly: every value is asked for by name, and what nobody asked for is refused.

Owns the two body kinds (JSON and multipart), wrong types and unknown fields. Which names exist and what they may
hold is the families' business.
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
NESTED_PART = re.compile(r"(\w+)\[(\w*)\]")


@dataclass(frozen=True)
class Body:
    """A parsed body. In a form a value is text or an upload's bytes, or a list of those when the part is repeated."""

    kind: BodyKind
    values: Mapping[str, Any]


async def read_body(request: Request) -> Body:
    """Parse the body by its Content-Type; raises Refusal when it is neither JSON nor a multipart form."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        values: dict[str, Any] = {}
        try:
            async with request.form(max_files=64, max_fields=200) as form:
                for name, part in form.multi_items():
                    add_part(values, name, await part.read() if isinstance(part, UploadFile) else part)
        except HTTPException as error:  # what Starlette makes of a form it cannot parse
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
    """Put one form part in place; `name[]` and repetition make a list, `name[key]` an object, as clients send them."""
    nested = NESTED_PART.fullmatch(name)
    if nested and nested[2]:
        inner = values.setdefault(nested[1], {})
        if not isinstance(inner, dict):
            raise Refusal(400, "invalid_multipart_form", f"{name}: {nested[1]} is a value elsewhere in the form")
        inner[nested[2]] = part
        return
    name = nested[1] if nested else name
    if name not in values:
        values[name] = part
    elif isinstance(values[name], list):
        values[name].append(part)
    else:
        values[name] = [values[name], part]


@dataclass
class Fields:
    """One object of the body. `finish` refuses every key that was never asked for, here and in inner objects."""

    values: Mapping[str, Any]
    path: str = ""
    asked: set[str] = field(default_factory=set)
    inners: list[Fields] = field(default_factory=list)

    def where(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def raw(self, name: str) -> Any:
        self.asked.add(name)
        return self.values.get(name)

    def text(self, name: str) -> str | None:
        value = self.raw(name)
        if value is None or isinstance(value, str):
            return value
        raise invalid(self.where(name), f"must be one text, not {describe(value)}")

    def required(self, name: str) -> str:
        value = self.text(name)
        if value is None or not value.strip():
            raise invalid(self.where(name), f"{name} is required")
        return value

    def whole(self, name: str) -> int | None:
        """A whole number, or a text holding one: the contract allows both forms everywhere it counts."""
        value = self.raw(name)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        if isinstance(value, str) and re.fullmatch(r"-?\d+", value.strip()):
            return int(value)
        raise invalid(self.where(name), f"must be a whole number, not {describe(value)}")

    def flag(self, name: str) -> bool | None:
        value = self.raw(name)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str) and value in ("true", "false"):
            return value == "true"
        raise invalid(self.where(name), f"must be true or false, not {describe(value)}")

    def choice(self, name: str, allowed: Collection[str], *, exact: bool = False) -> str | None:
        """One of a few words; case does not matter unless `exact`. Answers the word as the table spells it."""
        value = self.text(name)
        if value is None:
            return None
        for word in allowed:
            if value == word or (not exact and value.casefold() == word.casefold()):
                return word
        raise invalid(self.where(name), f"{value!r} is not allowed; allowed: {', '.join(allowed)}")

    def inner(self, name: str) -> Fields:
        """An inner object, or a text holding one as JSON (the only way in a form); empty when absent."""
        value = self.raw(name)
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                raise invalid(self.where(name), "must be an object, or a text holding one as JSON") from None
        if value is not None and not isinstance(value, dict):
            raise invalid(self.where(name), f"must be an object, not {describe(value)}")
        reader = Fields(value or {}, self.where(name))
        self.inners.append(reader)
        return reader

    def items(self, name: str) -> list[Any]:
        """A list, a text holding one as JSON, or nothing."""
        value = self.raw(name)
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                raise invalid(self.where(name), "must be a list, or a text holding one as JSON") from None
        if value is None:
            return []
        if not isinstance(value, list):
            raise invalid(self.where(name), f"must be a list, not {describe(value)}")
        return value

    def media(self, name: str, forms: Collection[str]) -> list[str | bytes]:
        """One or more media values, each in one of `forms`: file, url, data, base64, asset."""
        value = self.raw(name)
        if value is None:
            return []
        values = value if isinstance(value, list) else [value]
        return [check_address(item, self.where(name), forms) for item in values]

    def addresses(self, name: str, forms: Collection[str]) -> list[str | bytes]:
        """A list of media values; a single value outside a list is refused."""
        if self.values.get(name) is not None and not isinstance(self.values[name], list):
            raise invalid(self.where(name), f"must be a list, not {describe(self.values[name])}")
        return self.media(name, forms)

    def number(self, name: str) -> float | None:
        value = self.raw(name)
        if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
            return value
        raise invalid(self.where(name), f"must be a number, not {describe(value)}")

    def link(self, name: str, forms: Collection[str] = ("url",)) -> str | bytes | None:
        """Exactly one media value, or nothing."""
        if isinstance(self.values.get(name), list):
            raise invalid(self.where(name), "takes one value, not a list")
        values = self.media(name, forms)
        return values[0] if values else None

    def skip(self, names: Iterable[str]) -> None:
        """Known keys that pass through to the upstream unread."""
        self.asked.update(names)

    def finish(self) -> None:
        unknown = sorted(set(self.values) - self.asked)
        if unknown:
            known = ", ".join(sorted(self.asked))
            raise invalid(", ".join(self.where(name) for name in unknown), f"unknown field; known here: {known}")
        for reader in self.inners:
            reader.finish()


def check_address(value: Any, where: str, forms: Collection[str]) -> str | bytes:
    """A media value whose outer form is allowed; whether it can be decoded is found out when it is kept."""
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
    # Shorter texts are typing errors rather than pictures: no picture fits into 16 characters.
    if len(value) < 16:
        return False
    try:
        base64.b64decode(value, validate=True)
    except binascii.Error:
        return False
    return True


def describe(value: Any) -> str:
    """A value in words for a message, never long and never raw bytes."""
    if isinstance(value, bytes):
        return "an uploaded file"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    return repr(value)[:60]
