"""Says which runs are due: the conditions of a claim, an outlook on all that a worker may have to do next, and
what a look that found nothing new leaves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dailies.domain import Run
from dailies.store.records import from_time, to_time
from dailies.store.run_table import lock
from dailies.store.run_table import runs as _runs
from dailies.vocabulary import RunState

_NOT_ASKED = "'ready', 'sending', 'fetching', 'done', 'failed', 'cancelled', 'unsure', 'unattended', 'expired'"
ASKED = sa.text(f"runs.state NOT IN ({_NOT_ASKED})")
"""The runs whose task is asked for, word for word as in the index `runs_asked`: SQLite compares the words. A list of
the two states would lead it to an index that has to be sorted."""

FETCHED = _runs.c.state == RunState.FETCHING.value
STRANDED = _runs.c.state == RunState.SENDING.value
"""Being sent, and without a live lease: the worker died."""

WAITS = (_runs.c.state == RunState.READY.value) & sa.not_(_runs.c.held)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What nobody works on at a moment: when the first run is due to be asked for, fetched, or sent later.

    `waiting`: some wait to be sent now, for their turn. `stranded`: some were being sent when their worker died.
    """

    asked: datetime | None
    fetched: datetime | None
    later: datetime | None
    waiting: bool
    stranded: bool

    def next_due(self, *, fetches: bool = True) -> datetime | None:
        """Return when the first run is due; what waits for its turn waits for no time. `fetches`: clips count."""
        moments = (self.asked, self.fetched if fetches else None, self.later)
        return min((moment for moment in moments if moment is not None), default=None)

    def including(self, asked: Iterable[datetime]) -> Outlook:
        """Return the outlook with runs that are due to be asked for at these moments."""
        known = (self.asked, *asked)
        return replace(self, asked=min((moment for moment in known if moment is not None), default=None))

    def has_work(self, now: datetime, *, fetches: bool = True) -> bool:
        """Whether a claim may find something."""
        due = self.next_due(fetches=fetches)
        return self.waiting or self.stranded or (due is not None and due <= now)


NOTHING = Outlook(None, None, None, False, False)


MOMENT = sa.bindparam("moment", type_=sa.DateTime)
"""The time, UTC without a zone, in every condition here."""

FREE = _runs.c.lease_until.is_(None) | (_runs.c.lease_until <= MOMENT)
"""No worker has the run."""

_DUE = _runs.c.due
_FIRST = sa.select(_DUE).where(FREE).order_by(_DUE).limit(1)
# Put together once: that takes longer than the database needs to answer it.
_OUTLOOK = sa.select(
    _FIRST.where(ASKED, _DUE.is_not(None)).scalar_subquery().label("asked"),
    _FIRST.where(FETCHED).scalar_subquery().label("fetched"),
    _FIRST.where(WAITS, _DUE > MOMENT).scalar_subquery().label("later"),
    sa.exists().where(FREE, WAITS, _DUE <= MOMENT).label("waiting"),
    sa.exists().where(FREE, STRANDED).label("stranded"),
)


_WORKER = _runs.c.lease_owner == sa.bindparam("worker")
_PUT_OFF = _runs.update().where(_runs.c.id == sa.bindparam("this"), _runs.c.revision == sa.bindparam("read"), _WORKER)
_RELEASED = _runs.update().where(_runs.c.id.in_(sa.bindparam("these", expanding=True)), _WORKER)
_UNSEEN = ("attempts", "misses", "raw")


def put_off(connection: Connection, looked: Sequence[Run], worker_id: str) -> None:
    """Store when runs are due next and what their last looks gave, without new revisions: nobody is told.

    The worker's leases end. A run that was saved elsewhere since it was read stays as that left it.
    """
    if not looked:
        return
    ended: dict[str, Any] = {"worker": worker_id, "lease_owner": None, "lease_until": None}
    rows = [
        ended
        | {name: getattr(run, name) for name in _UNSEEN}
        | {"usage": run.usage or None, "updated": to_time(run.updated), "due": to_time(run.due)}
        | {"this": run.id, "read": run.revision}
        for run in looked
    ]
    lock(connection, (run.id for run in looked))
    if connection.execute(_PUT_OFF, rows).rowcount < len(rows):
        connection.execute(_RELEASED, ended | {"these": [run.id for run in looked]})


def read_outlook(connection: Connection, moment: datetime) -> Outlook:
    """Read the outlook at `moment`, UTC without a zone, in one statement."""
    row = connection.execute(_OUTLOOK, {"moment": moment}).one()
    return Outlook(
        from_time(row.asked), from_time(row.fetched), from_time(row.later), bool(row.waiting), bool(row.stranded)
    )
