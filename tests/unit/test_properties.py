"""What holds for every input: shot lists, billing names, values, drafts and stored requests."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from math import isfinite
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from dailies.catalog import billing
from dailies.catalog.billing import BillingError, NamesFile
from dailies.catalog.files import read, read_sources
from dailies.domain import Cell, Reference, Request
from dailies.encodings import read_shots
from dailies.exchange import Blob
from dailies.origin import Origin
from dailies.parameter import Parameter, Placement, text_of
from dailies.request.draft import check
from dailies.request.wire import encode, materialise
from dailies.store.records import from_request, to_request
from dailies.vocabulary import SLOTS, MediaKind, Mode, Value
from tests.unit import golden

CELLS = golden.open_cells()
PARAMETERS = list({repr(p): p for cell in CELLS for p in cell.parameters}.values())
NAMES = billing.load()
WORDS = read(billing.FILE, NamesFile, read_sources(billing.FILE.parent.parent))

values = st.one_of(st.text(max_size=20), st.integers(), st.floats(), st.booleans())
typed = st.one_of(values, st.sampled_from(["5", " 10 ", "720p", "ON", "true", "0.5", "-1", "1e400", "nan", "٣", "1_0"]))


# --- shot lists --------------------------------------------------------------------------------------------------

letters = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])  # nothing that ends a line
line_of_text = st.text(letters, min_size=1, max_size=80).map(str.strip).filter(bool)
shot_lists = st.lists(st.tuples(st.integers(1, 999), line_of_text), min_size=1, max_size=6)


@given(shot_lists, st.sampled_from(["{} s: {}", "{}:{}", "  {}s :  {}  ", "\n{} s: {}\n"]))
def test_a_written_shot_list_is_read_back(shots: list[tuple[int, str]], form: str) -> None:
    text = "\n".join(form.format(seconds, prompt) for seconds, prompt in shots)
    assert read_shots(text) == [
        {"index": number, "prompt": prompt, "duration": str(seconds)}
        for number, (seconds, prompt) in enumerate(shots, start=1)
    ]


@example("1: ")
@given(st.text(alphabet="0123456789 s:\nab٣", max_size=60))
def test_any_text_is_a_shot_list_or_says_why_not(text: str) -> None:
    try:
        found = read_shots(text)
    except ValueError as error:
        assert str(error)
        return
    assert 1 <= len(found) <= 6
    assert all(int(str(shot["duration"])) >= 1 and shot["prompt"] == str(shot["prompt"]).strip() for shot in found)


# --- combined billing names --------------------------------------------------------------------------------------


@st.composite
def names(draw: st.DrawFn) -> str:
    """A combined name of any words, in any order."""
    family = draw(st.sampled_from(list(WORDS.families.values())))
    words = [version.word for version in family.versions] + [form.scene for form in family.forms if form.scene]
    words += [word for spec in WORDS.parts.values() for word in spec.spoken]
    return "-".join((family.prefix, *draw(st.lists(st.sampled_from([*words, "x", ""]), min_size=1, max_size=6))))


@given(names())
def test_a_name_that_can_be_read_is_composed_again_and_any_other_says_why(name: str) -> None:
    try:
        found = NAMES.parse(name)
    except BillingError as error:
        assert str(error).startswith(f"{name}: {error.part}: ")
        return
    assert found is not None
    for mode in found.modes:
        assert NAMES.compose(found.model, mode, found.values, bool(found.referenced)) == name


@given(
    st.sampled_from([(m, mode) for f in WORDS.families.values() for n in f.forms for m in n.models for mode in Mode]),
    st.fixed_dictionaries({}, optional={
        spec.parameter: st.sampled_from([*spec.words, "other", None]) for spec in WORDS.parts.values() if spec.parameter
    }),
    st.booleans(),
)  # fmt: skip
def test_a_composed_name_is_read_as_what_was_asked(
    asked: tuple[str, Mode], chosen: dict[str, Value | None], referenced: bool
) -> None:
    model, mode = asked
    try:
        name = NAMES.compose(model, mode, chosen, referenced)
    except BillingError as error:
        assert error.part
        return
    if name is None:
        return
    found = NAMES.parse(name)
    assert found is not None
    assert (found.model, mode in found.modes, found.referenced in (None, referenced)) == (model, True, True)
    unset = {parameter: value for parameter, value in found.values.items() if chosen.get(parameter) is None}
    assert found.values.items() - unset.items() <= chosen.items()
    assert all(value == "off" for value in unset.values()), "only what is stated by silence may be left unset"


# --- values ------------------------------------------------------------------------------------------------------


@given(st.sampled_from(PARAMETERS), typed)
def test_coercing_twice_is_coercing_once(parameter: Parameter, raw: Value) -> None:
    once = parameter.coerce(raw)
    assert repr(parameter.coerce(once)) == repr(once)


@given(st.sampled_from(PARAMETERS), st.data())
def test_a_choice_is_read_in_any_case_and_with_space_around_it(parameter: Parameter, data: st.DataObject) -> None:
    for choice in parameter.choices:
        change = data.draw(st.sampled_from([str.lower, str.upper, str.title, str]))
        assert parameter.coerce(f" {change(str(choice))} ") == choice
        assert parameter.accepts(choice)
    on_wire = parameter.placement.values if parameter.placement else {}
    for ours, wire in on_wire.items():
        assert parameter.coerce(wire) == ours


@given(st.sampled_from(PARAMETERS), typed)
def test_a_number_is_accepted_as_a_number_only(parameter: Parameter, raw: Value) -> None:
    value = parameter.coerce(raw)
    if parameter.numeric and parameter.accepts(value):
        assert isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)
        assert isinstance(value, int) or parameter.decimal
    if parameter.lists(value):
        assert parameter.accepts(value)


numbers = st.one_of(st.integers(-(10**6), 10**6), st.floats(-1e6, 1e6))


@given(numbers, numbers, numbers)
def test_a_range_of_decimals_takes_what_lies_between_its_ends(one: float, other: float, value: float) -> None:
    low, high = sorted((one, other))
    ranged = Parameter("seed", Origin((), date(2026, 1, 1)), Placement("x", "number"), minimum=low, maximum=high)
    assert ranged.accepts(value) == (low <= value <= high)
    assert ranged.coerce(text_of(value)) == value
    assert ranged.accepts(low) and ranged.accepts(high)


@given(st.integers(-50, 50), st.integers(-50, 50), numbers)
def test_a_range_of_whole_numbers_takes_only_those(one: int, other: int, value: float) -> None:
    low, high = sorted((one, other))
    ranged = Parameter("seed", Origin((), date(2026, 1, 1)), Placement("x", "integer"), minimum=low, maximum=high)
    assert ranged.accepts(value) == (isinstance(value, int) and low <= value <= high)
    assert ranged.accepts(ranged.coerce(value)) == (value == int(value) and low <= value <= high)


# --- drafts ------------------------------------------------------------------------------------------------------


@given(st.sampled_from(CELLS), st.text(max_size=40), st.data())
def test_any_draft_has_problems_or_becomes_a_call_of_plain_json(cell: Cell, prompt: str, data: st.DataObject) -> None:
    base = golden.full_draft(cell) if data.draw(st.booleans()) else golden.minimal_draft(cell)
    ids = [parameter.id for parameter in cell.parameters] or ["none"]
    chosen = data.draw(st.dictionaries(st.sampled_from(ids), typed, max_size=3))
    outcome = check(replace(base, prompt=prompt, values={**base.values, **chosen}), cell)
    assert (outcome.request is None) == bool(outcome.problems)
    if outcome.request is None:
        assert all(problem.where and problem.what and problem.fix for problem in outcome.problems)
        return
    for parameter in cell.parameters:
        if (sent := outcome.request.values.get(parameter.id)) is not None:
            assert parameter.fixed == sent or parameter.accepts(sent)
    call = encode(outcome.request, cell)
    assert call == encode(outcome.request, cell)
    body = [part.value for part in call.form if not isinstance(part.value, Blob)] if call.form else call.json
    json.dumps(materialise(body, lambda digest: b""), allow_nan=False)


# --- stored requests ---------------------------------------------------------------------------------------------

leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False)
)
keys = st.one_of(st.text(max_size=8), st.sampled_from(["$blob", "$tuple", "$mapping"]))
trees = st.recursive(
    st.one_of(leaves, st.text(max_size=10)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=8,
)  # fmt: skip
kept_values = st.one_of(
    st.text(max_size=10), st.integers(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False)
)
references = st.builds(
    Reference,
    name=st.text(max_size=10),
    kind=st.sampled_from(MediaKind),
    digest=st.sampled_from(["", "ab" * 32]),
    url=st.sampled_from(["", "https://media.example/ä.png?a=1"]),
    width=st.one_of(st.none(), st.integers(1, 9999)),
    seconds=st.one_of(st.none(), st.floats(0, 600)),
    done=st.lists(st.text(max_size=10), max_size=2).map(tuple),
)
requests = st.builds(
    Request,
    family=st.text(max_size=8),
    entry=st.text(max_size=8),
    model=st.text(max_size=8),
    mode=st.sampled_from(Mode),
    prompt=st.text(max_size=30),
    values=st.dictionaries(st.text(max_size=8), kept_values, max_size=3),
    references=st.dictionaries(st.sampled_from(list(SLOTS)), st.lists(references, max_size=2).map(tuple), max_size=2),
    metadata=st.dictionaries(keys, trees, max_size=3),
    source=st.text(max_size=8),
    sent_as=st.text(max_size=8),
)


@given(requests)
def test_a_request_is_stored_without_loss(request: Request) -> None:
    kept: Any = json.loads(json.dumps(from_request(request), allow_nan=False))
    back = to_request(kept)
    assert back == request
    assert [type(value) for value in back.values.values()] == [type(value) for value in request.values.values()]
