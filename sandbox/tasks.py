"""Tasks, and their states over time; both survive a restart.

Owns the SQLite file of the data folder (tasks, and the log of creates) and `compute_state`, a pure function from a task
and a time to its state. Films and uploads are files beside it, owned by the studio and the shelf.
"""

from __future__ import annotations

import math
import re
import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sandbox.order import Order

Phase = Literal["queued", "running", "completed", "failed"]
QUEUED_SHARE = 0.15
REVIEW_SHARE = 0.25
SLOWDOWN = 10
ASK_AGAIN_MOST, ASK_AGAIN_RENDERING, ASK_AGAIN_LEAST = 0.5, 0.2, 0.05  # seconds
FILMLESS = frozenset({"fail", "moderated"})  # directives of tasks that never show a film
DIRECTIVE = re.compile(
    r"#(fail|moderated|slow|429|500|drop|strange-status|empty-error|dead-link|clamp|truncated)(?![\w-])"
)

SCHEMA = """
CREATE TABLE IF NOT EXISTS tasks (
    id TEXT PRIMARY KEY, family TEXT NOT NULL, order_json TEXT NOT NULL,
    created REAL NOT NULL, lasts REAL NOT NULL, token TEXT NOT NULL UNIQUE,
    film_ready REAL, film_size TEXT, film_error TEXT, broken_off INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS creates (
    number INTEGER PRIMARY KEY AUTOINCREMENT, task_id TEXT, model TEXT, prompt TEXT, status INTEGER, time REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS creates_by_idea ON creates (model, prompt);
"""


def find_directives(prompt: str) -> frozenset[str]:
    """Find the directives in a prompt, without the `#`."""
    return frozenset(DIRECTIVE.findall(prompt))


@dataclass(frozen=True)
class Task:
    """One stored task. Times are Unix seconds; `film_ready` is None until the film is on disk."""

    id: str
    family: str
    order: Order
    created: float
    lasts: float
    token: str
    film_ready: float | None = None
    film_size: str | None = None
    film_error: str | None = None
    broken_off: bool = False

    @property
    def stages(self) -> frozenset[str]:
        """The directives of the prompt."""
        return find_directives(self.order.prompt)

    @property
    def has_film(self) -> bool:
        """Whether a film is rendered: a task staged to fail needs none."""
        return not self.stages & FILMLESS


@dataclass(frozen=True)
class State:
    """A task's state at the Unix time `at`: `percent` is 0-100, `ended` None until the end, `reason` of a failure."""

    phase: Phase
    percent: int
    at: float
    ended: float | None = None
    reason: str = ""
    code: str = ""
    odd_word: str = ""


def compute_state(task: Task, now: float, moderation_code: str) -> State:
    """Compute the state at `now`: it follows the clock, but completes only once the film is ready."""
    share = (now - task.created) / task.lasts if task.lasts > 0 else 1.0
    stages = task.stages
    if "moderated" in stages and share >= REVIEW_SHARE:
        reason = "The request was stopped by input review: the prompt may contain sensitive content."
        return State("failed", 100, now, task.created + task.lasts * REVIEW_SHARE, reason, moderation_code)
    if share < QUEUED_SHARE:
        return State("queued", 0, now)
    odd_word = "rendering_pass_2" if "strange-status" in stages else ""
    if share < 1:
        percent = int(10 + 85 * (share - QUEUED_SHARE) / (1 - QUEUED_SHARE))
        return State("running", percent, now, odd_word=odd_word)
    if "fail" in stages:
        reason = "The generation failed upstream: the model could not finish this clip."
        return State("failed", 100, now, task.created + task.lasts, reason, "generation_failed")
    if task.film_error is not None:
        reason = f"The film could not be rendered: {task.film_error}"
        return State("failed", 100, now, task.created + task.lasts, reason, "internal_error")
    if task.film_ready is None:
        # The renderer is late: creep from 95 to 99 %.
        return State("running", min(99, 95 + int((share - 1) * 4)), now, odd_word=odd_word)
    return State("completed", 100, now, max(task.created + task.lasts, task.film_ready))


def compute_pause(task: Task, state: State) -> int | None:
    """Compute the milliseconds until asking again may give news; None once the task has ended."""
    if state.ended is not None:
        return None
    ends = task.created + task.lasts * (REVIEW_SHARE if "moderated" in task.stages else 1)
    left = ends - state.at
    pause = min(ASK_AGAIN_MOST, max(ASK_AGAIN_LEAST, left)) if left > 0 else ASK_AGAIN_RENDERING
    return math.ceil(pause * 1000)


class TaskStore:
    """Tasks and the log of creates in one SQLite file. Thread-safe."""

    def __init__(self, data: Path) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(data / "tasks.sqlite3", check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def add(self, task: Task) -> None:
        """Store a new task."""
        values = (task.id, task.family, task.order.to_json(), task.created, task.lasts, task.token)
        self._write(
            "INSERT INTO tasks (id, family, order_json, created, lasts, token) VALUES (?, ?, ?, ?, ?, ?)", values
        )

    def get(self, task_id: str) -> Task | None:
        """Return a task by its id."""
        return self._one("SELECT * FROM tasks WHERE id = ?", task_id)

    def remove(self, task_id: str) -> None:
        """Forget a task; its create stays in the log."""
        self._write("DELETE FROM tasks WHERE id = ?", (task_id,))

    def list_page(self, *, after: str | None, limit: int | None, newest_first: bool) -> tuple[list[Task], bool] | None:
        """List up to `limit` tasks (None: all) by creation, after a task if given, and whether there are more.

        None if the task named by `after` does not exist.
        """
        edge, sign, order = 0, ">", "ASC"
        if newest_first:
            edge, sign, order = 2**62, "<", "DESC"
        if after is not None:
            rows = self._read("SELECT rowid FROM tasks WHERE id = ?", (after,))
            if not rows:
                return None
            edge = rows[0]["rowid"]
        query = f"SELECT * FROM tasks WHERE rowid {sign} ? ORDER BY rowid {order} LIMIT ?"  # noqa: S608 (no outside text)
        rows = self._read(query, (edge, -1 if limit is None else limit + 1))
        return [read_row(row) for row in rows[:limit]], limit is not None and len(rows) > limit

    def is_external_id_taken(self, name: str) -> bool:
        """Return whether an earlier task of Kling's format has this `external_task_id`."""
        query = "SELECT 1 FROM tasks WHERE json_extract(order_json, '$.handed_back.external_task_id') = ? LIMIT 1"
        return bool(self._read(query, (name,)))

    def get_by_token(self, token: str) -> Task | None:
        """Return a task by the token of its files."""
        return self._one("SELECT * FROM tasks WHERE token = ?", token)

    def list_unfinished(self) -> list[Task]:
        """List the tasks whose film is still to be rendered, oldest first."""
        rows = self._read("SELECT * FROM tasks WHERE film_ready IS NULL AND film_error IS NULL ORDER BY created")
        return [task for task in map(read_row, rows) if task.has_film]

    def mark_film_done(self, task_id: str, when: float, size: str) -> None:
        """Record when the film was ready, and its size as `WxH`."""
        self._write("UPDATE tasks SET film_ready = ?, film_size = ? WHERE id = ?", (when, size, task_id))

    def mark_film_failed(self, task_id: str, reason: str) -> None:
        """Record why the film could not be rendered."""
        self._write("UPDATE tasks SET film_error = ? WHERE id = ?", (reason, task_id))

    def break_off_once(self, task_id: str) -> bool:
        """Return true on the first call for a task: only the first fetch of a truncated film breaks off."""
        return self._write("UPDATE tasks SET broken_off = 1 WHERE id = ? AND broken_off = 0", (task_id,)) == 1

    def log_create(self, task_id: str | None, model: Any, prompt: Any, status: int, time: float) -> None:
        """Log a create and the HTTP status of its answer."""
        values = (task_id, str(model or ""), str(prompt or ""), status, time)
        self._write("INSERT INTO creates (task_id, model, prompt, status, time) VALUES (?, ?, ?, ?, ?)", values)

    def count_takes(self, order: Order) -> int:
        """Count the tasks that were made before of an order's model and prompt."""
        query = "SELECT COUNT(*) AS takes FROM creates WHERE model = ? AND prompt = ? AND task_id IS NOT NULL"
        return int(self._read(query, (order.model, order.prompt))[0]["takes"])

    def list_creates(self) -> list[dict[str, Any]]:
        """List every create received, refused ones included, in order."""
        return [dict(row) for row in self._read("SELECT * FROM creates ORDER BY number")]

    def _one(self, query: str, value: str) -> Task | None:
        rows = self._read(query, (value,))
        return read_row(rows[0]) if rows else None

    def _read(self, query: str, values: tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(query, values).fetchall()

    def _write(self, query: str, values: tuple[Any, ...]) -> int:
        with self._lock:
            return self._db.execute(query, values).rowcount


def read_row(row: sqlite3.Row) -> Task:
    """Read a task from its row."""
    return Task(
        id=row["id"],
        family=row["family"],
        order=Order.from_json(row["order_json"]),
        created=row["created"],
        lasts=row["lasts"],
        token=row["token"],
        film_ready=row["film_ready"],
        film_size=row["film_size"],
        film_error=row["film_error"],
        broken_off=bool(row["broken_off"]),
    )
