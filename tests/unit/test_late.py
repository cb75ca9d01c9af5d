"""Parts of a page that was left are not drawn, and a session that has drawn nothing draws the whole page."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequestType

from components.press import MADE
from components.server import late

OLD, NEW = "hash-of-the-old-page", "hash-of-the-new-page"


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> late.Requests:
    """The queue of a session whose scripts have just drawn the new page."""
    monkeypatch.setattr(late, "get_script_run_ctx", lambda: SimpleNamespace(page_script_hash=NEW))
    return late.Requests()


def test_a_part_of_the_page_that_was_left_is_not_drawn(requests: late.Requests) -> None:
    requests.request_rerun(RerunData(page_script_hash=OLD, fragment_id="card"))
    assert requests.on_scriptrunner_ready().type is ScriptRequestType.STOP


def test_a_part_of_the_page_that_is_shown_is_drawn(requests: late.Requests) -> None:
    requests.request_rerun(RerunData(page_script_hash=NEW, fragment_id="card"))
    assert requests.on_scriptrunner_ready().rerun_data.fragment_id_queue == ["card"]


def test_a_whole_page_is_drawn_whatever_is_shown(requests: late.Requests) -> None:
    requests.request_rerun(RerunData(page_script_hash=OLD))
    assert requests.on_scriptrunner_ready().rerun_data.page_script_hash == OLD


def test_a_part_asked_for_after_another_page_does_not_lead_back(requests: late.Requests) -> None:
    requests.request_rerun(RerunData(page_script_hash=NEW, page_name="new", query_string="q=1"))
    requests.request_rerun(RerunData(page_script_hash=OLD, page_name="old", query_string="q=2", fragment_id="card"))
    asked = requests.on_scriptrunner_ready().rerun_data
    assert (asked.page_script_hash, asked.page_name, asked.query_string) == (NEW, "new", "q=1")
    assert asked.fragment_id_queue == []


def test_the_first_request_of_a_thread_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late, "get_script_run_ctx", lambda: SimpleNamespace(page_script_hash=""))
    requests = late.Requests()
    requests.request_rerun(RerunData(page_script_hash=OLD, fragment_id="card"))
    assert requests.on_scriptrunner_ready().rerun_data.fragment_id_queue == ["card"]


@pytest.mark.parametrize(
    ("widget", "shown", "drawn"),
    [
        ("$$ID-1-sora/press", True, ["cards", "generate"]),
        ("$$ID-1-sora/press", False, ["generate"]),
        ("$$ID-1-sora/takes", True, ["generate"]),
    ],
)
def test_a_press_draws_first_what_it_has_made(
    monkeypatch: pytest.MonkeyPatch, widget: str, shown: bool, drawn: list[str]
) -> None:
    """In one run: the part that holds the button comes after the part with the cards, on pages that have one."""
    fragments = MemoryFragmentStorage()
    if shown:
        fragments.register("cards", lambda: None, target_key=MADE)
    context = SimpleNamespace(page_script_hash=NEW, fragment_storage=fragments)
    monkeypatch.setattr(late, "get_script_run_ctx", lambda: context)
    states = WidgetStates(widgets=[WidgetState(id=widget, trigger_value=True)])
    requests = late.Requests()
    requests.request_rerun(RerunData(page_script_hash=NEW, fragment_id="generate", widget_states=states))
    assert requests.on_scriptrunner_ready().rerun_data.fragment_id_queue == drawn


@pytest.mark.parametrize(("drawn", "asked"), [(True, "card"), (False, "")])
def test_a_session_that_has_drawn_nothing_draws_the_whole_page(
    monkeypatch: pytest.MonkeyPatch, drawn: bool, asked: str
) -> None:
    """A restart, or a session that has ended: the browser shows a page and goes on from there."""
    taken: list[ClientState] = []
    monkeypatch.setattr(AppSession, "request_rerun", lambda _, state: taken.append(state))
    monkeypatch.setattr(late.Session, "__init__", lambda _: None)
    monkeypatch.setattr(late.Session, "__del__", lambda _: None)
    session = late.Session()  # type: ignore[call-arg]
    session._fragment_storage = MemoryFragmentStorage()
    if drawn:
        session._fragment_storage.register("card", lambda: None)
    browser = ClientState(page_script_hash=OLD, query_string="c=1", fragment_id="card")
    session.request_rerun(browser)
    assert taken == [ClientState(page_script_hash=OLD, query_string="c=1", fragment_id=asked)]
