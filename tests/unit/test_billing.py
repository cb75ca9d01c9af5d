"""Combined billing names: read, composed and read back."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from dailies.catalog import billing
from dailies.catalog.billing import FILE, BillingError, Names
from dailies.catalog.load import load
from dailies.errors import CatalogError
from dailies.vocabulary import Mode, Value

NAMES = billing.load()

# The five of the domestic models page, the one other documented name, and the forms that answers carry.
READ: dict[str, tuple[str, Mode | None, dict[str, Value], bool | None]] = {
    "vidu-q2-pro-reference-1080p-offpeak": (
        "Vidu-q2-pro",
        Mode.REFERENCES,
        {"resolution": "1080P", "offpeak": "on"},
        None,
    ),
    "kling-3.0-omni-1080p-ref-audio": ("Kling-3.0-Omni", None, {"resolution": "1080P", "audio": "on"}, True),
    "kling-2.6-motion-pro-1080p": (
        "Kling-2.6",
        Mode.MOTION_CONTROL,
        {"motion_level": "pro", "resolution": "1080P"},
        None,
    ),
    "kling-avatar-720p": ("Kling-3.0-Omni", Mode.AVATAR, {"resolution": "720P"}, None),
    "sv-1.5-pro-1080p-audio": ("SV-1.5-pro", None, {"resolution": "1080P", "audio": "on"}, None),
    "kling-identify-face": ("Kling-3.0-Omni", Mode.LIP_SYNC, {}, None),
    "kling-3.0-omni-720p-noref-mute": ("Kling-3.0-Omni", None, {"resolution": "720P", "audio": "off"}, False),
    "kling-3.0-omni-720p-noref-audio": ("Kling-3.0-Omni", None, {"resolution": "720P", "audio": "on"}, False),
    "kling-3.0-omni-720p-ref-audio": ("Kling-3.0-Omni", None, {"resolution": "720P", "audio": "on"}, True),
    "kling-3.0-720p-noref-mute": ("Kling-3.0", None, {"resolution": "720P", "audio": "off"}, False),
    "vidu-q2-720p": ("Vidu-q2", None, {"resolution": "720P", "offpeak": "off"}, None),
    "sv-1.0-pro-fast-720p-mute": ("SV-1.0-pro-fast", None, {"resolution": "720P", "audio": "off"}, None),
}


@pytest.mark.parametrize("name", READ)
def test_a_name_says_what_it_means_and_is_written_again(name: str) -> None:
    found = NAMES.parse(name)
    assert found is not None
    assert (found.model, found.mode, dict(found.values), found.referenced) == READ[name]
    for mode in found.modes:
        assert NAMES.compose(found.model, mode, found.values, bool(found.referenced)) == name


def composable() -> Iterator[tuple[str, Mode, dict[str, Value], bool, str]]:
    """Every base model of a family with names, every mode, every combination of values, and the name they make."""
    values = [
        {"resolution": r, "audio": a, "motion_level": m}
        for r, a, m in product(*(("720P", "1080P"), ("on", "off"), ("std", "pro")))
    ]
    for family in NAMES.families:
        for model in {model.id for rows in load().families[family].models.values() for model in rows}:
            for mode, value, offpeak, referenced in product(Mode, values, ("on", "off"), (True, False)):
                asked: dict[str, Value] = {**value, "offpeak": offpeak}
                try:
                    name = NAMES.compose(model, mode, asked, referenced)
                except BillingError as error:
                    assert (error.part, offpeak) == ("Off-peak", "on")
                    continue
                if name is not None:
                    yield model, mode, asked, referenced, name


def test_whatever_can_be_written_is_read_as_what_was_asked() -> None:
    said: dict[str, tuple[str, tuple[Mode, ...], tuple[tuple[str, Value], ...], bool | None]] = {}
    for model, mode, asked, referenced, name in composable():
        found = NAMES.parse(name)
        assert found is not None, name
        assert found.model == model
        assert mode in found.modes
        assert found.values.items() <= asked.items(), name
        assert found.referenced in (None, referenced), name
        assert NAMES.compose(found.model, mode, found.values, bool(found.referenced)) == name
        meaning = (found.model, found.modes, tuple(found.values.items()), found.referenced)
        assert said.setdefault(name, meaning) == meaning
    assert len(set(said.values())) == len(said), "two names say the same"
    assert set(READ) <= set(said)


def test_every_name_that_a_source_gives_agrees_with_the_catalog() -> None:
    """The rows of combined names in the families' files fix exactly what the names say."""
    rows = 0
    for cell in load().cells():
        if cell.model.status == "billing":
            rows += 1
            found = NAMES.parse(cell.model.id)
            assert found is not None
            assert found.family == cell.family
            fixed = {p.id: p.fixed for p in cell.parameters if p.id in found.values}
            assert fixed == found.values, cell.model.id
    assert rows


def test_every_base_model_and_mode_of_a_name_is_in_the_catalog() -> None:
    families = load().families
    for model, mode, _, _, name in composable():
        found = NAMES.parse(name)
        assert found is not None
        known = families[found.family].model(model)
        assert known is not None
        assert known.status in ("current", "listed")
        assert families[found.family].cell(model, mode) is not None, (model, mode)


def test_other_models_have_no_combined_name() -> None:
    values: dict[str, Value] = {"resolution": "1080P", "audio": "on"}
    assert NAMES.compose("sora-2", Mode.TEXT, values, False) is None
    assert NAMES.compose("Kling-9.9", Mode.TEXT, values, False) is None
    assert NAMES.compose("Kling-2.6", Mode.AVATAR, values, True) is None
    assert NAMES.compose("kling-avatar-720p", Mode.AVATAR, values, True) is None
    for name in ("sora-2", "Kling-3.0-Omni", "viduq3-pro", "", "kling", "wan2.6-t2v:1280*720"):
        assert NAMES.parse(name) is None
        assert NAMES.describe(name) == ()


@pytest.mark.parametrize(
    ("name", "part", "unread", "allowed"),
    [
        ("kling-9.9-720p", "Version", "9.9-720p cannot be read", "3.0-omni"),
        ("kling-2.6x-720p-noref-mute", "Version", "2.6x-720p-noref-mute cannot be read", "2.6"),
        ("vidu-q2-1080pp", "Scene or resolution", "1080pp cannot be read", "1080p"),
        ("kling-dance-720p", "Version", "dance-720p cannot be read", "avatar"),
        ("kling-2.6-dance-pro-1080p", "Scene or resolution", "dance-pro-1080p cannot be read", "motion"),
        ("kling-2.5-motion-pro-720p", "Scene", "motion does not go with 2.5", "2.6-motion"),
        ("kling-2.6-motion-max-1080p", "Motion level", "max-1080p cannot be read", "pro"),
        ("kling-2.6-motion-1080p", "Motion level", "1080p cannot be read", "std"),
        ("kling-3.0-omni-480p-ref-audio", "Scene or resolution", "480p-ref-audio cannot be read", "720p"),
        ("kling-3.0-omni-1080p-audio", "Reference", "audio cannot be read", "noref"),
        ("kling-3.0-omni-1080p-ref-loud", "Sound", "loud cannot be read", "mute"),
        ("kling-3.0-omni-1080p-ref", "Sound", "is missing", "audio"),
        ("vidu-q2-pro-reference-1080p-offpeek", "End", "offpeek cannot be read", "offpeak"),
    ],
)
def test_what_cannot_be_read_is_named_with_what_is_allowed(name: str, part: str, unread: str, allowed: str) -> None:
    with pytest.raises(BillingError) as caught:
        NAMES.parse(name)
    assert caught.value.part == part
    assert allowed in caught.value.allowed
    assert str(caught.value).startswith(f"{name}: {part}: {unread}. Allowed here: ")


def test_nothing_may_follow_a_whole_name() -> None:
    with pytest.raises(BillingError, match=r"End: ref cannot be read\. Nothing more is allowed here\."):
        NAMES.parse("kling-avatar-720p-ref")


def test_a_value_without_a_word_is_an_error_and_never_left_out() -> None:
    with pytest.raises(
        BillingError, match=r"SV-1\.5-pro: Resolution: no value is chosen\. Allowed here: 720P, 1080P\."
    ):
        NAMES.compose("SV-1.5-pro", Mode.TEXT, {"audio": "on"}, False)
    with pytest.raises(BillingError, match="Resolution: combined names have no word for 480P"):
        NAMES.compose("SV-1.5-pro", Mode.TEXT, {"audio": "on", "resolution": "480P"}, False)
    with pytest.raises(BillingError, match="Off-peak: its combined names have no word for on"):
        NAMES.compose("Kling-3.0", Mode.TEXT, {"audio": "on", "resolution": "720P", "offpeak": "on"}, False)


def test_a_name_in_words() -> None:
    assert NAMES.describe("kling-3.0-omni-720p-noref-mute") == (
        "Model Kling-3.0-Omni",
        "Resolution 720P",
        "Sound off",
        "Without reference media",
    )
    assert NAMES.describe("kling-identify-face") == (
        "Model Kling-3.0-Omni (the name has no version)",
        "Mode Lip sync",
        "Less than 5 s is billed as 5 s",
    )


def test_what_holds_is_what_is_sent_or_known_to_be_taken() -> None:
    cell = load().families["kling"].cell("Kling-2.6", Mode.TEXT)
    assert cell is not None
    found = cell.in_effect({"audio": "on"})
    assert found.items() >= {"audio": "on", "resolution": "720P", "seconds": 5}.items()
    assert found["offpeak"] is None


def test_a_name_is_read_into_a_cell_that_can_say_it() -> None:
    family = load().families["kling"]

    def into(name: str, now: Mode | None) -> Mode | None:
        found = NAMES.parse(name)
        assert found is not None
        cells = [cell for mode in found.modes if (cell := family.cell(found.model, mode))]
        cell = billing.find_cell(found, cells, family.cell(found.model, now) if now else None)
        return cell.mode if cell else None

    assert into("kling-3.0-omni-1080p-ref-audio", None) is Mode.FIRST_FRAME
    assert into("kling-3.0-omni-1080p-ref-audio", Mode.REFERENCES) is Mode.REFERENCES
    assert into("kling-3.0-omni-1080p-ref-audio", Mode.TEXT) is Mode.FIRST_FRAME
    assert into("kling-3.0-omni-1080p-noref-audio", Mode.REFERENCES) is Mode.TEXT
    # With two frames this model makes 1080P only, so a name that says 720P goes elsewhere.
    assert into("kling-2.1-1080p-ref-mute", Mode.FIRST_LAST) is Mode.FIRST_LAST
    assert into("kling-2.1-720p-ref-mute", Mode.FIRST_LAST) is Mode.FIRST_FRAME


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ('"scene", "tier"', '"tier", "scene"', "", "the order starts with family, version, scene"),
        ('"audio", "offpeak"]', '"audio"]', "", "lists each part once"),
        ('parameter = "motion_level"', 'parameter = "level"', "parts.tier", "level is not a parameter id"),
        ('yes = "ref"', 'maybe = "ref"', "parts.reference", "the words are for yes and no"),
        ('off = "mute"', 'off = "audio"', "parts.audio", "one word for two values"),
        ('word = "2.5"', 'word = "2.6"', "families.kling.versions", "a model or a word twice"),
        ('parts = ["version", "tier", "resolution"]', 'parts = ["version", "level"]', "", "level is not a part"),
        ('models = ["Kling-2.6"]', 'models = ["Kling-2.7"]', "families.kling", "Kling-2.7 has no version word"),
        ('scene = "avatar"\n', "", "families.kling.forms.4", "a scene and exactly one model"),
        ('modes = ["avatar"]', 'modes = ["text"]', "families.kling", "Kling-3.0-Omni has two forms in mode text"),
        ('prefix = "sv"', 'prefix = "sv"\nsuffix = "x"', "families.sv.suffix", "Extra inputs"),
        (
            'source = "domestic-models: Full Model List; maisi-channel-guide"',
            'source = ""',
            "families.kling.forms.2",
            "without a source",
        ),
    ],
)
def test_the_file_is_read_strictly(old: str, new: str, key: str, words: str, tmp_path: Path) -> None:
    text = FILE.read_text()
    assert old in text
    (tmp_path / "billing.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(CatalogError) as caught:
        billing.load(tmp_path / "billing.toml")
    assert (caught.value.file, caught.value.key) == ("billing.toml", key)
    assert words in caught.value.what


def test_the_file_as_it_is_loads_once() -> None:
    assert isinstance(billing.load(), Names)
    assert billing.load() is billing.load()
