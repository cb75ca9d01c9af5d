"""The planning of lanes: what one idea becomes for each model, and what has to be said about it before it is sent.

Pure: no files, no clock, no network. Owns the shared form's parameters and the move from an idea to a lane's checked
draft. Does not judge a draft itself (that is `dailies.request.draft`), changes no bytes and sends nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dailies.compare.nouns import Idea, Lane
from dailies.compare.values import nearest, ours, plain, same, spell
from dailies.domain import Cell, Draft, MediaLimits, Notice, Problem, Reference, Rule
from dailies.origin import Origin
from dailies.parameter import Parameter, Placement
from dailies.request import draft
from dailies.request.draft import Checked
from dailies.vocabulary import PARAMETERS, SLOTS, Mode, Support, Value, parameter_name

References = Mapping[str, tuple[Reference, ...]]
FixTitle = Callable[[Reference, MediaLimits], str | None]
"""Names the one change that brings a reference inside limits, such as `Crop`; None where there is none."""


@dataclass(frozen=True, slots=True)
class Shared:
    """One parameter of the shared form: what to draw, and the names of the lanes that take it, of how many.

    `parameter` spans what the lanes take and has no default. `reason` says in words where only some take it.
    """

    parameter: Parameter
    takes: tuple[str, ...]
    of: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Fixable:
    """A reference that the lane takes only after a change of its bytes: where it is held, and the change's title."""

    slot: str
    position: int  # from 0, among the references of the slot
    reference: Reference
    title: str
    why: str  # what is wrong with it as it is


@dataclass(frozen=True, slots=True)
class Planned:
    """What a lane would send. `refused` is empty exactly where it can be sent, at once or after its `fixes`.

    With `fixes` there is no request yet: whoever holds the bytes applies them and plans again with the new references.
    `differences` names every value and reference of the lane that is not the idea's.
    """

    draft: Draft | None
    checked: Checked | None
    differences: tuple[Notice, ...]
    refused: str
    fixes: tuple[Fixable, ...] = ()

    @property
    def said(self) -> tuple[str, ...]:
        """The differences as a lane keeps them."""
        return tuple(f"{notice.where}: {notice.what}" for notice in self.differences)


def planned_count(plans: Iterable[Planned]) -> int:
    """How many of the lanes would be sent."""
    return sum(not planned.refused for planned in plans)


# --- the shared form ---------------------------------------------------------------------------------------------


def shared_parameters(cells: Sequence[tuple[str, Cell | None]]) -> tuple[Shared, ...]:
    """The parameters of a form that all lanes share, in the order in which the lanes bring them.

    `cells` pairs each lane's name with its cell. Left out is what no lane lets a person choose. A lane without a cell,
    or whose cell is refused, has no say.
    """
    able = [(name, cell) for name, cell in cells if cell is not None and not cell.refused]
    names = dict.fromkeys(p.id for _, cell in able for p in cell.parameters if p.settable)
    order = {name: place for place, name in enumerate(PARAMETERS)}
    return tuple(_shared(name, able) for name in sorted(names, key=lambda name: order.get(name, len(order))))


def _shared(name: str, able: Sequence[tuple[str, Cell]]) -> Shared:
    known = [(lane, parameter) for lane, cell in able if (parameter := _exact(cell, name))]
    takes = [(lane, parameter) for lane, parameter in known if parameter.settable]
    fixed = [(lane, parameter) for lane, parameter in known if parameter.fixed is not None]
    titles = tuple(lane for lane, _ in takes)
    reasons = []
    if len(takes) < len(able):
        reasons.append(f"only {_some(titles)} {'takes' if len(titles) == 1 else 'take'} it")
        for value in dict.fromkeys(parameter.fixed for _, parameter in fixed if parameter.fixed is not None):
            here = tuple(lane for lane, parameter in fixed if parameter.fixed == value)
            reasons.append(f"{spell(name, value)} is fixed by {_some(here)}")
    return Shared(_span([p for _, p in takes], [p for _, p in fixed]), titles, len(able), "; ".join(reasons))


def _span(takers: Sequence[Parameter], fixed: Sequence[Parameter]) -> Parameter:
    """One parameter that offers all that at least one lane takes.

    What one lane fixes is offered too: asking for it makes the lanes equal.
    """
    first = takers[0]
    listed = [c for p in takers for c in p.choices] + [p.fixed for p in fixed if p.fixed is not None]
    texts = [p for p in takers if not p.choices and not p.is_range]
    figures = [value for value in listed if isinstance(value, (int, float))]
    numbers = any(p.is_range for p in takers) and not texts and len(figures) == len(listed)
    choices: tuple[Value, ...] = ()
    low, high = None, None
    if numbers:
        lows = [*(p.minimum for p in takers if not p.choices), *figures]
        highs = [*(p.maximum for p in takers if not p.choices), *figures]
        low = None if None in lows else min(value for value in lows if value is not None)
        high = None if None in highs else max(value for value in highs if value is not None)
    elif len(texts) < len(takers):
        unique: dict[str | float | None, Value] = {}
        for value in listed:
            unique.setdefault(plain(value), value)
        choices = _sorted(tuple(unique.values()))
    whole = any(p.placement and p.placement.cast == "integer" for p in takers)
    cast = "number" if any(p.decimal for p in takers) else "integer" if whole else "plain"
    reads = [p.placement.read for p in takers if p.placement and p.placement.read]
    citations = tuple(dict.fromkeys(citation for p in takers for citation in p.origin.citations))
    supports, assumed = {p.support for p in takers}, {p.assumed for p in takers}
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


def _sorted(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """Numbers, and words that are a number of lines, by their size; other words as the lanes bring them."""
    keys = [re.fullmatch(r"(-?\d+(?:\.\d+)?)[pP]?", str(value)) for value in values]
    if not all(keys):
        return values
    return tuple(sorted(values, key=lambda value: float(str(value).rstrip("pP"))))


def _some(names: Sequence[str]) -> str:
    if len(names) > 2:
        return f"{names[0]} and {len(names) - 1} more"
    return " and ".join(names)


# --- one lane ----------------------------------------------------------------------------------------------------


def plan(
    idea: Idea,
    lane: Lane,
    cell: Cell | None,
    references: References | None = None,
    *,
    offers: Sequence[Mode] = (),
    fix_title: FixTitle | None = None,
) -> Planned:
    """What the idea becomes for one lane. Never raises for what a person can ask.

    `cell` is the lane's cell in the idea's mode, None where the model lacks the mode; `offers` are the modes it has.
    `references` stands in for the idea's own, as hosted or fixed by the caller; `fix_title` names what can be mended.
    """
    if lane.clip is not None:
        return Planned(None, None, (), f"{lane.name or 'This clip'} was made elsewhere: nothing is sent.")
    if cell is None or cell.refused:
        return Planned(None, None, (), _no_cell(idea, lane, cell, offers))
    held, differences, missing = _references(idea, references if references is not None else idea.references, cell)
    values, reasons, problems = _values(idea, lane, cell, held)
    asked = Draft(idea.prompt, values, held)
    fixes, mended = _fixes(held, cell, fix_title)
    checked = draft.check(replace(asked, references=mended), cell)
    differences += [Notice(where, what) for where, what in _said(idea, lane, cell, values, reasons)]
    for fix in fixes:
        what = f"{fix.reference.name}: {fix.title.lower()} before it is sent. {fix.why}."
        differences.append(Notice(SLOTS[fix.slot].title, what))
    differences += checked.notices
    problems = [*missing, *problems, *checked.problems]
    if problems or fixes:
        checked = Checked(None, tuple(problems), checked.notices)
    return Planned(asked, checked, tuple(dict.fromkeys(differences)), _refusal(lane, cell, problems), fixes)


def _no_cell(idea: Idea, lane: Lane, cell: Cell | None, offers: Sequence[Mode]) -> str:
    others = [mode.label.lower() for mode in offers if mode is not idea.mode]
    instead = f"it offers {', '.join(others)}" if others else "choose another model"
    if cell is not None:
        return f"{lane.name} has no {idea.mode.label.lower()} here: {cell.refused.rstrip('.')}; {instead}."
    return f"{lane.name} has no {idea.mode.label.lower()}; {instead}."


def _refusal(lane: Lane, cell: Cell, problems: Sequence[Problem]) -> str:
    if not problems:
        return ""
    first, *others = problems
    more = f" {len(others)} more {'reason' if len(others) == 1 else 'reasons'}." if others else ""
    return f"{lane.name or cell.model.id}: {first.where} {first.what.rstrip('.')}. {first.fix}{more}"


def _values(
    idea: Idea, lane: Lane, cell: Cell, held: References
) -> tuple[dict[str, Value], dict[str, str], list[Problem]]:
    """The values to send, why each that had to move did so, and the lane's own values that the model lacks."""
    values: dict[str, Value] = {}
    reasons: dict[str, str] = {}
    for name, value in idea.values.items():
        parameter = _exact(cell, name)
        if parameter is None or not parameter.settable or name in lane.overrides:
            continue
        taken = nearest(parameter, value)
        if taken is not None:
            values[name] = taken
        if taken is None or not same(taken, value):
            reasons[name] = f"takes {parameter.takes}"
    problems = []
    for name, value in lane.overrides.items():
        parameter = _exact(cell, name)
        if parameter is None:
            title = parameter_name(name).title
            what = f"is set for this lane, and {cell.model.id} takes none in mode {cell.mode.label.lower()}"
            problems.append(Problem(title, what, "Take the lane's own value away."))
        elif parameter.fixed is None:
            values[name] = ours(parameter, value)
    _obey(cell, held, values, reasons, frozenset(lane.overrides))
    return values, reasons, problems


def _obey(
    cell: Cell, held: References, values: dict[str, Value], reasons: dict[str, str], kept: frozenset[str]
) -> None:
    """Move shared values until the rules between values hold, where only one value is left to move to."""
    moved: set[str] = set(kept)
    turns = [rule for rule in cell.rules for _ in rule.then]
    for _ in turns:  # each turn moves one value, and none moves twice
        step = next(_steps(cell, held, values, moved), None)
        if step is None:
            return
        name, value, rule = step
        moved.add(name)
        reasons[name] = rule.note.rstrip(".")
        if value is None:
            del values[name]
        else:
            values[name] = value


def _steps(
    cell: Cell, held: References, values: Mapping[str, Value], moved: set[str]
) -> Iterator[tuple[str, Value | None, Rule]]:
    """Each single move that would heal a broken rule: the parameter, its only value (None: leave it out), the rule."""

    holding = {parameter.id: parameter.effective(values) for parameter in cell.parameters}
    for rule in cell.rules:
        if not rule.applies(holding, held):
            continue
        for name, allowed in rule.then.items():
            if holding.get(name) is None or holding[name] in allowed:
                continue
            parameter = _exact(cell, name)
            if parameter and parameter.settable and name not in moved:
                if len(allowed) == 1 and parameter.accepts(allowed[0]):
                    yield name, allowed[0], rule
                    continue
                if not allowed and parameter.default is None:
                    yield name, None, rule
                    continue
            for condition, wanted in rule.when.items():
                cause = _exact(cell, condition)
                others = [choice for choice in cause.choices if choice not in wanted] if cause else []
                if cause and cause.settable and condition not in moved and len(others) == 1:
                    yield condition, others[0], rule


def _said(
    idea: Idea, lane: Lane, cell: Cell, values: Mapping[str, Value], reasons: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """(where, what) for each value that will hold and is not the idea's, whatever made it so."""
    for name in dict.fromkeys((*idea.values, *lane.overrides, *(p.id for p in cell.parameters))):
        title = parameter_name(name).title
        parameter, wished = _exact(cell, name), idea.values.get(name)
        asked = "" if wished is None else f"{spell(name, wished)} asked"
        if name in lane.overrides:
            own = spell(name, lane.overrides[name])
            aside = f" ({asked})" if asked else ""
            if parameter is not None and parameter.fixed is not None:
                if not same(parameter.fixed, lane.overrides[name]):
                    yield title, f"{own} set for this lane{aside}, {spell(name, parameter.fixed)} fixed by the model"
                elif not same(parameter.fixed, wished):
                    yield title, f"{spell(name, parameter.fixed)}, fixed by the model{aside}"
            elif not same(lane.overrides[name], wished):
                yield title, f"{own}: set for this lane{aside}"
            continue
        if parameter is None:
            yield title, f"{asked}, this model takes no {title.lower()}"
            continue
        sent = parameter.effective(values)
        if same(sent, wished):
            continue
        unset = "not sent" if parameter.assumed is None else f"not sent (unset means {spell(name, parameter.assumed)})"
        now = unset if sent is None else spell(name, sent)
        if parameter.fixed is not None:
            yield title, f"{asked}, {now} fixed by the model" if asked else f"{now}, fixed by the model"
        elif parameter.refused:
            yield title, f"{asked}, not sent: {parameter.refused}"
        elif not asked:
            why = reasons.get(name)
            yield title, f"{now}: {why}" if why else f"{now} by default"
        else:
            yield title, f"{asked}, {now}: {reasons[name]}"


# --- references --------------------------------------------------------------------------------------------------


def _references(idea: Idea, asked: References, cell: Cell) -> tuple[References, list[Notice], list[Problem]]:
    """The references that the cell has places for, what is left out, and the problem where nothing remains."""
    held: dict[str, tuple[Reference, ...]] = {}
    differences: list[Notice] = []
    for slot_id, references in asked.items():
        if not references:
            continue
        title, kind = SLOTS[slot_id].title, SLOTS[slot_id].kind
        slot, count = cell.slot(slot_id), len(references)
        things = {"image": "picture", "video": "video", "audio": "sound"}[kind.value] + ("" if count == 1 else "s")
        if slot is None:
            what = f"{count} {things} not sent: this model takes no {title.lower()} in mode {cell.mode.label.lower()}"
            differences.append(Notice(title, what))
        elif slot.maximum is not None and count > slot.maximum:
            held[slot_id] = references[: slot.maximum]
            differences.append(Notice(title, f"{slot.maximum} of {count} {things}: takes at most {slot.maximum}"))
        else:
            held[slot_id] = references
    lost = any(asked.values()) and not held and idea.mode is not Mode.TEXT
    what = f"of this idea are none that {cell.model.id} takes"
    return held, differences, [Problem("References", what, "Add one that it takes, or leave this lane out.")] * lost


def _fixes(held: References, cell: Cell, fix_title: FixTitle | None) -> tuple[tuple[Fixable, ...], References]:
    """What can be mended, and the references as they are judged: without the measures that will change."""
    fixes: list[Fixable] = []
    judged: dict[str, tuple[Reference, ...]] = {}
    for slot in cell.slots:
        for position, reference in enumerate(held.get(slot.id, ())):
            seen, broken = reference, [what for what, _ in draft.limit_problems(slot, reference)]
            title = fix_title(reference, slot.limits) if fix_title and broken and reference.digest else None
            if title:
                fixes.append(Fixable(slot.id, position, reference, title, "; ".join(broken)))
                seen = replace(reference, width=None, height=None, size=0, media_type="")
            judged[slot.id] = (*judged.get(slot.id, ()), seen)
    return tuple(fixes), judged


# --- looking things up -------------------------------------------------------------------------------------------


def _exact(cell: Cell, name: str) -> Parameter | None:
    """The parameter with this id. Never by its name on the wire: two families mean different things by one name."""
    return next((parameter for parameter in cell.parameters if parameter.id == name), None)
