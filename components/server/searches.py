"""No component of another package is looked for.

At its start Streamlit 1.67 reads the metadata of every package that is installed, in search of components that some of
them bring: an eighth of a second. Ours are all made by `components.frontend`. There is no setting for it.
"""

from __future__ import annotations

from streamlit.components.v2.component_manager import BidiComponentManager


def _find_none(self: BidiComponentManager, *, start_file_watching: bool = True) -> None:
    """Find nothing."""


def install() -> None:
    """Have Streamlit look for none."""
    BidiComponentManager.discover_and_register_components = _find_none  # type: ignore[method-assign]
