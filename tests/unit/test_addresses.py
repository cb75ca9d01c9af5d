"""Which addresses may be called: the rule, and that nothing forbidden is ever connected to."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpcore
import httpx
import pytest

from dailies.access import Access
from dailies.domain import Clip
from dailies.errors import MediaError
from dailies.gateway import deadline
from dailies.gateway.addresses import Forbidden, Reach, checked, inner, reach_of, service
from dailies.gateway.client import Client
from dailies.gateway.transport import Connector, _trust, addresses_of, open_http, push
from dailies.gateways import Gateway
from dailies.settings import Settings
from dailies.steps import Accepted, FetchFailed, NotSent, Poll, PollFailed, Send
from dailies.vocabulary import RunState

PUBLIC = ["93.184.215.14", "1.1.1.1", "2606:4700::1111", "2a00:1450:4001:80e::200e", "172.32.0.1", "100.128.0.1"]
INNER = [
    "127.0.0.1",
    "127.255.255.254",
    "::1",
    "0.0.0.0",
    "0.1.2.3",
    "::",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",  # where clouds keep credentials
    "fe80::1",
    "fe80::1%eth0",
    "fd00:ec2::254",  # the same over IPv6
    "fc00::1",
    "fec0::1",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "ff02::1",
    "240.0.0.1",
    "255.255.255.255",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_called(address):
    assert inner(address) == ""
    assert checked("any.test", 443, Reach(), lambda *_: [address]) == [address]


@pytest.mark.parametrize(
    ("address", "where"),
    [
        ("::ffff:127.0.0.1", "on this machine"),
        ("169.254.169.254", "of the local link, where clouds keep credentials"),
        ("::ffff:169.254.169.254", "of the local link, where clouds keep credentials"),
        ("224.0.0.1", "of a group of machines"),
        ("10.0.0.1", "of a private network"),
        ("::ffff:1.1.1.1", ""),
    ],
)
def test_where_an_address_is_said(address, where):
    assert inner(address) == where


@pytest.mark.parametrize("address", INNER)
def test_inner_addresses_may_not_be_called(address):
    assert inner(address)
    for answer in ([address], ["1.1.1.1", address], [address, "1.1.1.1"]):
        with pytest.raises(Forbidden, match=r"any\.test .* DAILIES_ALLOW_HOSTS"):
            checked("any.test", 443, Reach(), lambda *_, answer=answer: answer)


def test_what_the_operator_allows_may_be_called():
    def here(*_):
        return ["10.1.2.3"]

    reach = Reach(services=frozenset({("gateway.test", 3000)}), hosts=frozenset({"storage.test"}))
    assert checked("Gateway.test.", 3000, reach, here) == ["10.1.2.3"]
    assert checked("storage.test", 9000, reach, here) == ["10.1.2.3"]
    for host, port in (("gateway.test", 22), ("other.test", 3000), ("sub.storage.test", 9000)):
        with pytest.raises(Forbidden):
            checked(host, port, reach, here)
    allowed = reach_of(Settings(home=None, access=Access(allow_hosts=("10.1.0.0/16", "::1"))), "https://typed.test")
    assert checked("any.test", 80, allowed, here) == ["10.1.2.3"]
    assert checked("any.test", 80, allowed, lambda *_: ["::1"]) == ["::1"]
    with pytest.raises(Forbidden):
        checked("any.test", 80, allowed, lambda *_: ["10.1.2.3", "10.2.0.1"])


# --- whose address it is -----------------------------------------------------------------------------------------

TYPED = "http://127.0.0.1:3000"
OPERATORS = {"team": Gateway("team", "http://10.0.0.7:3000")}


def services(access, gateway, owner=""):
    settings = Settings(home=None, gateways=OPERATORS, access=access, sandbox_url="http://127.0.0.1:9000")
    return reach_of(settings, gateway, owner).services


@pytest.mark.parametrize("access", [Access(), Access(is_open=True), Access(sign_in=True)])
def test_the_operators_gateway_and_the_sandbox_may_be_anywhere(access):
    assert services(access, "team", "ann") == {("10.0.0.7", 3000)}
    assert services(access, "sandbox", "ann") == {("127.0.0.1", 9000)}


def test_a_typed_address_may_be_an_inner_one_for_the_operator_alone():
    assert services(Access(), TYPED) == {("127.0.0.1", 3000)}
    assert services(Access(is_open=True), TYPED) == frozenset()
    assert services(Access(sign_in=True), TYPED) == frozenset()
    assert services(Access(), TYPED, "ann") == frozenset()


def test_a_service_is_a_host_and_a_port():
    assert service("https://Gateway.test/v1") == ("gateway.test", 443)
    assert service("http://[::1]:9/") == ("::1", 9)


# --- connections -------------------------------------------------------------------------------------------------


@pytest.fixture
def strict(gateway, key):
    """A client that may call its own gateway on this machine, and nothing else here."""
    client = Client(gateway.url, lambda _: key, lambda _: b"", Reach(services=frozenset({service(gateway.url)})))
    yield client
    client.close()


@pytest.fixture
def finished(make_run, plain_call):
    return make_run(call=plain_call, state=RunState.FETCHING, task="t1")


SPELLINGS = [
    "http://127.0.0.1:{port}/v.mp4",
    "http://localhost:{port}/v.mp4",
    "http://2130706433:{port}/v.mp4",
    "http://017700000001:{port}/v.mp4",
    "http://0177.0.0.1:{port}/v.mp4",
    "http://0x7f.1:{port}/v.mp4",
    "http://0x7f000001:{port}/v.mp4",
    "http://127.1:{port}/v.mp4",
    "http://0.0.0.0:{port}/v.mp4",
    "http://0:{port}/v.mp4",
    "http://[::ffff:127.0.0.1]:{port}/v.mp4",
    "http://[::ffff:7f00:1]:{port}/v.mp4",
    "http://user@127.0.0.1:{port}/v.mp4",
    "//127.0.0.1:{port}/v.mp4",
]


NOWHERE = Path("no clip comes in an answer here")


def no_clip(path: Path) -> Clip:
    raise MediaError(f"{path.name} is no clip.")


@pytest.fixture(params=SPELLINGS)
def forged(request, other_host, answer, clip_bytes):
    """An address of another service on this machine, which would answer."""
    other_host.answer("GET", "/v.mp4", answer(clip_bytes))
    other_host.answer("POST", "/v.mp4", answer({"id": "t1"}))
    yield request.param.format(port=urlsplit(other_host.url).port)
    assert other_host.seen == []


def test_a_forged_link_is_not_called(strict, forged, finished, tmp_path):
    event = strict.fetch(replace(finished, link=forged), tmp_path / "clip", no_clip)
    assert isinstance(event, FetchFailed)
    assert list(tmp_path.iterdir()) == []


def test_a_forged_link_in_an_answer_is_not_called(strict, forged, gateway, answer, finished, tmp_path):
    gateway.answer("GET", "/v1/videos/t1/content", answer({"url": forged}))
    event = strict.fetch(finished, tmp_path / "clip", no_clip)
    assert isinstance(event, FetchFailed)


def test_a_redirect_to_a_forged_address_is_not_followed(strict, forged, gateway, answer, finished, tmp_path):
    away = answer("", 302, {"location": forged})
    gateway.answer("GET", "/v1/videos/t1/content", answer("", 302, {"location": "/next"}))
    gateway.answer("GET", "/next", away)
    assert isinstance(strict.fetch(finished, tmp_path / "clip", no_clip), FetchFailed)
    gateway.answer("GET", "/v1/videos/t1", away)
    assert isinstance(strict.perform(finished, Poll(), NOWHERE), PollFailed)
    gateway.answer("GET", "/v1/models", away)
    assert not strict.check().ok


def test_a_paid_call_is_never_redirected(strict, forged, gateway, answer, make_run, plain_call):
    for status in (301, 302, 303, 307, 308):
        gateway.answer("POST", "/v1/videos", answer("", status, {"location": forged}))
        event = strict.perform(make_run(call=plain_call), Send(), NOWHERE)
        assert not isinstance(event, (Accepted, NotSent))
    assert gateway.count("POST") == 5


def test_a_typed_gateway_on_this_machine_is_not_called(other_host, key, make_run, plain_call):
    client = Client(other_host.url, lambda _: key, lambda _: b"")
    event = client.perform(make_run(call=plain_call), Send(), NOWHERE)
    assert isinstance(event, NotSent)
    assert "DAILIES_ALLOW_HOSTS" in str(event.error)
    assert not client.check().ok
    assert other_host.seen == []
    client.close()


def test_redirects_come_to_an_end(strict, gateway, answer, finished):
    gateway.answer("GET", "/v1/videos/t1", answer("", 302, {"location": "/v1/videos/t1"}))
    event = strict.perform(finished, Poll(), NOWHERE)
    assert isinstance(event, PollFailed)
    assert "redirects" in str(event.error)
    assert gateway.count("GET", "/v1/videos/t1") == 6


@pytest.mark.parametrize(
    ("status", "body"), [(403, {"error": {"message": "inner secret"}}), (200, {"note": "inner secret"}), (500, "inner")]
)
def test_words_of_an_inner_service_reach_nobody(gateway, other_host, answer, finished, key, tmp_path, status, body):
    """A clip may come from storage in the operator's network; what else stands there is not repeated."""
    reach = Reach(services=frozenset({service(gateway.url), service(other_host.url)}))
    client = Client(gateway.url, lambda _: key, lambda _: b"", reach)
    other_host.answer("GET", "/v.mp4", answer(body, status))
    event = client.fetch(replace(finished, link=f"{other_host.url}/v.mp4"), tmp_path / "clip", no_clip)
    gateway.answer("GET", "/v1/videos/t1", answer("", 302, {"location": f"{other_host.url}/v.mp4"}))
    asked = client.perform(finished, Poll(), NOWHERE)
    for each in (event, asked):
        assert "inner" not in f"{each!r}{each.error}{each.error.raw}"
    assert len(other_host.seen) == 2
    client.close()


def test_no_cookie_of_one_answer_goes_with_the_next_call(strict, gateway, answer):
    gateway.answer("GET", "/v1/models", answer({"data": []}, headers={"set-cookie": "who=ann; Path=/"}))
    strict.models(), strict.models()
    assert [seen.headers.get("cookie") for seen in gateway.seen] == [None, None]


class Sockets(httpcore.NetworkBackend):
    """Notes what would be connected to, and refuses."""

    def __init__(self):
        self.asked = []

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        self.asked.append((host, port))
        raise httpcore.ConnectError("refused")


def test_the_checked_address_is_the_one_connected_to():
    """A name that answers differently the second time is not asked a second time."""
    answers = iter([["1.1.1.1", "2606:4700::1111"], ["127.0.0.1"]])
    sockets = Sockets()
    connector = Connector(Reach(), lambda *_: next(answers), sockets)
    with pytest.raises(httpcore.ConnectError, match="refused"):
        connector.connect_tcp("rebound.test", 443)
    assert sockets.asked == [("1.1.1.1", 443), ("2606:4700::1111", 443)]
    with pytest.raises(Forbidden):
        connector.connect_tcp("rebound.test", 443)
    assert len(sockets.asked) == 2


def test_an_unknown_name_is_no_connection():
    def unknown(*_):
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(httpcore.ConnectError, match="not known"):
        Connector(Reach(), unknown, Sockets()).connect_tcp("no.test", 443)
    with pytest.raises(httpcore.ConnectError, match="no address"):
        Connector(Reach(), lambda *_: [], Sockets()).connect_tcp("no.test", 443)


def test_a_machine_without_certificates_has_those_of_mozilla(monkeypatch, tmp_path):
    monkeypatch.setattr(ssl, "create_default_context", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert _trust.__wrapped__().cert_store_stats()["x509_ca"] > 100
    (tmp_path / "5a3f0ff8.0").write_text("a certificate, read when it is needed")
    assert _trust.__wrapped__().cert_store_stats()["x509_ca"] == 0, "what the operator trusts is all that is trusted"


def test_the_system_spells_addresses_in_digits():
    assert set(addresses_of("127.0.0.1", 80)) == {"127.0.0.1"}
    assert set(addresses_of("0x7f.1", 80)) == {"127.0.0.1"}


def test_behind_a_proxy_each_hop_is_checked_before_it_is_asked_for(monkeypatch, raw_server):
    """The proxy would connect to anything."""
    proxy, requests = raw_server(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nproxy")
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, proxy)
    names = {"inner.test": ["10.0.0.1"], "public.test": ["1.1.1.1"], "127.0.0.1": ["127.0.0.1"]}

    def resolve(host, _):
        if host not in names:
            raise socket.gaierror(-2, "Name or service not known")
        return names[host]

    with open_http(Reach(), httpx.Timeout(10), resolve=resolve) as http:
        for forbidden in ("http://inner.test/x", f"{proxy}/x"):
            with pytest.raises(Forbidden):
                http.get(forbidden)
        assert http.get("http://public.test/x").text == "proxy"
        assert http.get("http://only-the-proxy-knows.test/x").text == "proxy"
    asked = [request.split(b"\r\n")[0] for request in requests]
    assert asked == [b"GET http://public.test/x HTTP/1.1", b"GET http://only-the-proxy-knows.test/x HTTP/1.1"]


class Slow(httpcore.NetworkStream):
    """Takes what it is given and answers byte by byte; each takes a second of the clock."""

    def __init__(self, clock):
        self.clock, self.taken, self.given = clock, 0, 0

    def write(self, buffer, timeout=None):
        self.clock[0] += 1
        self.taken += len(buffer)

    def read(self, max_bytes, timeout=None):
        self.clock[0] += 1
        self.given += 1
        return b"HTTP/1.1 200 OK\r\nX-Slow: true\r\n\r\n"[self.given - 1 : self.given]

    def close(self):
        pass

    def get_extra_info(self, info):
        return None


@pytest.mark.parametrize(("size", "pieces", "read"), [(20 * 64 * 1024, 10, 0), (1, 2, 8)])
def test_a_push_ends_with_its_time_however_steadily_it_goes_on(monkeypatch, size, pieces, read):
    """One that takes its bytes slowly, and one that answers slowly; neither is ever silent."""
    clock = [1000.0]
    monkeypatch.setattr(deadline, "monotonic", lambda: clock[0])
    stream = Slow(clock)
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", lambda *_, **__: stream)
    with open_http(Reach(), httpx.Timeout(5), resolve=lambda *_: ["1.1.1.1"], proxied=False) as http:
        said = push(http, "http://slow.test/upload", bytes(size), {}, 10)
    assert said == (0, "took too long over its answer")
    assert clock[0] == 1010
    assert stream.given == read
    assert stream.taken <= pieces * 64 * 1024
