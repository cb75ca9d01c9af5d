"""What the operator's limits let through: prices, caps, confirmations, and budgets by day and month."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from dailies.catalog.load import load
from dailies.domain import Draft, Run
from dailies.errors import StoreError
from dailies.gateways import SANDBOX, Gateway
from dailies.money import Money
from dailies.request import draft, wire
from dailies.rewriting import Tokens
from dailies.settings import Settings, Spending
from dailies.store import Store
from dailies.vocabulary import Mode, RunState
from dailies.work.gate import Gate, NotAdmitted
from dailies.work.life import create_run

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
FAMILY, MODEL = next((cell.family, cell.model.id) for cell in load().cells() if cell.mode is Mode.TEXT)
PRICES = f"""
currency = "USD"
source = "the gateway's price list"
checked = 2026-03-01
[[prices]]
model = "{MODEL}"
per_clip = 0.60
[[prices]]
model = "writer"
per_million_in = 0.40
"""

Make = Callable[..., Gate]


class Clock:
    now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture
def gate(tmp_path: Path, store: Store, clock: Clock) -> Make:
    """`gate(max_cost=…)`: a gate with these limits and a price file of one row, 0.60 USD a clip."""
    path = tmp_path / "prices.toml"
    path.write_text(PRICES)

    def make(*, prices: bool = True, **limits: object) -> Gate:
        amounts = {name: Decimal(str(value)) if name != "max_runs" else value for name, value in limits.items()}
        settings = Settings(tmp_path / "home", spending=Spending(path if prices else None, **amounts))
        return Gate(store.spending, settings, clock)

    return make


def run(clock: Clock, owner: str = "", model: str = MODEL, gateway: str = "https://g.test") -> Run:
    cell = load().families[FAMILY].cell(model, Mode.TEXT)
    assert cell is not None
    checked = draft.check(Draft("A boat"), cell)
    assert checked.request is not None
    call = wire.encode(checked.request, cell)
    return create_run(checked.request, call, cell.route, gateway, clock(), owner=owner)


def admit(gate: Gate, *runs: Run, agreed: bool = False) -> tuple[Run, ...]:
    return gate.admit(runs, agreed=agreed)


def refused(gate: Gate, *runs: Run, agreed: bool = False) -> str:
    with pytest.raises(NotAdmitted) as caught:
        gate.admit(runs, agreed=agreed)
    return str(caught.value)


def test_the_estimate_is_stored_with_the_run(gate: Make, store: Store, clock: Clock) -> None:
    (admitted,) = admit(gate(), run(clock))
    kept = store.runs.add(admitted)
    assert kept.estimate == Money(Decimal("0.6"), "USD")
    found = store.runs.get(kept.id)
    assert found is not None
    assert found.estimate == kept.estimate


def test_an_unknown_price_is_not_zero(gate: Make, clock: Clock) -> None:
    (admitted,) = admit(gate(prices=False), run(clock))
    assert admitted.estimate is None
    words = refused(gate(prices=False, max_cost=1), run(clock))
    assert "its cost is unknown" in words
    assert admit(gate(prices=False, max_cost=1), run(clock), agreed=True)[0].estimate is None


def test_a_cap_of_one_press(gate: Make, clock: Clock) -> None:
    words = refused(gate(max_cost=0.01), run(clock), agreed=True)
    assert "0.60 USD" in words
    assert "DAILIES_MAX_COST" in words
    assert admit(gate(max_cost=1.2), run(clock), run(clock))
    assert "1.80 USD" in refused(gate(max_cost=1.2), run(clock), run(clock), run(clock), agreed=True)


def test_more_clips_than_one_press_may_send(gate: Make, clock: Clock) -> None:
    assert "DAILIES_MAX_RUNS" in refused(gate(max_runs=1), run(clock), run(clock), agreed=True)


def test_a_confirmation_over_a_threshold(gate: Make, clock: Clock) -> None:
    with pytest.raises(NotAdmitted) as caught:
        gate(confirm_cost=0.5).admit([run(clock)], agreed=False)
    assert "0.60 USD" in caught.value.confirm
    assert admit(gate(confirm_cost=0.5), run(clock), agreed=True)
    assert admit(gate(confirm_cost=0.6), run(clock))


@pytest.mark.parametrize(("limit", "later"), [("budget_day", timedelta(days=1)), ("budget_month", timedelta(days=1))])
def test_a_budget_counts_until_its_period_is_over(
    gate: Make, store: Store, clock: Clock, limit: str, later: timedelta
) -> None:
    limited = gate(**{limit: 1.0})
    store.runs.add(admit(limited, run(clock))[0])
    words = refused(limited, run(clock), agreed=True)
    assert "0.60 USD of 1.00 USD are spent" in words
    clock.now = NOON.replace(hour=23, minute=59)
    assert refused(limited, run(clock))
    clock.now = NOON + later  # the first of April
    assert admit(limited, run(clock))


def test_a_monthly_budget_does_not_end_with_the_day(gate: Make, store: Store, clock: Clock) -> None:
    clock.now = NOON - timedelta(days=20)
    store.runs.add(admit(gate(), run(clock))[0])
    clock.now = NOON
    assert "this month" in refused(gate(budget_month=1), run(clock))
    assert admit(gate(budget_day=1), run(clock))


def test_a_budget_is_each_persons_own(gate: Make, store: Store, clock: Clock) -> None:
    limited = gate(budget_day=1)
    store.runs.add(admit(limited, run(clock, "ann"))[0])
    assert refused(limited, run(clock, "ann"))
    assert admit(limited, run(clock, "bob"))


@pytest.mark.parametrize(
    ("state", "task", "counts"),
    [
        (RunState.READY, "", True),
        (RunState.UNSURE, "", True),
        (RunState.DONE, "t", True),
        (RunState.FAILED, "t", True),
        (RunState.FAILED, "", False),
        (RunState.CANCELLED, "", False),
        (RunState.CANCELLED, "t", True),
    ],
)
def test_what_may_have_been_charged_counts(
    gate: Make, store: Store, clock: Clock, state: RunState, task: str, counts: bool
) -> None:
    limited = gate(budget_day=1)
    store.runs.add(replace(admit(limited, run(clock))[0], state=state, task=task))
    if counts:
        assert refused(limited, run(clock))
    else:
        assert admit(limited, run(clock))


def test_a_gateway_may_have_prices_of_its_own(tmp_path: Path, store: Store, clock: Clock) -> None:
    own = tmp_path / "team.toml"
    own.write_text(PRICES.replace("0.60", "0.10"))
    team = Gateway("team", "https://g.test", "Team", prices=own)
    path = tmp_path / "prices.toml"
    path.write_text(PRICES)
    settings = Settings(tmp_path / "home", gateways={"team": team}, spending=Spending(path))
    gate = Gate(store.spending, settings, clock)
    mine, others = admit(gate, run(clock, gateway="team"), run(clock))
    assert (mine.estimate, others.estimate) == (Money(Decimal("0.1"), "USD"), Money(Decimal("0.6"), "USD"))


def test_a_changed_price_file_is_read_again(gate: Make, tmp_path: Path, clock: Clock) -> None:
    limited = gate()
    assert admit(limited, run(clock))[0].estimate == Money(Decimal("0.6"), "USD")
    path = tmp_path / "prices.toml"
    path.write_text(PRICES.replace("0.60", "0.75"))
    moment = path.stat().st_mtime_ns + 10**9
    os.utime(path, ns=(moment, moment))
    assert admit(limited, run(clock))[0].estimate == Money(Decimal("0.75"), "USD")


@pytest.mark.parametrize(("limit", "period"), [("budget_day", "today"), ("budget_month", "this month")])
def test_a_spent_budget_leaves_nothing_for_a_chat_model(
    gate: Make, store: Store, clock: Clock, limit: str, period: str
) -> None:
    limited = gate(**{limit: 0.60})
    limited.admit_chat("https://g.test", "ada")
    store.runs.add(admit(limited, run(clock, owner="ada"))[0])
    with pytest.raises(NotAdmitted, match=f"0.60 USD of 0.60 USD are spent {period}"):
        limited.admit_chat("https://g.test", "ada")
    limited.admit_chat("https://g.test", "grace")
    for _ in range(2):
        limited.count_chat("https://g.test", "writer", "grace", Tokens(1_000_000, 0))
    with pytest.raises(NotAdmitted, match=f"0.80 USD of 0.60 USD are spent {period}"):
        limited.admit_chat("https://g.test", "grace")
    limited.admit_chat(SANDBOX, "ada")
    gate().admit_chat("https://g.test", "ada")


def test_no_answer_of_a_chat_model_is_lost_over_its_cost(
    gate: Make, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    counted = gate()
    counted.count_chat("https://g.test", "nobody knows its price", "ada", None)
    (tmp_path / "prices.toml").write_text("not a price file")
    counted.count_chat("https://g.test", "writer", "ada", Tokens(1, 1))
    assert [each.unknown for each in store.spending.list(NOON - timedelta(days=1), "ada")] == [1, 1]

    def fail(*_: object) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(store.spending, "add_chat", fail)
    counted.count_chat("https://g.test", "writer", "ada", Tokens(1, 1))
    assert "could not be counted as spent" in caplog.text
