"""`python -m bench.gateway PORT SECONDS DELAY`: a gateway that writes down when it was asked what.

A prompt such as `7.5 s: a boat` sets how long its own task takes.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.browser.player.films import COLOURS, write_clip


def make_app(seconds: float, delay: float, clip: Path) -> Starlette:
    tasks: dict[str, dict[str, Any]] = {}
    numbers = itertools.count(1)

    async def create(request: Request) -> Response:
        arrived = time.time()
        text = (await request.body()).decode("utf-8", "replace")
        own = re.search(r"([\d.]+) s:", text)
        await asyncio.sleep(delay)
        takes = float(own[1]) if own else seconds
        task = {"id": f"t{next(numbers)}", "arrived": arrived, "ends": time.time() + takes}
        task |= {"asked": 0, "first": None, "answered": time.time()}
        tasks[task["id"]] = task
        return JSONResponse({"id": task["id"], "object": "video", "status": "queued", "progress": 0})

    async def look(request: Request) -> Response:
        task, now = tasks.get(request.path_params["task"]), time.time()
        if task is None:
            return JSONResponse({"error": {"message": "no such task"}}, 404)
        task["asked"] += 1
        task["first"] = task["first"] or now
        done = now >= task["ends"]
        if done:
            task.setdefault("told", now)
        return JSONResponse({"id": task["id"], "status": "completed" if done else "in_progress", "progress": 50})

    async def fill(request: Request) -> Response:
        """Have so many tasks under way that nobody has created."""
        for number in range(int(request.query_params["count"])):
            ends = time.time() + seconds
            tasks[f"f{number}"] = {
                "id": f"f{number}",
                "arrived": 0,
                "ends": ends,
                "asked": 0,
                "first": None,
                "answered": 0,
            }
        return Response(status_code=204)

    async def content(request: Request) -> Response:
        tasks[request.path_params["task"]].setdefault("fetched", time.time())
        return FileResponse(clip, media_type="video/mp4")

    async def models(_: Request) -> Response:
        return JSONResponse({"object": "list", "data": []})

    async def log(_: Request) -> Response:
        return JSONResponse(list(tasks.values()))

    async def count(_: Request) -> Response:
        return PlainTextResponse(str(len(tasks)))

    return Starlette(
        routes=[
            Route("/v1/videos", create, methods=["POST"]),
            Route("/v1/videos/{task}", look),
            Route("/v1/videos/{task}/content", content),
            Route("/v1/models", models),
            Route("/log", log),
            Route("/count", count),
            Route("/fill", fill, methods=["POST"]),
        ]
    )


def main() -> None:
    port, seconds, delay = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.mp4"
        write_clip(clip, seconds=2, rate=12, size=(640, 360), sound=False, colour=COLOURS[0])
        uvicorn.run(make_app(seconds, delay, clip), host="127.0.0.1", port=port, log_level="critical")


if __name__ == "__main__":
    main()
