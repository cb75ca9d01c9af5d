"""Call back: post a task that has ended to the address that its create named.

Only addresses of this machine are called, so that nothing leaves it. A call is made once and not again after a restart,
as with a gateway that loses some.
"""

from __future__ import annotations

import asyncio
import json
import logging
import urllib.request
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from sandbox.refusal import Refusal

WITHIN = 5.0  # seconds
PAUSE = 0.05  # seconds between two looks at a task
log = logging.getLogger(__name__)


class Caller:
    """Waits for the ends of tasks and calls. `look` describes a task that has ended, and is None before."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Task[None]] = set()

    def follow(self, address: str, look: Callable[[], dict[str, Any] | None]) -> None:
        """Call an address of this machine when `look` has something to tell; any other address is not called."""
        if is_near(address):
            task = asyncio.create_task(self._follow(address, look))
            self._waiting.add(task)
            task.add_done_callback(self._waiting.discard)

    def close(self) -> None:
        """Stop waiting."""
        for task in self._waiting:
            task.cancel()

    async def _follow(self, address: str, look: Callable[[], dict[str, Any] | None]) -> None:
        try:
            while (told := look()) is None:
                await asyncio.sleep(PAUSE)
        except Refusal:  # the task was deleted
            return
        await asyncio.to_thread(post, address, told)


def is_near(address: str) -> bool:
    """Return whether an address leads to this machine."""
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows none: a redirect may lead away from this machine."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def post(address: str, told: dict[str, Any]) -> None:
    """Post a description as JSON. What goes wrong is logged: the caller of the gateway asks anyway."""
    head = {"Content-Type": "application/json"}
    request = urllib.request.Request(address, json.dumps(told).encode(), head)  # noqa: S310 (http to this machine)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect())
    try:
        opener.open(request, timeout=WITHIN).close()
    except (OSError, ValueError) as error:
        log.warning("nobody answered the callback: %s", error)
