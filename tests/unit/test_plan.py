"""The plan of many clips: cells, counts, waits, costs, limits, and the comparisons made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count, product

import pytest

from dailies.catalog.load import load
from dailies.catalog.prices import Cost, Unpriced
from dailies.compare.lanes import plan_lane
from dailies.compare.nouns import MAX_LANES, Comparison, Idea, Lane
from dailies.compare.plan import (
    CONFIRM_RUNS,
    Bill,
    Candidate,
    Matrix,
    PlannedCell,
    Totals,
    Verdict,
    add_costs,
    add_up,
    check_limits,
    count_comparisons,
    estimate_wait,
    lay_out,
    make_comparisons,
    spell_amount,
    spell_cost,
    split_prompts,
)
from dailies.domain import Cell, Request
from dailies.vocabulary import Mode

CATALOG = load()
NOW = datetime(2026, 11, 21, tzinfo=UTC)
FOUND = ("the list", date(2026, 11, 1))


def usd(amount: str) -> Cost:
    return Cost(Decimal(amount), "USD", *FOUND)


def per_second(request: Request, cell: Cell) -> Cost | Unpriced:
    seconds = request.values.get("seconds")
    return usd(str(seconds)) if isinstance(seconds, int) else Unpriced("no length")


def candidate(model: str, estimate: float | None = None) -> Candidate:
    found = CATALOG.find(model)
    assert found
    family = found[0]
    cell = family.cell(model, Mode.TEXT)
    past = ((estimate, {}),) if estimate is not None else ()
    return Candidate(family.id, family.entries[0].id, model, cell, family.modes(model), past)


def laid_out(*models: str, prompts: Sequence[str] = ("A boat",), lengths: Sequence[int] = (), takes: int = 1) -> Matrix:
    return lay_out(Idea(), [candidate(model) for model in models], prompts, lengths, takes, per_second)


def cells(count: int, estimate: float | None = None, cost: Cost | Unpriced | None = None) -> list[PlannedCell]:
    price = cost or Unpriced("no price is on file")
    return [PlannedCell("f", "e", "m", "p", 5, take, "", (), estimate, price) for take in range(1, count + 1)]


def bill(*some: PlannedCell) -> Bill:
    return add_costs(cell.cost for cell in some)


# --- prompts -----------------------------------------------------------------------------------------------------


def test_prompts_one_a_line() -> None:
    assert split_prompts(" a boat \n\n\na lake\na boat\n") == ("a boat", "a lake", "a boat")


def test_prompts_of_several_lines() -> None:
    text = "\n\na boat\n  in the rain \n \t \n\na lake"
    assert split_prompts(text, paragraphs=True) == ("a boat\n  in the rain", "a lake")
    assert split_prompts("  \n\n", paragraphs=True) == ()


# --- cells -------------------------------------------------------------------------------------------------------


def test_every_model_with_every_prompt_length_and_take() -> None:
    laid = laid_out("Kling-3.0", "sora-2", prompts=("a", "b"), lengths=(5, 8), takes=3)
    found = [(cell.model, cell.prompt, cell.seconds, cell.take) for cell in laid.cells]
    assert found == list(product(("Kling-3.0", "sora-2"), ("a", "b"), (5, 8), (1, 2, 3)))
    assert laid.sendable == laid.cells


def test_a_cell_says_what_a_lane_of_its_own_would() -> None:
    laid = laid_out("jimeng-video-3.0", lengths=(8,))
    known = candidate("jimeng-video-3.0")
    lane = Lane("", "jimeng", "openai", "jimeng-video-3.0")
    assert (
        laid.cells[0].differences == plan_lane(Idea(prompt="A boat", values={"seconds": 8}), lane, known.cell).announced
    )
    assert any("10 s instead of 8 s" in said for said in laid.cells[0].differences)
    assert laid.cells[0].cost == usd("10")  # of what is sent, not of what was asked


def test_without_a_length_each_model_takes_its_own() -> None:
    laid = laid_out("Kling-3.0", "GV-3.1")
    assert [cell.seconds for cell in laid.cells] == [None, None]
    assert [cell.cost for cell in laid.cells] == [usd("5"), usd("8")]


def test_a_shared_value_reaches_every_cell_and_the_length_of_the_idea_none() -> None:
    known = candidate("Kling-3.0")
    laid = lay_out(Idea(values={"audio": "on", "seconds": 15}), [known], ["A boat"], [6], 1, per_second)
    assert laid.cells[0].cost == usd("6")
    made = make_comparisons(laid, owner="", now=NOW, new_id=ids())
    assert made[0].idea.values == {"audio": "on", "seconds": 6}


def test_what_cannot_be_sent_is_refused_in_words_and_counts_as_nothing() -> None:
    laid = laid_out("Vidu-template", "Kling-3.0", prompts=("A boat",), takes=2)
    assert [bool(cell.refused) for cell in laid.cells] == [True, True, False, False]
    assert laid.cells[0].refused == "Vidu-template does not offer the mode text. It offers template effect."
    assert laid.cells[0].cost is None
    found = add_up(laid, 4)
    assert (found.bill.runs, found.refused, found.bill.unknown) == (2, 2, 0)


def test_a_prompt_that_is_too_long_for_one_model_strikes_out_its_cells_only() -> None:
    limited = next(c for c in CATALOG.cells() if c.mode is Mode.TEXT and c.prompt_max and not c.entry.after)
    assert limited.prompt_max
    one = Candidate(limited.family, limited.entry.id, limited.model.id, limited)
    laid = lay_out(Idea(), [one], ["x" * limited.prompt_max, "x" * (limited.prompt_max + 1)], [], 1, per_second)
    assert [bool(cell.refused) for cell in laid.cells] == [False, True]
    assert "Shorten it by 1." in laid.cells[1].refused


def test_the_whole_catalog_can_be_planned() -> None:
    models = [m.id for f in CATALOG.families.values() for m in f.models[f.entries[0].id]]
    laid = laid_out(*models, lengths=(8,))
    assert len(laid.cells) == len(models)
    for cell in laid.cells:
        known = candidate(cell.model)
        if known.cell is None:
            assert cell.refused, cell.model
        assert (cell.cost is None) == bool(cell.refused), cell.model


# --- waits and costs ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("work", "servers", "expected"),
    [
        ([], 3, 0),
        ([5, 7], 1, 12),
        ([5, 7], 2, 7),
        ([5, 7], 9, 7),
        ([4, 4, 4, 4, 4], 2, 12),
        ([1, 1, 10], 2, 11),  # in the order in which they are sent, the long one last
        ([10, 1, 1], 2, 10),
        ([5], 0, 5),
    ],
)
def test_the_wait_is_that_of_a_queue(work: list[float], servers: int, expected: float) -> None:
    assert estimate_wait(work, servers) == expected


def test_totals_count_the_unknown_beside_the_known() -> None:
    points = Cost(Decimal(3), "credits", *FOUND)
    some = [*cells(3, 60, usd("0.1")), *cells(2), *cells(1, 30, points)]
    refused = PlannedCell("f", "e", "m", "p", 5, 1, "no", (), 999, usd("999"))
    found = add_up(Matrix(Idea(), (*some, refused)), 2)
    costs = (("USD", Decimal("0.3")), ("credits", Decimal(3)))
    assert found == Totals(Bill(6, costs, unknown=2), refused=1, wait=120, wait_unknown=2)
    assert spell_cost(found.bill) == "at least 0.30 USD and 3.00 credits; 2 of 6 clips unknown"


def test_costs_in_words() -> None:
    assert spell_cost(bill(*cells(2, cost=usd("2.1")))) == "4.20 USD"
    assert spell_cost(bill(*cells(2))) == "unknown"
    assert spell_cost(bill()) == "nothing"
    assert spell_amount(Decimal("0.0335"), "USD") == "0.0335 USD"
    assert spell_amount(Decimal("1200"), "credits") == "1200.00 credits"
    assert spell_amount(Decimal("1E+30"), "USD") == f"1{'0' * 30}.00 USD"


# --- limits ------------------------------------------------------------------------------------------------------


def test_a_small_plan_goes() -> None:
    assert check_limits(bill(*cells(CONFIRM_RUNS)), max_runs=100) == Verdict()


def test_too_many_clips_are_blocked() -> None:
    found = bill(*cells(5))
    assert check_limits(found, max_runs=5) == Verdict()
    blocked = check_limits(found, max_runs=4).blocked
    assert "5 clips" in blocked
    assert "at most 4 per press (DAILIES_MAX_RUNS)" in blocked


def test_too_much_money_is_blocked_in_any_currency() -> None:
    found = bill(*cells(1, cost=usd("1")), *cells(2, cost=Cost(Decimal(3), "credits", *FOUND)))
    assert check_limits(found, max_runs=9, max_cost=Decimal(6)) == Verdict()
    blocked = check_limits(found, max_runs=9, max_cost=Decimal(5)).blocked
    assert "cost 1.00 USD and 6.00 credits" in blocked
    assert "at most 5.00 credits per press (DAILIES_MAX_COST)" in blocked


def test_what_has_to_be_agreed_to() -> None:
    many = bill(*cells(CONFIRM_RUNS + 1, cost=usd("1")))
    assert check_limits(many, max_runs=100).confirm == f"it has {CONFIRM_RUNS + 1} clips"
    few = bill(*cells(3, cost=usd("1")))
    assert check_limits(few, max_runs=9, confirm_cost=Decimal(3)) == Verdict()
    assert check_limits(few, max_runs=9, confirm_cost=Decimal(2)).confirm == "it costs 3.00 USD"
    assert check_limits(few, max_runs=9, confirm_cost=Decimal(2), again=True).confirm == (
        "it was sent before, and it costs 3.00 USD"
    )


def test_an_unknown_cost_under_a_limit_has_to_be_agreed_to() -> None:
    partly = bill(*cells(3, cost=usd("1")), *cells(1))
    assert check_limits(partly, max_runs=9) == Verdict()
    for limits in ({"max_cost": Decimal(9)}, {"confirm_cost": Decimal(9)}):
        assert check_limits(partly, max_runs=9, **limits).confirm == "the cost of 1 of 4 clips is unknown"


# --- what was shown is what is sent ------------------------------------------------------------------------------


def test_two_plans_send_the_same_whatever_the_history_says_meanwhile() -> None:
    def one(estimate: float | None = None, prompt: str = "A boat", amount: str = "1", **values: str) -> Matrix:
        return lay_out(
            Idea(values=dict(values)), [candidate("Kling-3.0", estimate)], [prompt], [], 1, lambda *_: usd(amount)
        )

    assert one().sends_the_same(one(60))
    assert not one().sends_the_same(one(prompt="A lake"))
    assert not one().sends_the_same(one(amount="2"))
    assert not one().sends_the_same(one(audio="on"))


# --- comparisons -------------------------------------------------------------------------------------------------


def ids():  # type: ignore[no-untyped-def]
    numbers = count()
    return lambda: f"id-{next(numbers)}"


def made(laid: Matrix) -> tuple[Comparison, ...]:
    return make_comparisons(laid, owner="me", now=NOW, new_id=ids())


def test_a_comparison_for_each_prompt_and_length() -> None:
    found = made(laid_out("Kling-3.0", "sora-2", prompts=("A boat", "A lake"), lengths=(5, 8), takes=2))
    asked = [(c.idea.prompt, c.idea.values["seconds"]) for c in found]
    assert asked == [("A boat", 5), ("A boat", 8), ("A lake", 5), ("A lake", 8)]
    for comparison in found:
        assert [lane.model for lane in comparison.lanes] == ["Kling-3.0", "Kling-3.0", "sora-2", "sora-2"]
        assert (comparison.owner, comparison.created, comparison.updated) == ("me", NOW, NOW)
    assert found[1].title == "A boat · 8 s"
    every = [c.id for c in found] + [lane.id for c in found for lane in c.lanes]
    assert len(set(every)) == len(every) == 4 + 16


def test_a_lane_keeps_what_was_said_of_it() -> None:
    laid = laid_out("jimeng-video-3.0", lengths=(8,))
    assert made(laid)[0].lanes[0].announced == laid.cells[0].differences != ()


def test_what_is_struck_out_is_in_no_comparison() -> None:
    assert made(laid_out("Vidu-template")) == ()
    assert [lane.model for lane in made(laid_out("Vidu-template", "sora-2"))[0].lanes] == ["sora-2"]


@pytest.mark.parametrize(("models", "takes"), list(product((1, 2, 3, 5, 8, 9, 17), (1, 2, 3, 5, 8))))
def test_more_lanes_than_fit_are_spread_evenly_and_none_is_lost(models: int, takes: int) -> None:
    chosen = tuple(
        PlannedCell("f", "e", f"m{m}", "A boat", 5, take) for m in range(models) for take in range(1, takes + 1)
    )
    found = made(Matrix(Idea(), chosen))
    assert count_comparisons(Matrix(Idea(), chosen)) == len(found)
    assert all(1 <= len(c.lanes) <= MAX_LANES for c in found)
    assert Counter(lane.model for c in found for lane in c.lanes) == {f"m{m}": takes for m in range(models)}
    if models <= MAX_LANES:  # takes give way: the models stay beside each other
        assert all({lane.model for lane in c.lanes} == {f"m{m}" for m in range(models)} for c in found)
        sizes = [len(c.lanes) for c in found]
        assert max(sizes) - min(sizes) <= models
    if len(found) > 1:
        assert [c.title for c in found] == [f"A boat · 5 s · {n} of {len(found)}" for n in range(1, len(found) + 1)]


def test_a_long_prompt_makes_a_short_title() -> None:
    title = made(laid_out("Kling-3.0", prompts=("a boat\n" * 40,)))[0].title
    assert len(title) <= 60
    assert title.startswith("a boat a boat")
    assert title.endswith("…")
