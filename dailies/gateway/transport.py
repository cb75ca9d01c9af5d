"""Connections that lead only to addresses that may be called.

The check stands where the connection is made: the name is looked up once, checked, and the very address that was
checked is connected to. So a name cannot change its mind in between, and a redirect or a kept connection needs no
check of its own. Behind the operator's proxy the proxy makes the connection; there each hop is checked by name before
it is asked for, and the proxy decides the rest.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.request import getproxies

import httpcore
import httpx

from dailies import __version__
from dailies.errors import Unreachable
from dailies.gateway.addresses import Reach, Resolve, checked, inner
from dailies.gateway.deadline import is_over, left, within

_CLOSED = "closed the connection before its answer was whole"
_WRITTEN_AT_ONCE = 64 * 1024


class Overdue(httpcore.ReadTimeout):
    """The exchange took longer than it may take in all; something may have been sent."""


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait ends with the exchange."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        _check_time()
        try:
            return self._stream.read(max_bytes, left(timeout))
        except httpcore.ReadTimeout:
            _check_time()
            raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _WRITTEN_AT_ONCE):
            _check_time()
            try:
                self._stream.write(buffer[start : start + _WRITTEN_AT_ONCE], left(timeout))
            except httpcore.WriteTimeout:
                _check_time()
                raise

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _check_time() -> None:
    if is_over():
        raise Overdue


class _Sockets(httpcore.SyncBackend):
    """Connects as httpcore does; what comes of it ends with the exchange."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(super().connect_tcp(host, port, left(timeout), local_address, socket_options))


class Connector(httpcore.NetworkBackend):
    """Looks names up, checks them and connects."""

    def __init__(self, reach: Reach, resolve: Resolve, sockets: httpcore.NetworkBackend | None = None) -> None:
        """`sockets` connects to addresses in digits."""
        self._reach = reach
        self._resolve = resolve
        self._sockets = sockets or _Sockets()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Raises `Forbidden` for a host that may not be called, httpcore's errors for one that cannot be reached."""
        try:
            addresses = checked(host, port, self._reach, self._resolve)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        trouble: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                return self._sockets.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
        raise trouble


class _Transport(httpx.HTTPTransport):
    """httpx's own, on a pool whose connections a `Connector` makes."""

    def __init__(self, connector: Connector, trust: ssl.SSLContext, limits: httpx.Limits) -> None:
        super().__init__(verify=trust)
        self._pool = httpcore.ConnectionPool(
            ssl_context=trust,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=connector,
        )


def open_http(
    reach: Reach,
    timeout: httpx.Timeout | float,
    *,
    keep: int = 20,
    resolve: Resolve | None = None,
    proxied: bool | None = None,
) -> httpx.Client:
    """A client that follows no redirect, keeps up to `keep` connections and no cookies.

    `proxied` says whether the environment names a proxy (`HTTPS_PROXY` and the like), None to find out.
    """
    look_up = resolve or addresses_of
    trust = _trust()
    headers = {"User-Agent": f"dailies/{__version__}", "Accept": "*/*"}
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=keep, keepalive_expiry=5.0)
    direct = _Transport(Connector(reach, look_up), trust, limits)
    if proxied is None:
        proxied = bool({"http", "https", "all"} & getproxies().keys())
    if not proxied:
        return _Http(headers=headers, timeout=timeout, transport=direct)

    def check(request: httpx.Request) -> None:
        host, port = request.url.host, request.url.port or {"http": 80, "https": 443}[request.url.scheme]
        try:
            checked(host, port, reach, look_up)
        except OSError:
            return  # a name that only the proxy knows

    mounts = {f"all://{name}": direct for name in ("localhost", "127.0.0.1", "[::1]")}
    client = _Http(
        headers=headers,
        timeout=timeout,
        verify=trust,
        limits=limits,
        mounts=mounts,
        event_hooks={"request": [check]},
    )
    for mounted in client._mounts.values():  # httpx makes those for the proxies, and takes no backend for them
        if isinstance(mounted, httpx.HTTPTransport) and mounted is not direct:
            mounted._pool._network_backend = _Sockets()
    return client


@cache
def _trust() -> ssl.SSLContext:
    """The machine's certificates, read once: that takes as long as several calls.

    Where the machine has none, as with Python's own installer on macOS and in bare containers, those of Mozilla.
    """
    trust = ssl.create_default_context()
    folder = ssl.get_default_verify_paths().capath  # whose files are read when they are needed
    if not trust.cert_store_stats()["x509_ca"] and not (folder and any(Path(folder).iterdir())):
        import certifi  # for these machines alone

        trust.load_verify_locations(certifi.where())
    return trust


def push(http: httpx.Client, url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> tuple[int, str]:
    """Post bytes within some seconds and return (status, ""), or (0, what went wrong) where no answer came.

    The answer is not read, and a redirect not followed. The words hold nothing of the address.
    """
    try:
        with within(seconds), http.stream("POST", url, content=body, headers=dict(headers)) as response:
            return response.status_code, ""
    except Unreachable:
        return 0, "may not be called from here"
    except httpx.HTTPError as error:
        return 0, describe(error)
    except httpx.InvalidURL:
        return 0, "has no address that can be called"


def is_from_inside(response: httpx.Response) -> bool:
    """Whether an answer came from an address that is not a public one."""
    stream = response.extensions.get("network_stream")
    found = stream.get_extra_info("server_addr") if stream else None
    return found is None or bool(inner(found[0]))


def describe(error: httpx.HTTPError) -> str:
    """Say what the other end did, as what follows its name: `stopped reading`. Holds nothing of the call."""
    if isinstance(error.__cause__, Overdue):
        return "took too long over its answer"
    kinds: dict[type[httpx.HTTPError], str] = {
        httpx.ConnectTimeout: "did not answer in time",
        httpx.ReadTimeout: "did not answer in time",
        httpx.WriteTimeout: "stopped reading",
        httpx.ReadError: _CLOSED,
        httpx.WriteError: _CLOSED,
        httpx.PoolTimeout: "has too many calls of ours at once",
        httpx.LocalProtocolError: "cannot be given this call as HTTP",
        httpx.DecodingError: "packed its answer in a way that cannot be unpacked",
    }
    text = re.sub(r"^\[[^\]]*\]\s*", "", str(error))  # the system's number of the error
    if isinstance(error, httpx.RemoteProtocolError):
        return _CLOSED if re.search(r"disconnected|closed connection", text) else "did not answer in HTTP"
    if isinstance(error, httpx.ConnectError):
        if re.search(r"refused", text, re.IGNORECASE):
            return "refused the connection"
        if re.search(r"not known|no address|name resolution|nodename", text, re.IGNORECASE):
            return "is not known by this name"
        return f"could not be connected to ({text or 'no reason is known'})"
    return kinds.get(type(error)) or f"failed ({text or type(error).__name__})"


def addresses_of(host: str, port: int) -> Sequence[str]:
    """The addresses the system knows for a host. Raises `OSError` for an unknown name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _NoCookies(httpx.Cookies):
    """Keeps none: people share a client, and a cookie may stand for one of them."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Leave what a server wants kept, unread: to look for it takes a twentieth of an exchange."""


class _Http(httpx.Client):
    """httpx's own, without cookies."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._cookies = _NoCookies()  # httpx would copy those that it is given into its own
