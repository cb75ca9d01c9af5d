"""A store whose every text is hostile, for walks over the pages. The texts are cleaned, as they are on the way in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from dailies.catalog.load import load
from dailies.compare.nouns import Comparison, Idea, Lane, Outcome, Vote
from dailies.domain import Clip, Failure, Request
from dailies.gateway import asset_life
from dailies.gateway.assets import AssetState
from dailies.request import wire
from dailies.store import Store
from dailies.text import clean
from dailies.vocabulary import MediaKind, Mode, RunState, Stage
from dailies.work.life import create_run
from tests.pages.conftest import png

TRACKER = "http://127.0.0.1:9/track"
SHORT = clean(
    f"=1+1 ![pic]({TRACKER}) [link]({TRACKER}) :red[red] :material_bolt: :material/bolt: :smile: :streamlit: $x^2$ "
    f"**bold** `code` <img src={TRACKER}> </script><script>document.title='owned'</script> {TRACKER} <{TRACKER}> "
    "www.track.example me@track.example \\ & &lt; \ud83d \u202e"
)
LONG = clean(
    f"# head {SHORT}\n\n# head\n- item\n1. one\n> quote\n\n    block\n\n| a | b |\n| - | - |\n| c | d |\n{'x' * 3000}"
)
SIGNS = (
    *("![pic", "](http", ":red[red", ":material_bolt:", ":material/bolt:", ":smile:", ":streamlit:", "$x^2$", "**bold"),
    *("`code", "<img", "<script", "://127", "<http", "www.track", "me@track", "\n# head", "\n- item", "\n1. one"),
    *("\n> quote", "\n| a"),
)
"""What no Markdown on a page may hold."""

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
CLIP = Clip("gone.mp4", "gone.jpg", 1_400_000, 5.0, 1280, 720, 24.0, "h264", "")
FAMILY = "mingmou"


def fill(store: Store, gateway: str = TRACKER.removesuffix("/track"), now: datetime = NOW) -> str:
    """Add a run in every state, assets of every state, a comparison and its votes. Returns the comparison's id."""
    generic = next(family for family in load().families.values() if family.generic)
    places = ((load().families[FAMILY], ""), (generic, SHORT))
    store.files.clip_path(CLIP.poster).write_bytes(png())
    store.files.clip_path(CLIP.file).touch()
    runs = []
    for number, state in enumerate(RunState):
        for family, model in places:
            entry = family.entries[0]
            cell = family.cell(model or family.models[entry.id][0].id, Mode.TEXT)
            assert cell is not None
            request = Request(family.id, entry.id, cell.model.id, Mode.TEXT, LONG, {}, {}, {LONG: LONG})
            run = create_run(request, wire.encode(request, cell), cell.route, gateway, now)
            asked = replace(request, source=SHORT)
            changes: dict[str, Any] = {"due": None, "sent": now, "task": SHORT, "word": SHORT, "note": LONG}
            changes |= {"state": state, "link": TRACKER, "request": asked, "raw": LONG}
            if state is RunState.DONE:
                changes["clip"] = CLIP
            elif not state.open and state is not RunState.UNATTENDED:
                changes["failure"] = Failure(
                    (Stage.SENDING, Stage.REVIEW, Stage.GENERATING)[number % 3], LONG, LONG, LONG, SHORT
                )
            runs.append(store.runs.add(replace(run, **changes)))
    for state in AssetState:
        made = asset_life.create_asset(gateway, SHORT, MediaKind.IMAGE, f"{TRACKER}?{SHORT}", SHORT, now)
        store.assets.add(replace(made, state=state, due=None, asset_id=SHORT, word=SHORT, error=LONG, fix=LONG))
        grouped = asset_life.create_group(gateway, SHORT, LONG, now)
        store.assets.add(replace(grouped, state=state, due=None, group_id=f"{state} {SHORT}", error=LONG, fix=LONG))
    lanes = [
        Lane(f"lane{number}", run.request.family, "", run.request.model, run=run.id, announced=(f"{SHORT}: {LONG}",))
        for number, run in enumerate(runs[-6:])
    ]
    lanes += [Lane("kept", title=SHORT, clip=CLIP, tags=(SHORT,), comment=LONG, refused=LONG)]
    lanes += [Lane("other", title=f"b {SHORT}", clip=CLIP, stars=3)]
    idea = Idea(Mode.TEXT, LONG)
    comparison = Comparison("hostile", "", now, now, SHORT, idea, tuple(lanes), criteria=(SHORT,), notes=LONG)
    store.comparisons.add(comparison)
    vote = Vote("", "hostile", SHORT, "kept", "other", SHORT, f"b {SHORT}", SHORT, now, Outcome.LEFT)
    store.comparisons.ask([replace(vote, id="vote-1"), replace(vote, id="vote-2", outcome=Outcome.RIGHT)])
    return comparison.id


def empty(store: Store, gateway: str) -> None:
    """Take away what `fill` has added."""
    comparison = store.comparisons.get("hostile")
    assert comparison is not None
    store.comparisons.delete(comparison.id)
    for run in store.runs.list(search="head", limit=1000):
        if run.task == SHORT:
            store.runs.delete(run.id)
    for item in (*store.assets.list(gateway, ""), *store.assets.groups(gateway, "")):
        store.assets.forget(item)
