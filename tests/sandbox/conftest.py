"""A running sandbox over real HTTP, and small media to send."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from PIL import Image, ImageDraw

from sandbox.app import create_app

DEADLINE = 60.0
# The film that renders fastest: one second at 540P.
SMALL = {"model": "viduq3-pro", "prompt": "a paper boat", "seconds": "1"}
SMALL["metadata"] = {"output_config": {"resolution": "540P", "audio_generation": "Disabled"}}  # type: ignore[assignment]


class Api(httpx.Client):
    """A client with a key, and the calls that many tests repeat."""

    def create(self, route: str = "/v1/videos", **body: Any) -> dict[str, Any]:
        """Create a task and return the answer."""
        answer = self.post(route, json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def small(self, prompt: str = "a paper boat", **more: Any) -> str:
        """Create a task with a film that renders fast, and return its id."""
        return str(self.create(**{**SMALL, "prompt": prompt, **more})["id"])

    def until(self, task_id: str, *words: str) -> dict[str, Any]:
        """Poll until the status is one of `words`; any other final status fails at once."""
        give_up = time.monotonic() + DEADLINE
        while time.monotonic() < give_up:
            found: dict[str, Any] = self.get(f"/v1/videos/{task_id}").json()
            if found["status"] in words:
                return found
            assert found["status"] not in ("completed", "failed"), found
            time.sleep(0.03)
        raise AssertionError(f"{task_id} never became {words}")

    def ended(self, path: str) -> dict[str, Any]:
        """Poll any route until the task has ended."""
        give_up = time.monotonic() + DEADLINE
        while time.monotonic() < give_up:
            answer = self.get(path)
            assert answer.status_code == 200, answer.text
            if "openai-poll-after-ms" not in answer.headers:
                found: dict[str, Any] = answer.json()
                return found
            time.sleep(0.03)
        raise AssertionError(f"{path} never came to an end")


@contextmanager
def serving(data: Path, seconds: float, **more: Any) -> Iterator[Api]:
    """Run a sandbox in a thread and yield a client for it."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(data, seconds=seconds, **more), log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    give_up = time.monotonic() + DEADLINE
    while not server.started and time.monotonic() < give_up:
        time.sleep(0.01)
    port = listening.getsockname()[1]
    headers = {"Authorization": "Bearer sk-test"}
    try:
        with Api(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=DEADLINE) as api:
            yield api
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A sandbox whose tasks end as soon as their films, of three frames per second, are ready."""
    with serving(tmp_path_factory.mktemp("gateway"), 0, frame_rate=3) as client:
        yield client


class Clock:
    """A Unix time that a test moves by hand."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(scope="session")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def paced(clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A sandbox whose tasks take 10 s of `clock`."""
    with serving(tmp_path_factory.mktemp("paced"), 10, frame_rate=3, clock=clock) as client:
        yield client


@pytest.fixture
def start() -> Callable[..., Any]:
    """Return the context manager that serves a data folder."""
    return serving


def picture(color: str, size: tuple[int, int] = (320, 180)) -> bytes:
    """Draw a PNG of one colour with a black band."""
    image = Image.new("RGB", size, color)
    ImageDraw.Draw(image).rectangle((0, size[1] // 2, size[0], size[1] // 2 + 4), fill="black")
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()
