"""Where models stand in their life: what the catalog states, how it is read, and what a living model is."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from dailies.catalog.load import FOLDER, Catalog, load
from dailies.domain import Failure
from dailies.errors import CatalogError
from dailies.gateway.failures import speaks_of_model
from dailies.vocabulary import LifeState, Mode, SourceKind, Stage, Support

# model: state, day, successor
LIVES = {
    "sora-2": (LifeState.REMOVED, date(2026, 9, 24), ""),
    "sora-2-pro": (LifeState.REMOVED, date(2026, 9, 24), ""),
    "sora-2-2025-12-08": (LifeState.REMOVED, date(2026, 9, 24), ""),
    "veo_3_1": (LifeState.UNKNOWN, None, "Gemini Omni 1.1 Flash"),
    "grok-video-3": (LifeState.UNKNOWN, None, ""),
    "doubao-seedance-2-0-260128": (LifeState.SUPERSEDED, date(2026, 8, 28), "Seedance 2.5"),
    "doubao-seedance-1-5-pro_720p": (LifeState.REMOVED, date(2026, 11, 11), "Seedance 2.5"),
    "Kling-3.0": (LifeState.SUPERSEDED, None, "Kling 4.0"),
    "Vidu-q3-pro": (LifeState.CURRENT, None, ""),
    "viduq2": (LifeState.SUPERSEDED, None, "Vidu q3"),
    "Hailuo-2.3": (LifeState.SUPERSEDED, date(2026, 7, 31), "MiniMax-H3"),
    "wan2.6-t2v:1280*720": (LifeState.SUPERSEDED, date(2026, 6, 16), "Wan 2.7"),
    "Hunyuan-1.5": (LifeState.CURRENT, None, ""),
}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load()


@pytest.mark.parametrize("model", LIVES)
def test_a_model_says_where_it_stands(catalog: Catalog, model: str) -> None:
    found = catalog.find(model)
    assert found is not None
    life = found[1].life
    assert life is not None
    assert (life.state, life.since, life.successor) == LIVES[model]


def test_every_entry_point_says_the_same_of_a_model(catalog: Catalog) -> None:
    said: dict[str, set[object]] = {}
    for family in catalog.families.values():
        for rows in family.models.values():
            for row in rows:
                said.setdefault(row.id, set()).add(row.life and (row.life.state, row.life.since))
    assert {model: lives for model, lives in said.items() if len(lives) > 1} == {}


def test_a_life_that_is_not_inferred_cites_a_page_read_no_earlier_than_it(catalog: Catalog) -> None:
    lives = [row.life for family in catalog.families.values() for rows in family.models.values() for row in rows]
    stated = [life for life in lives if life is not None]
    assert len(stated) > 40
    for life in stated:
        assert any(citation.source.kind is not SourceKind.INFERRED for citation in life.origin.citations)
        assert life.since is None or life.since <= life.origin.checked


def test_a_family_speaks_by_its_first_model(catalog: Catalog) -> None:
    states = {family.id: family.life.state.value for family in catalog.families.values() if family.life}
    assert states["sora"] == "removed"
    assert states["vidu"] == "current"
    assert catalog.families["mingmou"].life is None


@pytest.mark.parametrize("mode", [Mode.TEXT, Mode.FIRST_FRAME, Mode.FIRST_LAST, Mode.REFERENCES, Mode.AVATAR])
def test_what_is_alive_can_be_tried_instead(catalog: Catalog, mode: Mode) -> None:
    found = catalog.list_alive(mode)
    assert found
    for cell in found:
        assert cell.mode is mode and cell.support.support is not Support.DISCOURAGED
        assert cell.model.life is not None and cell.model.life.state.alive
    ranks = [cell.model.status != "current" for cell in found]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('models = ["sora_video2"]', 'models = ["sora-9"]', "sora-9 is not a model of this family"),
        ('models = ["sora_video2"]', 'models = ["sora-2"]', "sora-2 is named twice"),
        ('state = "removed"', 'state = "dead"', "Input should be"),
        ('models = ["sora_video2"]\nstate', "models = []\nstate", "at least 1 item"),
    ],
)
def test_a_slip_in_a_life_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    folder = tmp_path / "catalog"
    shutil.copytree(FOLDER, folder)
    text = (folder / "sora.toml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / "sora.toml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        load(folder)
    assert caught.value.key.startswith("life.")
    assert words in caught.value.what


@pytest.mark.parametrize(
    ("what", "code", "speaks"),
    [
        ("No available channel for model x under group default", "", True),
        ("anything", "model_not_found", True),
        ("The model `x` does not exist", "", True),
        ("models/x is no longer available", "", True),
        ("模型 x 已下线", "", True),
        ("size: 720x720 is not supported by x", "invalid_size", False),
        ("The prompt was refused", "", False),
    ],
)
def test_a_gateway_may_say_that_it_has_no_such_model(what: str, code: str, speaks: bool) -> None:
    assert speaks_of_model(Failure(Stage.SENDING, what, "", "", code)) is speaks
