"""The life of a run without I/O: what it needs next, and what an event makes of it.

Owns when to ask again and which refusals are believed; `moves` has the states, `actions` what a person may do. Pure:
`now` and `jitter` (0-1, drawn for every event) are arguments. `gateway.client` and `worker` perform the steps; `store`
keeps the run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from dailies.domain import WATCH_LIMIT, Request, Route, Run
from dailies.errors import BadRequest, DailiesError, DiskFull, GatewayError
from dailies.exchange import Call, Progress
from dailies.gateway import failures
from dailies.gateway.reasons import moderated
from dailies.gateway.refusals import denies_task, proves_no_task
from dailies.steps import (
    Accepted,
    Delivered,
    Event,
    Fetch,
    Fetched,
    FetchFailed,
    Held,
    Lost,
    NotSent,
    Poll,
    Polled,
    PollFailed,
    Rejected,
    Rest,
    Send,
    Started,
    Step,
    Wait,
)
from dailies.vocabulary import RunState, TaskState, Trouble
from dailies.work.moves import check_state, end, fail, follow_task, move
from dailies.work.rhythm import Pace, choose_delay

SHORTEST, LONGEST = 0.2, 60.0
"""Bounds in seconds of any waiting time; a server's hint may ask for more, up to the watch limit."""

LOOK_UPS = 5
"""How many times in a row a gateway must deny a task, under each of its ids, before it is believed."""

REFUSALS = 3
"""How many times in a row a gateway must refuse a look-up before the task has failed; once, if it is moderation."""

UNCLEAR = 3
"""After how many answers in a row that nobody understands a person is told, and the clip is tried all the same."""

FETCHES = 5
"""How many times a finished clip is fetched, asking the gateway anew in between, before the run has failed."""

_UNHURRIED = Pace()

FULL = 20.0
"""Seconds until a clip is tried again for which there was no room."""


def create_run(
    request: Request,
    call: Call,
    route: Route,
    gateway: str,
    now: datetime,
    *,
    owner: str = "",
    credential: str = "",
    run_id: str = "",
    token: str = "",
) -> Run:
    """Make a run that is ready and due at once.

    `gateway` is a base URL or `sandbox`. Without a `run_id` an id is drawn. `token` names the press that asked for the
    run: the same token, call and gateway always make the same `press`.
    """
    return Run(
        id=run_id or uuid4().hex,
        owner=owner,
        gateway=gateway,
        request=request,
        call=call,
        route=route,
        state=RunState.READY,
        created=now,
        updated=now,
        due=now,
        credential=credential,
        press=name_press(token, call, gateway) if token else "",
    )


def name_press(token: str, sent: object, gateway: str) -> str:
    """Name a press: the button's token with a digest of what would be sent, and where to.

    `sent` is a call, or for several calls anything whose `repr` tells them apart.
    """
    return f"{token}:{hashlib.sha256(repr((gateway, sent)).encode()).hexdigest()}"


def choose_step(run: Run, now: datetime) -> Step:
    """Return what the worker has to do for a run. A run found in `sending` rests: see `recover`."""
    if run.state not in (RunState.READY, RunState.QUEUED, RunState.RUNNING, RunState.FETCHING):
        return Rest()
    if run.state is RunState.READY and run.held:
        return Rest()
    if run.due is not None and run.due > now:
        return Wait(run.due)
    if run.state is RunState.READY:
        return Send()
    if run.state is not RunState.FETCHING:
        return Poll()
    return Poll() if run.trouble is Trouble.NOT_FETCHED and run.task else Fetch()


def apply(
    run: Run, event: Event, now: datetime, jitter: float, watch_limit: timedelta = WATCH_LIMIT, pace: Pace = _UNHURRIED
) -> Run:
    """Return the run after an event; `pace` says how often its task is looked at.

    Raises `DailiesError` for an event that does not belong to the state: the run has moved on meanwhile.
    """
    match event:
        case Started():
            return move(run, RunState.SENDING, now, sent=now, due=None, attempts=0)
        case Accepted(progress, raw):
            check_state(run, event, RunState.SENDING, RunState.UNSURE)
            accepted = replace(run, task=progress.task, other_tasks=progress.other_tasks)
            accepted = replace(accepted, watched=run.watched or now, attempts=0)
            return _follow(accepted, progress, raw, now, jitter, watch_limit, pace)
        case Rejected(error):
            check_state(run, event, RunState.SENDING, RunState.UNSURE)
            return fail(run, failures.explain_refusal(error), now, error.raw)
        case Lost(error):
            check_state(run, event, RunState.SENDING)
            return end(run, RunState.UNSURE, failures.explain_lost(error), now, error.raw)
        case NotSent(error):
            check_state(run, event, RunState.SENDING)
            return fail(run, failures.explain_not_sent(error), now, "")
        case Polled(progress, raw):
            check_state(run, event, RunState.QUEUED, RunState.RUNNING, RunState.FETCHING)
            fetching = run.state is RunState.FETCHING
            counted = run if fetching else replace(run, attempts=run.attempts + 1)
            return _follow(counted, progress, raw, now, jitter, watch_limit, pace)
        case PollFailed(error):
            check_state(run, event, RunState.QUEUED, RunState.RUNNING, RunState.FETCHING)
            return _poll_failed(run, error, now, jitter, watch_limit, pace)
        case Fetched(clip, task):
            kept = {"trouble": run.trouble, "note": run.note} if run.trouble is Trouble.WATERMARKED else {}
            ended = {"clip": clip, "task": run.task or task, "finished": now, "due": None, "failure": None}
            return move(run, RunState.DONE, now, **ended, **kept)
        case FetchFailed(error):
            check_state(run, event, RunState.FETCHING)
            return _fetch_failed(run, error, now, jitter, watch_limit, pace)
        case Held(trouble):
            check_state(run, event, RunState.READY, RunState.QUEUED, RunState.RUNNING, RunState.FETCHING)
            held = replace(run, trouble=trouble, note=failures.note_held(trouble))
            return _keep(held, now, 1 + 2 * jitter, watch_limit)
        case Delivered():
            raise DailiesError("A clip that came with the answer has to be taken in first.")


def looks_like(before: Run, after: Run) -> bool:
    """Whether a look changed nothing that a person can see: only when to look again, and the raw answer."""
    unseen = {name: getattr(before, name) for name in ("updated", "due", "attempts", "misses", "raw", "usage")}
    return replace(after, **unseen) == before


def recover(run: Run, now: datetime) -> Run:
    """Return a run whose worker died. One found in `sending` becomes `unsure`: it is never sent again unasked."""
    if run.state is not RunState.SENDING:
        return run
    return end(run, RunState.UNSURE, failures.explain_interruption(), now, run.raw)


def recall(run: Run, task: str, other_tasks: Sequence[str], now: datetime) -> Run:
    """Return a run with the tasks that its create was answered with, which could not be stored at the time."""
    known = replace(
        check_state(run, "recall a task", RunState.SENDING, RunState.UNSURE), other_tasks=tuple(other_tasks)
    )
    return follow_task(known, task, now)


# --- what a reply means ---------------------------------------------------------------------------------------


def _follow(run: Run, progress: Progress, raw: str, now: datetime, jitter: float, limit: timedelta, pace: Pace) -> Run:
    """Return where a reply about the task takes the run."""
    told = replace(
        run,
        word=progress.word,
        percent=run.percent if progress.percent is None else progress.percent,
        link=progress.link or run.link,
        usage=progress.usage or run.usage,
        raw=raw,
        failure=None,
        finished=None,
    )
    match progress.state:
        case TaskState.DONE:
            return _fetch(told, progress, now)
        case TaskState.FAILED:
            return fail(told, failures.explain_failure(progress), now, raw)
        case TaskState.CANCELLED:
            return end(told, RunState.CANCELLED, failures.explain_cancellation(progress), now, raw)
        case TaskState.EXPIRED:
            return end(told, RunState.EXPIRED, failures.explain_expiry(progress), now, raw)
    trouble, note = Trouble.NONE, ""
    if progress.reason and not progress.word:
        trouble, note = Trouble.REFUSED, failures.note_error(progress)
    elif progress.state is TaskState.UNKNOWN:
        trouble, note = Trouble.NOT_UNDERSTOOD, failures.note_not_understood(progress.word)
    misses = _count(run, trouble)
    if trouble is Trouble.REFUSED and (moderated(progress.code, progress.reason) or misses >= REFUSALS):
        return fail(told, failures.explain_failure(progress), now, raw)
    facts: dict[str, Any] = {"misses": misses, "trouble": trouble, "note": note}
    if trouble is Trouble.NOT_UNDERSTOOD:
        if misses < UNCLEAR:
            facts["note"] = ""
        if progress.link or progress.inside or misses % UNCLEAR == 0:
            return move(told, RunState.FETCHING, now, attempts=0, due=now, **facts)
    state = RunState.QUEUED if progress.state is TaskState.QUEUED else RunState.RUNNING
    attempts = 0 if run.state is RunState.FETCHING else run.attempts
    followed = move(told, state, now, attempts=attempts, **facts)
    return _keep(followed, now, _delay(followed, now, jitter, pace), limit, progress.ask_again)


def _fetch(run: Run, progress: Progress, now: datetime) -> Run:
    """Begin to fetch, or go on with what the gateway says now; why there may be no clip is kept in mind."""
    facts: dict[str, Any] = {"attempts": run.attempts if run.state is RunState.FETCHING else 0, "misses": 0}
    if progress.reason or progress.code:
        facts["failure"] = failures.explain_no_clip(progress)
    if progress.watermarked:
        facts |= {"trouble": Trouble.WATERMARKED, "note": failures.WATERMARKED}
    return move(run, RunState.FETCHING, now, due=now, **facts)


def _delay(run: Run, now: datetime, jitter: float, pace: Pace) -> float:
    elapsed = (now - (run.sent or run.created)).total_seconds()
    return choose_delay(elapsed, run.attempts, pace, jitter, now.timestamp())


def _keep(run: Run, now: datetime, delay: float, limit: timedelta, hint: float | None = None) -> Run:
    """Return the run due again after `delay` seconds, or unattended if its watch limit is reached.

    A server's `hint` in seconds goes first; it moves the last look to the watch limit and not beyond.
    """
    watching = run.state in (RunState.QUEUED, RunState.RUNNING) and run.watched is not None
    left = limit - (now - run.watched) if watching and run.watched is not None else limit
    if watching and left <= timedelta(0):
        return move(run, RunState.UNATTENDED, now, due=None, failure=failures.explain_unattended(run.note))
    seconds = max(SHORTEST, min(LONGEST, delay) if hint is None else min(hint, left.total_seconds()))
    return replace(run, updated=now, due=now + timedelta(seconds=seconds))


def _count(run: Run, trouble: Trouble) -> int:
    """Count how many times in a row a run has met the same trouble; another one between two of them starts anew."""
    if trouble is Trouble.NONE:
        return 0
    return run.misses + 1 if run.trouble is trouble else 1


def _poll_failed(run: Run, error: GatewayError, now: datetime, jitter: float, limit: timedelta, pace: Pace) -> Run:
    """A look-up that failed says nothing about the task, unless the gateway keeps denying or refusing it."""
    trouble = _name_trouble(error)
    if trouble is Trouble.DENIED and run.other_tasks:  # the gateway may answer to another id of the create's answer
        first, *others = (*run.other_tasks, run.task)
        run = replace(run, task=first, other_tasks=tuple(others))
    if run.state is RunState.FETCHING:  # the clip is tried as it was known
        return replace(run, trouble=trouble, updated=now, due=now)
    misses = _count(run, trouble)
    if trouble is Trouble.DENIED and misses >= LOOK_UPS * (1 + len(run.other_tasks)):
        return fail(run, failures.explain_denial(error), now, error.raw)
    at_once = isinstance(error, BadRequest) and moderated(error.code, error.message)
    if trouble is Trouble.REFUSED and (at_once or misses >= REFUSALS):
        return fail(run, failures.explain_refused_look(error), now, error.raw)
    hint, delay = error.retry_after, max(pace.least, min(30.0, 2.0 * 2 ** min(misses, 5)) * (0.75 + 0.5 * jitter))
    if trouble is Trouble.DENIED and misses <= len(run.other_tasks):
        hint, delay = None, SHORTEST
    note = failures.note_no_answer(error, trouble)
    asked = replace(run, misses=misses, trouble=trouble, note=note, raw=error.raw or run.raw)
    return _keep(asked, now, delay, limit, hint)


def _name_trouble(error: GatewayError) -> Trouble:
    """Name what a failed look-up means; a 5xx is a refusal only if it speaks of the content."""
    if denies_task(error):
        return Trouble.DENIED
    if error.status is not None and error.status >= 500:
        refused = error.spoken and moderated(error.code, error.message)
    else:
        refused = isinstance(error, BadRequest) and proves_no_task(error)
    return Trouble.REFUSED if refused else Trouble.UNANSWERED


def _fetch_failed(run: Run, error: DailiesError, now: datetime, jitter: float, limit: timedelta, pace: Pace) -> Run:
    """Ask the gateway again and then fetch again; a clip that nobody called finished is waited for."""
    if isinstance(error, DiskFull):  # our own trouble: no try of the clip, and never the end of it
        full = move(run, RunState.FETCHING, now, trouble=Trouble.NO_ROOM, note=failures.note_no_room(error))
        return _keep(full, now, FULL * (0.75 + 0.5 * jitter), limit)
    if run.trouble is Trouble.NOT_UNDERSTOOD and run.task:
        waiting = move(run, RunState.RUNNING, now, trouble=run.trouble, note=run.note)
        return _keep(
            replace(waiting, attempts=UNCLEAR),
            now,
            _delay(replace(waiting, attempts=UNCLEAR), now, jitter, pace),
            limit,
        )
    attempts = run.attempts + 1
    answered = isinstance(error, GatewayError) and error.status is not None
    if run.failure is not None and not run.link and answered:
        return fail(replace(run, attempts=attempts), run.failure, now, "")
    if attempts >= FETCHES:
        return fail(replace(run, attempts=attempts), failures.explain_not_fetched(error), now, "")
    hint = error.retry_after if isinstance(error, GatewayError) else None
    delay = 2.0 ** (attempts - 1) * (0.75 + 0.5 * jitter)
    facts = {"attempts": attempts, "trouble": Trouble.NOT_FETCHED, "note": failures.note_not_fetched(error)}
    return _keep(move(run, RunState.FETCHING, now, **facts), now, delay, limit, hint)
