"""What the operator sets from outside, checked: the environment variables, and what follows from them.

Keys that stand in the environment go from here to the keyring alone.
"""

from __future__ import annotations

import os
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from urllib.parse import urlsplit

from platformdirs import user_data_dir

from dailies.access import Access, is_loopback, read_access
from dailies.domain import WATCH_LIMIT
from dailies.errors import DailiesError
from dailies.gateways import MOST_AT_ONCE, SANDBOX, Concurrency, Gateway, normalise
from dailies.keyring import KEPT_FOR, clean_key
from dailies.logs import read_level
from dailies.signing import SHORTEST_SECRET, Signer

SHORTEST_TOKEN = 16
"""Characters of the token for the metrics, and of the secret of the webhook, at least."""

_STANDARD = "whsec_"  # before a secret in base64, as Standard Webhooks writes it


@dataclass(frozen=True, slots=True)
class Spending:
    """The operator's limits for what one press may send. Costs hold for each currency by itself; None: no limit."""

    prices: Path | None = None  # the price file, see dailies.prices
    confirm_cost: Decimal | None = None
    max_cost: Decimal | None = None
    max_runs: int = 100
    budget_day: Decimal | None = None  # for each person, and each currency by itself; days and months are in UTC
    budget_month: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Retention:
    """The operator's rule for old clips. `days` that they stay, `quota` in bytes for each person; None: no limit."""

    days: int | None = None
    quota: int | None = None

    def __bool__(self) -> bool:
        return bool(self.days or self.quota)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where the operator is told of runs that end. `key` signs what is told; `prompts`: it holds the prompt too."""

    url: str
    key: bytes = field(default=b"", repr=False)
    prompts: bool = False


class Settings:
    """What was set from outside. Holds one thing that changes while running: the sandbox's address."""

    def __init__(
        self,
        home: Path,
        *,
        base_url: str = "",
        api_key: str = "",
        gateways: Mapping[str, Gateway] | None = None,
        keys: Mapping[str, str] | None = None,
        own_addresses: bool = True,
        kept_for: timedelta = KEPT_FOR,
        database_url: str = "",
        public_url: str = "",
        callbacks: bool = True,
        watch_limit: timedelta = WATCH_LIMIT,
        sandbox_url: str = "",
        spending: Spending = Spending(),
        retention: Retention = Retention(),
        access: Access = Access(),
        concurrency: Concurrency = Concurrency(),
        log_level: str = "warning",
        metrics_token: str = "",
        secret: str = "",
        media_url: str = "",
        webhook: Webhook | None = None,
        works: bool = True,
        serves: bool = True,
    ) -> None:
        """`own_addresses`: people may type a gateway's address. `kept_for`: how long an unused key is kept.

        `callbacks`: with a `public_url`, gateways are asked to tell when a task has ended.

        `concurrency` bounds the runs in flight at each gateway that no gateways file describes. Whoever shows the
        `metrics_token` may read the metrics. `secret` is the one that all processes of an installation share.
        `works`: this process attends to runs. `serves`: it draws pages; one that does not is `dailies worker`.
        """
        self.home = home
        self.database_url = database_url
        self.public_url = public_url
        self._callbacks = callbacks
        self.watch_limit = watch_limit
        self.spending = spending
        self.retention = retention
        self._concurrency = concurrency
        self.access = access
        self.own_addresses = own_addresses
        self.log_level = log_level
        self.metrics_token = metrics_token
        self.kept_for = kept_for
        self.sandbox_url: str | None = sandbox_url or None
        self.media_url = media_url
        self.webhook = webhook
        self.works, self.serves = works, serves
        self.signer = Signer(home, secret=secret)
        self.gateways: dict[str, Gateway] = {}
        if base_url:
            self.gateways[base_url] = Gateway(base_url, base_url, concurrency=concurrency)
        self.gateways |= gateways or {}
        self._keys = {base_url: api_key} if api_key else {}
        self._keys |= keys or {}

    def __repr__(self) -> str:
        return f"Settings(home={str(self.home)!r}, gateways={list(self.gateways)!r})"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the `DAILIES_*` variables. Raises `DailiesError` that names variable, value and what to write."""

        def said(name: str) -> str:
            return environ.get(name, "").strip()

        base_url = _address("DAILIES_BASE_URL", said("DAILIES_BASE_URL"))
        file = said("DAILIES_GATEWAYS")
        gateways, keys = _read_gateways(Path(file).expanduser().absolute(), environ) if file else ({}, {})
        return cls(
            Path(said("DAILIES_HOME") or user_data_dir("dailies", appauthor=False)).expanduser().absolute(),
            base_url=base_url,
            api_key=_api_key(said("DAILIES_API_KEY"), base_url),
            gateways=gateways,
            keys=keys,
            own_addresses=_switch("DAILIES_OWN_GATEWAYS", said("DAILIES_OWN_GATEWAYS"), True),
            kept_for=_hours("DAILIES_KEY_HOURS", said("DAILIES_KEY_HOURS")),
            database_url=said("DAILIES_DATABASE_URL"),
            public_url=_address("DAILIES_PUBLIC_URL", said("DAILIES_PUBLIC_URL")),
            callbacks=_switch("DAILIES_CALLBACKS", said("DAILIES_CALLBACKS"), True),
            watch_limit=_watch_limit(said("DAILIES_WATCH_LIMIT")),
            sandbox_url=_address("DAILIES_SANDBOX_URL", said("DAILIES_SANDBOX_URL")),
            spending=_spending(said),
            retention=Retention(
                _whole("DAILIES_KEEP_DAYS", said("DAILIES_KEEP_DAYS"), "days"),
                1_000_000_000 * (_whole("DAILIES_QUOTA_GB", said("DAILIES_QUOTA_GB"), "gigabytes") or 0) or None,
            ),
            access=read_access(said),
            concurrency=_concurrency(said("DAILIES_CONCURRENCY")),
            log_level=read_level("DAILIES_LOG_LEVEL", said("DAILIES_LOG_LEVEL")),
            metrics_token=_metrics_token(said("DAILIES_METRICS_TOKEN")),
            media_url=said("DAILIES_MEDIA_URL"),
            webhook=_webhook(said),
            secret=_secret(said("DAILIES_SECRET")),
            works=_switch("DAILIES_WORKER", said("DAILIES_WORKER"), True),
        )

    def use_sandbox(self, url: str) -> None:
        """Say where the embedded gateway listens now; its port changes with every start."""
        self.sandbox_url = normalise(url)

    def first_gateway(self, user: str = "") -> Gateway:
        """The gateway that a person begins with: the operator's first that they may use, else the sandbox."""
        own = next((each for each in self.gateways.values() if each.open_to(user)), None)
        return own or Gateway(SANDBOX, self.sandbox_url or "")

    def gateway(self, name: str, user: str = "") -> Gateway | None:
        """The gateway of this name. None where it is no longer set up, or not for this person (an e-mail address)."""
        if name == SANDBOX:
            return Gateway(SANDBOX, self.sandbox_url or "")
        known = self.gateways.get(name)
        if known is not None:
            return known if known.open_to(user) else None
        return Gateway(name, name) if self.own_addresses and name.startswith(("http://", "https://")) else None

    def resolve(self, gateway: str) -> str | None:
        """The base URL that a run's `gateway` stands for now; None where it is not running or no longer set up."""
        if gateway == SANDBOX:
            return self.sandbox_url
        if gateway in self.gateways:
            return self.gateways[gateway].base_url
        try:
            return normalise(gateway)
        except DailiesError:
            return None

    def is_callable(self, gateway: str) -> bool:
        """Whether a gateway can tell this installation of a task. The sandbox calls nobody but this machine."""
        near = is_loopback(urlsplit(self.public_url).hostname or "")
        return self._callbacks and bool(self.public_url) and (gateway != SANDBOX or near)

    def callback_address(self, run: str) -> str:
        """The address at which a gateway tells of a run."""
        return f"{self.public_url}/callbacks/{run}/{self.signer.sign_callback(run)}"

    def concurrency(self, gateway: str) -> Concurrency:
        """How many runs may be in flight at a gateway."""
        return self.gateways[gateway].concurrency if gateway in self.gateways else self._concurrency

    def price_file(self, gateway: str) -> Path | None:
        """The file that says what clips cost at a gateway; None where there is none."""
        own = self.gateways[gateway].prices if gateway in self.gateways else None
        return own or self.spending.prices

    def operators_keys(self) -> dict[str, str]:
        """{name: key} of the gateways that the operator pays for, the sandbox included. For the keyring alone."""
        return {SANDBOX: SANDBOX} | self._keys


def _read_gateways(file: Path, environ: Mapping[str, str]) -> tuple[dict[str, Gateway], dict[str, str]]:
    from dailies.gateway_file import read_gateways  # with pydantic, which the server's first answer does not wait for

    return read_gateways(file, environ)


def _checked(name: str, value: str, check: Callable[[str], str]) -> str:
    try:
        return check(value)
    except DailiesError as error:
        # A key or a password that stands in the wrong variable is not printed.
        shown = " (value not shown)" if re.search(r"@|\s|sk-", value) else f"={value!r}"
        raise DailiesError(f"{name}{shown}: {error}") from None


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


def _metrics_token(value: str) -> str:
    if value and (len(value) < SHORTEST_TOKEN or not value.isascii() or not value.isprintable() or " " in value):
        what = f"write one word of {SHORTEST_TOKEN} plain letters, digits and signs or more."
        raise DailiesError(f"DAILIES_METRICS_TOKEN (value not shown): {what}")
    return value


def _webhook(said: Callable[[str], str]) -> Webhook | None:
    url, secret = said("DAILIES_WEBHOOK"), said("DAILIES_WEBHOOK_SECRET")
    prompts = _switch("DAILIES_WEBHOOK_PROMPTS", said("DAILIES_WEBHOOK_PROMPTS"), False)
    if not url:
        if secret:
            raise DailiesError("DAILIES_WEBHOOK_SECRET is set and DAILIES_WEBHOOK is not: say where to post.")
        return None
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or parts.username or parts.password or not url.isascii() or not url.isprintable() or " " in url:
        what = "write a web address without a user name, such as https://hooks.example/dailies."
        raise DailiesError(f"DAILIES_WEBHOOK (value not shown): {what}")
    try:
        standard = secret.startswith(_STANDARD)
        key = b64decode(secret.removeprefix(_STANDARD), validate=True) if standard else secret.encode()
    except ValueError:
        key = b"?"
    if secret and len(key) < SHORTEST_TOKEN:
        what = f"write {SHORTEST_TOKEN} random characters or more, or {_STANDARD} and base64."
        raise DailiesError(f"DAILIES_WEBHOOK_SECRET (value not shown): {what}")
    return Webhook(url, key, prompts)


def _secret(value: str) -> str:
    if value and len(value) < SHORTEST_SECRET:
        what = f"write {SHORTEST_SECRET} random characters or more, the same for every process of this installation."
        raise DailiesError(f"DAILIES_SECRET (value not shown): {what}")
    return value


def _watch_limit(value: str) -> timedelta:
    if not value:
        return WATCH_LIMIT
    if not value.isascii() or not value.isdecimal() or not 1 <= int(value) <= 7 * 24 * 3600:
        raise DailiesError(f"DAILIES_WATCH_LIMIT={value!r}: write whole seconds, from 1 to 604800 (7 days).")
    return timedelta(seconds=int(value))


def _whole(name: str, value: str, what: str) -> int | None:
    if value and (not value.isascii() or not value.isdecimal() or not 1 <= int(value) <= 100_000):
        raise DailiesError(f"{name}={value!r}: write a whole number of {what}, 1 or more, or leave it out.")
    return int(value) if value else None


def _concurrency(value: str) -> Concurrency:
    if not value:
        return Concurrency()
    if not value.isascii() or not value.isdecimal() or not 1 <= int(value) <= MOST_AT_ONCE:
        raise DailiesError(f"DAILIES_CONCURRENCY={value!r}: write a whole number from 1 to {MOST_AT_ONCE}.")
    return Concurrency(int(value))


_COSTS = ("DAILIES_CONFIRM_COST", "DAILIES_MAX_COST", "DAILIES_BUDGET_DAY", "DAILIES_BUDGET_MONTH")


def _spending(said: Callable[[str], str]) -> Spending:
    prices = said("DAILIES_PRICES")
    costs: dict[str, Decimal | None] = {}
    for name in _COSTS:
        costs[name] = _amount(name, said(name))
        if costs[name] is not None and not prices and not said("DAILIES_GATEWAYS"):
            raise DailiesError(f"{name} is set and DAILIES_PRICES is not: name the file that says what a clip costs.")
    runs = said("DAILIES_MAX_RUNS")
    if runs and (not runs.isascii() or not runs.isdecimal() or not int(runs)):
        raise DailiesError(f"DAILIES_MAX_RUNS={runs!r}: write a whole number, 1 or more.")
    return Spending(
        Path(prices).expanduser().absolute() if prices else None,
        costs["DAILIES_CONFIRM_COST"],
        costs["DAILIES_MAX_COST"],
        int(runs) if runs else Spending().max_runs,
        costs["DAILIES_BUDGET_DAY"],
        costs["DAILIES_BUDGET_MONTH"],
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


def _switch(name: str, value: str, default: bool) -> bool:
    if value.casefold() in ("", "0", "1", "no", "yes", "off", "on"):
        return value.casefold() in ("1", "yes", "on") if value else default
    raise DailiesError(f"{name}={value!r}: write 1 or 0.")


def _hours(name: str, value: str) -> timedelta:
    hours = _amount(name, value)
    if hours is None:
        return KEPT_FOR
    if not 0 < hours <= 24 * 365:
        raise DailiesError(f"{name}={value!r}: write a number of hours, such as 12.")
    return timedelta(hours=float(hours))
