"""The composer: what it offers, what it keeps, and what it says of a change."""

from __future__ import annotations

from typing import Any

import pytest

from dailies.catalog.load import load
from dailies.gateways import SANDBOX
from dailies.services import Services
from dailies.vocabulary import Mode
from tests.pages.conftest import Open, png, texts, widget
from tests.thorough import covering

FAMILIES = list(load().families)


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.thorough)], ids=["modes", "models"])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_mode_of_every_model_draws(family: str, every: bool, open_page: Open) -> None:
    """In every run the first model that has a mode."""
    known = load().families[family]
    cells = [(model.id, mode) for model in known.models[known.entries[0].id] for mode in known.modes(model.id)]
    app = open_page(family)
    for toggle in [toggle for toggle in app.toggle if toggle.label.startswith("Show discouraged")]:
        toggle.set_value(True).run()
    for model, mode in cells if every else covering(cells, lambda cell: cell[1]):
        app.session_state[f"{family}/model"] = model
        app.session_state[f"{family}/mode"] = mode.value
        app.run()
        assert not app.exception, (model, mode)
        assert app.session_state[f"{family}/cell"] == (known.entries[0].id, model, mode)


def test_what_stands_below_the_media_keeps_its_place_in_every_mode(open_page: Open) -> None:
    """A browser makes the parts anew that have moved, which takes longer than all the rest of a change of mode."""
    app = open_page("seedance-2")
    places = set[tuple[int, ...]]()
    for mode in load().families["seedance-2"].modes("doubao-seedance-2-0-260128"):
        app.session_state["seedance-2/mode"] = mode.value
        app.run()
        places.add(find_place(app.main, "Prompt") or ())
    assert len(places) == 1
    assert () not in places


def find_place(block: Any, label: str) -> tuple[int, ...] | None:
    """Where a widget stands: a number for each block that it is in."""
    for number, each in block.children.items():
        if getattr(each, "label", "") == label:
            return (number,)
        if hasattr(each, "children") and (below := find_place(each, label)):
            return (number, *below)
    return None


def test_a_deep_link_opens_model_and_mode(open_page: Open) -> None:
    app = open_page("kling", model="Kling-2.6", mode="first_frame")
    assert app.session_state["kling/cell"] == ("openai", "Kling-2.6", Mode.FIRST_FRAME)


def test_a_typed_model_of_a_pattern_gets_the_form(open_page: Open) -> None:
    app = open_page("kling", model="Kling-9.9", mode="text")
    assert not app.exception
    assert app.session_state["kling/cell"] == ("openai", "Kling-9.9", Mode.TEXT)


def test_a_model_that_no_family_knows_is_named_as_such(open_page: Open) -> None:
    app = open_page("other", model="sorra-2")
    assert not app.exception
    assert app.session_state["other/cell"] == ("openai", "sorra-2", Mode.TEXT)
    assert "No family of the catalog knows sorra-2; it is sent as typed. Did you mean sora-2" in texts(app)
    assert "No family of the catalog" not in texts(open_page("kling", model="Kling-9.9"))


def test_switching_the_model_keeps_what_was_given_and_says_what_changed(open_page: Open) -> None:
    app = open_page("grok", mode="references")
    app.file_uploader[0].set_value([(f"{n}.png", png(), "image/png") for n in range(3)]).run()
    widget(app, "text_area", "Prompt").set_value("Three of them").run()
    app.session_state["grok/model"] = "grok-video-3-max"
    app.run()
    assert widget(app, "text_area", "Prompt").value == "Three of them"
    assert len(app.session_state["grok/references"]["references"]) == 3
    assert "**Duration** 15 s, set by the model" in texts(app)
    assert "**Duration** 6 s → 15 s: set by grok-video-3-max." in texts(app)
    assert "**Duration** 6 s → 15 s: set by grok-video-3-max." in texts(app.run())


def test_discouraged_modes_are_folded_until_asked_for(open_page: Open) -> None:
    app = open_page("kling")
    mode = widget(app, "button_group", "Mode")
    assert "First + last" not in list(mode.options)
    next(toggle for toggle in app.toggle if toggle.label.startswith("Show discouraged")).set_value(True).run()
    mode = widget(app, "button_group", "Mode")
    assert "First + last" in list(mode.options)


def test_a_mode_links_the_pages_it_is_taken_from(open_page: Open) -> None:
    app = open_page("kling", model="Kling-3.0-Omni", mode="motion_control")
    about = next(element.help for element in app.markdown if "Named as a key capability" in str(element.value))
    assert "[Domestic Video Models](https://docs.octopusx.ai/en/videos/aigc/overview)" in about
    assert "Checked 2026-11-21." in about


def test_a_mode_the_wire_cannot_say_explains_itself(open_page: Open) -> None:
    app = open_page("doubao-seedance", mode="references")
    cell = load().families["doubao-seedance"].cell("doubao-seedance-1-5-pro_480p", Mode.REFERENCES)
    assert cell is not None
    assert cell.refused
    assert cell.refused in texts(app)


def test_folding_the_discouraged_modes_away_leaves_the_chosen_one(open_page: Open) -> None:
    app = open_page("kling", mode="first_last")
    toggle = next(toggle for toggle in app.toggle if toggle.label.startswith("Show discouraged"))
    assert toggle.value
    assert app.session_state["kling/cell"][2] is Mode.FIRST_LAST
    toggle.set_value(False).run()
    assert app.session_state["kling/cell"][2] is Mode.TEXT
    assert "First + last" not in list(widget(app, "button_group", "Mode").options)


def test_a_model_that_the_gateway_does_not_list_says_so(open_page: Open, services: Services) -> None:
    open_page("home")
    services.health.refresh(SANDBOX, "")
    assert "The gateway does not list this model" not in texts(open_page("kling", model="Kling-3.0"))
    assert "The gateway does not list this model" in texts(open_page("kling", model="Kling-9.9"))
