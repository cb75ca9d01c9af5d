"""Part of a page is drawn only where the rest of that page stands.

- A page that was left draws nothing more. Until a browser hears of the page that it asked for, or is led to, whatever
  it asks for still names the old page: a live card's next drawing, a menu pressed a moment too late. Streamlit 1.67
  runs that after the new page, under the name of the old one, and the browser then clears the new page and shows
  nothing.
- A session that has drawn nothing draws the whole page. After a restart of the server, or a night's sleep of the
  browser's machine, the browser goes on with what it shows and asks a new session for parts which that session does
  not know. Streamlit skips them, and the page stands still for good.

- A press draws what it has made. The button stands in one part of a page, and the cards in another; Streamlit draws
  the one that holds the button, or, asked by its callback, others in a second run, which costs a browser more.

There is no setting for any of these, so a session, and the queue of what it asks for, are ours.
"""

from __future__ import annotations

from dataclasses import replace

from streamlit.errors import StreamlitAPIException
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime import websocket_session_manager
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.fragment import FragmentStorage
from streamlit.runtime.scriptrunner import get_script_run_ctx, script_runner
from streamlit.runtime.scriptrunner_utils.script_requests import (
    RerunData,
    ScriptRequest,
    ScriptRequests,
    ScriptRequestType,
)

from components.press import MADE, is_press


class Requests(ScriptRequests):
    """Streamlit's queue, without requests for parts of a page that was left."""

    def request_rerun(self, new_data: RerunData) -> bool:
        """Take a request. A part of the old page, asked for after another page, leads nobody back to the old one."""
        with self._lock:
            waiting = self._rerun_data
            whole = self._state is ScriptRequestType.RERUN and not waiting.fragment_id_queue
            if whole and new_data.fragment_id:
                new_data = replace(
                    new_data,
                    page_script_hash=waiting.page_script_hash,
                    page_name=waiting.page_name,
                    query_string=waiting.query_string,
                )
            return self._request_rerun_locked(new_data)

    def on_scriptrunner_ready(self) -> ScriptRequest:
        """The next request, asked for by the thread that runs the session's scripts; STOP if there is none."""
        request = super().on_scriptrunner_ready()
        if request.type is not ScriptRequestType.RERUN:
            return request
        context, asked = get_script_run_ctx(), request.rerun_data
        here = context.page_script_hash if context else ""
        if asked.fragment_id_queue and here and asked.page_script_hash not in ("", here):
            return self.on_scriptrunner_ready()  # nothing waits behind it
        if context and asked.fragment_id_queue and _is_pressed(asked):
            return replace(request, _rerun_data=_add_made(asked, context.fragment_storage))
        return request


def _is_pressed(asked: RerunData) -> bool:
    widgets = asked.widget_states.widgets if asked.widget_states else ()
    return any(widget.trigger_value and is_press(widget.id) for widget in widgets)


def _add_made(asked: RerunData, fragments: FragmentStorage) -> RerunData:
    """Have what the press makes drawn too, and first, if the page shows it somewhere."""
    try:
        made = fragments.resolve_target(MADE)
    except StreamlitAPIException:
        return asked
    return replace(asked, fragment_id_queue=list(dict.fromkeys((*made, *asked.fragment_id_queue))))


class Session(AppSession):
    """Streamlit's session, which draws a page that it does not know as a whole."""

    def request_rerun(self, client_state: ClientState | None) -> None:
        """Take what the browser asks for. All of its widgets' values come with it, whatever part it is for."""
        if client_state and client_state.fragment_id and not self._fragment_storage.registration_sequence():
            whole = ClientState()
            whole.CopyFrom(client_state)
            whole.ClearField("fragment_id")
            client_state = whole
        super().request_rerun(client_state)


def install() -> None:
    """Have every session that begins from now on be ours, and use our queue."""
    websocket_session_manager.AppSession = Session  # type: ignore[attr-defined]
    script_runner.ScriptRequests = Requests  # type: ignore[attr-defined]
