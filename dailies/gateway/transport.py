"""Connections that lead only to addresses that may be called.

The check stands where the connection is made: the name is looked up once, checked, and the very address that was
checked is connected to. So a name cannot change its mind in between, and a redirect or a kept connection needs no
check of its own. Behind the operator's proxy the proxy makes the connection; there each hop is checked by name before
it is asked for, and the proxy decides the rest.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable, Sequence
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.request import getproxies

import httpcore
import httpx

from dailies import __version__
from dailies.gateway.addresses import Reach, Resolve, checked, inner


class Connector(httpcore.NetworkBackend):
    """Looks names up, checks them and connects."""

    def __init__(self, reach: Reach, resolve: Resolve, sockets: httpcore.NetworkBackend | None = None) -> None:
        """`sockets` connects to addresses in digits."""
        self._reach = reach
        self._resolve = resolve
        self._sockets = sockets or httpcore.SyncBackend()

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
    reach: Reach, timeout: httpx.Timeout, *, keep: int = 20, resolve: Resolve | None = None, proxied: bool | None = None
) -> httpx.Client:
    """A client that follows no redirect, keeps up to `keep` connections and no cookies.

    `proxied` says whether the environment names a proxy (`HTTPS_PROXY` and the like), None to find out.
    """
    look_up = resolve or addresses_of
    trust = ssl.create_default_context()
    headers = {"User-Agent": f"dailies/{__version__}", "Accept": "*/*"}
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=keep, keepalive_expiry=5.0)
    direct = _Transport(Connector(reach, look_up), trust, limits)
    if proxied is None:
        proxied = bool({"http", "https", "all"} & getproxies().keys())
    if not proxied:
        return httpx.Client(headers=headers, timeout=timeout, transport=direct, cookies=_no_cookies())

    def check(request: httpx.Request) -> None:
        host, port = request.url.host, request.url.port or {"http": 80, "https": 443}[request.url.scheme]
        try:
            checked(host, port, reach, look_up)
        except OSError:
            return  # a name that only the proxy knows

    mounts = {f"all://{name}": direct for name in ("localhost", "127.0.0.1", "[::1]")}
    return httpx.Client(
        headers=headers,
        timeout=timeout,
        verify=trust,
        limits=limits,
        mounts=mounts,
        event_hooks={"request": [check]},
        cookies=_no_cookies(),
    )


def is_from_inside(response: httpx.Response) -> bool:
    """Whether an answer came from an address that is not a public one."""
    stream = response.extensions.get("network_stream")
    found = stream.get_extra_info("server_addr") if stream else None
    return found is None or bool(inner(found[0]))


def addresses_of(host: str, port: int) -> Sequence[str]:
    """The addresses the system knows for a host. Raises `OSError` for an unknown name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _no_cookies() -> CookieJar:
    """A jar that takes none: people share a client, and a cookie may stand for one of them."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))
