"""The store as one person sees it: their own runs, assets and comparisons, and the comparisons shared with them.

Pages and routes get no other store, so that no query can forget whose it is. What is not the person's is not there:
a reader returns None, exactly as for what never existed.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from functools import partial

from dailies.compare.nouns import Comparison, Outcome, Vote
from dailies.domain import Run
from dailies.gateway.assets import Asset, AssetGroup, AssetState
from dailies.library import Page, View
from dailies.money import Spent
from dailies.people import Person
from dailies.store import Store
from dailies.store.queue import Queue
from dailies.vocabulary import MediaKind, RunState


class PersonalStore:
    """What a person may see and change. `files` is reached by names that only one's own records hold."""

    def __init__(self, store: Store, person: Person) -> None:
        self._store = store
        self._person = person
        self.files = store.files
        self.revision = store.revision
        self.browsers = store.browsers
        self.runs = PersonalRuns(store, person)
        self.library = PersonalLibrary(store, person)
        self.queue = PersonalQueue(store, person)
        self.comparisons = PersonalComparisons(store, person)
        self.assets = PersonalAssets(store, person)
        self.prompts = PersonalPrompts(store, person)

    def list_spending(self, since: datetime, *, everybody: bool = False) -> Sequence[Spent]:
        """List what was spent since a moment; `everybody`'s is shown to operators alone."""
        return self._store.spending.list(since, None if everybody and self._person.operator else self._person.id)

    def greet(self, now: datetime) -> None:
        """Keep how the person is called at present."""
        self._store.people.see(self._person, now)

    def list_people(self) -> Sequence[Person]:
        """List who has signed in here, by name."""
        return list(self._store.people.all().values())

    def runs_of(self, comparison: Comparison) -> dict[str, Run]:
        """Return {id: run} of the lanes of a comparison that the person may see."""
        if self.comparisons.find(comparison.id) is None:
            return {}
        return self._store.runs.of(comparison.owner, [lane.run for lane in comparison.lanes if lane.run])

    def select_visible(self, ids: Collection[str]) -> set[str]:
        """Select the ids of runs, comparisons and assets that the person may see."""
        return self._store.select_visible(ids, self._person)

    def changed_since(self, revision: int) -> set[str]:
        """Return the ids of what was saved after `revision` and the person may see."""
        _, changed = self._store.changed_since(revision)
        return self.select_visible(changed) if self._person.id else set(changed)


class PersonalRuns:
    """A person's runs."""

    def __init__(self, store: Store, person: Person) -> None:
        self._runs = store.runs
        self._person = person
        self._owner = person.id
        self.history = store.runs.history  # how long a model takes is no secret

    def get(self, run_id: str) -> Run | None:
        run = self._runs.get(run_id)
        return run if run and run.owner == self._owner else None

    def look_at(self, run_id: str) -> Run | None:
        """Return a run to be looked at: one's own, and anybody's for an operator who may see what others ask for."""
        run = self._runs.get(run_id)
        return run if run and (run.owner == self._owner or self._person.sees_prompts) else None

    def list(
        self,
        *,
        family: str | None = None,
        states: Iterable[RunState] | None = None,
        search: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[Run]:
        """List runs, newest first; each word of `search` must occur."""
        return self._runs.list(self._owner, family=family, states=states, search=search, limit=limit, offset=offset)

    def count(
        self, *, family: str | None = None, states: Iterable[RunState] | None = None, search: str | None = None
    ) -> int:
        """Count the runs that `list` would return without a limit."""
        return self._runs.count(self._owner, family=family, states=states, search=search)

    def list_of_everybody(self, *, limit: int = 50) -> Sequence[Run]:
        """List everybody's runs, newest first, for an operator who may see what others ask for; else one's own."""
        return self._runs.list(None if self._person.sees_prompts else self._owner, limit=limit)


class PersonalLibrary:
    """What a person keeps about their runs, and finds."""

    def __init__(self, store: Store, person: Person) -> None:
        library, owner = store.library, person.id
        self._library, self._person = library, person
        self.items = partial(library.items, owner)
        self.choices = partial(library.choices, owner)
        self.relatives = partial(library.relatives, owner)
        self.endings = partial(library.endings, owner)
        self.references = partial(library.references, owner)
        self.read_runs = partial(store.moving.read_runs, owner)
        self.star = partial(library.star, owner)
        self.write_note = partial(library.write_note, owner)
        self.tag = partial(library.tag, owner)
        self.untag = partial(library.untag, owner)
        self.delete = partial(library.delete, owner)
        self.restore = partial(library.restore, owner)
        self.collections = partial(library.collections, owner)
        self.collections_of = partial(library.collections_of, owner)
        self.collect = partial(library.collect, owner)
        self.take_out = partial(library.take_out, owner)
        self.dissolve = partial(library.dissolve, owner)

    def find(self, view: View, *, limit: int, after: str = "", before: str = "") -> Page:
        """Return a page of a view, of another person's library only to an operator who may see what others ask for."""
        if not self._may_see(view):
            return Page([], 0, "", "")
        return self._library.find(view.person or self._person.id, view, limit=limit, after=after, before=before)

    def neighbours(self, view: View, run_id: str) -> tuple[str, str]:
        """Return the runs before and after a run in a view, as `find` would list them."""
        if not self._may_see(view):
            return "", ""
        return self._library.neighbours(view.person or self._person.id, view, run_id)

    def _may_see(self, view: View) -> bool:
        return self._person.sees_prompts or view.person in ("", self._person.id)


class PersonalPrompts:
    """A person's prompts."""

    def __init__(self, store: Store, person: Person) -> None:
        prompts, owner = store.prompts, person.id
        self.history = partial(prompts.history, owner)
        self.starred = partial(prompts.starred, owner)
        self.star = partial(prompts.star, owner)
        self.unstar = partial(prompts.unstar, owner)


class PersonalQueue:
    """A person's runs in the queues that everybody shares."""

    def __init__(self, store: Store, person: Person) -> None:
        self._queue = store.queue
        self._owner = person.id
        self.places = store.queue.places  # a place tells a number, and nothing of the runs before it

    def list(self, *, limit: int = 20) -> Sequence[Queue]:
        """List the gateways where the person's runs wait or are in flight, and those on hold, by name."""
        return self._queue.list(self._owner, limit=limit)


class PersonalComparisons:
    """A person's comparisons, and those shared with them. Only the owner changes one; everybody who sees it votes."""

    def __init__(self, store: Store, person: Person) -> None:
        self._comparisons = store.comparisons
        self._person = person
        self._owner = person.id

    def get(self, comparison_id: str) -> Comparison | None:
        """Return one's own comparison."""
        comparison = self._comparisons.get(comparison_id)
        return comparison if comparison and comparison.owner == self._owner else None

    def find(self, comparison_id: str) -> Comparison | None:
        """Return a comparison that the person may see."""
        return self._comparisons.find(comparison_id, self._person)

    def is_own(self, comparison: Comparison) -> bool:
        return comparison.owner == self._owner

    def add(self, comparison: Comparison) -> Comparison:
        """Store a new comparison and return it with its revision."""
        return self._comparisons.add(comparison)

    def change(
        self, comparison_id: str, change: Callable[[Comparison], Comparison], now: datetime
    ) -> Comparison | None:
        """Change one's own comparison in one transaction; None if there is no such one."""
        return self._comparisons.change(comparison_id, change, now) if self.get(comparison_id) else None

    def delete(self, comparison_id: str) -> bool:
        """Delete one's own comparison and its votes; False if there is no such one."""
        return self.get(comparison_id) is not None and self._comparisons.delete(comparison_id)

    def list(self, *, search: str | None = None, limit: int = 50, offset: int = 0) -> Sequence[Comparison]:
        """List one's own comparisons, newest first; each word of `search` must occur."""
        return self._comparisons.list(self._owner, search=search, limit=limit, offset=offset)

    def count(self, *, search: str | None = None) -> int:
        """Count the comparisons that `list` would return without a limit."""
        return self._comparisons.count(self._owner, search=search)

    def list_shared(self, *, limit: int = 50) -> Sequence[Comparison]:
        """List the comparisons of others that are shared with the person, newest first."""
        return self._comparisons.list_shared(self._person, limit=limit) if self._owner else []

    def list_shares(self, comparison_id: str) -> set[str]:
        """List with whom one's own comparison is shared: e-mail addresses, or `EVERYBODY`."""
        return self._comparisons.list_shares(comparison_id) if self.get(comparison_id) else set()

    def share(self, comparison_id: str, people: Collection[str]) -> None:
        """Share one's own comparison with these people, and with nobody else."""
        if self._owner and self.get(comparison_id):
            self._comparisons.share(comparison_id, people)

    def votes(self, comparison_id: str | None = None, *, voter: str | None = None) -> Sequence[Vote]:
        """List questions and answers in the order they were asked, of one comparison or of all the person may see."""
        if comparison_id is not None and self.find(comparison_id) is None:
            return []
        found = self._comparisons.votes(comparison_id, voter=voter)
        if comparison_id is not None or not self._owner:
            return found
        visible = self._comparisons.select_visible({vote.comparison for vote in found}, self._person)
        return [vote for vote in found if vote.comparison in visible]

    def ask(self, votes: Iterable[Vote]) -> None:
        """Store questions on a comparison that the person may see, before they are shown."""
        asked = builtins.list(votes)
        if all(self.find(comparison) for comparison in {vote.comparison for vote in asked}):
            self._comparisons.ask(asked)

    def answer(self, vote_id: str, outcome: Outcome, *, void: bool = False) -> bool:
        """Answer a question once; its id is known only to whoever was asked."""
        return self._comparisons.answer(vote_id, outcome, void=void)

    def void(self, comparison_id: str, voter: str) -> int:
        """Void the open questions of a voter who has seen the names; returns their number."""
        return self._comparisons.void(comparison_id, voter)

    def import_ballot(self, ballot: str, comparison_id: str, votes: Iterable[Vote], now: datetime) -> int:
        """Store the votes of a ballot on one's own comparison. Raises `DailiesError` for one imported before."""
        return self._comparisons.import_ballot(ballot, comparison_id, votes, now) if self.get(comparison_id) else 0


class PersonalAssets:
    """A person's assets and groups, by gateway."""

    def __init__(self, store: Store, person: Person) -> None:
        self._assets = store.assets
        self._owner = person.id

    def get(self, asset: str) -> Asset | None:
        found = self._assets.get(asset)
        return found if found and found.owner == self._owner else None

    def group(self, group: str) -> AssetGroup | None:
        found = self._assets.group(group)
        return found if found and found.owner == self._owner else None

    def groups(self, gateway: str) -> Sequence[AssetGroup]:
        """List the groups at a gateway, newest first."""
        return self._assets.groups(gateway, self._owner)

    def list(
        self,
        gateway: str,
        *,
        kind: MediaKind | None = None,
        states: Iterable[AssetState] | None = None,
        limit: int = 200,
        offset: int = 0,
    ) -> Sequence[Asset]:
        """List the assets at a gateway, newest first."""
        return self._assets.list(gateway, self._owner, kind=kind, states=states, limit=limit, offset=offset)

    def count(self, gateway: str, *, kind: MediaKind | None = None, states: Iterable[AssetState] | None = None) -> int:
        """Count the assets that `list` would return without a limit."""
        return self._assets.count(gateway, self._owner, kind=kind, states=states)
