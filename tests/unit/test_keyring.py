"""Whose key pays: a person's own for that person, the operator's for those who entered none, and no other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dailies.errors import DailiesError
from dailies.keyring import Keyring

TEAM, OTHER = "team", "https://other.test"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_key_comes_back_for_its_handle_and_gateway_alone():
    ring = Keyring()
    ring.put("ann", TEAM, "sk-ann")
    ring.put("bob", TEAM, " Bearer sk-bob ")
    ring.put("bob at the other", OTHER, "sk-other")
    assert (ring.get("ann", TEAM), ring.get("bob", TEAM)) == ("sk-ann", "sk-bob")
    assert ring.get("ann", OTHER) is None
    assert ring.get("", TEAM) is None
    assert ring.get("unknown", TEAM) is None


def test_the_operators_key_pays_for_those_who_entered_none():
    ring = Keyring({TEAM: "sk-operator"})
    ring.put("ann", TEAM, "sk-ann")
    assert ring.get("", TEAM) == "sk-operator"
    assert ring.get("ann", TEAM) == "sk-ann"
    assert ring.get("", OTHER) is None


def test_a_key_that_is_gone_falls_back_to_nobodys():
    ring = Keyring({TEAM: "sk-operator"})
    ring.put("ann", TEAM, "sk-ann")
    ring.forget("ann")
    ring.forget("never there")
    assert ring.get("ann", TEAM) is None


def test_an_unused_key_is_forgotten_after_its_time():
    clock = Clock()
    ring = Keyring({TEAM: "sk-operator"}, kept_for=timedelta(hours=1), clock=clock)
    ring.put("ann", TEAM, "sk-ann")
    for hour in (0.9, 1.8):  # every use counts anew
        clock.now = hour * 3600
        assert ring.get("ann", TEAM) == "sk-ann"
    clock.now = 2.9 * 3600
    assert ring.get("ann", TEAM) is None
    clock.now = 1.9 * 3600
    assert ring.get("ann", TEAM) is None, "it is dropped, not hidden"
    assert ring.get("", TEAM) == "sk-operator"


@pytest.mark.parametrize("bad", ["", "  ", "two words", "sk-ü", "a\nb", "a\x00b"])
def test_what_is_no_key(bad):
    with pytest.raises(DailiesError, match="no key"):
        Keyring().put("ann", TEAM, bad)


def test_nothing_shows_a_key():
    ring = Keyring({TEAM: "sk-operator-secret"})
    ring.put("ann", TEAM, "sk-very-secret")
    assert "secret" not in f"{ring!r}{ring}{list(vars(ring)['_entered'].values())!r}"
