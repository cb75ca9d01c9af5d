"""Builds what the player needs of a comparison, as plain JSON: its clips and the view of them. Draws nothing.

The Compare page, the exported page and the Present page all use it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dailies.compare.export import list_finished
from dailies.compare.nouns import Comparison
from dailies.domain import Run


def build_spec(
    comparison: Comparison,
    runs: Mapping[str, Run],
    address: Callable[[str], str],
    *,
    mode: str = "full",
    times: Callable[[str], Sequence[float] | None] = lambda _: None,
) -> dict[str, Any]:
    """Build the player's spec of a comparison. Lanes without a finished clip are left out.

    `runs` by id. `address` gives the address of a file of the store (clip or poster); `times` gives the start of each
    frame of a clip's file in seconds, None where unknown. `mode`: `full`, `present` or `vote`; the latter two start
    with the names hidden, and a spec for voting contains no names.
    """
    clips = [
        {
            "id": each.lane.id,
            "name": "" if mode == "vote" else each.lane.name,
            "letter": each.letter,
            "src": address(each.clip.played),
            "poster": address(each.clip.poster) if each.clip.poster else "",
            "seconds": each.clip.seconds,
            "width": each.clip.width,
            "height": each.clip.height,
            "frameRate": each.clip.frame_rate,
            "times": None if (known := times(each.clip.played)) is None else list(known),
            "sound": bool(each.clip.audio_codec),
            "offset": each.lane.offset,
            "note": "",
        }
        for each in list_finished(comparison, runs)
    ]
    return {"clips": clips, "view": _build_view(comparison, clips, mode), "mode": mode}


def _build_view(comparison: Comparison, clips: Sequence[Mapping[str, Any]], mode: str) -> dict[str, Any]:
    view = comparison.view
    there = [clip["id"] for clip in clips]
    pair = [lane for lane in view.pair if lane in there]
    # Where a clip of the pair is gone, or none was chosen, the first clips take its place.
    pair = (pair + [lane for lane in there if lane not in pair])[:2]
    audible = {clip["id"] for clip in clips if clip["sound"]}
    return {
        "arrangement": view.arrangement.value,
        "pair": pair,
        "heard": view.heard if view.heard in audible else "",
        "unequal": view.unequal.value,
        "speed": view.speed,
        "loop": view.loop,
        "names": view.names and mode == "full",
    }
