"""The gateway's routes as a server sees them.

The create routes and those that carry on a clip are in `rules.py`. Beside them: the queries `GET /v1/videos/{id}` (and
`/content`), `/v1/video/generations/{id}`, `/v1/video/query?id=`, `/vidu/ent/v2/task/{id}/creations` (and, in Vidu's own
form, `tasks`), `/kling/v1/videos/{action}/{id}`; `POST /v1/seedance/asset/{action}`; `GET /v1/models` and
`/v1/models/{id}`; and the finished films at `/files/<token>.mp4` (`.png` for a last frame, `.jpg` for a first), which
need no key.

Outside the gateway's surface, for tests: `GET /sandbox/creates` answers a JSON list of every create received, in
order, as `{number, task_id, model, prompt, status, time}`; refused creates are in it with `task_id` null, and one
whose answer was dropped on purpose has status 0.

What the routes do is in `desk.py` and `asset_desk.py`.
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
<p>An embedded video gateway. Its API is below <code>/v1</code>; this page answers every other path.</p></body></html>
"""


def read_default_seconds() -> float:
    """How long a task takes when nobody says: DAILIES_SANDBOX_SECONDS, else 3 s."""
    return float(os.environ.get("DAILIES_SANDBOX_SECONDS", "3"))


def read_default_frame_rate() -> int:
    """Frames a second of the films when nobody says: DAILIES_SANDBOX_FRAME_RATE, else 24."""
    return int(os.environ.get("DAILIES_SANDBOX_FRAME_RATE", FRAME_RATE))


def read_default_kling_shape() -> str:
    """How Kling's own routes answer when nobody says: DAILIES_SANDBOX_KLING_SHAPE, else as the stock gateway."""
    return os.environ.get("DAILIES_SANDBOX_KLING_SHAPE", KLING_SHAPES[0])


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


def create_app(
    data: Path,
    *,
    seconds: float | None = None,
    frame_rate: int | None = None,
    kling_shape: str | None = None,
    clock: Callable[[], float] = time.time,
) -> Gateway:
    """The application over a data folder.

    `seconds` is how long a task takes from create to completion, `frame_rate` the frames a second of its film; `clock`
    gives the Unix time in seconds.
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
    """An endpoint that wants `Authorization: Bearer <any non-empty key>`."""

    async def checked(request: Request) -> Response:
        word, _, key = request.headers.get("authorization", "").partition(" ")
        if word.lower() != "bearer" or not key.strip():
            raise Refusal(401, "", "no API key provided: send Authorization: Bearer <key>", shape="middleware")
        return await endpoint(request)

    return checked


async def answer_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101 (registered for this type alone)
    body = error.body(request.scope["sandbox.request_id"])
    return JSONResponse(body, status_code=error.status, headers=dict(error.headers))


async def answer_unknown_path(request: Request, error: Exception) -> Response:
    """Below /v1 an unknown path or method is a JSON 404; elsewhere the web front end answers, as on the gateway."""
    path = request.url.path
    if path.startswith("/v1"):
        refusal = Refusal(404, "", f"Invalid URL ({request.method} {path})", shape="path")
        return await answer_refusal(request, refusal)
    if path.startswith(("/files/", "/sandbox/")):
        detail = error.detail if isinstance(error, HTTPException) else "not found"
        return PlainTextResponse(detail, status_code=404)
    return HTMLResponse(FRONT_PAGE)


async def list_models(request: Request) -> Response:
    return JSONResponse({"object": "list", "data": [describe_model(model) for model in rules.list_models()]})


async def get_model(request: Request) -> Response:
    model = request.path_params["model"]
    if rules.find_family(model) is None:
        raise Refusal(404, "model_not_found", f"the model {model} does not exist", shape="path")
    return JSONResponse(describe_model(model))


def describe_model(model: str) -> dict[str, Any]:
    return {"id": model, "object": "model", "created": 1767225600, "owned_by": "sandbox"}
