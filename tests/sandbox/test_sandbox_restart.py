"""Restarts and the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tests.sandbox.conftest import DEADLINE, picture


def test_finished_tasks_survive_and_unfinished_films_are_rendered_again(
    tmp_path: Path, start: Callable[..., Any]
) -> None:
    form = {"model": "jimeng-video-3.0", "prompt": "a boat", "seconds": "15", "size": "1280x720"}
    parts = [*((name, (None, text)) for name, text in form.items())]
    upload = ("input_reference", ("a.png", picture("green"), "image/png"))
    with start(tmp_path, 0) as api:
        done = api.small()
        link = api.until(done, "completed")["video_url"]
        film = httpx.get(link).content
        unfinished = api.post("/v1/videos", files=[*parts, upload]).json()["id"]
    with start(tmp_path, 0, frame_rate=2) as api:
        again = api.until(done, "completed")
        assert httpx.get(again["video_url"]).content == film
        assert api.until(unfinished, "completed")["metadata"]["url"]
        assert [entry["task_id"] for entry in api.get("/sandbox/creates").json()] == [done, unfinished]
    leftovers = [path.name for path in (tmp_path / "films").iterdir() if ".part" in path.name]
    assert leftovers == []


def test_the_command_prints_its_address_and_ends_with_its_input(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--announce", "--until-stdin-closes"]
    environment = {**os.environ, "DAILIES_HOME": str(tmp_path), "DAILIES_SANDBOX_SECONDS": "0.1"}
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        command, cwd=root, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin and process.stdout and process.stderr
        url = json.loads(process.stdout.readline())["url"]
        assert httpx.get(f"{url}/v1/models", headers={"Authorization": "Bearer k"}).status_code == 200
        process.stdin.close()
        assert process.wait(timeout=DEADLINE) == 0
        assert process.stdout.read() == b""
        assert process.stderr.read() == b""
    assert (tmp_path / "sandbox" / "tasks.sqlite3").exists()
