"""A sandbox as a separate process, and a web server with sample media."""

from __future__ import annotations

import functools
import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conformance.drafts import write_samples

ROOT = Path(__file__).resolve().parent.parent.parent


@contextmanager
def sandbox_process(data: Path, seconds: float, *more: str) -> Iterator[str]:
    """Start `python -m sandbox` on a free port and yield its address; it ends when its standard input closes."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--announce", "--until-stdin-closes"]
    with subprocess.Popen(
        [*command, "--seconds", str(seconds), "--data", str(data), *more],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        yield json.loads(child.stdout.readline())["url"]
        child.stdin.close()


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a sandbox whose tasks end as soon as their films, of two frames per second, are rendered."""
    with sandbox_process(tmp_path_factory.mktemp("sandbox"), 0, "--frame-rate", "2") as url:
        yield url


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a picture, a video of 4 s and a sound of 4 s."""
    folder = tmp_path_factory.mktemp("media")
    write_samples(folder)
    return folder


@pytest.fixture(scope="session")
def media_url(files: Path) -> Iterator[str]:
    """The address of a web server with the sample files."""
    handler = functools.partial(_Quiet, directory=str(files))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""
