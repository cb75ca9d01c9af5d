"""What the player is told of a comparison, as plain JSON: its clips and how they are looked at. Draws nothing.

The one place that makes this record: the compare page, the exported page and the Present page all ask here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dailies.compare.export import shown
from dailies.compare.nouns import Comparison
from dailies.domain import Run


def player_spec(
    comparison: Comparison,
    runs: Mapping[str, Run],
    address: Callable[[str], str],
    *,
    mode: str = "full",
    times: Callable[[str], Sequence[float] | None] = lambda _: None,
) -> dict[str, Any]:
    """The player's record of a comparison. Lanes without a finished clip are left out.

    `runs` by id; `address` gives where a file of the store (clip or poster) is fetched from, `times` the start of each
    frame of a clip's file in seconds, or None where that is not known. `mode`: `full`, `present` or `vote`; in the
    latter two the view begins with the names hidden, and a spec for voting holds no names at all.
    """
    clips = [
        {
            "id": each.lane.id,
            "name": "" if mode == "vote" else each.lane.name,
            "letter": each.letter,
            "src": address(each.clip.file),
            "poster": address(each.clip.poster) if each.clip.poster else "",
            "seconds": each.clip.seconds,
            "width": each.clip.width,
            "height": each.clip.height,
            "frameRate": each.clip.frame_rate,
            "times": None if (known := times(each.clip.file)) is None else list(known),
            "sound": bool(each.clip.audio_codec),
            "offset": each.lane.offset,
            "note": "",
        }
        for each in shown(comparison, runs)
    ]
    return {"clips": clips, "view": _view(comparison, clips, mode), "mode": mode}


def _view(comparison: Comparison, clips: Sequence[Mapping[str, Any]], mode: str) -> dict[str, Any]:
    view = comparison.view
    there = [clip["id"] for clip in clips]
    pair = [lane for lane in view.pair if lane in there]
    # A pair of which one clip is gone, or that was never chosen, is the first two that are there.
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
