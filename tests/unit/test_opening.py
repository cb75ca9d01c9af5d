"""The server answers what needs no library before the library is open; the rest waits, or the process ends."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from components.server.opening import FAILED, LateRoutes, Opening, Wait
from dailies.errors import StoreError


async def say(request: Request) -> Response:
    return PlainTextResponse(request.path_params.get("name", "a page"))


def client_of(opening: Opening) -> TestClient:
    """The client of a server with a page, late routes, and files below everything else, as Streamlit's are."""
    routes = [Route("/", say), LateRoutes(opening), Mount("/", PlainTextResponse("a file"))]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Wait, opening=opening, pages=["/"])]))


def test_a_page_is_answered_at_once_and_everything_else_when_the_library_is_open():
    allowed = threading.Event()

    def load():
        assert allowed.wait(60)
        return [Route("/clips/{name}", say), Route("/drafts", say, methods=["POST"])]

    with client_of(Opening(load)) as client, ThreadPoolExecutor(1) as pool:
        late = pool.submit(client.get, "/clips/one")
        assert [client.get(path).text for path in ("/", "/static/x.js", "/_stcore/health")] == [
            "a page",
            "a file",
            "a file",
        ]
        assert not late.done()
        allowed.set()
        assert late.result(60).text == "one"
        assert client.get("/other").text == "a file"
        assert client.post("/drafts").text == "a page"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (StoreError("The database is damaged."), "Dailies cannot start. The database is damaged."),
        (KeyError("sk-x"), "Dailies cannot start. This is a fault of its own (KeyError): see the log."),
    ],
)
def test_what_cannot_be_opened_ends_the_process_with_one_sentence(error, words, caplog):
    def load():
        raise error

    codes = list[int]()
    opening = Opening(load, codes.append)
    with caplog.at_level(logging.ERROR, "uvicorn.error"):
        opening._open(lambda: codes.append(0))
    assert codes == [FAILED]
    assert [each.getMessage() for each in caplog.records if each.name == "uvicorn.error"] == [words]
