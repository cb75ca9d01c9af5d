"""The address at which gateways tell that a task has ended: `/callbacks/<run>/<signature>`.

The body of a call is discarded unread. A valid signature makes the worker ask the gateway, nothing more. Every call
gets the same answer, so it tells nobody whether the run exists or has ended.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from dailies.errors import StoreError
from dailies.services import REST, open_services

_MOST_BODY = 16 * 1024  # bytes; who sends more is cut off
_BODY_WITHIN = 5.0  # seconds
_MOST_TRIES = 60

_log = logging.getLogger(__name__)


class Bell:
    """Rings for runs, each at most once in `rest` seconds; a call that comes meanwhile is rung for after them."""

    def __init__(self, rest: float = REST.total_seconds()) -> None:
        self._rest = rest
        self._called: dict[str, bool] = {}  # the runs that it rings for: called again since the last ring
        self._tasks: set[asyncio.Task[None]] = set()

    def call(self, run: str, ring: Callable[[str], bool]) -> None:
        """Have `ring` called with a run on another thread, and again while it returns True. Returns at once."""
        if run in self._called:
            self._called[run] = True
            return
        self._called[run] = True
        task = asyncio.create_task(self._ring(run, ring))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ring(self, run: str, ring: Callable[[str], bool]) -> None:
        try:
            for _ in range(_MOST_TRIES):
                if not self._called[run]:
                    return
                self._called[run] = False
                if await anyio.to_thread.run_sync(ring, run):
                    self._called[run] = True
                await asyncio.sleep(self._rest)
        except StoreError as error:  # the run is looked at when it is due
            _log.warning("A callback could not be followed. %s", error)
        finally:
            del self._called[run]


_bell = Bell()


async def callback(request: Request) -> Response:
    """Have the worker look at a run, if the address is one of ours."""
    services = await anyio.to_thread.run_sync(open_services)
    run, signature = request.path_params["run"], request.path_params["signature"]
    if services.settings.signer.is_callback(run, signature):
        _bell.call(run, services.hasten)
    await _drain(request)
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


async def _drain(request: Request) -> None:
    """Read what was posted and forget it, so that the caller may finish; not more of it, nor longer, than is usual."""
    size = 0
    with anyio.move_on_after(_BODY_WITHIN):
        try:
            async for chunk in request.stream():
                size += len(chunk)
                if size > _MOST_BODY:
                    return
        except ClientDisconnect:
            return


def list_callback_routes(base: str = "") -> list[Route]:
    """The routes below the path under which the app is served."""
    return [Route(f"{base}/callbacks/{{run}}/{{signature}}", callback, methods=["GET", "POST"])]
