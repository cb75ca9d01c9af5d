"""The picture of the app in the browser's tab."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from pathlib import Path

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.PageConfig_pb2 import PageConfig
from streamlit.runtime.scriptrunner import get_script_run_ctx

_FILE = Path(__file__).parent / "frontend" / "icon.png"


def draw_icon() -> None:
    """Have the tab show our picture, as `st.set_page_config(page_icon=...)` would.

    That one loads NumPy for any picture, which takes a tenth of a second at the first page.
    """
    if context := get_script_run_ctx():
        said = ForwardMsg()
        said.page_config_changed.favicon = _read_icon()
        # Left out, they would be the first of their kind: a narrow page.
        said.page_config_changed.layout = PageConfig.LAYOUT_UNSET
        said.page_config_changed.initial_sidebar_state = PageConfig.SIDEBAR_UNSET
        context.enqueue(said)


@cache
def _read_icon() -> str:
    # A picture of our own: the browser would fetch a Material icon from elsewhere. In the page itself, for the page
    # that asks for sign-in can fetch no file.
    return f"data:image/png;base64,{b64encode(_FILE.read_bytes()).decode()}"
