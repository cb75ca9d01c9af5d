"""A finished comparison with clips of its own, put into a store without a gateway."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from dailies.compare.nouns import Comparison, Idea, Lane
from dailies.domain import Clip
from dailies.store import Store
from tests.conformance.samples import write_picture, write_video


def add_comparison(
    store: Store, title: str, names: Sequence[str], *, owner: str = "", criteria: Sequence[str] = ()
) -> Comparison:
    """Store a lane for each name, with a clip under a file whose name tells nothing."""
    lanes = []
    for number, name in enumerate(names):
        file, poster = f"{secrets.token_hex(16)}.mp4", f"{secrets.token_hex(16)}.png"
        write_video(store.files.clips / file)
        write_picture(store.files.clips / poster)
        size = (store.files.clips / file).stat().st_size
        clip = Clip(file, poster, size, 4.0, 1280, 720, 24.0, "h264", "")
        lanes.append(Lane(f"lane{number}", title=name, clip=clip))
    now, idea = datetime.now(UTC), Idea(prompt="A paper boat in the rain")
    made = Comparison(secrets.token_hex(8), owner, now, now, title, idea, tuple(lanes), criteria=tuple(criteria))
    return store.comparisons.add(made)


def remove_comparison(store: Store, comparison: Comparison) -> None:
    store.comparisons.delete(comparison.id)
    for lane in comparison.lanes:
        if lane.clip is not None:
            for file in (lane.clip.file, lane.clip.poster):
                Path(store.files.clips / file).unlink()
