"""Two searches that Streamlit 1.67 makes once, and that find nothing here. There is no setting for either.

- As it starts it reads the metadata of every package that is installed, for components that some of them bring: an
  eighth of a second. Ours are all made by `components.frontend`.
- With the first element it looks through the source of every module, to find out whether somebody typed it at a
  prompt: a sixteenth of a second, while somebody waits for the first page.
"""

from __future__ import annotations

from streamlit import delta_generator
from streamlit.components.v2.component_manager import BidiComponentManager


def _find_none(self: BidiComponentManager, *, start_file_watching: bool = True) -> None:
    """Find nothing."""


def leave_out() -> None:
    """Have Streamlit make neither."""
    BidiComponentManager.discover_and_register_components = _find_none  # type: ignore[method-assign]
    delta_generator._use_warning_has_been_displayed = True
