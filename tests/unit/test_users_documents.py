"""Every statement of the two founding documents, one row each in `users_documents.toml`, against the program.

A row is checked on the resolved cells, on the encoded call, or by the sandbox's own reading of a body: a slip in the
catalog, the encoder or the sandbox shows in the row that says what should have been.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dailies.catalog.load import Catalog, load
from dailies.domain import Cell, Draft, Reference
from dailies.exchange import Blob, Call
from dailies.gateway import assets, channel_keys
from dailies.request import draft, wire
from dailies.vocabulary import SLOTS, Body, Mode, SendAs
from sandbox.body import Body as Received
from sandbox.rules import CREATE_PATHS, accept
from tests.thorough import speaking_of
from tests.unit import golden

Row = Mapping[str, Any]
TABLE = Path(__file__).with_name("users_documents.toml")
ROWS: list[Row] = tomllib.loads(TABLE.read_text(encoding="utf-8"))["statement"]
PROMPT = "A paper boat"
ROUTES = {path: name for name, path in CREATE_PATHS.items()}


# --- what a row speaks of ----------------------------------------------------------------------------------------


def catalog() -> Catalog:
    return load()


def cell_of(row: Row) -> Cell:
    found = catalog().find(row["model"], row.get("entry", ""))
    assert found is not None, f"no family has {row['model']}"
    cell = found[0].cell(row["model"], Mode(row.get("mode", "text")), row.get("entry", ""))
    assert cell is not None, f"{row['model']} does not offer {row.get('mode', 'text')}"
    return cell


def link(slot_id: str, name: str) -> Reference:
    return Reference(name, SLOTS[slot_id].kind, url=f"https://example.com/{name}")


def draft_of(row: Row, cell: Cell) -> Draft:
    refs = {slot: tuple(link(slot, name) for name in names) for slot, names in row.get("refs", {}).items()}
    return Draft(row.get("prompt", PROMPT), row.get("set", {}), refs, row.get("metadata", {}))


def call_of(row: Row, cell: Cell) -> Call:
    checked = draft.check(draft_of(row, cell), cell)
    assert checked.request is not None, checked.problems
    return wire.encode(checked.request, cell)


def tree_of(call: Call) -> dict[str, Any]:
    """A call's body as JSON; the parts of a form by name, several as a list, `metadata` read back."""
    if call.body is not Body.FORM:
        assert isinstance(call.json, dict)
        return call.json
    tree: dict[str, Any] = {}
    for part in call.form:
        value = json.loads(part.value) if part.name == "metadata" and isinstance(part.value, str) else part.value
        held = tree.get(part.name)
        tree[part.name] = value if held is None else [*(held if isinstance(held, list) else [held]), value]
    return tree


def look(tree: Any, at: str) -> Any:
    for key in at.split("."):
        assert isinstance(tree, Mapping) and key in tree, f"nothing stands at {at}"
        tree = tree[key]
    return tree


# --- the kinds of checks -----------------------------------------------------------------------------------------


def check_model(row: Row) -> None:
    found = catalog().find(row["model"])
    assert found is not None
    assert (found[0].id, found[1].status) == (row["family"], row["status"])


def check_billing(row: Row) -> None:
    check_model({**row, "status": "billing"})
    cell = cell_of(row)
    for name, value in row["fixed"].items():
        parameter = cell.parameter(name)
        assert parameter is not None and parameter.fixed == value
    assert look(tree_of(golden.call_of(golden.minimal_draft(cell), cell)), "model") == row["model"]


def check_path(row: Row) -> None:
    """The path that a call takes."""
    cell = cell_of(row)
    call = golden.call_of(golden.minimal_draft(cell), cell)
    assert (call.method, call.path) == ("POST", row["path"])


def check_route(row: Row) -> None:
    route = cell_of(row).route
    assert (route.create, route.query, route.content) == (row["create"], row["query"], row["content"])


def check_offered(row: Row) -> None:
    """A mode that can be sent, and that the sandbox takes for what it is."""
    cell = cell_of(row)
    assert not cell.refused
    call = golden.call_of(golden.minimal_draft(cell), cell)
    if call.body is Body.JSON and call.path in ROUTES:
        _, order = accept(ROUTES[call.path], Received("json", tree_of(call)))
        assert order.mode == row.get("reads", cell.mode)


def check_cell(row: Row) -> None:
    assert cell_of(row).support.support == row["support"]


def check_table(row: Row) -> None:
    family = catalog().families[row["family"]]
    claim = family.audio if row["column"] == "audio" else family.support[Mode(row["column"])]
    assert (claim.note.partition(";")[0], claim.support.value) == (row["words"], row["support"])


def check_place(row: Row) -> None:
    """What must stand at a place of the body, with its type."""
    found = look(tree_of(call_of(row, cell_of(row))), row["at"])
    assert (type(found), found) == (type(row["wire"]), row["wire"])


def check_media(row: Row) -> None:
    """Where a reference stands, in which form, in which kind of body."""
    cell, count = cell_of(row), row.get("count", 1)
    slot = cell.slot(row["slot"])
    assert slot is not None
    media = tuple(golden.sample_reference(slot.kind, number + 1, SendAs(row["sent"])) for number in range(count))
    base = golden.minimal_draft(cell)
    refs = {**base.references, slot.id: media}
    if row["sent"] == "file":  # a call is a form as a whole
        refs = {name: media if name == slot.id else _as_files(held) for name, held in refs.items()}
    call = golden.call_of(replace(base, references=refs), cell)
    assert call.body is not None and call.body.value == row["body"]
    found = look(tree_of(call), row["at"])
    if call.body is Body.JSON:
        assert isinstance(found, list) == row.get("listed", False)
    items = found if isinstance(found, list) else [found]
    marks = [_mark(item) for item in items]
    assert [mark for mark in marks if mark in [r.digest or r.url or f"asset://{r.asset}" for r in media]] == [
        reference.digest or reference.url or f"asset://{reference.asset}" for reference in media
    ]


def _as_files(held: tuple[Reference, ...]) -> tuple[Reference, ...]:
    return tuple(golden.sample_reference(reference.kind, n + 70, SendAs.FILE) for n, reference in enumerate(held))


def _mark(item: Any) -> Any:
    if isinstance(item, Blob):
        return item.digest
    if isinstance(item, Mapping):
        return next((inner["url"] for inner in item.values() if isinstance(inner, Mapping)), None)
    return item


def check_body(row: Row) -> None:
    """The whole body, with its keys in the document's order, and what is said before it is sent."""
    cell = cell_of(row)
    asked = draft_of(row, cell)
    checked = draft.check(asked, cell)
    assert checked.request is not None, checked.problems
    assert json.dumps(wire.encode(checked.request, cell).json) == json.dumps(json.loads(row["json"]))
    said = [notice.what for notice in checked.notices]
    assert [what for what in said if row.get("notice", "") not in what] == []
    assert len(said) == ("notice" in row)


def check_item(row: Row) -> None:
    """An item of `content` with these keys."""
    items = look(tree_of(call_of(row, cell_of(row))), "content")
    assert any(row["item"].items() <= item.items() for item in items), items


def check_sandbox(row: Row) -> None:
    """What the sandbox reads in a body as it stands."""
    body = Received("form" if row.get("form") else "json", json.loads(row["json"]))
    _, order = accept("videos", body)
    assert {name: getattr(order, name) for name in row["gives"]} == row["gives"]


def check_refused(row: Row) -> None:
    cell = cell_of(row)
    checked = draft.check(draft_of(row, cell), cell)
    assert checked.request is None
    assert any(row["words"] in problem.what for problem in checked.problems)


def check_notice(row: Row) -> None:
    cell = cell_of(row)
    checked = draft.check(draft_of(row, cell), cell)
    assert checked.request is not None, checked.problems
    assert any(row["words"] in notice.what for notice in checked.notices)


def check_fixed(row: Row) -> None:
    parameter = cell_of(row).parameter(row["name"])
    assert parameter is not None and parameter.fixed == row["value"]


def check_lacks(row: Row) -> None:
    found = catalog().find(row["model"])
    assert found is not None
    cells = [found[0].cell(row["model"], mode) for mode in found[0].modes(row["model"])]
    assert cells
    assert all(cell and cell.parameter(row["name"]) is None for cell in cells)


def check_precedence(row: Row) -> None:
    orders = {precedence.value: precedence.order for precedence in cell_of(row).precedence}
    assert list(orders[row["value"]][: len(row["order"])]) == row["order"]


def check_assets(row: Row) -> None:
    assert row["path"] == assets._ROUTES


def check_channel_key(row: Row) -> None:
    key = channel_keys.recognise(row["text"])
    assert key is not None and channel_keys.check(key) == []
    assert len(row["text"].split("|")) == row["parts"] == 3 + (key.region is not None)


CHECKS: dict[str, Callable[[Row], None]] = {
    name.removeprefix("check_"): check for name, check in list(globals().items()) if name.startswith("check_")
}


@pytest.mark.parametrize("check", CHECKS)
def test_the_statements_hold(check: str) -> None:
    for row in ROWS:
        if row["check"] == check:
            with speaking_of(f"{row['id']}: {row['says']}"):
                CHECKS[check](row)


def test_the_table_is_whole() -> None:
    ids = [row["id"] for row in ROWS]
    assert len(set(ids)) == len(ids)
    assert sum(name.startswith("domestic-") for name in ids) > 100
    assert sum(name.startswith("matrix-") for name in ids) > 150
    assert {row["check"] for row in ROWS} == set(CHECKS)
    assert {row["id"] for row in ROWS if "exception" in row} == {
        row["id"] for row in ROWS if len(row.get("exception", "")) > 40
    }
