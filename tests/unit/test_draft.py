"""Checking drafts against cells: every problem and notice, values carried from cell to cell, and all cells at once."""

from __future__ import annotations

from dataclasses import astuple, replace
from datetime import date
from typing import Any

import pytest

from dailies.domain import Cell, Draft, MediaLimits, Notice, Problem, Reference, Rule
from dailies.origin import Origin
from dailies.parameter import Placement
from dailies.request.draft import Checked, check, check_limits
from dailies.vocabulary import MediaKind, Mode, SendAs, Value
from tests.unit import golden

ORIGIN = Origin((), date(2026, 1, 1))
MEGABYTE = 1_000_000


def cell(model: str, mode: Mode = Mode.TEXT, entry: str = "") -> Cell:
    found = golden.catalog().find(model, entry)
    assert found is not None, model
    held = found[0].cell(model, mode, entry)
    assert held is not None, f"{model} {mode}"
    return held


def checked(of: Cell, values: dict[str, Value] | None = None, /, **slots: Any) -> Checked:
    """The minimal draft of a cell with these values and slots, checked."""
    base = golden.minimal_draft(of)
    held = {**base.references, **{name: tuple(refs) for name, refs in slots.items()}}
    return check(replace(base, values={**base.values, **(values or {})}, references=held), of)


def sole_problem(outcome: Checked) -> Problem:
    assert outcome.request is None
    assert len(outcome.problems) == 1, outcome.problems
    return outcome.problems[0]


def picture(number: int = 1, **facts: Any) -> Reference:
    return replace(golden.sample_reference(MediaKind.IMAGE, number, SendAs.FILE), **facts)


def link(kind: MediaKind = MediaKind.IMAGE, number: int = 1) -> Reference:
    return golden.sample_reference(kind, number, SendAs.URL)


# --- the prompt --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prompt", ["", "  \n\t "])
def test_an_empty_prompt(prompt: str) -> None:
    assert check(Draft(prompt), cell("sora-2")).problems == (
        Problem("Prompt", "is empty", "Describe the clip in a sentence or two."),
    )


def test_an_empty_prompt_where_none_is_needed() -> None:
    of = replace(cell("sora-2"), prompt_required=False)
    outcome = check(Draft(" "), of)
    assert outcome.request is not None
    assert outcome.request.prompt == ""


def test_a_prompt_that_is_too_long_says_by_how_much() -> None:
    of = cell("Kling-3.0")
    assert check(Draft("x" * 2000), of).problems == ()
    assert check(Draft("x" * 2003), of).problems == (
        Problem("Prompt", "has 2003 characters; the limit is 2000", "Shorten it by 3."),
    )


def test_space_around_a_prompt_is_neither_counted_nor_sent() -> None:
    outcome = check(Draft(f"  {'x' * 2000}\n"), cell("Kling-3.0"))
    assert outcome.request is not None
    assert outcome.request.prompt == "x" * 2000


# --- values ------------------------------------------------------------------------------------------------------


def test_a_value_the_cell_does_not_have() -> None:
    assert sole_problem(checked(cell("Hailuo-2.3"), {"aspect_ratio": "16:9"})) == Problem(
        "aspect_ratio",
        "is not a parameter of Hailuo-2.3 in mode text",
        "Leave it out. Parameters here: seconds, resolution, size, audio, offpeak, file_infos.",
    )


def test_a_value_outside_hard_choices() -> None:
    assert sole_problem(checked(cell("Hailuo-2.3"), {"seconds": 7})) == Problem(
        "Duration", "7 s is not accepted by Hailuo-2.3", "Choose 6 or 10 s."
    )


def test_a_value_outside_a_hard_range() -> None:
    of = cell("doubao-seedance-1-5-pro_720p")
    assert sole_problem(checked(of, {"seconds": 12})) == Problem(
        "Duration", "12 s is not accepted by doubao-seedance-1-5-pro_720p", "Choose 4 to 11 s."
    )
    assert checked(of, {"seconds": 4}).problems == checked(of, {"seconds": 11}).problems == ()


def test_a_value_outside_free_choices_is_sent_with_a_notice() -> None:
    outcome = checked(cell("sora-2"), {"seconds": 25})
    assert outcome.request is not None
    assert outcome.request.values["seconds"] == 25
    assert outcome.notices == (
        Notice("Duration", "25 s is outside the documented 4, 8, 10, 12 or 15 s; it is sent as asked."),
    )


def test_a_value_inside_free_choices_is_sent_without_a_word() -> None:
    assert checked(cell("sora-2"), {"seconds": 12}).notices == ()


@pytest.mark.parametrize(("raw", "value"), [("0.35", 0.35), (0, 0.0), (1, 1.0), (0.5, 0.5)])
def test_a_decimal_inside_its_range(raw: Value, value: float) -> None:
    outcome = checked(cell("kling-v1", entry="official"), {"prompt_strength": raw})
    assert outcome.request is not None, outcome.problems
    assert outcome.request.values["prompt_strength"] == value
    assert isinstance(outcome.request.values["prompt_strength"], float)


@pytest.mark.parametrize(("raw", "said"), [(1.25, "1.25"), ("-0.1", "-0.1"), (True, "True"), ("half", "half")])
def test_a_decimal_outside_its_range_or_no_number(raw: Value, said: str) -> None:
    assert sole_problem(checked(cell("kling-v1", entry="official"), {"prompt_strength": raw})) == Problem(
        "Prompt strength", f"{said} is not accepted by kling-v1", "Choose 0 to 1."
    )


@pytest.mark.parametrize("model", ["sora-2", "Kling-3.0", "Hailuo-2.3", "doubao-seedance-2-0-260128"])
def test_a_length_that_is_no_number_is_a_problem_even_where_others_are_free(model: str) -> None:
    assert sole_problem(checked(cell(model), {"seconds": "five"})).where == "Duration"


def test_a_fixed_value_wins_and_says_so() -> None:
    outcome = checked(cell("grok-video-3-max"), {"seconds": 6})
    assert outcome.request is not None
    assert outcome.request.values["seconds"] == 15
    assert outcome.notices == (Notice("Duration", "6 s → 15 s: set by grok-video-3-max."),)


@pytest.mark.parametrize("same", [15, "15"])
def test_a_fixed_value_asked_for_needs_no_notice(same: Value) -> None:
    outcome = checked(cell("grok-video-3-max"), {"seconds": same})
    assert outcome.notices == ()
    assert outcome.request is not None


def test_a_required_value_that_is_missing() -> None:
    of = cell("Vidu-template", Mode.TEMPLATE)
    outcome = check(replace(golden.minimal_draft(of), values={}), of)
    assert sole_problem(outcome) == Problem("Template", "is missing", "Give free text.")


def test_a_text_that_is_too_long() -> None:
    problem = sole_problem(checked(cell("wan2.6-t2v:1280*720"), {"negative_prompt": "x" * 501}))
    assert problem == Problem("Negative prompt", "has 501 characters; the limit is 500", "Shorten it by 1.")


def test_defaults_are_in_the_request_and_nothing_else_is() -> None:
    outcome = checked(cell("Kling-3.0"))
    assert outcome.request is not None
    assert outcome.request.values == {"seconds": 5}


@pytest.mark.parametrize(
    ("model", "name", "raw", "value"),
    [
        ("Kling-3.0", "seconds", "7", 7),
        ("Kling-3.0", "seconds", " 7 ", 7),
        ("Kling-3.0", "audio", "Enabled", "on"),
        ("Kling-3.0", "audio", "disabled", "off"),
        ("Kling-3.0", "audio", "OFF", "off"),
        ("Kling-3.0", "offpeak", "true", "on"),
        ("Kling-3.0", "offpeak", False, "off"),
        ("Kling-3.0", "resolution", "1080p", "1080P"),
        ("wan2.6-t2v:1280*720", "seed", "42", 42),
        ("sora-2", "size", "720X1280", "720x1280"),
        ("sora-2", "character_timestamps", "1,3", "1,3"),
    ],
)
def test_strings_and_wire_spellings_become_our_words(model: str, name: str, raw: Value, value: Value) -> None:
    outcome = checked(cell(model), {name: raw})
    assert outcome.request is not None, outcome.problems
    assert outcome.request.values[name] == value
    assert type(outcome.request.values[name]) is type(value)
    assert outcome.notices == ()


@pytest.mark.parametrize(
    ("model", "alias", "raw", "ours", "value"),
    [
        ("doubao-seedance-2-0-260128", "duration", "8", "seconds", 8),
        ("doubao-seedance-2-0-260128", "ratio", "9:16", "aspect_ratio", "9:16"),
        ("doubao-seedance-2-0-260128", "generate_audio", "true", "audio", "on"),
        ("Kling-3.0", "audio_generation", "Enabled", "audio", "on"),
        ("veo_3_1", "enable_upsample", "true", "upsample", "on"),
    ],
)
def test_a_value_may_be_named_as_on_the_wire(model: str, alias: str, raw: Value, ours: str, value: Value) -> None:
    outcome = checked(cell(model), {alias: raw})
    assert outcome.request is not None, outcome.problems
    assert outcome.request.values[ours] == value
    assert alias not in outcome.request.values


def test_a_value_under_both_its_names_is_not_settled_in_silence() -> None:
    of = cell("doubao-seedance-2-0-260128")
    assert sole_problem(checked(of, {"seconds": 5, "duration": 8})) == Problem(
        "duration", "is given twice", "Leave one out: it is another name of seconds."
    )


def test_a_name_of_two_places_on_the_wire_is_no_name() -> None:
    of = cell("Kling-3.0")
    resolution = of.parameter("resolution")
    assert resolution is not None and resolution.placement is not None
    twins = tuple(replace(resolution, id=name, placement=Placement(f"{name}.x")) for name in ("style", "camera"))
    assert replace(of, parameters=twins).parameter("x") is None
    assert replace(of, parameters=twins[:1]).parameter("x") == twins[0]
    assert replace(of, parameters=twins).parameter("camera") == twins[1]


def test_our_own_names_come_before_those_of_the_wire() -> None:
    """On Grok the wire's `size` is our resolution; nothing else is called size there."""
    outcome = checked(cell("grok-video-3"), {"size": "1080P"})
    assert outcome.request is not None
    assert outcome.request.values == {"seconds": 6, "resolution": "1080P"}
    sora = checked(cell("sora-2"), {"size": "1280x720"})
    assert sora.request is not None
    assert sora.request.values["size"] == "1280x720"


def test_every_problem_is_reported_at_once() -> None:
    of = cell("Hailuo-2.3", Mode.FIRST_FRAME)
    outcome = check(Draft("", {"seconds": 7, "speed": 2}, {"audio": (link(MediaKind.AUDIO),)}), of)
    assert [problem.where for problem in outcome.problems] == ["Prompt", "speed", "Duration", "Audio", "First frame"]


# --- references --------------------------------------------------------------------------------------------------


def test_a_slot_the_cell_does_not_have() -> None:
    assert sole_problem(checked(cell("sora-2"), references=[link()])) == Problem(
        "Reference images",
        "is not used by sora-2 in mode text",
        "Remove it, or choose another mode. Slots here: none.",
    )
    problem = sole_problem(checked(cell("sora-2", Mode.FIRST_FRAME), pictures=[link()]))
    assert (problem.where, problem.fix) == ("pictures", "Remove it, or choose another mode. Slots here: first_frame.")


def test_an_empty_slot_of_no_use_is_no_problem() -> None:
    assert checked(cell("sora-2"), references=[]).request is not None


def test_a_missing_reference_names_the_slots_own_note() -> None:
    assert sole_problem(checked(cell("sora-2", Mode.FIRST_FRAME), first_frame=[])) == Problem(
        "First frame",
        "needs an image",
        "Drop or browse for a file, or paste a link. OpenAI expects an image of the same size as the video.",
    )


def test_too_few_references() -> None:
    problem = sole_problem(checked(cell("sora-2", Mode.REFERENCES), references=[link()]))
    assert (problem.where, problem.what) == ("Reference images", "needs 2 images and has 1")
    assert problem.fix.startswith("Add 1: drop files, browse, or paste links. Two images or more")


def test_too_many_references() -> None:
    four = [link(number=n) for n in range(4)]
    problem = sole_problem(checked(cell("GV-3.1", Mode.REFERENCES), references=four))
    assert (problem.where, problem.what) == ("Reference images", "has 4 images; the limit is 3")
    assert problem.fix == "Remove 1."
    two = sole_problem(checked(cell("sora-2", Mode.FIRST_FRAME), first_frame=four[:2]))
    assert (two.where, two.what) == ("First frame", "has 2 images; the limit is 1")


def test_no_limit_means_no_limit() -> None:
    assert checked(cell("sora-2", Mode.REFERENCES), references=[link(number=n) for n in range(40)]).request is not None


def test_media_of_the_wrong_kind() -> None:
    film = golden.sample_reference(MediaKind.VIDEO, 1, SendAs.URL)
    assert sole_problem(checked(cell("sora-2", Mode.FIRST_FRAME), first_frame=[film])) == Problem(
        "First frame", "video-1.mp4 is a video, not an image", "Use an image."
    )


def test_an_upload_where_only_links_are_taken() -> None:
    assert sole_problem(checked(cell("Kling-3.0", Mode.FIRST_LAST), last_frame=[picture()])) == Problem(
        "Last frame",
        "image-1.png is an upload, and the gateway does not accept an upload here",
        "Paste a public link. If DAILIES_PUBLIC_URL is set, the app serves uploads to the gateway itself.",
    )


def test_an_asset_where_none_is_taken() -> None:
    asset = golden.sample_reference(MediaKind.IMAGE, 1, SendAs.ASSET)
    assert sole_problem(checked(cell("sora-2", Mode.FIRST_FRAME), first_frame=[asset])) == Problem(
        "First frame",
        "asset://asset-image-1 is an asset, and the gateway does not accept an asset here",
        "Paste a public link or upload a file.",
    )


def test_a_link_where_none_is_taken() -> None:
    of = cell("sora-2", Mode.FIRST_FRAME)
    slot = replace(of.slots[0], forms=of.slots[0].forms[1:])
    assert sole_problem(checked(replace(of, slots=(slot,)), first_frame=[link()])) == Problem(
        "First frame", "image-1.png is a link, and the gateway does not accept a link here", "Upload a file."
    )


def test_problems_of_one_of_several_name_its_number() -> None:
    wide = picture(2, width=3000, height=600)
    of = cell("doubao-seedance-2-0-260128", Mode.REFERENCES)
    assert sole_problem(checked(of, references=[picture(1), wide])).where == "Reference images, image 2"


SLOT = cell("sora-2", Mode.FIRST_FRAME).slots[0]


@pytest.mark.parametrize(
    ("limits", "facts", "what", "fix"),
    [
        (
            MediaLimits(types=("image/png", "image/jpeg")), {"media_type": "image/gif"},
            "image-1.png is a GIF picture", "Convert it to PNG or JPEG.",
        ),
        (
            MediaLimits(max_bytes=10 * MEGABYTE), {"size": 12_340_000},
            "image-1.png has 12.3 MB; the limit is 10 MB", "Shrink it.",
        ),
        (
            MediaLimits(min_side=300), {"width": 900, "height": 299},
            "image-1.png is 900×299 px; each side needs at least 300 px", "Use a larger one.",
        ),
        (
            MediaLimits(max_side=2000), {"width": 100, "height": 2001},
            "image-1.png is 100×2001 px; the limit of a side is 2000 px", "Shrink it.",
        ),
        (
            MediaLimits(min_ratio=0.4, max_ratio=2.5), {"width": 1001, "height": 400},
            "image-1.png is 1001×400 px; the width may be at most 2.5 times the height", "Crop or pad it.",
        ),
        (
            MediaLimits(min_ratio=0.4, max_ratio=2.5), {"width": 399, "height": 1000},
            "image-1.png is 399×1000 px; the width must be at least 0.4 times the height", "Crop or pad it.",
        ),
        (
            MediaLimits(min_seconds=2), {"seconds": 1.9},
            "image-1.png lasts 1.9 s; the minimum is 2 s", "Use a longer one.",
        ),
        (
            MediaLimits(max_seconds=15), {"seconds": 15.2},
            "image-1.png lasts 15.2 s; the limit is 15 s", "Trim it.",
        ),
    ],
)  # fmt: skip
def test_each_limit(limits: MediaLimits, facts: dict[str, Any], what: str, fix: str) -> None:
    assert list(check_limits(replace(SLOT, limits=limits), picture(**facts))) == [(what, fix)]


@pytest.mark.parametrize(
    ("limits", "facts"),
    [
        (MediaLimits(types=("image/png",)), {"media_type": ""}),
        (MediaLimits(max_bytes=MEGABYTE), {"size": MEGABYTE}),
        (MediaLimits(min_side=300, max_side=900), {"width": 300, "height": 900}),
        (MediaLimits(min_side=300, max_ratio=1), {"width": None, "height": None}),
        (MediaLimits(min_ratio=0.4, max_ratio=2.5), {"width": 1000, "height": 400}),
        (MediaLimits(min_ratio=0.4, max_ratio=2.5), {"width": 400, "height": 1000}),
        (MediaLimits(min_seconds=2, max_seconds=15), {"seconds": 1.96}),
        (MediaLimits(min_seconds=2, max_seconds=15), {"seconds": 15.04}),
        (MediaLimits(min_seconds=2), {"seconds": None}),
        (MediaLimits(), {"media_type": "image/tiff", "size": 10**9, "width": 1, "height": 99_999}),
    ],
)
def test_inside_a_limit_on_it_or_unmeasured_is_no_problem(limits: MediaLimits, facts: dict[str, Any]) -> None:
    assert list(check_limits(replace(SLOT, limits=limits), picture(**facts))) == []


def test_several_limits_are_all_named() -> None:
    limits = MediaLimits(types=("image/jpeg",), max_bytes=1, max_side=100, max_ratio=1.5)
    assert len(list(check_limits(replace(SLOT, limits=limits), picture()))) == 4


# --- notices about references ------------------------------------------------------------------------------------


def test_an_upload_that_turns_the_request_into_a_form_is_announced_once() -> None:
    outcome = checked(cell("Kling-3.0", Mode.MOTION_CONTROL), first_frame=[picture()])
    assert outcome.notices == (
        Notice("First frame", "turns the whole request into a multipart form: image-1.png is sent as a file."),
    )


def test_links_that_turn_the_request_into_json_are_announced_once() -> None:
    outcome = checked(cell("jimeng-video-3.0", Mode.REFERENCES), references=[link(number=1), link(number=2)])
    assert outcome.notices == (
        Notice("Reference images", "turns the whole request into JSON: image-1.png is sent as a link."),
    )


def test_a_forms_own_note_is_said() -> None:
    outcome = checked(cell("grok-video-3", Mode.FIRST_FRAME), first_frame=[link()])
    assert outcome.notices == (
        Notice("First frame", "is documented as a file; the link is sent as text."),
    )  # fmt: skip


def test_what_was_done_to_a_picture_is_said() -> None:
    turned = picture(done=("turned upright", "location and camera data removed"))
    outcome = checked(cell("grok-video-3", Mode.FIRST_FRAME), first_frame=[turned])
    assert outcome.notices == (
        Notice("First frame", "image-1.png: turned upright."),
        Notice("First frame", "image-1.png: location and camera data removed."),
    )


# --- rules and refusals ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "held", "values", "references", "applies"),
    [
        ({}, {}, {}, {}, True),
        ({"audio": ("on",)}, {}, {"audio": "on"}, {}, True),
        ({"audio": ("on",)}, {}, {"audio": "off"}, {"audio": (link(MediaKind.AUDIO),)}, False),
        ({"audio": ("on",)}, {}, {}, {}, False),
        ({}, {"audio": (1, None)}, {"audio": "on"}, {}, False),
        ({}, {"audio": (1, None)}, {}, {"audio": ()}, False),
        ({}, {"audio": (1, None)}, {}, {"audio": (link(MediaKind.AUDIO),)}, True),
        ({"seconds": (5, 10), "audio": ("on",)}, {}, {"seconds": 10, "audio": "on"}, {}, True),
        ({"seconds": (5, 10), "audio": ("on",)}, {}, {"seconds": 6, "audio": "on"}, {}, False),
        ({}, {"audio": (0, 0)}, {}, {"audio": ()}, True),
        ({}, {"audio": (0, 0)}, {}, {"audio": (link(MediaKind.AUDIO),)}, False),
        ({}, {"references": (2, 2)}, {}, {"references": (link(), link(number=2))}, True),
        ({}, {"references": (2, 2)}, {}, {"references": (link(),)}, False),
        ({}, {"references": (2, None)}, {}, {"references": (link(), link(number=2), link(number=3))}, True),
        ({"seconds": (5,)}, {"references": (1, None)}, {"seconds": 5}, {}, False),
    ],
)
def test_a_rule_applies_if_every_condition_is_met(
    when: Any, held: Any, values: Any, references: Any, applies: bool
) -> None:
    """`audio` names both a parameter and a slot: a rule says which one it means."""
    assert Rule(when, held, {}, (), "", ORIGIN).applies(values, references) is applies


def test_hailuo_takes_1080p_at_six_seconds_only() -> None:
    of = cell("Hailuo-2.3")
    assert sole_problem(checked(of, {"resolution": "1080P", "seconds": 10})) == Problem(
        "Duration", "10 s: 1080P is available for 6 s only", "Choose 6 s."
    )
    for values in ({"resolution": "1080P"}, {"resolution": "768P", "seconds": 10}, {"seconds": 10}):
        assert checked(of, values).request is not None


@pytest.mark.parametrize("model", ["Kling-3.0", "kling-avatar-720p", "GV-3.1"])
def test_a_digital_human_needs_an_audio_file_or_sound(model: str) -> None:
    of, portrait = cell(model, Mode.AVATAR), {"first_frame": (link(),)}
    words = "A digital human needs an audio file, or sound on: then the prompt is spoken"
    told: tuple[tuple[dict[str, Value], str], ...] = (({}, "off unless chosen"), ({"audio": "off"}, "off"))
    for values, said in told:
        outcome = check(Draft("hello", values, portrait), of)
        assert sole_problem(outcome) == Problem("Sound", f"{said}: {words}", "Choose on.")
    assert check(Draft("hello", {"audio": "on"}, portrait), of).request is not None
    assert check(Draft("hello", {}, portrait | {"audio": (link(MediaKind.AUDIO),)}), of).request is not None


def test_a_last_frame_alone_is_sent_with_a_warning() -> None:
    of = cell("Kling-3.0-Omni", Mode.FIRST_LAST)
    alone = checked(of, last_frame=[link()])
    assert alone.request is not None
    assert [(n.where, n.what.split(".")[0]) for n in alone.notices] == [
        ("First frame", "Only the last frame is sent, as in the documented example")
    ]
    assert checked(of, last_frame=[link()], first_frame=[link(number=2)]).notices == ()
    assert check(Draft("hello"), of).notices == ()


@pytest.mark.parametrize(
    ("model", "mode", "words"),
    [
        ("veo_3_1", Mode.REFERENCES, ("single image", "two images", "", "three images")),
        ("grok-video-3", Mode.REFERENCES, ("single image", "Two images", "", "")),
        ("grok-video-3", Mode.FIRST_FRAME_REFERENCES, ("Two images", "", "", "")),
        ("Vidu-q3-pro", Mode.REFERENCES, ("", "", "", "up to three")),
    ],
)
def test_a_number_of_references_with_a_meaning_elsewhere_is_noticed(
    model: str, mode: Mode, words: tuple[str, ...]
) -> None:
    of = cell(model, mode)
    frame = {"first_frame": [link(number=9)]} if mode is Mode.FIRST_FRAME_REFERENCES else {}
    for number, word in enumerate(words, 1):
        outcome = checked(of, references=[link(number=n) for n in range(number)], **frame)
        assert outcome.request is not None
        about = [
            what
            for where, what in map(astuple, outcome.notices)
            if where == "Reference images" and "documented" not in what
        ]
        assert len(about) == bool(word), about
        assert all(word in what for what in about)


def test_several_shots_need_prompt_rewriting() -> None:
    of = cell("wan2.6-t2v:1280*720")
    assert sole_problem(checked(of, {"shot_type": "multi", "prompt_extend": "off"})).where == "Prompt rewriting"
    assert checked(of, {"shot_type": "multi"}).request is not None
    assert checked(of, {"shot_type": "single", "prompt_extend": "off"}).request is not None


def test_seedance_sounds_never_go_alone_and_need_sound_switched_on() -> None:
    of = cell("doubao-seedance-2-0-260128", Mode.REFERENCES)
    sound = link(MediaKind.AUDIO)
    alone = checked(of, references=[], reference_audios=[sound])
    assert sole_problem(alone) == Problem(
        "Reference images or reference videos",
        "are missing",
        "Add at least one. This mode needs an image or a video. Audio alone is not accepted.",
    )
    silent = checked(of, {"audio": "off"}, reference_audios=[sound])
    assert sole_problem(silent) == Problem("Sound", "off: Reference audio requires sound to be on", "Choose on.")
    for values in ({}, {"audio": "on"}):
        assert checked(of, values, reference_audios=[sound]).request is not None
    assert checked(of, {"audio": "off"}).request is not None
    film = [link(MediaKind.VIDEO)]
    assert checked(of, references=[], reference_videos=film, reference_audios=[sound]).request is not None


def test_references_need_something_to_refer_to() -> None:
    problem = sole_problem(checked(cell("Vidu-q3-pro", Mode.REFERENCES), references=[]))
    assert (problem.where, problem.what) == ("Reference images or reference videos", "are missing")


def test_a_refused_mode_says_why_and_what_instead() -> None:
    of = cell("doubao-seedance-1-5-pro_720p", Mode.REFERENCES)
    problem = sole_problem(check(Draft("blossom"), of))
    assert (problem.where, problem.fix) == ("References", "Choose another mode or another family.")
    assert of.refused and problem.what == of.refused.removesuffix(".")


# --- all cells ---------------------------------------------------------------------------------------------------


def test_a_minimal_and_a_full_draft_pass_in_every_open_cell() -> None:
    failed = {
        golden.name_of(of): outcome.problems
        for of in golden.open_cells()
        for asked in (golden.minimal_draft(of), golden.full_draft(of))
        if (outcome := check(asked, of)).request is None
    }
    assert failed == {}


def test_a_draft_without_its_media_fails_in_every_open_cell_that_needs_some() -> None:
    passed = [
        golden.name_of(of)
        for of in golden.open_cells()
        if of.mode is not Mode.TEXT and check(replace(golden.minimal_draft(of), references={}), of).request is not None
    ]
    assert passed == []


def test_a_value_outside_is_a_problem_or_a_notice_in_every_open_cell() -> None:
    for of in golden.open_cells():
        for found in of.parameters:
            if found.choices or found.is_range:
                numbers = [value for value in golden.sample_values(found) if isinstance(value, (int, float))]
                outside: Value = max(numbers) + 1 if numbers else "something else"
                if found.minimum is not None and found.maximum is None:
                    outside = found.minimum - 1
                outcome = checked(of, {found.id: outside})
                said = outcome.notices if found.free else outcome.problems
                assert found.title in {one.where for one in said}, f"{golden.name_of(of)}: {found.id} = {outside}"


def test_a_request_repeats_its_cell() -> None:
    for of in golden.open_cells():
        made = golden.request_of(golden.full_draft(of), of)
        assert (made.family, made.entry, made.model, made.mode) == (of.family, of.entry.id, of.model.id, of.mode)
        assert set(made.references) == {slot.id for slot in of.slots}
        open_to_choice = {p.id for p in of.parameters if not p.refused}
        assert set(made.values) == open_to_choice - golden.forbidden(of, made.values, made.references)
