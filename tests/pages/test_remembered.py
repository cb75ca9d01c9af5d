"""What a browser finds again after a restart: its form, and that its key is gone. Nobody else's key pays instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dailies import services as module
from dailies.services import Services
from dailies.settings import Settings
from tests.pages.conftest import TIMEOUT, Open, plain, press, texts, widget

GATEWAY = "http://127.0.0.1:9"
OPERATOR, ANN = "sk-the-operators-0001", "sk-anns-own-key-0002"


@pytest.fixture
def restart(services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Services]]:
    """`restart()`: services anew on one home, which pages use from then on. Their worker sends nothing."""
    opened: list[Services] = []

    def again() -> Services:
        for before in opened:
            before.store.close()
        opened.append(Services(Settings(tmp_path, base_url=GATEWAY, api_key=OPERATOR)))
        monkeypatch.setattr(module, "_services", opened[-1])
        return opened[-1]

    yield again
    opened[-1].store.close()


def test_a_restart_loses_nothing_but_the_key(open_page: Open, restart: Callable[[], Services]) -> None:
    restart()
    app = open_page("settings")
    browser = app.session_state["session/no cookie"]
    widget(app, "text_input", "Your key (optional)").set_value(ANN)
    press(app, "Use this gateway")
    app.switch_page("../pages/sora.py").run()
    assert "is no longer in this server's memory" not in texts(app)
    widget(app, "text_area", "Prompt").set_value("A prompt that nobody sent").run()

    services = restart()
    app = AppTest.from_file("../../components/shell.py", default_timeout=TIMEOUT)
    app.session_state["session/no cookie"] = browser
    app.switch_page("../pages/sora.py").run()
    assert widget(app, "text_area", "Prompt").value == "A prompt that nobody sent"
    gone = "your key for 127.0.0.1:9 is no longer in this server's memory"
    assert gone in plain(texts(app))
    press(app, "Generate")
    assert gone in plain(app.error[0].value)
    assert services.store.runs.count() == 0


def draw_the_form_alone() -> None:
    import streamlit as st

    from components import session
    from components.form import composer
    from dailies.people import Browser
    from dailies.vocabulary import Mode

    session.begin()
    st.session_state["drawn"] = drawn = st.session_state.get("drawn", 0) + 1
    if drawn == 2:  # this tab has read what is chosen
        session.services().store.browsers.save(Browser(session.browser_id(), "another"), session.services().now())
    family = session.family_of("sora")
    composer._draw_sending(family, family.cell("sora-2", Mode.TEXT))


def test_a_form_that_is_drawn_alone_looks_for_what_another_tab_has_chosen(
    restart: Callable[[], Services],
) -> None:
    restart()
    app = AppTest.from_function(draw_the_form_alone, default_timeout=TIMEOUT).run()
    assert app.session_state["drawn"] == 1
    assert app.run().session_state["drawn"] == 3
    assert not app.exception


def enter_while_a_run_goes_on() -> None:
    import streamlit as st

    from components import session

    session.enter("left")
    session.enter("entered")
    first = session.entrance()
    session.enter("entered again")  # by the run that replaces this one
    session.leave_entrance(first)
    st.session_state["fills"] = session.entrance() is not None
    session.leave_entrance(session.entrance())
    st.session_state["fills again"] = session.entrance() is not None


def test_a_run_that_was_replaced_fills_no_form_for_the_one_that_replaces_it(restart: Callable[[], Services]) -> None:
    restart()
    app = AppTest.from_function(enter_while_a_run_goes_on, default_timeout=TIMEOUT).run()
    assert not app.exception
    assert (app.session_state["fills"], app.session_state["fills again"]) == (True, False)
