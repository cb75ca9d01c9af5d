"""The door: who is let in by name and origin, where the server may listen, and what every answer carries."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import anyio
import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from components.server import start
from components.server.door import Door, House, _warn_once, content_policy, host_name, refusal
from components.server.routes import revision
from components.server.start import house_of
from dailies.access import Access
from dailies.errors import DailiesError

ALONE = House()
NAMED = House(frozenset({"dailies.test"}))
EVERYWHERE = House(any_address=True)
FETCHED = House(gateway_at="public.test")


def refused(house=ALONE, method="GET", is_socket=False, path="/", **headers):
    raw = {name.replace("_", "-"): value for name, value in ({"host": "localhost:8501"} | headers).items()}
    found = refusal(house, Headers(raw), method, is_socket, path)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost", "localhost"),
        ("LocalHost:8501", "localhost"),
        ("dailies.test.:443", "dailies.test"),
        ("[::1]:8501", "::1"),
        ("127.0.0.1:65535", "127.0.0.1"),
        ("", ""),
        ("localhost:0", ""),
        ("localhost:65536", ""),
        ("localhost:port", ""),
        ("localhost:8501:1", ""),
        ("me@localhost", ""),
        ("localhost/x", ""),
        ("localhost#@evil.test", ""),
        ("localhost, evil.test", ""),
        ("locälhost", ""),
        ("::1", ""),
    ],
)
def test_a_host_header_is_read_strictly(host, name):
    assert host_name(host) == name


@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "127.9.9.9", "[::1]:8501", "LOCALHOST."])
def test_this_machine_is_always_served(host):
    for house in (ALONE, NAMED, EVERYWHERE, FETCHED):
        assert refused(house, host=host) is None


@pytest.mark.parametrize(
    ("house", "host"),
    [
        (ALONE, "evil.test"),  # a name that was pointed at this machine
        (ALONE, "localhost.evil.test"),
        (ALONE, "192.168.1.5:8501"),
        (ALONE, "127.0.0.1.evil.test"),
        (ALONE, "2130706433"),  # 127.0.0.1 for some, a name for a browser's page
        (ALONE, "0x7f.1"),
        (NAMED, "sub.dailies.test"),
        (NAMED, "dailies.test.evil.test"),
        (EVERYWHERE, "evil.test"),
        (EVERYWHERE, "[::1%25eth0]"),
        (FETCHED, "public.test"),
    ],
)
def test_other_names_are_refused(house, host):
    assert refused(house, host=host) == 421
    assert refused(house, host=host, is_socket=True, path="/live") == 421


def test_a_missing_or_second_host_is_refused():
    assert refusal(ALONE, Headers({}), "GET", False, "/")
    twice = Headers(raw=[(b"host", b"localhost"), (b"host", b"evil.test")])
    assert refusal(ALONE, twice, "GET", False, "/")


def test_named_hosts_and_addresses_are_served_where_the_operator_says_so():
    assert refused(NAMED, host="dailies.test") is None
    assert refused(EVERYWHERE, host="192.168.1.5:8501") is None
    assert refused(EVERYWHERE, host="[fd00::5]:8501") is None


def test_a_public_address_alone_serves_references_to_the_gateway_and_nothing_else():
    assert refused(FETCHED, host="public.test", path="/references/token") is None
    assert refused(FETCHED, host="public.test", method="POST", path="/callbacks/run/signature") is None
    assert refused(replace(FETCHED, base="/app"), host="public.test", path="/app/references/token") is None
    assert refused(replace(FETCHED, base="/app"), host="public.test", path="/references/token") == 421
    for path in ("/", "/clips/token", "/live", "/_stcore/stream", "/references", "/present"):
        assert refused(FETCHED, host="public.test", path=path) == 421


@pytest.mark.parametrize("origin", ["http://localhost:8501", "https://localhost:8501", "http://LOCALHOST:8501"])
def test_the_own_origin_is_let_in(origin):
    assert refused(origin=origin, is_socket=True) is None
    assert refused(origin=origin, method="PUT") is None


def test_a_proxy_may_speak_https_for_us():
    assert refused(NAMED, host="dailies.test", origin="https://dailies.test") is None
    assert refused(NAMED, host="dailies.test:443", origin="https://dailies.test") is None


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "http://localhost",
        "http://localhost:3000",
        "http://127.0.0.1:8501",
        "http://evil.test",
        "http://evil.test:8501",
        "http://localhost:8501.evil.test",
        "http://localhost:8501@evil.test",
        "file://",
        "http://[",
        "http://localhost:99999",
    ],
)
@pytest.mark.parametrize(("method", "is_socket"), [("GET", True), ("POST", False), ("PUT", False), ("GET", False)])
def test_foreign_origins_are_refused(origin, method, is_socket):
    assert refused(origin=origin, method=method, is_socket=is_socket) == 403


def test_a_refused_origin_is_logged_once_with_both_names(caplog):
    _warn_once.cache_clear()
    for _ in range(3):
        assert refused(origin="https://dailies.test") == 403
    (line,) = caplog.messages
    assert "https://dailies.test" in line and "localhost:8501" in line
    assert "pass the Host header on" in line


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_page_may_link_here_and_nothing_else(site):
    link = {"sec_fetch_site": site, "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
    assert refused(**link) is None
    for changes in ({"sec_fetch_dest": "iframe"}, {"sec_fetch_mode": "no-cors"}, {"sec_fetch_dest": "image"}):
        assert refused(**link | changes) == 403
    assert refused(method="POST", **link) == 403
    assert refused(is_socket=True, **link | {"sec_fetch_mode": "websocket"}) == 403
    assert refused(sec_fetch_site="same-origin", sec_fetch_mode="no-cors", sec_fetch_dest="video") is None


# --- the middleware ----------------------------------------------------------------------------------------------


async def _page(_):
    return HTMLResponse("<p>Secret</p>")


async def _own(_):
    return PlainTextResponse("own", headers={"Content-Security-Policy": "default-src 'none'"})


async def _socket(socket):
    await socket.accept()
    await socket.send_text("Secret")
    await socket.close()


@pytest.fixture
def client():
    routes = [Route("/", _page), Route("/own", _own), WebSocketRoute("/live", _socket)]
    app = Starlette(routes=routes, middleware=[Middleware(Door, prepare=House)])
    with TestClient(app, base_url="http://localhost:8501") as opened:
        yield opened


def test_every_answer_carries_the_headers(client):
    for path in ("/", "/own", "/nothing-here"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
    assert client.get("/").headers["content-security-policy"] == content_policy("localhost:8501")
    assert client.get("/own").headers["content-security-policy"] == "default-src 'none'"


def test_a_refused_request_gets_a_sentence_and_the_headers(client):
    answer = client.get("/", headers={"host": "evil.test"})
    assert (answer.status_code, "DAILIES_HOSTS" in answer.text, "Secret" in answer.text) == (421, True, False)
    assert "evil.test" not in str(answer.headers) + answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_a_foreign_socket_is_not_opened(client):
    with client.websocket_connect("ws://localhost:8501/live", headers={"origin": "http://localhost:8501"}) as socket:
        assert socket.receive_text() == "Secret"
    for headers in ({"origin": "http://evil.test"}, {"host": "evil.test"}):
        with (
            pytest.raises((WebSocketDisconnect, WebSocketDenialResponse)),
            client.websocket_connect("ws://localhost:8501/live", headers=headers),
        ):
            pass


def test_pictures_clips_and_connections_stay_here():
    rules = dict(rule.split(" ", 1) for rule in content_policy("localhost:8501").split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "'self' data: blob:"
    assert rules["frame-ancestors"] == "'none'"
    assert "unsafe-inline" not in rules["script-src"]
    assert "'unsafe-eval'" not in rules["script-src"]
    assert "'sha256-" in rules["script-src"]
    assert not any("http" in rule or "*" in rule for rule in rules.values())


# --- before the start --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1"])
def test_this_machine_alone_needs_no_word(address):
    assert house_of(address, Access(), "") == House(frozenset({address}))


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "", "192.168.1.5", "dailies.test"])
def test_any_other_address_is_refused_with_both_ways_on(address):
    with pytest.raises(DailiesError) as caught:
        house_of(address, Access(), "")
    assert address in str(caught.value)
    for words in ("[auth]", "DAILIES_OPEN=1", "127.0.0.1"):
        assert words in str(caught.value)


def test_sign_in_protects_every_address_and_serves_its_own():
    signed_in = Access(sign_in=True)
    assert house_of("0.0.0.0", signed_in, "", "dailies.test") == House(frozenset({"dailies.test"}), True)
    found = house_of("127.0.0.1", signed_in, "https://public.test", "dailies.test")
    assert found == House(frozenset({"127.0.0.1", "dailies.test", "public.test"}), False, "public.test")
    with pytest.raises(DailiesError, match="take one of them away"):
        house_of("127.0.0.1", Access(sign_in=True, is_open=True), "")


def test_no_header_may_name_the_person_who_signs_in(monkeypatch):
    monkeypatch.setattr(start, "check_auth", lambda: True)
    options = {"server.trustedUserHeaders": {"X-User": "sub"}}
    monkeypatch.setattr(start, "config", SimpleNamespace(get_option=options.get))
    with pytest.raises(DailiesError, match="trustedUserHeaders"):
        start.Start().prepare()


def test_a_name_for_others_is_an_exposure_too():
    with pytest.raises(DailiesError, match=r"dailies\.test"):
        house_of("127.0.0.1", Access(hosts=("dailies.test",)), "")


def test_open_serves_the_configured_names():
    access = Access(is_open=True, hosts=("dailies.test",))
    assert house_of("192.168.1.5", access, "") == House(frozenset({"dailies.test", "192.168.1.5"}))
    found = house_of("0.0.0.0", access, "https://public.test:444")
    assert found == House(frozenset({"dailies.test", "public.test"}), True, "public.test")


def test_a_public_address_opens_the_references_alone():
    found = house_of("127.0.0.1", Access(), "https://public.test")
    assert found == House(frozenset({"127.0.0.1"}), False, "public.test")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (DailiesError("Not here."), "Not here."),
        (KeyError("sk-x"), "This is a fault of its own (KeyError): see the log."),
    ],
)
def test_the_server_does_not_start_where_nothing_protects_it(error, words):
    def prepare():
        raise error

    messages = []

    async def never(*_):
        raise AssertionError("the app was started")

    async def receive():
        return {"type": "lifespan.startup"}

    async def send(message):
        messages.append(message)

    with ThreadPoolExecutor(1) as pool:  # a browser test before this one may hold the loop of this thread
        pool.submit(anyio.run, Door(never, prepare), {"type": "lifespan"}, receive, send).result()
    assert messages == [{"type": "lifespan.startup.failed", "message": f"Dailies cannot start. {words}"}]


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("17", 17), (str(2**63 - 1), 2**63 - 1)]
    + [(bad, None) for bad in ("", "-1", "1.5", "x", "²", "١٢", " 1", "9" * 19, "9" * 5000, str(2**63))],
)
def test_a_revision_is_read_from_anything(text, number):
    assert revision(text) == number
