"""The signed parts of addresses: whose they are, for how long, and the secret behind them."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from dailies.errors import DailiesError
from dailies.signing import CLIP_WINDOW, HOSTED_FOR, Signer

START = 1_800_000_000.0


class Hands:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> float:
        return self.at

    def advance(self, by: timedelta) -> None:
        self.at += by.total_seconds()


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture
def signer(tmp_path, hands):
    return Signer(tmp_path / "home", hands)


def test_only_this_installation_signs(tmp_path, signer, hands):
    token = signer.clip("clip.mp4")
    assert signer.clip_of(token) == "clip.mp4"
    assert Signer(tmp_path / "home", hands).clip_of(token) == "clip.mp4"
    stranger = Signer(tmp_path / "other", hands).clip("clip.mp4")
    for bad in (stranger, token[:-1], "", "clip.mp4", "ü"):
        with pytest.raises(DailiesError, match="not made by this installation"):
            signer.clip_of(bad)


def test_an_address_is_of_one_kind_and_one_viewer(signer):
    token = signer.clip("clip.mp4", "ann")
    assert signer.clip_of(token, "ann") == "clip.mp4"
    for viewer in ("", "bob", "an"):
        with pytest.raises(DailiesError):
            signer.clip_of(token, viewer)
    with pytest.raises(DailiesError):
        signer.reference_of(signer.clip("0" * 64))
    with pytest.raises(DailiesError):
        signer.clip_of(signer.reference("0" * 64))


def test_a_clips_address_stays_for_a_window_and_expires_after_the_next(signer, hands):
    window = CLIP_WINDOW.total_seconds()
    hands.at = START - START % window  # the very beginning of a window
    token = signer.clip("clip.mp4")
    hands.at += window - 1
    assert signer.clip("clip.mp4") == token
    hands.at += 1
    renewed = signer.clip("clip.mp4")
    assert renewed != token
    hands.at += window - 1
    assert signer.clip_of(token) == signer.clip_of(renewed) == "clip.mp4"
    hands.at += 1
    assert signer.clip_of(renewed) == "clip.mp4"
    with pytest.raises(DailiesError, match="too old"):
        signer.clip_of(token)


def test_a_references_address_expires(signer, hands):
    token = signer.reference("digest")
    hands.advance(HOSTED_FOR - timedelta(seconds=1))
    assert signer.reference_of(token) == "digest"
    hands.advance(timedelta(seconds=1))
    with pytest.raises(DailiesError, match="too old"):
        signer.reference_of(token)


def test_the_secret_is_private_and_made_once(tmp_path, hands):
    home = tmp_path / "home"
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda _: Signer(home, hands).clip("a"), range(8)))
    assert len(set(tokens)) == 1
    assert [path.name for path in home.iterdir()] == ["secret"]
    assert stat.S_IMODE((home / "secret").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


@pytest.mark.parametrize("secret", ["", "\n", "hunter2", "x" * 31])
def test_a_short_secret_is_refused_without_repeating_it(tmp_path, secret):
    (tmp_path / "secret").write_text(secret)
    with pytest.raises(DailiesError, match=r"at least 32\. Delete the file") as caught:
        Signer(tmp_path).clip("clip.mp4")
    assert "hunter2" not in str(caught.value)
    assert (tmp_path / "secret").read_text() == secret


def test_nothing_shows_the_secret(tmp_path):
    signer = Signer(tmp_path)
    made = signer.clip("a"), signer.reference("a"), signer.sign_browser("a"), signer.handle("ann", "team")
    secret = (tmp_path / "secret").read_text()
    assert secret not in f"{signer!r}{signer}{made}"
