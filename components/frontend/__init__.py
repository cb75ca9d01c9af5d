"""Our own frameless components: Python wrappers around the scripts and styles in this folder. No build step.

The data of a component are plain values and tuples. Streamlit looks into lists and dicts for tables, and loads pandas
for it, which takes longer than the first page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import streamlit as st

from components.address import base_path
from components.session import services
from dailies.domain import Clip
from dailies.people import Person

_HERE = Path(__file__).parent


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


_LIVE = st.components.v2.component("dailies_live", js=_text("live.js"))
_DRAFT = st.components.v2.component(
    "dailies_draft",
    html='<div class="length"></div>',
    css=".length { font-size: 0.8rem; color: var(--st-gray-text-color); }"
    ".length.over { color: var(--st-red-text-color); }",
    js=_text("draft.js"),
)
_CLIP = st.components.v2.component(
    "dailies_clip",
    html='<div class="dailies-clip"></div><button type="button" class="dailies-pick" '
    'title="The frame that the player shows now becomes the first frame of the next clip.">'
    "Continue from this frame</button>",
    css=_text("clip.css"),
    js=_text("clip.js"),
    isolate_styles=False,
)
_PROGRESS = st.components.v2.component(
    "dailies_progress",
    html=(
        '<div class="bar" role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="100">'
        '<div class="fill"></div></div><div class="text"></div>'
    ),
    css=_text("progress.css"),
    js=_text("progress.js"),
)
_PASTE = st.components.v2.component(
    "dailies_paste",
    html="<div>Pictures, videos and sounds can be pasted anywhere on this page.</div>"
    '<div class="said" role="status"></div>',
    css="div { font-size: 0.8rem; color: var(--st-gray-text-color); } .said { color: var(--st-red-text-color); }",
    js=_text("paste.js"),
)
_ORDER = st.components.v2.component(
    "dailies_order",
    html='<div class="dailies-order">Drag one to another place, or use its arrows. '
    '<span class="said" role="status"></span></div>',
    css=_text("order.css"),
    js=_text("order.js"),
    isolate_styles=False,
)
_MATRIX = st.components.v2.component(
    "dailies_matrix", html='<div class="frame"></div>', css=_text("matrix.css"), js=_text("matrix.js")
)

_ANNOUNCE = st.components.v2.component(
    "dailies_announce",
    html='<div class="said" role="status" aria-live="polite"></div>',
    css=".said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }",
    js=_text("announce.js"),
)
_WALL = st.components.v2.component(
    "dailies_wall", html='<div class="wall"></div>', css=_text("wall.css"), js=_text("wall.js")
)

_SHELF = st.components.v2.component(
    "dailies_shelf",
    html='<div class="shelf"><div class="bar" role="toolbar" aria-label="What is picked" hidden></div>'
    '<div class="grid" role="list"></div></div>',
    css=_text("shelf.css"),
    js=_text("shelf.js"),
)

_SIDEBAR = st.components.v2.component(
    "dailies_sidebar",
    html=_text("sidebar.html"),
    css=_text("sidebar.css"),
    js=_text("away.js") + _text("press.js") + _text("pages.js") + _text("sidebar.js"),
    isolate_styles=False,
)

# Both stand in a dialog, whose trap for the Tab key does not look into what is isolated.
_LINEAGE = st.components.v2.component(
    "dailies_lineage",
    html='<div class="lineage"></div>',
    css=_text("lineage.css"),
    js=_text("lineage.js"),
    isolate_styles=False,
)
_STRIP = st.components.v2.component(
    "dailies_strip",
    html='<div class="strip"></div>',
    css=_text("strip.css"),
    js=_text("strip.js"),
    isolate_styles=False,
)


def _nothing() -> None:
    """Do nothing. Streamlit keeps a component's state only if a callback is given."""


class Watched(Protocol):
    """Anything that a page can follow: it has an id, and a revision that grows with every change."""

    @property
    def id(self) -> str: ...

    @property
    def revision(self) -> int: ...


def listen(watched: Sequence[Watched], *, since: int, every: bool = False, key: str, pace: int = 0) -> None:
    """Rerun the surrounding fragment when one of these items changes; with `every`, when anything changes.

    `since` is the store's revision before anything on the fragment was read. `pace`: at least so many milliseconds
    between two reruns.
    """
    data = {
        "runs": tuple(item.id for item in watched),
        "since": since,
        "checks": services().worker.feed.checks,
        "all": every,
        "pace": pace,
        "path": f"{base_path()}/live",
    }
    _LIVE(key=key, data=data, on_changed_change=_nothing)


def _name_class(key: str) -> str:
    """The class that Streamlit gives to what has this key."""
    return f"st-key-{re.sub(r'[^a-zA-Z0-9_-]', '-', key)}"


def keep_prompt(field: str, form: str, most: int | None) -> None:
    """Send what is typed into a text area to the server while it is typed, and count it against the limit `most`.

    `field` is the widget's key.
    """
    data = {
        "field": _name_class(field),
        "path": f"{base_path()}/drafts/{form}",
        "most": most,
    }
    _DRAFT(key=f"{field}/kept", data=data)


def take_pastes(*, key: str) -> None:
    """Say that files can be pasted anywhere on the page, and put pasted ones into the first upload field for them."""
    _PASTE(key=key, data={})


def order_by_drag(cards: Sequence[tuple[str, str, str]], on_move: Callable[[str, int, int], None], *, key: str) -> None:
    """Let cards be dragged to another place among each other; each is the key of its container, an id and a name.

    `on_move` is given the id of a card, its place and the one that it was dragged to, before the run that follows.
    """

    def moved() -> None:
        told = st.session_state[key].moved
        if told:
            on_move(str(told["id"]), int(told["from"]), int(told["to"]))

    data = tuple({"className": _name_class(card), "id": own, "name": name} for card, own, name in cards)
    _ORDER(key=key, data={"cards": data}, on_moved_change=moved)


def draw_clip(
    clip: Clip, address: str, poster: str, label: str, name: str, *, eager: bool, play: bool, key: str
) -> Any:
    """Draw the inline player with its poster, and a button that saves the frame on show as a PNG file.

    `name` begins the file's name. `eager` loads the clip at once, `play` starts it muted. Returns what the browser said
    was shown, in seconds, in the script run after a frame was picked; else None.
    """
    data = {
        "src": address,
        "poster": poster,
        "width": clip.width,
        "height": clip.height,
        "label": label,
        "name": name,
        "eager": eager,
        "play": play,
    }
    return _CLIP(key=key, data=data, on_frame_change=_nothing).frame


def draw_progress(stage: str, elapsed: float, usual: float | None, percent: int | None, *, key: str) -> None:
    """Draw a stage in words, the elapsed against the usual seconds, and the gateway's percentage if it gives one."""
    _PROGRESS(key=key, data={"stage": stage, "elapsed": elapsed, "usual": usual, "percent": percent})


def draw_matrix(columns: Sequence[str], rows: Sequence[dict[str, Any]], *, key: str) -> dict[str, Any] | None:
    """Draw the support matrix; return `{"family", "mode"}` in the script run after a cell was chosen, else None."""
    result = _MATRIX(key=key, data={"columns": tuple(columns), "rows": tuple(rows)}, on_chosen_change=_nothing)
    chosen: dict[str, Any] | None = result.chosen
    return chosen


def announce(runs: Sequence[dict[str, Any]], *, key: str) -> None:
    """Say what becomes of runs: to screen readers, in the tab's title, and by bringing a new one's card into view.

    Each is `{"id", "state", "words", "ended"}`, newest first.
    """
    _ANNOUNCE(key=key, data={"runs": tuple(runs)})


def draw_wall(takes: Sequence[dict[str, Any]], *, key: str, on_open: Callable[[str], None] | None = None) -> str | None:
    """Draw takes as pictures; return the id of one in the script run after it was chosen, else None.

    `on_open` is given that id before the run, like the callback of a button.
    """

    def opened() -> None:
        chosen = st.session_state[key].opened
        if on_open and chosen:
            on_open(str(chosen))

    chosen: str | None = _WALL(key=key, data={"takes": tuple(takes)}, on_opened_change=opened).opened
    return chosen


def draw_shelf(tiles: Sequence[dict[str, Any]], size: int, *, deleted: bool, key: str) -> dict[str, Any] | None:
    """Draw the library's grid, its tiles at least `size` pixels wide.

    Returns `{"do": action, "runs": [id, ...]}` in the script run after an action was chosen, else None.
    """
    data = {"tiles": tuple(tiles), "size": size, "deleted": deleted, "present": f"{base_path()}/present"}
    result = _SHELF(key=key, data=data, on_act_change=_nothing)
    act: dict[str, Any] | None = result.act
    return act


def draw_sidebar(pages: Sequence[Mapping[str, str]], current: str, person: Person) -> dict[str, Any] | None:
    """Draw the sidebar: who is signed in, the search for a model, the choice of theme, and the list of pages.

    Its scripts also watch over the whole page: that the server is there, and that a double click stays on one button.
    `pages`: of each its "section" (empty: not listed), "name" in the address, "title", "icon", and what it is "about";
    `current` is the name of the one on show. `person` is shown where people sign in. Returns
    `{"family", "model", "mode"}` in the script run after a model was chosen, else None; the mode may be empty.
    """
    listed = tuple({**page, "address": f"{base_path()}/{page['name']}"} for page in pages)
    data = {
        "path": base_path(),
        "pages": listed,
        "current": f"{base_path()}/{current}",
        "person": person.title if person.id else "",
        "mail": person.email,
    }
    drawn = _SIDEBAR(key="sidebar", data=data, on_chosen_change=_nothing, on_left_change=st.logout)
    chosen: dict[str, Any] | None = drawn.chosen
    return chosen


def draw_lineage(nodes: Sequence[dict[str, str]], current: str, *, key: str) -> str:
    """Draw a tree of runs, `current` marked; return the id in the script run after another was chosen, else nothing."""
    result = _LINEAGE(key=key, data={"nodes": tuple(nodes), "current": current}, on_chosen_change=_nothing)
    return str(result.chosen or "")


def draw_strip(shots: Sequence[dict[str, str]], *, key: str) -> None:
    """Draw a chain of clips that plays in its order in place; each is `{"id", "clip", "poster", "label", "words"}`."""
    _STRIP(key=key, data={"shots": tuple(shots)})
