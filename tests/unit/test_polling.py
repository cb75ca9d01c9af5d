"""No file of settings is looked at again and again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.watcher import polling_path_watcher
from streamlit.watcher.polling_path_watcher import PollingPathWatcher

from components.server import polling


class Threads:
    """Keeps what it is to run."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def submit(self, task: Callable[[], None]) -> None:
        self.waiting.append(task)


def test_a_file_that_is_watched_already_is_looked_at_once_more(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    threads = Threads()
    monkeypatch.setattr(PollingPathWatcher, "_executor", threads)
    monkeypatch.setattr(PollingPathWatcher, "_schedule", PollingPathWatcher._schedule)  # as it was, afterwards
    monkeypatch.setattr(polling_path_watcher, "_POLLING_PERIOD_SECS", 0)
    PollingPathWatcher(str(tmp_path / "config.toml"), lambda _: None, allow_nonexistent=True)
    threads.waiting.pop()()
    assert threads.waiting, "Streamlit looks once by itself now: the module can go"
    polling.stop()
    threads.waiting.pop()()
    PollingPathWatcher(str(tmp_path / "other.toml"), lambda _: None, allow_nonexistent=True)
    assert threads.waiting == []
