"""The ASGI application: routes, keys, request ids and error answers.

`rules.py` lists the create routes and the routes that continue a clip. The others are the queries
`GET /v1/videos/{id}` (and `/content`), `/v1/video/generations/{id}`, `/v1/video/query?id=`,
`/vidu/ent/v2/task/{id}/creations` (`tasks` in Vidu's own form) and `/kling/v1/videos/{action}/{id}`;
`POST /v1/seedance/asset/{action}`; `POST /v1/chat/completions`; `GET /v1/models` and `/v1/models/{id}`; and, without a
key, the finished clips at `/files/<token>.mp4` (`.png` is the last frame, `.jpg` the first).

For tests, `GET /sandbox/creates` lists every create received, in order, as
`{number, task_id, model, prompt, status, time}`. A refused create has `task_id` null; a create whose answer was dropped
on purpose has status 0.

`desk.py` and `asset_desk.py` hold the endpoints.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from sandbox import chat, rules
from sandbox.asset_desk import AssetDesk
from sandbox.desk import Desk
from sandbox.hangup import HangUp, hang_up
from sandbox.order import FRAME_RATE
from sandbox.refusal import Refusal
from sandbox.shapes import SHAPES, Shape
from sandbox.shapes.new_api import NewApi
from sandbox.shapes.shape import describe_model

Endpoint = Callable[[Request], Awaitable[Response]]
KLING_SHAPES = ("gateway", "native")


def read_default_seconds() -> float:
    """Return the seconds that a task takes by default: DAILIES_SANDBOX_SECONDS, or 3."""
    return float(os.environ.get("DAILIES_SANDBOX_SECONDS", "3"))


def read_default_frame_rate() -> int:
    """Return the default frames per second of the films: DAILIES_SANDBOX_FRAME_RATE, or 24."""
    return int(os.environ.get("DAILIES_SANDBOX_FRAME_RATE", FRAME_RATE))


def read_default_shape() -> str:
    """Return the default shape: DAILIES_SANDBOX_SHAPE, or `new-api`."""
    return os.environ.get("DAILIES_SANDBOX_SHAPE", NewApi.name)


def read_default_kling_shape() -> str:
    """Return the default shape of Kling's routes: DAILIES_SANDBOX_KLING_SHAPE, or `gateway`."""
    return os.environ.get("DAILIES_SANDBOX_KLING_SHAPE", KLING_SHAPES[0])


class Gateway(Starlette):
    """Starlette with a request id on every answer, and with the connection exposed to the staged failures."""

    def __init__(self, shape: Shape, **more: Any) -> None:
        super().__init__(**more)
        self.shape = shape

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
                named = self.shape.build_headers(request_id).items()
                message["headers"] = [*message.get("headers", []), *((a.encode(), b.encode()) for a, b in named)]
            await send(message)

        await super().__call__(scope, receive, send_named)


def create_app(
    data: Path,
    *,
    seconds: float | None = None,
    frame_rate: int | None = None,
    shape: str | None = None,
    kling_shape: str | None = None,
    clock: Callable[[], float] = time.time,
) -> Gateway:
    """Build the application over a data folder.

    `seconds` is the time from create to completion, `frame_rate` the frames per second of the clips; `shape` names the
    server to answer as, `kling_shape` how Kling's routes answer; `clock` returns the Unix time in seconds. None means
    the default of each. Raises `ValueError` for an unknown shape.
    """
    kling = kling_shape or read_default_kling_shape()
    if kling not in KLING_SHAPES:
        raise ValueError(f"the Kling shape is {' or '.join(KLING_SHAPES)}, not {kling!r}")
    name = shape or read_default_shape()
    if name not in SHAPES:
        raise ValueError(f"the shape is {', '.join(SHAPES)}, not {name!r}")
    native = kling == "native"
    answering = NewApi(native=native) if name == NewApi.name else SHAPES[name]()
    lasts = read_default_seconds() if seconds is None else seconds
    rate = frame_rate or read_default_frame_rate()
    desk = Desk(data, lasts, rate, answering, native=native, clock=clock)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        desk.resume()
        yield
        desk.close()

    cors = Middleware(
        CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"], expose_headers=["*"]
    )
    return Gateway(
        answering,
        routes=[*build_video_routes(desk, answering), *build_model_routes(answering), *build_file_routes(desk)],
        exception_handlers=build_handlers(answering),
        middleware=[cors],
        lifespan=lifespan,
    )


def build_video_routes(desk: Desk, shape: Shape) -> list[Route]:
    """Build the routes that create and query tasks: those of the gateway, or those of another server."""

    def route(method: str, path: str, endpoint: Endpoint) -> Route:
        return Route(path, require_key(endpoint, shape), methods=[method])

    gateway = isinstance(shape, NewApi)
    entries = rules.CREATE_PATHS if gateway else {"videos": rules.CREATE_PATHS["videos"]}
    routes = [route("POST", path, desk.build_create(entry)) for entry, path in entries.items()]
    if shape.answers_at_once:
        routes.append(route("POST", "/v1/videos/sync", desk.create_and_wait))
    routes += [route("POST", rules.FOLLOW_PATHS[entry], desk.build_follow(entry)) for entry in shape.follows]
    routes += [
        route("GET", "/v1/videos", desk.list_videos),
        route("GET", "/v1/videos/{task_id}", desk.query_video),
        route("GET", "/v1/videos/{task_id}/content", desk.send_content),
    ]
    if shape.deletes:
        routes.append(route("DELETE", "/v1/videos/{task_id}", desk.delete_video))
    if not gateway:
        return routes
    return [
        *routes,
        *(
            route("GET", rules.CREATE_PATHS[entry] + "/{task_id}", desk.build_kling_query(entry))
            for entry in ("kling-text2video", "kling-image2video")
        ),
        route("GET", "/v1/video/generations/{task_id}", desk.query_generation),
        route("GET", "/v1/video/query", desk.query_unified),
        route("GET", "/vidu/ent/v2/task/{task_id}/creations", desk.query_vidu),
        route("GET", "/vidu/ent/v2/tasks/{task_id}/creations", desk.query_vidu_own),
        route("POST", "/v1/seedance/asset/{action}", AssetDesk(desk.library).act),
        route("POST", "/v1/chat/completions", chat.complete),
    ]


def build_file_routes(desk: Desk) -> list[Route]:
    """Build the routes that need no key: finished files, and the log of creates."""
    return [
        Route("/files/{token}.mp4", desk.send_film, methods=["GET"], name="film"),
        Route("/files/{token}.png", desk.send_last_frame, methods=["GET"], name="last_frame"),
        Route("/files/{token}.jpg", desk.send_poster, methods=["GET"], name="poster"),
        Route("/sandbox/creates", desk.list_creates, methods=["GET"]),
    ]


def require_key(endpoint: Endpoint, shape: Shape) -> Endpoint:
    """Wrap an endpoint so that it requires `Authorization: Bearer <key>`; any non-empty key is valid."""
    if not shape.needs_key:
        return endpoint

    async def checked(request: Request) -> Response:
        word, _, key = request.headers.get("authorization", "").partition(" ")
        if word.lower() != "bearer" or not key.strip():
            raise shape.refuse_key()
        return await endpoint(request)

    return checked


def build_handlers(shape: Shape) -> Mapping[Any, Callable[[Request, Exception], Awaitable[Response]]]:
    """Build the handlers of refusals, staged hang-ups and unknown paths."""

    async def answer_refusal(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)  # noqa: S101 (registered for this type alone)
        body = shape.build_error(error, request.scope["sandbox.request_id"])
        return JSONResponse(body, status_code=error.status, headers=dict(error.headers))

    async def answer_unknown_path(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 (registered for its status codes alone)
        path = request.url.path
        if path.startswith(("/files/", "/sandbox/")):
            return PlainTextResponse(error.detail, status_code=error.status_code)
        request_id = request.scope["sandbox.request_id"]
        return shape.answer_unknown_path(request.method, path, error.status_code, request_id)

    return {Refusal: answer_refusal, HangUp: hang_up, 404: answer_unknown_path, 405: answer_unknown_path}


def build_model_routes(shape: Shape) -> list[Route]:
    """Build the routes that list the models, and that look up one."""

    async def list_models(request: Request) -> Response:
        return JSONResponse({"object": "list", "data": shape.list_models()})

    async def get_model(request: Request) -> Response:
        model = request.path_params["model"]
        if not shape.serves(model):
            raise Refusal(404, "model_not_found", f"the model {model} does not exist", origin="path", param="model")
        listed = (entry for entry in shape.list_models() if entry["id"] == model)
        return JSONResponse(next(listed, describe_model(model, "sandbox")))

    return [
        Route("/v1/models", require_key(list_models, shape), methods=["GET"]),
        Route("/v1/models/{model:path}", require_key(get_model, shape), methods=["GET"]),
    ]
