"""What pages say of a model's life: badges, the gateway's list first, and a way on for what has been removed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from components import gateway, life
from components.screens.home import list_matrix_rows
from dailies.catalog.load import load
from dailies.domain import Failure, Run
from dailies.gateway.client import Check
from dailies.gateways import SANDBOX
from dailies.request import draft, wire
from dailies.services import Services
from dailies.vocabulary import Mode, RunState, Stage
from dailies.work.life import create_run
from tests.pages.conftest import Open, press, texts, widget
from tests.unit.golden import minimal_draft

CATALOG = load()


def offer(monkeypatch: pytest.MonkeyPatch, *models: str) -> None:
    monkeypatch.setattr(gateway, "_get_check", lambda: Check(True, 0.1, "", models))


def fail(services: Services, family: str, model: str, what: str, code: str, stage: Stage = Stage.SENDING) -> Run:
    """A failed run of a model in the store."""
    cell = CATALOG.families[family].cell(model, Mode.TEXT)
    assert cell is not None
    request = draft.check(replace(minimal_draft(cell), prompt=f"The fox of {model} says {what}"), cell).request
    assert request is not None
    made = create_run(request, wire.encode(request, cell), cell.route, SANDBOX, datetime.now(UTC))
    failure = Failure(stage, what, "Choose another model.", "Not charged.", code)
    return services.store.runs.add(replace(made, state=RunState.FAILED, failure=failure, finished=made.created))


def test_the_picker_and_the_page_say_that_a_model_was_removed(open_page: Open) -> None:
    app = open_page("sora")
    assert "sora-2 · removed" in widget(app, "selectbox", "Model").options
    said = texts(app)
    assert ":red-badge[:material/block: removed]" in said
    assert "Removed by its vendor on 2026-09-24. Successor: none." in said


def test_what_the_key_lists_comes_first(monkeypatch: pytest.MonkeyPatch, open_page: Open) -> None:
    offer(monkeypatch, "sora-2")
    assert "Your gateway still lists it." in texts(open_page("sora"))
    offer(monkeypatch, "Kling-3.0")
    said = texts(open_page("sora"))
    assert "Your gateway still lists it." not in said
    assert "The gateway does not list this model for this key." in said


def test_home_begins_with_a_model_that_is_served(monkeypatch: pytest.MonkeyPatch, open_page: Open) -> None:
    monkeypatch.setattr(gateway, "_get_check", lambda: None)
    picker = widget(open_page("home"), "selectbox", "Model")
    assert picker.value == "Vidu-q3-pro"  # no newer one has replaced it
    assert "Sora: sora-2 · removed" in picker.options
    offer(monkeypatch, "sora-2", "Kling-3.0")
    assert widget(open_page("home"), "selectbox", "Model").value == "Kling-3.0"


def test_the_matrix_has_a_badge_for_every_family_whose_life_is_known() -> None:
    rows = {row["family"]: row for row in list_matrix_rows(CATALOG)}
    assert rows["sora"]["life"]["word"] == "removed"
    assert "2026-09-24" in rows["sora"]["life"]["about"]
    assert rows["vidu"]["life"]["state"] == "current"
    assert rows["mingmou"]["life"] is None
    assert rows["kling"]["models"].startswith("Kling-3.0, ")
    assert rows["kling"]["allModels"].startswith("Kling-3.0 · superseded, ")


def test_the_picker_of_a_comparison_says_it_too(open_page: Open) -> None:
    options = open_page("compare").selectbox[0].options
    assert "Sora · sora-2 · removed" in options
    assert "Vidu · Vidu-q3-pro" in options


def test_a_removed_model_offers_the_idea_elsewhere(monkeypatch: pytest.MonkeyPatch, open_page: Open) -> None:
    monkeypatch.setattr(gateway, "_get_check", lambda: None)
    app = open_page("sora")
    widget(app, "text_area", "Prompt").set_value("A fox in the snow").run()
    app = press(app, r"Try it with Vidu\: Vidu\-q3\-pro")  # the first that no newer one has replaced
    assert app.session_state["vidu/prompt"] == "A fox in the snow"
    assert app.session_state["vidu/cell"][1:] == ("Vidu-q3-pro", Mode.TEXT)


@pytest.mark.parametrize(
    ("family", "model", "what", "code", "stage", "said"),
    [
        ("sora", "sora-2", "The channel is closed.", "", Stage.SENDING, True),
        ("sora", "sora-2", "The upstream failed.", "", Stage.GENERATING, True),
        ("sora", "sora-2", "The prompt was refused.", "", Stage.REVIEW, False),
        ("hailuo", "Hailuo-2.3", "No such model.", "model_not_found", Stage.SENDING, True),
        ("hailuo", "Hailuo-2.3", "The size is wrong.", "invalid_size", Stage.SENDING, False),
        ("vidu", "Vidu-q3-pro", "No such model.", "model_not_found", Stage.SENDING, False),
        ("mingmou", "Mingmou-1.0", "No such model.", "model_not_found", Stage.SENDING, False),
    ],
)
def test_a_failure_names_the_likely_reason(
    monkeypatch: pytest.MonkeyPatch,
    open_page: Open,
    services: Services,
    family: str,
    model: str,
    what: str,
    code: str,
    stage: Stage,
    said: bool,
) -> None:
    monkeypatch.setattr(gateway, "_get_check", lambda: None)
    run = fail(services, family, model, what, code, stage)
    try:
        app = open_page(family, run=run.id)
        buttons = [button for button in app.button if button.key == f"elsewhere-{run.id}"]
        assert len(buttons) == said
        if said:
            assert "A likely reason:" in texts(app)
            app = buttons[0].click().run()
            others = {cell.family for cell in CATALOG.list_alive(Mode.TEXT)} - {family}
            kept = [app.session_state[f"{other}/prompt"] for other in others if f"{other}/prompt" in app.session_state]
            assert run.request.prompt in kept
    finally:
        services.store.runs.delete(run.id)


def test_a_failure_of_a_listed_model_is_not_laid_on_its_vendor(
    monkeypatch: pytest.MonkeyPatch, open_page: Open, services: Services
) -> None:
    offer(monkeypatch, "sora-2")
    run = fail(services, "sora", "sora-2", "The upstream failed.", "", Stage.GENERATING)
    try:
        assert "A likely reason:" not in texts(open_page("sora", run=run.id))
    finally:
        services.store.runs.delete(run.id)


def test_a_lane_has_the_badge_of_its_model(open_page: Open) -> None:
    app = open_page("compare")
    app.selectbox[0].set_value("Sora · sora-2 · removed").run()
    assert ":red-badge[:material/block: removed]" in texts(app)


def test_what_the_gateway_lists_is_offered_first(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, "Hailuo-2.3")
    found = life.find_elsewhere(CATALOG, "sora", Mode.TEXT)
    assert found is not None
    assert found.model.id == "Hailuo-2.3"
    combined = life.find_elsewhere(CATALOG, "grok", Mode.FIRST_FRAME_REFERENCES)
    assert combined is not None
    assert combined.mode is Mode.TEXT
