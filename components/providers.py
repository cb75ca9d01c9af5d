"""Sign-in as the operator set it up: the `[auth]` section of Streamlit's secrets, and the page that asks for it.

Streamlit talks to the provider (OpenID Connect); who a person is, is read in `dailies.people`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from components.words import escape
from dailies.errors import DailiesError

_NEEDED = ("client_id", "client_secret", "server_metadata_url")
_SHORTEST_SECRET = 32  # characters
_WHERE = "The [auth] section of .streamlit/secrets.toml"


def read_auth() -> Mapping[str, Any]:
    """The `[auth]` section; empty where nobody signs in."""
    if not st.secrets.load_if_toml_exists():
        return {}
    section: Mapping[str, Any] = st.secrets.get("auth", {})
    return section


def list_providers() -> dict[str, str]:
    """{name for `st.login`: title} of the providers that people sign in with."""
    section = read_auth()
    named = {name: title for name, value in section.items() if (title := _title(name, value))}
    return {"default": ""} | named if section.get("client_id") else named


def home_url() -> str:
    """Where the app is served to people who sign in, from the redirect address; "" where nobody does."""
    parts = urlsplit(str(read_auth().get("redirect_uri", "")))
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def check_auth() -> bool:
    """Whether people sign in. Raises `DailiesError` for a section with which nobody could, or anybody could."""
    _check_files()
    section = read_auth()
    if not section:
        return False
    redirect = urlsplit(str(section.get("redirect_uri", "")))
    if redirect.scheme not in ("http", "https") or not redirect.path.endswith("/oauth2callback"):
        raise DailiesError(f"{_WHERE} needs redirect_uri: this app's address, ending in /oauth2callback.")
    if len(str(section.get("cookie_secret", ""))) < _SHORTEST_SECRET:
        raise DailiesError(
            f"{_WHERE} needs cookie_secret: at least {_SHORTEST_SECRET} random characters. "
            "`python -c 'import secrets; print(secrets.token_urlsafe(48))'` prints some."
        )
    providers = list_providers()
    if not providers:
        raise DailiesError(f"{_WHERE} names no provider: set {', '.join(_NEEDED)}.")
    for name in providers:
        provider = section if name == "default" else section[name]
        missing = [key for key in _NEEDED if not provider.get(key)]
        if missing:
            raise DailiesError(f"{_WHERE}: the provider {name} needs {', '.join(missing)}.")
    if find_spec("authlib") is None:
        raise DailiesError("Sign-in needs the package Authlib, which is not installed.")
    return True


def _check_files() -> None:
    """Raise `DailiesError` for a file of secrets that cannot be read: Streamlit takes it for an empty one."""
    for path in map(Path, st.get_option("secrets.files")):
        if path.is_dir():
            continue
        try:
            tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            fault = (error.strerror if isinstance(error, OSError) else str(error)) or type(error).__name__
            what = "Correct it: without it nobody would have to sign in."
            raise DailiesError(f"The secrets file {path} cannot be read: {fault}. {what}") from None


def draw_sign_in() -> None:
    """Draw the page that asks for sign-in, and nothing else."""
    st.space("xlarge")
    with st.container(horizontal_alignment="center"), st.container(width=420, border=True, gap="small"):
        st.title("Dailies", anchor=False)
        st.markdown("A playground for video-generation models. Sign in to see your runs, comparisons and assets.")
        for name, title in list_providers().items():
            label = f"Sign in with {escape(title)}" if title else "Sign in"
            if st.button(label, type="primary", icon=":material/login:", width="stretch", key=f"sign-in/{name}"):
                st.login(None if name == "default" else name)
        here = urlsplit(str(st.context.url or ""))
        if here.netloc and f"{here.scheme}://{here.netloc}" != home_url():
            st.caption(f"Sign-in works at {home_url()} alone.")


def _title(name: str, value: object) -> str:
    """The title of a provider's own section; "" for what is none."""
    return name.replace("-", " ").title() if isinstance(value, Mapping) and "client_id" in value else ""
