"""Performs one step of a run over HTTP and says what came of it.

Owns timeouts, where the key may travel, and which trouble means "sent" or "not sent". `transport` opens connections,
`download` brings clips in. Decides nothing about a run: `life` makes something of an event. The key stands in a header
and nowhere else: not in errors, logs or reprs.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from dailies.domain import Clip, Run
from dailies.errors import (
    DailiesError,
    DiskFull,
    GatewayError,
    MediaError,
    Unauthorized,
    Unreachable,
    Unreadable,
    Unsure,
)
from dailies.exchange import Blob, Call
from dailies.gateway import replies
from dailies.gateway.addresses import Reach
from dailies.gateway.answer import Answer, read_text
from dailies.gateway.body import parse
from dailies.gateway.deadline import USUAL, Timeouts, within
from dailies.gateway.download import Rate, choose_error, download, join, peek, until_broken, write
from dailies.gateway.fallbacks import is_video
from dailies.gateway.reasons import say_no_reason
from dailies.gateway.refusals import proves_no_task, read_error, shorten
from dailies.gateway.transport import describe, is_from_inside, open_http
from dailies.keyring import hide_key
from dailies.request.wire import materialise
from dailies.steps import (
    Accepted,
    Delivered,
    Event,
    Fetched,
    FetchFailed,
    Lost,
    NotSent,
    Poll,
    Polled,
    PollFailed,
    Rejected,
    Send,
)
from dailies.text import NAME_CHARS, clean
from dailies.vocabulary import Body, TaskState

MAX_REDIRECTS = 5
OTHER_LINKS = 3

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
class Check:
    """The outcome of a connection test: whether the gateway takes the key, after how many seconds, in words."""

    ok: bool
    seconds: float
    words: str
    models: tuple[str, ...] = ()


class Client:
    """One gateway. Thread-safe; holds connections until `close`.

    `key` returns the key for a run's credential handle, or None. `read` returns the bytes of a digest, or raises
    `MediaError`. `reach` says which inner addresses may be called, beside all public ones.
    """

    def __init__(
        self,
        base_url: str,
        key: Callable[[str], str | None],
        read: Callable[[str], bytes],
        reach: Reach = Reach(),
        timeouts: Timeouts = USUAL,
    ) -> None:
        self.base_url = base_url
        self._key = key
        self._read = read
        self._timeouts = timeouts
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

    def perform(self, run: Run, step: Send | Poll, target: Path) -> Event:
        """Send the run's call, or look its task up. Trouble with the gateway is an event, never an exception.

        A clip that comes as the answer to the call is written to `target`.
        """
        return self._create(run, target) if isinstance(step, Send) else self._poll(run)

    def fetch(self, run: Run, target: Path, take_in: Callable[[Path], Clip]) -> Fetched | FetchFailed:
        """Write the run's clip to `target` and have it taken in. A failed fetch leaves no file.

        Tries the link of the reply, then the gateway's content route, then the answer about the task and its links.
        `take_in` raises `MediaError` for a file that is no clip.
        """
        failed: list[tuple[str, DailiesError]] = []
        for name, way in self._ways(run):
            try:
                way(target)
                return Fetched(take_in(target))
            except DiskFull as error:
                target.unlink(missing_ok=True)
                return FetchFailed(error)
            except (GatewayError, MediaError) as error:
                target.unlink(missing_ok=True)
                failed.append((name, error))
        return FetchFailed(choose_error(failed) if failed else Unreadable("The gateway gave no link to a clip."))

    def models(self, credential: str = "") -> list[str]:
        """List the ids of the models the key may use. Raises `GatewayError`."""
        body = self._json("GET", "/v1/models", credential)
        rows = body.get("data") if isinstance(body, dict) else None
        if not isinstance(rows, list):
            raise Unreadable("The gateway's list of models cannot be read.", raw=shorten(json.dumps(body)))
        return [row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]

    def check(self, credential: str = "") -> Check:
        """Test the connection and the key with a call that costs nothing."""
        start = monotonic()
        try:
            found = self.models(credential)
        except GatewayError as error:
            refused = isinstance(error, Unauthorized) and error.spoken
            said = f"The gateway refuses the key: {error}" if refused else str(error)
            return Check(False, monotonic() - start, said)
        return Check(True, monotonic() - start, f"The gateway answers and lists {len(found)} models.", tuple(found))

    def post(self, path: str, body: Any, credential: str = "") -> dict[str, Any]:
        """Exchange JSON outside the life of a run, as the asset library does. Raises `GatewayError`."""
        return self._json("POST", path, credential, body)

    def ask(self, path: str, body: Any, credential: str = "") -> Answer:
        """Post JSON outside the life of a run and return any answer. Raises `GatewayError` where none came."""
        return self._call("POST", f"{self.base_url}{path}", credential, body)

    # --- create and poll -----------------------------------------------------------------------------------------

    def _create(self, run: Run, target: Path) -> Event:
        try:
            request = self._sender.build_request(
                run.call.method,
                _read_url(f"{self.base_url}{run.call.path}"),
                headers=self._auth(run),
                **self._content(run.call),
            )
        except (GatewayError, MediaError) as error:
            return NotSent(error)
        except httpx.InvalidURL:
            return NotSent(Unreachable(f"{self.base_url} is no address that can be called."))
        try:
            with within(self._timeouts.whole_create):
                answer = self._exchange(self._sender.send(request, stream=True), run.credential, target, cut=True)
            event = self._read_created(answer, target)
            if answer.broken and isinstance(event, Lost):
                raise answer.broken
            return event
        except Unreachable as error:
            return NotSent(error)
        except _BEFORE_SENDING as error:
            return NotSent(Unreachable(f"No connection to {self._host}: it {describe(error)}."))
        except httpx.HTTPError as error:
            return Lost(Unsure(f"The call was sent and its answer is lost: the gateway {describe(error)}."))
        except (GatewayError, DiskFull, OSError) as error:
            return Lost(Unreadable(f"The gateway answered with a clip, which could not be stored: {error}"))

    def _read_created(self, answer: Answer, target: Path) -> Event:
        try:
            progress = answer.progress()
        except GatewayError as error:
            return Rejected(error) if proves_no_task(error) else Lost(error)
        if answer.is_clip:
            return Delivered(progress, answer.raw)
        if progress.inside and (clip := replies.read_clip(answer.text)) is not None:
            try:
                target.write_bytes(clip)
                return Delivered(progress, answer.raw)
            except OSError as error:
                _log.error("The clip in an answer could not be stored: %s", error)
        if progress.task or (progress.link and progress.state in (TaskState.DONE, TaskState.UNKNOWN)):
            return Accepted(progress, answer.raw)
        facts: dict[str, Any] = {"status": answer.status, "code": progress.code, "raw": answer.raw}
        if progress.state.final and (progress.reason or progress.state is not TaskState.DONE):
            said = progress.reason or say_no_reason("the call")
            return Rejected(GatewayError(said, spoken=True, **facts))
        said = replies.read_message(answer.text)
        what = f"The gateway accepted the call and its answer names no task.{f' It says: {said}' if said else ''}"
        return Lost(Unreadable(what, **facts))

    def _poll(self, run: Run) -> Event:
        try:
            answer = self._call("GET", self._address(run.route.query, run.task), run.credential)
            return Polled(answer.progress(run.task), answer.raw)
        except GatewayError as error:
            return PollFailed(error)

    def _content(self, call: Call) -> dict[str, Any]:
        """Build the body of a call for httpx; media is read only here. Raises `MediaError` for bytes that are gone."""
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
        error = read_error(answer.status, answer.text, answer.content_type, answer.headers)
        decoded = parse(answer.text)
        if not 200 <= answer.status < 300 or not isinstance(decoded, dict) or error.spoken:
            raise error
        return decoded

    def _call(self, method: str, url: str, credential: str, body: Any = None, target: Path | None = None) -> Answer:
        """Exchange words, where a repetition does no harm: every trouble is a `GatewayError`."""
        try:
            with within(self._timeouts.whole_look):
                if method == "GET":
                    return self._exchange(self._get(url, credential), credential, target)
                request = self._sender.build_request(method, url, headers=self._auth_for(credential), json=body)
                return self._exchange(self._sender.send(request, stream=True), credential)
        except httpx.InvalidURL:
            raise Unreachable(f"{self.base_url} is no address that can be called.") from None
        except _BEFORE_SENDING as error:
            raise Unreachable(f"No connection to {self._host}: it {describe(error)}.") from None
        except httpx.HTTPError as error:
            raise Unsure(f"The gateway {describe(error)}.") from None

    def _get(self, url: str, credential: str) -> httpx.Response:
        """Open an address, not yet read. Follows redirects; the key goes to the gateway's own origin alone."""
        for _ in range(MAX_REDIRECTS + 1):
            ours = _origin(url) == _origin(self.base_url)
            headers = self._auth_for(credential) if ours else {}
            response = self._http.send(self._http.build_request("GET", _read_url(url), headers=headers), stream=True)
            if not response.has_redirect_location:
                return response
            response.close()
            url = join(url, response.headers["location"], "The address of a redirect")
        raise Unreadable(f"There were more than {MAX_REDIRECTS} redirects, one after the other.")

    def _exchange(
        self, response: httpx.Response, credential: str, target: Path | None = None, *, cut: bool = False
    ) -> Answer:
        """Read an answer, and write it to `target` if it is a clip instead of words.

        `cut`: words that break off are no error: what came is the answer, and it tells the error.
        """
        broken: list[httpx.HTTPError] = []
        with closing(response):
            pieces = response.iter_bytes()
            head, chunks = peek(until_broken(pieces, broken) if cut else pieces)
            is_clip = 200 <= response.status_code < 300 and is_video(head)
            if is_clip and target is not None:
                write(response, head, chunks, target, self._rate())
            if is_clip and broken:
                raise broken[0]
            text = "" if is_clip else hide_key(self._text(head, chunks, response), self._key(credential))
        request, seconds = response.request, response.elapsed.total_seconds()
        known = {"request": clean(response.headers.get("x-oneapi-request-id", ""), NAME_CHARS)}
        _log.info("%s %s: %s in %.2f s", request.method, request.url.path, response.status_code, seconds, extra=known)
        headers = {"date": formatdate(usegmt=True)} | dict(response.headers)  # by which a date in it is read
        return Answer(response.status_code, text, headers, is_clip, broken[0] if broken else None)

    def _text(self, head: bytes, chunks: Iterator[bytes], response: httpx.Response) -> str:
        """Read what is left of an answer as text; nothing from an inner service that is not the gateway.

        A link or a redirect may lead into the operator's network, as far as the operator allows it. A clip may come
        from there, and a word of what stands there may not reach a person.
        """
        if _origin(str(response.url)) != _origin(self.base_url) and is_from_inside(response):
            return ""
        return read_text(head, chunks, response.headers.get("content-type", ""))

    # --- the clip ------------------------------------------------------------------------------------------------

    def _ways(self, run: Run) -> Iterator[tuple[str, Callable[[Path], None]]]:
        """List the ways to a run's clip by name; each writes it to a file or raises `GatewayError`."""
        if run.link:
            link = run.link
            yield "The link", lambda target: self._download(run, join(f"{self.base_url}/", link), target, is_link=True)
        if run.task and run.route.content:
            content = self._address(run.route.content, run.task)
            yield "The gateway's own route to the clip", lambda target: self._download(run, content, target)
        if run.task:
            yield "The answer about the task", lambda target: self._take_from_answer(run, target)

    def _download(self, run: Run, url: str, target: Path, *, is_link: bool = False) -> None:
        def read(head: bytes, chunks: Iterator[bytes], response: httpx.Response) -> str:
            return hide_key(self._text(head, chunks, response), self._key(run.credential))

        try:
            with within(self._timeouts.whole_clip):
                download(
                    url, target, lambda place: self._get(place, run.credential), read, self._rate(), is_link=is_link
                )
        except httpx.InvalidURL:
            raise Unreadable("The link to the clip is no web address.") from None
        except _BEFORE_SENDING as error:
            raise Unreachable(f"No connection to {urlsplit(url).hostname}: it {describe(error)}.") from None
        except httpx.HTTPError as error:
            raise Unsure(f"The server of the clip {describe(error)}.") from None

    def _rate(self) -> Rate:
        return Rate(self._timeouts.least, self._timeouts.span)

    def _take_from_answer(self, run: Run, target: Path) -> None:
        """Take a clip that the answer about the task holds itself, is, or names by another link than the run has.

        Raises what the gateway says, if it refuses to answer.
        """
        answer = self._call("GET", self._address(run.route.query, run.task), run.credential, target=target)
        if answer.is_clip:
            return
        if (clip := replies.read_clip(answer.text)) is not None:
            target.write_bytes(clip)
            return
        others = [link for link in replies.list_links(answer.text, run.task) if link != run.link]
        for link in others[:OTHER_LINKS]:
            try:
                self._download(run, join(f"{self.base_url}/", link), target, is_link=True)
            except GatewayError as error:
                _log.info("Another link of run %s leads to no clip: %s", run.id, error)
            else:
                return
        if not 200 <= answer.status < 300:
            raise read_error(answer.status, answer.text, answer.content_type, answer.headers)
        raise Unreadable("The answer about the task holds no clip.", status=answer.status, raw=answer.raw)

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


_read_url = lru_cache(maxsize=1024)(httpx.URL)  # a task is asked for at the same address again and again


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or {"http": 80, "https": 443}.get(parts.scheme)
