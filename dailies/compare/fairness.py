"""The fairness sheet: under which conditions the lanes of a comparison were equal, and under which they were not.

Pure. Reads stored runs and measured clips, never what was announced beforehand (`dailies.compare.lanes`). Contains no
key, no hosted address and no query of a link.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from dailies.compare.nouns import LETTERS, Comparison, Lane
from dailies.compare.values import normalise, redact, redact_address, spell
from dailies.domain import Cell, Clip, Reference, Run
from dailies.exchange import Blob, Call
from dailies.media.delivered import delivered, ratio
from dailies.text import join_and
from dailies.vocabulary import PARAMETERS, SLOTS, Value, parameter_name

ASKED = "Asked"
SENT = "Sent"
REFERENCES = "References"
DELIVERED = "Delivered"
CIRCUMSTANCES = "Circumstances"

UNKNOWN = "not known"
NOTHING = "nothing sent"
NO_CLIP = "no clip"
_NO_FACT = (UNKNOWN, NOTHING, NO_CLIP)  # texts of a cell without a fact
_MATCH = "Matches the request"
_FIXED = ", fixed by the model"
_BRIEF = 24  # characters of a value up to which a summary repeats it

_Fact = tuple[object, str] | str
"""What is compared, and its text; or one of the texts of a cell without a fact."""


@dataclass(frozen=True, slots=True)
class Row:
    """One condition: its value for each lane in order, and whether it is known to be equal for all.

    A lane that sent nothing, or has no clip, is left out. A single value is not equal to anything.
    """

    name: str
    group: str
    values: tuple[str, ...]
    equal: bool
    differs: bool  # at least two known values differ; neither equal nor differs: not all is known


@dataclass(frozen=True, slots=True)
class Sheet:
    """The conditions of all lanes. `columns` gives each lane's letter and name, in the order of the rows' values."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]

    @property
    def equal(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.equal)

    @property
    def differing(self) -> tuple[Row, ...]:
        """The rows that are not known to be equal."""
        return tuple(row for row in self.rows if not row.equal)

    def summarise(self) -> str:
        """Return the sheet in a few sentences; `Nothing to compare yet.` where no two lanes have a fact."""
        rows = [row for row in self.rows if row.group in (SENT, REFERENCES, DELIVERED) and row.name != _MATCH]
        titles = {slot.title for slot in SLOTS.values()}
        equal = [row.name.lower() for row in rows if row.equal and (row.group != REFERENCES or row.name in titles)]
        said = [f"Equal: {', '.join(equal)}."] if equal else []
        # Where a lane has no such reference, its size and how it was sent differ for that reason.
        told = tuple(f"{row.name} " for row in rows if row.name in titles and "none" in row.values)
        said += [_say_difference(row) for row in rows if row.differs and not row.name.startswith(told)]
        asked = [row for row in rows if row.group == SENT]
        unknown = [letter for at, (letter, _) in enumerate(self.columns) if any(r.values[at] == UNKNOWN for r in asked)]
        said += [f"What was asked of {join_and(unknown)} is not known."] if unknown else []
        return " ".join(said) or "Nothing to compare yet."


def build_sheet(comparison: Comparison, runs: Mapping[str, Run], *, cells: Mapping[str, Cell] | None = None) -> Sheet:
    """Build the fairness sheet of a comparison.

    `runs` by id. `cells` by lane id tell which values a model fixes, and the titles of entry points.
    """
    lanes = [_Lane(lane, runs.get(lane.run), (cells or {}).get(lane.id)) for lane in comparison.lanes]
    rows = [
        *_compare_asked(comparison, lanes),
        *_compare_sent(comparison, lanes),
        *_compare_references(comparison, lanes),
        *_compare_delivered(lanes),
        *_compare_circumstances(lanes),
    ]
    return Sheet(tuple((LETTERS[at], lane.name) for at, lane in enumerate(comparison.lanes)), tuple(rows))


@dataclass(frozen=True, slots=True)
class _Lane:
    """A lane beside its run."""

    lane: Lane
    run: Run | None
    cell: Cell | None

    @property
    def clip(self) -> Clip | None:
        return (self.run.clip if self.run else None) or self.lane.clip

    @property
    def lacking(self) -> str:
        """The text instead of a fact about its request where there is no run."""
        return UNKNOWN if self.lane.clip or self.lane.run else NOTHING


def _row(name: str, group: str, facts: list[_Fact]) -> Row:
    known = [fact for fact in facts if not isinstance(fact, str)]
    keys = list(dict.fromkeys(key for key, _ in known))
    alike: dict[str, list[object]] = {}
    for key, said in dict.fromkeys(known):
        alike.setdefault(said, []).append(key)
    words = [fact if isinstance(fact, str) else _number(fact[1], fact[0], alike[fact[1]]) for fact in facts]
    equal = len(known) > 1 and len(keys) == 1 and UNKNOWN not in facts
    return Row(name, group, tuple(words), equal, len(keys) > 1)


def _number(words: str, key: object, keys: list[object]) -> str:
    """Number a text that several different values share."""
    return f"{words} ({keys.index(key) + 1})" if len(keys) > 1 else words


def _say_difference(row: Row) -> str:
    """Say how a row differs: `Duration differs: B 10 s; the others 8 s.`, without values where one is long."""
    shown = {
        letter: value.removesuffix(_FIXED)
        for letter, value in zip(LETTERS, row.values, strict=False)
        if value not in _NO_FACT
    }
    if any(len(value) > _BRIEF for value in shown.values()):
        return f"{row.name} differs."
    lanes: dict[str, list[str]] = {}
    for letter, value in shown.items():
        lanes.setdefault(value, []).append(letter)
    usual = max(lanes, key=lambda value: len(lanes[value]))
    rest = ""
    if len(lanes[usual]) > 1 and len(shown) == len(row.values):
        del lanes[usual]
        rest = f"; the others {usual}"
    return f"{row.name} differs: {', '.join(f'{join_and(each)} {value}' for value, each in lanes.items())}{rest}."


# --- what was asked, and what was sent ---------------------------------------------------------------------------


def _compare_asked(comparison: Comparison, lanes: list[_Lane]) -> Iterator[Row]:
    idea = comparison.idea

    def row(name: str, value: Value | None, words: str) -> Row:
        return _row(name, ASKED, [UNKNOWN if lane.lane.clip and not lane.run else (value, words) for lane in lanes])

    yield row("Prompt", idea.prompt, idea.prompt.strip() or "none")
    yield row("Mode", idea.mode, idea.mode.label)
    for slot in (slot for slot in SLOTS if idea.references.get(slot)):
        yield row(SLOTS[slot].title, slot, _list_names([_name(reference) for reference in idea.references[slot]]))
    for name in _sort_parameters({*idea.values, *(name for lane in lanes for name in lane.lane.overrides)}):
        facts: list[_Fact] = []
        for lane in lanes:
            own = name in lane.lane.overrides
            value = lane.lane.overrides[name] if own else idea.values.get(name)
            words = "not set" if value is None else spell(name, value)
            elsewhere = lane.lane.clip and not lane.run
            facts.append(UNKNOWN if elsewhere else (normalise(value), f"{words}, for this lane" if own else words))
        yield _row(parameter_name(name).title, ASKED, facts)


def _compare_sent(comparison: Comparison, lanes: list[_Lane]) -> Iterator[Row]:
    requests = [lane.run.request if lane.run else None for lane in lanes]
    if not any(requests):
        return
    prompts: list[_Fact] = []
    modes: list[_Fact] = []
    raw: list[_Fact] = []
    for lane, request in zip(lanes, requests, strict=True):
        prompts.append((request.prompt, request.prompt or "none") if request else lane.lacking)
        modes.append((request.mode, request.mode.label) if request else lane.lacking)
        keys = ", ".join(sorted(request.metadata)) if request else ""
        raw.append((repr(sorted(request.metadata.items())), keys or "none") if request else lane.lacking)
    yield _row("Prompt", SENT, prompts)
    yield _row("Mode", SENT, modes)
    for name in _sort_parameters({*comparison.idea.values, *(name for r in requests if r for name in r.values)}):
        facts: list[_Fact] = []
        for lane, request in zip(lanes, requests, strict=True):
            value = request.values.get(name) if request else None
            words = "not sent" if value is None else spell(name, value)
            if value is not None and _is_fixed(lane.cell, name, value):
                words += _FIXED
            facts.append((normalise(value), words) if request else lane.lacking)
        yield _row(parameter_name(name).title, SENT, facts)
    if any(request and request.metadata for request in requests):
        yield _row("Raw metadata", SENT, raw)


def _is_fixed(cell: Cell | None, name: str, value: Value) -> bool:
    return cell is not None and any(p.id == name and p.fixed is not None and p.fixed == value for p in cell.parameters)


def _sort_parameters(names: set[str]) -> list[str]:
    """Sort parameter ids in the vocabulary's order, unknown ones after them by name."""
    known = list(PARAMETERS)
    return sorted(names, key=lambda name: (known.index(name) if name in PARAMETERS else len(known), name))


# --- references --------------------------------------------------------------------------------------------------


def _compare_references(comparison: Comparison, lanes: list[_Lane]) -> Iterator[Row]:
    if not any(lane.run for lane in lanes):
        return
    used = {slot for lane in lanes if lane.run for slot in lane.run.request.references}
    used |= {slot for slot, held in comparison.idea.references.items() if held}
    for slot in (slot for slot in SLOTS if slot in used):
        what: list[_Fact] = []
        sizes: list[_Fact] = []
        changes: list[_Fact] = []
        ways: list[_Fact] = []
        for lane in lanes:
            held = lane.run.request.references.get(slot, ()) if lane.run else ()
            if not lane.run:
                for column in (what, sizes, changes, ways):
                    column.append(lane.lacking)
                continue
            same = tuple(r.digest or r.url or r.asset for r in held)
            what.append((same, _list_names([_name(r) for r in held])))
            for column, words in (
                (sizes, [_word_size(r) for r in held]),
                (changes, ["; ".join(r.done) or "nothing" for r in held]),
                (ways, [_word_form(r, lane.run.call) for r in held]),
            ):
                column.append((tuple(words), ", ".join(dict.fromkeys(words)) or "none"))
        title = SLOTS[slot].title
        yield _row(title, REFERENCES, what)
        yield _row(f"{title} size", REFERENCES, sizes)
        yield _row(f"{title} changes", REFERENCES, changes)
        yield _row(f"{title} sent as", REFERENCES, ways)


def _list_names(names: list[str]) -> str:
    if not names:
        return "none"
    return names[0] if len(names) == 1 else f"{len(names)}: {', '.join(names)}"


def _name(reference: Reference) -> str:
    return redact_address(reference.url) if reference.url else reference.name


def _word_size(reference: Reference) -> str:
    words = [f"{reference.width}×{reference.height}"] if reference.width and reference.height else []
    words += [f"{reference.seconds:.1f} s"] if reference.seconds is not None else []
    return " ".join(words) or "not measured"


def _word_form(reference: Reference, call: Call) -> str:
    """Return in which form a reference is in the stored call."""
    if any(isinstance(part.value, Blob) and part.value.digest == reference.digest for part in call.form):
        return "file"
    leaves = [*_leaves(call.json), *(part.value for part in call.form)]
    for leaf in leaves:
        if isinstance(leaf, Blob) and leaf.digest == reference.digest:
            return "base64" if leaf.bare else "data URL"
    texts = [leaf for leaf in leaves if isinstance(leaf, str)]

    def is_in_call(address: str) -> bool:
        return bool(address) and any(address in text for text in texts)

    if is_in_call(reference.url):
        return "link"
    if is_in_call(reference.hosted):
        return "link to this app"
    return "asset" if reference.asset and is_in_call(f"asset://{reference.asset}") else "not in the request"


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


# --- what was delivered, and how ---------------------------------------------------------------------------------


def _compare_delivered(lanes: list[_Lane]) -> Iterator[Row]:
    if not any(lane.clip for lane in lanes):
        return
    names = ("Clip duration", "Picture size", "Picture ratio", "Frame rate", "Sound track", "Codec")
    measured = [_measure(lane.clip) if lane.clip else (NO_CLIP,) * len(names) for lane in lanes]
    for at, name in enumerate(names):
        facts: list[_Fact] = [words[at] if words[at] == NO_CLIP else (words[at], words[at]) for words in measured]
        yield _row(name, DELIVERED, facts)
    matches: list[_Fact] = []
    for lane in lanes:
        if lane.clip is None:
            matches.append(NO_CLIP)
        elif lane.run is None:
            matches.append(UNKNOWN)
        else:
            words = " ".join(delivered(lane.run, lane.clip).differences) or "yes"
            matches.append((words, words))
    yield _row(_MATCH, DELIVERED, matches)


def _measure(clip: Clip) -> tuple[str, ...]:
    return (
        f"{clip.seconds:.1f} s",
        f"{clip.width}×{clip.height}",
        ratio(clip.width, clip.height),
        f"{clip.frame_rate:g} fps",
        f"sound ({clip.audio_codec})" if clip.audio_codec else "no sound",
        clip.video_codec,
    )


def _compare_circumstances(lanes: list[_Lane]) -> Iterator[Row]:
    columns = [_list_circumstances(lane) for lane in lanes]
    for name in ("State", "Gateway", "Entry point", "Sent as", "Sent at", "Generation time", "Failure"):
        if any(name in column for column in columns):
            facts: list[_Fact] = [
                (column[name], column[name]) if name in column else "none" if lane.run else lane.lacking
                for lane, column in zip(lanes, columns, strict=True)
            ]
            yield _row(name, CIRCUMSTANCES, facts)


def _list_circumstances(lane: _Lane) -> dict[str, str]:
    run = lane.run
    if run is None:
        return {"State": _word_missing_run(lane.lane)}
    entry = lane.cell.entry if lane.cell and lane.cell.entry.id == run.request.entry else None
    found = {"State": run.state.value, "Entry point": entry.title if entry else run.request.entry}
    found["Gateway"] = redact(run.gateway)
    if run.request.sent_as:
        found["Sent as"] = run.request.sent_as
    if run.sent:
        found["Sent at"] = f"{run.sent.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if run.sent and run.finished:
        found["Generation time"] = f"{(run.finished - run.sent).total_seconds():.0f} s"
    if run.failure:
        failure = run.failure
        found["Failure"] = redact(f"{failure.stage}: {failure.what} {failure.charge}".strip())
    return found


def _word_missing_run(lane: Lane) -> str:
    if lane.run:
        return "its run is no longer stored"
    if lane.clip:
        return "made elsewhere"
    return f"{NOTHING}: {redact(lane.refused)}" if lane.refused else f"{NOTHING} yet"
