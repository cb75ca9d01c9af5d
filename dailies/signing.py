"""What only this installation can have made: signed addresses, browsers' cookies, and handles of keys."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer

from dailies.errors import DailiesError

COOKIE = "dailies_browser"
"""The cookie whose signed value names a browser."""

HOSTED_FOR = timedelta(hours=72)
"""How long a hosted reference can be fetched: an off-peak task may wait 48 h before it is looked at."""


class Signer:
    """Signs with the secret of a home, which is made at the first use."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._signer: URLSafeSerializer | None = None

    def sign(self, name: str) -> str:
        """A token for the address of a clip that only this installation can have made."""
        token = self._serializer().dumps(name)
        return token if isinstance(token, str) else token.decode()

    def unsign(self, token: str) -> str:
        """The name in a token of `sign`. Raises `DailiesError` for any other."""
        try:
            name = self._serializer().loads(token)
        except BadSignature:
            raise DailiesError("This address was not made by this installation.") from None
        return str(name)

    def sign_for_a_while(self, name: str) -> str:
        """A token for a reference that the gateway has to fetch; `unsign_fresh` takes it for `HOSTED_FOR`."""
        token = self._timed().dumps(name)
        return token if isinstance(token, str) else token.decode()

    def unsign_fresh(self, token: str) -> str:
        """The name in a token of `sign_for_a_while` that is still valid. Raises `DailiesError` for any other."""
        try:
            name = self._timed().loads(token, max_age=int(HOSTED_FOR.total_seconds()))
        except BadSignature:
            raise DailiesError("This address was not made by this installation, or is too old.") from None
        return str(name)

    def _timed(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(_secret(self._home), salt="reference")

    def _serializer(self) -> URLSafeSerializer:
        if self._signer is None:
            self._signer = URLSafeSerializer(_secret(self._home), salt="clip")
        return self._signer

    def sign_browser(self, browser: str) -> str:
        """The value of the cookie that names a browser."""
        token = URLSafeSerializer(_secret(self._home), salt="browser").dumps(browser)
        return token if isinstance(token, str) else token.decode()

    def read_browser(self, token: str) -> str | None:
        """The browser that a cookie names; None where this installation did not make it."""
        try:
            return str(URLSafeSerializer(_secret(self._home), salt="browser").loads(token))
        except BadSignature:
            return None

    def handle(self, person: str, gateway: str) -> str:
        """The handle of a person's key for a gateway: the same after a restart, and saying nothing of either."""
        words = f"{person}\n{gateway}".encode()
        return hmac.new(_secret(self._home).encode(), words, hashlib.sha256).hexdigest()


def _secret(home: Path) -> str:
    """The signing secret in `<home>/secret`, made once however many processes ask at the same time."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = home / "secret"
    if not target.exists():
        fresh = home / f".secret-{secrets.token_hex(8)}"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
        with suppress(FileExistsError):  # another process was first: its secret is the one
            os.link(fresh, target)
        fresh.unlink()
    return target.read_text().strip()
