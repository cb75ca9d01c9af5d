"""What the catalog knows beyond the statements of the founding documents, which `test_users_documents` checks."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from dailies.catalog.load import FOLDER, Catalog, Family, load
from dailies.domain import Cell, Slot
from dailies.errors import CatalogError
from dailies.parameter import Parameter
from dailies.vocabulary import Mode, SourceKind, Support

MODES = (Mode.TEXT, Mode.FIRST_FRAME, Mode.FIRST_LAST, Mode.REFERENCES)

# The families that have a row in the matrix's table of modes. Every cell of it is a row of `users_documents.toml`.
MODE_TABLE = ("sora", "veo", "grok", "doubao-seedance", "wan", "jimeng", "vidu", "kling", "hailuo")

ORDER = (
    "sora", "veo", "grok", "seedance-2", "doubao-seedance", "kling", "vidu", "jimeng", "hailuo", "wan", "hunyuan",
    "mingmou", "gv", "os", "sv", "jv", "omni", "other",
)  # fmt: skip

# The ways in of each family: entry id, its create path (by mode where it differs), and the entries it goes on from.
VIDU_PATHS = (
    "/vidu/ent/v2/text2video", "/vidu/ent/v2/img2video", "/vidu/ent/v2/start-end2video", "/vidu/ent/v2/reference2video",
)  # fmt: skip
KLING_PATHS = ("/kling/v1/videos/text2video", "/kling/v1/videos/image2video")
ENTRIES: dict[str, dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "sora": {
        "openai": (("/v1/videos",), ()),
        "multipart": (("/v1/videos",), ()),
        "unified": (("/v1/video/create",), ()),
        "remix": (("/v1/videos/{source}/remix",), ("openai", "multipart")),
        "extensions": (("/v1/videos/extensions",), ("openai", "multipart")),
    },
    "other": {"openai": (("/v1/videos",), ()), "json": (("/v1/videos",), ())},
    "veo": {
        "openai": (("/v1/videos",), ()),
        "unified": (("/v1/video/create",), ()),
        "remix": (("/v1/videos/{source}/remix",), ("openai",)),
    },
    "grok": {
        "openai": (("/v1/videos",), ()),
        "imagine": (("/v1/videos",), ()),
        "unified": (("/v1/video/create",), ()),
        "remix": (("/v1/videos/{source}/remix",), ("openai",)),
        "extend": (("/v1/videos/{source}/extend",), ("openai",)),
        "extensions": (("/v1/videos/extensions",), ("openai",)),
        "unified-remix": (("/v1/video/remix",), ("unified",)),
        "unified-extend": (("/v1/video/extend",), ("unified",)),
    },
    "seedance-2": {"generations": (("/v1/video/generations",), ())},
    "kling": {"openai": (("/v1/videos",), ()), "official": (KLING_PATHS, ())},
    "vidu": {
        "openai": (("/v1/videos",), ()),
        "multipart": (("/v1/videos",), ()),
        "unified": (("/v1/video/create",), ()),
        "official": (VIDU_PATHS, ()),
    },
    "jimeng": {
        "openai": (("/v1/videos",), ()),
        "unified": (("/v1/video/create",), ()),
        "doubao": (("/v1/videos",), ()),
    },
}

UNIFIED = {
    "sora": ("sora-2", "sora-2-pro", "sora_video2"),
    "veo": ("veo3.1-fast-components",),
    "grok": ("grok-video-3", "grok-video-3-pro", "grok-video-3-max"),
    "vidu": (
        "viduq3-pro", "viduq2-pro-fast", "viduq2-pro", "viduq2-turbo", "viduq1", "viduq1-classic", "vidu2.0",
    ),
    "jimeng": ("jimeng-video-3.0", "jimeng-video-2.0"),
}  # fmt: skip

VIDU_OFFICIAL = {
    Mode.TEXT: ("viduq3-pro", "viduq2", "viduq1"),
    Mode.FIRST_FRAME: (
        "viduq3-pro", "viduq2-pro", "viduq2-turbo", "viduq2-pro-fast", "viduq1", "viduq1-classic", "vidu2.0",
    ),
}  # fmt: skip

# Model examples of the matrix, and the representative models of the domestic models page.
NAMED = {
    "sora": ("sora-2",),
    "veo": ("veo_3_1", "veo_3_1-fast"),
    "grok": ("grok-video-3", "grok-video-3-pro", "grok-video-3-max"),
    "seedance-2": ("doubao-seedance-2-0-260128", "doubao-seedance-2-0-fast-260128"),
    "doubao-seedance": (
        "doubao-seedance-1-5-pro_480p",
        "doubao-seedance-1-5-pro_720p",
        "doubao-seedance-1-5-pro_1080p",
    ),
    "wan": ("wan2.6-t2v:1280*720", "wan2.6-t2v:1920*1080", "wan2.6-i2v:1280*720", "wan2.6-i2v:1920*1080"),
    "vidu": ("Vidu-q3-pro", "Vidu-q3-turbo", "viduq3-pro", "viduq2", "viduq1"),
    "kling": ("Kling-3.0", "Kling-3.0-Omni", "Kling-2.6", "Kling-2.5"),
    "jimeng": ("jimeng-video-3.0", "jimeng-video-2.0"),
    "hailuo": ("Hailuo-2.3", "Hailuo-2.3-fast"),
}

PATTERNS = {
    "Vidu-*": "vidu",
    "Kling-*": "kling",
    "jimeng-video-*": "jimeng",
    "GV-*": "gv",
    "OS-*": "os",
    "Hunyuan-*": "hunyuan",
    "Mingmou-*": "mingmou",
    "Hailuo-*": "hailuo",
    "SV-*": "sv",
    "JV-*": "jv",
}

# Families that only the combined rows of the Model Summary Table cover.
WHOLE_FAMILY = ("hunyuan", "mingmou", "gv", "os", "sv", "jv")
SUMMARY_ROW = {
    Mode.TEXT, Mode.FIRST_FRAME, Mode.FIRST_LAST, Mode.REFERENCES, Mode.MOTION_CONTROL, Mode.AVATAR, Mode.LIP_SYNC,
    Mode.TEMPLATE,
}  # fmt: skip


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load()


def _family(catalog: Catalog, family: str) -> Family:
    return catalog.families[family]


def _cell(catalog: Catalog, family: str, model: str, mode: Mode) -> Cell:
    cell = _family(catalog, family).cell(model, mode)
    assert cell is not None, f"{model} does not offer {mode}"
    return cell


def _parameter(catalog: Catalog, family: str, model: str, mode: Mode, name: str) -> Parameter:
    parameter = _cell(catalog, family, model, mode).parameter(name)
    assert parameter is not None, f"{model} has no {name} in {mode}"
    return parameter


def _slot(catalog: Catalog, family: str, model: str, mode: Mode, name: str) -> Slot:
    slot = _cell(catalog, family, model, mode).slot(name)
    assert slot is not None, f"{model} has no {name} in {mode}"
    return slot


# --- the founding documents' tables ------------------------------------------------------------------------------


@pytest.mark.parametrize("family", MODE_TABLE)
def test_every_mode_of_the_table_is_offered_by_some_model(catalog: Catalog, family: str) -> None:
    loaded = _family(catalog, family)
    offered = {mode for row in loaded.models[loaded.entries[0].id] for mode in loaded.modes(row.id)}
    assert set(MODES) <= offered


def test_the_pages_stand_in_order_with_the_one_for_any_model_last(catalog: Catalog) -> None:
    assert tuple(catalog.families) == ORDER
    assert [family.order for family in catalog.families.values()] == [*range(1, 18), 99]


@pytest.mark.parametrize(("family", "model"), [(f, m) for f, models in NAMED.items() for m in models])
def test_every_model_the_founding_documents_name_is_current(catalog: Catalog, family: str, model: str) -> None:
    found = catalog.find(model)
    assert found is not None
    assert (found[0].id, found[1].status) == (family, "current")


@pytest.mark.parametrize(("pattern", "family"), PATTERNS.items())
def test_every_family_given_as_a_pattern_takes_a_typed_name(catalog: Catalog, pattern: str, family: str) -> None:
    assert pattern in _family(catalog, family).patterns
    found = catalog.find(pattern.replace("*", "99-typed"))
    assert found is not None
    assert (found[0].id, found[1].status) == (family, "typed")


@pytest.mark.parametrize("family", WHOLE_FAMILY)
def test_families_without_a_row_take_the_whole_familys_modes(catalog: Catalog, family: str) -> None:
    support = _family(catalog, family).support
    assert set(support) == SUMMARY_ROW
    assert {stated.support for stated in support.values()} == {Support.GROUP}
    assert all(stated.note.startswith("Named for the group of domestic models") for stated in support.values())


def test_seedance_2_takes_the_modes_of_its_own_row(catalog: Catalog) -> None:
    support = _family(catalog, "seedance-2").support
    assert set(support) == set(MODES)
    named = {Mode.TEXT, Mode.FIRST_LAST, Mode.REFERENCES}
    assert {mode for mode, stated in support.items() if stated.support is Support.SUPPORTED} == named
    assert support[Mode.FIRST_FRAME].support is Support.UPSTREAM


@pytest.mark.parametrize("mode", [Mode.MOTION_CONTROL, Mode.AVATAR, Mode.LIP_SYNC, Mode.TEMPLATE])
def test_kling_offers_the_scenes_named_as_its_key_capabilities(catalog: Catalog, mode: Mode) -> None:
    assert _cell(catalog, "kling", "Kling-3.0-Omni", mode).support.support is Support.SUPPORTED


def test_only_grok_combines_a_first_frame_with_references(catalog: Catalog) -> None:
    having = [f.id for f in catalog.families.values() if Mode.FIRST_FRAME_REFERENCES in f.support]
    assert having == ["grok"]


@pytest.mark.parametrize(
    ("family", "model", "mode"),
    [
        ("doubao-seedance", "doubao-seedance-1-5-pro_720p", Mode.REFERENCES),
        ("kling", "Kling-3.0", Mode.FIRST_LAST),
        ("kling", "Kling-3.0", Mode.REFERENCES),
        ("hailuo", "Hailuo-2.3", Mode.FIRST_LAST),
        ("hailuo", "Hailuo-2.3", Mode.REFERENCES),
    ],
)
def test_discouraged_modes_are_there_and_marked(catalog: Catalog, family: str, model: str, mode: Mode) -> None:
    assert _cell(catalog, family, model, mode).support.support is Support.DISCOURAGED


def test_the_mode_without_a_field_is_refused_in_words(catalog: Catalog) -> None:
    refused = [(cell.family, cell.mode) for cell in catalog.cells() if cell.refused]
    assert set(refused) == {("doubao-seedance", Mode.REFERENCES)}


@pytest.mark.parametrize("family", sorted(set(MODE_TABLE) - {"grok", "doubao-seedance"}))
def test_the_sound_switch_repeats_the_table(catalog: Catalog, family: str) -> None:
    loaded = _family(catalog, family)
    for (entry, model, _), cell in loaded.cells.items():
        if entry != loaded.entries[0].id:
            continue  # the table speaks of the main entry
        sound = cell.parameter("audio")
        assert sound is not None, f"{model} has no sound switch"
        assert sound.support is loaded.audio.support
        assert sound.note.startswith(loaded.audio.note)


@pytest.mark.parametrize("family", ["grok", "doubao-seedance"])
def test_families_without_a_field_for_sound_have_no_switch_and_say_so(catalog: Catalog, family: str) -> None:
    assert "no field for a switch is documented" in _family(catalog, family).audio.note
    assert all(cell.parameter("audio") is None for cell in _family(catalog, family).cells.values())


# --- values and limits -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("family", "model", "seconds"),
    [
        ("grok", "grok-video-3-pro", 10),
        ("grok", "grok-video-3-max", 15),
        ("gv", "GV-3.1", 8),
        ("gv", "GV-3.1-fast", 8),
        ("vidu", "viduq1", 5),
    ],
)
def test_fixed_lengths(catalog: Catalog, family: str, model: str, seconds: int) -> None:
    for mode in _family(catalog, family).modes(model):
        assert _parameter(catalog, family, model, mode, "seconds").fixed == seconds


@pytest.mark.parametrize("model", NAMED["doubao-seedance"])
def test_doubao_takes_four_to_eleven_seconds(catalog: Catalog, model: str) -> None:
    for mode in _family(catalog, "doubao-seedance").modes(model):
        seconds = _parameter(catalog, "doubao-seedance", model, mode, "seconds")
        assert (seconds.minimum, seconds.maximum, seconds.free) == (4, 11, False)


@pytest.mark.parametrize(
    ("family", "model", "lengths"),
    [
        ("hailuo", "Hailuo-2.3", (6, 10)),
        ("wan", "wan2.6-t2v:1280*720", (5, 10, 15)),
        ("os", "OS-2.0", (4, 8, 12)),
        ("kling", "Kling-2.6", (5, 10)),
        ("jimeng", "jimeng-video-3.0", (5, 10, 15)),
    ],
)
def test_listed_lengths(catalog: Catalog, family: str, model: str, lengths: tuple[int, ...]) -> None:
    assert _parameter(catalog, family, model, Mode.TEXT, "seconds").choices == lengths


@pytest.mark.parametrize(
    ("family", "model", "low", "high"),
    [
        ("kling", "Kling-3.0", 5, 15),
        ("kling", "Kling-3.0-Omni", 5, 15),
        ("vidu", "Vidu-q3-pro", 1, 10),
        ("vidu", "viduq3-pro", 1, 16),
        ("seedance-2", "doubao-seedance-2-0-260128", 4, 15),
        ("sv", "SV-1.5-pro", 4, 12),
    ],
)
def test_ranges_of_lengths(catalog: Catalog, family: str, model: str, low: int, high: int) -> None:
    seconds = _parameter(catalog, family, model, Mode.TEXT, "seconds")
    assert (seconds.minimum, seconds.maximum) == (low, high)


def test_a_length_is_always_sent(catalog: Catalog) -> None:
    for cell in catalog.cells():
        seconds = cell.parameter("seconds")
        if seconds is None:
            assert cell.continues, f"{cell.model.id} {cell.mode}"  # a remix or an extension may have no length
            continue
        assert seconds.default is not None or seconds.fixed is not None, f"{cell.model.id} {cell.mode}"


def test_nothing_else_is_sent_unless_chosen(catalog: Catalog) -> None:
    """Beside the length: what a page requires without a default of its own, and Sora's eight unified fields."""
    defaults = {
        (cell.family, cell.entry.id, p.id)
        for cell in catalog.cells()
        for p in cell.parameters
        if p.default is not None and p.id != "seconds"
    }
    assert defaults == {
        ("sora", "unified", "orientation"),
        ("sora", "unified", "size"),
        ("sora", "unified", "watermark"),
        ("sora", "unified", "private"),
        ("grok", "imagine", "aspect_ratio"),
        ("grok", "imagine", "resolution"),
        ("grok", "remix", "resolution"),
        ("grok", "unified-remix", "resolution"),
    }


@pytest.mark.parametrize(
    ("family", "model", "resolution"),
    [
        ("doubao-seedance", "doubao-seedance-1-5-pro_480p", "480p"),
        ("doubao-seedance", "doubao-seedance-1-5-pro_1080p", "1080p"),
        ("wan", "wan2.6-t2v:1280*720", "1280*720"),
        ("wan", "wan2.6-i2v:1920*1080", "1920*1080"),
    ],
)
def test_a_resolution_in_the_name_is_a_fact_and_not_sent(
    catalog: Catalog, family: str, model: str, resolution: str
) -> None:
    for mode in _family(catalog, family).modes(model):
        found = _parameter(catalog, family, model, mode, "resolution")
        assert (found.fixed, found.placement) == (resolution, None)


@pytest.mark.parametrize(
    ("family", "model", "modes", "fixed"),
    [
        ("vidu", "vidu-q2-pro-reference-1080p-offpeak", ("references",), {"resolution": "1080P", "offpeak": "on"}),
        (
            "kling",
            "kling-3.0-omni-1080p-ref-audio",
            ("first_frame", "first_last", "references"),
            {"resolution": "1080P", "audio": "on"},
        ),
        ("kling", "kling-2.6-motion-pro-1080p", ("motion_control",), {"resolution": "1080P", "motion_level": "pro"}),
        ("kling", "kling-avatar-720p", ("avatar",), {"resolution": "720P"}),
        (
            "sv",
            "sv-1.5-pro-1080p-audio",
            ("text", "first_frame", "first_last", "references"),
            {"resolution": "1080P", "audio": "on"},
        ),
    ],
)
def test_a_billing_name_fixes_what_it_says(
    catalog: Catalog, family: str, model: str, modes: tuple[str, ...], fixed: dict[str, str]
) -> None:
    assert _family(catalog, family).modes(model) == modes
    for mode in modes:
        for name, value in fixed.items():
            assert _parameter(catalog, family, model, Mode(mode), name).fixed == value


def test_wan_splits_text_and_pictures_by_model(catalog: Catalog) -> None:
    wan = _family(catalog, "wan")
    for model in NAMED["wan"]:
        expected = (Mode.TEXT,) if "t2v" in model else (Mode.FIRST_FRAME, Mode.FIRST_LAST, Mode.REFERENCES)
        assert wan.modes(model) == expected


def test_hailuo_has_no_aspect_ratio(catalog: Catalog) -> None:
    assert all(cell.parameter("aspect_ratio") is None for cell in _family(catalog, "hailuo").cells.values())


@pytest.mark.parametrize(
    ("family", "model", "mode"),
    [
        ("veo", "veo_3_1", Mode.REFERENCES),
        ("grok", "grok-video-3", Mode.REFERENCES),
        ("grok", "grok-video-3", Mode.FIRST_FRAME_REFERENCES),
    ],
)
def test_references_are_one_picture_or_more(catalog: Catalog, family: str, model: str, mode: Mode) -> None:
    slot = _slot(catalog, family, model, mode, "references")
    assert (slot.minimum, slot.maximum) == (1, None)


def test_veo_references_are_landscape(catalog: Catalog) -> None:
    assert _parameter(catalog, "veo", "veo_3_1", Mode.REFERENCES, "aspect_ratio").fixed == "16:9"


def test_the_fast_seedance_2_has_no_1080p(catalog: Catalog) -> None:
    fast, full = (
        _parameter(catalog, "seedance-2", model, Mode.TEXT, "resolution").choices
        for model in reversed(NAMED["seedance-2"])
    )
    assert fast == ("480p", "720p")
    assert full == ("480p", "720p", "1080p")


def test_kling_2_1_takes_two_frames_at_1080p_only(catalog: Catalog) -> None:
    assert _parameter(catalog, "kling", "Kling-2.1", Mode.FIRST_LAST, "resolution").fixed == "1080P"
    assert _parameter(catalog, "kling", "Kling-2.1", Mode.TEXT, "resolution").choices == ("720P", "1080P")


def test_every_slot_that_may_stay_empty_stands_beside_one_that_may_not_or_a_rule(catalog: Catalog) -> None:
    for cell in catalog.cells():
        if cell.mode is Mode.TEXT:
            continue  # the prompt is enough; pictures may come with it
        if cell.slots and not any(slot.minimum for slot in cell.slots):
            assert any(rule.needs and not rule.when for rule in cell.rules), f"{cell.model.id} {cell.mode}"


# --- further ways in ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", ORDER)
def test_every_family_has_the_ways_in_that_are_documented(catalog: Catalog, family: str) -> None:
    loaded = _family(catalog, family)
    found = {
        entry.id: (
            tuple(dict.fromkeys(cell.route.create for (e, _, _), cell in loaded.cells.items() if e == entry.id)),
            entry.after,
        )
        for entry in loaded.entries
    }
    assert found == ENTRIES.get(family, {"openai": (("/v1/videos",), ())})
    for entry in loaded.entries:
        later = [other.id for other in loaded.continuations(entry.id)]
        assert later == [other for other, (_, after) in found.items() if entry.id in after]


@pytest.mark.parametrize("family", UNIFIED)
def test_unified_video_is_asked_for_under_its_own_address(catalog: Catalog, family: str) -> None:
    loaded = _family(catalog, family)
    assert tuple(row.id for row in loaded.models["unified"]) == UNIFIED[family]
    for (entry, _, _), cell in loaded.cells.items():
        if entry == "unified":
            assert (cell.route.query, cell.raw_to) == ("/v1/video/query?id={task}", "")


@pytest.mark.parametrize("family", UNIFIED)
def test_unified_text_sends_an_empty_list_of_pictures(catalog: Catalog, family: str) -> None:
    for model in UNIFIED[family]:
        cell = _family(catalog, family).cell(model, Mode.TEXT, "unified")
        assert cell is not None
        assert dict(cell.send) == {"images": []}


def test_official_queries_follow_the_path_of_the_create(catalog: Catalog) -> None:
    queries = {cell.route.create: cell.route.query for cell in catalog.cells() if cell.entry.id == "official"}
    assert queries == {
        **dict.fromkeys(VIDU_PATHS, "/vidu/ent/v2/task/{task}/creations"),
        **{path: f"{path}/{{task}}" for path in KLING_PATHS},
    }


def test_vidus_own_paths_take_the_models_that_each_page_lists(catalog: Catalog) -> None:
    vidu = _family(catalog, "vidu")
    for mode in (Mode.TEXT, Mode.FIRST_FRAME, Mode.FIRST_LAST, Mode.REFERENCES):
        offered = {row.id for row in vidu.models["official"] if vidu.cell(row.id, mode, "official")}
        assert offered == set(VIDU_OFFICIAL.get(mode, VIDU_OFFICIAL[Mode.FIRST_FRAME]))


@pytest.mark.parametrize("entry", ["unified", "multipart", "official"])
@pytest.mark.parametrize(
    ("model", "low", "high", "choices", "fixed"),
    [
        ("viduq3-pro", 1, 16, (), None),
        ("viduq2-pro", 1, 10, (), None),
        ("viduq1", None, None, (), 5),
        ("vidu2.0", None, None, (4, 8), None),
    ],
)
def test_vidu_lengths(
    catalog: Catalog, entry: str, model: str, low: int | None, high: int | None, choices: tuple[int, ...],
    fixed: int | None,
) -> None:  # fmt: skip
    cell = _family(catalog, "vidu").cells.get((entry, model, Mode.FIRST_FRAME))
    if cell is None:
        assert (entry, model) in {("multipart", "viduq1"), ("multipart", "vidu2.0")}
        return
    seconds = cell.parameter("seconds")
    assert seconds is not None
    assert (seconds.minimum, seconds.maximum, seconds.choices, seconds.fixed) == (low, high, choices, fixed)


def test_vidu_2_0_makes_eight_seconds_at_720p_only(catalog: Catalog) -> None:
    ruled = {
        (cell.entry.id, cell.model.id)
        for cell in catalog.cells()
        for rule in cell.rules
        if (rule.when, rule.then) == ({"seconds": (8,)}, {"resolution": ("720p",)})
    }
    assert ruled == {("unified", "vidu2.0"), ("official", "vidu2.0")}


def test_the_prompt_may_be_left_out_where_pictures_speak(catalog: Catalog) -> None:
    found = {(cell.family, cell.entry.id, cell.mode.value) for cell in catalog.cells() if not cell.prompt_required}
    assert found == {
        (family, "official", mode) for family in ("kling", "vidu") for mode in ("first_frame", "first_last")
    }


@pytest.mark.parametrize(
    ("model", "strength", "sound", "shots", "seconds"),
    [
        ("kling-v1", True, False, False, (5, 10)),
        ("kling-v1-6", True, False, False, (5, 10)),
        ("kling-v2-master", False, False, False, (5, 10)),
        ("kling-v2-1-master", False, False, False, (5, 10)),
        ("kling-v2-5-turbo", False, False, False, (5, 10)),
        ("kling-v2-6", False, True, False, (5, 10)),
        ("kling-v3", True, True, True, ()),
        ("kling-v3-omni", True, True, True, ()),
    ],
)
def test_what_each_model_takes_in_klings_own_format(
    catalog: Catalog, model: str, strength: bool, sound: bool, shots: bool, seconds: tuple[int, ...]
) -> None:
    cell = _family(catalog, "kling").cell(model, Mode.TEXT, "official")
    assert cell is not None
    names = {p.id for p in cell.parameters}
    assert ("prompt_strength" in names, "audio" in names, "shots" in names) == (strength, sound, shots)
    length = cell.parameter("seconds")
    assert length is not None
    assert length.choices == seconds
    if not seconds:
        assert (length.minimum, length.maximum) == (3, 15)


def test_a_last_frame_of_kling_goes_without_camera_masks_and_shots(catalog: Catalog) -> None:
    for row in _family(catalog, "kling").models["official"]:
        cell = _family(catalog, "kling").cell(row.id, Mode.FIRST_LAST, "official")
        assert cell is not None
        assert not {p.id for p in cell.parameters} & {"camera", "static_mask", "dynamic_masks", "shots"}


def test_shots_are_for_kling_3(catalog: Catalog) -> None:
    found = {
        (cell.entry.id, cell.model.id, cell.mode.value)
        for cell in catalog.cells()
        if any(p.id == "shots" for p in cell.parameters)
    }
    assert found == {
        *(
            ("openai", m, mode)
            for m in ("Kling-3.0", "Kling-3.0-Omni")
            for mode in ("text", "first_frame", "references")
        ),
        *(("official", m, mode) for m in ("kling-v3", "kling-v3-omni") for mode in ("text", "first_frame")),
    }


def test_what_seedance_2_refuses_is_a_fact(catalog: Catalog) -> None:
    for model in NAMED["seedance-2"]:
        cell = _cell(catalog, "seedance-2", model, Mode.TEXT)
        assert {p.id for p in cell.parameters if p.refused} == {"frames", "camera_fixed", "draft"}
        assert _parameter(catalog, "seedance-2", model, Mode.TEXT, "service_tier").choices == ("default",)


def test_any_name_has_a_page_and_none_that_belongs_elsewhere(catalog: Catalog) -> None:
    found = catalog.find("some-new-model")
    assert found is not None
    assert (found[0].id, found[1].status) == ("other", "typed")
    assert _family(catalog, "other").modes("some-new-model") == ("text", "first_frame", "references")
    named = {row.id for family in catalog.families.values() for rows in family.models.values() for row in rows}
    typed = {pattern.replace("*", "new") for pattern in PATTERNS}
    for name in named | typed:
        home = catalog.find(name)
        assert home is not None
        assert home[0].id != "other", name


def test_a_model_that_no_family_knows_is_named_with_its_nearest_ids(catalog: Catalog) -> None:
    mistyped = catalog.name_unknown("Sora-2-prro")
    assert mistyped is not None
    assert mistyped.what.startswith("No family of the catalog knows Sora-2-prro; it is sent as typed. Did you mean ")
    assert "sora-2-pro" in mistyped.what
    unlike = catalog.name_unknown("zzz")
    assert unlike is not None
    assert "Did you mean" not in unlike.what
    assert [catalog.name_unknown(name) for name in ("sora-2-pro", "Kling-9-ultra", "")] == [None] * 3


# --- sources -----------------------------------------------------------------------------------------------------

# Names of notes that only the authors had. A reader can open none of them.
PRIVATE = (
    r"\b(?:the|this|our|both|either) seeds?\b|\bseeds?'|\bseeds\b",
    r"\bmatrix [AB]\d|\b[AB]\d+(?:\.\d)? row\b",
    r"\bREADME\b|\bcontract\b|\.md\b",
    r"\b(?:common|domestic|kling|vidu|grok|sora|veo|wan|jimeng|hailuo)(?: \d|, (?:section|way|model|mode)s?\b)",
    r"\bsections? \d",
)


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.toml")), ids=lambda path: path.name)
def test_no_private_label_stands_in_the_catalog(path: Path) -> None:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        for label in PRIVATE:
            assert not re.search(label, line), f"{path.name}:{number}: {line}"


@pytest.mark.parametrize(
    "text",
    [
        "The seed's example has none.",
        "outside the seed",
        "matrix A3; README 4",
        "matrix B3",
        "A1 row 4",
        "domestic, section 4.1",
        "vidu, ways in",
        "common 9",
        "see kling.md",
    ],
)
def test_the_private_labels_would_be_seen(text: str) -> None:
    assert any(re.search(label, text) for label in PRIVATE)


def test_every_fact_cites_a_source_that_can_be_opened_or_says_that_it_is_inferred(catalog: Catalog) -> None:
    for cell in catalog.cells():
        facts = (cell.support.origin, cell.model.origin, *(p.origin for p in cell.parameters))
        for citation in (citation for origin in facts for citation in origin.citations):
            inferred = citation.source.kind is SourceKind.INFERRED
            assert inferred != bool(citation.source.address)
            assert citation.where or not inferred, f"{cell.model.id} {cell.mode}: what is inferred?"


# --- the words of the format that the further ways in brought ----------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new", "key", "words"),
    [
        ("vidu.unified.toml", 'models = ["vidu2.0"]', 'models = ["vidu3"]', "rules.0", "vidu3 is not a model"),
        (
            "routes.toml",
            'shots = { to = "", read = "shots", template = { multi_shot = true, shot_type = "customize",'
            ' multi_prompt = "{}" } }',
            'shots = { to = "", read = "shots" }',
            "forms.kling_native.parameters.shots",
            "needs a template with keys",
        ),
        (
            "routes.toml",
            'external_task_id = { to = "external_task_id" }',
            'external_task_id = { to = "multi_prompt" }',
            "kling-v3 text",
            "collide at multi_prompt",
        ),
    ],
)
def test_a_slip_in_the_new_words_is_refused(
    tmp_path: Path, name: str, old: str, new: str, key: str, words: str
) -> None:
    folder = tmp_path / "catalog"
    shutil.copytree(FOLDER, folder)
    text = (folder / name).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        load(folder)
    assert caught.value.key == key
    assert words in caught.value.what
