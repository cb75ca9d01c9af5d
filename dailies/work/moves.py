"""The states of a run and the moves between them. Pure.

`life` decides which move an event makes, `actions` which one a person makes; nothing else changes a run's state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from dailies.domain import Failure, Run
from dailies.errors import DailiesError
from dailies.vocabulary import RunState, Trouble

_S = RunState
_SETTLED = frozenset({_S.QUEUED, _S.RUNNING, _S.FETCHING, _S.FAILED, _S.CANCELLED, _S.EXPIRED})

MOVES: Mapping[RunState, frozenset[RunState]] = {
    _S.READY: frozenset({_S.SENDING, _S.CANCELLED}),
    _S.SENDING: _SETTLED | {_S.UNSURE, _S.DONE},  # done: a gateway that answers the create with the clip
    _S.QUEUED: _SETTLED | {_S.UNATTENDED},
    _S.RUNNING: _SETTLED | {_S.UNATTENDED},
    _S.FETCHING: _SETTLED | {_S.DONE},  # finished is provisional: the gateway may say otherwise when asked again
    _S.DONE: frozenset({_S.FETCHING}),  # only if the clip's file is gone
    _S.FAILED: frozenset({_S.FETCHING}),  # only if fetching the finished clip had failed
    _S.CANCELLED: frozenset(),
    _S.UNSURE: _SETTLED | {_S.DONE},  # a person adopts the task, or the lost answer turns up after all
    _S.UNATTENDED: frozenset({_S.RUNNING}),
    _S.EXPIRED: frozenset(),
}
"""Which state may follow which; one that may follow itself is looked at again."""


def move(run: Run, state: RunState, now: datetime, **changes: Any) -> Run:
    """The only place where a run's state changes. What held it up is over, unless `changes` say otherwise."""
    if state not in MOVES[run.state]:
        raise DailiesError(f"A run cannot go from {run.state} to {state}.")
    facts: dict[str, Any] = {"trouble": Trouble.NONE, "note": ""} | changes
    return replace(run, state=state, updated=now, **facts)


def check_state(run: Run, what: object, *states: RunState) -> Run:
    """Return the run. Raises `DailiesError` if it is in none of these states; `what` is an action or an event."""
    if run.state not in states:
        name = what if isinstance(what, str) else type(what).__name__
        raise DailiesError(f"{name}: not possible for a run that is {run.state}.")
    return run


def end(run: Run, state: RunState, failure: Failure | None, now: datetime, raw: str) -> Run:
    """Return the run ended without a clip."""
    return move(run, state, now, failure=failure, finished=now, due=None, raw=raw or run.raw)


def fail(run: Run, failure: Failure, now: datetime, raw: str) -> Run:
    """Return the run failed."""
    return end(run, RunState.FAILED, failure, now, raw)


def follow_task(run: Run, task: str, now: datetime) -> Run:
    """Return the run with a task that is asked for at once."""
    changes = {"watched": now, "due": now, "attempts": 0, "misses": 0, "failure": None, "finished": None}
    return move(run, RunState.QUEUED, now, task=task.strip(), **changes)
