"""What a person may do with a run: each action returns the changed run, or says why it is not possible. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from dailies.domain import Run
from dailies.errors import DailiesError
from dailies.vocabulary import Kinship, RunState, Stage, Trouble
from dailies.work.life import create_run
from dailies.work.moves import check_state, follow_task, move


def adopt(run: Run, task: str, now: datetime) -> Run:
    """Tell an `unsure` run which task came of it; the worker goes on from there."""
    if not task.strip():
        raise DailiesError("Give the task id as the gateway's log shows it.")
    return follow_task(check_state(run, "adopt a task", RunState.UNSURE), task, now)


def cancel(run: Run, now: datetime) -> Run:
    """Take back a run that has not been sent."""
    return move(check_state(run, "cancel", RunState.READY), RunState.CANCELLED, now, due=None, finished=now)


def hold(run: Run, now: datetime) -> Run:
    """Keep a waiting run from being sent; it keeps its place."""
    return replace(check_state(run, "hold", RunState.READY), held=True, updated=now)


def release(run: Run, now: datetime) -> Run:
    """Let a run on hold be sent when its turn comes."""
    return replace(check_state(run, "release", RunState.READY), held=False, updated=now)


def stop_watching(run: Run, now: datetime) -> Run:
    """Leave a task to itself. It goes on at the gateway and is charged; `watch_again` looks it up."""
    return move(run, RunState.UNATTENDED, now, due=None)


def watch_again(run: Run, now: datetime) -> Run:
    """Look an unattended task up at once and watch it for another full limit."""
    check_state(run, "watch again", RunState.UNATTENDED)
    return move(run, RunState.RUNNING, now, watched=now, due=now, attempts=0, misses=0, failure=None)


def fetch_again(run: Run, now: datetime, *, gone: bool = False) -> Run:
    """Fetch a finished clip that could not be fetched, asking the gateway for its link first.

    `gone`: it had been fetched, and its file is no longer there.
    """
    if not can_fetch_again(run, gone=gone):
        raise DailiesError("There is no finished clip to fetch for this run.")
    changes = {"due": now, "attempts": 0, "failure": None, "finished": None, "clip": None}
    return move(run, RunState.FETCHING, now, trouble=Trouble.NOT_FETCHED, **changes)


def can_fetch_again(run: Run, *, gone: bool = False) -> bool:
    """Whether the run failed only at fetching its finished clip, or had fetched one that is `gone`."""
    if run.state is RunState.DONE:
        return gone and bool(run.task or run.link)
    return run.state is RunState.FAILED and run.failure is not None and run.failure.stage is Stage.FETCHING


def send_again(run: Run, new_id: str, now: datetime, token: str = "") -> Run:
    """A new run of the same call, which is charged anew; `run` is its parent and stays as it is."""
    if run.state.open:
        raise DailiesError("This run is still under way: wait for it, or stop watching it first.")
    again = create_run(run.request, run.call, run.route, run.gateway, now, owner=run.owner, run_id=new_id, token=token)
    again = replace(again, parent=run.id, kinship=Kinship.SENT_AGAIN)
    return replace(again, credential=run.credential, rewrite=run.rewrite)
