"""Settings: a key goes into memory and nowhere else."""

from __future__ import annotations

from dailies.services import Services
from tests.pages.conftest import Open, texts, widget


def test_a_key_is_kept_in_memory_and_shown_nowhere(open_page: Open, services: Services) -> None:
    key = "sk-very-secret-1234567890"
    app = open_page("settings")
    app.radio[0].set_value("another address").run()
    widget(app, "text_input", "Base URL").set_value("http://127.0.0.1:9")
    widget(app, "text_input", "Key").set_value(key)
    next(button for button in app.button if button.label == "Use this gateway").click().run()
    assert not app.exception
    assert key not in texts(app)
    assert key not in repr(app.session_state)
    assert "127.0.0.1:9" in texts(app)
