"""Works on runs: takes each that is due, performs its next step, saves what came of it, publishes the change.

Owns leases, clients and the journal of answers. `life` decides what a run needs, `gateway.client` performs it, `store`
keeps it, `due_loop` has the threads. Several workers may share one database.
"""

from __future__ import annotations

import logging
import os
import random
import secrets
import socket
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic

from dailies.compare.nouns import Comparison, Lane
from dailies.domain import Clip, Run
from dailies.errors import DailiesError, DiskFull, MediaError, Unreadable, Unsure
from dailies.gateway.client import Client
from dailies.gateways import SANDBOX
from dailies.keyring import Keyring
from dailies.settings import Settings
from dailies.steps import (
    Accepted,
    Delivered,
    Event,
    Fetch,
    Fetched,
    FetchFailed,
    Held,
    Lost,
    Poll,
    Polled,
    PollFailed,
    Rest,
    Send,
    Started,
    Wait,
)
from dailies.store import Store
from dailies.store.journal import Journal
from dailies.store.queue import Move
from dailies.store.runs import Lease
from dailies.vocabulary import RunState
from dailies.work import callbacks, life
from dailies.work.agenda import Agenda
from dailies.work.changes import Changes
from dailies.work.clients import Clients, Connect
from dailies.work.due_loop import DueLoop
from dailies.work.feed import Feed
from dailies.work.forecast import Forecast
from dailies.work.housekeeping import EVERY, REST, sweep
from dailies.work.metrics import Metrics
from dailies.work.rhythm import Pace

TICK = 1.0
"""Seconds between two looks at what other processes saved, and the longest pause of the loop."""

GATHER, REFILL = 0.05, 0.01
"""Seconds between two looks for due runs, each as dear as asking for a task; the latter where a run that waits to be
sent waits for the next look."""

AFTER_A_FAULT = timedelta(seconds=10)
"""How long a run rests after a fault of our own."""

MEND_EVERY = 60.0
"""Seconds between two looks for times that a clock which was set has left behind."""

_QUEUE = "queue"
"""What the feed calls a queue put on hold or released: pages that follow everything see it."""

_log = logging.getLogger(__name__)


class Worker:
    """Works on the runs of a store. Call `start` once and `stop` at the end; call the rest from any thread."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        keyring: Keyring,
        *,
        threads: int = 16,
        fetches: int = 8,
        lease: timedelta = timedelta(seconds=10),
        connect: Connect = Client,
        clock: Callable[[], datetime] | None = None,
        revive: Callable[[], None] = lambda: None,
        ended: Callable[[Run], None] = lambda _: None,
    ) -> None:
        """`threads` send and ask, `fetches` more bring clips in, so that a slow host keeps no call waiting.

        `lease` is how long a dead worker's runs stay untouched. `connect` creates the client of a base URL.

        `clock` returns the time with a zone, by default the store's. Call `wake` after it has jumped. `revive`
        starts a dead sandbox anew. `ended` is given each run that this worker has saved as ended.
        """
        self.feed, self.clock = Feed(), clock or store.clock
        self.id = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._store = store
        self._settings = settings
        self._lease = lease
        self._revive, self._ended = revive, ended
        self._clients = Clients(settings, keyring, store.files.read, connect)
        self.client = self._clients.get
        self._forecast = Forecast(store, self.feed, self.clock)
        self._loop = DueLoop(
            "dailies-worker", self._look, threads=threads, slow=fetches, longest=TICK, between=self._choose_rest
        )
        self.journal = Journal(store.home / "journal", self.id)
        self.persist, self.is_alive = self._loop.persist, self._loop.is_alive
        self.metrics = Metrics()
        self._renewed = self.clock()
        self._mends = monotonic()  # when the times in the library are made sound next
        self._sweeps = monotonic()  # when the home is swept next
        self._looks = monotonic()  # when the changes of other processes are looked for next
        self._to_fetch = False  # a clip can be fetched, which waits for no others
        # Runs that a thread takes up at once when it is free. Another process might send them sooner: then none.
        self._ahead = 0 if store.shared else threads
        self._agenda = Agenda(store.runs, self.id, lease, self.clock, settings.concurrency)
        self.changes = Changes(store, self.feed)
        self._tell = self.changes.tell

    def start(self) -> None:
        """Start to work, with what an earlier process was answered and could not store; a second call does nothing."""
        self._recall()
        self._loop.start()

    def stop(self, grace: float = 10.0) -> None:
        """Stop, giving steps under way `grace` seconds; a create without an answer by then becomes `unsure` later."""
        self._loop.stop(grace)
        self._agenda.settle()
        self._clients.close()

    def wake(self) -> None:
        """Look now for what is due, instead of after the pause."""
        self._agenda.doubt()
        self._loop.wake()

    def submit(self, run: Run) -> Run:
        """Store a new run and send it; see `submit_all`."""
        return self.submit_all([run])[0]

    def submit_all(self, new: Sequence[Run]) -> list[Run]:
        """Store the new runs of one press, all or nothing, and send them; those it has already made are returned."""
        kept = self._store.runs.add_all(new)
        for run in kept:
            self._tell(run)
        self.wake()
        return kept

    def launch(self, new: Iterable[tuple[Comparison, Iterable[Run]]]) -> list[Comparison]:
        """Store new comparisons with their runs, all or nothing, and send the runs.

        If their presses have already made comparisons, those are returned.
        """
        kept = self._store.comparisons.add_all(new)
        for _, runs in kept:
            for run in runs:
                self._tell(run)
        self.wake()
        return [comparison for comparison, _ in kept]

    def send_lane(self, comparison_id: str, lane: Lane, before: str, run: Run | None, now: datetime) -> bool:
        """Store a lane that is sent again and send its new run; False if it no longer has the run `before`."""
        kept = self._store.comparisons.send_again(comparison_id, lane, before, run, now)
        if kept is not None and kept[1] is not None:
            self._tell(kept[1])
            self.wake()
        return kept is not None

    def act(self, run_id: str, change: Callable[[Run], Run]) -> Run:
        """Apply a person's action to the latest state of a run and store it.

        `change` is called again if the worker saved in between. Raises `DailiesError` if the run does not exist, or
        if the action is not, or no longer, possible.
        """
        while (run := self._store.runs.get(run_id)) is not None:
            saved = self._store.runs.save(change(run))
            if saved is not None:
                self._tell(saved)
                self.wake()
                return saved
        raise DailiesError("This run has been deleted.")

    def move(self, run_id: str, move: Move) -> None:
        """Change the place of a waiting run in its queue. Raises `DailiesError` if it no longer waits."""
        if not self._store.queue.move(run_id, move):
            raise DailiesError("This run no longer waits.")
        self.wake()

    def hold_queue(self, gateway: str) -> None:
        """Send nothing to a gateway until `release_queue`; what is in flight goes on."""
        self._store.queue.hold(gateway)
        self.feed.publish({_QUEUE})
        self.wake()

    def release_queue(self, gateway: str) -> None:
        """Let a gateway's queue go on, its runs on hold included."""
        self._store.queue.release(gateway)
        self.feed.publish({_QUEUE})
        self.wake()

    def delete(self, run_id: str) -> None:
        """Delete a run and its files. Raises `DailiesError` while it is under way: its task would be lost."""
        run = self._store.runs.get(run_id)
        if run is not None and run.state.open and run.state is not RunState.READY:
            raise DailiesError("This run is still under way: wait for it, or stop watching it first.")
        if self._store.runs.delete(run_id):
            self.feed.publish({run_id}, run.owner if run else None)

    # --- the loop ------------------------------------------------------------------------------------------------

    def _choose_rest(self) -> float:
        return 0.0 if self._to_fetch else REFILL if self._agenda.waiting and not self._ahead else GATHER

    def _look(self) -> float:
        """Start what is due; returns the seconds until the next look."""
        self._to_fetch = False
        under_way = self._loop.under_way
        if abs(self.clock() - self._renewed) > self._lease / 3:
            self._renewed = self.clock()
            if under_way:
                self._store.runs.extend(self._new_lease(), under_way)
        if monotonic() >= self._mends:
            self._mends = monotonic() + MEND_EVERY
            self._store.runs.mend_times(self.clock(), 3 * self._lease)
        if monotonic() >= self._sweeps:
            self._sweeps = monotonic() + (REST if self._store.files.remote else EVERY)
            self._loop.run("housekeeping", partial(sweep, self._store, rule=self._settings.retention), slow=True)
        if monotonic() >= self._looks:
            self._looks = monotonic() + TICK
            self._agenda.doubt()
            self.changes.look()
        free, slow, ahead = self._loop.free, self._loop.free_for_slow, max(0, self._ahead - self._loop.queued)
        for run in self._agenda.claim(free, slow, under_way, ahead):
            self._loop.run(run.id, partial(self._attend, run), slow=run.state is RunState.FETCHING)
        due = self._agenda.next_due(fetches=bool(slow)) if free else None  # a full pool wakes us when a task ends
        return TICK if due is None else (due - self.clock()).total_seconds()

    # --- one step of one run -------------------------------------------------------------------------------------

    def _attend(self, run: Run) -> None:
        try:
            self._step(run)
        except Exception:
            # A create under way never gets here: it becomes `unsure` at once, see `_try`.
            self._agenda.let_go(run.id, self.clock() + AFTER_A_FAULT)
            raise

    def _step(self, run: Run) -> None:
        """Perform the next step of a run and give back its lease."""
        if run.state is RunState.SENDING:
            self._end(life.recover(run, self.clock()))
            return
        step = life.choose_step(run, self.clock())
        if isinstance(step, Rest | Wait):
            self._agenda.let_go(run.id, step.until if isinstance(step, Wait) else None)
            return
        if run.gateway == SANDBOX:
            self._revive()
        if trouble := self._clients.find_hindrance(run):
            held = self._apply(run, Held(trouble), self._forecast.pace(run))
            if held.trouble is run.trouble and held.state is run.state:  # nothing that a page has to learn
                self._agenda.let_go(run.id, held.due)
            else:
                self._end(held)
            return
        if isinstance(step, Poll) and (silent := self._forecast.silence(run.gateway)) is not None:
            self._agenda.let_go(run.id, silent + timedelta(seconds=random.random()))  # noqa: S311 - not all at once
            return
        if isinstance(step, Send):
            ready = callbacks.settle(run, self._settings)
            started = life.apply(ready, Started(), self.clock(), 0)
            sending = self._keep(started, self._new_lease(), durable=True, before=run)
            if sending is None:
                self._agenda.let_go(run.id)
                return
            run = sending
        self._conclude(run, self.metrics.measure(run, step, self.clock(), lambda: self._try(run, step)))

    def _try(self, run: Run, step: Send | Poll | Fetch) -> Event:
        """Perform a step; a fault of our own, or of the disk, is an outcome too where something was paid for."""
        try:
            return self._perform(run, step)
        except OSError as error:
            if isinstance(step, Fetch):
                return FetchFailed(DiskFull(f"The clip could not be written to this server's disk: {error.strerror}."))
            fault: Exception = error
        except Exception as error:  # noqa: BLE001 - logged, and the person reads what happened to the call
            fault = error
        if not isinstance(step, Send):
            raise fault
        _log.error("Run %s: a fault of dailies after the call may have left.", run.id, exc_info=fault)
        return Lost(
            Unsure(f"The call may have left, then dailies itself failed ({type(fault).__name__}: see its log).")
        )

    def _perform(self, run: Run, step: Send | Poll | Fetch) -> Event:
        """Perform a step. A clip arrives under a temporary name, and gets its own only after it was measured."""
        client = self.client(run.gateway)
        part = self._store.files.clips / f".{secrets.token_hex(16)}.part"
        try:
            if isinstance(step, Fetch):
                return client.fetch(run, part, self._take_in)
            event = client.perform(callbacks.add_address(run, self._settings), step, part)
            if not isinstance(event, Delivered):
                return event
            try:
                return Fetched(self._take_in(part), event.progress.task)
            except MediaError as error:
                if event.progress.task:
                    return Accepted(event.progress, event.raw)
                return Lost(Unreadable(f"The gateway answered with a clip that cannot be used. {error}", raw=event.raw))
        finally:
            if not isinstance(step, Poll):  # which writes none
                part.unlink(missing_ok=True)

    def _take_in(self, part: Path) -> Clip:
        """Take a fetched file in; when this returns, the clip and its pictures are kept for good."""
        from dailies.media import clips  # PyAV: the start of the server does not wait for it

        clip = clips.take_in(part, self._store.files.clips)
        self._store.files.sync(*clip.files)
        return clip

    def _conclude(self, run: Run, event: Event) -> None:
        """Store what came of a step, on top of what a person or another worker did to the run meanwhile.

        An answer that came in is kept: in the journal at once, in the database as soon as that takes it.
        """
        if isinstance(event, Accepted):
            _log.info("Run %s is the task %s.", run.id, event.progress.task)
            facts = {"task": event.progress.task, "other_tasks": event.progress.other_tasks, "gateway": run.gateway}
            self.journal.note(run.id, facts)
        self._forecast.note(run, event)
        self.persist(lambda: self._store_outcome(run, event))
        if isinstance(event, Accepted):
            self.journal.settle(run.id)

    def _recall(self) -> None:
        """Give runs back the tasks that a process was answered and could not store before it ended."""
        for entry in self.journal.read():
            run = self._store.runs.get(entry.item)
            if run is None or run.task or run.state not in (RunState.SENDING, RunState.UNSURE):
                continue  # an asset's, or stored after all
            found = life.recall(run, entry.facts["task"], entry.facts["other_tasks"], self.clock())
            if self._keep(found, Lease(self.id, None), durable=True) is not None:
                _log.info("Run %s is the task %s, as the journal says.", run.id, found.task)
        self.journal.cut()

    def _store_outcome(self, run: Run, event: Event) -> None:
        pace = self._forecast.pace(run)
        current: Run | None = run
        while current is not None:
            try:
                changed = self._apply(current, event, pace)
            except DailiesError as error:
                _log.info("Run %s moved on meanwhile: %s", run.id, error)
                break
            if isinstance(event, Polled | PollFailed) and life.looks_like(current, changed):
                self._agenda.put_off(changed)
                return
            durable = isinstance(event, Accepted | Fetched)
            if self._keep(changed, Lease(self.id, None), durable=durable, before=current) is not None:
                if changed.state is RunState.FETCHING:
                    self._to_fetch = True
                return
            current = self._store.runs.get(run.id)
        self._agenda.let_go(run.id)
        if isinstance(event, Fetched):
            self._store.files.discard(event.clip.file)

    def _apply(self, run: Run, event: Event, pace: Pace) -> Run:
        return life.apply(run, event, self.clock(), random.random(), self._settings.watch_limit, pace)  # noqa: S311

    def _end(self, run: Run) -> None:
        """Save a run after its step, and release its lease."""
        if self._keep(run, Lease(self.id, None)) is None:
            self._agenda.let_go(run.id)

    def _keep(self, run: Run, lease: Lease, *, durable: bool = False, before: Run | None = None) -> Run | None:
        saved = self._store.runs.save(run, lease, durable=durable, before=before)
        self._agenda.doubt()
        if saved is not None:
            self._tell(saved)
            if not saved.state.open:  # it was open before, and only one process saves a revision
                self._ended(saved)
        return saved

    def _new_lease(self) -> Lease:
        return Lease(self.id, self.clock() + self._lease)
