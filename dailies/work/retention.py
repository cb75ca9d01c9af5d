"""The operator's rule for old clips: how long they stay, and how much room each person's may take.

What goes is deleted as a person would delete it: it can be brought back for `housekeeping.UNDO`, and its files follow.
What is starred, in a comparison (shared or not) or the parent of another run never goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dailies.settings import Retention
from dailies.store import Store
from dailies.store.expendable import Expendable

NOTICE = timedelta(days=7)
"""So long before clips go by their age their owner is told."""

NEARLY = 0.9
"""The part of a quota from which on its owner is told."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a rule takes at a moment. `aged` and `crowded`: by age, and by quota; `used`: {owner: bytes}."""

    aged: Sequence[Expendable]
    crowded: Sequence[Expendable]
    used: Mapping[str, int]

    @property
    def all(self) -> Sequence[Expendable]:
        return (*self.aged, *self.crowded)

    @property
    def size(self) -> int:
        """Bytes that become free."""
        return sum(each.size for each in self.all)


def plan_sweep(store: Store, rule: Retention, now: datetime, owner: str | None = None) -> Sweep:
    """Plan what goes at a moment; of one owner, or of everybody. Changes nothing."""
    if not rule:
        return Sweep((), (), {})
    found = store.expendable.list(store.comparisons.list_runs(), owner)
    used = dict(store.expendable.measure(owner))
    aged = [each for each in found if rule.days and each.created < now - timedelta(days=rule.days)]
    left = dict(used)
    for each in aged:
        left[each.owner] -= each.size
    crowded = []
    for each in found[len(aged) :] if rule.quota else ():
        if rule.quota and left[each.owner] > rule.quota:
            crowded.append(each)
            left[each.owner] -= each.size
    return Sweep(aged, crowded, used)


def put_away(store: Store, rule: Retention, now: datetime) -> Sweep:
    """Delete what the rule takes now, and return it."""
    sweep = plan_sweep(store, rule, now)
    owners: dict[str, list[str]] = {}
    for each in sweep.all:
        owners.setdefault(each.owner, []).append(each.run)
    for owner, runs in owners.items():
        for start in range(0, len(runs), 500):
            store.library.delete(owner, runs[start : start + 500], now)
    return sweep


def warn_owner(store: Store, rule: Retention, now: datetime, owner: str) -> Sequence[str]:
    """Say in sentences what of an owner's will soon go, and how to keep it; nothing if nothing will."""
    if not rule:
        return []
    said = []
    soon = plan_sweep(store, Retention(days=rule.days), now + NOTICE, owner).aged
    if soon:
        many = f"{len(soon)} clips are" if len(soon) > 1 else "1 clip is"
        said.append(
            f"{many} deleted within {NOTICE.days} days, because this server keeps clips for {rule.days} days. "
            "Star what you want to keep, or download it."
        )
    used = store.expendable.measure(owner).get(owner, 0) if rule.quota else 0
    if rule.quota and used > NEARLY * rule.quota:
        said.append(
            f"Your clips take {used / 1e9:.1f} of {rule.quota / 1e9:.1f} GB. Beyond that the oldest are deleted that "
            "are not starred, compared or continued."
        )
    return said
