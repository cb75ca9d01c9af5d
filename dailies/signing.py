"""What only this installation can have made: signed addresses, browsers' cookies, and handles of keys.

Owns the secret in `<home>/secret`, what an address binds, and how long it is valid. Serves nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from itsdangerous import BadSignature, URLSafeSerializer

from dailies.errors import DailiesError
from dailies.home import explain, open_home

COOKIE = "dailies_browser"
"""The cookie whose signed value names a browser."""

CLIP_WINDOW = timedelta(hours=24)
"""The address of a clip stays the same for one window and is valid until the end of the next: one to two days."""

HOSTED_FOR = timedelta(hours=72)
"""How long a hosted reference can be fetched: an off-peak task may wait 48 h before it is looked at."""

SHORTEST_SECRET = 32
"""Characters. A shorter secret was typed by somebody or broke off while it was written."""


class Signer:
    """Signs with the secret of a home, which is read or made at the first use.

    Whatever signs or reads raises `DailiesError` for a secret that is too short to be one.
    """

    def __init__(self, home: Path, clock: Callable[[], float] = time.time, *, secret: str = "") -> None:
        """`clock` gives seconds since 1970. `secret`: what several homes share, in place of the home's own."""
        self._home = home
        self._shared = secret
        self._clock = clock

    @cached_property
    def _secret(self) -> str:
        return self._shared or read_secret(self._home)

    def clip(self, file: str, viewer: str = "") -> str:
        """A token for the address of a clip or poster, for one viewer.

        It is the same for a whole `CLIP_WINDOW`: a page that is drawn again does not load its clips again.
        """
        window = int(CLIP_WINDOW.total_seconds())
        return self._sign(f"clip:{viewer}", file, (int(self._clock()) // window + 2) * window)

    def clip_of(self, token: str, viewer: str = "") -> str:
        """The file in a token of `clip`. Raises `DailiesError` for a forged or old one, or another viewer's."""
        return self._read(f"clip:{viewer}", token)

    def reference(self, digest: str) -> str:
        """A token for a reference that the gateway has to fetch. It is the gateway's, so it binds no viewer."""
        return self._sign("reference", digest, int(self._clock() + HOSTED_FOR.total_seconds()))

    def reference_of(self, token: str) -> str:
        """The digest in a token of `reference`. Raises `DailiesError` for a forged one, or after `HOSTED_FOR`."""
        return self._read("reference", token)

    def sign_callback(self, run: str) -> str:
        """What makes the address at which a gateway tells of a run unguessable; the same at any time."""
        return self.derive(f"callback {run}").hex()

    def is_callback(self, run: str, signature: str) -> bool:
        """Whether a signature is that of a run."""
        return hmac.compare_digest(self.sign_callback(run).encode(), signature.encode())

    def sign_browser(self, browser: str) -> str:
        """The value of the cookie that names a browser."""
        return self._dump("browser", browser)

    def read_browser(self, token: str) -> str | None:
        """The browser that a cookie names; None where this installation did not make it."""
        try:
            return str(URLSafeSerializer(self._secret, salt="browser").loads(token))
        except BadSignature:
            return None

    def handle(self, person: str, gateway: str) -> str:
        """The handle of a person's key for a gateway: the same after a restart, and saying nothing of either."""
        words = f"{person}\n{gateway}".encode()
        return hmac.new(self._secret.encode(), words, hashlib.sha256).hexdigest()

    def check(self) -> None:
        """Read the secret now: a start says at once what is wrong with it."""
        self.derive("check")

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose, which tells nothing of the secret."""
        return hmac.new(self._secret.encode(), f"derive {purpose}".encode(), hashlib.sha256).digest()

    def _sign(self, purpose: str, name: str, until: int) -> str:
        return self._dump(purpose, [name, until])

    def _dump(self, purpose: str, value: str | list[str | int]) -> str:
        token = URLSafeSerializer(self._secret, salt=purpose).dumps(value)
        return token if isinstance(token, str) else token.decode()

    def _read(self, purpose: str, token: str) -> str:
        try:
            name, until = URLSafeSerializer(self._secret, salt=purpose).loads(token)
        except (BadSignature, TypeError, ValueError):
            raise DailiesError("This address was not made by this installation for you.") from None
        if self._clock() >= until:
            raise DailiesError("This address is too old. Reload the page that showed it.")
        return str(name)


def read_secret(home: Path) -> str:
    """The signing secret in `<home>/secret`, made once however many processes ask at the same time.

    Raises `DailiesError` for a home that cannot be used, or a secret that cannot be read or is too short to be one.
    """
    open_home(home)
    target = home / "secret"
    try:
        if not target.exists():
            _write_secret(target)
        secret = target.read_text(encoding="ascii").strip()
    except OSError as error:
        raise DailiesError(explain(error, target, "The signing secret")) from error
    except UnicodeDecodeError:
        secret = ""  # whatever it is, nobody made it here
    if len(secret) < SHORTEST_SECRET:
        raise DailiesError(
            f"The signing secret in {target} has {len(secret)} usable characters; it needs at least {SHORTEST_SECRET}. "
            "Delete the file: the next start makes a new one, and pages that are open have to be reloaded."
        )
    return secret


def _write_secret(target: Path) -> None:
    fresh = target.with_name(f".secret-{secrets.token_hex(8)}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
        with suppress(FileExistsError):  # another process was first: its secret is the one
            os.link(fresh, target)
    finally:
        fresh.unlink(missing_ok=True)
