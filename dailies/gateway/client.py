"""Performs one step of a run over HTTP and says what came of it. `transport` opens the connections.

Owns timeouts, connections, where the key may travel, and which trouble means "sent" or "not sent". Decides nothing
about a run: an event goes to `runs`. The key stands in a header and nowhere else: not in errors, logs or reprs.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpx

from dailies.domain import Run
from dailies.errors import GatewayError, MediaError, Unauthorized, Unreachable, Unreadable, Unsure
from dailies.exchange import (
    Blob,
    Call,
    Progress,
)
from dailies.gateway import replies
from dailies.gateway.addresses import Reach
from dailies.gateway.transport import is_from_inside, open_http
from dailies.request.wire import materialise
from dailies.steps import Accepted, Event, Fetch, FetchFailed, Lost, NotSent, Poll, Polled, PollFailed, Rejected, Send
from dailies.vocabulary import Body

MAX_REPLY = 32 * 1024 * 1024
"""Bytes of an answer that are read at most; a clip is streamed and has its own limit."""

MAX_CLIP = 4 * 1024 * 1024 * 1024
"""Bytes of a clip that are taken at most."""

MAX_REDIRECTS = 5

_log = logging.getLogger(__name__)

# These happen before the first byte of the call is on its way.
_BEFORE_SENDING = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds without a sign of life. `create` is how long the answer to a paid call may take."""

    connect: float = 10.0
    write: float = 120.0
    create: float = 120.0
    read: float = 60.0


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of a connection test: whether the gateway takes the key, after how many seconds, in words."""

    ok: bool
    seconds: float
    words: str
    models: tuple[str, ...] = ()


class Client:
    """One gateway. Thread-safe; holds connections until `close`.

    `key` gives the key for a run's credential handle, or None; `read` the bytes of a digest, or raises `MediaError`;
    `reach` says which inner addresses may be called, beside all public ones.
    """

    def __init__(
        self,
        base_url: str,
        key: Callable[[str], str | None],
        read: Callable[[str], bytes],
        reach: Reach = Reach(),
        timeouts: Timeouts = Timeouts(),
    ) -> None:
        self.base_url = base_url
        self._key = key
        self._read = read
        waiting = httpx.Timeout(timeouts.read, connect=timeouts.connect, write=timeouts.write)
        self._http = open_http(reach, waiting)
        # What makes something travels on a connection of its own: a kept one may be closed by the other end in the
        # very moment of sending, and that would look like a call with an unknown outcome.
        sending = httpx.Timeout(timeouts.create, connect=timeouts.connect, write=timeouts.write)
        self._sender = open_http(reach, sending, keep=0)

    def __repr__(self) -> str:
        return f"Client({self.base_url!r})"

    def close(self) -> None:
        self._http.close()
        self._sender.close()

    def perform(self, run: Run, step: Send | Poll) -> Event:
        """Send the run's call, or ask for its task. Trouble with the gateway is an event, never an exception."""
        return self._create(run) if isinstance(step, Send) else self._poll(run)

    def fetch(self, run: Run, step: Fetch, target: Path) -> FetchFailed | None:
        """Stream the run's clip to `target`; None when it is there. A failed fetch leaves no file."""
        try:
            own = f"{self.base_url}/"
            url = _join(own, run.link) if step.by_link else self._address(run.route.content, run.task)
            self._download(run, url, target, may_follow=True)
        except GatewayError as error:
            target.unlink(missing_ok=True)
            return FetchFailed(error)
        return None

    def models(self, credential: str = "") -> list[str]:
        """The ids of the models the key may use, as the gateway lists them. Raises `GatewayError`."""
        body = self._json("GET", "/v1/models", credential)
        rows = body.get("data") if isinstance(body, dict) else None
        if not isinstance(rows, list):
            raise Unreadable("The gateway's list of models cannot be read.", raw=replies.shorten(json.dumps(body)))
        return [row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]

    def check(self, credential: str = "") -> Check:
        """Try the connection and the key with a call that costs nothing."""
        start = monotonic()
        try:
            found = self.models(credential)
        except GatewayError as error:
            return Check(False, monotonic() - start, str(error))
        return Check(True, monotonic() - start, f"The gateway answers and lists {len(found)} models.", tuple(found))

    def post(self, path: str, body: Any, credential: str = "") -> dict[str, Any]:
        """One JSON exchange outside the life of a run, such as the asset library's. Raises `GatewayError`."""
        return self._json("POST", path, credential, body)

    # --- create and poll -----------------------------------------------------------------------------------------

    def _create(self, run: Run) -> Event:
        try:
            request = self._sender.build_request(
                run.call.method, f"{self.base_url}{run.call.path}", headers=self._auth(run), **self._content(run.call)
            )
        except (GatewayError, MediaError) as error:
            return NotSent(error)
        except httpx.InvalidURL:
            return NotSent(Unreachable(f"{self.base_url} is no address that can be called."))
        try:
            answer = self._exchange(self._sender.send(request, stream=True), run.credential)
        except Unreachable as error:
            return NotSent(error)
        except _BEFORE_SENDING as error:
            return NotSent(Unreachable(f"No connection to {self._host}: {_words(error)}."))
        except httpx.HTTPError as error:
            return Lost(Unsure(f"The connection was lost after the call had been sent: {_words(error)}."))
        try:
            progress = answer.progress()
        except GatewayError as error:
            return Rejected(error) if replies.proves_no_task(error) else Lost(error)
        if progress.task:
            return Accepted(progress, answer.raw)
        if progress.state.final and progress.reason:
            return Rejected(GatewayError(progress.reason, status=answer.status, code=progress.code, raw=answer.raw))
        what = "The gateway accepted the call and its answer names no task."
        return Lost(Unreadable(what, status=answer.status, raw=answer.raw))

    def _poll(self, run: Run) -> Event:
        try:
            answer = self._call("GET", self._address(run.route.query, run.task), run.credential)
            return Polled(answer.progress(), answer.raw)
        except GatewayError as error:
            return PollFailed(error)

    def _content(self, call: Call) -> dict[str, Any]:
        """The body of a call for httpx; media is read only here. Raises `MediaError` for bytes that are gone."""
        if call.body is Body.JSON:
            return {"json": materialise(call.json, self._read)}
        if call.body is Body.FORM:
            return {"files": [(part.name, self._part(part.value)) for part in call.form]}
        return {}

    def _part(self, value: str | Blob) -> tuple[str | None, str | bytes] | tuple[str, bytes, str]:
        if isinstance(value, str):
            return None, value
        return value.name, self._read(value.digest), value.media_type

    def _json(self, method: str, path: str, credential: str, body: Any = None) -> dict[str, Any]:
        answer = self._call(method, f"{self.base_url}{path}", credential, body)
        error = replies.read_error(answer.status, answer.text, answer.content_type, answer.headers)
        decoded = replies.read_json(answer.text)
        if not 200 <= answer.status < 300 or not isinstance(decoded, dict) or error.spoken:
            raise error
        return decoded

    def _call(self, method: str, url: str, credential: str, body: Any = None) -> _Answer:
        """One exchange that may be repeated by whoever asks: every trouble is a `GatewayError`."""
        try:
            if method == "GET":
                return self._exchange(self._get(url, credential), credential)
            request = self._sender.build_request(method, url, headers=self._auth_for(credential), json=body)
            return self._exchange(self._sender.send(request, stream=True), credential)
        except httpx.InvalidURL:
            raise Unreachable(f"{self.base_url} is no address that can be called.") from None
        except _BEFORE_SENDING as error:
            raise Unreachable(f"No connection to {self._host}: {_words(error)}.") from None
        except httpx.HTTPError as error:
            raise Unsure(f"The connection to {self._host} was lost: {_words(error)}.") from None

    def _get(self, url: str, credential: str) -> httpx.Response:
        """The answer to a GET, not yet read. Follows redirects; the key goes to the gateway's own origin alone."""
        for _ in range(MAX_REDIRECTS + 1):
            ours = _origin(url) == _origin(self.base_url)
            headers = self._auth_for(credential) if ours else {}
            response = self._http.send(self._http.build_request("GET", url, headers=headers), stream=True)
            if not response.has_redirect_location:
                return response
            response.close()
            url = _join(url, response.headers["location"])
        raise Unreadable(f"More than {MAX_REDIRECTS} redirects, one after the other.")

    def _exchange(self, response: httpx.Response, credential: str) -> _Answer:
        try:
            text = self._hide_key(self._text(b"", response.iter_bytes(), response), credential)
        finally:
            response.close()
        request, seconds = response.request, response.elapsed.total_seconds()
        _log.info("%s %s: %s in %.2f s", request.method, request.url.path, response.status_code, seconds)
        return _Answer(response.status_code, text, dict(response.headers))

    def _text(self, head: bytes, chunks: Iterator[bytes], response: httpx.Response) -> str:
        """What is left of an answer as text; nothing from an inner service that is not the gateway.

        A link or a redirect may lead into the operator's network, as far as the operator allows it. A clip may come
        from there, and a word of what stands there may not reach a person.
        """
        if _origin(str(response.url)) != _origin(self.base_url) and is_from_inside(response):
            return ""
        return _rest(head, chunks)

    # --- the clip ------------------------------------------------------------------------------------------------

    def _download(self, run: Run, url: str, target: Path, *, may_follow: bool) -> None:
        """Raises `GatewayError`. An answer in JSON is searched for a link, which is followed once."""
        link = ""
        with self._streaming(run, url) as response:
            head, chunks = _peek(response)
            kind = response.headers.get("content-type", "").lower()
            if not 200 <= response.status_code < 300:
                text = self._hide_key(self._text(head, chunks, response), run.credential)
                raise replies.read_error(response.status_code, text, kind, dict(response.headers))
            if "json" in kind or head.lstrip()[:1] in (b"{", b"["):
                text = self._hide_key(self._text(head, chunks, response), run.credential)
                link = replies.read(200, text, kind).link
                if not link or not may_follow:
                    raise Unreadable("The gateway sent JSON instead of the clip.", raw=replies.shorten(text))
            elif "html" in kind or head.lstrip()[:1] == b"<":
                raise Unreadable("A web page came instead of the clip.", status=response.status_code)
            else:
                _write(response, head, chunks, target)
        if link:
            self._download(run, _join(url, link), target, may_follow=False)

    @contextmanager
    def _streaming(self, run: Run, url: str) -> Iterator[httpx.Response]:
        try:
            with closing(self._get(url, run.credential)) as response:
                yield response
        except httpx.InvalidURL:
            raise Unreadable("The link to the clip is no web address.") from None
        except _BEFORE_SENDING as error:
            raise Unreachable(f"No connection to {urlsplit(url).hostname}: {_words(error)}.") from None
        except httpx.HTTPError as error:
            raise Unsure(f"The connection was lost while the clip came in: {_words(error)}.") from None

    # --- keys and addresses --------------------------------------------------------------------------------------

    @property
    def _host(self) -> str:
        return urlsplit(self.base_url).netloc

    def _address(self, path: str, task: str) -> str:
        # A colon is part of some ids and stays as it is.
        return f"{self.base_url}{path.replace('{task}', quote(task, safe=':'))}"

    def _auth(self, run: Run) -> dict[str, str]:
        return self._auth_for(run.credential)

    def _auth_for(self, credential: str) -> dict[str, str]:
        key = self._key(credential)
        if not key:
            raise Unauthorized(f"There is no key for {self._host}.")
        if not key.isascii() or not key.isprintable():
            raise Unauthorized(f"The key for {self._host} holds characters that no key has.")
        return {"Authorization": f"Bearer {key}"}

    def _hide_key(self, text: str, credential: str) -> str:
        """The text without the key: some servers repeat it in their complaint about it."""
        key = self._key(credential)
        if not key or len(key) < 8:
            return text
        return text.replace(key, "[key]").replace(key.removeprefix("sk-"), "[key]")


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    text: str
    headers: dict[str, str]

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")

    @property
    def raw(self) -> str:
        return replies.shorten(self.text)

    def progress(self) -> Progress:
        return replies.read(self.status, self.text, self.content_type, self.headers)


def _words(error: httpx.HTTPError) -> str:
    """An httpx error for people: its kind where the text is empty, never its request."""
    kinds: dict[type[httpx.HTTPError], str] = {
        httpx.ConnectTimeout: "it did not answer in time",
        httpx.ReadTimeout: "no answer came in time",
        httpx.WriteTimeout: "the other end stopped reading",
        httpx.PoolTimeout: "too many calls at once",
        httpx.LocalProtocolError: "the call cannot be written as HTTP",
    }
    return kinds.get(type(error)) or str(error) or type(error).__name__


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), port


def _join(base: str, link: str) -> str:
    """An absolute web address from a link as it came. Raises `Unreadable` for anything else."""
    url = ""
    try:
        url = urljoin(base, link)
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise Unreadable("The link to the clip is no web address.")
    return url


def _rest(head: bytes, chunks: Iterator[bytes]) -> str:
    """What is left of an answer as text, up to `MAX_REPLY` bytes."""
    body = bytearray(head)
    for chunk in chunks:
        body += chunk
        if len(body) > MAX_REPLY:
            break
    return bytes(body[:MAX_REPLY]).decode("utf-8", errors="replace")


def _peek(response: httpx.Response) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes of an answer and the iterator over the others."""
    chunks = response.iter_bytes(256 * 1024)
    return next(chunks, b""), chunks


def _write(response: httpx.Response, head: bytes, chunks: Iterator[bytes], target: Path) -> None:
    """Write an answer's body to a file. Raises `Unreadable` where it is empty, too large or shorter than announced."""
    size = 0
    with target.open("wb") as file:
        while head:
            size += file.write(head)
            if size > MAX_CLIP:
                raise Unreadable(f"The file is larger than {MAX_CLIP // 1024**3} GB.")
            head = next(chunks, b"")
    announced = response.headers.get("content-length", "")
    if not size:
        raise Unreadable("The file of the clip is empty.")
    if announced.isdecimal() and response.num_bytes_downloaded < int(announced):
        raise Unreadable(f"The file broke off after {response.num_bytes_downloaded} of {announced} bytes.")
