"""Render the films of tasks outside the event loop.

Owns the renderer's threads and the film files. Threads are enough: encoding, scaling and Pillow release the interpreter
lock, and unlike a process a thread cannot outlive a killed server.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sandbox.shelf import Shelf
from sandbox.tasks import Task, TaskStore

WORKERS = 2
log = logging.getLogger(__name__)


class Studio:
    """A folder of films and the workers that fill it. `rate` is in frames per second, `clock` returns the Unix time."""

    def __init__(self, folder: Path, store: TaskStore, shelf: Shelf, rate: int, clock: Callable[[], float]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.store, self.shelf, self.rate, self.clock = folder, store, shelf, rate, clock
        self._closing = threading.Event()
        self._removed: set[str] = set()  # tokens of films that nobody wants any more
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="film")

    def get_film_path(self, task: Task) -> Path:
        """Return where the film of a task is or will be."""
        return self.folder / f"{task.token}.mp4"

    def make_poster(self, task: Task) -> Path:
        """Return the first frame of a finished film as a JPEG, made on the first request."""
        from sandbox.stills import draw_poster  # PyAV and Pillow: the start does not wait for them

        path = self.get_film_path(task).with_suffix(".jpg")
        if not path.exists():
            draw_poster(self.get_film_path(task)).save(path, "JPEG", quality=85)
        return path

    def draw_thumbnail(self, task: Task) -> bytes:
        """Draw the first frame of a finished film as WebP."""
        from sandbox.stills import draw_poster, encode_picture  # PyAV and Pillow: the start does not wait for them

        return encode_picture(draw_poster(self.get_film_path(task)), "WEBP")

    def draw_sheet(self, task: Task) -> bytes:
        """Draw evenly spaced frames of a finished film on one JPEG, row by row."""
        from sandbox.stills import draw_sheet  # PyAV and Pillow: the start does not wait for them

        return draw_sheet(self.get_film_path(task))

    def remove(self, task: Task) -> None:
        """Delete the files of a task, and stop rendering its film."""
        self._removed.add(task.token)
        for path in self.folder.glob(f"{task.token}.*"):
            path.unlink(missing_ok=True)

    def start(self, task: Task) -> None:
        """Start rendering at once, so that the film is ready when the task's time is up."""
        self._workers.submit(self._make, task)

    def resume(self) -> None:
        """Restart the films that an earlier process left unfinished."""
        for task in self.store.list_unfinished():
            self.start(task)

    def close(self) -> None:
        """Stop within a frame or two; the next start renders unfinished films again."""
        self._closing.set()
        self._workers.shutdown(wait=True, cancel_futures=True)

    def _make(self, task: Task) -> None:
        from sandbox.film import Stopped, render  # PyAV, Pillow and NumPy: the start does not wait for them

        path = self.get_film_path(task)
        # The muxer and a kept last frame depend on the suffix.
        unfinished = path.with_name(f"{task.token}.part.mp4")
        try:
            clamp = "clamp" in task.stages
            size = render(
                task.order,
                self.shelf,
                unfinished,
                rate=self.rate,
                clamp=clamp,
                stop=lambda: self._closing.is_set() or task.token in self._removed,
            )
            if task.order.keep_last_frame:
                unfinished.with_suffix(".png").replace(path.with_suffix(".png"))
            unfinished.replace(path)
        except Stopped:
            unfinished.unlink(missing_ok=True)
        except Exception as error:
            # The worker's boundary: the task must show what went wrong.
            log.exception("the film of %s failed", task.id)
            self.store.mark_film_failed(task.id, f"{type(error).__name__}: {error}")
        else:
            self.store.mark_film_done(task.id, self.clock(), size)
