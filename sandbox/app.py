"""The ASGI application: routes, keys, request ids and error answers.

`rules.py` lists the create routes and the routes that continue a clip. The others are the queries
`GET /v1/videos/{id}` (and `/content`), `/v1/video/generations/{id}`, `/v1/video/query?id=`,
`/vidu/ent/v2/task/{id}/creations` (`tasks` in Vidu's own form) and `/kling/v1/videos/{action}/{id}`;
`POST /v1/seedance/asset/{action}`; `GET /v1/models` and `/v1/models/{id}`; and, without a key, the finished clips at
`/files/<token>.mp4` (`.png` is the last frame, `.jpg` the first).

For tests, `GET /sandbox/creates` lists every create received, in order, as
`{number, task_id, model, prompt, status, time}`. A refused create has `task_id` null; a create whose answer was dropped
on purpose has status 0.

`desk.py` and `asset_desk.py` hold the endpoints.
"""

from __future__ import annotations

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
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from sandbox import rules
from sandbox.asset_desk import AssetDesk
from sandbox.desk import Desk
from sandbox.film import FRAME_RATE
from sandbox.hangup import HangUp, hang_up
from sandbox.refusal import Refusal

Endpoint = Callable[[Request], Awaitable[Response]]
KLING_SHAPES = ("gateway", "native")
FRONT_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>dailies sandbox</title>
<body style="font:16px/1.5 system-ui;margin:4rem auto;max-width:40rem"><h1>dailies sandbox</h1>
<p>An embedded video gateway. Its API is below <code>/v1</code>; every other path returns this page.</p></body></html>
"""


def read_default_seconds() -> float:
    """Return the seconds that a task takes by default: DAILIES_SANDBOX_SECONDS, or 3."""
    return float(os.environ.get("DAILIES_SANDBOX_SECONDS", "3"))


def read_default_frame_rate() -> int:
    """Return the default frames per second of the films: DAILIES_SANDBOX_FRAME_RATE, or 24."""
    return int(os.environ.get("DAILIES_SANDBOX_FRAME_RATE", FRAME_RATE))


def read_default_kling_shape() -> str:
    """Return the default shape of Kling's routes: DAILIES_SANDBOX_KLING_SHAPE, or `gateway`."""
    return os.environ.get("DAILIES_SANDBOX_KLING_SHAPE", KLING_SHAPES[0])


class Gateway(Starlette):
    """Starlette with a request id on every answer, and with the connection exposed to the staged failures."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        request_id = time.strftime("%Y%m%d%H%M%S") + secrets.token_hex(4)
        scope["sandbox.request_id"] = request_id
        # uvicorn's `send` is a method of the object that holds the transport; see hangup.py.
        scope["sandbox.transport"] = getattr(getattr(send, "__self__", None), "transport", None)

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), (b"x-oneapi-request-id", request_id.encode())]
            await send(message)

        await super().__call__(scope, receive, send_named)


def create_app(
    data: Path,
    *,
    seconds: float | None = None,
    frame_rate: int | None = None,
    kling_shape: str | None = None,
    clock: Callable[[], float] = time.time,
) -> Gateway:
    """Build the application over a data folder.

    `seconds` is the time from create to completion, `frame_rate` the frames per second of the clips; `clock` returns
    the Unix time in seconds. Raises `ValueError` for an unknown `kling_shape`.
    """
    shape = kling_shape or read_default_kling_shape()
    if shape not in KLING_SHAPES:
        raise ValueError(f"the Kling shape is {' or '.join(KLING_SHAPES)}, not {shape!r}")
    lasts = read_default_seconds() if seconds is None else seconds
    rate = frame_rate or read_default_frame_rate()
    desk = Desk(data, lasts, rate, native=shape == "native", clock=clock)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        desk.resume()
        yield
        desk.close()

    def post(path: str, endpoint: Endpoint) -> Route:
        return Route(path, require_key(endpoint), methods=["POST"])

    def get(path: str, endpoint: Endpoint) -> Route:
        return Route(path, require_key(endpoint), methods=["GET"])

    routes = [
        *(post(path, desk.build_create(entry)) for entry, path in rules.CREATE_PATHS.items()),
        *(post(path, desk.build_follow(entry)) for entry, path in rules.FOLLOW_PATHS.items()),
        *(
            get(rules.CREATE_PATHS[entry] + "/{task_id}", desk.build_kling_query(entry))
            for entry in ("kling-text2video", "kling-image2video")
        ),
        get("/v1/videos/{task_id}", desk.query_video),
        get("/v1/videos/{task_id}/content", desk.send_content),
        get("/v1/video/generations/{task_id}", desk.query_generation),
        get("/v1/video/query", desk.query_unified),
        get("/vidu/ent/v2/task/{task_id}/creations", desk.query_vidu),
        get("/vidu/ent/v2/tasks/{task_id}/creations", desk.query_vidu_own),
        post("/v1/seedance/asset/{action}", AssetDesk(desk.library).act),
        get("/v1/models", list_models),
        get("/v1/models/{model:path}", get_model),
        Route("/files/{token}.mp4", desk.send_film, methods=["GET"], name="film"),
        Route("/files/{token}.png", desk.send_last_frame, methods=["GET"], name="last_frame"),
        Route("/files/{token}.jpg", desk.send_poster, methods=["GET"], name="poster"),
        Route("/sandbox/creates", desk.list_creates, methods=["GET"]),
    ]
    handlers = {Refusal: answer_refusal, HangUp: hang_up, 404: answer_unknown_path, 405: answer_unknown_path}
    return Gateway(routes=routes, exception_handlers=handlers, lifespan=lifespan)


def require_key(endpoint: Endpoint) -> Endpoint:
    """Wrap an endpoint so that it requires `Authorization: Bearer <key>`; any non-empty key is valid."""

    async def checked(request: Request) -> Response:
        word, _, key = request.headers.get("authorization", "").partition(" ")
        if word.lower() != "bearer" or not key.strip():
            raise Refusal(401, "", "no API key provided: send Authorization: Bearer <key>", shape="middleware")
        return await endpoint(request)

    return checked


async def answer_refusal(request: Request, error: Exception) -> Response:
    """Answer a refused request with its error body."""
    assert isinstance(error, Refusal)  # noqa: S101 (registered for this type alone)
    body = error.body(request.scope["sandbox.request_id"])
    return JSONResponse(body, status_code=error.status, headers=dict(error.headers))


async def answer_unknown_path(request: Request, error: Exception) -> Response:
    """Answer an unknown path or method: a JSON 404 below /v1, elsewhere the web front end, as the gateway does."""
    path = request.url.path
    if path.startswith("/v1"):
        refusal = Refusal(404, "", f"Invalid URL ({request.method} {path})", shape="path")
        return await answer_refusal(request, refusal)
    if path.startswith(("/files/", "/sandbox/")):
        detail = error.detail if isinstance(error, HTTPException) else "not found"
        return PlainTextResponse(detail, status_code=404)
    return HTMLResponse(FRONT_PAGE)


async def list_models(request: Request) -> Response:
    """List every model that the sandbox serves."""
    return JSONResponse({"object": "list", "data": [describe_model(model) for model in rules.list_models()]})


async def get_model(request: Request) -> Response:
    """Return one model; raises Refusal for an id that no family serves."""
    model = request.path_params["model"]
    if rules.find_family(model) is None:
        raise Refusal(404, "model_not_found", f"the model {model} does not exist", shape="path")
    return JSONResponse(describe_model(model))


def describe_model(model: str) -> dict[str, Any]:
    """Build the entry of one model in a list of models."""
    return {"id": model, "object": "model", "created": 1767225600, "owned_by": "sandbox"}
