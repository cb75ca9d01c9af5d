"""Which of many examples run every time: those that bring something new. The others are `thorough`.

Many that take less time than the start of a test are one test: it names the example that fails.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest
from _pytest.mark import ParameterSet

T = TypeVar("T")


def covering(values: Iterable[T], *kinds: Callable[[T], Hashable]) -> list[T]:
    """The values that are the first of their kind, in any of these ways to tell kinds apart."""
    seen: set[tuple[int, Hashable]] = set()
    found = []
    for value in values:
        new = {(number, kind(value)) for number, kind in enumerate(kinds)} - seen
        if new:
            seen |= new
            found.append(value)
    return found


def first_of_each(values: Iterable[T], *kinds: Callable[[T], Hashable]) -> list[ParameterSet]:
    """Parameters of a test: one of each kind in every run, all of them with `--all`."""
    every = list(values)
    soon = {id(value) for value in covering(every, *kinds)}
    return [pytest.param(value, marks=() if id(value) in soon else pytest.mark.thorough) for value in every]


@contextmanager
def speaking_of(example: str) -> Iterator[None]:
    """Name one of many examples of a test where it fails."""
    try:
        yield
    except Exception as error:
        error.add_note(f"This is the example {example}.")
        raise
