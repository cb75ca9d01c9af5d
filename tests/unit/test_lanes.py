"""One idea in many lanes: the shared form, what each lane is sent, and that no difference goes unsaid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from dailies.compare.lanes import Planned, Shared, count_sendable, merge_parameters, plan_lane
from dailies.compare.nouns import Idea, Lane
from dailies.compare.values import is_same, spell
from dailies.domain import Cell, Clip, MediaLimits, Notice, Reference, Request, Rule
from dailies.media.fixes import fix_for
from dailies.origin import Origin
from dailies.parameter import Parameter, Placement
from dailies.request import wire
from dailies.vocabulary import SLOTS, MediaKind, Mode, SendAs, Value, parameter_name
from tests.thorough import covering
from tests.unit import golden

ORIGIN = Origin((), date(2026, 1, 1))
LANE = Lane("a", model="A model")


def parameter(name: str = "seconds", **facts: Any) -> Parameter:
    return Parameter(name, ORIGIN, Placement(name), **facts)


def cell(*parameters: Parameter, rules: tuple[Rule, ...] = (), mode: Mode = Mode.TEXT, **changes: Any) -> Cell:
    """A cell of these parameters, made of a plain one of the catalog."""
    base = next(c for c in golden.open_cells() if c.mode is mode and not c.continues and not c.prompt_max)
    return replace(base, parameters=parameters, rules=rules, **changes)


def real(model: str, mode: Mode = Mode.TEXT, entry: str = "") -> Cell:
    found = golden.catalog().find(model, entry)
    assert found is not None
    held = found[0].cell(model, mode, entry)
    assert held is not None
    return held


def rule(when: dict[str, tuple[Value, ...]], then: dict[str, tuple[Value, ...]], note: str) -> Rule:
    return Rule(when, {}, then, (), note, ORIGIN)


def idea(**values: Value) -> Idea:
    return Idea(prompt="a boat", values=values)


def picture(number: int = 1, **facts: Any) -> Reference:
    return replace(golden.sample_reference(MediaKind.IMAGE, number, SendAs.FILE), **facts)


def link(kind: MediaKind = MediaKind.IMAGE, number: int = 1) -> Reference:
    return golden.sample_reference(kind, number, SendAs.URL)


def sent(planned: Planned) -> Request:
    assert planned.refused == ""
    assert planned.checked is not None and planned.checked.request is not None
    return planned.checked.request


def fix_title(reference: Reference, limits: MediaLimits) -> str | None:
    fix = fix_for(reference, limits)
    return fix.title if fix else None


# --- over the whole catalog --------------------------------------------------------------------------------------

IDEAS: dict[str, dict[str, Value]] = {
    "nothing asked": {},
    "8 s, 16:9, sound": {"seconds": 8, "aspect_ratio": "16:9", "audio": "on"},
    "21:9 in 4K": {"seconds": 7, "aspect_ratio": "21:9", "resolution": "4K", "audio": "off"},
    "1080p for 8 s": {"seconds": 8, "resolution": "1080p", "size": "1280x720"},
    "too much": {"seconds": 900, "seed": 2**63, "motion_level": "max", "offpeak": "on", "watermark": "off"},
    "too little": {"seconds": 0, "seed": -9, "size": "1*1", "camera_pan": 99, "resolution": ""},
    "odd types": {"seconds": 7.5, "seed": "many", "audio": True, "aspect_ratio": 3, "resolution": 720},
    "not a number": {"seconds": float("inf"), "seed": float("nan"), "camera_zoom": float("-inf")},
    "against the rules": {
        "upsample": "on",
        "orientation": "portrait",
        "aspect_ratio": "9:16",
        "size": "720x1280",
        "resolution": "1080P",
        "seconds": 10,
        "shot_type": "multi",
        "prompt_extend": "off",
        "camera": "down_back",
        "camera_pan": 3,
        "static_mask": "https://example/mask.png?key=secret",
        "audio": "off",
    },
    "words": {"negative_prompt": "blur " * 700, "template_name": "hug", "style": "anime", "shots": "no shots at all"},
    "no such thing": {"nonsense": "yes", "video": "on", "duration": 8},
}
OVERRIDES: dict[str, dict[str, Value]] = {
    "none": {},
    "a length": {"seconds": 10},
    "a length nobody takes": {"seconds": 77, "resolution": "1080P"},
    "sound off": {"audio": "off", "orientation": "portrait"},
}


def everything() -> dict[str, tuple[Reference, ...]]:
    """Too much of everything: three links in every slot."""
    return {slot: tuple(link(name.kind, number) for number in (1, 2, 3)) for slot, name in SLOTS.items()}


def unsaid(asked: Idea, request: Request, notices: Iterable[Notice]) -> list[str]:
    """What is in a request or in an idea, not in both, and named by no notice."""
    notices = list(notices)
    silent = []
    for name in {*asked.values, *request.values}:
        wished, got = asked.values.get(name), request.values.get(name)
        if str(got).lower().replace("*", "x") == str(wished).lower().replace("*", "x"):
            continue
        title = parameter_name(name).title
        words = [notice.what for notice in notices if notice.where == title]
        shown = [spell(name, value) for value in (wished, got) if value is not None]
        if not any(all(word in what for word in shown) for what in words):
            silent.append(f"{name}: {wished!r} → {got!r}, said: {words}")
    for slot, references in asked.references.items():
        lost = set(references) - set(request.references.get(slot, ()))
        if lost and not any(notice.where == SLOTS[slot].title for notice in notices):
            silent.append(f"{slot}: {lost}")
    if request.prompt != asked.prompt.strip() or request.mode is not asked.mode:
        silent.append("prompt or mode")
    return silent


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.thorough)], ids=["first", "every"])
@pytest.mark.parametrize("family", sorted(golden.catalog().families))
def test_no_value_and_no_reference_changes_in_silence(family: str, every: bool) -> None:
    """In every run the first cell of each mode."""
    planned_cells = [c for c in golden.catalog().cells() if c.family == family]
    if not every:
        planned_cells = covering(planned_cells, lambda c: (c.entry.id, c.mode))
    requests = 0
    for of in planned_cells:
        minimal = golden.minimal_draft(of).references if not of.refused else {}
        asked_for = [(values, overrides, minimal) for values in IDEAS.values() for overrides in OVERRIDES.values()]
        asked_for += [(values, {}, held) for values in IDEAS.values() for held in (everything(), {})]
        for values, overrides, references in asked_for:
            asked = Idea(of.mode, golden.PROMPT, values, references)
            lane = Lane("a", of.family, of.entry.id, of.model.id, overrides=overrides)
            planned = plan_lane(asked, lane, of, fix_title=fix_title)
            where = f"{golden.name_of(of)} {values} {overrides}"
            request = planned.checked.request if planned.checked else None
            assert bool(request) != bool(planned.refused or planned.fixes), where
            if request is None:
                continue
            requests += 1
            assert unsaid(asked, request, planned.differences) == [], where
            assert len(set(planned.differences)) == len(planned.differences), where
            for name, value in overrides.items():
                parameter = next(p for p in of.parameters if p.id == name)
                assert parameter.fixed is not None or is_same(request.values[name], value), where
            assert wire.encode(request, of).method == "POST"
    continuing = all(of.continues or of.refused for of in planned_cells)
    assert requests > 0 or continuing


def test_every_first_cell_takes_the_plain_idea() -> None:
    refusals = {}
    for family in golden.catalog().families.values():
        entry = family.entries[0].id
        for mode in Mode:
            of = next((c for (e, model, m), c in family.cells.items() if model and e == entry and m is mode), None)
            if of is None or of.refused:
                continue
            asked = Idea(mode, golden.PROMPT, IDEAS["8 s, 16:9, sound"], golden.minimal_draft(of).references)
            planned = plan_lane(asked, Lane("a", model=of.model.id), of)
            if planned.refused:
                refusals[golden.name_of(of)] = planned.refused
    assert all("Template is missing" in words or "Aspect ratio is missing" in words for words in refusals.values()), (
        refusals
    )


# --- values ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "asked", "value", "said"),
    [
        ({"choices": (5, 10)}, 8, 10, ("10 s instead of 8 s (the model takes 5 or 10 s)",)),
        ({"choices": (6, 10)}, 8, 10, ("10 s instead of 8 s (the model takes 6 or 10 s)",)),  # halfway: up
        ({"choices": (5, 10)}, 7, 5, ("5 s instead of 7 s (the model takes 5 or 10 s)",)),
        ({"minimum": 4, "maximum": 11}, 15, 11, ("11 s instead of 15 s (the model takes 4 to 11 s)",)),
        ({"minimum": 4, "maximum": 11}, 7.5, 8, ("8 s instead of 7.5 s (the model takes 4 to 11 s)",)),
        ({"minimum": 4, "maximum": 11}, "8", 8, ()),
        ({"fixed": 10}, 8, 10, ("10 s instead of 8 s (fixed by the model)",)),
        ({"fixed": 10}, 10, 10, ()),
        ({"fixed": 10}, None, 10, ("10 s (fixed by the model)",)),
        ({"choices": (5, 10), "default": 5}, None, 5, ("5 s (the default)",)),
        ({"choices": (5, 10), "default": 5}, 10, 10, ()),
        ({"choices": (5, 10), "free": True}, 8, 8, ("8 s is outside the documented 5 or 10 s; it is sent as asked.",)),
        ({"refused": "Upstream refuses it."}, 8, None, ("8 s not sent (Upstream refuses it)",)),
    ],
)
def test_what_becomes_of_a_number(
    facts: dict[str, Any], asked: Value | None, value: Value | None, said: tuple[str, ...]
) -> None:
    planned = plan_lane(idea(**({} if asked is None else {"seconds": asked})), LANE, cell(parameter(**facts)))
    assert sent(planned).values.get("seconds") == value
    assert tuple(notice.what for notice in planned.differences) == said


@pytest.mark.parametrize(
    ("facts", "value", "said"),
    [
        ({"choices": ("16:9", "1:1")}, None, "21:9 not sent (the model takes 16:9 or 1:1)"),
        ({"choices": ("16:9",), "assumed": "16:9"}, None, "21:9 not sent (the model takes 16:9; unset means 16:9)"),
        ({"choices": ("16:9", "1:1"), "default": "1:1"}, "1:1", "1:1 instead of 21:9 (the model takes 16:9 or 1:1)"),
    ],
)
def test_a_word_that_is_not_offered_is_not_guessed_at(facts: dict[str, Any], value: Value | None, said: str) -> None:
    planned = plan_lane(idea(aspect_ratio="21:9"), LANE, cell(parameter("aspect_ratio", **facts)))
    assert sent(planned).values.get("aspect_ratio") == value
    assert planned.announced == (f"Aspect ratio: {said}",)


def test_a_value_that_the_model_does_not_know() -> None:
    planned = plan_lane(idea(aspect_ratio="16:9"), LANE, cell())
    assert sent(planned).values == {}
    assert planned.announced == ("Aspect ratio: 16:9 not sent (this model takes no aspect ratio)",)


def test_a_value_is_never_taken_for_another_of_the_same_name_on_the_wire() -> None:
    ratio = Parameter("aspect_ratio", ORIGIN, Placement("size"), choices=("16:9", "1:1"))
    planned = plan_lane(idea(size="1:1"), LANE, cell(ratio))
    assert sent(planned).values == {}
    assert planned.announced == ("Size: 1:1 not sent (this model takes no size)",)


def test_another_spelling_is_no_difference() -> None:
    planned = plan_lane(
        idea(resolution="720P", size="1280x720"),
        LANE,
        cell(parameter("resolution", choices=("720p",)), parameter("size", choices=("1280*720",))),
    )
    assert sent(planned).values == {"resolution": "720p", "size": "1280*720"}
    assert planned.differences == ()


def test_what_may_be_secret_in_an_address_is_not_repeated() -> None:
    planned = plan_lane(idea(callback_url="https://me:pass@hook.example/a?token=secret"), LANE, cell())
    assert planned.announced == (
        "Callback address: https://hook.example/a not sent (this model takes no callback address)",
    )


# --- the lane's own values ---------------------------------------------------------------------------------------


def test_a_value_of_the_lane_wins_and_is_said() -> None:
    own = replace(LANE, overrides={"seconds": 10})
    planned = plan_lane(idea(seconds=8), own, cell(parameter(choices=(5, 8, 10))))
    assert sent(planned).values == {"seconds": 10}
    assert planned.announced == ("Duration: 10 s instead of 8 s (set for this lane)",)


def test_a_value_of_the_lane_is_never_moved() -> None:
    own, of = replace(LANE, overrides={"seconds": 7}), cell(parameter(choices=(5, 10)))
    planned = plan_lane(idea(seconds=5), own, of)
    assert planned.checked is not None and planned.checked.request is None
    assert planned.refused == f"A model: Duration 7 s is not accepted by {of.model.id}. Choose 5 or 10 s."


def test_a_value_of_the_lane_that_the_model_does_not_know() -> None:
    planned = plan_lane(idea(), replace(LANE, overrides={"seconds": 7}), cell())
    assert planned.refused.startswith("A model: Duration is set for this lane")
    assert planned.refused.endswith("Remove the value from this lane.")


def test_a_value_of_the_lane_against_a_fixed_one() -> None:
    planned = plan_lane(idea(seconds=8), replace(LANE, overrides={"seconds": 7}), cell(parameter(fixed=10)))
    assert sent(planned).values == {"seconds": 10}
    assert planned.announced == ("Duration: 10 s instead of 8 s and 7 s (fixed by the model)",)


# --- rules -------------------------------------------------------------------------------------------------------

LINES = parameter("resolution", choices=("768P", "1080P"))
LENGTH = parameter(choices=(6, 10))
ONLY = rule({"resolution": ("1080P",)}, {"seconds": (6,)}, "1080P goes with 6 s only.")


def test_a_rule_with_one_way_out_moves_the_shared_value() -> None:
    planned = plan_lane(idea(resolution="1080P", seconds=10), LANE, cell(LINES, LENGTH, rules=(ONLY,)))
    assert sent(planned).values == {"resolution": "1080P", "seconds": 6}
    assert planned.announced == ("Duration: 6 s instead of 10 s (1080P goes with 6 s only)",)


def test_a_rule_moves_the_other_value_where_the_lane_set_the_first() -> None:
    own = replace(LANE, overrides={"seconds": 10})
    planned = plan_lane(idea(resolution="1080P"), own, cell(LINES, LENGTH, rules=(ONLY,)))
    assert sent(planned).values == {"resolution": "768P", "seconds": 10}
    assert "Resolution: 768P instead of 1080P (1080P goes with 6 s only)" in planned.announced


def test_a_rule_against_two_values_of_the_lane_refuses() -> None:
    own = replace(LANE, overrides={"seconds": 10, "resolution": "1080P"})
    planned = plan_lane(idea(), own, cell(LINES, LENGTH, rules=(ONLY,)))
    assert planned.refused == "A model: Duration 10 s: 1080P goes with 6 s only. Choose 6 s."


def test_a_rule_with_several_ways_out_is_left_to_the_person() -> None:
    several = rule({"resolution": ("1080P",)}, {"seconds": (4, 6)}, "Short at 1080P.")
    wide = parameter("resolution", choices=("512P", "768P", "1080P"))
    planned = plan_lane(idea(resolution="1080P", seconds=10), LANE, cell(wide, LENGTH, rules=(several,)))
    assert planned.refused == "A model: Duration 10 s: Short at 1080P. Choose 4 or 6 s."


def test_a_rule_that_leaves_no_value_takes_the_shared_one_out() -> None:
    alone = rule({"camera": ("down_back",)}, {"camera_pan": ()}, "The numbers go with simple moves.")
    moves = parameter("camera", choices=("simple", "down_back"))
    planned = plan_lane(
        idea(camera="down_back", camera_pan=3),
        LANE,
        cell(moves, parameter("camera_pan", minimum=-9, maximum=9), rules=(alone,)),
    )
    assert sent(planned).values == {"camera": "down_back"}
    assert planned.announced == ("Camera pan: 3 not sent (The numbers go with simple moves)",)


def test_a_rule_that_leaves_no_value_moves_the_cause_where_a_default_would_stay() -> None:
    alone = rule({"camera": ("down_back",)}, {"camera_pan": ()}, "The numbers go with simple moves.")
    moves = parameter("camera", choices=("simple", "down_back"))
    pan = parameter("camera_pan", minimum=-9, maximum=9, default=1)
    planned = plan_lane(idea(camera="down_back"), LANE, cell(moves, pan, rules=(alone,)))
    assert sent(planned).values == {"camera": "simple", "camera_pan": 1}
    assert "Camera move: simple instead of down_back (The numbers go with simple moves)" in planned.announced


def test_rules_that_contradict_each_other_end_in_words() -> None:
    switch = parameter("offpeak", choices=("on", "off"))
    other = parameter("watermark", choices=("on", "off"))
    both = (
        rule({"offpeak": ("on",)}, {"watermark": ("off",)}, "Off-peak goes without a mark."),
        rule({"watermark": ("off",)}, {"shot_type": ("multi",)}, "No mark goes with several shots."),
        rule({"shot_type": ("multi",)}, {"watermark": ("on",)}, "Several shots go with a mark."),
    )
    shots = parameter("shot_type", choices=("single", "multi"))
    planned = plan_lane(
        idea(offpeak="on", watermark="on", shot_type="single"), LANE, cell(switch, other, shots, rules=both)
    )
    assert planned.refused.startswith("A model: Watermark off: Several shots go with a mark.")


# --- lanes that send nothing -------------------------------------------------------------------------------------


def test_a_model_without_the_mode_says_what_it_offers() -> None:
    planned = plan_lane(Idea(Mode.FIRST_LAST, "a boat"), LANE, None, offers=(Mode.TEXT, Mode.FIRST_FRAME))
    assert planned.refused == "A model does not offer the mode first + last. It offers text, first frame."
    assert planned.draft is None and planned.checked is None
    assert (
        plan_lane(Idea(Mode.TEXT, "a boat"), LANE, None).refused
        == "A model does not offer the mode text. Choose another model."
    )


def test_a_cell_that_the_gateway_cannot_say() -> None:
    planned = plan_lane(
        idea(), LANE, cell(refused="The gateway has no field for it."), offers=(Mode.TEXT, Mode.TEMPLATE)
    )
    assert (
        planned.refused
        == "A model does not offer the mode text: The gateway has no field for it. It offers template effect."
    )


def test_a_clip_made_elsewhere() -> None:
    clip = Clip("a.mp4", "a.jpg", 1, 5.0, 1280, 720, 24.0, "h264", "")
    assert plan_lane(idea(), Lane("a", title="Rushes", clip=clip), None).refused == (
        "Rushes was made elsewhere: nothing is sent."
    )


def test_an_empty_prompt_and_how_many_more_reasons() -> None:
    planned = plan_lane(Idea(values={}), LANE, cell(parameter(choices=(5,), required=True)))
    assert planned.refused == "A model: Prompt is empty. Describe the clip in a sentence or two. 1 more reason."


def test_how_many_are_sent() -> None:
    plans = [plan_lane(idea(), LANE, cell()), plan_lane(idea(), LANE, None), plan_lane(idea(), LANE, cell())]
    assert count_sendable(plans) == 2


# --- references --------------------------------------------------------------------------------------------------


def frame_cell(**limits: Any) -> Cell:
    base = cell(mode=Mode.FIRST_FRAME)
    slot = base.slots[0]
    return replace(base, slots=(replace(slot, maximum=1, limits=MediaLimits(**limits)),))


def framed(*pictures: Reference, mode: Mode = Mode.FIRST_FRAME, **slots: tuple[Reference, ...]) -> Idea:
    return Idea(mode, "a boat", {}, {"first_frame": pictures, **slots})


def test_a_slot_with_fewer_places_takes_the_first() -> None:
    base = cell(mode=Mode.REFERENCES)
    slot = replace(base.slots[0], minimum=1, maximum=3)
    asked = Idea(Mode.REFERENCES, "a boat", {}, {slot.id: tuple(link(number=n) for n in range(1, 6))})
    planned = plan_lane(asked, LANE, replace(base, slots=(slot,)))
    assert sent(planned).references[slot.id] == asked.references[slot.id][:3]
    assert "Reference images: 3 of 5 images sent (the model takes 3)" in planned.announced


def test_references_without_a_place_are_said_to_stay_behind() -> None:
    asked = framed(picture(), reference_videos=(link(MediaKind.VIDEO),))
    planned = plan_lane(asked, LANE, frame_cell())
    assert set(sent(planned).references) == {"first_frame"}
    assert (
        "Reference videos: 1 video not sent (this model takes no reference videos in mode first frame)"
        in planned.announced
    )


def test_a_mode_of_which_nothing_remains_is_refused() -> None:
    base = cell(mode=Mode.REFERENCES)
    slot = replace(next(s for s in base.slots if s.id == "references"), minimum=0)
    asked = Idea(Mode.REFERENCES, "a boat", {}, {"reference_audios": (link(MediaKind.AUDIO),)})
    planned = plan_lane(asked, LANE, replace(base, slots=(slot,)))
    assert planned.refused.startswith("A model: References do not fit:")
    text = plan_lane(replace(asked, mode=Mode.TEXT), LANE, cell())
    assert "Reference audio: 1 audio file not sent" in text.announced[0] and text.refused == ""


def test_a_picture_that_can_be_mended_waits_for_its_fix() -> None:
    wide = picture(width=4000, height=1000)
    of = frame_cell(max_ratio=2.0)
    planned = plan_lane(framed(wide), LANE, of, fix_title=fix_title)
    assert planned.refused == ""
    assert planned.checked is not None and planned.checked.request is None
    assert [(fix.slot, fix.position, fix.reference, fix.title) for fix in planned.fixes] == [
        ("first_frame", 0, wide, "Crop")
    ]
    assert planned.announced == (
        f"First frame: {wide.name}: crop before it is sent. "
        f"{wide.name} is 4000×1000 px; the width may be at most 2 times the height.",
    )
    mended = replace(wide, width=2000, done=("cropped to 2:1",))
    again = plan_lane(framed(wide), LANE, of, {"first_frame": (mended,)}, fix_title=fix_title)
    assert sent(again).references == {"first_frame": (mended,)} and again.fixes == ()
    assert again.announced == (f"First frame: {wide.name}: cropped to 2:1.",)


def test_a_picture_that_nothing_mends_is_refused() -> None:
    small = picture(width=100, height=100)
    planned = plan_lane(framed(small), LANE, frame_cell(min_side=300), fix_title=fix_title)
    assert planned.fixes == ()
    assert planned.refused == (
        f"A model: First frame {small.name} is 100×100 px; each side needs at least 300 px. Use a larger one."
    )


def test_a_fix_does_not_hide_another_reason() -> None:
    planned = plan_lane(
        replace(framed(picture(width=4000, height=1000)), prompt=""),
        LANE,
        replace(frame_cell(max_ratio=2.0), prompt_required=True),
        fix_title=fix_title,
    )
    assert planned.fixes and planned.refused.startswith("A model: Prompt is empty.")


# --- the shared form ---------------------------------------------------------------------------------------------


def spanned(*lanes: Parameter | None) -> Shared:
    cells = [(f"Model {n}", cell(*((p,) if p else ()))) for n, p in enumerate(lanes, 1)]
    (shared,) = merge_parameters(cells)
    return shared


def test_choices_are_united_and_sorted() -> None:
    assert spanned(parameter(choices=(5, 10)), parameter(choices=(4, 10, 6))).parameter.choices == (4, 5, 6, 10)
    lines = spanned(
        parameter("resolution", choices=("720P", "1080P")), parameter("resolution", choices=("540p", "720p"))
    )
    assert lines.parameter.choices == ("540p", "720P", "1080P")
    ratios = spanned(parameter("aspect_ratio", choices=("16:9", "1:1")), parameter("aspect_ratio", choices=("9:16",)))
    assert ratios.parameter.choices == ("16:9", "1:1", "9:16")


def test_choices_beside_a_range_are_a_number_between_the_outermost() -> None:
    shared = spanned(parameter(choices=(5, 10)), parameter(minimum=1, maximum=8), parameter(fixed=15))
    assert (shared.parameter.choices, shared.parameter.minimum, shared.parameter.maximum) == ((), 1, 15)
    assert shared.takes == ("Model 1", "Model 2") and shared.of == 3
    assert shared.reason == "only Model 1 and Model 2 take it; 15 s is fixed by Model 3"


def test_a_range_open_at_one_end_stays_open() -> None:
    shared = spanned(parameter("seed", minimum=0), parameter("seed", minimum=-1, maximum=9))
    assert (shared.parameter.minimum, shared.parameter.maximum) == (-1, None)


def test_free_text_beside_choices_lets_other_words_through() -> None:
    shared = spanned(parameter("style", choices=("anime",)), parameter("style"))
    assert shared.parameter.choices == ("anime",) and shared.parameter.free


def test_who_takes_a_value() -> None:
    three = [parameter("style", choices=("anime",))] * 3
    assert spanned(*three).reason == ""
    assert spanned(*three, None).reason == "only Model 1 and 2 more take it"
    assert spanned(three[0], None).reason == "only Model 1 takes it"


def test_what_nobody_may_choose_and_who_has_no_say() -> None:
    style = parameter("style", choices=("anime",))
    cells = [
        ("One", cell(style, parameter(fixed=5), parameter("frames", refused="No."))),
        ("Two", None),
        ("Three", cell(refused="No field.")),
    ]
    (shared,) = merge_parameters(cells)
    assert shared.parameter.id == "style"
    assert (shared.takes, shared.of, shared.reason) == (("One",), 1, "")


def test_the_shared_form_of_the_whole_catalog_offers_only_what_a_lane_takes() -> None:
    cells = [(golden.name_of(c), c) for c in golden.open_cells()]
    for shared in merge_parameters(cells):
        takers = [p for _, c in cells for p in c.parameters if p.id == shared.parameter.id and not p.refused]
        for choice in shared.parameter.choices:
            assert any(p.accepts(choice) if p.fixed is None else p.fixed == choice for p in takers)
        spans = [p for p in takers if p.fixed is None and p.is_range]
        assert not spans or shared.parameter.is_range
        assert 0 < len(shared.takes) <= shared.of == len(cells)
