"""Says which runs are due: the conditions of a claim, and one look at everything that a worker may have to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dailies.store.records import from_time
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

    def has_work(self, now: datetime, *, fetches: bool = True) -> bool:
        """Whether a claim may find something."""
        due = self.next_due(fetches=fetches)
        return self.waiting or self.stranded or (due is not None and due <= now)


NOTHING = Outlook(None, None, None, False, False)


def free(moment: datetime, under_way: Sequence[str]) -> sa.ColumnElement[bool]:
    """The condition that no worker has a run at `moment`, UTC without a zone; the caller has those `under_way`."""
    unleased = _runs.c.lease_until.is_(None) | (_runs.c.lease_until <= moment)
    return unleased & _runs.c.id.not_in(under_way) if under_way else unleased


def read_outlook(connection: Connection, moment: datetime, under_way: Sequence[str]) -> Outlook:
    """Read the outlook at `moment`, UTC without a zone, in one statement."""
    mine = free(moment, under_way)
    due = _runs.c.due
    first = sa.select(due).where(mine).order_by(due).limit(1)
    row = connection.execute(
        sa.select(
            first.where(ASKED, due.is_not(None)).scalar_subquery().label("asked"),
            first.where(FETCHED).scalar_subquery().label("fetched"),
            first.where(WAITS, due > moment).scalar_subquery().label("later"),
            sa.exists().where(mine, WAITS, due <= moment).label("waiting"),
            sa.exists().where(mine, STRANDED).label("stranded"),
        )
    ).one()
    return Outlook(
        from_time(row.asked), from_time(row.fetched), from_time(row.later), bool(row.waiting), bool(row.stranded)
    )
