"""What one process holds: settings, keyring, store, worker, and the embedded sandbox as a child process.

Opened lazily and once per process, by whoever comes first: the server's lifespan, a page, or the command line. Owns
no rule of its own; it only puts the parts together.
"""

from __future__ import annotations

import atexit
import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from dailies.archive.source import Source
from dailies.archive.unpack import Taken, take_in
from dailies.catalog.load import load
from dailies.compare.nouns import Comparison, Lane
from dailies.domain import Run
from dailies.errors import DailiesError
from dailies.gateway.addresses import reach_of
from dailies.gateway.chat import rewrite
from dailies.gateway.doctor import Diagnosis
from dailies.gateway.health import Health
from dailies.gateway.probes import Examinations, examine, expect
from dailies.gateways import SANDBOX
from dailies.home import explain
from dailies.keyring import Keyring
from dailies.people import Person
from dailies.rewriting import Rewrite
from dailies.sealing import Sealer
from dailies.settings import Settings
from dailies.store import Store
from dailies.store.personal import PersonalStore
from dailies.tree import TREE
from dailies.work.asset_watch import AssetWatch
from dailies.work.feed import GATEWAY
from dailies.work.gate import Gate
from dailies.work.herald import Herald
from dailies.work.readiness import find_faults
from dailies.work.retention import Sweep, note_rule, plan_sweep, warn_owner
from dailies.work.rewrites import Ask, Rewrites
from dailies.work.worker import Worker

REST = timedelta(seconds=1)
"""The shortest time between two looks at a task that the gateway's callbacks ask for."""

_CALM_AT_MOST = 5.0
"""Seconds that the sandbox waits for a page to be drawn."""

_log = logging.getLogger(__name__)


class Services:
    """The parts of a running dailies. `close` stops the worker and the sandbox."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.keyring = Keyring(settings.operators_keys(), kept_for=settings.kept_for)
        self.store = Store(settings.home, settings.database_url, media_url=settings.media_url, seal=self.keyring.seal)
        if self.store.shared:
            self.keyring.share(self.store.keys, Sealer(settings.signer.derive("keys")))
        revive = self._revive_sandbox
        # One without threads takes no run, and still tells this process of what others do.
        make = Worker if settings.works else partial(Worker, threads=0, fetches=0)
        self._herald = Herald(settings)
        self.worker = make(self.store, settings, self.keyring, revive=revive, ended=self._herald.tell)
        self.assets = AssetWatch(self.store.assets, self.worker)
        self.health = Health(
            lambda gateway, credential: self.worker.client(gateway).check(credential),
            lambda: self.worker.feed.publish({GATEWAY}),
        )
        self.examinations = Examinations(self._examine, lambda: self.worker.feed.publish({GATEWAY}))
        self.gate = Gate(self.store.spending, settings, self.now)
        self.rewrites = Rewrites(
            self._rewrite,
            lambda: self.worker.feed.publish({GATEWAY}),
            lambda ask: self.gate.admit_chat(ask.gateway, ask.owner),
        )
        self._sandbox: _Sandbox | None = None
        self._calm = threading.Event()  # from then on our sandbox may take the time that its start needs
        self._calm.set()
        self._deafen: Callable[[], None] = lambda: None  # ends the listening to other processes
        self._sending = threading.Lock()
        self._lock = threading.Lock()

    def start(self, calm: threading.Event | None = None) -> None:
        """Start the worker and the asset watch, and the sandbox if no other gateway is set: nobody waits for it here.

        With `calm` the sandbox starts once that is set, or some seconds later: what asks it meanwhile waits for it.

        Raises `DailiesError` for a price file that cannot be used, before anything is started.
        """
        self.gate.check_files()
        self._check_division()
        note_rule(self.store, self.settings.retention, self.now())  # from now on its notice is on the pages
        first = self.settings.first_gateway().name
        if first == SANDBOX and self.settings.sandbox_url is None:
            counted = self.store.runs.count_states()
            if calm is not None and not any(state.open and gateway == SANDBOX for state, gateway in counted):
                self._calm = calm
            self._use_sandbox()
        self.worker.start()
        self._deafen = self.store.listen(self._hear)
        if self.settings.serves:
            threading.Thread(target=self._meet, args=(first,), name="dailies-first-gateway", daemon=True).start()
            self.assets.start()

    def _meet(self, gateway: str) -> None:
        """Check the first gateway, our sandbox once it may start."""
        self._calm.wait(_CALM_AT_MOST)
        self._calm.set()
        self._revive_sandbox()
        self.health.latest(gateway)

    def _check_division(self) -> None:
        """Raise `DailiesError` where processes that divide the work between them could not reach the same things."""
        if self.settings.works and self.settings.serves:
            return
        if not self.store.shared:
            raise DailiesError(
                "A worker of its own and the app have to share a database: set DAILIES_DATABASE_URL to a PostgreSQL "
                "address, the same for all of them."
            )
        if self.settings.first_gateway().name == SANDBOX and self.settings.sandbox_url is None:
            raise DailiesError(
                "A worker of its own cannot reach a sandbox inside the app: set DAILIES_BASE_URL, or start "
                "`dailies sandbox` and set DAILIES_SANDBOX_URL."
            )

    def _hear(self, due: bool) -> None:
        """Take the news that another process has saved something."""
        self.worker.changes.look()
        if due:
            self.worker.wake()

    def ensure_sandbox(self) -> None:
        """Have a sandbox to talk to: one named by the settings, or else a child process of ours, anew if it has died.

        Its tasks and clips lie on disk, so the runs under way go on. Raises `DailiesError` for one that did not start.
        """
        with self._lock:
            if self._sandbox and not self._sandbox.alive:
                gone, self._sandbox, self.settings.sandbox_url = self._sandbox, None, None
                gone.close()
                if not gone.has_listened:
                    raise DailiesError("The embedded sandbox did not start; run `python -m sandbox` to see why.")
            if self.settings.sandbox_url is None:
                self._use_sandbox()
            if self._sandbox and self._calm.is_set():
                self._sandbox.start()

    def _use_sandbox(self) -> None:
        self._sandbox = _Sandbox(self.settings.home / "sandbox")
        self.settings.use_sandbox(self._sandbox.url)

    def _revive_sandbox(self) -> None:
        """Start our sandbox anew if it has died: its runs go on without anybody at a page."""
        try:
            if self._sandbox is not None:
                self.ensure_sandbox()
        except DailiesError as error:
            _log.warning("%s", error)

    def send(self, runs: Sequence[Run], *, agreed: bool = False) -> tuple[Run, ...]:
        """Store the runs of one press and have them sent; the one way in for every page and the command line.

        All of them are stored or none. If the press has made them already, those are returned. `agreed`: the person has
        confirmed what the gate asks. Raises `NotAdmitted` where the operator's limits forbid it.
        """
        with self._sending, self.store.alone():  # two presses at one time do not pass one budget
            return tuple(self.worker.submit_all(self.gate.admit(runs, agreed=agreed)))

    def launch(self, new: Sequence[tuple[Comparison, Sequence[Run]]], *, agreed: bool = False) -> list[Comparison]:
        """Store the comparisons of one press with their runs, all or nothing, and have the runs sent.

        If the press has made comparisons already, those are returned. `agreed` and errors as in `send`.
        """
        with self._sending, self.store.alone():
            earlier = self.store.comparisons.find_pressed([comparison.press for comparison, _ in new])
            if earlier:
                return earlier
            admitted = iter(self.gate.admit([run for _, runs in new for run in runs], agreed=agreed))
            return self.worker.launch([(comparison, [next(admitted) for _ in runs]) for comparison, runs in new])

    def send_lane(self, comparison_id: str, lane: Lane, before: str, run: Run | None, *, agreed: bool = False) -> bool:
        """Store a lane that is sent again with its new run, and have it sent; False if its run is no longer `before`.

        `agreed` and errors as in `send`.
        """
        with self._sending, self.store.alone():
            admitted = self.gate.admit([run] if run else [], agreed=agreed)
            return self.worker.send_lane(comparison_id, lane, before, next(iter(admitted), None), self.now())

    def hasten(self, run_id: str) -> bool:
        """Have a run looked at now, whichever process works on it. True: ask again later, see `RunStore.hasten`."""
        busy = self.store.runs.hasten(run_id, self.now(), REST)
        self.worker.wake()
        return busy

    def find_faults(self) -> Mapping[str, str]:
        """Return {part: sentence} of what keeps this process from its work; see `work.readiness`."""
        return find_faults(self.settings, self.keyring, self.store, self.worker, self.health)

    def render_metrics(self) -> bytes:
        """Return the metrics of this process as text. Raises `StoreError` while the library cannot be read."""
        named = {SANDBOX, *self.settings.gateways}
        return self.worker.metrics.render(self.store.runs.count_states(), named.__contains__)

    def _examine(self, gateway: str, credential: str, owner: str) -> Diagnosis:
        base_url = self.settings.resolve(gateway)
        if base_url is None:
            raise DailiesError(f"The gateway {gateway} is not running, or no longer set up here.")
        expected = expect(load())
        key = self.keyring.get(credential, gateway) or ""
        return examine(base_url, key, expected, reach_of(self.settings, gateway, owner))

    def _rewrite(self, ask: Ask) -> Rewrite:
        client = self.worker.client(ask.gateway, ask.owner)
        count = partial(self.gate.count_chat, ask.gateway, ask.model, ask.owner)
        return rewrite(client, ask.credential, ask.model, ask.kind, ask.prompt, ask.most, charged=count)

    def close(self) -> None:
        self._deafen()
        self.assets.stop()
        self.worker.stop()
        self._herald.stop()
        self.store.close()
        if self._sandbox:
            self._sandbox.close()

    def now(self) -> datetime:
        """The time, the same for all processes of a library."""
        return self.store.clock()

    def of(self, person: Person) -> PersonalServices:
        """The services as a person may use them."""
        return PersonalServices(self, person)


class PersonalServices:
    """The services for a person's pages and routes: the same, but for a store that shows only what is theirs."""

    def __init__(self, services: Services, person: Person) -> None:
        self._person = person
        self.settings = services.settings
        self.keyring = services.keyring
        self.store = PersonalStore(services.store, person)
        self.worker = services.worker
        self.assets = services.assets
        self.health = services.health
        self.examinations = services.examinations
        self.rewrites = services.rewrites
        self.gate = services.gate
        self.send = services.send
        self.launch = services.launch
        self._send_lane = services.send_lane
        self._take_in = partial(take_in, store=services.store)
        self._plan_sweep = partial(plan_sweep, services.store, services.settings.retention)
        self._warn_owner = partial(warn_owner, services.store, services.settings.retention)
        self.ensure_sandbox = services.ensure_sandbox
        self.now = services.now

    def plan_sweep(self, at: datetime | None = None) -> Sweep:
        """Plan what the operator's rule for old clips takes `at` a moment, by default now.

        Everybody's for the operator, else one's own.
        """
        operator = self._person.operator or self.settings.access.alone
        return self._plan_sweep(now=self.now(), owner=None if operator else self._person.id, at=at)

    def warn_of_sweep(self) -> Sequence[str]:
        """Say in sentences which clips of this person will soon go, and how to keep them."""
        return self._warn_owner(now=self.now(), owner=self._person.id)

    def take_in(self, source: Source) -> Taken:
        """Take the runs of an archive into the person's library; errors as `archive.unpack.take_in`."""
        return self._take_in(source, catalog=load(), now=self.now(), owner=self._person.id)

    def send_lane(self, comparison_id: str, lane: Lane, before: str, run: Run | None, *, agreed: bool = False) -> bool:
        """Send a lane of one's own comparison again; see `Services.send_lane`."""
        own = self.store.comparisons.get(comparison_id) is not None
        return own and self._send_lane(comparison_id, lane, before, run, agreed=agreed)


_HANDS_OVER = os.name != "nt"
"""Whether a child can be given a socket that is open. Where not, it opens the same port anew."""


class _Sandbox:
    """`python -m sandbox` as a child. Its address is known before it runs: what connects until then waits for it.

    It ends by itself when our end of its standard input closes, however we end.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._process: subprocess.Popen[str] | None = None
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.has_listened = False  # known once it is closed

    def start(self) -> None:
        """Run it, once."""
        if self._process is None:
            passed = [self._socket.fileno()] if _HANDS_OVER else []
            where = ["--fd", str(passed[0])] if passed else ["--port", str(self._socket.getsockname()[1])]
            if not passed:
                self._socket.close()
            command = [sys.executable, "-m", "sandbox", *where, "--data", str(self._data)]
            self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                [*command, "--announce", "--until-stdin-closes"],
                cwd=TREE,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                pass_fds=passed,
            )
            self._socket.close()  # the child's alone: once it has died, nobody waits for it

    @property
    def alive(self) -> bool:
        return self._process is None or self._process.poll() is None

    def close(self) -> None:
        self._socket.close()
        if self._process is None:
            return
        if self._process.stdout and not self._process.stdout.closed and not self.alive:
            self.has_listened = bool(self._process.stdout.readline())
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


_services: Services | None = None
_opening = threading.Lock()


def open_services(settings: Settings | None = None, calm: threading.Event | None = None) -> Services:
    """The services of this process, started at the first call. Raises `DailiesError` for whatever keeps them from it.

    The first caller may give the settings; the environment's are taken otherwise. `calm` as in `Services.start`.
    """
    global _services  # noqa: PLW0603 - one per process is the point
    with _opening:
        if _services is None:
            services = Services(settings or Settings.from_env(os.environ))
            try:
                services.start(calm)
            except OSError as error:
                services.close()
                raise DailiesError(explain(error, services.settings.home, "The home folder")) from error
            except DailiesError:
                services.close()
                raise
            atexit.register(services.close)
            _services = services
        return _services
