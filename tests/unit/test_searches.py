"""What Streamlit would look for in vain: these tests fail when it no longer does, and the module can go."""

from __future__ import annotations

import inspect

from streamlit import delta_generator, env_util
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.runtime.runtime import Runtime

from components.server import searches


def test_no_package_is_searched_for_components(monkeypatch):
    monkeypatch.setattr(
        BidiComponentManager,
        "discover_and_register_components",
        BidiComponentManager.discover_and_register_components,  # as it was, afterwards
    )
    assert "discover_and_register_components()" in inspect.getsource(Runtime), "Streamlit looks for none by itself now"
    searches.leave_out()
    BidiComponentManager.discover_and_register_components(None, start_file_watching=True)


def test_no_source_is_searched_for_a_prompt(monkeypatch):
    asked: list[bool] = []
    monkeypatch.setattr(env_util, "is_repl", lambda: asked.append(True))
    monkeypatch.setattr(delta_generator, "_use_warning_has_been_displayed", False)
    delta_generator._maybe_print_use_warning()
    assert asked, "Streamlit does not ask any more"
    monkeypatch.setattr(delta_generator, "_use_warning_has_been_displayed", False)
    searches.leave_out()
    delta_generator._maybe_print_use_warning()
    assert len(asked) == 1
