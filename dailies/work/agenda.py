"""What a worker knows of what is due: it claims that, and reads the library only where something may have changed.

A look that changed nothing says itself when the next one is due, and is stored with the next claim, or the next time
that the outlook is read: until then its run keeps its lease. After anything else, and once in a while because others
share the library, the outlook is read anew.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from dailies.domain import Run
from dailies.errors import StoreError
from dailies.gateways import Concurrency
from dailies.store.due import NOTHING
from dailies.store.runs import RunStore

_log = logging.getLogger(__name__)


class Agenda:
    """The agenda of one worker. Its dispatcher calls `claim` and what follows; any thread the rest."""

    def __init__(
        self,
        runs: RunStore,
        worker_id: str,
        lease: timedelta,
        clock: Callable[[], datetime],
        bounds: Callable[[str], Concurrency],
    ) -> None:
        """`lease` is how long a claim lasts; `bounds` gives how much may be in flight at a gateway."""
        self._runs = runs
        self._worker_id, self._lease, self._clock, self._bounds = worker_id, lease, clock, bounds
        self._outlook, self._doubted = NOTHING, True
        self._looked = deque[Run]()  # put off, and not stored as that yet

    def doubt(self) -> None:
        """Say that something else may be due by now."""
        self._doubted = True

    def put_off(self, run: Run) -> None:
        """Say that a run is to be asked for again when it is due, and that nothing else has changed."""
        self._looked.append(run)

    def let_go(self, run_id: str, due: datetime | None = None) -> None:
        """Give back the lease of a run that was not saved; `due` is when to look at it again."""
        try:
            self._runs.release(run_id, self._worker_id, due)
        except StoreError as error:
            _log.warning("The lease of run %s runs out by itself. %s", run_id, error)
        self.doubt()

    def claim(self, limit: int, fetches: int, under_way: Collection[str], ahead: int = 0) -> Sequence[Run]:
        """Claim what is due, see `RunStore.claim_due`."""
        now, looked = self._clock(), tuple(self._looked)
        self._outlook = self._outlook.including(run.due for run in looked if run.due is not None)
        doubted, self._doubted = self._doubted, False  # before the library is read: a later doubt stands
        if doubted and not self._outlook.waiting:  # which is work enough, and what a claim leaves is read with it
            self._outlook = self._runs.outlook(now, self._worker_id, looked)
            looked = self._forget(looked)
        if not (limit or fetches or ahead) or not self._outlook.has_work(now, fetches=bool(fetches)):
            return ()
        claim = self._runs.claim_due(
            self._worker_id, now, self._lease, limit, under_way, self._bounds, fetches, self._outlook, ahead, looked
        )
        self._forget(looked)
        self._outlook = claim.outlook
        return claim.runs

    def settle(self) -> None:
        """Store what was put off; call it when nothing more is claimed."""
        if looked := tuple(self._looked):
            try:
                self._runs.outlook(self._clock(), self._worker_id, looked)
                self._forget(looked)
            except StoreError as error:
                _log.warning("The leases of %d runs run out by themselves. %s", len(looked), error)

    def _forget(self, looked: Sequence[Run]) -> tuple[Run, ...]:
        """Forget the first that were put off, which are stored now, and return none."""
        for _ in looked:
            self._looked.popleft()
        return ()

    def next_due(self, *, fetches: bool) -> datetime | None:
        """When a run is due next; `fetches`: clips count."""
        return self._outlook.next_due(fetches=fetches)

    @property
    def waiting(self) -> bool:
        """Whether runs wait to be sent, for their turn."""
        return self._outlook.waiting
