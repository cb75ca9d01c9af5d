"""Earlier prompts: searched, starred, and put into the form without losing what stood there."""

from __future__ import annotations

from datetime import UTC, datetime

from dailies.services import Services
from tests.pages.conftest import FAMILY, MakeRun, Open, plain, press, texts, widget


def test_a_prompt_is_found_starred_and_put_into_the_form(
    make_run: MakeRun, open_page: Open, services: Services
) -> None:
    make_run("A **lighthouse** {red|blue} :smile:", datetime.now(UTC), "http://127.0.0.1:9")
    app = open_page(FAMILY)
    widget(app, "text_area", "Prompt").set_value("What I have just typed").run()
    app.session_state[f"{FAMILY}/prompts"] = True
    app = app.run()
    widget(app, "text_input", "Search your prompts").set_value("lighth").run()
    app = press(app, "☆")
    assert services.store.prompts.starred("") == ["A **lighthouse** {red|blue} :smile:"]
    own = next(button for button in app.button if "lighthouse" in button.label)
    assert plain(own.label) == "A **lighthouse** {red|blue} :smile:"
    app = own.click().run()
    assert widget(app, "text_area", "Prompt").value == r"A **lighthouse** \{red|blue} :smile:"
    app = press(app, "Bring back the earlier form")
    assert widget(app, "text_area", "Prompt").value == "What I have just typed"
    services.store.prompts.unstar("", "A **lighthouse** {red|blue} :smile:")


def test_an_empty_history_invites(open_page: Open) -> None:
    app = open_page(FAMILY, mode="text")
    app.session_state[f"{FAMILY}/prompts"] = True
    app.session_state[f"{FAMILY}/prompts/search"] = "qqqq <b>"
    app = app.run()
    assert "None of your prompts has these words." in texts(app)
    assert any("paper boat" in button.label for button in app.button)
