"""Who asks: the person behind a request or WebSocket, as the gate has found them."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.types import Scope

from dailies.people import NOBODY_SIGNS_IN, Person

_KEY = "dailies.person"


def set_person(scope: Scope, person: Person) -> None:
    """Note on a request whose it is."""
    scope[_KEY] = person


def person_of(connection: HTTPConnection) -> Person:
    """Return the person who asks. Where the gate has noted nobody, nobody signs in."""
    found: Person = connection.scope.get(_KEY, NOBODY_SIGNS_IN)
    return found
