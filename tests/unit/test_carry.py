"""Values carried from cell to cell: what fits stays, the rest is bent and named, and comes back where it fits again."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from dailies.compare.carry import begin, carry, find_shape, share_out
from dailies.compare.values import is_same
from dailies.domain import Cell, Notice
from dailies.parameter import Parameter
from dailies.vocabulary import Mode, Value
from tests.unit import golden


def cell(model: str, mode: Mode = Mode.TEXT) -> Cell:
    found = golden.catalog().find(model)
    assert found is not None, model
    held = found[0].cell(model, mode)
    assert held is not None, f"{model} {mode}"
    return held


def seconds_of(model: str) -> Parameter:
    found = cell(model).parameter("seconds")
    assert found is not None and found.default is not None
    return found


def test_a_length_that_the_next_model_sets_is_named() -> None:
    carried = carry({}, cell("grok-video-3"), cell("grok-video-3-max"))
    assert carried.values == {}
    assert carried.notices == (Notice("Duration", "6 s → 15 s: set by grok-video-3-max."),)


def test_and_back_again() -> None:
    carried = carry({}, cell("grok-video-3-max"), cell("grok-video-3"))
    assert carried.values == {}
    assert carried.notices == (Notice("Duration", "15 s → 6 s: not offered by grok-video-3."),)


def test_a_default_of_the_next_model_replaces_nothing_that_was_asked_for() -> None:
    before = replace(cell("sora-2"), parameters=tuple(p for p in cell("sora-2").parameters if p.id != "seconds"))
    unset = replace(before, parameters=(*before.parameters, replace(seconds_of("Kling-3.0"), default=None)))
    carried = carry({}, unset, cell("Kling-3.0"))
    assert (carried.values, carried.notices) == ({}, ())


def test_values_that_stay_valid_are_kept_without_a_word() -> None:
    values: dict[str, Value] = {"seconds": 10, "resolution": "1080P", "audio": "on", "size": "720x1280"}
    carried = carry(values, cell("Kling-3.0"), cell("Kling-2.6"))
    assert (carried.values, carried.notices, carried.wanted) == (values, (), {})


def test_a_number_that_is_not_offered_becomes_the_nearest_one_and_is_named() -> None:
    carried = carry({"seconds": 15, "resolution": "720P"}, cell("Kling-3.0"), cell("Hailuo-2.3"))
    assert carried.values == {"seconds": 10, "resolution": "720P"}  # the resolution is free on Hailuo
    assert carried.notices == (Notice("Duration", "15 s → 10 s: not offered by Hailuo-2.3."),)


def test_a_bent_value_comes_back_unless_the_person_has_changed_it_since() -> None:
    asked: dict[str, Value] = {"seconds": 15, "aspect_ratio": "1:1"}
    there = carry(asked, cell("Kling-3.0"), cell("Hailuo-2.3"))
    assert there.wanted == {"seconds": (15, 10), "aspect_ratio": ("1:1", None)}
    back = carry(there.values, cell("Hailuo-2.3"), cell("Kling-3.0"), there.wanted)
    assert back.values == asked
    changed = carry({"seconds": 6}, cell("Hailuo-2.3"), cell("Kling-3.0"), there.wanted)
    assert changed.values == {"seconds": 6, "aspect_ratio": "1:1"}


def test_a_bent_value_survives_a_chain_of_models() -> None:
    asked: dict[str, Value] = {"seconds": 15}
    first = carry(asked, cell("Kling-3.0"), cell("Hailuo-2.3"))
    second = carry(first.values, cell("Hailuo-2.3"), cell("OS-2.0"), first.wanted)
    assert second.values == {"seconds": 12}
    third = carry(second.values, cell("OS-2.0"), cell("Kling-3.0"), second.wanted)
    assert third.values == asked


def test_a_shape_is_said_as_the_next_model_says_it() -> None:
    carried = carry({"aspect_ratio": "9:16", "seconds": 6}, cell("Kling-3.0"), cell("Hailuo-2.3"))
    assert carried.values == {"size": "720x1280", "seconds": 6}
    assert carried.notices == ()
    square = carry({"aspect_ratio": "1:1", "seconds": 6}, cell("Kling-3.0"), cell("Hailuo-2.3"))
    assert square.notices == (Notice("Aspect ratio", "1:1 → not sent: Hailuo-2.3 has no such setting."),)


def test_a_number_that_is_only_let_through_is_not_carried_there_unless_it_was_typed() -> None:
    seconds = cell("sora-2").parameter("seconds")
    assert seconds is not None and seconds.accepts(5) and not seconds.lists(5)
    assert carry({"seconds": 5}, cell("Kling-3.0"), cell("sora-2")).values["seconds"] == 4
    assert carry({"seconds": 5}, cell("sora-2"), cell("sora-2-pro")).values["seconds"] == 5


def test_another_spelling_is_no_change() -> None:
    carried = carry({"resolution": "1080P", "seconds": 5}, cell("Kling-3.0"), cell("doubao-seedance-2-0-260128"))
    assert carried.values["resolution"] == "1080p"
    assert carried.notices == ()


def test_another_mode_of_the_same_model_is_named_as_the_mode() -> None:
    carried = carry({"motion_level": "pro"}, cell("Kling-3.0", Mode.MOTION_CONTROL), cell("Kling-3.0"))
    assert carried.values == {}
    assert carried.notices == (Notice("Motion level", "pro → not sent: text mode has no such setting."),)


def test_only_values_that_the_next_cell_takes_are_carried_and_every_change_is_named() -> None:
    cells = {of.family: of for of in golden.open_cells()}.values()
    for before in golden.open_cells():
        values = {p.id: golden.sample_values(p)[-1] for p in before.parameters if p.fixed is None}
        for after in cells:
            carried = carry(values, before, after)
            named = {notice.where for notice in carried.notices}
            where = f"{golden.name_of(before)} → {golden.name_of(after)}"
            for target in after.parameters:
                old = values.get(target.id)
                if old is None:
                    continue
                if not is_same(target.effective(carried.values), old):
                    assert target.title in named, f"{where}: {target.id}"
                    assert target.id in carried.wanted, f"{where}: {target.id}"
                elif target.settable:
                    assert is_same(carried.values[target.id], old), f"{where}: {target.id}"
            for name, value in carried.values.items():
                target = next(p for p in after.parameters if p.id == name)
                assert target.accepts(value), f"{where}: {name}"


SORA, JIMENG = "sora-2", "jimeng-video-3.0"


def test_a_form_starts_with_what_its_catalog_says_unless_a_shape_came_along() -> None:
    assert begin({}, None, cell(SORA)) == {"aspect_ratio": "16:9"}
    assert begin({}, None, cell(JIMENG)) == {"size": "1280x720"}
    assert begin({}, cell("Kling-2.6"), cell(JIMENG)) == {"size": "1280x720"}
    assert begin({"size": "720x1280"}, cell(JIMENG), cell(SORA)) == {"size": "720x1280"}
    assert begin({"aspect_ratio": "9:16"}, None, cell(SORA)) == {"aspect_ratio": "9:16"}


def test_what_was_left_unset_stays_unset_within_a_family() -> None:
    assert begin({}, cell(SORA), cell("sora-2-pro")) == {}
    assert begin({}, cell(JIMENG), cell(JIMENG, Mode.FIRST_FRAME)) == {}


def test_a_request_that_says_nothing_of_a_start_is_sent_without_it() -> None:
    size = cell(JIMENG).parameter("size")
    assert size is not None and size.start is not None and size.effective({}) is None


def test_the_shape_that_a_form_asks_for() -> None:
    assert find_shape(cell(SORA), {}) is None
    assert find_shape(cell(SORA), {"aspect_ratio": "16:9"}) == Fraction(16, 9)
    assert find_shape(cell(SORA), {"aspect_ratio": "16:9", "size": "720x1280"}) == Fraction(9, 16)
    assert find_shape(cell("Kling-2.6"), {"aspect_ratio": "keep_ratio"}) is None


def test_values_without_a_cell_that_they_come_from_are_carried_and_named() -> None:
    carried = carry({"seconds": 15, "motion_level": "high"}, None, cell("Hailuo-2.3"))
    assert carried.values == {"seconds": 10}
    assert carried.notices == (
        Notice("Duration", "15 s → 10 s: not offered by Hailuo-2.3."),
        Notice("Motion level", "high → not sent: Hailuo-2.3 has no such setting."),
    )


def test_an_idea_is_shared_out_and_what_has_no_place_is_left() -> None:
    shared = [p for p in cell("Hailuo-2.3").parameters if p.settable]
    carried = share_out({"seconds": 7, "motion_level": "high"}, shared)
    assert carried.values == {"seconds": 6}
    assert carried.wanted == {"seconds": (7, 6), "motion_level": ("high", None)}
    assert [notice.where for notice in carried.notices] == ["Duration"]


def test_a_shape_is_shared_out_in_either_way_of_giving_it() -> None:
    shape = next(p for p in cell("Kling-3.0").parameters if p.id == "size")
    carried = share_out({"aspect_ratio": "9:16"}, [shape])
    assert (carried.values, carried.wanted, carried.notices) == ({"size": "720x1280"}, {}, ())
