"""Sign-in without a browser: which cookies prove a person, what is guarded, and how the operator sets it up."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from components import providers
from components.server import sign_in
from components.server.sign_in import SignIn, is_guarded, read_session, wanted_page
from components.visitor import person_of
from dailies.access import Access
from dailies.errors import DailiesError
from dailies.people import read_person
from dailies.store import Store

SECRET, HOME, USER = "s" * 48, "https://dailies.test", "_streamlit_user"
CLAIMS = {"iss": "https://id.test", "sub": "17", "name": "Ann", "origin": HOME, "is_logged_in": True}
ANN = read_person(CLAIMS)


def signed(claims=CLAIMS, secret=SECRET, name=USER):
    return create_signed_value(secret, name, json.dumps(claims)).decode()


@pytest.fixture(autouse=True)
def auth(monkeypatch):
    """An operator's section; a test may change it."""
    section = {
        "redirect_uri": f"{HOME}/oauth2callback",
        "cookie_secret": SECRET,
        "client_id": "dailies",
        "client_secret": "x",
        "server_metadata_url": "https://id.test/.well-known/openid-configuration",
    }
    monkeypatch.setattr(providers, "read_auth", lambda: section)
    monkeypatch.setattr(sign_in, "get_cookie_secret", lambda: SECRET)
    return section


# --- cookies -----------------------------------------------------------------------------------------------------


def test_a_signed_cookie_proves_a_person():
    session = read_session({USER: signed()})
    assert session.person == ANN
    other = read_session({USER: signed(CLAIMS | {"nonce": "2"})})
    assert (other.person, other.id != session.id) == (ANN, True)


@pytest.mark.parametrize(
    "cookies",
    [
        {},
        {USER: ""},
        {USER: "junk"},
        {USER: signed(secret="t" * 48)},
        {USER: signed(name="_streamlit_user_tokens")},
        {"other": signed()},
        {USER: signed(CLAIMS | {"origin": "https://evil.test"})},
        {USER: signed({**CLAIMS, "is_logged_in": False})},
        {USER: signed({**CLAIMS, "is_logged_in": "yes"})},
        {USER: signed({**CLAIMS, "sub": ""})},
        {USER: signed(["a list"])},
        {USER: signed()[:-2]},
        {USER: "ü" + signed()},
    ],
)
def test_other_cookies_prove_nobody(cookies):
    assert read_session(cookies) is None


def test_a_cookie_proves_nobody_after_its_time(monkeypatch):
    cookie = signed()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + timedelta(days=30).total_seconds())
    assert read_session({USER: cookie})
    monkeypatch.setattr(time, "time", lambda: now + timedelta(days=31, seconds=2).total_seconds())
    assert read_session({USER: cookie}) is None


def test_another_spelling_of_a_cookie_is_the_same_sign_in():
    """The last letter of a signature carries bits that no reader looks at."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    cookie = signed()
    spelled = [session for end in letters if (session := read_session({USER: cookie[:-1] + end}))]
    assert len(spelled) > 1
    assert {session.id for session in spelled} == {read_session({USER: cookie}).id}


# --- what is guarded ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "guarded"),
    [
        ("", False),
        ("library", False),
        ("static/js/index.js", False),
        ("auth/login", False),
        ("oauth2callback", False),
        ("callbacks/run/signature", False),  # the gateway's
        ("references/token", False),
        ("_stcore/health", False),
        ("_stcore/host-config", False),
        ("_stcore/stream", False),
        ("_stcore/stream/x", True),
        ("_stcore", True),
        ("_stcore/metrics", True),
        ("_stcore/upload_file/a/b", True),
        ("_stcore/agent/interact", True),
        ("clips/token", True),
        ("media/a.png", True),
        ("present", True),
        ("drafts/sora", True),
        ("live", True),
    ],
)
def test_what_needs_a_person(path, guarded):
    assert is_guarded([part for part in path.split("/") if part]) is guarded


@pytest.mark.parametrize(
    ("cookie", "page"),
    [
        ("%2Fcompare%3Fc%3Dx", "/compare?c=x"),
        ("%2F", "/"),
        ("", ""),
        ("https%3A%2F%2Fevil.test", ""),
        ("%2F%2Fevil.test", ""),
        ("%2F%5Cevil.test", ""),
        ("%2Fa%0d%0aSet-Cookie%3A%20x", ""),
        ("javascript%3Aalert(1)", ""),
    ],
)
def test_only_a_page_of_this_app_is_led_to(cookie, page):
    assert wanted_page({"dailies_wanted": cookie}) == page


# --- the middleware ----------------------------------------------------------------------------------------------


async def _who(request: Request):
    return PlainTextResponse(f"{person_of(request).id} {sorted(request.cookies)}")


async def _callback(_):
    answer = RedirectResponse("/", 302)
    answer.set_cookie(USER, "fresh")
    return answer


async def _socket(socket):
    await socket.accept()
    await socket.send_text(person_of(socket).id)
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


@pytest.fixture
def client(tmp_path):
    store = Store(tmp_path)
    settings = SimpleNamespace(access=Access(sign_in=True))
    services = SimpleNamespace(store=store, settings=settings, now=lambda: datetime.now(UTC))
    paths = ("/library", "/present", "/auth/logout", "/references/{token}")
    routes = [*(Route(path, _who) for path in paths), Route("/oauth2callback", _callback)]
    routes += [WebSocketRoute("/live", _socket)]
    app = Starlette(
        routes=routes, middleware=[Middleware(SignIn, settings=lambda: settings, services=lambda: services)]
    )
    with TestClient(app, base_url=HOME, follow_redirects=False) as opened:
        opened.settings = settings
        yield opened
    store.close()


def test_a_person_is_told_to_the_routes(client):
    client.cookies = {USER: signed(), "other": "1"}
    assert client.get("/present").text == f"{ANN.id} ['_streamlit_user', 'other']"
    with client.websocket_connect("/live") as socket:
        assert socket.receive_text() == ANN.id


def test_a_stranger_owns_nothing_and_brings_no_cookie_of_a_person(client):
    client.cookies = {USER: "forged", f"{USER}_tokens": "forged", f"{USER}_1": "forged", "other": "1"}
    assert client.get("/library").text == "- ['other']"
    assert client.get("/references/x").text == "- ['other']"
    assert client.get("/present").status_code == 401
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/live"):
        pass


def test_a_sign_out_ends_the_cookie_and_its_sockets(client):
    client.cookies = {USER: signed()}
    with client.websocket_connect("/live") as socket:
        assert socket.receive_text() == ANN.id
        assert client.get("/auth/logout").status_code == 200
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_text()
        assert (ended.value.code, ended.value.reason) == (1008, "Signed out.")
    assert client.get("/present").status_code == 401
    client.cookies = {USER: signed(CLAIMS | {"nonce": "again"})}
    assert client.get("/present").status_code == 200


def test_the_page_that_was_wanted_comes_after_the_sign_in(client):
    visit = {"sec-fetch-dest": "document"}
    answer = client.get("/library?q=a%2Fb", headers=visit)
    assert "dailies_wanted=%2Flibrary%3Fq%3Da%252Fb" in answer.headers["set-cookie"]
    assert "set-cookie" not in client.get("/library", headers={"sec-fetch-dest": "image"}).headers
    client.cookies = {"dailies_wanted": "%2Flibrary%3Fq%3Da%252Fb"}
    back = client.get("/oauth2callback")
    assert back.headers["location"] == "/library?q=a%2Fb"
    client.cookies = {"dailies_wanted": "%2F%2Fevil.test"}
    assert client.get("/oauth2callback").headers["location"] == "/"


def test_without_sign_in_everything_passes(client):
    client.settings.access = Access()
    client.cookies = {USER: "anything"}
    assert client.get("/present").text == " ['_streamlit_user']"


# --- the operator's section --------------------------------------------------------------------------------------


def test_the_section_is_checked(auth):
    assert providers.check_auth()
    assert providers.list_providers() == {"default": ""}
    assert providers.home_url() == HOME
    auth |= {"google": {"client_id": "a", "client_secret": "b", "server_metadata_url": "https://g.test"}}
    assert providers.list_providers() == {"default": "", "google": "Google"}
    del auth["client_id"]
    assert providers.list_providers() == {"google": "Google"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"redirect_uri": ""}, "redirect_uri"),
        ({"redirect_uri": f"{HOME}/"}, "/oauth2callback"),
        ({"cookie_secret": ""}, "at least 32"),
        ({"cookie_secret": "a long random string"}, "at least 32"),
        ({"client_secret": ""}, "client_secret"),
        ({"server_metadata_url": ""}, "server_metadata_url"),
        ({"client_id": ""}, "no provider"),
        ({"google": {"client_id": "a"}}, "google needs client_secret, server_metadata_url"),
    ],
)
def test_a_section_that_would_not_work_is_refused(auth, changes, words):
    auth |= changes
    with pytest.raises(DailiesError, match=words):
        providers.check_auth()


def test_without_a_section_nobody_signs_in(auth):
    auth.clear()
    assert not providers.check_auth()
    assert providers.home_url() == ""
