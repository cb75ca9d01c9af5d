"""The clients of one process: one for each gateway, address and reach, made when it is needed."""

from __future__ import annotations

import threading
from collections.abc import Callable

from dailies.domain import Run
from dailies.errors import DailiesError
from dailies.gateway.addresses import Reach, reach_of
from dailies.gateway.client import Client
from dailies.gateways import SANDBOX
from dailies.keyring import Keyring
from dailies.settings import Settings
from dailies.vocabulary import Trouble

Connect = Callable[[str, Callable[[str], str | None], Callable[[str], bytes], Reach], Client]
"""Creates the client of a base URL from how to find keys, how to read files, and what may be called."""


class Clients:
    """Thread-safe. `read` returns the bytes of a digest."""

    def __init__(
        self, settings: Settings, keyring: Keyring, read: Callable[[str], bytes], connect: Connect = Client
    ) -> None:
        self._settings = settings
        self._keyring = keyring
        self._read = read
        self._connect = connect
        self._lock = threading.Lock()
        self._made: dict[tuple[str, str, Reach], Client] = {}

    def get(self, gateway: str, owner: str = "") -> Client:
        """Return the client of a gateway, for calls on behalf of an owner.

        Raises `DailiesError` if it is the sandbox and that is not running, or if it is not set up.
        """
        base_url = self._settings.resolve(gateway)
        if base_url is None:
            what = "The sandbox is not running." if gateway == SANDBOX else f"The gateway {gateway} is not set up here."
            raise DailiesError(what)
        reach = reach_of(self._settings, gateway, owner)
        with self._lock:
            name = (gateway, base_url, reach)  # the sandbox moves
            if name not in self._made:
                self._made[name] = self._connect(
                    base_url, lambda handle: self._keyring.get(handle, gateway), self._read, reach
                )
            return self._made[name]

    def find_hindrance(self, run: Run) -> Trouble:
        """Say what keeps a call for a run from being tried; falsy: nothing."""
        if self._settings.resolve(run.gateway) is None:
            return Trouble.NO_SANDBOX if run.gateway == SANDBOX else Trouble.NO_GATEWAY
        return Trouble.NO_KEY if self._keyring.get(run.credential, run.gateway) is None else Trouble.NONE

    def close(self) -> None:
        """Close all; those asked for later are made anew."""
        with self._lock:
            clients, self._made = list(self._made.values()), {}
        for client in clients:
            client.close()
