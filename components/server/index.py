"""The page that every address of a page answers with: Streamlit's own, with four things that it lacks.

- **Where its server is.** Streamlit's browser code looks for its server below the page's own address first, then one
  level up, and opens its socket when that has been answered. `window.__streamlit` names the server, and the socket is
  opened at once.
- **What it will draw with.** The code of each kind of element is loaded when the first of the kind is drawn. The links
  here load it while the browser would wait for the script.
- **A short way back**, see `frontend/history.js`.
- **A reason where it stays blank**, see `frontend/unreached.js`.

An address that is no page's keeps Streamlit's own answer, which says so and shows Home. Below another address it would
load its scripts from where they are not and stay white: see `Nowhere`.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send
from streamlit import config

from components.address import base_path
from components.providers import read_auth
from dailies.tree import TREE

ELEMENTS = ("BidiComponent", "Selectbox", "TextArea", "Button")
"""What every page may draw, by the names of Streamlit's files."""

FORM = ("ButtonGroup", "FileUploader", "PageLink")
"""What a family's page is made of besides."""

MORE = {
    "": (),
    "compare": ("ButtonGroup", "FileUploader", "TextInput", "Checkbox", "Multiselect"),
    "library": ("ButtonGroup", "TextInput"),
    "plan": ("ButtonGroup", "Multiselect", "NumberInput"),
}
"""What pages without a family's form are made of besides."""

_STREAMLIT = ("_stcore", "app", "auth", "component", "media", "static")
"""What the addresses of Streamlit's own routes begin with."""

_NOWHERE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<meta name="viewport" content="width=device-width"><title>No page here · Dailies</title>
<body style="font: 1rem/1.5 sans-serif; max-width: 36rem; margin: 3rem auto; padding: 0 1rem">
<h1 style="font-size: 1.4rem">There is no page at this address</h1>
<p><a href="{home}">Open Dailies</a></p></body></html>
"""

_STATIC = Path(st.__file__).parent / "static"
_SCRIPTS = tuple(Path(__file__).resolve().parent.parent / "frontend" / name for name in ("history.js", "unreached.js"))
_CHUNK = re.compile(r"""(?:from|import)\s*[`"']\./([\w.-]+\.js)[`"']""")

# The name and port are the browser's: a proxy has others than we. Below a path that a proxy takes away, Streamlit has
# to look by itself.
_SCRIPT = """
      {
        const { origin, pathname } = window.location
        const base = %(base)s
        if (pathname.startsWith(base) && /^\\/[^/]*$/.test(pathname.slice(base.length))) {
          window.__streamlit = { BACKEND_BASE_URL: `${origin}${base}/` }
          if (%(at_once)s) window.__streamlit.HOST_CONFIG = %(host_config)s
        }
      }
    """
# Streamlit's cookie comes with the first look, and a socket that is opened without it does not know who is signed in.
_KNOWN = "/(^|; )_streamlit_xsrf=/.test(document.cookie)"


@cache
def read_index(name: str = "") -> str:
    """Streamlit's page with our script and links in its head; `name` is that of a page of ours."""
    page = (_STATIC / "index.html").read_text(encoding="utf-8")
    values = {
        "base": _literal(base_path()),
        "at_once": _KNOWN if read_auth() else "true",
        # What Streamlit's server answers when it is asked how it is embedded. The page asks for that all the same.
        "host_config": _literal(
            {"allowedOrigins": list(config.get_option("client.allowedOrigins")), "useExternalAuthToken": False}
        ),
    }
    links = "".join(
        f'    <link rel="modulepreload" crossorigin href="./static/js/{chunk}">\n'
        for chunk in _list_chunks(page, (*ELEMENTS, *MORE.get(name, FORM)))
    )
    ours = "".join(script.read_text(encoding="utf-8") for script in _SCRIPTS)
    head = page.replace("<head>", f"<head>\n    <script>{_SCRIPT % values}{ours}</script>", 1)
    return head.replace("  </head>", f"{links}  </head>", 1)


def list_page_routes(base: str = "") -> list[Route]:
    """The routes of the pages, below the path under which the app is served."""
    pages = [path.stem for path in (TREE / "pages").glob("*.py")]
    return [Route(f"{base}/{page}", _index) for page in ("", *sorted(pages))]


class Nowhere(BaseRoute):
    """The last of our routes: addresses of several steps that are neither ours nor Streamlit's."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request looks for such an address."""
        steps = scope["path"].removeprefix(base_path()).strip("/").split("/")
        lost = scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and steps[0] not in _STREAMLIT
        return (Match.FULL if lost and len(steps) > 1 else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say that nothing is there, with the way to Home."""
        page = _NOWHERE.format(home=html.escape(f"{base_path()}/"))
        await HTMLResponse(page, 404)(scope, receive, send)


async def _index(request: Request) -> Response:
    page = read_index(request.url.path.rpartition("/")[2])
    tag = f'"{hashlib.sha256(page.encode()).hexdigest()[:32]}"'
    headers = {"Cache-Control": "no-cache", "ETag": tag}
    if request.headers.get("if-none-match", "").removeprefix("W/") == tag:
        return Response(status_code=304, headers=headers)
    return HTMLResponse(page, headers=headers)


def _list_chunks(page: str, elements: Sequence[str]) -> list[str]:
    """The files that elements need and that the page does not load by itself."""
    folder, wanted = _STATIC / "static" / "js", dict[str, None]()
    waiting = [found.name for name in elements for found in folder.glob(f"{name}.*.js")]
    while waiting:
        chunk = waiting.pop(0)
        if chunk not in page and chunk not in wanted:
            wanted[chunk] = None
            waiting += _CHUNK.findall((folder / chunk).read_text(encoding="utf-8"))
    return list(wanted)


def _literal(value: object) -> str:
    """A value as a script inside HTML may hold it."""
    return json.dumps(value).replace("<", "\\u003c")
