"""A key with a mark on it, and a gateway that repeats it in everything it says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.unit.conftest import Answer, Gateway, _Server, film
from tests.unit.workers import SOON

MARK = "marked-7f3a91c2"
KEY = f"sk-{MARK}"
COMPLAINT = {"error": {"message": f"Incorrect API key provided: {KEY}", "type": "x", "code": "moderation"}}


@contextmanager
def echoing(folder: Path) -> Iterator[Gateway]:
    """Serve the gateway until the end of the block: it refuses the first create, and has a clip for the second."""
    server = _Server()
    with server.scripted() as script:
        script.answer("GET", "/v1/models", Answer({"object": "list", "data": [{"id": "sora-2", "object": "model"}]}))
        said = {"id": "t1", "status": "completed", "video_url": f"{script.url}/v.mp4", "user": KEY}
        task = said | {"note": f"Bearer {KEY}"}
        script.answer("POST", "/v1/videos", Answer(COMPLAINT, 400), Answer(task | {"status": "queued"}, headers=SOON))
        script.answer("GET", "/v1/videos/t1", Answer(task))
        script.answer("GET", "/v.mp4", Answer(film(folder / "clip.mp4", sound=True).read_bytes()))
        yield script
    server.close()
