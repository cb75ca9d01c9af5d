"""Where the app is served: the path that comes before every address of our own server."""

from __future__ import annotations

from streamlit import config


def base_path() -> str:
    """What comes before every address of our own server: empty, or a slash and the configured path."""
    base = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""
