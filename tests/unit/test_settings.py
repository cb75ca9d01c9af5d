"""What is set from outside, the keys, and the signatures."""

from __future__ import annotations

import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from dailies.access import Access
from dailies.errors import DailiesError
from dailies.gateways import Concurrency, Gateway, normalise
from dailies.settings import Settings, Spending

URL = "https://gateway.test"


def test_nothing_set():
    settings = Settings.from_env({})
    assert settings.home.name == "dailies"
    assert (settings.gateways, settings.database_url, settings.public_url) == ({}, "", "")
    assert settings.sandbox_url is None
    assert settings.watch_limit == timedelta(hours=1)
    assert settings.first_gateway() == Gateway("sandbox", "")
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
            "DAILIES_CONCURRENCY": "3",
            "DAILIES_OPEN": "1",
            "DAILIES_HOSTS": "Dailies.test., [fd00::7] box",
            "DAILIES_ALLOW_HOSTS": "10.1.0.0/16, Storage.test, 192.168.1.9",
            "DAILIES_OPERATORS": "Ann@Example.com, bob@example.com",
            "DAILIES_OPERATORS_SEE_PROMPTS": "1",
        }
    )
    assert settings.home == tmp_path / "h"
    assert settings.first_gateway() == Gateway(URL, URL, concurrency=Concurrency(3))
    assert settings.concurrency("sandbox") == settings.concurrency("https://typed.test") == Concurrency(3)
    assert settings.first_gateway().title == "gateway.test"
    assert (settings.public_url, settings.sandbox_url) == ("https://dailies.test", "http://127.0.0.1:9")
    assert settings.watch_limit == timedelta(seconds=90)
    assert settings.database_url == "postgresql://u:pw@h/d"
    assert settings.spending == Spending(tmp_path / "prices.toml", Decimal(0), Decimal("7.5"), 12)
    assert settings.access == Access(
        is_open=True,
        hosts=("dailies.test", "fd00::7", "box"),
        allow_hosts=("10.1.0.0/16", "storage.test", "192.168.1.9"),
        operators=frozenset({"ann@example.com", "bob@example.com"}),
        operators_see_prompts=True,
    )
    assert "pw" not in repr(settings)
    assert "sk-operator" not in repr(settings) + str(vars(settings).keys())


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"DAILIES_BASE_URL": "gateway.test"}, ["DAILIES_BASE_URL", "'gateway.test'", "https://"]),
        ({"DAILIES_BASE_URL": "ftp://x"}, ["DAILIES_BASE_URL", "http"]),
        ({"DAILIES_BASE_URL": "http://[x"}, ["DAILIES_BASE_URL", "http://[x"]),
        ({"DAILIES_BASE_URL": "http://x:99999"}, ["DAILIES_BASE_URL"]),
        ({"DAILIES_BASE_URL": "https://me:sk-x@g.test"}, ["DAILIES_BASE_URL", "not shown", "https://g.test"]),
        ({"DAILIES_BASE_URL": "https://g.test/v1 sk-x"}, ["DAILIES_BASE_URL", "not shown", "https://g.test"]),
        ({"DAILIES_PUBLIC_URL": "x"}, ["DAILIES_PUBLIC_URL", "'x'"]),
        ({"DAILIES_SANDBOX_URL": "x"}, ["DAILIES_SANDBOX_URL", "'x'"]),
        ({"DAILIES_WATCH_LIMIT": "1h"}, ["DAILIES_WATCH_LIMIT", "'1h'", "seconds"]),
        ({"DAILIES_WORKER": "maybe"}, ["DAILIES_WORKER", "'maybe'"]),
        ({"DAILIES_SECRET": "short-secret"}, ["DAILIES_SECRET", "not shown", "32"]),
        ({"DAILIES_WATCH_LIMIT": "0"}, ["DAILIES_WATCH_LIMIT", "'0'"]),
        ({"DAILIES_WATCH_LIMIT": "²"}, ["DAILIES_WATCH_LIMIT"]),
        ({"DAILIES_MAX_RUNS": "0"}, ["DAILIES_MAX_RUNS", "'0'", "whole number"]),
        ({"DAILIES_CONCURRENCY": "0"}, ["DAILIES_CONCURRENCY", "'0'", "1 to 1000"]),
        ({"DAILIES_CONCURRENCY": "many"}, ["DAILIES_CONCURRENCY", "'many'"]),
        ({"DAILIES_MAX_RUNS": "-3"}, ["DAILIES_MAX_RUNS", "'-3'"]),
        ({"DAILIES_MAX_COST": "20"}, ["DAILIES_MAX_COST", "DAILIES_PRICES"]),
        ({"DAILIES_CONFIRM_COST": "20"}, ["DAILIES_CONFIRM_COST", "DAILIES_PRICES"]),
        ({"DAILIES_MAX_COST": "$20", "DAILIES_PRICES": "p"}, ["DAILIES_MAX_COST", "'$20'", "plain number"]),
        ({"DAILIES_MAX_COST": "inf", "DAILIES_PRICES": "p"}, ["DAILIES_MAX_COST", "'inf'"]),
        ({"DAILIES_CONFIRM_COST": "-1", "DAILIES_PRICES": "p"}, ["DAILIES_CONFIRM_COST", "'-1'"]),
        ({"DAILIES_OPEN": "yes"}, ["DAILIES_OPEN", "'yes'", "1"]),
        ({"DAILIES_HOSTS": "dailies.test, https://x"}, ["DAILIES_HOSTS", "'https://x'"]),
        ({"DAILIES_HOSTS": "dailies.test:8501"}, ["DAILIES_HOSTS", "'dailies.test:8501'", "port"]),
        ({"DAILIES_OPERATORS": "ann"}, ["DAILIES_OPERATORS", "'ann'", "e-mail"]),
        ({"DAILIES_HOSTS": "*"}, ["DAILIES_HOSTS", "'*'"]),
        ({"DAILIES_HOSTS": "10.0.0.0/8"}, ["DAILIES_HOSTS", "'10.0.0.0/8'"]),
        ({"DAILIES_ALLOW_HOSTS": "10.1.2.3/8"}, ["DAILIES_ALLOW_HOSTS", "'10.1.2.3/8'", "10.1.0.0/16"]),
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
        ("http://127.0.0.1:80/proxy/v1/", "http://127.0.0.1/proxy"),
        ("http://127.0.0.1:443", "http://127.0.0.1:443"),
        ("https://g.test:443/v1", "https://g.test"),
        ("https://g.test:/v1", "https://g.test"),
        ("https://g.test./v1", "https://g.test"),
        ("http://[::1]:9/", "http://[::1]:9"),
        ("https://g.test/V1", "https://g.test"),
        ("https://g.test/v1beta", "https://g.test"),
        ("https://g.test/v1beta1/", "https://g.test"),
        ("https://g.test/v1/videos", "https://g.test"),
        ("https://g.test/v1/videos/t1/content?x=1", "https://g.test"),
        ("https://g.test/v1/chat/completions", "https://g.test"),
        ("https://g.test/v1/Models", "https://g.test"),
        ("https://g.test/proxy/v1/video/generations", "https://g.test/proxy"),
        ("https://g.test//proxy//v1//", "https://g.test/proxy"),
        ("https://g.test/openai/v1", "https://g.test/openai"),
        ("https://g.test?key=sk-1", "https://g.test"),
        ("  HTTPS://g.test/v1 \n", "https://g.test"),
        ("\ufeffhttps://g.test/v1\u200b", "https://g.test"),
        ('"https://g.test/v1",', "https://g.test"),
        ("<https://g.test/v1>", "https://g.test"),
        ("“https://g.test”。", "https://g.test"),
        ("https://g.test/v1%0a", "https://g.test"),
        ("https：//g．test／v1", "https://g.test"),
        ("https://bücher.test/v1", "https://xn--bcher-kva.test"),
        ("https://straße.test", "https://xn--strae-oqa.test"),
        ("http://[fe80::1%25eth0]:3000/v1", "http://[fe80::1%25eth0]:3000"),
    ],
)
def test_base_urls_are_normalised(url, expected):
    assert normalise(url) == expected
    assert normalise(expected) == expected


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("g.test/v1", "https://g.test."),
        ("G.test:8443", "https://g.test:8443."),
        ("//g.test", "https://g.test."),
        ("ftp://g.test", "https://g.test."),
        ("localhost:3000/v1", "http://localhost:3000."),
        ("192.168.1.5:3000", "http://192.168.1.5:3000."),
        ("[::1]:3000", "http://[::1]:3000."),
        ("curl -X POST 'https://g.test/v1/videos' -H 'Authorization: Bearer sk-0123'", "https://g.test."),
        ("https://g.test/v1\nsk-0123", "https://g.test."),
        ("export OPENAI_BASE_URL=https://g.test/v1", "https://g.test."),
        ("base_url: g.test/v1", "https://g.test."),
        ("[ours](https://g.test/v1)", "https://g.test."),
        ("https://https://g.test", "https://g.test."),
        ("https:\\\\g.test", "https://g.test."),
        ("https://g.test:0", "https://g.test."),
        ("https://g.test/<path>/v1", "https://g.test."),
        ("https://g.test/../v1", "https://g.test."),
        ("https://g.test/v1;x", "https://g.test."),
        ("https://me:sk-0123@g.test/v1", "https://g.test."),
        ("https://sk-0123@g.test", "https://g.test."),
        ("https://@g.test", "https://g.test."),
        ("https://{host}/v1", "https://gateway.example."),
        ("https://*.g.test", "https://gateway.example."),
        ("https://a..test", "https://gateway.example."),
        (f"https://{'a' * 64}.test", "https://gateway.example."),
        ("eyJhbGciOi.eyJzdWIi.SflKx-w5c", "https://gateway.example."),
        ("sk-0123", "https://gateway.example."),
        ("", "https://gateway.example."),
        ("https://", "https://gateway.example."),
        ("https://g.test:port", "https://gateway.example."),
        ("https://g.test/a b", "https://g.test."),
        ("https://g.test/v1beta/openai/", "https://g.test."),
        ("https://g.test/v1/engines/x", "https://g.test."),
        ("https://g.test/api/v3", "https://g.test/api."),
        ("https://g.test/proxy/v2/videos", "https://g.test/proxy."),
        ("https://g.test/videos", "https://g.test."),
    ],
)
def test_what_is_no_base_url_is_refused_with_the_right_form(url, form):
    with pytest.raises(DailiesError) as caught:
        normalise(url)
    assert str(caught.value).endswith(f"Write it like {form}")
    assert normalise(form.removesuffix(".")) == form.removesuffix(".")
    assert "sk-0123" not in str(caught.value)


def test_the_sandbox_moves(tmp_path):
    settings = Settings(tmp_path)
    assert settings.resolve("sandbox") is None
    settings.use_sandbox("http://127.0.0.1:1234/")
    assert settings.resolve("sandbox") == "http://127.0.0.1:1234"
    assert settings.first_gateway() == Gateway("sandbox", "http://127.0.0.1:1234")
    settings.use_sandbox("http://127.0.0.1:5678")
    assert settings.resolve("sandbox") == "http://127.0.0.1:5678"
    assert settings.resolve("https://g.test/v1") == "https://g.test"


def test_the_environment_is_read_by_default(monkeypatch, tmp_path):
    monkeypatch.setenv("DAILIES_HOME", str(tmp_path))
    assert Settings.from_env(os.environ).home == Path(tmp_path)


# --- gateways by name --------------------------------------------------------------------------------------------

GATEWAYS = """
[gateways.team]
title = "Team"
base_url = "https://Gateway.test/v1"
key_env = "TEAM_KEY"
users = ["Ann@example.com"]
concurrency = 3
models = { "Slow-1" = 1 }
prices = "team-prices.toml"

[gateways.lab]
title = "Lab"
base_url = "https://gateway.test"
"""


def written(folder: Path, text: str) -> dict[str, str]:
    (folder / "gateways.toml").write_text(text)
    return {"DAILIES_GATEWAYS": str(folder / "gateways.toml"), "DAILIES_HOME": str(folder), "TEAM_KEY": "sk-team"}


def test_gateways_by_name(tmp_path):
    settings = Settings.from_env(written(tmp_path, GATEWAYS))
    team = settings.gateway("team", "ann@example.com")
    ann = frozenset({"ann@example.com"})
    assert team == Gateway(
        "team", "https://gateway.test", "Team", ann, Concurrency(3, {"Slow-1": 1}), tmp_path / "team-prices.toml"
    )
    assert settings.concurrency("team") == team.concurrency
    assert settings.concurrency("lab") == settings.concurrency("sandbox") == Concurrency(8)
    assert settings.gateway("team", "bob@example.com") is None
    assert settings.first_gateway("bob@example.com").name == "lab"
    assert settings.first_gateway("ann@example.com").name == "team"
    assert (settings.resolve("team"), settings.resolve("gone")) == ("https://gateway.test", None)
    assert settings.operators_keys() == {"sandbox": "sandbox", "team": "sk-team"}
    assert "sk-team" not in repr(settings)


@pytest.mark.parametrize("without", [{}, {"TEAM_KEY": ""}])
def test_a_key_that_is_not_set_is_named(tmp_path, without):
    environ = {name: value for name, value in written(tmp_path, GATEWAYS).items() if name != "TEAM_KEY"} | without
    with pytest.raises(DailiesError, match=r"gateways\.team: the environment variable TEAM_KEY is not set\. Set it"):
        Settings.from_env(environ)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("https://Gateway.test/v1", "gateway"), ["gateways.team", "not a base URL"]),
        (("[gateways.team]", "[gateways.sandbox]"), ["gateways.sandbox", "other than"]),
        (("[gateways.team]", '[gateways."a b"]'), ["gateways.a b", "small letters"]),
        (("concurrency = 3", "concurrency = 0"), ["gateways.team.concurrency"]),
        (('"Slow-1" = 1', '"Slow-1" = 0'), ["gateways.team.models.Slow-1"]),
        (("concurrency = 3", "speed = 3"), ["gateways.team.speed"]),
        (("TEAM_KEY", "NO_SUCH_KEY"), ["gateways.team", "NO_SUCH_KEY is not set"]),
        (("[gateways.team]", "[gateways"), ["cannot be read"]),
    ],
)
def test_a_wrong_gateways_file_names_the_entry(tmp_path, change, words):
    with pytest.raises(DailiesError) as caught:
        Settings.from_env(written(tmp_path, GATEWAYS.replace(*change)))
    assert all(word in str(caught.value) for word in ("gateways.toml", *words))
    assert "sk-team" not in str(caught.value)


def test_the_operator_may_forbid_addresses_of_ones_own(tmp_path):
    variables = written(tmp_path, GATEWAYS)
    assert Settings.from_env(variables).gateway("https://other.test") == Gateway(
        "https://other.test", "https://other.test"
    )
    closed = Settings.from_env(variables | {"DAILIES_OWN_GATEWAYS": "0"})
    assert closed.gateway("https://other.test") is None
    with pytest.raises(DailiesError, match="DAILIES_OWN_GATEWAYS='maybe'"):
        Settings.from_env(variables | {"DAILIES_OWN_GATEWAYS": "maybe"})


def test_the_handle_of_a_key_outlives_a_restart_and_is_one_for_each_person_and_gateway(tmp_path):
    signer = Settings(tmp_path).signer
    handle = signer.handle("ann", "team")
    assert handle == Settings(tmp_path).signer.handle("ann", "team")
    elsewhere = Settings(tmp_path / "b").signer
    others = {signer.handle("bob", "team"), signer.handle("ann", "lab"), elsewhere.handle("ann", "team")}
    assert handle not in others
    assert len(others) == 3


def test_a_browser_is_named_by_a_signature_alone(tmp_path):
    signer = Settings(tmp_path).signer
    cookie = signer.sign_browser("abc")
    assert signer.read_browser(cookie) == "abc"
    for made_up in ("", "abc", cookie[:-1], signer.clip("abc"), Settings(tmp_path / "b").signer.sign_browser("abc")):
        assert signer.read_browser(made_up) is None
