"""The gateway's routes as a server sees them.

Routes of the gateway: `POST /v1/videos`, `GET /v1/videos/{id}` and `/content`, `POST /v1/video/generations` and
`GET /v1/video/generations/{id}`, `GET /v1/models` and `/v1/models/{id}`, and the finished films at
`/files/<token>.mp4` (and `.png` for a last frame), which need no key.

Outside the gateway's surface, for tests: `GET /sandbox/creates` answers a JSON list of every create received, in
order, as `{number, task_id, model, prompt, status, time}`; refused creates are in it with `task_id` null, and one
whose answer was dropped on purpose has status 0.

What a request may hold is in `rules.py`; how an answer looks in `answers.py`; the films in `studio.py`.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from sandbox import answers, rules
from sandbox.body import read_body
from sandbox.film import FRAME_RATE
from sandbox.hangup import BreakOff, HangUp, hang_up
from sandbox.refusal import Refusal
from sandbox.shelf import Shelf
from sandbox.studio import Studio
from sandbox.tasks import SLOWDOWN, State, Task, TaskStore, directives, look

Endpoint = Callable[[Request], Awaitable[Response]]
POLL_AFTER_MS = "500"
FRONT_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>dailies sandbox</title>
<body style="font:16px/1.5 system-ui;margin:4rem auto;max-width:40rem"><h1>dailies sandbox</h1>
<p>An embedded video gateway. Its API is below <code>/v1</code>; this page answers every other path.</p></body></html>
"""


def default_seconds() -> float:
    """How long a task takes when nobody says: DAILIES_SANDBOX_SECONDS, else 3 s."""
    return float(os.environ.get("DAILIES_SANDBOX_SECONDS", "3"))


class Gateway(Starlette):
    """Starlette, with a request id on every answer and the connection itself within reach of the staged failures."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        request_id = time.strftime("%Y%m%d%H%M%S") + secrets.token_hex(4)
        scope["sandbox.request_id"] = request_id
        # uvicorn hands out `send` as a method of the object that holds the transport; see hangup.py.
        scope["sandbox.transport"] = getattr(getattr(send, "__self__", None), "transport", None)

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), (b"x-oneapi-request-id", request_id.encode())]
            await send(message)

        await super().__call__(scope, receive, send_named)


def create_app(data: Path, *, seconds: float | None = None, frame_rate: int = FRAME_RATE) -> Gateway:
    """The application over a data folder. `seconds` is how long a task takes from create to completion."""
    desk = Desk(data, default_seconds() if seconds is None else seconds, frame_rate)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        desk.studio.resume()
        yield
        desk.close()

    routes = [
        Route("/v1/videos", keyed(desk.create_video), methods=["POST"]),
        Route("/v1/videos/{task_id}", keyed(desk.query_video), methods=["GET"]),
        Route("/v1/videos/{task_id}/content", keyed(desk.content), methods=["GET"]),
        Route("/v1/video/generations", keyed(desk.create_generation), methods=["POST"]),
        Route("/v1/video/generations/{task_id}", keyed(desk.query_generation), methods=["GET"]),
        Route("/v1/models", keyed(list_models), methods=["GET"]),
        Route("/v1/models/{model:path}", keyed(one_model), methods=["GET"]),
        Route("/files/{token}.mp4", desk.film, methods=["GET"], name="film"),
        Route("/files/{token}.png", desk.last_frame, methods=["GET"], name="last_frame"),
        Route("/sandbox/creates", desk.creates, methods=["GET"]),
    ]
    handlers = {Refusal: refused, HangUp: hang_up, 404: unknown_path, 405: unknown_path}
    return Gateway(routes=routes, exception_handlers=handlers, lifespan=lifespan)


def keyed(endpoint: Endpoint) -> Endpoint:
    """An endpoint that wants `Authorization: Bearer <any non-empty key>`."""

    async def checked(request: Request) -> Response:
        word, _, key = request.headers.get("authorization", "").partition(" ")
        if word.lower() != "bearer" or not key.strip():
            raise Refusal(401, "", "no API key provided: send Authorization: Bearer <key>", shape="middleware")
        return await endpoint(request)

    return checked


async def refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101 (registered for this type alone)
    body = error.body(request.scope["sandbox.request_id"])
    return JSONResponse(body, status_code=error.status, headers=dict(error.headers))


async def unknown_path(request: Request, error: Exception) -> Response:
    """Below /v1 an unknown path or method is a JSON 404; elsewhere the web front end answers, as on the gateway."""
    path = request.url.path
    if path.startswith("/v1"):
        refusal = Refusal(404, "", f"Invalid URL ({request.method} {path})", shape="path")
        return await refused(request, refusal)
    if path.startswith(("/files/", "/sandbox/")):
        detail = error.detail if isinstance(error, HTTPException) else "not found"
        return PlainTextResponse(detail, status_code=404)
    return HTMLResponse(FRONT_PAGE)


async def list_models(request: Request) -> Response:
    return JSONResponse({"object": "list", "data": [model_entry(model) for model in rules.listed_models()]})


async def one_model(request: Request) -> Response:
    model = request.path_params["model"]
    if rules.family_of(model) is None:
        raise Refusal(404, "model_not_found", f"the model {model} does not exist", shape="path")
    return JSONResponse(model_entry(model))


def model_entry(model: str) -> dict[str, Any]:
    return {"id": model, "object": "model", "created": 1767225600, "owned_by": "sandbox"}


class Desk:
    """The endpoints that need the store and the studio."""

    def __init__(self, data: Path, seconds: float, frame_rate: int) -> None:
        self.seconds = seconds
        self.store = TaskStore(data)
        self.shelf = Shelf(data / "uploads")
        self.studio = Studio(data / "films", self.store, self.shelf, frame_rate)

    def close(self) -> None:
        self.studio.close()
        self.store.close()

    async def create_video(self, request: Request) -> Response:
        task, state = await self._create(request, "videos")
        family = rules.family_named(task.family)
        return JSONResponse(answers.video_object(family, task, state, ""))

    async def create_generation(self, request: Request) -> Response:
        task, _ = await self._create(request, "generations")
        return JSONResponse({"task_id": task.id})

    async def _create(self, request: Request, route: str) -> tuple[Task, State]:
        """Check, log and start one create; the prompt's directives decide how it is answered."""
        body = await read_body(request)
        now, model, prompt = time.time(), body.values.get("model"), body.values.get("prompt")
        try:
            family, order = rules.accept(route, body)
            prompt = order.prompt
            order = await asyncio.to_thread(self.shelf.settle, order)
            stages = directives(order.prompt)
            if "429" in stages:
                message = "the upstream is busy, try again later"
                raise Refusal(429, "rate_limited", message, headers={"Retry-After": "2"})
            if "500" in stages:
                raise Refusal(500, "do_request_failed", "the gateway could not reach the upstream")
        except Refusal as refusal:
            self.store.log_create(None, model, prompt, refusal.status, now)
            raise
        lasts = self.seconds * (SLOWDOWN if "slow" in stages else 1)
        task_id = answers.new_id(family.style)
        task = Task(task_id, family.name, order, now, lasts, token=secrets.token_urlsafe(24))
        self.store.add(task)
        self.studio.start(task)
        self.store.log_create(task_id, order.model, order.prompt, 0 if "drop" in stages else 200, now)
        if "drop" in stages:
            raise HangUp
        return task, State("queued", 0)

    def _look(self, request: Request) -> tuple[Task, State]:
        task_id = request.path_params["task_id"]
        task = self.store.get(task_id)
        if task is None:
            raise Refusal(400, "task_not_exist", f"task {task_id} does not exist")
        family = rules.family_named(task.family)
        return task, look(task, time.time(), family.style.moderation_code)

    async def query_video(self, request: Request) -> Response:
        task, state = self._look(request)
        family = rules.family_named(task.family)
        answer = answers.video_object(family, task, state, self._link(request, task, "film"))
        return JSONResponse(answer, headers=polling(state))

    async def query_generation(self, request: Request) -> Response:
        task, state = self._look(request)
        links = self._link(request, task, "film"), self._link(request, task, "last_frame")
        return JSONResponse(answers.wrapper(task, state, *links), headers=polling(state))

    def _link(self, request: Request, task: Task, name: str) -> str:
        # A dead link is a token nobody has: it looks right and answers 404.
        token = task.token[::-1] if "dead-link" in task.stages else task.token
        return str(request.url_for(name, token=token))

    async def content(self, request: Request) -> Response:
        task_id = request.path_params["task_id"]
        if self.store.get(task_id) is None:
            raise Refusal(404, "invalid_request_error", f"task {task_id} not found", shape="content")
        task, state = self._look(request)
        if state.phase != "completed":
            message = f"task is not completed: {answers.OUTER_WORDS[state.phase]}"
            raise Refusal(400, "invalid_request_error", message, shape="content")
        headers = {"Cache-Control": "public, max-age=86400"}
        return FileResponse(self.studio.film_path(task), media_type="video/mp4", headers=headers)

    async def film(self, request: Request) -> Response:
        task, path = self._file(request, ".mp4")
        if "truncated" in task.stages and self.store.break_off_once(task.id):
            return BreakOff(path)
        return FileResponse(path, media_type="video/mp4")

    async def last_frame(self, request: Request) -> Response:
        return FileResponse(self._file(request, ".png")[1], media_type="image/png")

    def _file(self, request: Request, suffix: str) -> tuple[Task, Path]:
        """A finished film's file by its token; before completion nobody could have been given the link."""
        task = self.store.by_token(request.path_params["token"])
        if task is None or task.film_ready is None:
            raise HTTPException(404, "no such file")
        path = self.studio.film_path(task).with_suffix(suffix)
        if not path.exists():
            raise HTTPException(404, "no such file")
        return task, path

    async def creates(self, request: Request) -> Response:
        return JSONResponse(self.store.creates())


def polling(state: State) -> dict[str, str]:
    """The server's hint when to ask again, while there is something to wait for."""
    return {} if state.ended is not None else {"openai-poll-after-ms": POLL_AFTER_MS}
