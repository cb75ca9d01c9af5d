"""What the first answers of the server do without: the program, the library, and the routes beside the pages."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute

from components.address import base_path
from components.server import late
from components.server.callbacks import list_callback_routes
from components.server.routes import list_routes
from components.server.settled import begin_loading
from components.server.status import list_status_routes
from dailies.catalog.load import load
from dailies.catalog.overlay import find_overlay
from dailies.services import open_services
from dailies.settings import Settings


def open_all(settings: Settings) -> Sequence[BaseRoute]:
    """Open the library, begin to load what pages need, and return the routes beside them; errors as `open_services`."""
    late.install()
    if find_overlay() is not None:
        load()  # what the operator has written may be wrong; our own catalog is known to be sound
    open_services(settings)
    begin_loading()
    base = base_path()
    return [*list_status_routes(base), *list_callback_routes(base), *list_routes(base)]
