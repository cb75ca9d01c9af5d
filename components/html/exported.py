"""The page that is handed on: a comparison, or a blind vote on it, in one HTML file or in a ZIP with its clips beside.

Owns what stands in such a page. Draws no widget (`components.compare.export` does), keeps nothing and reaches no
network. A blind page names no model: not in its text, its file names, its data, nor inside the clips.
"""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path, PurePath
from random import SystemRandom
from tempfile import TemporaryDirectory
from typing import Any

from components.html.document import document, part
from components.html.player import player_script, player_style
from components.html.specs import player_spec
from dailies.compare import ballots
from dailies.compare.export import Shown, as_csv, as_json, shown
from dailies.compare.fairness import Row, Sheet, sheet
from dailies.compare.film import untagged
from dailies.compare.nouns import LETTERS, Comparison, View, Vote
from dailies.compare.values import shareable
from dailies.domain import Run
from dailies.media.clips import frame_times

_INSIDE = "data: blob:"
_BESIDE = "'self' file: data: blob:"
_HIDDEN = "…"  # stands for a name in a blind page
_TYPES = {".mp4": "video/mp4", ".webm": "video/webm", ".jpg": "image/jpeg", ".png": "image/png"}


@dataclass(frozen=True, slots=True)
class Source:
    """What is handed on: the comparison, its runs by id, its votes, and where a file of the store lies."""

    comparison: Comparison
    runs: Mapping[str, Run]
    votes: Sequence[Vote]
    path: Callable[[str], Path]

    @property
    def shown(self) -> tuple[Shown, ...]:
        return shown(self.comparison, self.runs)

    @property
    def title(self) -> str:
        return self.comparison.title.strip() or "Comparison"


def page(source: Source) -> str:
    """The whole comparison as one HTML file with everything inside."""
    return _page(source, lambda name: _data_url(source.path(name)), _INSIDE)


def archive(source: Source) -> bytes:
    """A ZIP: the same page with its clips and posters beside it, and the comparison as JSON and CSV."""
    names = {each.clip.file: f"clips/{each.file}" for each in source.shown}
    names |= {e.clip.poster: f"{names[e.clip.file]}{PurePath(e.clip.poster).suffix}" for e in source.shown}
    texts = {
        "index.html": _page(source, names.__getitem__, _BESIDE),
        "comparison.json": as_json(source.comparison, source.runs, source.votes),
        "comparison.csv": f"\ufeff{as_csv(source.comparison, source.runs)}",
    }
    return _zipped(texts, {name: source.path(file) for file, name in names.items() if file})


def blind_page(source: Source, questions: Sequence[Vote]) -> str:
    """A blind vote as one HTML file. `questions` are stored already: the import looks their sides up there."""
    with TemporaryDirectory() as folder:
        files = _anonymous(source, Path(folder))
        return _blind(source, questions, lambda name: _data_url(files[name]), _INSIDE)


def blind_archive(source: Source, questions: Sequence[Vote]) -> bytes:
    """A ZIP with the page of a blind vote and its clips beside it, under names that say nothing."""
    with TemporaryDirectory() as folder:
        files = _anonymous(source, Path(folder))
        html = _blind(source, questions, lambda name: f"clips/{files[name].name}", _BESIDE)
        return _zipped({"index.html": html}, {f"clips/{path.name}": path for path in files.values()})


def _zipped(texts: Mapping[str, str], files: Mapping[str, Path]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:  # films and pictures are as small as they get
        for name, text in texts.items():
            made.writestr(name, text, zipfile.ZIP_DEFLATED)
        for name, path in files.items():
            made.write(path, name)
    return out.getvalue()


def _data_url(path: Path) -> str:
    kind = _TYPES.get(path.suffix, "application/octet-stream")
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def _style() -> str:
    return part("handed_on.css") + player_style()


def _script(name: str) -> str:
    return player_script() + part("embedded.js") + part(name)


# --- the open page -----------------------------------------------------------------------------------------------


def _page(source: Source, address: Callable[[str], str], media: str) -> str:
    comparison = source.comparison
    spec = player_spec(comparison, source.runs, address, times=lambda name: frame_times(source.path(name)))
    sections = [_words("Prompt", comparison.idea.prompt), _words("Notes", comparison.notes)]
    if comparison.criteria:
        sections.append(_words("Judged by", "\n".join(comparison.criteria)))
    sections += [_lanes(source), _fairness(sheet(comparison, source.runs))]
    many = len(spec["clips"])
    facts = f"{many} {'clip' if many == 1 else 'clips'} · {comparison.idea.mode.label} · {comparison.created:%d %B %Y}"
    player = '<div id="player"></div>' if many else '<p id="player">No clip of this comparison is finished.</p>'
    body = (
        f"<main><h1>{escape(source.title)}</h1><p class='facts'>{escape(facts)}</p>{player}{''.join(sections)}</main>"
    )
    return document(
        title=source.title, body=body, style=_style(), script=_script("handed_on.js"), data=spec, media=media
    )


def _words(title: str, text: str) -> str:
    if not text.strip():
        return ""
    return f"<section><h2>{escape(title)}</h2><p class='text'>{escape(text.strip())}</p></section>"


def _lanes(source: Source) -> str:
    """Every lane with what was announced and how it was judged; the columns that no lane fills are left out."""
    comparison, there = source.comparison, {each.lane.id for each in source.shown}
    lines: list[tuple[str, dict[str, str]]] = []
    for letter, lane in zip(LETTERS, comparison.lanes, strict=False):
        run = source.runs.get(lane.run)
        why = lane.refused or (run.failure.what if run and run.failure else run.state.value if run else "not sent")
        said = {
            "Stars": f"{lane.stars} of 5" if lane.stars else "",
            "Tags": ", ".join(lane.tags),
            "Comment": lane.comment,
            "Announced before": shareable(" ".join(lane.said)),
            "No clip": "" if lane.id in there else shareable(why),
        }
        lines.append((f"{letter} {lane.name}", said))
    columns = [column for column in (lines[0][1] if lines else ()) if any(said[column] for _, said in lines)]
    if not columns:
        return ""
    head = "".join(f"<th scope='col'>{column}</th>" for column in ("Lane", *columns))
    rows = "".join(
        f"<tr><th scope='row'>{escape(name)}</th>{''.join(f'<td>{escape(said[c])}</td>' for c in columns)}</tr>"
        for name, said in lines
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f"<section><h2>Lanes</h2>{_wide('Lanes', table)}</section>"


def _wide(title: str, table: str) -> str:
    """A table that scrolls by itself where the window is narrow, by keyboard too."""
    return f"<div class='wide' tabindex='0' role='region' aria-label='{escape(title)}'>{table}</div>"


def _fairness(found: Sheet) -> str:
    if not found.columns:
        return ""
    parts = [f"<section><h2>Fairness</h2><p class='text'>{escape(found.summary())}</p>"]
    if found.differing:
        parts.append(_table("What differs", found.columns, found.differing))
    if found.equal:
        table = _table("What was the same for all", found.columns, found.equal)
        parts.append(f"<details><summary>What was the same: {len(found.equal)} conditions</summary>{table}</details>")
    return "".join([*parts, "</section>"])


def _table(title: str, columns: Iterable[tuple[str, str]], rows: Iterable[Row]) -> str:
    columns = tuple(columns)
    head = "".join(f"<th scope='col'><b>{escape(letter)}</b> {escape(name)}</th>" for letter, name in columns)
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    bodies = []
    for group, held in groups.items():
        lines = "".join(
            f"<tr><th scope='row'>{escape(row.name)}</th>{''.join(f'<td>{escape(v)}</td>' for v in row.values)}</tr>"
            for row in held
        )
        bodies.append(
            f"<tbody><tr><th scope='rowgroup' colspan='{len(columns) + 1}'>{escape(group)}</th></tr>{lines}</tbody>"
        )
    return _wide(
        title,
        f"<table><caption>{escape(title)}</caption><thead><tr><th scope='col'>Condition</th>{head}</tr></thead>"
        f"{''.join(bodies)}</table>",
    )


# --- the blind page ----------------------------------------------------------------------------------------------


def _anonymous(source: Source, folder: Path) -> dict[str, Path]:
    """{file of the store: a copy whose name and tags say nothing}, in an order by lot; posters too."""
    held, found = list(source.shown), {}
    SystemRandom().shuffle(held)
    for number, each in enumerate(held, start=1):
        found[each.clip.file] = folder / f"{number}.mp4"
        untagged(source.path(each.clip.file), found[each.clip.file])
        if each.clip.poster:
            copy = folder / f"{number}{PurePath(each.clip.poster).suffix}"
            copy.write_bytes(source.path(each.clip.poster).read_bytes())
            found[each.clip.poster] = copy
    return found


def _blind(source: Source, questions: Sequence[Vote], address: Callable[[str], str], media: str) -> str:
    comparison = source.comparison
    hide = _hider(comparison)
    spec = player_spec(
        replace(comparison, view=replace(View(), unequal=comparison.view.unequal)),
        source.runs,
        address,
        mode="vote",
        times=lambda name: frame_times(source.path(name)),
    )
    # Lane ids stay behind as well: what the page calls its clips is drawn anew for every file.
    order = list(range(len(spec["clips"])))
    SystemRandom().shuffle(order)
    names = {clip["id"]: str(number) for clip, number in zip(spec["clips"], order, strict=True)}
    spec["clips"].sort(key=lambda clip: names[clip["id"]])
    data: dict[str, Any] = {
        "format": ballots.FORMAT,
        "version": ballots.VERSION,
        "comparison": comparison.id,
        "clips": {names[clip["id"]]: clip | {"id": "", "letter": ""} for clip in spec["clips"]},
        "questions": [
            {"id": q.id, "criterion": hide(q.criterion), "left": names[q.left], "right": names[q.right]}
            for q in questions
        ],
        "view": spec["view"],
    }
    prompt = _words("Prompt", hide(comparison.idea.prompt))
    body = part("ballot.html").replace("<!-- prompt -->", prompt)
    return document(title="Blind vote", body=body, style=_style(), script=_script("ballot.js"), data=data, media=media)


def _hider(comparison: Comparison) -> Callable[[str], str]:
    """Takes the names of the lanes, their families and ways in out of a text."""
    names = {name for lane in comparison.lanes for name in (lane.model, lane.title, lane.family) if name.strip()}
    if not names:
        return str
    longest_first = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)(?:{longest_first})(?!\w)", re.IGNORECASE)
    return lambda text: pattern.sub(_HIDDEN, text)
