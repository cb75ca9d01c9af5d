"""A key with a mark on it, followed through whole runs: it leaves in one header and is found nowhere else.

tests/browser/test_key_marker.py follows it from the field in which it is typed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dailies.domain import Run
from dailies.services import Services
from tests.pages.conftest import Open, press, texts, widget
from tests.unit.echoing import KEY, MARK, echoing

Wait = Callable[[Callable[[], bool]], None]


def protos(node: Any) -> str:
    """Everything of a page that goes to the browser."""
    own = str(node.proto) if getattr(node, "proto", None) is not None else ""
    return own + "".join(protos(child) for child in getattr(node, "children", {}).values())


def generate(app: AppTest, services: Services, wait: Wait, prompt: str) -> Run:
    """Send a prompt and wait for the end of its run; the page shows its details and its request afterwards."""
    widget(app, "text_area", "Prompt").set_value(prompt).run()
    press(app, "Generate")
    store = services.store.runs
    wait(lambda: not any(run.state.open for run in store.list(search=prompt)))
    (run,) = store.list(search=prompt)
    app.session_state[f"details-{run.id}"] = True
    app.session_state["sora/wire"] = True
    app.run()
    assert not app.exception
    return run


def test_a_key_is_in_the_header_and_nowhere_else(
    open_page: Open, services: Services, tmp_path: Path, caplog: pytest.LogCaptureFixture, wait: Wait
) -> None:
    caplog.set_level(logging.DEBUG)
    shown = []
    with echoing(tmp_path) as gateway:
        app = open_page("settings")
        app.radio(key="settings/gateway").set_value("another address").run()
        widget(app, "text_input", "Base URL").set_value(gateway.url)
        widget(app, "text_input", "Key").set_value(KEY)
        press(app, "Use this gateway")
        assert "Forget my key" in [button.label for button in app.button]
        shown.append(protos(app._tree))
        app.switch_page("../pages/sora.py").run()
        refused = generate(app, services, wait, "A prompt with a key behind it")
        assert "[key]" in texts(app)
        assert "[key]" in refused.raw
        shown.append(protos(app._tree))
        done = generate(app, services, wait, "A clip with a key behind it")
        assert done.clip is not None
        assert "[key]" in done.raw
        assert "stands for the key" in protos(app._tree)
        shown.append(protos(app._tree))
        for page in ("library", "settings"):
            app.switch_page(f"../pages/{page}.py").run()
            shown.append(protos(app._tree))
        calls = gateway.seen
    creates = [seen.headers["authorization"] for seen in calls if (seen.method, seen.path) == ("POST", "/v1/videos")]
    assert creates == [f"Bearer {KEY}"] * 2
    for seen in calls:
        rest = {name: value for name, value in seen.headers.items() if name != "authorization"}
        assert MARK not in f"{rest}{seen.body!r}{seen.path}"
    home = [path for path in services.settings.home.rglob("*") if path.is_file()]
    kept = b"".join(path.read_bytes() for path in home)
    assert b"A prompt with a key behind it" in kept
    assert MARK.encode() not in kept
    assert MARK not in "".join(shown) + caplog.text
    state = app.session_state._state._state  # past the lock, to the store itself
    assert MARK not in f"{state._old_state}{state._new_session_state}"
