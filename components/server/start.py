"""What is decided before the server starts: whether it may listen where it is told to, and under which names.

Reads Streamlit's options and our settings, and tells Streamlit the names as well. It imports little: what takes longer
is loaded while the server answers, see `opening`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.routing import BaseRoute
from streamlit import config

from components.address import base_path
from components.providers import check_auth, home_url
from components.server.door import House
from dailies.access import ANY_ADDRESS, Access, is_loopback
from dailies.errors import DailiesError
from dailies.logs import set_up
from dailies.settings import Settings

if TYPE_CHECKING:
    from dailies.services import Services


class Start:
    """The start of one server. `settings` are known once it is prepared."""

    settings: Settings

    def prepare(self) -> House:
        """Say what the door lets in. Raises `DailiesError` where the server must not start."""
        settings = self.settings = Settings.from_env()
        set_up(settings.log_level)
        settings.access = replace(settings.access, sign_in=check_auth())
        if settings.access.sign_in and config.get_option("server.trustedUserHeaders"):
            raise DailiesError(
                "server.trustedUserHeaders would let a header name the person who signs in. Take it away."
            )
        address, home = str(config.get_option("server.address") or ""), urlsplit(home_url()).hostname or ""
        house = house_of(address, settings.access, settings.public_url, home)
        settings.signer.check()
        # Streamlit checks the host of its own WebSocket too; it has no word for "any address".
        names = ["*"] if house.any_address else ["localhost", "127.0.0.1", "::1", *sorted(house.hosts)]
        config.set_option("server.allowedHosts", names)
        return house

    def load(self) -> Sequence[BaseRoute]:
        """Load the program and open the library; return the routes beside the pages. Errors as `open_services`."""
        from components.server.loaded import open_all  # the whole program

        return open_all(self.settings)

    def services(self) -> Services:
        """The services, once they are open."""
        from dailies.services import open_services

        return open_services(self.settings)


def house_of(address: str, access: Access, public_url: str, home: str = "") -> House:
    """The door's rules for a server at `address`. Raises `DailiesError` for one that nothing protects.

    `home` is the host at which people sign in.
    """
    if access.is_open and access.sign_in:
        raise DailiesError("DAILIES_OPEN=1 lets everybody in, and sign-in is set up as well: take one of them away.")
    everywhere = address in ANY_ADDRESS
    exposed = [] if is_loopback(address) else [address or "every address of this machine"]
    exposed += [host for host in access.hosts if not is_loopback(host)]
    if exposed and access.alone:
        raise DailiesError(
            f"Without sign-in, everybody who can reach {exposed[0]} could see every run and spend your key. "
            "Set up sign-in with an [auth] section in .streamlit/secrets.toml (see docs/sign-in.md), or set "
            "DAILIES_OPEN=1 to let everybody in, or listen on 127.0.0.1 alone."
        )
    hosts = {*access.hosts, *((home,) if home else ()), *(() if everywhere else (address.lower().strip("[]"),))}
    public = urlsplit(public_url).hostname or ""
    if public and not access.alone:
        hosts.add(public)
    return House(frozenset(hosts), everywhere, public, base_path())
