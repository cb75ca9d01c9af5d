"""Spending by day, model and person, as the store counts it and as a spreadsheet reads it."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from components.screens.spending import write_spending
from dailies.gateways import SANDBOX
from dailies.money import Money, Spent
from dailies.store import Store
from dailies.vocabulary import RunState

DAY = datetime(2026, 3, 5, 23, 30, tzinfo=UTC)
USD, CREDITS = Money(Decimal("0.6"), "USD"), Money(Decimal(12), "credits")


@pytest.fixture
def spent(tmp_path, database, make_run):
    store = Store(tmp_path / "home", database)
    for number, (moment, changes) in enumerate(
        [
            (DAY, {"estimate": USD}),
            (DAY, {"estimate": USD}),
            (DAY, {"estimate": CREDITS}),
            (DAY, {"estimate": None}),
            (DAY, {"estimate": None, "gateway": SANDBOX}),
            (DAY, {"estimate": USD, "state": RunState.FAILED, "task": ""}),  # refused: nothing was charged
            (DAY + timedelta(hours=1), {"estimate": USD}),  # the next day in UTC
            (DAY - timedelta(days=40), {"estimate": USD}),
            (DAY, {"estimate": USD, "owner": "ann"}),
        ]
    ):
        store.runs.add(make_run(**{"id": f"r{number}", "owner": "", "created": moment} | changes))
    yield store.runs
    store.close()


def test_spending_by_day_model_and_person(spent):
    since = DAY - timedelta(days=30)
    model = spent.list("ann")[0].request.model
    found = {
        (each.day, each.model, each.runs, frozenset(each.known), each.unknown, each.free)
        for each in spent.spending(since, "")
    }
    assert found == {
        ("2026-03-06", model, 1, frozenset({USD}), 0, 0),
        ("2026-03-05", model, 5, frozenset({CREDITS, Money(Decimal("1.2"), "USD")}), 1, 1),
    }
    assert {each.owner for each in spent.spending(since)} == {"", "ann"}


def test_a_spreadsheet_never_sees_an_unknown_cost_as_zero(spent):
    rows = [
        Spent("2026-03-05", "=SUM(A1)", "", 1, (), 1),
        Spent("2026-03-05", "m", "", 3, (USD, CREDITS), 1),
    ]
    read = list(csv.DictReader(write_spending(rows).splitlines()))
    assert [(row["estimated_cost"], row["runs_without_a_price"]) for row in read] == [
        ("", "1"),
        ("0.6", "1"),
        ("12", ""),
    ]
    assert read[0]["model"] == "'=SUM(A1)"
