"""Who may reach this installation, as the operator says it: names, people, and whether it is open.

Owns the variables and their form. The door (`components/server`) applies them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_network

from dailies.errors import DailiesError

_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|[0-9a-f:.]*:[0-9a-f:.]*")


@dataclass(frozen=True, slots=True)
class Access:
    """The operator's word on access. `hosts` are names without a port, in lower case."""

    is_open: bool = False  # everybody who can reach the address may use it
    hosts: tuple[str, ...] = ()  # further names under which the pages are served
    allow_hosts: tuple[str, ...] = ()  # names, addresses and networks that may be called although they are inner ones
    sign_in: bool = False  # people sign in; set by the server, which reads Streamlit's secrets

    @property
    def alone(self) -> bool:
        """Whether the one person who can reach the app is the operator."""
        return not self.is_open and not self.sign_in


def read_access(said: Callable[[str], str]) -> Access:
    """Read the variables; `said` gives each, "" where it is not set. Raises `DailiesError` that names the variable."""
    return Access(
        is_open=_flag("DAILIES_OPEN", said("DAILIES_OPEN")),
        hosts=_hosts("DAILIES_HOSTS", said("DAILIES_HOSTS")),
        allow_hosts=_hosts("DAILIES_ALLOW_HOSTS", said("DAILIES_ALLOW_HOSTS"), networks=True),
    )


def _flag(name: str, value: str) -> bool:
    if value not in ("", "0", "1"):
        raise DailiesError(f"{name}={value!r}: write 1 for yes, or leave it out.")
    return value == "1"


def _hosts(name: str, value: str, *, networks: bool = False) -> tuple[str, ...]:
    hosts = tuple(host.lower().strip("[]").rstrip(".") for host in re.split(r"[\s,]+", value) if host)
    for host in hosts:
        if networks and "/" in host:
            try:
                ip_network(host)
            except ValueError as error:
                raise DailiesError(f"{name}: {host!r} is no network ({error}). Write it like 10.1.0.0/16.") from None
        elif not _HOST.fullmatch(host):
            raise DailiesError(
                f"{name}: {host!r} is no host. Write names or addresses without a port, with commas between."
            )
    return hosts
