"""The server: Streamlit's pages and our own routes in one process. Run it with `streamlit run app.py`."""

from __future__ import annotations

import gc

gc.disable()  # what is loaded at the start stays: a search for garbage among it takes time. `settled` enables it again

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import streamlit as st
from starlette.middleware import Middleware

from components.address import base_path
from components.server import polling, searches, sockets, turns
from components.server.door import Door
from components.server.files import Files
from components.server.identity import Remember
from components.server.index import Nowhere, list_page_routes
from components.server.opening import LateRoutes, Opening, Wait
from components.server.sign_in import SignIn
from components.server.start import Start

FILE_THREADS = 8

searches.leave_out()
sockets.install()
turns.install()
polling.stop()

start = Start()
opening = Opening(start.load)
pages = list_page_routes(base_path())


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
    # Threads read files for slow viewers; more of them than disks can serve only hold memory.
    anyio.to_thread.current_default_thread_limiter().total_tokens = FILE_THREADS
    opening.begin()
    yield {}
    await opening.wait()
    await anyio.to_thread.run_sync(start.services().close)


app = st.App(
    Path(__file__).parent / "components" / "shell.py",
    routes=[*pages, LateRoutes(opening), Nowhere()],
    middleware=[
        Middleware(Door, prepare=start.prepare),
        Middleware(Files),
        Middleware(Wait, opening=opening, pages=[route.path for route in pages]),
        Middleware(SignIn, settings=lambda: start.settings, services=start.services),
        Middleware(Remember, signer=lambda: start.settings.signer),
    ],
    lifespan=lifespan,
)
