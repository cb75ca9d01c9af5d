"""Nothing looks whether Streamlit's settings have changed.

Streamlit 1.67 reads the state of each file that may hold settings five times a second, whether it exists or not: an
eighth of what the app does while nothing changes on fifty pages. Settings are read at the start, and there is no
setting for this one.
"""

from __future__ import annotations

from streamlit.watcher.polling_path_watcher import PollingPathWatcher


def stop() -> None:
    """Have each such look that is under way be the last of its file."""
    PollingPathWatcher._schedule = lambda self: None  # type: ignore[method-assign]
