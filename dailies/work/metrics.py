"""What operators measure of a process, as Prometheus reads it. The only importer of prometheus-client.

Labels come from short lists of our own: states, steps, classes of errors, and names of the operator's gateways. No
metric names a person, a model, a prompt or an address that somebody typed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from time import monotonic

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from dailies.domain import Run
from dailies.errors import DailiesError, GatewayError
from dailies.logs import about
from dailies.steps import (
    Accepted,
    Event,
    Fetch,
    Fetched,
    FetchFailed,
    Lost,
    NotSent,
    Poll,
    Polled,
    PollFailed,
    Rejected,
    Send,
)
from dailies.vocabulary import RunState, TaskState

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_CALLS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)  # seconds
_WAITS = (0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 4 * 3600)
_LATE = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_STEPS = {Send: "create", Poll: "poll", Fetch: "fetch"}
_TYPED = "typed"
"""Stands for every gateway whose address somebody typed."""

_log = logging.getLogger(__name__)


class Metrics:
    """The metrics of one worker. Thread-safe."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._runs = Gauge("dailies_runs", "Runs in the library by state.", ["state"], registry=registry)
        self._queue = Gauge("dailies_queue_length", "Runs that wait to be sent.", ["gateway"], registry=registry)
        self._calls = Histogram(
            "dailies_call_seconds", "How long a step took.", ["step"], buckets=_CALLS, registry=registry
        )
        self._waits = Histogram(
            "dailies_wait_seconds", "From a press to the create call.", buckets=_WAITS, registry=registry
        )
        self._late = Histogram(
            "dailies_poll_lateness_seconds", "How much later than due a look came.", buckets=_LATE, registry=registry
        )
        self._bytes = Counter("dailies_fetched_bytes", "Bytes of clips taken in.", registry=registry)
        self._failures = Counter(
            "dailies_failures", "Steps that failed, by the class of the error.", ["step", "kind"], registry=registry
        )
        for name in _STEPS.values():
            self._calls.labels(name)

    def measure(self, run: Run, step: Send | Poll | Fetch, now: datetime, perform: Callable[[], Event]) -> Event:
        """Perform a step of a run, measure it, and log it as one line."""
        name = _STEPS[type(step)]
        if isinstance(step, Send):
            self._waits.observe(max(0.0, (now - run.created).total_seconds()))
        elif isinstance(step, Poll) and run.due is not None:
            self._late.observe(max(0.0, (now - run.due).total_seconds()))
        start = monotonic()
        with about(run.id):
            event = perform()
            seconds = monotonic() - start
            self._calls.labels(name).observe(seconds)
            error = find_error(event)
            if isinstance(event, Fetched):
                self._bytes.inc(event.clip.size)
            if error is None:
                _log.info("%s took %.2f s: %s", name, seconds, type(event).__name__)
                if isinstance(event, Polled | Accepted) and event.progress.state is TaskState.FAILED:
                    self._failures.labels("generate", "Failed").inc()
            else:
                self._failures.labels(name, type(error).__name__).inc()
                facts = {"request": error.request_id if isinstance(error, GatewayError) else ""}
                status = error.status if isinstance(error, GatewayError) else None
                what = f"{type(error).__name__} {status or ''}".strip()
                _log.warning("%s failed after %.2f s: %s", name, seconds, what, extra=facts)
        return event

    def render(self, counts: Mapping[tuple[RunState, str], int], named: Callable[[str], bool]) -> bytes:
        """Return everything as text. `counts` are the runs by (state, gateway); `named`: the operator set it up."""
        by_state = dict.fromkeys(RunState, 0)
        waiting: dict[str, int] = {}
        for (state, gateway), number in counts.items():
            by_state[state] += number
            if state is RunState.READY:
                label = gateway if named(gateway) else _TYPED
                waiting[label] = waiting.get(label, 0) + number
        for state, number in by_state.items():
            self._runs.labels(state.value).set(number)
        self._queue.clear()
        for label, number in (waiting or {_TYPED: 0}).items():
            self._queue.labels(label).set(number)
        return generate_latest(self._registry)


def find_error(event: Event) -> DailiesError | None:
    """The error that an event carries; None for one that went well."""
    return event.error if isinstance(event, Rejected | Lost | NotSent | PollFailed | FetchFailed) else None
