"""The Library page: search, filters and order in the address, and a page of the grid that follows changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import streamlit as st

from components import faults, session
from components.frontend import draw_shelf, listen
from components.heading import draw_heading
from components.library import address, several
from components.library.filters import draw_filters
from components.library.opened import draw_opened
from components.library.taking_in import draw_import, draw_taken
from components.library.tiles import make_tiles
from components.words import count
from dailies.library import Page, Sort, View
from dailies.store.library import LAST
from dailies.work.housekeeping import UNDO

_PER_PAGE = 60
_PACE = 1500  # milliseconds between two redraws at least, however many runs are under way
_ORDERS = {
    Sort.NEWEST: "Newest first",
    Sort.OLDEST: "Oldest first",
    Sort.LONGEST: "Longest first",
    Sort.SHORTEST: "Shortest first",
    Sort.DEAREST: "Most expensive first",
    Sort.CHEAPEST: "Cheapest first",
    Sort.SLOWEST: "Longest wait first",
    Sort.FASTEST: "Shortest wait first",
}
_DELETED = "library/deleted"  # the runs that were deleted last, which *Undo* brings back


def draw_library() -> None:
    """Draw the page."""
    draw_heading("Library")
    _draw_body()


@faults.fragment
def _draw_body() -> None:
    """Draw the search, the filters and the grid. A search draws nothing else anew."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        address.show("library/search", address.read("q"))
        st.text_input(
            "Search",
            placeholder="Prompt, model, tag, note or task id",
            key="library/search",
            width=250,
            max_chars=200,
            on_change=address.follow("q", "library/search", lambda value: session.read_text("library/search")),
        )
        _draw_choice("State", "state", {name: words for name, (words, _) in address.GROUPS.items()})
        address.show("library/sort", address.read_view(None).sort)
        st.selectbox(
            "Order",
            list(_ORDERS),
            key="library/sort",
            width=165,
            format_func=lambda sort: _ORDERS[sort],
            on_change=address.follow("sort", "library/sort", lambda value: "" if value is Sort.NEWEST else str(value)),
        )
        draw_filters()
        draw_import()
    draw_taken()
    for sentence in _list_warnings(session.owner()):
        st.warning(sentence, icon=":material/auto_delete:")
    _draw_page(address.read_view(st.context.timezone_offset))


@st.cache_data(ttl=600, max_entries=200, show_spinner=False)
def _list_warnings(owner: str) -> Sequence[str]:
    """Say which clips of `owner`, the person, will soon go; ten minutes old at most."""
    return session.services().warn_of_sweep()


def _draw_choice(
    title: str,
    name: str,
    words: dict[str, str],
    default: str = "",
    *,
    label: Literal["visible", "collapsed"] = "visible",
) -> None:
    key = f"library/{name}"
    found = address.read(name)
    address.show(key, found if found in words else default or None)
    st.segmented_control(
        title,
        list(words),
        key=key,
        format_func=lambda each: words[each],
        wrap=True,
        required=bool(default),
        label_visibility=label,
        on_change=address.follow(name, key, lambda value: "" if value in (None, default) else str(value)),
    )


@faults.fragment
def _draw_page(view: View) -> None:
    store = session.services().store
    since = store.revision()
    after, before = address.read("after"), address.read("before")
    page = store.library.find(view, limit=_PER_PAGE, after=after, before=before)
    newest = view.sort is Sort.NEWEST and not after and not before
    listen([_Followed(item.run) for item in page.items], since=since, every=newest, key="library/live", pace=_PACE)
    _draw_undo()
    if not page.items:
        _draw_empty(view)
        return
    _draw_pager(page, view)
    size = address.SIZES.get(address.read("size"), address.SIZES["m"])[1]
    act = draw_shelf(make_tiles(page.items, view.sort), size, deleted=view.deleted, key="library/shelf")
    if page.before or page.after:
        _draw_turns(page, "below")
    if act and act["do"] != "open" and view.person not in ("", session.owner()):
        st.toast("Another person's runs are to be looked at only.", icon=":material/info:")
    elif act:
        _carry_out(act)
    if not several.draw_asked():
        draw_opened()


class _Followed:
    """A run as `listen` knows it."""

    def __init__(self, run: str) -> None:
        self.id = run
        self.revision = 0


def _draw_pager(page: Page, view: View) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        different = f", {_PER_PAGE} a page" if page.before or page.after else ""
        words = count(page.total, "deleted run" if view.deleted else "run")
        st.markdown(f":small[{words}{different}]", width="content")
        if page.before or page.after:
            _draw_turns(page, "above")
        st.space("stretch")
        _draw_choice(
            "Size", "size", {name: words for name, (words, _) in address.SIZES.items()}, "m", label="collapsed"
        )
    if view.deleted:
        st.caption(f"Clips of deleted runs stay for {UNDO.days} days; those in a comparison stay with it.")


def _draw_turns(page: Page, where: str) -> None:
    turns: Sequence[tuple[str, str, str, Callable[[], None], bool]] = (
        ("First", "first_page", "first", lambda: address.go_to("", ""), bool(page.before)),
        (
            "Previous",
            "chevron_left",
            "previous",
            lambda: address.go_to("before", page.before),
            bool(page.before),
        ),
        ("Next", "chevron_right", "next", lambda: address.go_to("after", page.after), bool(page.after)),
        ("Last", "last_page", "last", lambda: address.go_to("before", LAST), bool(page.after)),
    )
    with st.container(horizontal=True, width="content"):
        for title, icon, name, turn, possible in turns:
            st.button(
                title,
                icon=f":material/{icon}:",
                key=f"library/{name}/{where}",
                type="tertiary",
                disabled=not possible,
                on_click=turn,
            )


def _draw_empty(view: View) -> None:
    if view != View(sort=view.sort):
        st.info("No run matches. Change the search or the filters.", icon=":material/search_off:")
    else:
        st.info(
            "There is no run yet. Open a model's page and press Generate, or import a ZIP.", icon=":material/movie:"
        )


def _draw_undo() -> None:
    gone: Sequence[str] = st.session_state.get(_DELETED, ())
    if not gone:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/delete: {count(len(gone), 'run')} deleted.", width="content")
        st.button("Undo", icon=":material/undo:", key="library/undo", on_click=faults.guard(_undo), args=(gone,))


def _undo(runs: Sequence[str]) -> None:
    session.services().store.library.restore(runs)
    st.session_state[_DELETED] = ()


# --- what is done with runs --------------------------------------------------------------------------------------


def _carry_out(act: dict[str, Any]) -> None:
    """Carry out what was chosen in the grid."""
    library, runs = session.services().store.library, [str(run) for run in act["runs"]]
    name = act["do"]
    if name == "open":
        address.write("run", runs[0])
    elif name in ("tag", "collect", "download", "film"):
        several.ask(name, runs)
    elif name == "compare":
        several.compare(runs)
    else:
        if name in ("star", "unstar"):
            library.star(runs, name == "star")
        elif name == "restore":
            library.restore(runs)
        elif name == "delete":
            _delete(runs)
        st.rerun(scope="fragment")


def _delete(runs: Sequence[str]) -> None:
    gone = session.services().store.library.delete(runs, session.services().now())
    st.session_state[_DELETED] = gone
    if len(gone) < len(runs):
        st.toast(f"{count(len(runs) - len(gone), 'run')} under way: not deleted.", icon=":material/info:")
