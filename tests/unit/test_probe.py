"""Everything that a form offers must change the call: no parameter, slot, fact or constant may be left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from dailies.domain import Cell, Draft, Reference, Slot
from dailies.exchange import (
    Blob,
    Call,
)
from dailies.parameter import Parameter
from dailies.request import draft
from dailies.vocabulary import Body, SendAs, Value
from tests.unit import golden

CELLS = golden.open_cells()


def every_cell(probe: Callable[[Cell], None]) -> Callable[[str], None]:
    """Runs a probe on every cell, one test for each family; a failure is noted with its cell."""

    @pytest.mark.parametrize("family", golden.catalog().families)
    def test(family: str) -> None:
        for cell in CELLS:
            if cell.family == family:
                try:
                    probe(cell)
                except AssertionError as error:
                    error.add_note(f"in {golden.name_of(cell)}")
                    raise

    test.__doc__ = probe.__doc__
    return test


def _with_values(asked: Draft, **values: Value) -> Draft:
    return replace(asked, values={**asked.values, **values})


def _with_slot(asked: Draft, slot: Slot, held: tuple[Reference, ...]) -> Draft:
    return replace(asked, references={**asked.references, slot.id: held})


def _at(call: Call, to: str) -> Any:
    """What stands at a dotted path of a call's JSON, or of its form with `metadata` read back from text."""
    if call.body is Body.FORM:
        tree: Any = {p.name: p.value for p in call.form}
        tree |= {"metadata": json.loads(tree["metadata"])} if "metadata" in tree else {}
    else:
        tree = call.json
    for key in to.split("."):
        assert isinstance(tree, Mapping) and key in tree, f"nothing stands at {to}"
        tree = tree[key]
    return tree


def _on_wire(parameter: Parameter, value: Value) -> Any:
    assert parameter.placement is not None and parameter.placement.template is None
    wire = parameter.placement.values.get(str(value), value)
    return {"plain": wire, "text": str(wire), "integer": wire}[parameter.placement.cast]


def _carried(call: Call) -> list[str]:
    """Every string of a call, and the digest of every file in it."""
    found: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, Blob):
            found.append(value.digest)
        elif isinstance(value, Mapping):
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)
        elif isinstance(value, str):
            found.append(value)

    walk(call.json if call.body is Body.JSON else [part.value for part in call.form])
    return found


def _mark_of(reference: Reference) -> str:
    return reference.digest or reference.url or f"asset://{reference.asset}"


def _find_base(cell: Cell, parameter: Parameter, values: tuple[Value, ...]) -> tuple[Draft, list[Draft]]:
    """The smallest draft, or else the full one, that takes every value within the rules; and a draft for each value."""
    for base in (golden.minimal_draft(cell), golden.full_draft(cell)):
        drafts = [_with_values(base, **{parameter.id: value}) for value in values]
        if all(draft.check(asked, cell).request for asked in drafts):
            return base, drafts
    raise AssertionError(f"the rules leave no draft beside which {parameter.id} can take every value")


@every_cell
def test_every_value_of_every_parameter_makes_another_call(cell: Cell) -> None:
    for parameter in cell.parameters:
        if parameter.fixed is not None or parameter.refused:
            continue
        values = golden.sample_values(parameter)
        base, drafts = _find_base(cell, parameter, values)
        calls = [golden.call_of(asked, cell) for asked in drafts]
        if parameter.default is None and not parameter.required and parameter.id not in base.values:
            calls.append(golden.call_of(base, cell))
        assert len(calls) > 1, f"{parameter.id} leaves nothing to choose"
        for number, call in enumerate(calls):
            assert call not in calls[:number], f"{parameter.id} = {values[number:]} does not change the call"


@every_cell
def test_a_default_is_sent_as_if_it_had_been_chosen(cell: Cell) -> None:
    base = golden.minimal_draft(cell)
    chosen = {p.id: p.default for p in cell.parameters if p.default is not None}
    assert golden.call_of(base, cell) == golden.call_of(_with_values(base, **chosen), cell)
    for parameter in cell.parameters:
        if parameter.id in chosen:
            assert parameter.placement is not None
            assert _at(golden.call_of(base, cell), parameter.placement.to) == _on_wire(parameter, chosen[parameter.id])


@every_cell
def test_what_a_model_fixes_is_on_the_wire_or_in_its_name(cell: Cell) -> None:
    call = golden.call_of(golden.minimal_draft(cell), cell)
    for parameter in cell.parameters:
        if parameter.fixed is None:
            continue
        if parameter.placement is None:
            assert str(parameter.fixed) in cell.model.id
        else:
            assert _at(call, parameter.placement.to) == _on_wire(parameter, parameter.fixed)


@every_cell
def test_every_constant_is_on_the_wire(cell: Cell) -> None:
    call = golden.call_of(golden.minimal_draft(cell), cell)
    assert {to: _at(call, to) for to in cell.send} == dict(cell.send)


@every_cell
def test_every_reference_in_every_form_is_on_the_wire(cell: Cell) -> None:
    full = golden.full_draft(cell)
    for slot in cell.slots:
        count = max(slot.minimum, 1)
        calls = []
        for form in slot.forms:
            for first in (60, 70):
                held = tuple(golden.sample_reference(slot.kind, first + n, form.send_as) for n in range(count))
                calls.append(golden.call_of(_with_slot(full, slot, held), cell))
                assert {_mark_of(reference) for reference in held} <= set(_carried(calls[-1])), (
                    f"{slot.id} {form.send_as}"
                )
        for number, call in enumerate(calls):
            assert call not in calls[:number], f"{slot.id} does not change the call"


@every_cell
def test_one_more_one_less_and_another_order_make_another_call(cell: Cell) -> None:
    full = golden.full_draft(cell)
    before = golden.call_of(full, cell)
    for slot in cell.slots:
        most = slot.minimum + 3 if slot.maximum is None else slot.maximum
        held = golden.filled(slot, most, 60)
        call = golden.call_of(_with_slot(full, slot, held), cell)
        assert {_mark_of(reference) for reference in held} <= set(_carried(call)), f"{slot.id} loses some of {most}"
        if most > 1:
            turned = golden.call_of(_with_slot(full, slot, held[::-1]), cell)
            assert turned != call, f"the order in {slot.id} is lost"
        emptied = _with_slot(full, slot, ())
        if draft.check(emptied, cell).request is not None:
            assert golden.call_of(emptied, cell) != before, f"{slot.id} filled or not is the same call"


@every_cell
def test_two_slots_swapped_make_another_call(cell: Cell) -> None:
    full = golden.full_draft(cell)
    before = golden.call_of(full, cell)
    for one in cell.slots:
        for other in cell.slots:
            ways = [form.send_as for form in other.forms]
            singles = len(full.references[one.id]) == len(full.references[other.id]) == 1
            if one.id < other.id and one.kind is other.kind and singles and one.forms[0].send_as in ways:
                swapped = _with_slot(full, one, full.references[other.id])
                swapped = _with_slot(swapped, other, full.references[one.id])
                assert golden.call_of(swapped, cell) != before, f"{one.id} and {other.id} cannot be told apart"


@every_cell
def test_the_task_to_go_on_from_is_in_the_path_or_the_body(cell: Cell) -> None:
    if not cell.continues:
        return
    asked = golden.minimal_draft(cell)
    call = golden.call_of(asked, cell)
    assert golden.SOURCE in call.path or golden.SOURCE in _carried(call)
    assert golden.call_of(replace(asked, source="another"), cell) != call
    assert draft.check(replace(asked, source=""), cell).request is None


@every_cell
def test_what_the_model_refuses_is_never_sent(cell: Cell) -> None:
    base = golden.minimal_draft(cell)
    for parameter in cell.parameters:
        if parameter.refused:
            value = golden.sample_values(parameter)[0]
            assert draft.check(_with_values(base, **{parameter.id: value}), cell).request is None


@every_cell
def test_model_and_prompt_are_on_the_wire(cell: Cell) -> None:
    carried = _carried(golden.call_of(golden.minimal_draft(cell), cell))
    assert {cell.model.id, golden.PROMPT} <= set(carried)


def test_the_probe_meets_every_shape_the_catalog_can_say() -> None:
    """So that none of the loops above is empty: each shape occurs in some cell."""
    parameters = [p for cell in CELLS for p in cell.parameters]
    assert any(p.fixed is not None and p.placement for p in parameters)
    assert any(p.fixed is not None and not p.placement for p in parameters)
    assert any(p.required for p in parameters) and any(p.is_range for p in parameters)
    assert {form.send_as for cell in CELLS for slot in cell.slots for form in slot.forms} == set(SendAs)
    assert any(cell.send for cell in CELLS)
    assert any(cell.continues_to for cell in CELLS) and any("{source}" in cell.route.create for cell in CELLS)
    assert any(p.refused for p in parameters) and any(not cell.raw_to for cell in CELLS)
    placements = [p.placement for p in parameters if p.placement]
    assert {placement.read for placement in placements} == {"", "json", "shots"}
    assert {placement.cast for placement in placements} == {"plain", "text", "integer", "number", "json"}
    assert any(not placement.to for placement in placements)
    assert {cell.body for cell in CELLS} == set(Body)
