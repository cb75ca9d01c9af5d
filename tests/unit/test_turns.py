"""Threads of the server take short turns."""

from __future__ import annotations

import sys

import pytest

from components.server import turns


def test_threads_take_short_turns() -> None:
    before = sys.getswitchinterval()
    try:
        turns.install()
        assert sys.getswitchinterval() == pytest.approx(turns.TURN)
    finally:
        sys.setswitchinterval(before)
