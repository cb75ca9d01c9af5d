from __future__ import annotations

import pytest

from dailies.sealing import Sealer

KEY = "sk-a-key-nobody-may-see-0123456789"


def test_only_the_same_secret_opens_and_only_for_what_was_sealed():
    sealer = Sealer(bytes(32))
    sealed = sealer.seal("ann", "https://gateway.test", KEY)
    assert KEY not in sealed
    assert sealer.open("ann", "https://gateway.test", sealed) == KEY
    assert sealer.open("bob", "https://gateway.test", sealed) is None
    assert sealer.open("ann", "https://other.test", sealed) is None
    assert Sealer(bytes([1] * 32)).open("ann", "https://gateway.test", sealed) is None


@pytest.mark.parametrize("junk", ["", "junk", "ü", "gAAAAA=="])
def test_what_nobody_sealed_opens_to_nothing(junk):
    assert Sealer(bytes(32)).open("ann", "https://gateway.test", junk) is None
