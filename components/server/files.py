"""Streamlit's own files, sent without a detour.

A page is made of a hundred small files, and Streamlit hands each of them to another thread several times: to look for
it, to open it, and for every piece of it. While the program is still being loaded, each of these waits for its turn.
They lie on this machine's disk, most of them read before, and are quicker read than handed over.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from components.address import base_path

MOST = 1_000_000
"""The bytes of a file that is sent in one piece. Larger ones are left to Streamlit: few pages need one of them."""

_FOLDER = Path(st.__file__).parent / "static" / "static"
# Their names change with what is in them.
_HEADERS = {"Cache-Control": "public, immutable, max-age=31536000"}


class Files:
    """Middleware that answers with a file of Streamlit's. They are the same for everybody, signed in or not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = _find(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        kind = mimetypes.guess_type(found.name)[0]
        await Response(found.read_bytes(), headers=_HEADERS, media_type=kind)(scope, receive, send)


def _find(scope: Scope) -> Path | None:
    """The file that is asked for whole; None for everything else."""
    before = f"{base_path()}/static/"
    if not scope["path"].startswith(before) or "range" in Headers(scope=scope):
        return None
    return _list_files().get(scope["path"].removeprefix(before))


@cache
def _list_files() -> Mapping[str, Path]:
    """{name below `static/`: file}: no other name reaches the disk."""
    found = (path for path in _FOLDER.rglob("*") if path.is_file() and path.stat().st_size <= MOST)
    return {path.relative_to(_FOLDER).as_posix(): path for path in found}
