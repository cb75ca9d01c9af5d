"""Several shots in one film: the rules of `multi_prompt`, which Kling's two bodies share."""

from __future__ import annotations

from typing import Any

from sandbox.body import Fields
from sandbox.order import Shot
from sandbox.refusal import invalid

MOST = 6
PROMPT_MOST = 512


def read_shots(items: list[Any], where: str, seconds: int) -> tuple[Shot, ...]:
    """Read 1 to 6 shots, numbered from 1, whose lengths add up to the film's."""
    if not 1 <= len(items) <= MOST:
        raise invalid(where, f"{len(items)} shots; allowed: 1-{MOST}")
    shots = []
    for number, item in enumerate(items):
        at = f"{where}[{number}]"
        if not isinstance(item, dict):
            raise invalid(at, "must be an object")
        reader = Fields(item, at)
        if reader.whole("index") != number + 1:
            raise invalid(f"{at}.index", f"shots are numbered from 1; expected {number + 1}")
        prompt = reader.required("prompt")
        if len(prompt) > PROMPT_MOST:
            raise invalid(f"{at}.prompt", f"{len(prompt)} characters; allowed: at most {PROMPT_MOST}")
        length = reader.whole("duration")
        if length is None or length < 1:
            raise invalid(f"{at}.duration", "each shot takes at least 1 s")
        reader.finish()
        shots.append(Shot(prompt, length))
    total = sum(shot.seconds for shot in shots)
    if total != seconds:
        raise invalid(where, f"the shots add up to {total} s, but the film has {seconds} s")
    return tuple(shots)
