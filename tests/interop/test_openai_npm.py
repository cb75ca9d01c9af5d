"""OpenAI's npm package against the sandbox, over the calls that it offers for videos (`openai_videos.mjs`)."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.conformance.conftest import sandbox_process
from tests.interop.conftest import BUILD

SCRIPT = Path(__file__).with_name("openai_videos.mjs")


@pytest.mark.parametrize(("shape", "unknown"), [("new-api", 400), ("openai", 404)])
def test_every_call_for_videos(shape: str, unknown: int, folder: Path, tmp_path: Path) -> None:
    with sandbox_process(tmp_path, 0, "--frame-rate", "2", "--shape", shape) as url:
        command = ["node", str(SCRIPT), f"{url}/v1", str(folder / "picture.png")]
        done = subprocess.run(command, cwd=BUILD / "openai", capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {"id", "object", "status", "progress", "created_at", "error", "seconds", "size"} <= set(found["fields"])
    assert (found["thumbnail"], found["spritesheet"]) == ("image/webp", "image/jpeg")
    assert (found["extend"], found["edit"], found["extendById"]) == ("8", "4", "4")
    assert (found["deleted"]["object"], found["deleted"]["deleted"]) == ("video.deleted", True)
    assert (found["unknown"]["status"], found["unknown"]["named"]) == (unknown, True)
    assert (found["size"]["status"], found["size"]["param"]) == (400, "size")
    assert (found["busy"]["status"], found["busy"]["code"]) == (429, "rate_limited")
