"""Who may reach this installation, as the operator says it: names, people, and whether it is open.

Owns the variables and their form. The door (`components/server`) applies them.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from dailies.errors import DailiesError
from dailies.people import Person

_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|[0-9a-f:.]*:[0-9a-f:.]*")

ANY_ADDRESS = ("", "0.0.0.0", "::")  # noqa: S104 - recognised, never listened on
"""What a server that listens on every address of its machine has for an address."""


@dataclass(frozen=True, slots=True)
class Access:
    """The operator's word on access. `hosts` are names without a port, in lower case."""

    is_open: bool = False  # everybody who can reach the address may use it
    hosts: tuple[str, ...] = ()  # further names under which the pages are served
    allow_hosts: tuple[str, ...] = ()  # names, addresses and networks that may be called although they are inner ones
    operators: frozenset[str] = frozenset()  # e-mail addresses
    operators_see_prompts: bool = False
    sign_in: bool = False  # people sign in; set by the server, which reads Streamlit's secrets

    @property
    def alone(self) -> bool:
        """Whether the one person who can reach the app is the operator."""
        return not self.is_open and not self.sign_in

    def with_role(self, person: Person) -> Person:
        """The person with what the operator allows them."""
        operator = bool(person.email) and person.email in self.operators
        return replace(person, operator=operator, sees_prompts=operator and self.operators_see_prompts)


def read_access(said: Callable[[str], str]) -> Access:
    """Read the variables; `said` gives each, "" where it is not set. Raises `DailiesError` that names the variable."""
    return Access(
        is_open=_flag("DAILIES_OPEN", said("DAILIES_OPEN")),
        hosts=_hosts("DAILIES_HOSTS", said("DAILIES_HOSTS")),
        allow_hosts=_hosts("DAILIES_ALLOW_HOSTS", said("DAILIES_ALLOW_HOSTS"), networks=True),
        operators=_addresses("DAILIES_OPERATORS", said("DAILIES_OPERATORS")),
        operators_see_prompts=_flag("DAILIES_OPERATORS_SEE_PROMPTS", said("DAILIES_OPERATORS_SEE_PROMPTS")),
    )


def _flag(name: str, value: str) -> bool:
    if value not in ("", "0", "1"):
        raise DailiesError(f"{name}={value!r}: write 1 for yes, or leave it out.")
    return value == "1"


def _addresses(name: str, value: str) -> frozenset[str]:
    addresses = [address.casefold() for address in re.split(r"[\s,]+", value) if address]
    for address in addresses:
        if "@" not in address:
            raise DailiesError(f"{name}: {address!r} is no e-mail address. Write addresses with commas between.")
    return frozenset(addresses)


def _hosts(name: str, value: str, *, networks: bool = False) -> tuple[str, ...]:
    hosts = tuple(host.lower().strip("[]").rstrip(".") for host in re.split(r"[\s,]+", value) if host)
    for host in hosts:
        if networks and "/" in host:
            try:
                ipaddress.ip_network(host)
            except ValueError as error:
                raise DailiesError(f"{name}: {host!r} is no network ({error}). Write it like 10.1.0.0/16.") from None
        elif not _HOST.fullmatch(host):
            raise DailiesError(
                f"{name}: {host!r} is no host. Write names or addresses without a port, with commas between."
            )
    return hosts


def is_loopback(host: str) -> bool:
    """Whether a name or address means this machine alone."""
    return host == "localhost" or (is_address(host) and ipaddress.ip_address(host).is_loopback)


def is_address(host: str) -> bool:
    """Whether a host is an address in digits."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
