"""What the first answers of the server do without: the program, the library, and the routes beside the pages."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute

from components.address import base_path
from components.server import late
from components.server.callbacks import list_callback_routes
from components.server.routes import list_routes
from components.server.settled import begin_loading, load_first
from components.server.status import list_status_routes
from dailies.services import open_services
from dailies.settings import Settings


def open_all(settings: Settings) -> Sequence[BaseRoute]:
    """Load what pages need, open the library, and return the routes beside the pages.

    Raises `CatalogError`, and whatever `open_services` raises.
    """
    late.install()
    load_first()  # before a page asks for it: two threads that load at one time keep each other from it
    open_services(settings, begin_loading())
    base = base_path()
    return [*list_status_routes(base), *list_callback_routes(base), *list_routes(base)]
