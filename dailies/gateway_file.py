"""The operator's file of gateways, `DAILIES_GATEWAYS`: its form, and the keys that it names."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dailies.errors import DailiesError
from dailies.gateways import MOST_AT_ONCE, SANDBOX, Concurrency, Gateway, normalise
from dailies.keyring import clean_key


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
        fault = (error.strerror if isinstance(error, OSError) else str(error)) or type(error).__name__
        raise DailiesError(
            f"The gateways file {path} cannot be read: {fault}. Correct it, or DAILIES_GATEWAYS."
        ) from None
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
        if entry.key_env and not environ.get(entry.key_env):
            raise DailiesError(
                f"{where}: the environment variable {entry.key_env} is not set. Set it to the key, or leave key_env "
                f"out: then people enter their own keys."
            )
        try:
            base_url = normalise(entry.base_url)
            if entry.key_env:
                keys[name] = clean_key(environ[entry.key_env])
        except DailiesError as error:
            key = f" (the key in {entry.key_env}, value not shown)" if entry.key_env else ""
            raise DailiesError(f"{where}{key}: {error}") from None
        users = None if entry.users is None else frozenset(user.casefold() for user in entry.users)
        concurrency = Concurrency(entry.concurrency, entry.models)
        prices = path.parent / entry.prices if entry.prices else None
        gateways[name] = Gateway(name, base_url, entry.title, users, concurrency, prices)
    return gateways, keys
