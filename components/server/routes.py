"""The routes beside the pages: clips and posters, references for the gateway, typed prompts, and the news of changes.

Clips are read from disk in ranges under signed addresses; `/live` is a WebSocket. The page for presenting is
`components.html.present`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from math import inf
from urllib.parse import quote

import anyio
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from components.samples import find_file
from components.server.models import models
from components.visitor import person_of
from dailies.archive.pack import stream_runs
from dailies.archive.records import Record, list_references, name_run, write_record
from dailies.catalog.load import load
from dailies.compare.values import redact
from dailies.errors import DailiesError, MediaError, StoreError
from dailies.formats import HEAD, detect, read_suffix
from dailies.services import open_services
from dailies.signing import COOKIE
from dailies.text import NAME_CHARS, clean, clean_file_name
from dailies.work.feed import GATEWAY

MOST_TAKES = 200
"""The most runs of one download; the command line exports any number."""

_LARGEST_PROMPT = 200_000  # bytes
_LARGEST_REVISION = 2**63 - 1
_FOR_EVERYBODY = frozenset({GATEWAY})


class _Piecemeal(FileResponse):
    """A file in pieces: large ones are fast, and every one that waits for a viewer who reads slowly is memory."""

    chunk_size = 64 * 1024


async def present(request: Request) -> Response:
    """The page for presenting."""
    from components.html.present import present as answer  # templates: the start of the server does not wait for them

    return await answer(request)


async def clip(request: Request) -> Response:
    """A clip or poster of the store. The address is signed for its viewer; `?download=NAME` asks to save it."""
    services, viewer = await anyio.to_thread.run_sync(open_services), person_of(request).id
    try:
        kept = services.settings.signer.clip_of(request.path_params["token"], viewer)
        path = await anyio.to_thread.run_sync(services.store.files.bring_clip, kept)
    except MediaError as error:
        return Response(str(error), status_code=503)
    except DailiesError:
        return Response("This address is not valid, or no longer.", status_code=404)
    if not path.is_file():
        return Response("This clip is no longer here.", status_code=404)
    headers = {"Cache-Control": "private, max-age=86400"}
    wanted = request.query_params.get("download")
    name = clean_file_name(wanted) if wanted else None
    return _Piecemeal(path, filename=name, media_type=read_suffix(path.suffix), headers=headers)


async def sample(request: Request) -> Response:
    """A clip or poster of Home's showcase, which is part of the program."""
    path = find_file(request.path_params["name"])
    if path is None:
        return Response("There is no such sample.", status_code=404)
    headers = {"Cache-Control": "private, max-age=86400"}
    return FileResponse(path, media_type=read_suffix(path.suffix), headers=headers)


async def reference(request: Request) -> Response:
    """The bytes of an uploaded reference, for a gateway that takes links only. The address is signed and expires."""
    services = await anyio.to_thread.run_sync(open_services)
    try:
        digest = services.settings.signer.reference_of(request.path_params["token"])
        path = await anyio.to_thread.run_sync(services.store.files.bring_reference, digest)
    except MediaError as error:
        return Response(str(error), status_code=503)
    except DailiesError:
        return Response("This address is not valid, or no longer.", status_code=404)
    if not path.is_file():
        return Response("This file is no longer here.", status_code=404)
    with path.open("rb") as file:
        known = detect(await anyio.to_thread.run_sync(file.read, HEAD))
    return FileResponse(path, media_type=known.media_type if known else "application/octet-stream")


async def draft(request: Request) -> Response:
    """Keep what is being typed into a form's prompt, for the person, or for the browser that the cookie names.

    The names of forms and the prompt are cleaned.
    """
    services = await anyio.to_thread.run_sync(open_services)
    browser = person_of(request).id or services.settings.signer.read_browser(request.cookies.get(COOKIE, ""))
    if not browser:
        return Response("This browser is not known.", status_code=404)
    text = b""
    async for chunk in request.stream():
        text += chunk
        if len(text) > _LARGEST_PROMPT:
            return Response("This prompt is too long to be kept.", status_code=413)
    try:
        prompt = clean(text.decode("utf-8"))
    except UnicodeDecodeError:
        return Response("A prompt is UTF-8.", status_code=400)
    form = clean(request.path_params["form"], NAME_CHARS)
    await anyio.to_thread.run_sync(services.store.browsers.save_prompt, browser, form, prompt, services.now())
    return Response(status_code=204)


async def takes(request: Request) -> Response:
    """A ZIP of the person's runs `?runs=id,id…` with their clips and records, written while it is sent."""
    services, person = await anyio.to_thread.run_sync(open_services), person_of(request)
    store = services.of(person).store
    wanted = [run for run in request.query_params.get("runs", "").split(",") if run][:MOST_TAKES]
    found = await anyio.to_thread.run_sync(store.library.items, wanted)
    if not found:
        return Response("These runs are not in your library.", status_code=404)
    pieces = stream_runs(store.library.read_runs(list(found)), store.files, load().version)
    headers = {"Content-Disposition": 'attachment; filename="takes.zip"', "Cache-Control": "no-store"}
    return StreamingResponse(pieces, media_type="application/zip", headers=headers)


async def record(request: Request) -> Response:
    """The record of one of the person's runs as JSON: request, call, answer and facts, without keys."""
    services, person = await anyio.to_thread.run_sync(open_services), person_of(request)
    library = services.of(person).store.library
    wanted = request.path_params["run"]
    if not await anyio.to_thread.run_sync(library.items, [wanted]):
        return Response("This run is not in your library.", status_code=404)
    found = await anyio.to_thread.run_sync(lambda: list(library.read_runs([wanted])))
    if not found:
        return Response("This run is no longer in your library.", status_code=404)
    run, kept = found[0]
    text = redact(write_record(Record(run, kept, {}, list_references(run), load().version)))
    name = quote(f"{name_run(run)}.json")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    return Response(text, media_type="application/json", headers=headers)


_AT_ONCE, _WITHIN = 2, 1.0
"""So many messages to one page within so many seconds; what changes meanwhile is told in one.

Two may follow each other at once: a task that has ended, and its clip that is here a moment later.
"""
_GATHER = 0.03
"""Seconds that a change waits for others of the same moment, such as the runs of one press."""


async def live(socket: WebSocket) -> None:
    """Tell a page which runs have changed since revision `?since=`, merged to two messages a second. Reads nothing.

    A message is `{"runs": [id, ...], "since": revision, "checks": number}`: a page that was drawn at that revision and
    that number of checks of gateways, or later, knows of it. `?checks=` is the number that the page knows of; any other
    than the present one is told too. Only ids that the person may see are told.
    """
    person = person_of(socket)
    services = (await anyio.to_thread.run_sync(open_services)).of(person)
    loop = asyncio.get_running_loop()
    changes: asyncio.Queue[frozenset[str]] = asyncio.Queue()  # the person's own
    others: asyncio.Queue[frozenset[str]] = asyncio.Queue()  # not known whose
    await socket.accept()

    def published(ids: frozenset[str], owner: str | None) -> None:
        queue = changes if not person.id or owner == person.id else others
        loop.call_soon_threadsafe(queue.put_nowait, ids)

    async def take(queue: asyncio.Queue[frozenset[str]]) -> frozenset[str]:
        ids = await queue.get()
        await asyncio.sleep(_GATHER)
        while not queue.empty():
            ids |= queue.get_nowait()
        return ids

    async def select() -> None:
        while True:
            ids = await take(others)
            try:
                visible = await anyio.to_thread.run_sync(services.store.select_visible, ids)
            except StoreError:  # the page says so itself; later changes are told again
                continue
            changes.put_nowait(frozenset(visible) | (ids & _FOR_EVERYBODY))

    async def pass_on() -> None:
        sent: deque[float] = deque([-inf] * _AT_ONCE, maxlen=_AT_ONCE)
        while True:
            if ids := await take(changes):
                try:
                    since = await anyio.to_thread.run_sync(services.store.revision)
                except StoreError:  # told as soon as it can be read again
                    changes.put_nowait(ids)
                    await asyncio.sleep(_WITHIN)
                    continue
                checks = services.worker.feed.checks
                await socket.send_json({"runs": sorted(ids), "since": since, "checks": checks})
                sent.append(loop.time())
                await asyncio.sleep(sent[0] + _WITHIN - loop.time())

    unsubscribe = services.worker.feed.subscribe(published, watches=person.id)
    try:
        since = revision(socket.query_params.get("since", ""))
        if since is not None:
            missed = await anyio.to_thread.run_sync(services.store.changed_since, since)
            changes.put_nowait(frozenset(missed))
        if revision(socket.query_params.get("checks", "")) not in (None, services.worker.feed.checks):
            changes.put_nowait(_FOR_EVERYBODY)
        tasks = [asyncio.create_task(select()), asyncio.create_task(pass_on())]
        try:
            while (await socket.receive())["type"] != "websocket.disconnect":
                pass
        finally:
            for task in tasks:
                task.cancel()
    finally:
        unsubscribe()


def revision(text: str) -> int | None:
    """A revision as a page gives it; None for what is none, or beyond what the database can count."""
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(_LARGEST_REVISION)):
        return None
    number = int(text)
    return number if number <= _LARGEST_REVISION else None


def list_routes(base: str = "") -> list[BaseRoute]:
    """The routes below the path under which the app is served."""
    return [
        Route(f"{base}/clips/{{token}}", clip),
        Route(f"{base}/references/{{token}}", reference),
        Route(f"{base}/takes", takes),
        Route(f"{base}/records/{{run}}", record),
        Route(f"{base}/present", present),
        Route(f"{base}/models", models),
        Route(f"{base}/showcase/{{name}}", sample),
        Route(f"{base}/drafts/{{form}}", draft, methods=["POST"]),
        WebSocketRoute(f"{base}/live", live),
    ]
