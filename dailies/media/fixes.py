"""What would bring a reference inside the limits of its slot: the words for a button, and the work itself.

A fix makes another file; the original stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dailies.domain import MediaLimits, Reference
from dailies.media import pictures
from dailies.media.pictures import Made, Way
from dailies.text import begin, join_and
from dailies.vocabulary import MediaKind


@dataclass(frozen=True, slots=True)
class Fix:
    """One thing that would make a reference acceptable. `ways`: how its shape can be changed, if it must be."""

    title: str
    apply: Callable[[bytes], Made]
    ways: tuple[Way, ...] = ()


def fix_for(reference: Reference, limits: MediaLimits, way: Way = Way.MIDDLE) -> Fix | None:
    """Return the one change that brings a file inside the limits; None if it is inside, or nothing helps.

    Its `apply` raises `MediaError` if the file cannot be changed after all.
    """
    if not reference.digest:
        return None
    if reference.kind is MediaKind.IMAGE:
        return _fix_picture(reference, limits, way)
    from dailies.media import trim  # PyAV: a form that holds no film does not wait for it

    make = trim.fit_film if reference.kind is MediaKind.VIDEO else trim.fit_sound
    plan = trim.plan(reference, limits)
    return Fix(plan.title, lambda data: make(data, reference, plan)) if plan else None


def _fix_picture(reference: Reference, limits: MediaLimits, way: Way) -> Fix | None:
    if not reference.width or not reference.height:
        return None
    if limits.min_side and min(reference.width, reference.height) < limits.min_side:
        return None
    low, high = pictures.ratios(limits)
    wrong_shape = not low <= reference.width / reference.height <= high
    wrong_type = limits.types and reference.media_type not in limits.types
    too_long = limits.max_side and max(reference.width, reference.height) > limits.max_side
    too_heavy = limits.max_bytes and reference.size > limits.max_bytes
    names = [
        name
        for name, needed in (
            ("pad" if way is Way.PAD else "crop", wrong_shape),
            ("convert", wrong_type),
            ("shrink", too_long or too_heavy),
        )
        if needed
    ]
    if not names:
        return None
    title = begin(join_and(names))
    return Fix(title, lambda data: pictures.fit(data, limits, way), tuple(Way) if wrong_shape else ())
