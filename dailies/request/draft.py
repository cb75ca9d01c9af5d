"""What the form says, held against what a cell takes: problems, notices, and a frozen request.

Pure: no files, no clock, no network. Does not know the wire: that is `dailies.request.wire`. Nothing is changed in
silence: whatever will be other than asked is a `Notice`, whatever cannot be sent a `Problem` that names the next step.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dailies.domain import Cell, Draft, Notice, Problem, Reference, Request, Rule, Slot
from dailies.parameter import Parameter
from dailies.vocabulary import SLOTS, MediaKind, SendAs, Value

_SHOTS, _SHOT_CHARS = 6, 512


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of `check`: a request where there is no problem, and what should be said before sending."""

    request: Request | None
    problems: tuple[Problem, ...]
    notices: tuple[Notice, ...]


def check(draft: Draft, cell: Cell) -> Checked:
    """Hold a draft against a cell. Every problem is reported, not only the first."""
    problems: list[Problem] = []
    notices: list[Notice] = []
    if cell.refused:
        problems.append(Problem(cell.mode.label, cell.refused, "Choose another mode or another family."))
    if cell.continues and not draft.source:
        problems.append(
            Problem("Source", "names no task to go on from", "Start from a finished run, or give its task id.")
        )
    problems += _prompt_problems(draft.prompt, cell)
    values = _values(draft.values, cell, problems, notices)
    problems += _reference_problems(draft.references, cell)
    notices += _reference_notices(draft.references, cell)
    problems += [problem for rule in cell.rules for problem in _rule_problems(rule, values, draft.references, cell)]
    if problems:
        return Checked(None, tuple(problems), tuple(notices))
    references = {slot.id: tuple(draft.references.get(slot.id, ())) for slot in cell.slots}
    request = Request(
        cell.family,
        cell.entry.id,
        cell.model.id,
        cell.mode,
        draft.prompt.strip(),
        values,
        {slot_id: held for slot_id, held in references.items() if held},
        draft.metadata,
        draft.source,
        draft.sent_as,
    )
    return Checked(request, (), tuple(notices))


def adapt(values: Mapping[str, Value], before: Cell, after: Cell) -> tuple[dict[str, Value], tuple[Notice, ...]]:
    """Carry chosen values from one cell to another.

    Returns the values that are still valid, and a notice for each effective value that had to change.
    """
    kept: dict[str, Value] = {}
    notices: list[Notice] = []
    why = after.model.id if after.model.id != before.model.id else f"the mode {after.mode.label.lower()}"
    for parameter in before.parameters:
        old = parameter.effective(values)
        target = after.parameter(parameter.id)
        if target is None:
            if parameter.id in values:
                notices.append(Notice(parameter.title, f"{parameter.spell(old)} → not sent: {why} has no such value."))
            continue
        if parameter.id in values and target.fixed is None and target.accepts(values[parameter.id]):
            kept[parameter.id] = values[parameter.id]
        new = target.effective(kept)
        if old is not None and new != old:
            reason = f"set by {why}" if target.fixed is not None else f"not offered by {why}"
            notices.append(Notice(parameter.title, f"{parameter.spell(old)} → {target.spell(new)}: {reason}."))
    return kept, tuple(notices)


# --- prompt and values -------------------------------------------------------------------------------------------


def _prompt_problems(prompt: str, cell: Cell) -> Iterator[Problem]:
    text = prompt.strip()
    if not text and cell.prompt_required:
        yield Problem("Prompt", "is empty", "Describe the clip in a sentence or two.")
    if cell.prompt_max and len(text) > cell.prompt_max:
        over = len(text) - cell.prompt_max
        yield Problem("Prompt", f"has {len(text)} characters; {cell.model.id} takes {cell.prompt_max}", f"Cut {over}.")


def _values(asked: Mapping[str, Value], cell: Cell, problems: list[Problem], notices: list[Notice]) -> dict[str, Value]:
    chosen: dict[str, Value] = {}
    for name, raw in asked.items():
        parameter = cell.parameter(name)
        if parameter is None:
            offered = ", ".join(p.id for p in cell.parameters) or "none"
            what = f"is not a value that {cell.model.id} takes in mode {cell.mode}"
            problems.append(Problem(name, what, f"Leave it out; this cell takes: {offered}."))
            continue
        if parameter.id in chosen:
            problems.append(Problem(name, "is given twice", f"Leave one out: it is another name of {parameter.id}."))
        chosen[parameter.id] = parameter.coerce(raw)
    values: dict[str, Value] = {}
    for parameter in cell.parameters:
        value = chosen.get(parameter.id, parameter.default)
        if parameter.fixed is not None:
            if value is not None and value != parameter.fixed:
                what = f"{parameter.spell(value)} → {parameter.spell(parameter.fixed)}: set by {cell.model.id}."
                notices.append(Notice(parameter.title, what))
            value = parameter.fixed
        elif value is None:
            if parameter.required:
                problems.append(Problem(parameter.title, "is missing", f"Give {parameter.takes}."))
            continue
        elif not parameter.lists(value):
            listed = parameter.takes
            if not parameter.accepts(value):
                what = f"{parameter.spell(value)} is not taken by {cell.model.id}"
                problems.append(Problem(parameter.title, what, f"Choose {listed}."))
                continue
            what = f"{parameter.spell(value)} is outside the documented {listed}; it is sent as asked."
            notices.append(Notice(parameter.title, what))
        if parameter.refused:
            problems.append(Problem(parameter.title, parameter.refused, "Leave it out."))
            continue
        if trouble := readable(parameter, value):
            problems.append(Problem(parameter.title, *trouble))
            continue
        if parameter.max_chars and len(str(value)) > parameter.max_chars:
            what = f"has {len(str(value))} characters; {parameter.max_chars} are taken"
            problems.append(Problem(parameter.title, what, f"Cut {len(str(value)) - parameter.max_chars}."))
            continue
        values[parameter.id] = value
    return values


def readable(parameter: Parameter, value: Value) -> tuple[str, str] | None:
    """(what is wrong, what to do) where a value is typed in a form of its own and cannot be read; None where it can."""
    how = parameter.placement.read if parameter.placement else ""
    try:
        if how == "json":
            json.loads(str(value))
        elif how == "shots":
            shots(str(value))
    except ValueError as error:
        return (
            f"cannot be read: {error}",
            "Write JSON." if how == "json" else "Write one shot a line: 3 s: what happens.",
        )
    return None


def shots(text: str) -> list[dict[str, str | int]]:
    """The shots of a clip, one a line as `3 s: what happens`, as `{index, prompt, duration}` from 1 on.

    Raises `ValueError` that names the line. Up to six shots of at least 1 s, a prompt of at most 512 characters.
    """
    found: list[dict[str, str | int]] = []
    for number, line in enumerate((line for line in text.splitlines() if line.strip()), start=1):
        match = re.fullmatch(r"\s*(\d+)\s*s?\s*:\s*(.+?)\s*", line)
        if match is None or int(match[1]) < 1:
            raise ValueError(f"line {number} does not begin with its seconds and a colon")
        if len(match[2]) > _SHOT_CHARS:
            raise ValueError(f"line {number} has {len(match[2])} characters; a shot takes {_SHOT_CHARS}")
        found.append({"index": number, "prompt": match[2], "duration": match[1]})
    if not 1 <= len(found) <= _SHOTS:
        raise ValueError(f"there are {len(found)} shots; 1 to {_SHOTS} are taken")
    return found


# --- references --------------------------------------------------------------------------------------------------


def _reference_problems(asked: Mapping[str, tuple[Reference, ...]], cell: Cell) -> Iterator[Problem]:
    for slot_id, held in asked.items():
        if held and cell.slot(slot_id) is None:
            title = SLOTS[slot_id].title if slot_id in SLOTS else slot_id
            offered = ", ".join(slot.id for slot in cell.slots) or "none"
            what = f"is not used by {cell.model.id} in mode {cell.mode}"
            yield Problem(title, what, f"Take it out, or choose another mode; slots here: {offered}.")
    for slot in cell.slots:
        held = asked.get(slot.id, ())
        yield from _count_problems(slot, len(held))
        for number, reference in enumerate(held, start=1):
            where = slot.title if slot.maximum == 1 else f"{slot.title}, number {number}"
            if slot.form_for(reference) is None:
                yield Problem(where, _no_form(slot, reference), _no_form_fix(slot, reference))
            for what, fix in limit_problems(slot, reference):
                yield Problem(where, what, fix)


def _count_problems(slot: Slot, count: int) -> Iterator[Problem]:
    if count < slot.minimum:
        missing = slot.minimum - count
        thing = slot.kind.value if missing == 1 else f"{slot.kind.value}s"
        have = f"has {count} of at least {slot.minimum}" if slot.minimum > 1 else "is empty"
        yield Problem(slot.title, have, f"Add {missing} {thing}: drop, browse or paste a link. {slot.note}".strip())
    if slot.maximum is not None and count > slot.maximum:
        what = f"holds {count}; {slot.maximum} {'is' if slot.maximum == 1 else 'are'} taken"
        yield Problem(slot.title, what, f"Take out {count - slot.maximum}. {slot.note}".strip())


def _no_form(slot: Slot, reference: Reference) -> str:
    if reference.digest:
        return f"{reference.name} is an upload, and the gateway takes this {slot.kind.value} as a link only"
    if reference.asset:
        return "the gateway takes no assets here"
    return f"the gateway takes no link for this {slot.kind.value}"


def _no_form_fix(slot: Slot, reference: Reference) -> str:
    words = {
        "url": "paste a public link to it",
        "asset": "use an asset",
        "file": "upload a file",
        "data_url": "upload a file",
        "base64": "upload a file",
    }
    ways = list(dict.fromkeys(words[form.send_as.value] for form in slot.forms))
    fix = f"{' or '.join(ways).capitalize()}."
    if reference.digest:
        fix += " With DAILIES_PUBLIC_URL set the app serves uploads to the gateway itself."
    return fix


def _reference_notices(asked: Mapping[str, tuple[Reference, ...]], cell: Cell) -> Iterator[Notice]:
    switched = False
    for slot in cell.slots:
        for reference in asked.get(slot.id, ()):
            form = slot.form_for(reference)
            if form is None:
                continue
            if reference.digest and form.send_as is SendAs.URL:
                yield Notice(slot.title, f"the gateway fetches {reference.name} from this app's public address.")
            if form.note:
                yield Notice(slot.title, f"{form.note}.")
            if form.body and form.body is not cell.body and not switched:
                switched = True
                kind = "a multipart form" if form.body == "form" else "JSON"
                yield Notice(slot.title, f"{reference.name} makes the request {kind}: the field takes it only so.")
            for done in reference.done:
                yield Notice(slot.title, f"{reference.name}: {done}.")


def limit_problems(slot: Slot, reference: Reference) -> Iterator[tuple[str, str]]:
    """(what is wrong, what to do) for one reference against a slot's limits. Unmeasured facts are not judged."""
    if reference.kind is not slot.kind:
        yield f"{reference.name} is {_an(reference.kind)}, not {_an(slot.kind)}", f"Give {_an(slot.kind)}."
        return
    limits = slot.limits
    if limits.types and reference.media_type and reference.media_type not in limits.types:
        names = ", ".join(kind.split("/")[-1] for kind in limits.types)
        yield f"{reference.name} is {reference.media_type}", f"Convert it; taken here: {names}."
    if limits.max_bytes and reference.size > limits.max_bytes:
        have, most = reference.size / 1e6, limits.max_bytes / 1e6
        yield f"{reference.name} has {have:.1f} MB; {most:g} MB are taken", "Shrink it."
    if reference.width and reference.height:
        short, long = sorted((reference.width, reference.height))
        size = f"{reference.name} is {reference.width}×{reference.height}"
        if limits.min_side and short < limits.min_side:
            yield f"{size}; each side needs {limits.min_side} px", "Use a larger picture."
        if limits.max_side and long > limits.max_side:
            yield f"{size}; a side may have {limits.max_side} px", "Shrink it."
        ratio = reference.width / reference.height
        if (limits.min_ratio and ratio < limits.min_ratio) or (limits.max_ratio and ratio > limits.max_ratio):
            low, high = limits.min_ratio or 0, limits.max_ratio or 0
            yield f"{size}; width / height must lie between {low:g} and {high:g}", "Crop or fit it."
    if reference.seconds is not None:
        length = f"{reference.name} lasts {reference.seconds:.1f} s"
        if limits.min_seconds and reference.seconds < limits.min_seconds - 0.05:
            yield f"{length}; at least {limits.min_seconds:g} s are needed", "Use a longer one."
        if limits.max_seconds and reference.seconds > limits.max_seconds + 0.05:
            yield f"{length}; at most {limits.max_seconds:g} s are taken", "Trim it."


def _an(kind: MediaKind) -> str:
    return {"image": "a picture", "video": "a video", "audio": "a sound"}[kind.value]


# --- rules between values ----------------------------------------------------------------------------------------


def _rule_problems(
    rule: Rule, values: Mapping[str, Value], references: Mapping[str, tuple[Reference, ...]], cell: Cell
) -> Iterator[Problem]:
    if not rule.applies(values, references):
        return
    if rule.needs and not any(references.get(slot_id) for slot_id in rule.needs):
        titles = " or ".join(SLOTS[slot_id].title.lower() for slot_id in rule.needs)
        yield Problem(cell.mode.label, rule.note, f"Add {titles}.")
    for name, allowed in rule.then.items():
        parameter = cell.parameter(name)
        if parameter and name in values and values[name] not in allowed:
            what = f"{parameter.spell(values[name])}: {rule.note}"
            fix = f"Choose {parameter.one_of(allowed)}." if allowed else "Leave it out."
            yield Problem(parameter.title, what, fix)
