"""The operator's rule for old clips: how long they stay, how much room each person's may take, and from when it counts.

What goes is deleted as a person would delete it: it can be brought back for `housekeeping.UNDO`, and its files follow.
What is starred, in a comparison (shared or not) or the parent of another run never goes. A limit takes nothing in the
first week after it was set, so that everybody has had the notice; a looser limit that was in force before goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dailies.settings import Retention
from dailies.store import Store
from dailies.store.expendable import Expendable, Term

NOTICE = timedelta(days=7)
"""So long before clips go by their age, and before a new limit takes anything, their owner is told."""

NEARLY = 0.9
"""The part of a quota from which on its owner is told."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a rule takes at a moment. `aged` and `crowded`: by age, and by quota; `used`: {owner: bytes}.

    `begins`: when all of the rule is in force, if a limit of it is not yet.
    """

    aged: Sequence[Expendable]
    crowded: Sequence[Expendable]
    used: Mapping[str, int]
    begins: datetime | None = None

    @property
    def all(self) -> Sequence[Expendable]:
        return (*self.aged, *self.crowded)

    @property
    def size(self) -> int:
        """Bytes that become free."""
        return sum(each.size for each in self.all)


def follow_rule(terms: Iterable[Term], rule: Retention, now: datetime) -> Sequence[Term]:
    """Return the terms once this rule is known: a limit counts from its own first day, or from that of a stricter one.

    Looser limits stay, for they go on until the new one is in force. A limit that was taken away begins anew.
    """
    kept: list[Term] = []
    for name, limit in (("days", rule.days), ("quota", rule.quota)):
        if not limit:
            continue
        known = [term for term in terms if term.name == name]
        since = min((term.since for term in known if term.limit <= limit), default=now)
        kept += [*(term for term in known if term.limit > limit), Term(name, limit, since)]
    return kept


def find_in_force(terms: Iterable[Term], moment: datetime) -> Retention:
    """Return the strictest limits that have been known for a week at a moment."""
    known = [term for term in terms if term.since + NOTICE <= moment]
    days, quota = (min((term.limit for term in known if term.name == name), default=None) for name in ("days", "quota"))
    return Retention(days, quota)


def note_rule(store: Store, rule: Retention, now: datetime) -> Sequence[Term]:
    """Keep since when the limits of the rule are known, and return the terms."""
    known = store.expendable.read_terms()
    if set(follow_rule(known, rule, now)) == set(known):
        return known  # nothing to be written: a start waits for no other writer
    return store.expendable.change_terms(lambda terms: follow_rule(terms, rule, now))


def plan_sweep(
    store: Store, rule: Retention, now: datetime, owner: str | None = None, *, at: datetime | None = None
) -> Sweep:
    """Plan what goes `at` a moment, by default now; of one owner, or of everybody. Changes nothing."""
    if not rule:
        return Sweep((), (), {})
    terms, moment = follow_rule(store.expendable.read_terms(), rule, now), at or now
    begins = max(term.since for term in terms) + NOTICE
    force = find_in_force(terms, moment)
    used = dict(store.expendable.measure(owner))
    found = store.expendable.list(store.comparisons.list_runs(), owner) if force else ()
    aged = [each for each in found if force.days and each.created < moment - timedelta(days=force.days)]
    left = dict(used)
    for each in aged:
        left[each.owner] -= each.size
    crowded = []
    for each in found[len(aged) :] if force.quota else ():
        if force.quota and left[each.owner] > force.quota:
            crowded.append(each)
            left[each.owner] -= each.size
    return Sweep(aged, crowded, used, begins if begins > moment else None)


def put_away(store: Store, rule: Retention, now: datetime) -> Sweep:
    """Delete what the rule takes now, and return it. A rule that is new here is kept in mind, and takes nothing yet."""
    note_rule(store, rule, now)
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
    soon = plan_sweep(store, Retention(days=rule.days), now, owner, at=now + NOTICE).aged
    if soon:
        many = f"{len(soon)} clips are" if len(soon) > 1 else "1 clip is"
        said.append(
            f"{many} deleted within {NOTICE.days} days, because this server keeps clips for {rule.days} days. "
            "Star what you want to keep, or download it."
        )
    used = store.expendable.measure(owner).get(owner, 0) if rule.quota else 0
    if rule.quota and used > NEARLY * rule.quota:
        begins = plan_sweep(store, Retention(quota=rule.quota), now, owner).begins
        beyond = f"From {begins:%d %B %Y} on, beyond that" if begins else "Beyond that"
        said.append(
            f"Your clips take {used / 1e9:.1f} of {rule.quota / 1e9:.1f} GB. {beyond} the oldest are deleted that "
            "are not starred, compared or continued."
        )
    return said
