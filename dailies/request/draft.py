"""Checks a draft against a cell: problems, notices and, if nothing is wrong, a frozen request.

Pure: no files, no clock, no network. Does not know the wire; that is `dailies.request.wire`. Nothing changes in
silence: a `Notice` names whatever will differ from what was asked, a `Problem` what cannot be sent and the next step.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dailies import formats
from dailies.domain import Cell, Draft, Notice, Problem, Reference, Request, Rule, Slot
from dailies.encodings import READINGS
from dailies.parameter import Parameter
from dailies.text import join_or
from dailies.vocabulary import PARAMETERS, SLOTS, Body, SendAs, Value

References = Mapping[str, tuple[Reference, ...]]
"""Slot id -> the media in it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of `check`. `request` is None if there is a problem."""

    request: Request | None
    problems: tuple[Problem, ...]
    notices: tuple[Notice, ...]


def check(draft: Draft, cell: Cell) -> Checked:
    """Check a draft against a cell. Reports every problem, not only the first."""
    values, value_problems, notices = _check_values(draft.values, cell)
    problems = [
        *_cell_problems(draft, cell),
        *_prompt_problems(draft.prompt, cell),
        *value_problems,
        *_reference_problems(draft.references, cell),
        *(problem for rule in cell.rules for problem in _rule_problems(rule, values, draft.references, cell)),
    ]
    notices += _reference_notices(draft.references, cell)
    notices += [
        Notice(_title_of(rule, cell), rule.note)
        for rule in cell.rules
        if rule.warns and rule.applies(values, draft.references)
    ]
    if problems:
        return Checked(None, tuple(problems), tuple(notices))
    request = Request(
        family=cell.family,
        entry=cell.entry.id,
        model=cell.model.id,
        mode=cell.mode,
        prompt=draft.prompt.strip(),
        values=values,
        references={slot.id: tuple(held) for slot in cell.slots if (held := draft.references.get(slot.id))},
        metadata=draft.metadata,
        source=draft.source,
        sent_as=draft.sent_as,
    )
    return Checked(request, (), tuple(notices))


# --- mode, source and prompt -------------------------------------------------------------------------------------


def _cell_problems(draft: Draft, cell: Cell) -> Iterator[Problem]:
    if cell.refused:
        yield Problem(cell.mode.label, cell.refused.removesuffix("."), "Choose another mode or another family.")
    if cell.continues and not draft.source:
        yield Problem("Source", "is missing", "Start from a finished run, or give its task id.")


def _prompt_problems(prompt: str, cell: Cell) -> Iterator[Problem]:
    text = prompt.strip()
    if not text and cell.prompt_required:
        yield Problem("Prompt", "is empty", "Describe the clip in a sentence or two.")
    if trouble := _length_problem(text, cell.prompt_max):
        yield Problem("Prompt", *trouble)


def _length_problem(text: str, most: int | None) -> tuple[str, str] | None:
    if most is None or len(text) <= most:
        return None
    return f"has {len(text)} characters; the limit is {most}", f"Shorten it by {len(text) - most}."


# --- values ------------------------------------------------------------------------------------------------------


def _check_values(asked: Mapping[str, Value], cell: Cell) -> tuple[dict[str, Value], list[Problem], list[Notice]]:
    """The values to send, by parameter id, with their problems and notices."""
    chosen, problems = _choose(asked, cell)
    values: dict[str, Value] = {}
    notices: list[Notice] = []
    for parameter in cell.parameters:
        value = parameter.effective(chosen)
        if trouble := _value_problem(parameter, value, cell.model.id):
            problems.append(Problem(parameter.title, *trouble))
            continue
        if what := _value_notice(parameter, chosen, cell.model.id):
            notices.append(Notice(parameter.title, what))
        if value is not None:
            values[parameter.id] = value
    return values, problems, notices


def _choose(asked: Mapping[str, Value], cell: Cell) -> tuple[dict[str, Value], list[Problem]]:
    """The values that were asked for, in our own words, by parameter id."""
    chosen: dict[str, Value] = {}
    problems: list[Problem] = []
    for name, raw in asked.items():
        parameter = cell.parameter(name)
        if parameter is None:
            offered = ", ".join(p.id for p in cell.parameters) or "none"
            what = f"is not a parameter of {cell.model.id} in mode {cell.mode}"
            problems.append(Problem(name, what, f"Leave it out. Parameters here: {offered}."))
            continue
        if parameter.id in chosen:
            problems.append(Problem(name, "is given twice", f"Leave one out: it is another name of {parameter.id}."))
        chosen[parameter.id] = parameter.coerce(raw)
    return chosen, problems


def _value_problem(parameter: Parameter, value: Value | None, model: str) -> tuple[str, str] | None:
    """(what is wrong, what to do), or None if the value can be sent or there is none."""
    if value is None:
        return ("is missing", f"Give {parameter.takes}.") if parameter.required else None
    if parameter.refused:
        return parameter.refused.removesuffix("."), "Leave it out."
    if parameter.fixed is None and not parameter.accepts(value):
        return f"{parameter.spell(value)} is not accepted by {model}", f"Choose {parameter.takes}."
    if parameter.placement and parameter.placement.read:
        reading = READINGS[parameter.placement.read]
        try:
            reading.read(str(value))
        except ValueError as error:
            return f"cannot be read: {error}", reading.fix
    return _length_problem(str(value), parameter.max_chars)


def _value_notice(parameter: Parameter, chosen: Mapping[str, Value], model: str) -> str:
    """How the value that is sent differs from the one that was asked for, or from what is documented."""
    value = chosen.get(parameter.id, parameter.default)
    if value is None:
        return ""
    if parameter.fixed is not None and value != parameter.fixed:
        return f"{parameter.spell(value)} → {parameter.spell(parameter.fixed)}: set by {model}."
    if not parameter.lists(value):
        return f"{parameter.spell(value)} is outside the documented {parameter.takes}; it is sent as asked."
    return ""


# --- references --------------------------------------------------------------------------------------------------


def _reference_problems(asked: References, cell: Cell) -> Iterator[Problem]:
    for slot_id, held in asked.items():
        if held and cell.slot(slot_id) is None:
            title = SLOTS[slot_id].title if slot_id in SLOTS else slot_id
            offered = ", ".join(slot.id for slot in cell.slots) or "none"
            what = f"is not used by {cell.model.id} in mode {cell.mode}"
            yield Problem(title, what, f"Remove it, or choose another mode. Slots here: {offered}.")
    for slot in cell.slots:
        held = asked.get(slot.id, ())
        if trouble := _count_problem(slot, len(held)):
            what, fix = trouble
            yield Problem(slot.title, what, f"{fix} {slot.note}".strip())
        for number, reference in enumerate(held, start=1):
            where = slot.title if slot.maximum == 1 else f"{slot.title}, {slot.kind.noun} {number}"
            if slot.form_for(reference) is None:
                yield Problem(where, *_form_problem(slot, reference))
            for what, fix in check_limits(slot, reference):
                yield Problem(where, what, fix)


def _count_problem(slot: Slot, count: int) -> tuple[str, str] | None:
    if count < slot.minimum == 1:
        return f"needs {slot.kind.a_noun}", "Drop or browse for a file, or paste a link."
    if count < slot.minimum:
        what = f"needs {slot.kind.spell(slot.minimum)} and has {count}"
        return what, f"Add {slot.minimum - count}: drop files, browse, or paste links."
    if slot.maximum is not None and count > slot.maximum:
        return f"has {slot.kind.spell(count)}; the limit is {slot.maximum}", f"Remove {count - slot.maximum}."
    return None


_WAYS = {
    SendAs.URL: "paste a public link",
    SendAs.ASSET: "use an asset",
    SendAs.FILE: "upload a file",
    SendAs.DATA_URL: "upload a file",
    SendAs.BASE64: "upload a file",
}


_SENT = {
    SendAs.URL: "a link",
    SendAs.ASSET: "an asset",
    SendAs.FILE: "a file",
    SendAs.DATA_URL: "a data URL",
    SendAs.BASE64: "base64",
}


def _form_problem(slot: Slot, reference: Reference) -> tuple[str, str]:
    kind = "an upload" if reference.digest else "an asset" if reference.asset else "a link"
    fix = join_or(dict.fromkeys(_WAYS[form.send_as] for form in slot.forms)).capitalize() + "."
    if reference.digest:
        fix += " If DAILIES_PUBLIC_URL is set, the app serves uploads to the gateway itself."
    return f"{reference.name} is {kind}, and the gateway does not accept {kind} here", fix


def _reference_notices(asked: References, cell: Cell) -> Iterator[Notice]:
    switched = False
    for slot in cell.slots:
        for reference in asked.get(slot.id, ()):
            form = slot.form_for(reference)
            if form is None:
                continue
            if reference.digest and form.send_as is SendAs.URL:
                yield Notice(slot.title, f"is sent as a link: the gateway fetches {reference.name} from this app.")
            if form.note:
                yield Notice(slot.title, f"{form.note}.")
            if form.body and form.body is not cell.body and not switched:
                switched = True
                kind = "a multipart form" if form.body is Body.FORM else "JSON"
                how = _SENT[form.send_as]
                yield Notice(slot.title, f"turns the whole request into {kind}: {reference.name} is sent as {how}.")
            for done in reference.done:
                yield Notice(slot.title, f"{reference.name}: {done}.")


def check_limits(slot: Slot, reference: Reference) -> Iterator[tuple[str, str]]:
    """(what is wrong, what to do) for each limit of the slot that a reference breaks. Unknown facts break none."""
    name, limits = reference.name, slot.limits
    if reference.kind is not slot.kind:
        yield f"{name} is {reference.kind.a_noun}, not {slot.kind.a_noun}", f"Use {slot.kind.a_noun}."
        return
    if limits.types and reference.media_type and reference.media_type not in limits.types:
        names = join_or(formats.shorten(media_type) for media_type in limits.types)
        yield f"{name} is {formats.describe(reference.media_type)}", f"Convert it to {names}."
    short = long = ratio = None
    if reference.width and reference.height:
        short, long = sorted((reference.width, reference.height))
        ratio = reference.width / reference.height
    # Containers round: a length counts to the tenth of a second that the message shows.
    seconds = None if reference.seconds is None else round(reference.seconds, 1)
    megabytes = None if limits.max_bytes is None else limits.max_bytes / 1e6
    size, weight = f"{name} is {reference.width}×{reference.height} px", reference.size / 1e6
    lower: _Limits = (
        (short, limits.min_side, "px", f"{size}; each side needs at least", "Use a larger one."),
        (ratio, limits.min_ratio, "times the height", f"{size}; the width must be at least", "Crop or pad it."),
        (seconds, limits.min_seconds, "s", f"{name} lasts {seconds} s; the minimum is", "Use a longer one."),
    )
    upper: _Limits = (
        (weight, megabytes, "MB", f"{name} has {weight:.1f} MB; the limit is", "Shrink it."),
        (long, limits.max_side, "px", f"{size}; the limit of a side is", "Shrink it."),
        (ratio, limits.max_ratio, "times the height", f"{size}; the width may be at most", "Crop or pad it."),
        (seconds, limits.max_seconds, "s", f"{name} lasts {seconds} s; the limit is", "Trim it."),
    )
    for rows, exceeds in ((lower, operator.lt), (upper, operator.gt)):
        for fact, bound, unit, words, fix in rows:
            if fact is not None and bound is not None and exceeds(fact, bound):
                yield f"{words} {bound:g} {unit}", fix


_Limits = tuple[tuple[float | None, float | None, str, str, str], ...]
"""Rows of (fact, its bound, the bound's unit, words before the bound, what to do)."""


# --- rules between values ----------------------------------------------------------------------------------------


def _rule_problems(rule: Rule, values: Mapping[str, Value], references: References, cell: Cell) -> Iterator[Problem]:
    if not rule.applies(values, references):
        return
    if rule.needs and not any(references.get(slot_id) for slot_id in rule.needs):
        titles = join_or(SLOTS[slot_id].title.lower() for slot_id in rule.needs)
        yield Problem(titles.capitalize(), "are missing", f"Add at least one. {rule.note}")
    for name, allowed in rule.then.items():
        parameter = cell.parameter(name)
        conflict = rule.find_conflict(parameter, values) if parameter else None
        if parameter and conflict is not None:
            said = f"{parameter.spell(conflict)}{'' if name in values else ' unless chosen'}"
            fix = f"Choose {parameter.one_of(allowed)}." if allowed else "Leave it out."
            yield Problem(parameter.title, f"{said}: {rule.note.removesuffix('.')}", fix)


def _title_of(rule: Rule, cell: Cell) -> str:
    """What a rule is about, in words: its first slot, or else its first parameter."""
    named = [*(SLOTS[slot_id].title for slot_id in rule.held), *(PARAMETERS[name].title for name in rule.when)]
    return named[0] if named else cell.mode.label
