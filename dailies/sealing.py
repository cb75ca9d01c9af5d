"""Seals a person's key, so that it can lie in a database that other machines read.

Only who has the secret of the installation opens it, and only for the handle and the gateway it was sealed for.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode


class Sealer:
    """Seals and opens with one key of 32 bytes, which is derived from the installation's secret."""

    def __init__(self, key: bytes) -> None:
        from cryptography.fernet import Fernet  # only processes that share a database wait for it

        self._fernet = Fernet(urlsafe_b64encode(key))

    def seal(self, handle: str, gateway: str, key: str) -> str:
        """Return a text that nobody else can read or make."""
        return self._fernet.encrypt(json.dumps([handle, gateway, key]).encode()).decode("ascii")

    def open(self, handle: str, gateway: str, sealed: str) -> str | None:
        """Return the key; None if it was sealed with another secret, or for another handle or gateway."""
        from cryptography.fernet import InvalidToken

        try:
            *bound, key = json.loads(self._fernet.decrypt(sealed.encode()))
        except (InvalidToken, ValueError):
            return None
        return str(key) if bound == [handle, gateway] else None
