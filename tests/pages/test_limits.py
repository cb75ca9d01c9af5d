"""The operator's limits on the pages where most clips are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from dailies.cli import main
from dailies.domain import Clip
from dailies.money import Money
from dailies.services import Services
from dailies.settings import Spending
from dailies.vocabulary import RunState
from tests.pages.conftest import Open, plain, press, texts, widget
from tests.pages.test_compare_page import add

PRICES = 'currency = "USD"\nsource = "a list"\nchecked = 2026-03-01\n[[prices]]\nmodel = "*"\nper_clip = 0.60\n'


@pytest.fixture
def limit(services: Services, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """`limit(max_cost=…)`: the limits of the installation for one test, with a price of 0.60 USD for every clip."""
    before = services.settings.spending
    path = tmp_path / "prices.toml"
    path.write_text(PRICES)

    def set_limits(**limits: float) -> None:
        amounts = {name: Decimal(str(value)) for name, value in limits.items()}
        services.settings.spending = Spending(path, **amounts)  # type: ignore[arg-type]

    yield set_limits
    services.settings.spending = before


def test_the_price_stands_beside_generate(open_page: Open, limit: Callable[..., None], services: Services) -> None:
    assert "The sandbox is free" in texts(open_page("sora"))
    limit()
    assert "0.60 USD · price checked 2026-03-01" in texts(open_page("sora"))


def test_a_cap_binds_on_a_familys_page(open_page: Open, limit: Callable[..., None], services: Services) -> None:
    limit(max_cost=0.01)
    app = open_page("sora")
    widget(app, "text_area", "Prompt").set_value("A clip over the cap")
    app = press(app, "Generate")
    assert "0.60 USD" in plain(app.error[0].value)
    assert "DAILIES_MAX_COST" in plain(app.error[0].value)
    assert services.store.runs.count(search="A clip over the cap") == 0


def test_a_cap_binds_on_send_again(open_page: Open, limit: Callable[..., None], services: Services) -> None:
    app = open_page("sora")
    widget(app, "text_area", "Prompt").set_value("Sent before there was a cap")
    press(app, "Generate")
    (run,) = services.store.runs.list("", search="Sent before there was a cap")
    services.worker.act(run.id, lambda found: replace(found, state=RunState.FAILED, due=None))
    limit(max_cost=0.01)
    app = press(open_page("sora", run=run.id), "Send again")
    assert any("DAILIES_MAX_COST" in plain(error.value) for error in app.error)
    assert services.store.runs.count(search="Sent before there was a cap") == 1


def test_what_has_to_be_confirmed_is_sent_after_the_tick(
    open_page: Open, limit: Callable[..., None], services: Services
) -> None:
    limit(confirm_cost=0.10)
    app = open_page("sora")
    widget(app, "text_area", "Prompt").set_value("A clip that is confirmed")
    app = press(app, "Generate")
    assert "wants to be confirmed" in plain(app.error[0].value)
    assert services.store.runs.count(search="A clip that is confirmed") == 0
    app.checkbox[0].check()
    press(app, "Generate")
    (run,) = services.store.runs.list("", search="A clip that is confirmed")
    assert run.estimate == Money(Decimal("0.6"), "USD")


def test_a_cap_binds_on_compare(open_page: Open, limit: Callable[..., None], services: Services) -> None:
    limit(max_cost=0.01)
    app = open_page("compare")
    add(app, "veo_3_1", "Kling-3.0")
    widget(app, "text_area", "Prompt").set_value("Lanes over the cap")
    app.run()
    assert "1.20 USD" in texts(app)
    assert "DAILIES_MAX_COST" in texts(app)
    next(button for button in app.button if button.label.startswith("Generate")).click().run()
    assert services.store.runs.count(search="Lanes over the cap") == 0


def test_a_cap_binds_on_going_on_from_a_clip(open_page: Open, limit: Callable[..., None], services: Services) -> None:
    app = open_page("veo")
    widget(app, "text_area", "Prompt").set_value("Made before there was a cap")
    press(app, "Generate")
    (run,) = services.store.runs.list("", search="Made before there was a cap")
    clip = Clip("gone.mp4", "gone.jpg", 1_400_000, 8.0, 1280, 720, 24.0, "h264", "")
    services.worker.act(run.id, lambda found: replace(found, state=RunState.DONE, due=None, task="t-1", clip=clip))
    services.store.files.clip_path(clip.file).touch()
    limit(max_cost=0.01)
    app = open_page("veo", run=run.id)
    next(button for button in app.button if button.key == f"remix-{run.id}").click().run()
    next(box for box in app.text_area if box.key == "veo/remix/prompt").set_value("Gone on over the cap")
    next(button for button in app.button if button.key == "veo/remix/press").click().run()
    assert "DAILIES_MAX_COST" in app.session_state["session/presses"]["veo/remix"].outcome.problems[0].what
    assert services.store.runs.count(search="Gone on over the cap") == 0


def test_a_cap_binds_on_the_command_line(
    services: Services, limit: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    limit(max_cost=0.01)
    monkeypatch.setattr(services, "close", lambda: None)  # others use them after this command
    clip = tmp_path / "clip.mp4"
    done = CliRunner().invoke(main, ["generate", "sora-2", "--prompt", "Over the cap", "-o", str(clip)])
    assert done.exit_code == 1
    assert "Not sent." in done.stderr
    assert "DAILIES_MAX_COST" in done.stderr
    assert services.store.runs.count(search="Over the cap") == 0
    assert not clip.exists()
