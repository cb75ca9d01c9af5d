"""The list that the search in the sidebar looks through."""

from __future__ import annotations

from components.server.models import list_models
from dailies.catalog.load import load


def test_every_model_of_the_first_entry_point_is_found_by_name_and_mode() -> None:
    catalog = load()
    found = {(entry["family"], entry["model"]): entry for entry in list_models(catalog)}
    for family in catalog.families.values():
        for row in family.models[family.entries[0].id]:
            modes = family.modes(row.id)
            if not modes or family.generic:
                continue
            entry = found.pop((family.id, row.id))
            assert [mode["id"] for mode in entry["modes"]] == [mode.value for mode in modes]
            assert row.id.lower() in entry["text"]
            assert all(mode.label.lower() in entry["text"] for mode in modes)
    assert found == {}


def test_a_model_that_was_removed_comes_after_those_that_are_served() -> None:
    catalog = load()
    alive = [
        row is None or row.life is None or row.life.state.alive
        for entry in list_models(catalog)
        for row in [catalog.families[entry["family"]].model(entry["model"])]
    ]
    assert alive == sorted(alive, reverse=True)
