"""Who a person is: an owner of runs, comparisons and assets; and what is remembered for a browser. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who uses the app. `id` owns what they make; "" is everybody, where nobody signs in.

    `email` is "" where the provider gives none, or says that it is not verified: it decides what is shared with whom.
    """

    id: str = ""
    email: str = ""
    name: str = ""
    operator: bool = False  # may see what everybody spends
    sees_prompts: bool = False  # may see what everybody asks for

    @property
    def title(self) -> str:
        """The person for people."""
        return self.name or self.email or "Somebody without a name"


NOBODY_SIGNS_IN = Person()


def read_person(claims: Mapping[str, object]) -> Person | None:
    """Return the person of an identity token's claims; None if they name nobody.

    The id is made of issuer and subject, which OpenID Connect promises to keep: addresses and names change hands.
    """
    issuer, subject = _text(claims, "iss"), _text(claims, "sub")
    if not issuer or not subject:
        return None
    email = _text(claims, "email").casefold() if claims.get("email_verified") is not False else ""
    owner = hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()[:32]
    return Person(owner, email, _text(claims, "name") or _text(claims, "preferred_username"))


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    return value.strip()[:200] if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Browser:
    """What is remembered for a browser, or for a person who signed in: the gateway in use.

    `gateway` is a name as in `Run.gateway`; `keyed`: the person entered a key of their own for it; `chat`: the id of
    its model that rewrites prompts, "" for none.
    """

    id: str
    gateway: str
    keyed: bool = False
    chat: str = ""
