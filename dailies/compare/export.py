"""A comparison as data to export: a JSON document, a CSV table, and the lanes with a finished clip.

Pure. The exports contain no key, no credential, no hosted address and no query of a link.
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

from dailies.compare.fairness import Sheet, build_sheet
from dailies.compare.nouns import LETTERS, Comparison, Idea, Lane, Outcome, Vote
from dailies.compare.ratings import select_counted
from dailies.compare.values import redact, redact_address
from dailies.domain import Clip, Reference, Request, Run
from dailies.media.delivered import delivered, ratio

FORMAT, VERSION = "dailies comparison", 1
"""The format of the JSON document; a change of meaning needs a new version."""

_SECRET = re.compile(r"(^|[^a-z])key$|apikey|token|secret|password|authori[sz]ation|credential|cookie", re.IGNORECASE)
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")  # how text starts that a spreadsheet may run


@dataclass(frozen=True, slots=True)
class FinishedLane:
    """A lane with a finished clip, and its letter."""

    letter: str
    lane: Lane
    clip: Clip

    @property
    def file(self) -> str:
        """The clip's file name for people: letter, name and suffix."""
        name = re.sub(r"[^\w.-]+", "-", self.lane.name).strip("-.")[:60]
        return f"{self.letter}-{name or 'clip'}{self.clip.suffix}"


def list_finished(comparison: Comparison, runs: Mapping[str, Run]) -> tuple[FinishedLane, ...]:
    """List the lanes with a finished clip in order; `runs` by id. A lane's letter is that of its place among all."""
    found = []
    for letter, lane in zip(LETTERS, comparison.lanes, strict=False):
        run = runs.get(lane.run)
        clip = (run.clip if run else None) or lane.clip
        if clip is not None:
            found.append(FinishedLane(letter, lane, clip))
    return tuple(found)


# --- JSON --------------------------------------------------------------------------------------------------------


def write_json(comparison: Comparison, runs: Mapping[str, Run], votes: Iterable[Vote]) -> str:
    """Write a comparison as indented JSON: idea, lanes, requests, clips, summed votes, fairness."""
    idea, finished = comparison.idea, {each.lane.id: each for each in list_finished(comparison, runs)}
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
                "values": _redact(idea.values),
                "references": {slot: [_describe_reference(r) for r in held] for slot, held in idea.references.items()},
            },
            "view": asdict(comparison.view),
        },
        "lanes": [
            _describe_lane(letter, lane, runs.get(lane.run), finished.get(lane.id))
            for letter, lane in zip(LETTERS, comparison.lanes, strict=False)
        ],
        "votes": _sum_votes(comparison, votes),
        "fairness": _describe_fairness(build_sheet(comparison, runs)),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _describe_lane(letter: str, lane: Lane, run: Run | None, mine: FinishedLane | None) -> dict[str, Any]:
    failure = run.failure if run else None
    return {
        "id": lane.id,
        "letter": letter,
        "name": lane.name,
        "family": lane.family,
        "entry": lane.entry,
        "model": lane.model,
        "title": lane.title,
        "overrides": _redact(lane.overrides),
        "announced": [redact(words) for words in lane.announced],
        "refused": redact(lane.refused),
        "offset": lane.offset,
        "state": _word_state(lane, run),
        "gateway": redact(run.gateway) if run else "",
        "sent": run.sent.isoformat() if run and run.sent else None,
        "finished": run.finished.isoformat() if run and run.finished else None,
        "failure": _redact(asdict(failure)) if failure else None,
        "request": _describe_request(run.request) if run else None,
        "clip": _describe_clip(mine) if mine else None,
        "differences": _list_differences(run, mine),
        "stars": lane.stars or None,
        "tags": lane.tags,
        "comment": lane.comment,
    }


def _describe_request(request: Request) -> dict[str, Any]:
    return {
        "model": request.model,
        "sent_as": request.sent_as,
        "mode": request.mode,
        "prompt": request.prompt,
        "values": _redact(request.values),
        "references": {slot: [_describe_reference(r) for r in held] for slot, held in request.references.items()},
        "metadata": _redact(request.metadata),
    }


def _describe_reference(reference: Reference) -> dict[str, Any]:
    """Describe a reference without its hosted address."""
    way = "link" if reference.url else "asset" if reference.asset else "file"
    return {
        "name": redact_address(reference.url) if reference.url else reference.name,
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


def _describe_clip(each: FinishedLane) -> dict[str, Any]:
    measured = asdict(each.clip)
    del measured["poster"], measured["preview"]
    return measured | {"file": each.file, "ratio": ratio(each.clip.width, each.clip.height)}


def _sum_votes(comparison: Comparison, votes: Iterable[Vote]) -> list[dict[str, Any]]:
    """Sum the counted votes by criterion and pair; `one` is the earlier lane of a pair."""
    place = {lane.id: number for number, lane in enumerate(comparison.lanes)}
    sums: dict[tuple[str, str, str], Counter[str]] = {}
    for vote in select_counted(votes):
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


def _describe_fairness(found: Sheet) -> dict[str, Any]:
    rows = [{"name": r.name, "group": r.group, "values": r.values, "equal": r.equal} for r in found.rows]
    return {"summary": found.summarise(), "columns": [letter for letter, _ in found.columns], "rows": rows}


def _redact(value: Any) -> Any:
    """Return a JSON value without secrets: queries of links, embedded files, and values of keys named as secret."""
    if isinstance(value, Mapping):
        return {k: "left out" if _SECRET.search(str(k)) else _redact(item) for k, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_redact(item) for item in value]
    if isinstance(value, str):
        return "embedded file, left out" if value.startswith("data:") else redact(value)
    return value


# --- CSV ---------------------------------------------------------------------------------------------------------


def write_csv(comparison: Comparison, runs: Mapping[str, Run]) -> str:
    """Write one row per lane. Text that a spreadsheet would read as a formula gets an apostrophe in front."""
    finished = {each.lane.id: each for each in list_finished(comparison, runs)}
    lanes = [(lane, runs.get(lane.run)) for lane in comparison.lanes]
    asked = dict.fromkeys([*comparison.idea.values, *(name for lane, _ in lanes for name in lane.overrides)])
    sent = dict.fromkeys(name for _, run in lanes for name in _values(run))
    rows = [
        {"letter": letter, **_make_row(comparison.idea, lane, run, finished.get(lane.id), asked, sent)}
        for letter, (lane, run) in zip(LETTERS, lanes, strict=False)
    ]
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows({name: disarm(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


def _make_row(
    idea: Idea, lane: Lane, run: Run | None, mine: FinishedLane | None, asked: Iterable[str], sent: Iterable[str]
) -> dict[str, Any]:
    clip = mine.clip if mine else None
    wanted, given = {**idea.values, **lane.overrides}, _values(run)
    return {
        "name": lane.name,
        "family": lane.family,
        "entry": lane.entry,
        "model": lane.model,
        "state": _word_state(lane, run),
        "prompt": idea.prompt,
        "mode": str(idea.mode),
        **{f"asked {name}": _redact(wanted.get(name, "")) for name in asked},
        **{f"sent {name}": _redact(given.get(name, "")) for name in sent},
        "seconds": clip.seconds if clip else "",
        "width": clip.width if clip else "",
        "height": clip.height if clip else "",
        "frame rate": clip.frame_rate if clip else "",
        "video codec": clip.video_codec if clip else "",
        "audio codec": clip.audio_codec if clip else "",
        "bytes": clip.size if clip else "",
        "file": mine.file if mine else "",
        "offset": lane.offset,
        "differences": " ".join(_list_differences(run, mine)),
        "announced": " ".join(redact(words) for words in lane.announced),
        "refused": redact(lane.refused),
        "stars": lane.stars or "",
        "tags": ", ".join(lane.tags),
        "comment": lane.comment,
    }


def disarm(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


# --- both --------------------------------------------------------------------------------------------------------


def _values(run: Run | None) -> Mapping[str, Any]:
    return run.request.values if run else {}


def _word_state(lane: Lane, run: Run | None) -> str:
    if run is not None:
        return run.state.value
    return "its run is no longer stored" if lane.run else "made elsewhere" if lane.clip else "not sent"


def _list_differences(run: Run | None, mine: FinishedLane | None) -> tuple[str, ...]:
    return delivered(run, mine.clip).differences if run and mine else ()
