"""A plan of many clips: models x prompts x durations x takes, and what each cell would send, take and cost.

Pure: no files, no clock, no network. Owns the counts, the estimates and the split of a plan into comparisons. What a
lane sends is `dailies.compare.lanes`, what a clip costs is `dailies.catalog.prices`; nothing is sent here.
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
from dailies.compare.lanes import plan_lane
from dailies.compare.nouns import MAX_LANES, Comparison, Idea, Lane
from dailies.domain import Cell, Request
from dailies.seen import Took, find_usual
from dailies.text import join_and
from dailies.vocabulary import Mode

CONFIRM_RUNS = 2 * MAX_LANES
"""A plan of more clips than two full comparisons needs a confirmation (our own limit, not a gateway's)."""

_TITLE = 60  # characters of a prompt to show in a title

_Item = TypeVar("_Item")

PriceOf = Callable[[Request, Cell], Cost | Unpriced]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model to plan for. `cell` is None where it lacks the mode; `offers` are the modes it has.

    `past` is how long its latest runs took, and what they were asked with.
    """

    family: str
    entry: str
    model: str
    cell: Cell | None
    offers: tuple[Mode, ...] = ()
    past: Sequence[Took] = ()


@dataclass(frozen=True, slots=True)
class PlannedCell:
    """One clip of a plan. `seconds` is the duration asked for; None: each model's own. `take` counts from 1.

    `refused` says why it cannot be sent; it then has neither estimate nor cost.
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
    """Every cell of a plan: model by model, each with every prompt, duration and take.

    `idea` is what all cells have in common; its own prompt and duration are not used.
    """

    idea: Idea
    cells: tuple[PlannedCell, ...] = ()

    @property
    def sendable(self) -> tuple[PlannedCell, ...]:
        return tuple(cell for cell in self.cells if not cell.refused)

    @property
    def sent(self) -> tuple[PlannedCell, ...]:
        """What would be sent, without the estimates: they change while other runs finish."""
        return tuple(replace(cell, estimate=None) for cell in self.sendable)

    def sends_the_same(self, other: Matrix) -> bool:
        """Whether both plans would send the same requests at the same cost."""
        return self.idea == other.idea and self.sent == other.sent


@dataclass(frozen=True, slots=True)
class Bill:
    """What clips cost together. `costs` sums the known prices by currency; `unknown` counts the clips without one."""

    runs: int  # clips that would be sent
    costs: tuple[tuple[str, Decimal], ...] = ()  # (currency, amount), by currency
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of a plan. `wait` covers the cells with an estimate; `wait_unknown` counts the others."""

    bill: Bill
    refused: int  # cells that cannot be sent
    wait: float  # seconds until the last clip with an estimate is done
    wait_unknown: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a plan may be sent: `blocked` says why not, `confirm` what to confirm first. Both empty: send."""

    blocked: str = ""
    confirm: str = ""


def split_prompts(text: str, *, paragraphs: bool = False) -> tuple[str, ...]:
    """Split a text into prompts: one per line, or with `paragraphs` separated by empty lines."""
    if not paragraphs:
        return tuple(line.strip() for line in text.splitlines() if line.strip())
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.strip():
            blocks[-1].append(line.rstrip())
        elif blocks[-1]:
            blocks.append([])
    return tuple("\n".join(block).strip() for block in blocks if block)


def lay_out(
    idea: Idea,
    candidates: Sequence[Candidate],
    prompts: Sequence[str],
    durations: Sequence[int],
    takes: int,
    price: PriceOf,
) -> Matrix:
    """Lay out a plan. `durations` in seconds; none: each model's own."""
    cells: list[PlannedCell] = []
    for candidate, prompt, seconds in product(candidates, prompts, durations or (None,)):
        first = _plan_cell(_focus(idea, prompt, seconds), candidate, seconds, price)
        cells += [replace(first, take=take) for take in range(1, takes + 1)]
    return Matrix(idea, tuple(cells))


def _focus(shared: Idea, prompt: str, seconds: int | None) -> Idea:
    values = {name: value for name, value in shared.values.items() if name != "seconds"}
    return replace(shared, prompt=prompt, values=values if seconds is None else values | {"seconds": seconds})


def _plan_cell(idea: Idea, candidate: Candidate, seconds: int | None, price: PriceOf) -> PlannedCell:
    lane = Lane("", candidate.family, candidate.entry, candidate.model)
    planned = plan_lane(idea, lane, candidate.cell, offers=candidate.offers)
    cell = PlannedCell(
        candidate.family,
        candidate.entry,
        candidate.model,
        idea.prompt,
        seconds,
        1,
        refused=planned.refused,
        differences=planned.announced,
    )
    request = planned.checked.request if planned.checked else None
    if request is None or candidate.cell is None:
        return cell
    return replace(cell, estimate=find_usual(candidate.past, request.values), cost=price(request, candidate.cell))


def add_up(planned: Matrix, concurrency: int) -> Totals:
    """Add up a plan for a gateway that works on `concurrency` clips at once."""
    sent = planned.sendable
    estimates = [cell.estimate for cell in sent if cell.estimate is not None]
    wait = estimate_wait(estimates, concurrency)
    return Totals(
        add_costs(cell.cost for cell in sent), len(planned.cells) - len(sent), wait, len(sent) - len(estimates)
    )


def add_costs(prices: Iterable[Cost | Unpriced | None]) -> Bill:
    """Add up the prices of clips, one for each clip."""
    costs: dict[str, Decimal] = {}
    runs = unknown = 0
    for price in prices:
        runs += 1
        if isinstance(price, Cost):
            costs[price.currency] = costs.get(price.currency, Decimal(0)) + price.amount
        else:
            unknown += 1
    return Bill(runs, tuple(sorted(costs.items())), unknown)


def estimate_wait(seconds: Iterable[float], servers: int) -> float:
    """Return how long jobs of these lengths take when each starts, in order, on the first free server."""
    busy_until = [0.0] * max(1, servers)
    for length in seconds:
        heapq.heapreplace(busy_until, busy_until[0] + length)
    return max(busy_until)


def spell_amount(amount: Decimal, currency: str) -> str:
    """Write an amount as `4.20 USD`: two decimals, or more where it has more."""
    exact = amount.normalize()
    places = exact.as_tuple().exponent
    return f"{exact:f} {currency}" if isinstance(places, int) and places < -2 else f"{exact:.2f} {currency}"


def spell_cost(bill: Bill) -> str:
    """Write a cost: `4.20 USD`, `at least 4.20 USD and 12.00 credits; 3 of 12 clips unknown`, or `unknown`."""
    sums = join_and(spell_amount(amount, currency) for currency, amount in bill.costs)
    if not bill.unknown:
        return sums or "nothing"
    return f"at least {sums}; {bill.unknown} of {bill.runs} clips unknown" if sums else "unknown"


def check_limits(
    bill: Bill,
    *,
    max_runs: int,
    max_cost: Decimal | None = None,
    confirm_cost: Decimal | None = None,
    budgeted: bool = False,
    again: bool = False,
) -> Verdict:
    """Check clips against the operator's limits.

    `budgeted`: what they cost also counts against a budget. `again`: the same clips were sent before.
    """
    if bill.runs > max_runs:
        return Verdict(
            f"These are {bill.runs} clips. This installation sends at most {max_runs} per press "
            "(DAILIES_MAX_RUNS). Send fewer."
        )
    for currency, amount in bill.costs:
        if max_cost is not None and amount > max_cost:
            return Verdict(
                f"These clips cost {spell_cost(bill)}. This installation spends at most "
                f"{spell_amount(max_cost, currency)} per press (DAILIES_MAX_COST). Send fewer."
            )
    reasons = ["it was sent before"] if again else []
    if bill.runs > CONFIRM_RUNS:
        reasons.append(f"it has {bill.runs} clips")
    if confirm_cost is not None and any(amount > confirm_cost for _, amount in bill.costs):
        reasons.append(f"it costs {spell_cost(bill)}")
    if bill.unknown and (budgeted or confirm_cost is not None or max_cost is not None):
        share = f"the cost of {bill.unknown} of {bill.runs} clips"
        reasons.append(f"{'its cost' if bill.runs == 1 else share} is unknown")
    return Verdict(confirm=", and ".join(reasons))


def count_comparisons(planned: Matrix) -> int:
    """Count the comparisons that `make_comparisons` makes."""
    return sum(len(parts) for _, parts in _group(planned))


def make_comparisons(
    planned: Matrix, *, owner: str, now: datetime, new_id: Callable[[], str]
) -> tuple[Comparison, ...]:
    """Make one comparison for each prompt and duration, of the cells that can be sent.

    Cells that do not fit into one are split by takes first, so that the models stay side by side.
    """
    made: list[Comparison] = []
    for (prompt, seconds), parts in _group(planned):
        for number, part in enumerate(parts, start=1):
            made.append(
                Comparison(
                    new_id(),
                    owner,
                    now,
                    now,
                    title=_make_title(prompt, seconds, number, len(parts)),
                    idea=_focus(planned.idea, prompt, seconds),
                    lanes=tuple(
                        Lane(new_id(), cell.family, cell.entry, cell.model, announced=cell.differences) for cell in part
                    ),
                )
            )
    return tuple(made)


def _group(planned: Matrix) -> list[tuple[tuple[str, int | None], list[list[PlannedCell]]]]:
    """Return each prompt and duration with its sendable cells, split into the lanes of comparisons."""
    groups: dict[tuple[str, int | None], list[PlannedCell]] = {}
    for cell in planned.sendable:
        groups.setdefault((cell.prompt, cell.seconds), []).append(cell)
    return [(key, _split(cells)) for key, cells in groups.items()]


def _split(cells: Sequence[PlannedCell]) -> list[list[PlannedCell]]:
    """Split the cells of one prompt and duration into parts of at most `MAX_LANES`, all of about the same size."""
    by_place = {((cell.family, cell.entry, cell.model), cell.take): cell for cell in cells}
    models = list(dict.fromkeys(model for model, _ in by_place))
    takes = list(dict.fromkeys(take for _, take in by_place))
    parts = []
    for beside in _split_evenly(models, MAX_LANES):
        for some in _split_evenly(takes, MAX_LANES // len(beside)):
            parts.append([by_place[place] for place in product(beside, some) if place in by_place])
    return parts


def _split_evenly(items: Sequence[_Item], most: int) -> list[Sequence[_Item]]:
    count = -(-len(items) // most)
    ends = [len(items) * n // count for n in range(count + 1)]
    return [items[start:end] for start, end in pairwise(ends)]


def _make_title(prompt: str, seconds: int | None, number: int, of: int) -> str:
    words = " ".join(prompt.split())
    short = words if len(words) <= _TITLE else f"{words[: _TITLE - 1].rstrip()}…"
    duration = f" · {seconds} s" if seconds is not None else ""
    return f"{short}{duration}{f' · {number} of {of}' if of > 1 else ''}"
