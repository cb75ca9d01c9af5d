"""The server: Streamlit's pages and our own routes in one process. Run it with `streamlit run app.py`.

Owns the HTTP surface beside the pages: clips and posters from disk under signed addresses, with range requests, and
the WebSocket by which pages learn that a run has changed. The page for presenting is bare: no Streamlit is in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from components.html.present import present
from components.server.identity import Remember
from dailies.errors import DailiesError
from dailies.media.references import media_type_of
from dailies.services import open_services

FILE_THREADS = 8


class _Piecemeal(FileResponse):
    """A file in small pieces: a viewer who watches reads slowly, and every piece that waits for one is memory."""

    chunk_size = 16 * 1024


async def clip(request: Request) -> Response:
    """A clip or poster of the store. The address is signed; `?download=NAME` asks the browser to save it."""
    services = await anyio.to_thread.run_sync(open_services)
    try:
        path = services.store.files.clip_path(services.settings.signer.unsign(request.path_params["token"]))
    except DailiesError:
        return Response("This address is not valid.", status_code=404)
    if not path.is_file():
        return Response("This clip is no longer here.", status_code=404)
    headers = {"Cache-Control": "private, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return _Piecemeal(path, filename=request.query_params.get("download"), headers=headers)


async def reference(request: Request) -> Response:
    """The bytes of an uploaded reference, for a gateway that takes links only. The address is signed and expires."""
    services = await anyio.to_thread.run_sync(open_services)
    try:
        path = services.store.files.path(services.settings.signer.unsign_fresh(request.path_params["token"]))
    except DailiesError:
        return Response("This address is not valid, or no longer.", status_code=404)
    if not path.is_file():
        return Response("This file is no longer here.", status_code=404)
    with path.open("rb") as file:
        media_type = await anyio.to_thread.run_sync(media_type_of, file)
    return FileResponse(path, media_type=media_type, headers={"X-Content-Type-Options": "nosniff"})


async def live(socket: WebSocket) -> None:
    """Tell a page, as JSON `{"runs": [id, ...]}`, which runs have changed since revision `?since=`. Reads nothing."""
    services = await anyio.to_thread.run_sync(open_services)
    loop = asyncio.get_running_loop()
    changes: asyncio.Queue[frozenset[str]] = asyncio.Queue()
    await socket.accept()

    def published(runs: frozenset[str]) -> None:
        loop.call_soon_threadsafe(changes.put_nowait, runs)

    unsubscribe = services.worker.feed.subscribe(published)
    since = socket.query_params.get("since", "")
    if since.isdecimal():
        _, missed = await anyio.to_thread.run_sync(services.store.changed_since, int(since))
        if missed:
            changes.put_nowait(frozenset(missed))

    async def pass_on() -> None:
        while True:
            runs = await changes.get()
            while not changes.empty():
                runs |= changes.get_nowait()
            await socket.send_json({"runs": sorted(runs)})

    sender = asyncio.create_task(pass_on())
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        pass
    finally:
        unsubscribe()
        sender.cancel()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
    # Threads read files for slow viewers; more of them than disks can serve only hold memory.
    anyio.to_thread.current_default_thread_limiter().total_tokens = FILE_THREADS
    services = await anyio.to_thread.run_sync(open_services)
    yield {}
    await anyio.to_thread.run_sync(services.close)


app = st.App(
    Path(__file__).parent / "components" / "shell.py",
    routes=[
        Route("/clips/{token}", clip),
        Route("/references/{token}", reference),
        Route("/present", present),
        WebSocketRoute("/live", live),
    ],
    lifespan=lifespan,
    middleware=[Middleware(Remember, signer=lambda: open_services().settings.signer)],
)
