"""Turns of the threads of this process: the worker and the browser's socket wait for no drawing.

A thread of Python that waits for its turn gets it after 5 milliseconds, and loses it again at each look into the
database and at each message to a browser. Sending a run while a page was drawn took many such waits.
"""

from __future__ import annotations

import sys

TURN = 0.001
"""Seconds after which a thread that computes lets another go on."""


def install() -> None:
    """Have threads of this process take short turns from now on."""
    sys.setswitchinterval(TURN)
