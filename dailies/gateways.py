"""The gateways that runs can go to: the embedded sandbox, the operator's by name, and addresses people type.

Owns the form of a base URL. `gateway_file` reads the operator's file, `gateway.client` holds the connections.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from dailies.errors import DailiesError

SANDBOX = "sandbox"
SANDBOX_CHAT = "sandbox-writer"
"""The id under which the sandbox's chat model is offered; it answers to any."""

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


_VERSION = re.compile(r"v1(alpha|beta)?\d*", re.IGNORECASE)
_OTHER_VERSION = re.compile(r"v\d+\w*", re.IGNORECASE)
_ROUTES = frozenset({"videos", "video", "models", "chat", "completions", "images", "responses", "audio", "files"})
"""How the routes below a version begin, as people copy them."""

_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"(?=.{0,252}[a-z0-9])(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_STEP = re.compile(r"(?!\.{1,2}$)[\w.~%+-]+")
_BEFORE = re.compile(r"^[\s\"'`<(“‘«]+")
_AFTER = re.compile(r"(?:%20|%09|%0[ad]|[\s\"'`>)”’».,;:!?。、])+$", re.IGNORECASE)
_HOST = r"((?:[\w-]{1,63}\.)+(?:[^\W\d_]{2,24}|\d{1,3})|localhost|\[[\da-f:.]{2,45}\])(:\d{1,5})?(?![\w.:@-])"
_WITH_SCHEME = re.compile(rf"(https?)://(?:[^\s/@]*@)?{_HOST}", re.IGNORECASE)
_BARE = re.compile(rf"()(?:^|(?<=[\s/\\=:\"'(])){_HOST}", re.IGNORECASE)


def normalise(url: str) -> str:
    """Clean a base URL: what stands before `/v1`, without a trailing slash, a route, a query or a fragment.

    What people copy along goes as well: quotes, the end of a sentence, invisible letters, the usual port. Raises
    `DailiesError`, which shows the right form, for anything else. It never repeats the text: keys are pasted into this
    field too.
    """
    text = _tidy(url)
    try:
        parts = urlsplit(text)
        host, port = _read_host(parts.hostname or ""), parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if "@" in parts.netloc:
        what = "A base URL holds no user name, password or key. Enter the key in its own field."
        raise DailiesError(f"{what} Write it like {_suggest(text)}.")
    steps = [step for step in parts.path.split("/") if step]
    if parts.scheme not in _PORTS or not host or port == 0 or re.search(r"\s", text):
        raise DailiesError(f"This is not a base URL. Write it like {_suggest(text)}.")
    netloc = host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"
    start = f"{parts.scheme}://{netloc}"
    if host in _PORTS or not all(_STEP.fullmatch(step) for step in steps):
        raise DailiesError(f"This is not a base URL. Write it like {_suggest(text) if host in _PORTS else start}.")
    at = next((number for number, step in enumerate(steps) if _VERSION.fullmatch(step)), len(steps))
    prefix, route = steps[:at], steps[at + 1 :]
    own = "".join(f"/{step}" for step in prefix)
    if route and route[0].lower() not in _ROUTES:
        raise DailiesError(f"A base URL ends before /v1, and this one goes on after it. Write it like {start}{own}.")
    unknown = next((number for number, step in enumerate(prefix) if _is_route(step)), None)
    if unknown is not None:
        form = start + "".join(f"/{step}" for step in prefix[:unknown])
        raise DailiesError(f"A base URL ends before /v1, and this one holds /{prefix[unknown]}. Write it like {form}.")
    return f"{start}{own}"


def _tidy(text: str) -> str:
    """Return an address without what is copied along with it; wide letters and signs become their usual forms."""
    seen = "".join(each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf")
    return _AFTER.sub("", _BEFORE.sub("", seen))


def _read_host(host: str) -> str:
    """Return a host as it stands in an address, other scripts in Punycode. Raises `ValueError` for what names none."""
    if ":" in host:
        return f"[{host}]"
    host = host.rstrip(".")
    if not host.isascii():
        import idna  # for the few hosts that need it

        host = idna.encode(host, uts46=True).decode()
    if not _NAME.fullmatch(host):
        raise ValueError("no host")
    return host


def _is_route(step: str) -> bool:
    """Whether a step of a path belongs to a route or to another version, and not to the prefix of a gateway."""
    return step.lower() in _ROUTES or bool(_OTHER_VERSION.fullmatch(step))


def _suggest(text: str) -> str:
    """Return the address that a text may have meant, if it names a host, else an example."""
    found = _WITH_SCHEME.search(text) or _BARE.search(text)
    if found is None:
        return "https://gateway.example"
    scheme, host, port = found[1].lower(), found[2].lower(), found[3] or ""
    # Addresses in digits and this machine rarely have a certificate.
    near = host == "localhost" or host[-1].isdigit() or host[0] == "["
    usable = port if 0 < int(port[1:] or 0) < 65536 else ""
    return f"{scheme or ('http' if near else 'https')}://{host}{usable}"
