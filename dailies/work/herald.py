"""Tells the operator's webhook of each run that ends, from a thread of its own: no run waits for it.

One message for one end, from the process that saved it. A message that cannot be delivered after some tries is lost,
with a line in the log; so is one whose process dies in that moment. Headers and signature follow Standard Webhooks.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

import dailies.gateway.transport as transport
from dailies.domain import Run
from dailies.gateway.addresses import Reach, service
from dailies.settings import Settings, Webhook
from dailies.vocabulary import RunState

ENDS = {RunState.DONE: "done", RunState.FAILED: "failed", RunState.UNSURE: "unclear"}
"""The ends that are told, by their words."""

_MOST_WAITING = 1000
_WITHIN = 10.0  # seconds for a try
_PAUSES = (1.0, 5.0)  # seconds before the second try and the third
_GRACE = 5.0  # seconds that the end of the process waits
_AGAIN = (408, 425, 429)

_log = logging.getLogger(__name__)


def describe_end(run: Run, settings: Settings, *, prompts: bool) -> dict[str, object]:
    """Describe the end of a run as plain JSON: no key, and no prompt unless `prompts`."""
    data: dict[str, object] = {
        "run": run.id,
        "state": ENDS[run.state],
        "family": run.request.family,
        "model": run.request.model,
        "gateway": run.gateway,
    }
    if settings.public_url and not (settings.serves and settings.access.alone):  # else no page is served there
        data["link"] = f"{settings.public_url}/{run.request.family}?run={run.id}"
    if prompts:
        data["prompt"] = run.request.prompt
    return {"type": f"run.{ENDS[run.state]}", "timestamp": run.updated.isoformat(), "data": data}


def sign(key: bytes, message: str, timestamp: str, body: bytes) -> str:
    """Sign a message as Standard Webhooks does: over its id, its Unix time and its body."""
    signed = f"{message}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


class Herald:
    """Sends messages in their order. Without a webhook it does nothing. Thread-safe."""

    def __init__(
        self,
        settings: Settings,
        *,
        pauses: Sequence[float] = _PAUSES,
        within: float = _WITHIN,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`pauses` are the seconds before each further try, `within` those of a try."""
        self._settings = settings
        self._pauses, self._within, self._clock = pauses, within, clock
        self._waiting: queue.Queue[Run | None] = queue.Queue(_MOST_WAITING)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def tell(self, run: Run) -> None:
        """Have the end of a run told; returns at once."""
        if self._settings.webhook is None or run.state not in ENDS or self._stopping.is_set():
            return
        with self._lock:
            if self._thread is None:
                arguments = (self._settings.webhook,)
                self._thread = threading.Thread(target=self._work, args=arguments, name="dailies-herald", daemon=True)
                self._thread.start()
        try:
            self._waiting.put_nowait(run)
        except queue.Full:
            _log.warning("The webhook is behind by %s messages: the end of run %s is not told.", _MOST_WAITING, run.id)

    def stop(self, grace: float = _GRACE) -> None:
        """Deliver what waits, each with one try, for up to `grace` seconds."""
        self._stopping.set()
        if self._thread is not None:
            with suppress(queue.Full):
                self._waiting.put(None, timeout=grace)
                self._thread.join(grace)

    def _work(self, webhook: Webhook) -> None:
        http = transport.open_http(Reach(services=frozenset({service(webhook.url)})), self._within, keep=1)
        with http:
            while (run := self._waiting.get()) is not None:
                try:
                    trouble = self._deliver(webhook, run, lambda *told: transport.push(http, webhook.url, *told))
                except Exception as error:  # noqa: BLE001 - the outermost boundary: later messages are still told
                    trouble = f"met a fault of dailies ({type(error).__name__})"
                if trouble:
                    host = urlsplit(webhook.url).hostname
                    _log.warning("The end of run %s is not told: the webhook at %s %s.", run.id, host, trouble)

    def _deliver(self, webhook: Webhook, run: Run, push: Callable[..., tuple[int, str]]) -> str:
        """Try to deliver one message; return what went wrong at last, "" if it was taken."""
        described = describe_end(run, self._settings, prompts=webhook.prompts)
        body, message = json.dumps(described, ensure_ascii=False).encode(), f"{run.id}-{ENDS[run.state]}"
        for pause in (*self._pauses, None):
            timestamp = str(int(self._clock().timestamp()))
            headers = {"Content-Type": "application/json", "webhook-id": message, "webhook-timestamp": timestamp}
            if webhook.key:
                headers["webhook-signature"] = sign(webhook.key, message, timestamp, body)
            status, trouble = push(body, headers, self._within)
            if 200 <= status < 300:
                return ""
            trouble = trouble or f"answered {status}"
            if pause is None or (400 <= status < 500 and status not in _AGAIN) or self._stopping.wait(pause):
                break
        return trouble
