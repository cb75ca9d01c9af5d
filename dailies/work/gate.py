"""The gate that every run passes before it is stored, and every call of a chat model: price, limits and budgets.

Pages ask `weigh` what a press would cost and what the limits say; `admit` applies the same limits to what is about to
be stored, whoever sends it. A price that no file states is unknown, and never counted as zero.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from dailies.catalog.load import load
from dailies.catalog.prices import ChatPrice, Cost, Prices, Unpriced, load_prices
from dailies.compare.plan import Verdict, add_costs, check_limits, spell_amount
from dailies.domain import Cell, Request, Run
from dailies.errors import CatalogError, DailiesError, StoreError
from dailies.gateways import SANDBOX
from dailies.money import Money
from dailies.rewriting import Tokens
from dailies.settings import Settings
from dailies.store.spending import SpendingStore

_log = logging.getLogger(__name__)


class NotAdmitted(DailiesError):  # noqa: N818 - a refusal by the operator's limits, not a fault
    """The operator's limits forbid sending this, or want it confirmed first: then `confirm` says why."""

    def __init__(self, what: str, confirm: str = "") -> None:
        super().__init__(what)
        self.confirm = confirm


class Gate:
    """The operator's limits over what one store says was spent. Thread-safe."""

    def __init__(self, spending: SpendingStore, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._spending = spending
        self._settings = settings
        self._clock = clock

    def price(self, request: Request, cell: Cell, gateway: str) -> Cost | Unpriced:
        """The price of one clip at a gateway. Raises `DailiesError` for a price file that cannot be used."""
        path = self._settings.price_file(gateway)
        return _load(path).estimate(request, cell) if path else Unpriced("no price is on file")

    def find_chat_price(self, model: str, gateway: str) -> ChatPrice | None:
        """Find the price of a chat model's calls at a gateway. Raises `DailiesError` for a price file of no use."""
        path = self._settings.price_file(gateway)
        return _load(path).find_chat(model) if path else None

    def count_chat(self, gateway: str, model: str, owner: str, tokens: Tokens | None) -> None:
        """Count a call of a chat model that the gateway charges, or may charge. No answer is lost over this."""
        try:
            price = self.find_chat_price(model, gateway)
        except DailiesError:
            price = None
        try:
            self._spending.add_chat(owner, gateway, model, price.price(tokens) if price else None, self._clock())
        except StoreError:
            _log.exception("A call of the chat model %s could not be counted as spent", model)

    def check_files(self) -> None:
        """Read every price file. Raises `DailiesError` for the first that cannot be used."""
        gateways = self._settings.gateways
        files = [self._settings.spending.prices, *map(self._settings.price_file, gateways)]
        for path in dict.fromkeys(file for file in files if file):
            _load(path)

    def weigh(self, prices: Iterable[Cost | Unpriced], owner: str, *, again: bool = False) -> Verdict:
        """Say whether one press may send clips of these prices. `again`: the same clips were sent before."""
        limits = self._settings.spending
        bill = add_costs(prices)
        verdict = check_limits(
            bill,
            max_runs=limits.max_runs,
            max_cost=limits.max_cost,
            confirm_cost=limits.confirm_cost,
            budgeted=limits.budget_day is not None or limits.budget_month is not None,
            again=again,
        )
        if verdict.blocked:
            return verdict
        for budget, name, since in self._budgets():
            spent = {money.currency: money.amount for money in self._spending.sum(since, owner)}
            for currency, amount in bill.costs:
                before = spent.get(currency, Decimal(0))
                if before + amount > budget:
                    return Verdict(
                        f"This costs {spell_amount(amount, currency)}, and {spell_amount(before, currency)} of "
                        f"{spell_amount(budget, currency)} are spent {_name_period(name)} ({name}). "
                        "Send less, or ask the operator."
                    )
        return verdict

    def admit_chat(self, gateway: str, owner: str) -> None:
        """Let a call of a chat model through. What it costs is known afterwards: a spent budget leaves nothing.

        Raises `NotAdmitted` with the reason otherwise. The sandbox's chat model is free.
        """
        if gateway == SANDBOX:
            return
        for budget, name, since in self._budgets():
            for spent in self._spending.sum(since, owner):
                if spent.amount >= budget:
                    raise NotAdmitted(
                        f"A chat model may cost, and {spell_amount(spent.amount, spent.currency)} of "
                        f"{spell_amount(budget, spent.currency)} are spent {_name_period(name)} ({name}). "
                        "Write the prompt by hand, or ask the operator."
                    )

    def _budgets(self) -> list[tuple[Decimal, str, datetime]]:
        """Each budget that the operator has set, with the name of its setting and when its period began."""
        limits, today = self._settings.spending, self._midnight()
        budgets = (
            (limits.budget_day, "DAILIES_BUDGET_DAY", today),
            (limits.budget_month, "DAILIES_BUDGET_MONTH", today.replace(day=1)),
        )
        return [(budget, name, since) for budget, name, since in budgets if budget is not None]

    def admit(self, runs: Sequence[Run], *, agreed: bool) -> tuple[Run, ...]:
        """Return the runs of one press with their estimates. `agreed`: the person has confirmed what `weigh` asks.

        Raises `NotAdmitted` with the reason where they may not be sent.
        """
        prices = [self._price_of(run) for run in runs]
        verdict = self.weigh(prices, runs[0].owner) if runs else Verdict()
        if verdict.blocked:
            raise NotAdmitted(verdict.blocked)
        if verdict.confirm and not agreed:
            raise NotAdmitted(f"This wants to be confirmed: {verdict.confirm}.", verdict.confirm)
        return tuple(
            replace(run, estimate=Money(price.amount, price.currency) if isinstance(price, Cost) else None)
            for run, price in zip(runs, prices, strict=True)
        )

    def _price_of(self, run: Run) -> Cost | Unpriced:
        family = load().families.get(run.request.family)
        known = family is not None and family.model(run.request.model, run.request.entry) is not None
        cell = family.cell(run.request.model, run.request.mode, run.request.entry) if family and known else None
        return self.price(run.request, cell, run.gateway) if cell else Unpriced("the model is not in the catalog")

    def _midnight(self) -> datetime:
        return self._clock().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _name_period(budget: str) -> str:
    return "today" if budget.endswith("DAY") else "this month"


def _load(path: Path) -> Prices:
    """Read a price file, anew where it has changed. Raises `DailiesError` that names path, key and fault."""
    try:
        return _read_prices(path, path.stat().st_mtime_ns)
    except OSError as error:
        fault = error.strerror or type(error).__name__
    except CatalogError as error:
        fault = ": ".join(part for part in (error.key, error.what.removeprefix("cannot be read: ")) if part)
    raise DailiesError(
        f"The price file {path} cannot be used: {fault.rstrip('.')}. Correct the file, or the path to it."
    )


@lru_cache(maxsize=8)
def _read_prices(path: Path, _changed: int) -> Prices:
    return load_prices(path)
