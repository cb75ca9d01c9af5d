"""Asks a gateway the questions of `doctor`, and keeps the outcome for pages.

Owns the requests: GET alone, no redirect followed, the key in a header and in no text that is kept. `doctor` judges.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic

import httpx

from dailies.catalog.load import Catalog
from dailies.errors import DailiesError
from dailies.gateway import doctor
from dailies.gateway.addresses import Reach
from dailies.gateway.body import decode_text
from dailies.gateway.doctor import Answer, Diagnosis, Expected, Finding, Level, Question, Server, Trouble
from dailies.gateway.transport import open_http
from dailies.keyring import hide_key
from dailies.vocabulary import LifeState

PATIENCE = 15.0
"""Seconds for one answer."""
MOST = 2_000_000
"""Bytes of an answer that are read."""


def expect(catalog: Catalog) -> Expected:
    """Say what the catalog expects of a gateway: its entry points that start from nothing, and its models."""
    routes = {
        cell.route.create: cell.route.query
        for family in catalog.families.values()
        for cell in family.cells.values()
        if not cell.continues
    }
    named = {row.id: row for family in catalog.families.values() for rows in family.models.values() for row in rows}
    patterned = [family for family in catalog.families.values() if not family.generic]

    def knows(model: str) -> bool:
        return model in named or any(family.fits(model) for family in patterned)

    def retired(model: str) -> str:
        life = named[model].life if model in named else None
        if life is None or life.state is not LifeState.REMOVED:
            return ""
        return f"removed by the vendor on {life.since}" if life.since else "removed by the vendor"

    return Expected(tuple(routes.items()), knows, retired)


def examine(
    base_url: str, key: str, expected: Expected, reach: Reach = Reach(), *, given: str = "", patience: float = PATIENCE
) -> Diagnosis:
    """Ask a gateway everything and judge it. Waits; raises nothing. `given` is the address as a person wrote it."""
    with _opened(reach, patience) as ask:
        first = ask(base_url, doctor.OPEN, "")
        answers, others = {doctor.OPEN: first}, {}
        for base in doctor.list_other_bases(base_url, first):
            others[base] = ask(base, doctor.OPEN, "")
        if not doctor.stops_at(first):
            for question in doctor.list_questions(expected):
                answers[question] = ask(base_url, question, key)
    return doctor.judge(base_url, answers, expected, has_key=bool(key), given=given, others=others)


@contextmanager
def _opened(reach: Reach, patience: float) -> Iterator[Callable[[str, Question, str], Answer]]:
    with open_http(reach, httpx.Timeout(patience)) as http:

        def ask(base_url: str, question: Question, key: str) -> Answer:
            headers = {"Authorization": f"Bearer {key}"} if key and question.keyed else {}
            start = monotonic()
            try:
                with http.stream("GET", f"{base_url}{question.path}", headers=headers) as response:
                    body = _read(response, start + patience)
            except (httpx.HTTPError, httpx.InvalidURL, DailiesError) as error:
                trouble, words = _explain(error)
                return Answer(seconds=monotonic() - start, trouble=trouble, words=hide_key(words, key))
            named = {name.lower(): hide_key(value, key) for name, value in response.headers.items()}
            text = hide_key(decode_text(body, named.get("content-type", "")), key)
            return Answer(response.status_code, named, text, monotonic() - start, datetime.now(UTC))

        yield ask


def _read(response: httpx.Response, until: float) -> bytes:
    """Read the start of an answer. Raises `httpx.ReadTimeout` if it drips for too long."""
    body = b""
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MOST:
            break
        if monotonic() > until:
            raise httpx.ReadTimeout("the answer did not end")
    return body[:MOST]


def _explain(error: Exception) -> tuple[Trouble, str]:
    if isinstance(error, httpx.TimeoutException):
        return Trouble.TIME, ""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Trouble.TLS, f"certificate {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return Trouble.TLS, str(cause.reason or cause)
        cause = cause.__cause__ or cause.__context__
    return Trouble.CONNECTION, str(error) or type(error).__name__


class Examinations:
    """Examinations in the background, by (gateway, credential). Thread-safe."""

    def __init__(self, examine: Callable[[str, str, str], Diagnosis], told: Callable[[], None]) -> None:
        """`examine` takes gateway, credential and owner, and may raise `DailiesError`; `told` is called after each."""
        self._examine, self._told = examine, told
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], Diagnosis] = {}
        self._running: set[tuple[str, str]] = set()

    def start(self, gateway: str, credential: str, owner: str) -> None:
        """Examine a gateway, unless that is under way."""
        with self._lock:
            if (gateway, credential) in self._running:
                return
            self._running.add((gateway, credential))
        threading.Thread(
            target=self._run, args=(gateway, credential, owner), name="dailies-doctor", daemon=True
        ).start()

    def latest(self, gateway: str, credential: str) -> tuple[Diagnosis | None, bool]:
        """Return the last diagnosis, None before the first, and whether an examination is under way."""
        with self._lock:
            return self._known.get((gateway, credential)), (gateway, credential) in self._running

    def _run(self, gateway: str, credential: str, owner: str) -> None:
        try:
            found = self._examine(gateway, credential, owner)
        except DailiesError as error:
            found = Diagnosis(Server.UNKNOWN, (Finding("Connection", Level.PROBLEM, str(error)),))
        with self._lock:
            self._known[gateway, credential] = found
            self._running.discard((gateway, credential))
        self._told()
