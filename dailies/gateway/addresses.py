"""Which network addresses may be called: the rule against being led into the operator's own network. Pure.

A link in a reply, a redirect and a base URL that somebody typed name hosts that nobody here chose. Each is resolved,
and every address it stands for is checked, before a connection is made to one of them. Looking a name up is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from dailies.errors import Unreachable
from dailies.gateways import SANDBOX
from dailies.settings import Settings

Resolve = Callable[[str, int], Sequence[str]]
"""Gives the addresses of a host in digits, as the system connects to them; raises `OSError` for an unknown name."""

_PORTS = {"http": 80, "https": 443}

# Addresses that carry another one, which a router on the way may unpack: NAT64, 6to4, Teredo, IPv4-compatible.
_CARRIERS = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")))
# What Python's versions disagree on, and what is global to them but nobody's web server.
_SPECIAL = tuple(map(ip_network, ("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "fec0::/10")))


class Forbidden(Unreachable):
    """An address that is not called; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The inner addresses that may be called nevertheless.

    `services` are (host, port) of gateways that the operator chose; `hosts` names, and `networks` addresses, that the
    operator allows on any port.
    """

    services: frozenset[tuple[str, int]] = frozenset()
    hosts: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()


def reach_of(settings: Settings, gateway: str, owner: str = "") -> Reach:
    """What may be called for a gateway by its name, on behalf of an owner.

    The operator's gateways and the sandbox may be anywhere. An address that a person typed may be an inner one only
    where that person is the operator: alone on this machine, without sign-in.
    """
    access = settings.access
    chosen = gateway == SANDBOX or gateway in settings.gateways or (access.alone and not owner)
    base_url = settings.resolve(gateway) if chosen else None
    names, networks = set(), []
    for entry in access.allow_hosts:
        try:
            networks.append(ip_network(entry))
        except ValueError:
            names.add(entry)
    return Reach(frozenset({service(base_url)} if base_url else ()), frozenset(names), tuple(networks))


def service(url: str) -> tuple[str, int]:
    """(host, port) of a web address."""
    parts = urlsplit(url)
    return _name(parts.hostname or ""), parts.port or _PORTS[parts.scheme]


def checked(host: str, port: int, reach: Reach, resolve: Resolve) -> Sequence[str]:
    """The addresses to connect to for a host. Raises `Forbidden`, and whatever `resolve` raises.

    One forbidden address among several forbids the host: an honest name does not stand for both worlds.
    """
    addresses = resolve(host, port)
    if (_name(host), port) not in reach.services and _name(host) not in reach.hosts:
        for address in addresses:
            where = inner(address)
            if where and not any(_ip(address) in network for network in reach.networks):
                raise Forbidden(
                    f"{host} stands for an address {where}, which is not called from here. "
                    "The operator allows it in DAILIES_ALLOW_HOSTS."
                )
    return addresses


def inner(address: str) -> str:
    """Where an address in digits is, if it is not a public one: "on this machine", ...; "" for a public one."""
    ip = _ip(address)
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if ip.is_loopback or ip.is_unspecified:
        return "on this machine"
    if ip.is_link_local:
        return "of the local link, where clouds keep credentials"
    if ip.is_multicast:
        return "of a group of machines"
    if isinstance(ip, IPv6Address) and any(ip in network for network in _CARRIERS):
        return "inside another address"
    if not ip.is_global or ip.is_reserved or any(ip in network for network in _SPECIAL):
        return "of a private network"
    return ""


def _ip(address: str) -> IPv4Address | IPv6Address:
    return ip_address(address.partition("%")[0])


def _name(host: str) -> str:
    return host.lower().strip("[]").rstrip(".")
