"""The server: Streamlit's pages and our own routes in one process. Run it with `streamlit run app.py`."""

from __future__ import annotations

import gc

gc.disable()  # what is loaded at the start stays: a search for garbage among it takes time and finds none

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import streamlit as st
from starlette.middleware import Middleware

from components.address import base_path
from components.server import late, polling, searches, sockets, turns
from components.server.callbacks import list_callback_routes
from components.server.door import Door
from components.server.files import Files
from components.server.identity import Remember
from components.server.index import list_page_routes
from components.server.routes import list_routes
from components.server.sign_in import SignIn
from components.server.start import prepare
from components.server.status import list_status_routes
from dailies.services import open_services

gc.freeze()
gc.enable()

FILE_THREADS = 8

late.install()
searches.leave_out()
sockets.install()
turns.install()
polling.stop()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
    # Threads read files for slow viewers; more of them than disks can serve only hold memory.
    anyio.to_thread.current_default_thread_limiter().total_tokens = FILE_THREADS
    services = await anyio.to_thread.run_sync(open_services)
    yield {}
    await anyio.to_thread.run_sync(services.close)


app = st.App(
    Path(__file__).parent / "components" / "shell.py",
    routes=[
        *list_page_routes(base_path()),
        *list_status_routes(base_path()),
        *list_callback_routes(base_path()),
        *list_routes(base_path()),
    ],
    middleware=[
        Middleware(Door, prepare=prepare),
        Middleware(Files),
        Middleware(SignIn, services=open_services),
        Middleware(Remember, signer=lambda: open_services().settings.signer),
    ],
    lifespan=lifespan,
)
