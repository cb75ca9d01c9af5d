"""Settings: a key goes into memory and nowhere else."""

from __future__ import annotations

import threading

from dailies.gateways import SANDBOX
from dailies.services import Services
from tests.pages.conftest import TIMEOUT, Open, press, texts, widget


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


def test_the_check_of_the_gateway_runs_in_the_background_and_ends_as_a_table(
    open_page: Open, services: Services
) -> None:
    told = threading.Event()
    unsubscribe = services.worker.feed.subscribe(lambda ids, _: told.set() if "gateway" in ids else None)
    try:
        app = press(open_page("settings"), "Check this gateway")
        assert not app.exception
        while services.examinations.latest(SANDBOX, "")[0] is None:
            assert told.wait(timeout=TIMEOUT)
            told.clear()
    finally:
        unsubscribe()
    said = texts(app.run())
    assert not app.exception
    assert "Nothing keeps this gateway from working." in said
    assert "This is the sandbox of dailies. It renders clips from the request, at no cost." in said
