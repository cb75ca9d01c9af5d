"""Where dailies keeps its things, which gateways it talks to, the keys for them, and what may be spent at once.

Owns the environment variables, the form of a base URL, the keys (in memory only, never on disk) and the secret that
signs the addresses of clips. Does not own a connection: that is `client`.
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer
from platformdirs import user_data_dir

from dailies.domain import WATCH_LIMIT
from dailies.errors import DailiesError

SANDBOX = "sandbox"
"""The name of the embedded gateway, and its key, which is no secret."""


HOSTED_FOR = timedelta(hours=72)
"""How long a hosted reference can be fetched: an off-peak task may wait 48 h before it is looked at."""


@dataclass(frozen=True, slots=True)
class Spending:
    """The operator's limits for what one press may send. Costs hold for each currency by itself; None: no limit."""

    prices: Path | None = None  # the price file, see dailies.prices
    confirm_cost: Decimal | None = None
    max_cost: Decimal | None = None
    max_runs: int = 100


@dataclass(frozen=True, slots=True)
class Gateway:
    """A service we call. `name` is what a run keeps: the normalised base URL, or `sandbox`.

    `base_url` is where it listens: for the sandbox the address of the moment, "" while it is not running.
    """

    name: str
    base_url: str

    @property
    def title(self) -> str:
        """The gateway in a few letters, for people."""
        return "sandbox (built in)" if self.name == SANDBOX else urlsplit(self.base_url).netloc


def normalise(url: str) -> str:
    """A base URL without trailing slash, `/v1`, query or fragment. Raises `DailiesError` for anything but http(s)."""
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise DailiesError(f"{url!r} is no base URL ({error}). Write it like https://gateway.example.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise DailiesError(f"{url!r} is no base URL: it must start with http:// or https:// and name a host.")
    if parts.username or parts.password:
        raise DailiesError("A base URL holds no user name or password: enter the key in its own field.")
    path = parts.path.rstrip("/").removesuffix("/v1").rstrip("/")
    return urlunsplit((parts.scheme, parts.netloc.lower(), path, "", ""))


class Keyring:
    """The keys of this process, in memory. Thread-safe. Handles are random and say nothing about the key."""

    def __init__(self, settings: Settings | None = None) -> None:
        """The operator's key in `settings` is used where nobody has put another for the operator's gateway."""
        self._lock = threading.Lock()
        self._by_handle: dict[str, tuple[str, str]] = {}
        self._newest: dict[str, str] = {}
        self._own = settings.own_key() if settings else ("", "")

    def __repr__(self) -> str:
        return "Keyring(...)"

    def put(self, base_url: str, key: str) -> str:
        """Keep a key for one gateway and return its handle. Raises `DailiesError` for what cannot be a key."""
        base_url, key = normalise(base_url), clean_key(key)
        handle = secrets.token_urlsafe(16)
        with self._lock:
            self._by_handle[handle] = (base_url, key)
            self._newest[base_url] = handle
        return handle

    def forget(self, handle: str) -> None:
        """Drop a key; the one put last before it for the same gateway takes its place as the newest."""
        with self._lock:
            base_url, _ = self._by_handle.pop(handle, ("", ""))
            if base_url and self._newest.get(base_url) == handle:
                left = [other for other, (url, _) in self._by_handle.items() if url == base_url]
                self._newest.pop(base_url)
                if left:
                    self._newest[base_url] = left[-1]

    def get(self, handle: str, base_url: str) -> str | None:
        """The key for a call: the handle's own, else the newest for this gateway, else the operator's, else None.

        A key is only ever given for the gateway it was put for.
        """
        if base_url == SANDBOX:
            return SANDBOX
        with self._lock:
            found = self._by_handle.get(handle)
            if found is None or found[0] != base_url:
                found = self._by_handle.get(self._newest.get(base_url, ""))
        if found is not None:
            return found[1]
        return self._own[1] if self._own[1] and self._own[0] == base_url else None


def clean_key(key: str) -> str:
    """The key without surrounding space and `Bearer`. Raises `DailiesError`, without the key, for what is none."""
    key = key.strip().removeprefix("Bearer ").strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise DailiesError("This is no key: a key is one word of plain letters, digits and signs.")
    return key


class Settings:
    """What was set from outside, checked. Holds one thing that changes while running: the sandbox's address."""

    def __init__(
        self,
        home: Path,
        *,
        base_url: str = "",
        api_key: str = "",
        database_url: str = "",
        public_url: str = "",
        watch_limit: timedelta = WATCH_LIMIT,
        sandbox_url: str = "",
        spending: Spending = Spending(),
    ) -> None:
        self.home = home
        self.base_url = base_url
        self.database_url = database_url
        self.public_url = public_url
        self.watch_limit = watch_limit
        self.spending = spending
        self._api_key = api_key
        self.sandbox_url: str | None = sandbox_url or None
        self._signer: URLSafeSerializer | None = None

    def __repr__(self) -> str:
        return f"Settings(home={str(self.home)!r}, base_url={self.base_url!r})"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the `DAILIES_*` variables. Raises `DailiesError` that names variable, value and what to write."""

        def said(name: str) -> str:
            return environ.get(name, "").strip()

        base_url = _address("DAILIES_BASE_URL", said("DAILIES_BASE_URL"))
        return cls(
            Path(said("DAILIES_HOME") or user_data_dir("dailies", appauthor=False)).expanduser().absolute(),
            base_url=base_url,
            api_key=_api_key(said("DAILIES_API_KEY"), base_url),
            database_url=said("DAILIES_DATABASE_URL"),
            public_url=_address("DAILIES_PUBLIC_URL", said("DAILIES_PUBLIC_URL")),
            watch_limit=_watch_limit(said("DAILIES_WATCH_LIMIT")),
            sandbox_url=_address("DAILIES_SANDBOX_URL", said("DAILIES_SANDBOX_URL")),
            spending=_spending(said),
        )

    def use_sandbox(self, url: str) -> None:
        """Say where the embedded gateway listens now; its port changes with every start."""
        self.sandbox_url = normalise(url)

    def resolve(self, gateway: str) -> str | None:
        """The base URL of a run's `gateway`: a normalised base URL, or `sandbox`; None while that is not running."""
        return self.sandbox_url if gateway == SANDBOX else normalise(gateway)

    def gateway(self) -> Gateway:
        """The gateway to begin with: the operator's own where one is set, else the sandbox."""
        return Gateway(self.base_url, self.base_url) if self.base_url else Gateway(SANDBOX, self.sandbox_url or "")

    def own_key(self) -> tuple[str, str]:
        """(base URL, key) as the operator set them; empty where not. For the keyring alone."""
        return self.base_url, self._api_key

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
        return URLSafeTimedSerializer(_secret(self.home), salt="reference")

    def _serializer(self) -> URLSafeSerializer:
        if self._signer is None:
            self._signer = URLSafeSerializer(_secret(self.home), salt="clip")
        return self._signer


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


def _checked(name: str, value: str, check: Callable[[str], str]) -> str:
    try:
        return check(value)
    except DailiesError as error:
        raise DailiesError(f"{name}={value!r}: {error}") from None


def _address(name: str, value: str) -> str:
    return _checked(name, value, normalise) if value else ""


def _api_key(value: str, base_url: str) -> str:
    if not value:
        return ""
    if not base_url:
        raise DailiesError("DAILIES_API_KEY is set and DAILIES_BASE_URL is not: say which gateway the key is for.")
    try:
        return clean_key(value)
    except DailiesError as error:
        raise DailiesError(f"DAILIES_API_KEY (value not shown): {error}") from None


def _watch_limit(value: str) -> timedelta:
    if not value:
        return WATCH_LIMIT
    if not value.isascii() or not value.isdecimal() or not 1 <= int(value) <= 7 * 24 * 3600:
        raise DailiesError(f"DAILIES_WATCH_LIMIT={value!r}: write whole seconds, from 1 to 604800 (7 days).")
    return timedelta(seconds=int(value))


def _spending(said: Callable[[str], str]) -> Spending:
    prices = said("DAILIES_PRICES")
    costs: dict[str, Decimal | None] = {}
    for name in ("DAILIES_CONFIRM_COST", "DAILIES_MAX_COST"):
        costs[name] = _amount(name, said(name))
        if costs[name] is not None and not prices:
            raise DailiesError(f"{name} is set and DAILIES_PRICES is not: name the file that says what a clip costs.")
    runs = said("DAILIES_MAX_RUNS")
    if runs and (not runs.isascii() or not runs.isdecimal() or not int(runs)):
        raise DailiesError(f"DAILIES_MAX_RUNS={runs!r}: write a whole number, 1 or more.")
    return Spending(
        Path(prices).expanduser().absolute() if prices else None,
        costs["DAILIES_CONFIRM_COST"],
        costs["DAILIES_MAX_COST"],
        int(runs) if runs else Spending().max_runs,
    )


def _amount(name: str, value: str) -> Decimal | None:
    if not value:
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise DailiesError(f"{name}={value!r}: write a plain number, such as 20 or 7.50.")
    return amount
