"""What is set from outside, the keys, and the signatures."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from dailies.errors import DailiesError
from dailies.settings import Gateway, Keyring, Settings, Spending, normalise

URL = "https://gateway.test"


def test_nothing_set():
    settings = Settings.from_env({})
    assert settings.home.name == "dailies"
    assert (settings.base_url, settings.database_url, settings.public_url) == ("", "", "")
    assert settings.sandbox_url is None
    assert settings.watch_limit == timedelta(hours=1)
    assert settings.gateway() == Gateway("sandbox", "")
    assert settings.spending == Spending(prices=None, confirm_cost=None, max_cost=None, max_runs=100)


def test_everything_set(tmp_path):
    settings = Settings.from_env(
        {
            "DAILIES_HOME": str(tmp_path / "h"),
            "DAILIES_BASE_URL": " https://Gateway.test/v1/ ",
            "DAILIES_API_KEY": "sk-operator",
            "DAILIES_DATABASE_URL": "postgresql://u:pw@h/d",
            "DAILIES_PUBLIC_URL": "https://dailies.test/",
            "DAILIES_WATCH_LIMIT": "90",
            "DAILIES_SANDBOX_URL": "http://127.0.0.1:9",
            "DAILIES_PRICES": str(tmp_path / "prices.toml"),
            "DAILIES_CONFIRM_COST": "0",
            "DAILIES_MAX_COST": " 7.50 ",
            "DAILIES_MAX_RUNS": "12",
        }
    )
    assert settings.home == tmp_path / "h"
    assert settings.gateway() == Gateway(URL, URL)
    assert settings.gateway().title == "gateway.test"
    assert (settings.public_url, settings.sandbox_url) == ("https://dailies.test", "http://127.0.0.1:9")
    assert settings.watch_limit == timedelta(seconds=90)
    assert settings.database_url == "postgresql://u:pw@h/d"
    assert settings.spending == Spending(tmp_path / "prices.toml", Decimal(0), Decimal("7.5"), 12)
    assert "pw" not in repr(settings)
    assert "sk-operator" not in repr(settings) + str(vars(settings).keys())


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"DAILIES_BASE_URL": "gateway.test"}, ["DAILIES_BASE_URL", "'gateway.test'", "https://"]),
        ({"DAILIES_BASE_URL": "ftp://x"}, ["DAILIES_BASE_URL", "http"]),
        ({"DAILIES_BASE_URL": "http://[x"}, ["DAILIES_BASE_URL", "http://[x"]),
        ({"DAILIES_BASE_URL": "http://x:99999"}, ["DAILIES_BASE_URL"]),
        ({"DAILIES_PUBLIC_URL": "x"}, ["DAILIES_PUBLIC_URL", "'x'"]),
        ({"DAILIES_SANDBOX_URL": "x"}, ["DAILIES_SANDBOX_URL", "'x'"]),
        ({"DAILIES_WATCH_LIMIT": "1h"}, ["DAILIES_WATCH_LIMIT", "'1h'", "seconds"]),
        ({"DAILIES_WATCH_LIMIT": "0"}, ["DAILIES_WATCH_LIMIT", "'0'"]),
        ({"DAILIES_WATCH_LIMIT": "²"}, ["DAILIES_WATCH_LIMIT"]),
        ({"DAILIES_MAX_RUNS": "0"}, ["DAILIES_MAX_RUNS", "'0'", "whole number"]),
        ({"DAILIES_MAX_RUNS": "-3"}, ["DAILIES_MAX_RUNS", "'-3'"]),
        ({"DAILIES_MAX_COST": "20"}, ["DAILIES_MAX_COST", "DAILIES_PRICES"]),
        ({"DAILIES_CONFIRM_COST": "20"}, ["DAILIES_CONFIRM_COST", "DAILIES_PRICES"]),
        ({"DAILIES_MAX_COST": "$20", "DAILIES_PRICES": "p"}, ["DAILIES_MAX_COST", "'$20'", "plain number"]),
        ({"DAILIES_MAX_COST": "inf", "DAILIES_PRICES": "p"}, ["DAILIES_MAX_COST", "'inf'"]),
        ({"DAILIES_CONFIRM_COST": "-1", "DAILIES_PRICES": "p"}, ["DAILIES_CONFIRM_COST", "'-1'"]),
        ({"DAILIES_API_KEY": "sk-x"}, ["DAILIES_BASE_URL"]),
        ({"DAILIES_API_KEY": "sk x", "DAILIES_BASE_URL": URL}, ["DAILIES_API_KEY", "not shown"]),
    ],
)
def test_wrong_values_are_named(variables, words):
    with pytest.raises(DailiesError) as caught:
        Settings.from_env(variables)
    assert all(word in str(caught.value) for word in words)
    assert "sk" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://g.test", "https://g.test"),
        ("https://g.test/", "https://g.test"),
        ("https://g.test/v1", "https://g.test"),
        ("https://G.test:8443/v1/?x=1#y", "https://g.test:8443"),
        ("http://127.0.0.1:80/proxy/v1/", "http://127.0.0.1:80/proxy"),
        ("http://[::1]:9/", "http://[::1]:9"),
    ],
)
def test_base_urls_are_normalised(url, expected):
    assert normalise(url) == expected
    assert normalise(expected) == expected


def test_a_base_url_with_a_password_is_refused_without_repeating_it():
    with pytest.raises(DailiesError) as caught:
        normalise("https://me:secret@g.test")
    assert "secret" not in str(caught.value)


def test_the_sandbox_moves(tmp_path):
    settings = Settings(tmp_path)
    assert settings.resolve("sandbox") is None
    settings.use_sandbox("http://127.0.0.1:1234/")
    assert settings.resolve("sandbox") == "http://127.0.0.1:1234"
    assert settings.gateway() == Gateway("sandbox", "http://127.0.0.1:1234")
    settings.use_sandbox("http://127.0.0.1:5678")
    assert settings.resolve("sandbox") == "http://127.0.0.1:5678"
    assert settings.resolve("https://g.test/v1") == "https://g.test"


# --- keys --------------------------------------------------------------------------------------------------------


def test_a_key_comes_back_for_its_handle_and_gateway_only():
    ring = Keyring()
    one, two = ring.put(URL, "sk-one"), ring.put(f"{URL}/v1/", " Bearer sk-two ")
    other = ring.put("https://other.test", "sk-other")
    assert (ring.get(one, URL), ring.get(two, URL)) == ("sk-one", "sk-two")
    assert ring.get("unknown", URL) == "sk-two"
    assert ring.get(other, URL) == "sk-two"
    assert ring.get(one, "https://nobody.test") is None
    assert ring.get("", "sandbox") == "sandbox"
    assert len({one, two, other}) == 3


def test_forgetting_a_key():
    ring = Keyring()
    one, two = ring.put(URL, "sk-one"), ring.put(URL, "sk-two")
    ring.forget(two)
    assert ring.get(two, URL) == "sk-one"
    ring.forget(one)
    ring.forget("never there")
    assert ring.get(one, URL) is None


def test_the_operators_key_is_the_last_resort(tmp_path):
    ring = Keyring(Settings(tmp_path, base_url=URL, api_key="sk-operator"))
    assert ring.get("", URL) == "sk-operator"
    assert ring.get("", "https://other.test") is None
    handle = ring.put(URL, "sk-mine")
    assert ring.get("", URL) == "sk-mine"
    ring.forget(handle)
    assert ring.get(handle, URL) == "sk-operator"


@pytest.mark.parametrize("bad", ["", "  ", "two words", "sk-ü", "a\nb", "a\x00b"])
def test_what_is_no_key(bad):
    with pytest.raises(DailiesError, match="no key"):
        Keyring().put(URL, bad)


def test_nothing_shows_a_key():
    ring = Keyring()
    handle = ring.put(URL, "sk-very-secret")
    assert "secret" not in f"{ring!r}{ring}{handle}"


# --- signatures --------------------------------------------------------------------------------------------------


def test_only_this_installation_signs(tmp_path):
    settings = Settings(tmp_path / "home")
    token = settings.sign("clip.mp4")
    assert settings.unsign(token) == "clip.mp4"
    assert Settings(tmp_path / "home").unsign(token) == "clip.mp4"
    stranger = Settings(tmp_path / "other").sign("clip.mp4")
    for bad in (stranger, token[:-1], "", "clip.mp4", "ü"):
        with pytest.raises(DailiesError):
            settings.unsign(bad)


def test_the_secret_is_private_and_made_once(tmp_path):
    home = tmp_path / "home"
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda _: Settings(home).sign("a"), range(8)))
    assert len(set(tokens)) == 1
    assert [path.name for path in home.iterdir()] == ["secret"]
    assert stat.S_IMODE((home / "secret").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_the_environment_is_read_by_default(monkeypatch, tmp_path):
    monkeypatch.setenv("DAILIES_HOME", str(tmp_path))
    assert Settings.from_env(os.environ).home == Path(tmp_path)
