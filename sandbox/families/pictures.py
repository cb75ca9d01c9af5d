"""Pictures whose number says what they mean, shared by the families that carry them all in one field."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.order import Role, Source
from sandbox.refusal import invalid

FRAME_ROLES: tuple[Role, Role] = ("first_frame", "last_frame")
MODES = ("text", "first_frame", "first_last")


def assign_roles(given: list[str | bytes], name: str, *, limit: int) -> tuple[Source, ...]:
    """One picture is the first frame, two are first and last, more are references."""
    if len(given) > limit:
        raise invalid(name, f"{len(given)} images; allowed: at most {limit}")
    if len(given) > 2:
        return tuple(Source("reference", "image", name, at) for at in given)
    return tuple(Source(role, "image", name, at) for role, at in zip(FRAME_ROLES, given, strict=False))


def choose_mode(sources: Sequence[Source]) -> str:
    """The mode that pictures read by `by_count` make."""
    return MODES[len(sources)] if len(sources) < len(MODES) else "references"
