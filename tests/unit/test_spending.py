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
    yield store
    store.close()


def test_spending_by_day_model_and_person(spent):
    since = DAY - timedelta(days=30)
    model = spent.runs.list("ann")[0].request.model
    found = {
        (each.day, each.model, each.times, frozenset(each.known), each.unknown, each.free)
        for each in spent.spending.list(since, "")
    }
    assert found == {
        ("2026-03-06", model, 1, frozenset({USD}), 0, 0),
        ("2026-03-05", model, 5, frozenset({CREDITS, Money(Decimal("1.2"), "USD")}), 1, 1),
    }
    assert {each.owner for each in spent.spending.list(since)} == {"", "ann"}


def test_calls_of_a_chat_model_are_spent_too(spent):
    cent = Money(Decimal("0.01"), "USD")
    for owner, gateway, cost in (("", "g", cent), ("", "g", None), ("", SANDBOX, None), ("ann", "g", cent)):
        spent.spending.add_chat(owner, gateway, "writer", cost, DAY)
    since = DAY - timedelta(days=1)
    (calls,) = [each for each in spent.spending.list(since, "") if each.chat]
    assert calls == Spent("2026-03-05", "writer", "", 3, (cent,), 1, 1, chat=True)
    assert Money(Decimal("1.81"), "USD") in spent.spending.sum(since, "")
    (row,) = csv.DictReader(write_spending([calls]).splitlines())
    assert (row["runs"], row["chat_calls"], row["chat_calls_without_a_price"]) == ("", "3", "1")
    assert row["estimated_cost"] == "0.01"


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
