"""A plan of many clips: models x prompts x lengths x takes, what each cell would send, wait for and cost.

Pure: no files, no clock, no network. Owns the counting, the estimates and the making of comparisons out of a plan.
What a lane sends is `dailies.compare.lanes`, what a clip costs `dailies.catalog.prices`; nothing is sent here.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import pairwise, product
from typing import TypeVar

from dailies.catalog.prices import Cost, Unpriced
from dailies.compare.lanes import plan
from dailies.compare.nouns import MAX_LANES, Comparison, Idea, Lane
from dailies.domain import Cell, Request
from dailies.vocabulary import Mode

CONFIRM_RUNS = 2 * MAX_LANES
"""A plan of more clips than two full comparisons is sent only after a tick (our own limit, not a gateway's)."""

_TITLE = 60  # characters of a prompt that a title shows

_Item = TypeVar("_Item")

PriceOf = Callable[[Request, Cell], Cost | Unpriced]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model to plan for. `cell` is None where it lacks the mode; `offers` are the modes it has.

    `estimate` is how long one clip usually takes from sending to the file, in seconds; None without a history.
    """

    family: str
    entry: str
    model: str
    cell: Cell | None
    offers: tuple[Mode, ...] = ()
    estimate: float | None = None


@dataclass(frozen=True, slots=True)
class PlannedCell:
    """One clip of a plan. `seconds` is the length asked for, None where each model takes its own.

    `refused` says why nothing can be sent; then there is neither estimate nor cost. `take` counts from 1.
    """

    family: str
    entry: str
    model: str
    prompt: str
    seconds: int | None
    take: int
    refused: str = ""
    differences: tuple[str, ...] = ()
    estimate: float | None = None  # seconds
    cost: Cost | Unpriced | None = None


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every cell of a plan: model by model, each with every prompt, length and take. `idea` is what all have in common.

    Prompts and lengths are those of the cells; those of `idea` are not used.
    """

    idea: Idea
    cells: tuple[PlannedCell, ...] = ()

    @property
    def sendable(self) -> tuple[PlannedCell, ...]:
        return tuple(cell for cell in self.cells if not cell.refused)

    @property
    def sent(self) -> tuple[PlannedCell, ...]:
        """What would be sent, without the estimates: those move by themselves while other runs finish."""
        return tuple(replace(cell, estimate=None) for cell in self.sendable)

    def sends_the_same(self, other: Matrix) -> bool:
        """Whether both would send, and be charged, the same."""
        return self.idea == other.idea and self.sent == other.sent


@dataclass(frozen=True, slots=True)
class Totals:
    """What a plan comes to. The sums are those of the known cells; the unknown ones are counted beside them."""

    runs: int  # clips that would be sent
    refused: int  # cells struck out
    wait: float  # seconds until the last clip of known length of work is there
    wait_unknown: int
    costs: tuple[tuple[str, Decimal], ...]  # (currency, amount), by currency
    cost_unknown: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a plan may be sent: `blocked` says why not, `confirm` what has to be agreed to first. Empty: go."""

    blocked: str = ""
    confirm: str = ""


def split_prompts(text: str, *, paragraphs: bool = False) -> tuple[str, ...]:
    """The prompts of a text in their order: one a line, or with `paragraphs` separated by empty lines."""
    if not paragraphs:
        return tuple(line.strip() for line in text.splitlines() if line.strip())
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.strip():
            blocks[-1].append(line.rstrip())
        elif blocks[-1]:
            blocks.append([])
    return tuple("\n".join(block).strip() for block in blocks if block)


def matrix(
    idea: Idea,
    candidates: Sequence[Candidate],
    prompts: Sequence[str],
    lengths: Sequence[int],
    takes: int,
    price: PriceOf,
) -> Matrix:
    """Lay out a plan. Without `lengths` every model takes the length it takes by itself."""
    cells: list[PlannedCell] = []
    for candidate, prompt, seconds in product(candidates, prompts, lengths or (None,)):
        first = _planned(_idea(idea, prompt, seconds), candidate, seconds, price)
        cells += [replace(first, take=take) for take in range(1, takes + 1)]
    return Matrix(idea, tuple(cells))


def _idea(shared: Idea, prompt: str, seconds: int | None) -> Idea:
    values = {name: value for name, value in shared.values.items() if name != "seconds"}
    return replace(shared, prompt=prompt, values=values if seconds is None else values | {"seconds": seconds})


def _planned(idea: Idea, candidate: Candidate, seconds: int | None, price: PriceOf) -> PlannedCell:
    lane = Lane("", candidate.family, candidate.entry, candidate.model)
    planned = plan(idea, lane, candidate.cell, offers=candidate.offers)
    cell = PlannedCell(
        candidate.family,
        candidate.entry,
        candidate.model,
        idea.prompt,
        seconds,
        1,
        refused=planned.refused,
        differences=planned.said,
    )
    request = planned.checked.request if planned.checked else None
    if request is None or candidate.cell is None:
        return cell
    return replace(cell, estimate=candidate.estimate, cost=price(request, candidate.cell))


def totals(cells: Iterable[PlannedCell], concurrency: int) -> Totals:
    """Count a plan, for a gateway that works on `concurrency` clips at once."""
    costs: dict[str, Decimal] = {}
    known: list[float] = []
    runs = refused = cost_unknown = 0
    for cell in cells:
        if cell.refused:
            refused += 1
            continue
        runs += 1
        if cell.estimate is not None:
            known.append(cell.estimate)
        if isinstance(cell.cost, Cost):
            costs[cell.cost.currency] = costs.get(cell.cost.currency, Decimal(0)) + cell.cost.amount
        else:
            cost_unknown += 1
    wait = makespan(known, concurrency)
    return Totals(runs, refused, wait, runs - len(known), tuple(sorted(costs.items())), cost_unknown)


def makespan(seconds: Iterable[float], servers: int) -> float:
    """How long pieces of work take that are begun in their order by whichever server is free first."""
    busy_until = [0.0] * max(1, servers)
    for length in seconds:
        heapq.heapreplace(busy_until, busy_until[0] + length)
    return max(busy_until)


def spell_amount(amount: Decimal, currency: str) -> str:
    """`4.20 USD`: two decimals, or as many as it takes."""
    exact = amount.normalize()
    places = exact.as_tuple().exponent
    return f"{exact:f} {currency}" if isinstance(places, int) and places < -2 else f"{exact:.2f} {currency}"


def spell_cost(found: Totals) -> str:
    """`4.20 USD`, `at least 4.20 USD and 12.00 credits; 3 of 12 clips unknown`, or `unknown`."""
    sums = " and ".join(spell_amount(amount, currency) for currency, amount in found.costs)
    if not found.cost_unknown:
        return sums or "nothing"
    return f"at least {sums}; {found.cost_unknown} of {found.runs} clips unknown" if sums else "unknown"


def judge(
    found: Totals,
    *,
    max_runs: int,
    max_cost: Decimal | None = None,
    confirm_cost: Decimal | None = None,
    again: bool = False,
) -> Verdict:
    """Hold a plan against the operator's limits. `again`: the same plan was sent before from this page."""
    if found.runs > max_runs:
        return Verdict(
            f"This plan has {found.runs} clips, and this installation sends at most {max_runs} at a press "
            "(DAILIES_MAX_RUNS). Take out models, prompts, lengths or takes."
        )
    for currency, amount in found.costs:
        if max_cost is not None and amount > max_cost:
            return Verdict(
                f"This plan costs {spell_cost(found)}, and this installation spends at most "
                f"{spell_amount(max_cost, currency)} at a press (DAILIES_MAX_COST). Take out models, prompts, lengths "
                "or takes."
            )
    reasons = ["it was sent before"] if again else []
    if found.runs > CONFIRM_RUNS:
        reasons.append(f"it is {found.runs} clips")
    if confirm_cost is not None and any(amount > confirm_cost for _, amount in found.costs):
        reasons.append(f"it costs {spell_cost(found)}")
    elif found.cost_unknown and (confirm_cost is not None or max_cost is not None):
        reasons.append(f"the cost of {found.cost_unknown} of {found.runs} clips is unknown")
    return Verdict(confirm=", and ".join(reasons))


def comparisons(planned: Matrix, *, owner: str, now: datetime, new_id: Callable[[], str]) -> tuple[Comparison, ...]:
    """One comparison for each prompt and length, of the cells that can be sent.

    What does not fit into one is spread over several: first over takes, so that the models stay beside each other.
    """
    made: list[Comparison] = []
    groups: dict[tuple[str, int | None], list[PlannedCell]] = {}
    for cell in planned.sendable:
        groups.setdefault((cell.prompt, cell.seconds), []).append(cell)
    for (prompt, seconds), cells in groups.items():
        parts = _parts(cells)
        for number, part in enumerate(parts, start=1):
            made.append(
                Comparison(
                    new_id(),
                    owner,
                    now,
                    now,
                    title=_title(prompt, seconds, number, len(parts)),
                    idea=_idea(planned.idea, prompt, seconds),
                    lanes=tuple(
                        Lane(new_id(), cell.family, cell.entry, cell.model, said=cell.differences) for cell in part
                    ),
                )
            )
    return tuple(made)


def _parts(cells: Sequence[PlannedCell]) -> list[list[PlannedCell]]:
    """The cells of one prompt and length in parts of at most `MAX_LANES`, none much smaller than the others."""
    by_place = {((cell.family, cell.entry, cell.model), cell.take): cell for cell in cells}
    models = list(dict.fromkeys(model for model, _ in by_place))
    takes = list(dict.fromkeys(take for _, take in by_place))
    parts = []
    for beside in _even(models, MAX_LANES):
        for some in _even(takes, MAX_LANES // len(beside)):
            parts.append([by_place[place] for place in product(beside, some) if place in by_place])
    return parts


def _even(items: Sequence[_Item], most: int) -> list[Sequence[_Item]]:
    count = -(-len(items) // most)
    ends = [len(items) * n // count for n in range(count + 1)]
    return [items[start:end] for start, end in pairwise(ends)]


def _title(prompt: str, seconds: int | None, number: int, of: int) -> str:
    words = " ".join(prompt.split())
    short = words if len(words) <= _TITLE else f"{words[: _TITLE - 1].rstrip()}…"
    length = f" · {seconds} s" if seconds is not None else ""
    return f"{short}{length}{f' · {number} of {of}' if of > 1 else ''}"
