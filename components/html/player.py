"""The synchronised player: one text of script and style for a component, an exported page and a bare page.

Does not know comparisons: it takes a spec as plain data and reports the view that the person chose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent.parent / "frontend" / "player"
_PARTS = ("elements", "time", "layout", "silence", "drift", "clock", "keys", "stage", "gestures", "controls", "player")


@cache
def player_script() -> str:
    """A classic script that defines one function: `dailiesPlayer(root, spec, tell)`, which returns a handle.

    It loads nothing and asks nobody, so it works in a page opened from disk; it holds no closing script tag.
    """
    parts = "\n".join(_text(f"{name}.js") for name in _PARTS)
    return f"const dailiesPlayer = (() => {{\n{parts}\nreturn dailiesPlayer\n}})()\n"


@cache
def player_style() -> str:
    """The player's style sheet; every rule is bound to `.dailies-player`."""
    return _text("player.css")


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


_PLAYER = st.components.v2.component(
    "dailies_player",
    html='<div class="player"></div>',
    css=player_style(),
    js=player_script() + _text("component.js"),
)


def _nothing() -> None:
    """A component's state exists only where a callback is given."""


def player(spec: Mapping[str, Any], *, key: str, on_change: Callable[[], None] | None = None) -> dict[str, Any] | None:
    """Draw the player; a rerun with the same clips never interrupts what plays.

    `spec` is `{"clips": [{"id", "letter", "name", "src", "poster", "seconds", "width", "height", "frameRate",
    "times", "sound", "offset", "note"}], "view": {...}, "mode": "full" | "vote" | "present"}`, times in seconds.
    Returns the view last chosen in this player (None: nothing was changed): `{"arrangement", "pair", "heard",
    "unequal", "speed", "loop", "names", "offsets"}`, where `offsets` are seconds by clip id. `on_change` is called
    before the rerun after a change; there the view is `st.session_state[key].view`.
    """
    # In a tuple, into which Streamlit does not look for tables: it would load pandas for that.
    result = _PLAYER(key=key, data=(dict(spec),), on_view_change=on_change or _nothing)
    view: dict[str, Any] | None = result.view
    return view
