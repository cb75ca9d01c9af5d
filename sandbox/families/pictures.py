"""Pictures in one field whose number decides their roles, as several families send them."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.order import Role, Source
from sandbox.refusal import invalid

FRAME_ROLES: tuple[Role, Role] = ("first_frame", "last_frame")
MODES = ("text", "first_frame", "first_last")


def assign_roles(given: list[str | bytes], name: str, *, limit: int | None = None) -> tuple[Source, ...]:
    """Assign roles: one picture is the first frame, two are first and last, more are references."""
    if limit is not None and len(given) > limit:
        raise invalid(name, f"{len(given)} images; allowed: at most {limit}")
    if len(given) > 2:
        return tuple(Source("reference", "image", name, at) for at in given)
    return tuple(Source(role, "image", name, at) for role, at in zip(FRAME_ROLES, given, strict=False))


def choose_mode(sources: Sequence[Source]) -> str:
    """Return the mode of pictures from `assign_roles`."""
    return MODES[len(sources)] if len(sources) < len(MODES) else "references"
