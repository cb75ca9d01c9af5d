"""A comparison as data to hand on: one JSON document, one CSV table, and which of its lanes have a clip to show.

Pure. Never says a key, a credential, a hosted address or the query of a link. Bytes and pages are made elsewhere.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dailies.compare.fairness import Sheet, sheet
from dailies.compare.nouns import LETTERS, Comparison, Lane, Outcome, Vote
from dailies.compare.ratings import counted
from dailies.compare.values import shareable, without_query
from dailies.domain import Clip, Reference, Request, Run
from dailies.media.delivered import delivered, ratio

FORMAT, VERSION = "dailies comparison", 1
"""What the JSON document says of itself; a change of meaning is a new version."""

_SECRET = re.compile(r"(^|[^a-z])key$|apikey|token|secret|password|authori[sz]ation|credential|cookie", re.IGNORECASE)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Shown:
    """A lane with a finished clip, and the letter that stands for it where names are hidden."""

    letter: str
    lane: Lane
    clip: Clip

    @property
    def file(self) -> str:
        """The clip's file name for people: letter, name, and the ending of its kind."""
        name = re.sub(r"[^\w.-]+", "-", self.lane.name).strip("-.")[:60]
        return f"{self.letter}-{name or 'clip'}{self.clip.suffix}"


def shown(comparison: Comparison, runs: Mapping[str, Run]) -> tuple[Shown, ...]:
    """The lanes that have a finished clip, in order; `runs` by id. A letter belongs to a lane's place among all."""
    found = []
    for letter, lane in zip(LETTERS, comparison.lanes, strict=False):
        run = runs.get(lane.run)
        clip = (run.clip if run else None) or lane.clip
        if clip is not None:
            found.append(Shown(letter, lane, clip))
    return tuple(found)


# --- JSON --------------------------------------------------------------------------------------------------------


def as_json(comparison: Comparison, runs: Mapping[str, Run], votes: Iterable[Vote]) -> str:
    """The whole comparison as an indented JSON document: idea, lanes, requests, clips, votes in sum, fairness."""
    idea, view = comparison.idea, comparison.view
    document = {
        "format": FORMAT,
        "version": VERSION,
        "comparison": {
            "id": comparison.id,
            "title": comparison.title,
            "created": comparison.created.isoformat(),
            "updated": comparison.updated.isoformat(),
            "notes": comparison.notes,
            "criteria": comparison.criteria,
            "parent": comparison.parent,
            "idea": {
                "mode": idea.mode,
                "prompt": idea.prompt,
                "values": _shareable(idea.values),
                "references": {slot: [_reference(r) for r in held] for slot, held in idea.references.items()},
            },
            "view": asdict(view),
        },
        "lanes": [_lane(comparison, lane, runs) for lane in comparison.lanes],
        "votes": _votes(comparison, votes),
        "fairness": _fairness(sheet(comparison, runs)),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _lane(comparison: Comparison, lane: Lane, runs: Mapping[str, Run]) -> dict[str, Any]:
    run = runs.get(lane.run)
    mine = next((each for each in shown(comparison, runs) if each.lane.id == lane.id), None)
    failure = run.failure if run else None
    return {
        "id": lane.id,
        "letter": LETTERS[comparison.lanes.index(lane)],
        "name": lane.name,
        "family": lane.family,
        "entry": lane.entry,
        "model": lane.model,
        "title": lane.title,
        "overrides": _shareable(lane.overrides),
        "announced": [shareable(words) for words in lane.said],
        "refused": shareable(lane.refused),
        "offset": lane.offset,
        "state": _state(lane, run),
        "gateway": _gateway(run),
        "sent": run.sent.isoformat() if run and run.sent else None,
        "finished": run.finished.isoformat() if run and run.finished else None,
        "failure": _shareable(asdict(failure)) if failure else None,
        "request": _request(run.request) if run else None,
        "clip": _clip(mine) if mine else None,
        "differences": _differences(run, mine),
        "stars": lane.stars or None,
        "tags": lane.tags,
        "comment": lane.comment,
    }


def _request(request: Request) -> dict[str, Any]:
    return {
        "model": request.model,
        "sent_as": request.sent_as,
        "mode": request.mode,
        "prompt": request.prompt,
        "values": _shareable(request.values),
        "references": {slot: [_reference(r) for r in held] for slot, held in request.references.items()},
        "metadata": _shareable(request.metadata),
    }


def _reference(reference: Reference) -> dict[str, Any]:
    """What a reference is, without the address under which it was hosted."""
    way = "link" if reference.url else "asset" if reference.asset else "file"
    return {
        "name": without_query(reference.url) if reference.url else reference.name,
        "given_as": way,
        "kind": reference.kind,
        "sha256": reference.digest,
        "media_type": reference.media_type,
        "size": reference.size,
        "width": reference.width,
        "height": reference.height,
        "seconds": reference.seconds,
        "done": reference.done,
    }


def _clip(each: Shown) -> dict[str, Any]:
    measured = asdict(each.clip)
    del measured["poster"]
    return measured | {"file": each.file, "ratio": ratio(each.clip.width, each.clip.height)}


def _votes(comparison: Comparison, votes: Iterable[Vote]) -> list[dict[str, Any]]:
    """The counted votes, by criterion and pair; the lane that stands earlier in the comparison is `one`."""
    place = {lane.id: number for number, lane in enumerate(comparison.lanes)}
    sums: dict[tuple[str, str, str], Counter[str]] = {}
    for vote in counted(votes):
        if vote.left not in place or vote.right not in place:
            continue
        straight = place[vote.left] < place[vote.right]
        one, two = (vote.left, vote.right) if straight else (vote.right, vote.left)
        sides = ("one", "two") if straight else ("two", "one")
        said = {Outcome.LEFT: sides[0], Outcome.RIGHT: sides[1], Outcome.TIE: "ties", Outcome.BAD: "both_bad"}
        sums.setdefault((vote.criterion, one, two), Counter())[said[vote.outcome or Outcome.TIE]] += 1
    return [
        {
            "criterion": criterion,
            "one": one,
            "two": two,
            "for_one": sums[criterion, one, two]["one"],
            "for_two": sums[criterion, one, two]["two"],
            "ties": sums[criterion, one, two]["ties"],
            "both_bad": sums[criterion, one, two]["both_bad"],
        }
        for criterion, one, two in sorted(sums, key=lambda key: (key[0], place[key[1]], place[key[2]]))
    ]


def _fairness(found: Sheet) -> dict[str, Any]:
    rows = [{"name": r.name, "group": r.group, "values": r.values, "equal": r.equal} for r in found.rows]
    return {"summary": found.summary(), "columns": [letter for letter, _ in found.columns], "rows": rows}


def _shareable(value: Any) -> Any:
    """A JSON value without what may open something: queries of links, embedded files, what is called a key."""
    if isinstance(value, Mapping):
        return {k: "left out" if _SECRET.search(str(k)) else _shareable(item) for k, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shareable(item) for item in value]
    if isinstance(value, str):
        return "embedded file, left out" if value.startswith("data:") else shareable(value)
    return value


# --- CSV ---------------------------------------------------------------------------------------------------------


def as_csv(comparison: Comparison, runs: Mapping[str, Run]) -> str:
    """One row per lane. Text that a spreadsheet would take for a formula begins with an apostrophe."""
    asked = list(comparison.idea.values)
    sent = list(dict.fromkeys(name for lane in comparison.lanes if (run := runs.get(lane.run)) for name in _sent(run)))
    rows = [_row(comparison, lane, runs, asked, sent) for lane in comparison.lanes]
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows({_safe(name): _safe(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


def _row(
    comparison: Comparison, lane: Lane, runs: Mapping[str, Run], asked: Iterable[str], sent: Iterable[str]
) -> dict[str, Any]:
    run = runs.get(lane.run)
    mine = next((each for each in shown(comparison, runs) if each.lane.id == lane.id), None)
    clip = mine.clip if mine else None
    wanted, given = {**comparison.idea.values, **lane.overrides}, _sent(run)
    return {
        "letter": LETTERS[comparison.lanes.index(lane)],
        "name": lane.name,
        "family": lane.family,
        "entry": lane.entry,
        "model": lane.model,
        "state": _state(lane, run),
        "prompt": comparison.idea.prompt,
        "mode": str(comparison.idea.mode),
        **{f"asked {name}": _shareable(wanted.get(name, "")) for name in asked},
        **{f"sent {name}": _shareable(given.get(name, "")) for name in sent},
        "seconds": clip.seconds if clip else "",
        "width": clip.width if clip else "",
        "height": clip.height if clip else "",
        "frame rate": clip.frame_rate if clip else "",
        "video codec": clip.video_codec if clip else "",
        "audio codec": clip.audio_codec if clip else "",
        "bytes": clip.size if clip else "",
        "file": mine.file if mine else "",
        "offset": lane.offset,
        "differences": " ".join(_differences(run, mine)),
        "announced": " ".join(shareable(words) for words in lane.said),
        "refused": shareable(lane.refused),
        "stars": lane.stars or "",
        "tags": ", ".join(lane.tags),
        "comment": lane.comment,
    }


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


# --- both --------------------------------------------------------------------------------------------------------


def _sent(run: Run | None) -> Mapping[str, Any]:
    return run.request.values if run else {}


def _state(lane: Lane, run: Run | None) -> str:
    if run is not None:
        return run.state.value
    return "its run is no longer stored" if lane.run else "made elsewhere" if lane.clip else "not sent"


def _gateway(run: Run | None) -> str:
    return "" if run is None else without_query(run.gateway) if "://" in run.gateway else run.gateway


def _differences(run: Run | None, mine: Shown | None) -> tuple[str, ...]:
    return delivered(run, mine.clip).differences if run and mine else ()
