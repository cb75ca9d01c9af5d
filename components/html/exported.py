"""Builds the exported page: a comparison, or a blind vote on it, as one HTML file or as a ZIP with its clips.

Owns the content of such a page. Draws no widget (`components.compare.export` does), stores nothing and reaches no
network. A blind page names no model: not in its text, file names or data, and not inside its clips.
"""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path, PurePath
from random import SystemRandom
from tempfile import TemporaryDirectory
from typing import Any

from components.html.document import read_part, render
from components.html.player import player_script, player_style
from components.html.specs import build_spec
from dailies.compare import ballots
from dailies.compare.export import FinishedLane, list_finished, write_csv, write_json
from dailies.compare.fairness import Row, build_sheet
from dailies.compare.nouns import LETTERS, Comparison, View, Vote
from dailies.compare.values import redact
from dailies.domain import Cell, Run
from dailies.errors import MediaError
from dailies.formats import read_suffix
from dailies.media.convert import copy_streams
from dailies.media.measure import frame_times

_INSIDE = "data: blob:"
_BESIDE = "'self' file: data: blob:"
_HIDDEN = "…"  # replaces a name in a blind page
_COPIED = (".webm", ".mkv", ".mov")  # other clips are copied into an MP4


@dataclass(frozen=True, slots=True)
class Source:
    """What to export: the comparison, its runs by id, its votes, its cells by lane id.

    `path` gives the path of a file of the store.
    """

    comparison: Comparison
    runs: Mapping[str, Run]
    votes: Sequence[Vote]
    path: Callable[[str], Path]
    cells: Mapping[str, Cell] = field(default_factory=dict)

    @property
    def finished(self) -> tuple[FinishedLane, ...]:
        return list_finished(self.comparison, self.runs)

    @property
    def title(self) -> str:
        return self.comparison.title.strip() or "Comparison"


def build_page(source: Source) -> str:
    """Build one HTML file with the whole comparison and its clips inside."""
    return _render_page(source, lambda name: _embed(source.path(name)), _INSIDE)


def build_archive(source: Source) -> bytes:
    """Build a ZIP: the same page with its clips and posters beside it, and the comparison as JSON and CSV."""
    names = {each.clip.file: f"clips/{each.file}" for each in source.finished}
    names |= {e.clip.poster: f"{names[e.clip.file]}{PurePath(e.clip.poster).suffix}" for e in source.finished}
    # The page plays the previews; the clips themselves lie beside them.
    names |= {e.clip.preview: f"{names[e.clip.file]}{PurePath(e.clip.preview).suffix}" for e in source.finished}
    texts = {
        "index.html": _render_page(source, names.__getitem__, _BESIDE),
        "comparison.json": write_json(source.comparison, source.runs, source.votes),
        "comparison.csv": f"\ufeff{write_csv(source.comparison, source.runs)}",
    }
    return _zip(texts, {name: source.path(file) for file, name in names.items() if file})


def build_blind_page(source: Source, questions: Sequence[Vote]) -> str:
    """Build a blind vote as one HTML file. `questions` must be stored: the import looks their sides up there."""
    with TemporaryDirectory() as folder:
        files = _copy_anonymous(source, Path(folder))
        return _render_blind(source, questions, lambda name: _embed(files[name]), _INSIDE)


def build_blind_archive(source: Source, questions: Sequence[Vote]) -> bytes:
    """Build a ZIP with the page of a blind vote and its clips beside it, under neutral names."""
    with TemporaryDirectory() as folder:
        files = _copy_anonymous(source, Path(folder))
        html = _render_blind(source, questions, lambda name: f"clips/{files[name].name}", _BESIDE)
        return _zip({"index.html": html}, {f"clips/{path.name}": path for path in files.values()})


def _zip(texts: Mapping[str, str], files: Mapping[str, Path]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:  # films and pictures are compressed already
        for name, text in texts.items():
            made.writestr(name, text, zipfile.ZIP_DEFLATED)
        for name, path in files.items():
            made.write(path, name)
    return out.getvalue()


def _embed(path: Path) -> str:
    return f"data:{read_suffix(path.suffix)};base64,{base64.b64encode(path.read_bytes()).decode()}"


def _read_style() -> str:
    return read_part("exported.css") + player_style()


def _read_script(name: str) -> str:
    return player_script() + read_part("embedded.js") + read_part(name)


# --- the open page -----------------------------------------------------------------------------------------------


def _render_page(source: Source, address: Callable[[str], str], media: str) -> str:
    comparison, sheet = source.comparison, build_sheet(source.comparison, source.runs, cells=source.cells)
    spec = build_spec(comparison, source.runs, address, times=lambda name: frame_times(source.path(name)))
    many = len(spec["clips"])
    columns, lanes = _describe_lanes(source)
    return render(
        "exported.html",
        title=source.title,
        style=_read_style(),
        script=_read_script("exported.js"),
        data=spec,
        media=media,
        facts=f"{many} {'clip' if many == 1 else 'clips'} · {comparison.idea.mode.label} "
        f"· {comparison.created:%d %B %Y}",
        texts=[
            ("Prompt", comparison.idea.prompt.strip()),
            ("Notes", comparison.notes.strip()),
            ("Criteria", "\n".join(comparison.criteria)),
        ],
        columns=columns,
        lanes=lanes,
        sheet=sheet,
        differing=_group(sheet.differing),
        equal=_group(sheet.equal),
    )


def _describe_lanes(source: Source) -> tuple[list[str], list[tuple[str, dict[str, str]]]]:
    """Return the columns that at least one lane fills, and for each lane its name and its text by column."""
    comparison, finished = source.comparison, {each.lane.id for each in source.finished}
    rows: list[tuple[str, dict[str, str]]] = []
    for letter, lane in zip(LETTERS, comparison.lanes, strict=False):
        run = source.runs.get(lane.run)
        why = lane.refused or (run.failure.what if run and run.failure else run.state.value if run else "not sent")
        cells = {
            "Stars": f"{lane.stars} of 5" if lane.stars else "",
            "Tags": ", ".join(lane.tags),
            "Comment": lane.comment,
            "Announced before it was sent": redact(" ".join(f"{said.rstrip('.')}." for said in lane.announced)),
            "No clip": "" if lane.id in finished else redact(why),
        }
        rows.append((f"{letter} {lane.name}", cells))
    columns = dict.fromkeys(column for _, cells in rows for column in cells)
    return [column for column in columns if any(cells[column] for _, cells in rows)], rows


def _group(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """Return the rows by group; the rows of a group stand together already."""
    return [(group, list(held)) for group, held in groupby(rows, key=lambda row: row.group)]


# --- the blind page ----------------------------------------------------------------------------------------------


def _copy_anonymous(source: Source, folder: Path) -> dict[str, Path]:
    """Return {file of the store: a copy with a neutral name and no tags}, numbered at random; posters too."""
    held, found = list(source.finished), {}
    SystemRandom().shuffle(held)
    for number, each in enumerate(held, start=1):
        played = source.path(each.clip.played)
        found[each.clip.played] = folder / f"{number}{played.suffix if played.suffix in _COPIED else '.mp4'}"
        try:
            copy_streams(played, found[each.clip.played])
        except MediaError:
            raise MediaError("A clip cannot be copied without its tags.", "Remove its lane.") from None
        if each.clip.poster:
            copy = folder / f"{number}{PurePath(each.clip.poster).suffix}"
            copy.write_bytes(source.path(each.clip.poster).read_bytes())
            found[each.clip.poster] = copy
    return found


def _render_blind(source: Source, questions: Sequence[Vote], address: Callable[[str], str], media: str) -> str:
    comparison = source.comparison
    hide = _make_hider(comparison)
    spec = build_spec(
        replace(comparison, view=replace(View(), unequal=comparison.view.unequal)),
        source.runs,
        address,
        mode="vote",
        times=lambda name: frame_times(source.path(name)),
    )
    # Lane ids are left out too: each file numbers its clips at random.
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
    return render(
        "ballot.html",
        title="Blind vote",
        style=_read_style(),
        script=_read_script("ballot.js"),
        data=data,
        media=media,
        prompt=hide(comparison.idea.prompt).strip(),
    )


def _make_hider(comparison: Comparison) -> Callable[[str], str]:
    """Return a function that replaces the names of the lanes and their families in a text."""
    names = {name for lane in comparison.lanes for name in (lane.model, lane.title, lane.family) if name.strip()}
    if not names:
        return str
    longest_first = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)(?:{longest_first})(?!\w)", re.IGNORECASE)
    return lambda text: pattern.sub(_HIDDEN, text)
