"""Render the films of tasks outside the event loop.

Owns the renderer's threads and the film files. Threads are enough: encoding, scaling and Pillow release the interpreter
lock, and unlike a process a thread cannot outlive a killed server.
"""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
from av.video.reformatter import Colorspace
from PIL import Image

from sandbox.film import Stopped, render
from sandbox.shelf import Shelf
from sandbox.tasks import Task, TaskStore

WORKERS = 2
SHEET_COLUMNS, SHEET_ROWS, SHEET_CELL = 4, 3, 240  # of a sprite sheet; the cell's width in pixels
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
        path = self.get_film_path(task).with_suffix(".jpg")
        if not path.exists():
            read_frames(self.get_film_path(task), 1)[0].save(path, "JPEG", quality=85)
        return path

    def draw_thumbnail(self, task: Task) -> bytes:
        """Draw the first frame of a finished film as WebP."""
        return encode_picture(read_frames(self.get_film_path(task), 1)[0], "WEBP")

    def draw_sheet(self, task: Task) -> bytes:
        """Draw evenly spaced frames of a finished film on one JPEG, row by row."""
        frames = read_frames(self.get_film_path(task), SHEET_COLUMNS * SHEET_ROWS)
        width, height = SHEET_CELL, round(SHEET_CELL * frames[0].height / frames[0].width)
        sheet = Image.new("RGB", (width * SHEET_COLUMNS, height * SHEET_ROWS))
        for number, frame in enumerate(frames):
            row, column = divmod(number, SHEET_COLUMNS)
            sheet.paste(frame.resize((width, height)), (column * width, row * height))
        return encode_picture(sheet, "JPEG")

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


def read_frames(film: Path, count: int) -> list[Image.Image]:
    """Decode `count` evenly spaced frames of a film, the first one included; a short film repeats frames."""
    found: list[Image.Image] = []
    with av.open(str(film), "r") as container:
        total = container.streams.video[0].frames
        for number, frame in enumerate(container.decode(video=0)):
            while len(found) < count and total * len(found) // count <= number:
                found.append(convert_frame(frame))
            if len(found) == count:
                break
    return found


def convert_frame(frame: av.VideoFrame) -> Image.Image:
    """Convert a frame of BT.709 video to RGB."""
    return Image.fromarray(frame.to_ndarray(format="rgb24", src_colorspace=Colorspace.ITU709))


def encode_picture(picture: Image.Image, form: str) -> bytes:
    """Encode a picture in a format of Pillow."""
    target = io.BytesIO()
    picture.save(target, form, quality=85)
    return target.getvalue()
