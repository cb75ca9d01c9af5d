"""What machines ask the server: `/healthz`, `/readyz` and `/metrics`.

Everybody who can reach the server may ask whether it is well, and gets names of parts without a detail. Details and
metrics are for the operator: for programs on this machine that no proxy stands in front of, and for whoever shows
`DAILIES_METRICS_TOKEN`.
"""

from __future__ import annotations

import hmac

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from components.server.door import host_name
from dailies.access import is_loopback
from dailies.services import open_services
from dailies.work.metrics import CONTENT_TYPE

_PARTS = ("database", "disk", "worker", "gateway")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_FRESH = {"Cache-Control": "no-store"}


async def healthz(_: Request) -> Response:
    """Say that the process lives. Asks nothing else."""
    return JSONResponse({"status": "ok"}, headers=_FRESH)


async def readyz(request: Request) -> Response:
    """Say whether the process can do its work; 503 with the names of the parts that cannot."""
    services = await anyio.to_thread.run_sync(open_services)
    faults = await anyio.to_thread.run_sync(services.find_faults)
    body: dict[str, object] = {
        "status": "not ready" if faults else "ready",
        "not_ready": [part for part in _PARTS if part in faults],
    }
    if faults and is_operator(request, services.settings.metrics_token):
        body["details"] = dict(faults)
    return JSONResponse(body, 503 if faults else 200, headers=_FRESH)


async def metrics(request: Request) -> Response:
    """Answer with the metrics as Prometheus reads them. Raises `StoreError` while the library cannot be read."""
    services = await anyio.to_thread.run_sync(open_services)
    if not is_operator(request, services.settings.metrics_token):
        words = "Metrics are for this machine, or with DAILIES_METRICS_TOKEN as a bearer token."
        return PlainTextResponse(words, 403, headers=_FRESH)
    text = await anyio.to_thread.run_sync(services.render_metrics)
    return Response(text, media_type=CONTENT_TYPE, headers=_FRESH)


def is_operator(request: Request, token: str) -> bool:
    """Whether a request shows the token, or comes from a program on this machine and through no proxy."""
    given = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
    if token and hmac.compare_digest(given, token.encode()):
        return True
    near = request.client is not None and is_loopback(request.client.host)
    proxied = any(name in request.headers for name in _FORWARDED)
    return near and not proxied and is_loopback(host_name(request.headers.get("host", "")))


def list_status_routes(base: str = "") -> list[Route]:
    """The routes below the path under which the app is served."""
    return [
        Route(f"{base}/healthz", healthz),
        Route(f"{base}/readyz", readyz),
        Route(f"{base}/metrics", metrics),
    ]
