"""What a page says when the library cannot be read or written: one sentence and *Try again*, and the form is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import streamlit as st

from components.words import escape
from dailies.errors import DailiesError, StoreError

_P = ParamSpec("_P")
_R = TypeVar("_R")


@contextmanager
def contain(place: str) -> Iterator[None]:
    """Draw what is inside; if the library cannot be used, say so instead and end the run of the script.

    A run that is ended so drops no widget: the next one shows the form as it was. `place` is unlike any other's.
    """
    try:
        yield
    except StoreError as error:
        stop(error, "The library cannot be used now", place)


def stop(error: DailiesError, title: str, place: str) -> None:
    """Draw the sentence of an error with *Try again*, and end the run of the script."""
    st.error(escape(str(error)), title=title, icon=":material/error:")
    st.button("Try again", icon=":material/refresh:", key=f"try-again/{place}")
    st.stop()


_at_end: list[Callable[[], None]] = []
_WHOLE = "session/whole run"


@dataclass(slots=True)
class _WholeRun:
    """Whether the whole page is drawn now. A plain object: Streamlit may interrupt a look into the session."""

    under_way: bool = False


def at_end(act: Callable[[], None]) -> None:
    """Have something done whenever what a run of the script draws has been drawn whole: the page, or a fragment."""
    _at_end.append(act)


@contextmanager
def draw_whole() -> Iterator[None]:
    """Draw the whole page inside. What its fragments have drawn is shown when all of the page is."""
    run: _WholeRun = st.session_state.setdefault(_WHOLE, _WholeRun())
    run.under_way = True
    try:
        yield
        _end()
    finally:
        run.under_way = False


def draws_whole() -> bool:
    """Whether the whole page is drawn now, and not a fragment of it alone."""
    run: _WholeRun | None = st.session_state.get(_WHOLE)
    return run is not None and run.under_way


def _end() -> None:
    for act in _at_end:
        act()


def fragment(draw: Callable[_P, _R]) -> Callable[_P, _R]:
    """`st.fragment` whose reruns are contained: they do not pass the entry script."""
    return named_fragment(None)(draw)


def named_fragment(name: str | None) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """A `fragment` that is found on its page by a name."""

    def decorate(draw: Callable[_P, _R]) -> Callable[_P, _R]:
        @st.fragment(key=name)
        @wraps(draw)
        def contained(*arguments: _P.args, **named: _P.kwargs) -> _R:
            with contain(f"{draw.__module__}.{draw.__qualname__}"):
                drawn = draw(*arguments, **named)
                if not draws_whole():
                    _end()
                return drawn
            raise AssertionError("`contain` has ended the run")

        return contained

    return decorate


def guard(callback: Callable[..., Any]) -> Callable[..., None]:
    """A callback that says so where the library could not be used. Nothing was stored then."""

    def guarded(*arguments: Any, **named: Any) -> None:
        try:
            callback(*arguments, **named)
        except StoreError as error:
            tell("Nothing was stored.", error)

    return guarded


def tell(what: str, error: StoreError) -> None:
    """Say beside the page what was not done, and why, until the person takes it away."""
    st.toast(f"{what} {escape(str(error))}", icon=":material/error:", duration="infinite")
