"""Encodes a checked request as a `Call`, by the placements of its cell.

Pure. Knows no family: every place, cast, constant and template is data of the cell. Replies are decoded by
`dailies.gateway.replies`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from dailies.domain import Cell, MediaForm, Notice, Reference, Request
from dailies.encodings import CASTS, READINGS
from dailies.exchange import (
    Blob,
    Call,
    Part,
)
from dailies.parameter import Placement
from dailies.vocabulary import CALLBACK, Body, SendAs

HOLE = "{}"
POSITION = "{n}"


def encode(request: Request, cell: Cell) -> Call:
    """Encode the create call of a request. The same request and cell always give the same call."""
    tree, body = _tree(request, cell)
    tree = _sort(_merged(tree, _raw(request, cell)), cell.order)
    path = cell.route.create.replace("{source}", quote(request.source, safe=":"))
    if body is Body.FORM:
        return Call("POST", path, body, form=tuple(_parts(tree)))
    return Call("POST", path, body, json=tree, callback=_find_callback(tree, cell))


def add_callback(call: Call, address: str) -> Call:
    """Copy a call with an address of ours where it takes one, see `Call.callback`."""
    if not isinstance(call.json, Mapping):  # an imported call may hold anything
        return call
    added: dict[str, Any] = {}
    _put(added, Placement(call.callback), address)
    return replace(call, json=_merged(call.json, added))


def find_overlaps(request: Request, cell: Cell) -> tuple[Notice, ...]:
    """Find the values that raw metadata replaces, and the places between which the gateway's precedence decides."""
    built, _ = _tree(request, cell)
    raw = _raw(request, cell)
    whole = _merged(built, raw)
    notices = [
        Notice(path, f"{_short(old)} from the form → {_short(new)} from the raw metadata.")
        for path, old, new in _replaced(built, raw)
    ]
    for precedence in cell.precedence:
        present = [(to, _look(whole, to)) for to in precedence.order if _look(whole, to) is not None]
        if len({str(value) for _, value in present}) > 1:
            (winner, value), *losers = present
            others = ", ".join(f"{to} ({_short(other)})" for to, other in losers)
            what = f"The gateway takes {winner} ({_short(value)}) before {others}."
            notices.append(Notice(precedence.value, what))
    return tuple(notices)


def materialise(value: Any, read: Callable[[str], bytes]) -> Any:
    """Copy a call's JSON with every `Blob` written out as base64. `read` gives the bytes of a digest."""
    if isinstance(value, Blob):
        written = base64.b64encode(read(value.digest)).decode("ascii")
        return written if value.bare else f"data:{value.media_type};base64,{written}"
    if isinstance(value, Mapping):
        return {key: materialise(item, read) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [materialise(item, read) for item in value]
    return value


def abridge(value: Any) -> Any:
    """Copy a call's JSON for display: a `Blob` becomes the start of its data URL, with name and size."""
    if isinstance(value, Blob):
        head = "" if value.bare else f"data:{value.media_type};base64,"
        return f"{head}… ({value.name}, {value.size:,} bytes)"
    if isinstance(value, Mapping):
        return {key: abridge(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [abridge(item) for item in value]
    return value


def describe_part(part: Part) -> dict[str, Any]:
    """Describe a form part as plain JSON: a text by its value, a file by its name, type, size and SHA-256."""
    if isinstance(part.value, str):
        return {"name": part.name, "value": part.value}
    blob = part.value
    return {
        "name": part.name,
        "filename": blob.name,
        "content_type": blob.media_type,
        "size": blob.size,
        "sha256": blob.digest,
    }


# --- building the tree -------------------------------------------------------------------------------------------


def _tree(request: Request, cell: Cell) -> tuple[dict[str, Any], Body]:
    tree: dict[str, Any] = {}
    body = cell.body
    _put(tree, cell.model_to, request.sent_as or request.model)
    if request.prompt:
        _put(tree, cell.prompt_to, request.prompt)
    for parameter in cell.parameters:
        value = request.values.get(parameter.id)
        if parameter.placement is not None and value is not None:
            _put(tree, parameter.placement, parameter.placement.values.get(str(value), value))
    if cell.continues_to is not None:
        _put(tree, cell.continues_to, request.source)
    for to, constant in cell.send.items():
        _put(tree, Placement(to), constant)
    for slot in cell.slots:
        for reference in request.references.get(slot.id, ()):
            form = slot.form_for(reference)
            if form is None:
                raise ValueError(f"{slot.id} cannot take {reference.name}: the request was not checked")
            body = form.body or body
            _put(tree, form.placement, _media(form, reference))
    return tree, body


def _find_callback(tree: Mapping[str, Any], cell: Cell) -> str:
    """Find the place where the gateway takes a callback address that nobody has named; empty if there is none."""
    parameter = cell.parameter(CALLBACK)
    if parameter is None or parameter.placement is None or not parameter.settable:
        return ""
    return "" if _look(tree, parameter.placement.to) is not None else parameter.placement.to


def _media(form: MediaForm, reference: Reference) -> Any:
    if form.send_as is SendAs.URL:
        return reference.url or reference.hosted
    if form.send_as is SendAs.ASSET:
        return f"asset://{reference.asset}"
    as_text, bare = form.send_as is not SendAs.FILE, form.send_as is SendAs.BASE64
    return Blob(reference.digest, reference.media_type, reference.size, reference.name, as_text, bare)


def _put(tree: dict[str, Any], placement: Placement, value: Any) -> None:
    """Write a value at its place. An empty `to` is the body itself, which takes the keys of the template."""
    if not placement.to:
        tree |= _shape(placement, value, 1)
        return
    *path, last = placement.to.split(".")
    for key in path:
        tree = tree.setdefault(key, {})
    if not last.endswith("[]"):
        tree[last] = _shape(placement, value, 1)
        return
    name = last.removesuffix("[]")
    held = tree.get(name, [])
    items = held if isinstance(held, list) else [held]
    items = [*items, _shape(placement, value, len(items) + 1)]
    tree[name] = items[0] if placement.alone and len(items) == 1 else items


def _shape(placement: Placement, value: Any, position: int) -> Any:
    """A value as it stands on the wire: read, put into the template, cast."""
    if placement.read:
        value = READINGS[placement.read].read(str(value))
    if placement.template is not None:
        value = _filled(placement.template, value, position)
    return CASTS[placement.cast](value)


def _filled(template: Any, value: Any, position: int) -> Any:
    if template == HOLE:
        return value
    if template == POSITION:
        return str(position)
    if isinstance(template, Mapping):
        return {key: _filled(item, value, position) for key, item in template.items()}
    if isinstance(template, list):
        return [_filled(item, value, position) for item in template]
    return template


def _raw(request: Request, cell: Cell) -> dict[str, Any]:
    if not request.metadata:
        return {}
    return {cell.raw_to: dict(request.metadata)} if cell.raw_to else dict(request.metadata)


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Merge deeply. `over` wins; a list is replaced as a whole."""
    merged = dict(base)
    for key, value in over.items():
        before = merged.get(key)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        merged[key] = _merged(before, value) if both else value  # type: ignore[arg-type]
    return merged


def _sort(tree: Mapping[str, Any], order: Sequence[str]) -> dict[str, Any]:
    """Sort the keys of a body, and of the objects in it, by a list of dotted paths; other keys follow as they are."""
    names = dict.fromkeys([*(path.partition(".")[0] for path in order), *tree])
    sorted_tree: dict[str, Any] = {}
    for name in names:
        if name in tree:
            inner = [path.removeprefix(f"{name}.") for path in order if path.startswith(f"{name}.")]
            value = tree[name]
            sorted_tree[name] = _sort(value, inner) if inner and isinstance(value, Mapping) else value
    return sorted_tree


def _replaced(base: Mapping[str, Any], over: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any, Any]]:
    for key, value in over.items():
        if key not in base:
            continue
        if isinstance(base[key], Mapping) and isinstance(value, Mapping):
            yield from _replaced(base[key], value, f"{path}{key}.")
        elif base[key] != value:
            yield f"{path}{key}", base[key], value


def _look(tree: Any, to: str) -> Any:
    for key in to.split("."):
        if not isinstance(tree, Mapping) or key not in tree:
            return None
        tree = tree[key]
    return tree


def _parts(tree: Mapping[str, Any]) -> Iterator[Part]:
    for name, value in tree.items():
        for item in value if isinstance(value, list) else [value]:
            yield Part(name, item if isinstance(item, Blob) else _text(item))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(abridge(value), ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"
