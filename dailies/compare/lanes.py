"""Plans lanes: what one idea becomes for each model, and every difference to announce before it is sent.

Pure: no files, no clock, no network. Owns the parameters of the shared form and the step from an idea to a lane's
draft. `dailies.request.draft` checks the draft; nothing here changes bytes or sends anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dailies.compare.nouns import Idea, Lane
from dailies.compare.values import find_nearest, is_same, normalise, respell, spell
from dailies.domain import Cell, Draft, MediaLimits, Notice, Problem, Reference, Rule
from dailies.origin import Origin
from dailies.parameter import Parameter, Placement
from dailies.request import draft
from dailies.request.draft import Checked
from dailies.text import join_and
from dailies.vocabulary import PARAMETERS, SLOTS, Mode, Support, Value, parameter_name

References = Mapping[str, tuple[Reference, ...]]
FixTitle = Callable[[Reference, MediaLimits], str | None]
"""Names the one change that brings a reference within limits, such as `Crop`. None: no change does."""


@dataclass(frozen=True, slots=True)
class Shared:
    """One parameter of the shared form, and which of the `of` lanes take it.

    `parameter` spans what the lanes take and has no default. `reason` explains why not every lane takes it.
    """

    parameter: Parameter
    takes: tuple[str, ...]
    of: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Fixable:
    """A reference that the lane takes only after a change of its bytes."""

    slot: str
    position: int  # from 0, among the references of the slot
    reference: Reference
    title: str  # of the change
    why: str  # what is wrong with the reference as it is


@dataclass(frozen=True, slots=True)
class Planned:
    """What a lane would send. `refused` says why it cannot; empty: it can, at once or after its `fixes`.

    With `fixes` there is no request yet: the caller applies them to the bytes and plans again with the new references.
    `differences` lists every value and reference that differs from the idea's.
    """

    draft: Draft | None
    checked: Checked | None
    differences: tuple[Notice, ...]
    refused: str
    fixes: tuple[Fixable, ...] = ()

    @property
    def announced(self) -> tuple[str, ...]:
        """The differences as a lane stores them."""
        return tuple(f"{notice.where}: {notice.what}" for notice in self.differences)


def count_sendable(plans: Iterable[Planned]) -> int:
    """Count the lanes that can be sent."""
    return sum(not planned.refused for planned in plans)


# --- the shared form ---------------------------------------------------------------------------------------------


def merge_parameters(cells: Sequence[tuple[str, Cell | None]]) -> tuple[Shared, ...]:
    """Merge the lanes' parameters into those of one shared form, in the vocabulary's order.

    `cells` pairs each lane's name with its cell. A parameter that no lane lets a person set is left out. A lane without
    a cell, or with a refused one, is ignored.
    """
    able = [(name, cell) for name, cell in cells if cell is not None and not cell.refused]
    names = dict.fromkeys(p.id for _, cell in able for p in cell.parameters if p.settable)
    order = {name: place for place, name in enumerate(PARAMETERS)}
    return tuple(_merge(name, able) for name in sorted(names, key=lambda name: order.get(name, len(order))))


def _merge(name: str, able: Sequence[tuple[str, Cell]]) -> Shared:
    known = [(lane, parameter) for lane, cell in able if (parameter := _find(cell, name))]
    takes = [(lane, parameter) for lane, parameter in known if parameter.settable]
    fixed = [(lane, parameter) for lane, parameter in known if parameter.fixed is not None]
    titles = tuple(lane for lane, _ in takes)
    reasons = []
    if len(takes) < len(able):
        reasons.append(f"only {_join(titles)} {'takes' if len(titles) == 1 else 'take'} it")
        for value in dict.fromkeys(parameter.fixed for _, parameter in fixed if parameter.fixed is not None):
            here = tuple(lane for lane, parameter in fixed if parameter.fixed == value)
            reasons.append(f"{spell(name, value)} is fixed by {_join(here)}")
    return Shared(_span([p for _, p in takes], [p for _, p in fixed]), titles, len(able), "; ".join(reasons))


def _span(takers: Sequence[Parameter], fixed: Sequence[Parameter]) -> Parameter:
    """Return one parameter that offers every value that at least one lane takes.

    A value that one lane fixes is offered too: choosing it makes the lanes equal.
    """
    first = takers[0]
    choices, low, high = _offer(takers, [p.fixed for p in fixed if p.fixed is not None])
    whole = any(p.placement and p.placement.cast == "integer" for p in takers)
    cast = "number" if any(p.decimal for p in takers) else "integer" if whole else "plain"
    reads = [p.placement.read for p in takers if p.placement and p.placement.read]
    citations = tuple(dict.fromkeys(citation for p in takers for citation in p.origin.citations))
    supports, assumed = {p.support for p in takers}, {p.assumed for p in takers}
    texts = any(not p.choices and not p.is_range for p in takers)
    return Parameter(
        first.id,
        Origin(citations, min(p.origin.checked for p in takers)),
        Placement("", cast=cast, read=reads[0] if reads else ""),
        choices=choices,
        minimum=low,
        maximum=high,
        assumed=first.assumed if len(assumed) == 1 else None,
        free=any(p.free for p in takers) or bool(choices and texts),
        support=first.support if len(supports) == 1 else Support.PARTIAL,
        note=first.note if len({p.note for p in takers}) == 1 else "",
    )


def _offer(
    takers: Sequence[Parameter], fixed: Sequence[Value]
) -> tuple[tuple[Value, ...], int | float | None, int | float | None]:
    """Return the choices that span the takers and the fixed values, or else the bounds of a range (None: open)."""
    listed = [choice for p in takers for choice in p.choices] + list(fixed)
    numbers = [value for value in listed if isinstance(value, (int, float))]
    ranges = [p for p in takers if not p.choices and p.is_range]
    texts = [p for p in takers if not p.choices and not p.is_range]
    if ranges and not texts and len(numbers) == len(listed):
        lows, highs = [p.minimum for p in ranges], [p.maximum for p in ranges]
        low = None if None in lows else min([*numbers, *(value for value in lows if value is not None)])
        high = None if None in highs else max([*numbers, *(value for value in highs if value is not None)])
        return (), low, high
    if len(texts) == len(takers):
        return (), None, None
    unique: dict[str | float | None, Value] = {}
    for value in listed:
        unique.setdefault(normalise(value), value)
    return _sort(tuple(unique.values())), None, None


def _sort(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """Sort numbers and numbers of lines (`720p`) by size; leave other words in the lanes' order."""
    keys = [re.fullmatch(r"(-?\d+(?:\.\d+)?)[pP]?", str(value)) for value in values]
    if not all(keys):
        return values
    return tuple(sorted(values, key=lambda value: float(str(value).rstrip("pP"))))


def _join(names: Sequence[str]) -> str:
    if len(names) > 2:
        return f"{names[0]} and {len(names) - 1} more"
    return join_and(names)


# --- one lane ----------------------------------------------------------------------------------------------------


def plan_lane(
    idea: Idea,
    lane: Lane,
    cell: Cell | None,
    references: References | None = None,
    *,
    offers: Sequence[Mode] = (),
    fix_title: FixTitle | None = None,
) -> Planned:
    """Plan what the idea becomes for one lane. Never raises for anything a person can enter.

    `cell` is the lane's cell in the idea's mode, None where the model lacks the mode; `offers` are the modes it has.
    `references` replace the idea's own where the caller has hosted or changed them; `fix_title` says what can be fixed.
    """
    if lane.clip is not None:
        return Planned(None, None, (), f"{lane.name or 'This clip'} was made elsewhere: nothing is sent.")
    if cell is None or cell.refused:
        return Planned(None, None, (), _word_missing_mode(idea, lane, cell, offers))
    held, differences, missing = _fit_references(idea, idea.references if references is None else references, cell)
    values, reasons, problems = _choose_values(idea, lane, cell, held)
    asked = Draft(idea.prompt, values, held)
    fixes, judged = _find_fixes(held, cell, fix_title)
    checked = draft.check(replace(asked, references=judged), cell)
    differences += _list_differences(idea, lane, cell, values, reasons)
    for fix in fixes:
        what = f"{fix.reference.name}: {fix.title[0].lower()}{fix.title[1:]} before it is sent. {fix.why}."
        differences.append(Notice(SLOTS[fix.slot].title, what))
    differences += checked.notices
    if lane.gateway:
        differences.append(Notice("Gateway", f"{lane.gateway}, for this lane alone"))
    problems = [*missing, *problems, *checked.problems]
    if problems or fixes:
        checked = Checked(None, tuple(problems), checked.notices)
    return Planned(asked, checked, tuple(dict.fromkeys(differences)), _word_refusal(lane, cell, problems), fixes)


def _word_missing_mode(idea: Idea, lane: Lane, cell: Cell | None, offers: Sequence[Mode]) -> str:
    others = [mode.label.lower() for mode in offers if mode is not idea.mode]
    instead = f"It offers {', '.join(others)}." if others else "Choose another model."
    why = f": {cell.refused.rstrip('.')}" if cell else ""
    return f"{lane.name} does not offer the mode {idea.mode.label.lower()}{why}. {instead}"


def _word_refusal(lane: Lane, cell: Cell, problems: Sequence[Problem]) -> str:
    if not problems:
        return ""
    first, *others = problems
    more = f" {len(others)} more {'reason' if len(others) == 1 else 'reasons'}." if others else ""
    return f"{lane.name or cell.model.id}: {first.where} {first.what.rstrip('.')}. {first.fix}{more}"


def _choose_values(
    idea: Idea, lane: Lane, cell: Cell, held: References
) -> tuple[dict[str, Value], dict[str, str], list[Problem]]:
    """Return the values to send, why each changed one changed, and problems with the lane's own values."""
    values: dict[str, Value] = {}
    reasons: dict[str, str] = {}
    for name, value in idea.values.items():
        parameter = _find(cell, name)
        if parameter is None or not parameter.settable or name in lane.overrides:
            continue
        taken = find_nearest(parameter, value)
        if taken is not None:
            values[name] = taken
        if taken is None or not is_same(taken, value):
            reasons[name] = f"the model takes {parameter.takes}"
    problems = []
    for name, value in lane.overrides.items():
        parameter = _find(cell, name)
        if parameter is None:
            title = parameter_name(name).title
            what = f"is set for this lane, but {cell.model.id} takes none in mode {cell.mode.label.lower()}"
            problems.append(Problem(title, what, "Remove the value from this lane."))
        elif parameter.fixed is None:
            values[name] = respell(parameter, value)
    _obey_rules(cell, held, values, reasons, lane.overrides)
    return values, reasons, problems


def _obey_rules(
    cell: Cell, held: References, values: dict[str, Value], reasons: dict[str, str], kept: Iterable[str]
) -> None:
    """Change shared values until the rules hold, as long as a broken rule leaves only one choice. None moves twice."""
    moved = set(kept)
    while (move := next(_find_moves(cell, held, values, moved), None)) is not None:
        name, value, rule = move
        moved.add(name)
        reasons[name] = rule.note
        if value is None:
            del values[name]
        else:
            values[name] = value


def _find_moves(
    cell: Cell, held: References, values: Mapping[str, Value], moved: Collection[str]
) -> Iterator[tuple[str, Value | None, Rule]]:
    """Yield each change of one value that mends a broken rule: the parameter, its new value (None: unset), the rule."""
    now = {p.id: p.effective(values) for p in cell.parameters}
    movable = {p.id: p for p in cell.parameters if p.settable and p.id not in moved}
    for rule in cell.rules:
        if not rule.applies(now, held):
            continue
        for name, allowed in rule.then.items():
            parameter, target = cell.parameter(name), movable.get(name)
            if parameter is None or rule.find_conflict(parameter, now) is None:
                continue
            if target and len(allowed) == 1 and target.accepts(allowed[0]):
                yield name, allowed[0], rule
            elif target and not allowed and target.default is None:
                yield name, None, rule
            else:
                for cause, wanted in rule.when.items():
                    others = [c for c in movable[cause].choices if c not in wanted] if cause in movable else []
                    if len(others) == 1:
                        yield cause, others[0], rule


def _list_differences(
    idea: Idea, lane: Lane, cell: Cell, values: Mapping[str, Value], reasons: Mapping[str, str]
) -> Iterator[Notice]:
    """Yield every value of the lane that differs from the idea's, with the reason."""
    for name in dict.fromkeys((*idea.values, *lane.overrides, *(p.id for p in cell.parameters))):
        parameter, title = _find(cell, name), parameter_name(name).title
        held = parameter.effective(values) if parameter else None
        asked, own = idea.values.get(name), lane.overrides.get(name)
        others = [spell(name, v) for v in (asked, own) if v is not None and not is_same(v, held)]
        if is_same(held, asked) and not others:
            continue
        if parameter is None:
            why = f"this model takes no {title.lower()}"
        elif parameter.fixed is not None:
            why = "fixed by the model"
        elif own is not None:
            why = "set for this lane"
        else:
            why = parameter.refused or reasons.get(name) or "the default"
        why = why.rstrip(".")
        if held is not None:
            what = f"{spell(name, held)} instead of {join_and(others)}" if others else spell(name, held)
        else:
            what = f"{join_and(others)} not sent"
            if parameter and parameter.assumed is not None:
                why += f"; unset means {spell(name, parameter.assumed)}"
        yield Notice(title, f"{what} ({why})")


# --- references --------------------------------------------------------------------------------------------------


def _fit_references(idea: Idea, asked: References, cell: Cell) -> tuple[References, list[Notice], list[Problem]]:
    """Return the references the cell has places for, what is left out, and a problem where none is left."""
    held: dict[str, tuple[Reference, ...]] = {}
    differences: list[Notice] = []
    for slot_id, references in asked.items():
        if not references:
            continue
        title, kind = SLOTS[slot_id].title, SLOTS[slot_id].kind
        slot, count = cell.slot(slot_id), len(references)
        if slot is None:
            why = f"this model takes no {title.lower()} in mode {cell.mode.label.lower()}"
            differences.append(Notice(title, f"{kind.spell(count)} not sent ({why})"))
        elif slot.maximum is not None and count > slot.maximum:
            held[slot_id] = references[: slot.maximum]
            what = f"{slot.maximum} of {kind.spell(count)} sent (the model takes {slot.maximum})"
            differences.append(Notice(title, what))
        else:
            held[slot_id] = references
    lost = any(asked.values()) and not held and idea.mode is not Mode.TEXT
    what = f"do not fit: {cell.model.id} takes none of this idea's"
    return held, differences, [Problem("References", what, "Add one that it takes, or remove this lane.")] * lost


def _find_fixes(held: References, cell: Cell, fix_title: FixTitle | None) -> tuple[tuple[Fixable, ...], References]:
    """Return what can be fixed, and the references to check: without the measures that a fix will change."""
    fixes: list[Fixable] = []
    judged: dict[str, tuple[Reference, ...]] = {}
    for slot in cell.slots:
        for position, reference in enumerate(held.get(slot.id, ())):
            seen, broken = reference, [what for what, _ in draft.check_limits(slot, reference)]
            title = fix_title(reference, slot.limits) if fix_title and broken and reference.digest else None
            if title:
                fixes.append(Fixable(slot.id, position, reference, title, "; ".join(broken)))
                seen = replace(reference, width=None, height=None, seconds=None, size=0, media_type="")
            judged[slot.id] = (*judged.get(slot.id, ()), seen)
    return tuple(fixes), judged


def _find(cell: Cell, name: str) -> Parameter | None:
    """Find a parameter by its id, never by its name on the wire: one name means different things in two families."""
    return next((parameter for parameter in cell.parameters if parameter.id == name), None)
