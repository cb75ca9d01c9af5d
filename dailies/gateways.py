"""The gateways that runs can go to: the embedded sandbox, the operator's by name, and addresses people type.

Owns the form of a base URL and the operator's file of gateways. Holds no connection: that is `gateway.client`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit, urlunsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dailies.errors import DailiesError
from dailies.keyring import clean_key

SANDBOX = "sandbox"
"""The name of the embedded gateway, and its key, which is no secret."""


MOST_AT_ONCE = 1000
"""The largest bound that an operator may set for runs in flight."""


@dataclass(frozen=True, slots=True)
class Concurrency:
    """How many runs may be in flight at a gateway: `total`, None for any number, and of single `models` by their id."""

    total: int | None = 8
    models: Mapping[str, int] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Gateway:
    """A service we call. `name` is what a run keeps: `sandbox`, a name from the operator's file, or a base URL.

    `base_url` is where it listens: for the sandbox the address of the moment, "" while it is not running. `users` are
    the e-mail addresses that may choose it, None for everybody; `concurrency` bounds the runs in flight.
    """

    name: str
    base_url: str
    label: str = ""
    users: frozenset[str] | None = None
    concurrency: Concurrency = Concurrency()
    prices: Path | None = None

    @property
    def title(self) -> str:
        """The gateway in a few letters, for people."""
        if self.name == SANDBOX:
            return "Sandbox (built in)"
        return self.label or urlsplit(self.base_url).netloc

    def open_to(self, user: str) -> bool:
        """Whether a person, known by e-mail, may choose it."""
        return self.users is None or user.casefold() in self.users


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


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1)
    base_url: str
    key_env: str = ""
    users: list[str] | None = None
    concurrency: int = Field(default=8, ge=1, le=MOST_AT_ONCE)
    models: dict[str, Annotated[int, Field(ge=1, le=MOST_AT_ONCE)]] = Field(default_factory=dict)
    prices: Path | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    gateways: dict[str, _Entry] = Field(min_length=1)


def read_gateways(path: Path, environ: Mapping[str, str]) -> tuple[dict[str, Gateway], dict[str, str]]:
    """Read the operator's file: ({name: gateway}, {name: key}), keys taken from the variables that it names.

    A price file is looked for beside the file. Raises `DailiesError` that names the file, the entry and what to write.
    """
    try:
        read = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DailiesError(f"The gateways file {path} cannot be read: {error}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DailiesError(f"{path}, {where}: {first['msg']}.") from None
    gateways: dict[str, Gateway] = {}
    keys: dict[str, str] = {}
    for name, entry in read.gateways.items():
        where = f"{path}, gateways.{name}"
        if name == SANDBOX or not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", name):
            raise DailiesError(f"{where}: name it with small letters, digits, - and _, other than {SANDBOX!r}.")
        try:
            base_url = normalise(entry.base_url)
            if entry.key_env:
                keys[name] = clean_key(environ.get(entry.key_env, ""))
        except DailiesError as error:
            key = f" (the key in {entry.key_env}, value not shown)" if entry.key_env else ""
            raise DailiesError(f"{where}{key}: {error}") from None
        users = None if entry.users is None else frozenset(user.casefold() for user in entry.users)
        concurrency = Concurrency(entry.concurrency, entry.models)
        prices = path.parent / entry.prices if entry.prices else None
        gateways[name] = Gateway(name, base_url, entry.title, users, concurrency, prices)
    return gateways, keys
